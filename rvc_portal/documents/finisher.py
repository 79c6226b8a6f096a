"""What WeasyPrint leaves out of a tagged file: the language of passages, the scope of headers, what composed letters say, the
labels of items that have a mark of their own, lists that go on over a page, and the name of its second standard.

One file is PDF/A-3a and PDF/UA-1 at once. WeasyPrint declares one of them, and marks the language of the document as a
whole only (ISO 14289-1, 7.2; ISO 32000-1, 14.9.2).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from threading import Lock
from typing import Any

from rvc_portal.documents import attachments, fields
from rvc_portal.documents.attachments import Attached
from rvc_portal.domain.blank_form import IDENTITY

BOM = "\ufeff"
COMPOSED = re.compile("[\u0300-\u036f\u0900-\u109f\u1780-\u17ff\u1a00-\u1cff\ua8e0-\ua9ff\uaa00-\uabff]")
"""Marks that combine with a letter, and the scripts of South and South-East Asia."""
RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
LISTS = frozenset({"/L", "/LI", "/LBody"})
WRAPPERS = frozenset({"/Div", "/NonStruct"})
SCOPES = {"row": "/Row", "col": "/Column"}

PDF_UA = b"""
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 to which the file conforms</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""
"""The second standard, and the schema that PDF/A asks of a property it does not know (ISO 19005-3, 6.6.2.3)."""


def finish(document: Any, pdf: Any, attached: Sequence[Attached] = ()) -> None:
    """WeasyPrint's finisher: see this module. ``attached``: files that travel in the document."""
    _declare_both(pdf)
    attachments.attach(pdf, attached)
    _set_margins_apart(pdf)
    _join_lists(pdf)
    _write_once(pdf)


def finish_form(document: Any, pdf: Any) -> None:
    """The finisher of a document with fields to fill in, which is PDF/UA-1 alone."""
    fields.settle(pdf, IDENTITY)
    _set_margins_apart(pdf)
    _write_once(pdf)


def _set_margins_apart(pdf: Any) -> None:
    for page, reference in enumerate(pdf.page_references):
        _set_apart(pdf, page, _object(pdf, _object(pdf, reference)["Contents"]))


def once(act: Callable[[], None]) -> Callable[[], None]:
    """Only the first call in a process does anything, whoever calls at the same time. No cache: one that is emptied would have a
    function of the library's wrapped again, and everything said twice."""
    door = Lock()
    done: list[bool] = []

    @wraps(act)
    def only() -> None:
        with door:
            if not done:
                act()
                done.append(True)

    return only


@once
def mark_passages() -> None:
    """From now on WeasyPrint carries `lang` and `scope` of the page's elements into the tags, and remembers what stands in margins.

    It has no hook for this: the function that makes tags from a box is wrapped, once per process. That function asks for the
    list of all pages at every tag, so the list is kept.
    """
    import pydyf
    from weasyprint.formatting_structure.boxes import MarginBox
    from weasyprint.pdf import tags

    build = tags._build_box_tree

    def marking(box: Any, parent: Any, pdf: Any, page: int, contents: dict[int, Any], *rest: Any) -> Iterator[Any]:
        before = set(contents) if isinstance(box, MarginBox) else None
        for tag in build(box, parent, pdf, page, contents, *rest):
            _mark(tag, box)
            if tag["S"] == "/LBody" and parent["S"] == "/LI":
                _give_label(pdf, tag, parent)
            if box.element is not None:
                vars(pdf).setdefault("origins", {})[tag.number] = box.element
            yield tag
        if before is not None:
            vars(pdf).setdefault("margins", {}).setdefault(page, set()).update(contents.keys() - before)

    tags._build_box_tree = marking
    pydyf.PDF.page_references = _kept(pydyf.PDF.page_references)


def _kept(listed: property) -> property:
    """The list of a PDF's pages, made anew only where a page was added (three entries in `Kids`)."""

    def references(pdf: Any) -> Any:
        number = len(pdf.pages["Kids"])
        kept = vars(pdf).get("listed_pages")
        if kept is None or kept[0] != number:
            kept = pdf.listed_pages = (number, listed.__get__(pdf))
        return kept[1]

    return property(references)


@once
def spell_out() -> None:
    """From now on a line in a script whose glyphs stand in another order than its letters, or for several at once, says beside
    them what is written (ActualText, ISO 32000-1, 14.9.4): that is what is copied, searched and read out.

    A line with letters that run from right to left says nothing: readers turn those round by themselves, and Poppler would turn
    what is said round, too.
    """
    from weasyprint.draw import text

    draw = text.draw_first_line

    def spelling(stream: Any, line: Any, *rest: Any) -> Any:
        said = line.text
        if said.isascii() or not COMPOSED.search(said) or RIGHT_TO_LEFT.search(said):
            return draw(stream, line, *rest)
        stream.stream.append(f"/Span <</ActualText <{(BOM + said).encode('utf-16-be').hex()}>>> BDC")
        drawn = draw(stream, line, *rest)
        stream.stream.append("EMC")
        return drawn

    text.draw_first_line = spelling


def _declare_both(pdf: Any) -> None:
    """The PDF/A-3a file says that it is PDF/UA-1, too, within the one RDF that readers look at."""
    metadata = _object(pdf, pdf.catalog["Metadata"])
    metadata.stream = [part.replace(b"</rdf:RDF>", PDF_UA + b"</rdf:RDF>") for part in metadata.stream]


def _set_apart(pdf: Any, page: int, stream: Any) -> None:
    """Running heads and page numbers are no part of the text: they become artifacts, and their tags go (ISO 14289-1, 7.8)."""
    import pydyf

    margins = vars(pdf).get("margins", {}).get(page, set())
    for place, item in enumerate(stream.stream):
        if isinstance(item, dict) and item.get("MCID") in margins:
            stream.stream[place - 1 : place + 1] = ["/Artifact", pydyf.Dictionary({"Type": "/Pagination"})]
    tags = _object(pdf, _object(pdf, pdf.catalog["StructTreeRoot"])["ParentTree"])["Nums"][2 * page + 1]
    for number in margins:
        tag, tags[number] = _object(pdf, tags[number]), "null"
        tag.clear()


def _write_once(pdf: Any) -> None:
    """Nothing changes any more: every object becomes its bytes. pydyf asks for them twice, to write them and to name the
    file after them, and would compress each page, picture and font as often. What is written otherwise than it is named
    stays as it is."""
    import pydyf

    class Written(pydyf.Object):
        compressible, data = False, b""

        def __init__(self, made: Any) -> None:
            super().__init__()
            self.number, self.generation, self.free = made.number, made.generation, made.free
            self.compressible, self.data = made.compressible, made.data

    plain = pydyf.Object.indirect
    pdf.objects[1:] = [  # the first only begins the list of free ones
        Written(made) if type(made).indirect is plain else made for made in pdf.objects[1:]
    ]


def _object(pdf: Any, reference: Any) -> Any:
    return pdf.objects[int(reference.split()[0])]


def _give_label(pdf: Any, body: Any, item: Any) -> None:
    """The mark that an item begins with is its label, not a part of what it says (ISO 32000-1, 14.8.4.3.3)."""
    kids = body["K"]
    while kids and not isinstance(kids[0], int):
        first = _object(pdf, kids[0])
        if first["S"] == "/Lbl":
            reference = kids.pop(0)
            if first["K"]:  # on the pages after its own, an item has none
                first["P"] = item.reference
                item["K"].insert(0, reference)
            return
        if first["S"] not in WRAPPERS:
            return
        kids = first["K"]


def _join_lists(pdf: Any) -> None:
    """A list that goes on over a page is tagged once for each page: what is one element becomes one tag."""
    root = _object(pdf, _object(pdf, pdf.catalog["StructTreeRoot"])["K"][0])
    _join(pdf, root, within=False)


def _join(pdf: Any, above: Any, *, within: bool) -> None:
    """`within`: whether it stands in an item, of which blocks go on over a page, too."""
    kinds = LISTS | WRAPPERS if within else LISTS
    kept: list[Any] = []
    for kid in above.get("K", ()):
        tag = None if isinstance(kid, int) else _object(pdf, kid)
        last = None if not kept or isinstance(kept[-1], int) else _object(pdf, kept[-1])
        if tag is None or last is None or tag.get("S") not in kinds or not _same(pdf, last, tag):
            kept.append(kid)
            continue
        for below in tag["K"]:
            _object(pdf, below)["P"] = last.reference
        last["K"].extend(tag["K"])
        tag.clear()
    if kept:
        above["K"][:] = kept
    for below in (_object(pdf, kid) for kid in kept if not isinstance(kid, int)):
        _join(pdf, below, within=below.get("S") in LISTS or (within and below.get("S") in WRAPPERS))


def _same(pdf: Any, one: Any, other: Any) -> bool:
    """Whether both are tags of one element, and hold tags alone: a piece of text belongs to the page of its tag."""
    origins = vars(pdf).get("origins", {})
    element = origins.get(one.number)
    return (
        element is not None
        and element is origins.get(other.number)
        and one["S"] == other["S"]
        and not any(isinstance(kid, int) for kid in (*one["K"], *other["K"]))
    )


def _mark(tag: Any, box: Any) -> None:
    """`tag`: the structure element made of the box; a box of the whole page hands on those of its children."""
    import pydyf

    element = box.element
    if element is None or element.tag in ("html", "body"):
        return
    if element.get("class") == "mark":
        tag["S"] = "/Lbl"
    if language := element.get("lang"):
        tag.setdefault("Lang", pydyf.String(language))
    if tag["S"] == "/TH" and element.tag == "th" and (scope := SCOPES.get(element.get("scope"))):
        tag["A"]["Scope"] = scope
