"""Our own checker of a tagged file: the rules of ISO 14289-1 that can be read from its objects, each named after its clause.

veraPDF knows more rules; this one reads the structure tree as an assistive program would, and says what it found where.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from tests.documents.marked_text import Drawn, marked_text

PDF_UA, PDF_A = "{http://www.aiim.org/pdfua/ns/id/}", "{http://www.aiim.org/pdfa/ns/id/}"
TITLE = "{http://purl.org/dc/elements/1.1/}title"
LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")
SCRIPTS = {
    "ARABIC": {"ar", "fa", "ur", "ps", "ku", "sd", "ug"},
    "HEBREW": {"he", "yi"},
    "CYRILLIC": {"ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "tg", "mn"},
    "GREEK": {"el"},
    "HANGUL": {"ko"},
    "HIRAGANA": {"ja"},
    "KATAKANA": {"ja"},
    "CJK": {"zh", "ja", "ko"},
    "DEVANAGARI": {"hi", "mr", "ne", "sa"},
    "THAI": {"th"},
    "GEORGIAN": {"ka"},
    "ARMENIAN": {"hy"},
    "ETHIOPIC": {"am", "ti"},
}
"""The scripts that no text in a Latin language is written in, by the first word of their letters' names, and their languages."""
RELATIONSHIPS = {Name.Source, Name.Data, Name.Alternative, Name.Supplement, Name.Unspecified}
PAINTING = {"Tj", "TJ", "'", '"', "Do", "sh", "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "BI", "INLINE IMAGE"}
Rule = Callable[["Tagged"], Iterator[str]]


@dataclass
class Tag:
    """A structure element with its place: `page` counts from 0, None for one without content; `language` as it is in force."""

    element: Dictionary
    above: "Tag | None"
    language: str
    children: list["Tag"] = field(default_factory=list)
    contents: list[tuple[int, int]] = field(default_factory=list)
    annotations: list[Dictionary] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return str(self.element.S)[1:]

    def __iter__(self) -> Iterator["Tag"]:
        yield self
        for child in self.children:
            yield from child

    def attribute(self, name: str) -> Any:
        owners = self.element.get("/A", Dictionary())
        for owner in owners if isinstance(owners, Array) else [owners]:
            if name in owner:
                return owner[name]
        return None


class Tagged:
    """A file with its tags read once."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.pdf, self.root = pdf, pdf.Root
        self.pages = {page.objgen: number for number, page in enumerate(pdf.pages)}
        self.language = str(self.root.get("/Lang", ""))

    @cached_property
    def tree(self) -> Tag:
        first = self.root.StructTreeRoot.K
        return self._read(first[0] if isinstance(first, Array) else first, None, None)

    @cached_property
    def tags(self) -> list[Tag]:
        return list(self.tree)

    @cached_property
    def metadata(self) -> dict[str, str]:
        with self.pdf.open_metadata(set_pikepdf_as_editor=False) as told:
            return {key: str(value) for key, value in told.items()}

    @cached_property
    def drawn(self) -> dict[tuple[int, int], Drawn]:
        """What is drawn under each mark, by page and number."""
        return marked_text(self.pdf)

    def text(self, tag: Tag) -> str:
        """What the tag itself holds, without those below it."""
        return "".join(self.drawn[content].text for content in tag.contents if content in self.drawn)

    def _read(self, element: Dictionary, above: Tag | None, page: int | None) -> Tag:
        language = str(element.get("/Lang", above.language if above else self.language))
        tag = Tag(element, above, language)
        page = self.pages.get(element.Pg.objgen, page) if "/Pg" in element else page
        kids = element.get("/K", Array())
        for kid in kids if isinstance(kids, Array) else [kids]:
            if isinstance(kid, int):
                assert page is not None
                tag.contents.append((page, kid))
            elif kid.get("/Type") == Name.OBJR:
                tag.annotations.append(kid.Obj)
            elif kid.get("/Type") == Name.MCR:
                tag.contents.append((self.pages[kid.Pg.objgen] if "/Pg" in kid else page or 0, int(kid.MCID)))
            else:
                tag.children.append(self._read(kid, tag, page))
        return tag


def findings(pdf: pikepdf.Pdf) -> list[str]:
    """Return what breaks a rule, each with the name of the rule first; none when the file holds to all."""
    file = Tagged(pdf)
    return [f"{name}: {found}" for name, rule in RULES.items() for found in rule(file)]


def clause_5_says_its_standard(file: Tagged) -> Iterator[str]:
    if file.metadata.get(f"{PDF_UA}part") != "1":
        yield "no PDF/UA-1 in the metadata"
    archived = [file.metadata.get(f"{PDF_A}{key}") for key in ("part", "conformance")]
    if archived != (["3", "A"] if not fields_to_fill(file) else [None, None]):
        yield "no PDF/A-3a in the metadata" if not fields_to_fill(file) else "PDF/A, with fields to fill in"


def clause_7_1_is_marked(file: Tagged) -> Iterator[str]:
    marked = file.root.get("/MarkInfo", Dictionary())
    if not marked.get("/Marked", False) or marked.get("/Suspects", False):
        yield "the file does not vouch for its tags"


def clause_7_1_shows_its_title(file: Tagged) -> Iterator[str]:
    if not file.metadata.get(TITLE):
        yield "no title"
    if not file.root.get("/ViewerPreferences", Dictionary()).get("/DisplayDocTitle", False):
        yield "the window shows the file's name"


def clause_7_1_everything_painted_is_text_or_artifact(file: Tagged) -> Iterator[str]:
    for number, page in enumerate(file.pdf.pages, 1):
        open_marks: list[bool] = []
        for instruction in pikepdf.parse_content_stream(page):
            operator = str(instruction.operator)
            if operator in ("BMC", "BDC"):
                named, *more = instruction.operands
                open_marks.append(named == Name.Artifact or bool(more and "/MCID" in more[0]))
            elif operator == "EMC":
                open_marks.pop()
            elif operator in PAINTING and not any(open_marks):
                yield f"page {number}: {operator} is neither tagged nor an artifact"


def clause_7_1_marks_and_tags_name_each_other(file: Tagged) -> Iterator[str]:
    held = {content for tag in file.tags for content in tag.contents}
    for number, page in enumerate(file.pdf.pages):
        drawn = {
            (number, int(i.operands[1].MCID))
            for i in pikepdf.parse_content_stream(page, "BDC")
            if str(i.operator) == "BDC" and "/MCID" in i.operands[1]
        }
        of_page = {content for content in held if content[0] == number}
        yield from (f"page {number + 1}: mark {mcid} has no tag" for _page, mcid in sorted(drawn - of_page))
        yield from (
            f"page {number + 1}: tag of mark {mcid}, which is not there" for _page, mcid in sorted(of_page - drawn)
        )


def clause_7_2_says_its_languages(file: Tagged) -> Iterator[str]:
    for language in [file.language, *(str(tag.element.Lang) for tag in file.tags if "/Lang" in tag.element)]:
        if not LANGUAGE_TAG.match(language):
            yield f"“{language}” is no language"


def clause_7_2_marks_passages_in_another_language(file: Tagged) -> Iterator[str]:
    for tag in file.tags:
        if tag.above and _is_line(tag):
            continue  # it is judged with what it is a line of
        text = _with_lines(file, tag)
        scripts = {_script(letter) for letter in text if letter.isalpha()}
        # one word among others is in their language
        languages = SCRIPTS.get(next(iter(scripts))) if len(scripts) == 1 else None
        if languages and tag.language.partition("-")[0] not in languages:
            yield f"“{text[:40]}” is marked {tag.language}"


def _with_lines(file: Tagged, tag: Tag) -> str:
    return " ".join([file.text(tag), *(_with_lines(file, line) for line in tag.children if _is_line(line))])


def _is_line(tag: Tag) -> bool:
    return tag.kind == "Span" and "/Lang" not in tag.element


def clause_7_3_figures_are_told_in_words(file: Tagged) -> Iterator[str]:
    for tag in file.tags:
        if tag.kind == "Figure" and not str(tag.element.get("/Alt", "")).strip():
            yield "a figure without words"


def clause_7_4_headings_skip_no_level(file: Tagged) -> Iterator[str]:
    before = 0
    for tag in file.tags:
        if found := re.fullmatch(r"H([1-6])", tag.kind):
            level = int(found[1])
            if level > before + 1:
                yield f"H{level} after H{before}" if before else f"the first heading is H{level}"
            before = level
    if not before:
        yield "no heading"


def clause_7_5_headers_say_what_they_head(file: Tagged) -> Iterator[str]:
    names = [str(tag.element.ID) for tag in file.tags if tag.kind == "TH" and "/ID" in tag.element]
    for tag in file.tags:
        if tag.kind == "TH" and tag.attribute("/Scope") not in (Name.Row, Name.Column, Name.Both):
            yield "a header without scope"
        if tag.kind == "TD":
            yield from (f"no header {name}" for name in map(str, tag.attribute("/Headers") or []) if name not in names)


def clause_7_5_tables_are_rows_of_cells(file: Tagged) -> Iterator[str]:
    inside = {"Table": {"TR", "THead", "TBody", "TFoot", "Caption"}, "TR": {"TH", "TD"}}
    inside |= {group: {"TR"} for group in ("THead", "TBody", "TFoot")}
    above = {"TR": {"Table", "THead", "TBody", "TFoot"}, "TH": {"TR"}, "TD": {"TR"}}
    for tag in file.tags:
        yield from (f"{c.kind} in {tag.kind}" for c in tag.children if c.kind not in inside.get(tag.kind, {c.kind}))
        if tag.above and tag.above.kind not in above.get(tag.kind, {tag.above.kind}):
            yield f"{tag.kind} below {tag.above.kind}"


def clause_7_6_lists_are_items(file: Tagged) -> Iterator[str]:
    inside = {"L": {"LI", "L", "Caption"}, "LI": {"Lbl", "LBody"}}
    for tag in file.tags:
        yield from (f"{c.kind} in {tag.kind}" for c in tag.children if c.kind not in inside.get(tag.kind, {c.kind}))
        if tag.kind == "LI" and (tag.above is None or tag.above.kind != "L"):
            yield "an item outside a list"


def clause_7_8_heads_and_feet_are_artifacts(file: Tagged) -> Iterator[str]:
    """Running text of the margins: what stands in the same place of every page is not read."""
    if len(file.pdf.pages) > 2:
        read = [
            {drawn for (at, _mcid), drawn in file.drawn.items() if at == page} for page in range(len(file.pdf.pages))
        ]
        yield from (f"“{text}” is read on every page" for text in {drawn.text for drawn in set.intersection(*read)})


def clause_7_9_names_are_given_once(file: Tagged) -> Iterator[str]:
    names = [str(tag.element.ID) for tag in file.tags if "/ID" in tag.element]
    yield from (f"{name} is given twice" for name in sorted({n for n in names if names.count(n) > 1}))


def clause_7_11_enclosures_have_names(file: Tagged) -> Iterator[str]:
    for name, file_spec in file.pdf.attachments.items():
        if not {"/F", "/UF", "/Desc"} <= file_spec.obj.keys():
            yield f"{name} has no name, or is not described"


def clause_a_6_8_enclosures_are_associated(file: Tagged) -> Iterator[str]:
    """ISO 19005-3, 6.8: each file says what it is to the document, which names it among those associated with it."""
    associated = {told.objgen for told in file.root.get("/AF", Array())}
    for name, file_spec in file.pdf.attachments.items():
        if file_spec.obj.get("/AFRelationship") not in RELATIONSHIPS or file_spec.obj.objgen not in associated:
            yield f"{name} has no relation to the document"


def clause_a_6_8_enclosures_say_their_type_and_day(file: Tagged) -> Iterator[str]:
    """ISO 19005-3, 6.8, and ISO 32000-1, 7.11.4: a MIME type, a date, and size and checksum of the very bytes."""
    for name, file_spec in file.pdf.attachments.items():
        stream = file_spec.obj.EF.F
        content, told = stream.read_bytes(), stream.get("/Params", Dictionary())
        if "/" not in str(stream.get("/Subtype", ""))[1:] or "/ModDate" not in told:
            yield f"{name} has no MIME type, or no date"
        checksum = hashlib.md5(content, usedforsecurity=False).digest()
        if told.get("/Size") != len(content) or bytes(told.get("/CheckSum", b"")) != checksum:
            yield f"{name} has other bytes than it says"


def clause_7_15_no_forms_of_xml(file: Tagged) -> Iterator[str]:
    if "/XFA" in file.root.get("/AcroForm", Dictionary()):
        yield "an XFA form"


def clause_7_16_is_open_to_assistive_programs(file: Tagged) -> Iterator[str]:
    if file.pdf.is_encrypted:
        yield "encrypted"


def clause_7_17_long_files_have_bookmarks(file: Tagged) -> Iterator[str]:
    if len(file.pdf.pages) > 3:
        with file.pdf.open_outline() as outline:
            if not outline.root:
                yield "no bookmarks"


def clause_7_18_annotations_are_tagged(file: Tagged) -> Iterator[str]:
    tagged = {annotation.objgen: tag for tag in file.tags for annotation in tag.annotations}
    for number, page in enumerate(file.pdf.pages, 1):
        if "/Annots" in page and page.get("/Tabs") != Name.S:
            yield f"page {number}: the tabulator does not follow the tags"
        for annotation in page.get("/Annots", Array()):
            tag = tagged.get(annotation.objgen)
            if annotation.Subtype == Name.Link and (tag is None or tag.kind != "Link"):
                yield f"page {number}: a link outside the tags"
            if annotation.Subtype == Name.Link and not str(annotation.get("/Contents", "")).strip():
                yield f"page {number}: a link without words"


def clause_7_18_1_fields_are_told_in_words(file: Tagged) -> Iterator[str]:
    for field_ in fields_to_fill(file):
        if not str(field_.get("/TU", "")).strip():
            yield f"{_field_name(field_)} has no words of its own"


def clause_7_18_3_fields_follow_the_page(file: Tagged) -> Iterator[str]:
    """With the tabulator following the tags, the tags of the fields follow what is seen: page by page, downwards."""
    last: tuple[int, float] | None = None
    for tag in file.tags:
        for widget in tag.annotations if tag.kind == "Form" else ():
            place = file.pages[widget.P.objgen], -float(widget.Rect[3])
            if last and (place[0] < last[0] or (place[0] == last[0] and place[1] < last[1] - A_LINE)):
                yield f"page {place[0] + 1}: {_field_name(widget)} comes after one that stands below it"
            last = place


def clause_7_18_4_fields_are_tagged(file: Tagged) -> Iterator[str]:
    tagged = {annotation.objgen: tag for tag in file.tags for annotation in tag.annotations}
    for number, page in enumerate(file.pdf.pages, 1):
        for annotation in page.get("/Annots", Array()):
            hidden = int(annotation.get("/F", 0)) & HIDDEN or annotation.get("/FT") == Name.Sig
            tag = tagged.get(annotation.objgen)
            if annotation.Subtype == Name.Widget and not hidden and (tag is None or tag.kind != "Form"):
                yield f"page {number}: {_field_name(annotation)} is outside the tags of a form"


def clause_7_21_fields_are_typed_in_an_embedded_font(file: Tagged) -> Iterator[str]:
    fonts = file.root.get("/AcroForm", Dictionary()).get("/DR", Dictionary()).get("/Font", Dictionary())
    for field_ in fields_to_fill(file):
        named = str(field_.get("/DA", "")).split(" ")[0]
        if named and (named not in fonts or "/FontFile2" not in fonts[named].DescendantFonts[0].FontDescriptor):
            yield f"{_field_name(field_)}: the font {named} is not inside"


def clause_7_21_fonts_are_inside_and_say_their_letters(file: Tagged) -> Iterator[str]:
    for font in {
        f.objgen: f for page in file.pdf.pages for f in page.Resources.get("/Font", Dictionary()).values()
    }.values():
        inner = font.DescendantFonts[0] if "/DescendantFonts" in font else font
        if not {"/FontFile", "/FontFile2", "/FontFile3"} & inner.FontDescriptor.keys():
            yield f"{font.BaseFont} is not inside"
        if "/ToUnicode" not in font:
            yield f"{font.BaseFont} does not say its letters"


def reading_order_goes_forward(file: Tagged) -> Iterator[str]:
    """What is read follows the pages: the structure tree is the reading order."""
    last = 0
    for tag in file.tags:
        for page, _mcid in tag.contents:
            if page < last:
                yield f"page {page + 1} is read after page {last + 1}"
            last = page


HIDDEN = 1 << 1
A_LINE = 60.0
"""Points by which fields of one row may stand one below the other: a box beside a field of several lines."""


def fields_to_fill(file: Tagged) -> list[Dictionary]:
    """Every field in which somebody may write or choose: no signature, and no hidden one."""
    found: list[Dictionary] = []
    waiting = list(file.root.get("/AcroForm", Dictionary()).get("/Fields", Array()))
    while waiting:
        field_ = waiting.pop(0)
        below = [kid for kid in field_.get("/Kids", Array()) if "/T" in kid]
        waiting = below + waiting
        if not below and field_.get("/FT") != Name.Sig and not int(field_.get("/F", 0)) & HIDDEN:
            found.append(field_)
    return found


def _field_name(field_: Dictionary) -> str:
    own = str(field_.get("/T", ""))
    above = _field_name(field_.Parent) if "/Parent" in field_ else ""
    return ".".join(part for part in (above, own) if part)


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ")[0]


RULES: dict[str, Rule] = {
    name: rule for name, rule in list(globals().items()) if name.startswith(("clause_", "reading_"))
}
