"""Every kind of document: what it says, how it is tagged, what it may fetch, and that the same record gives the same file."""

import copy
import hashlib
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from rvc_portal.documents import identity, pdf
from rvc_portal.documents.catalogue import KINDS
from rvc_portal.domain.vocabulary import Doc
from tests.documents import samples

CHECKOUT = Path(__file__).resolve().parents[2]
LONG = ("DOSSIER", "EVALUATION_REPORT")


COMPLAINTS: dict[tuple[str, str], list[str]] = {}


class Collector(logging.Handler):
    """What the layout engine says of one document."""

    def __init__(self, said: list[str]) -> None:
        super().__init__(logging.WARNING)
        self.said = said

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@lru_cache(maxsize=40)
def made(kind: str, language: str = "en") -> pdf.Rendered:
    collector = Collector(COMPLAINTS.setdefault((kind, language), []))
    logging.getLogger("weasyprint").addHandler(collector)
    try:
        return samples.made(kind, language)
    finally:
        logging.getLogger("weasyprint").removeHandler(collector)


@lru_cache(maxsize=40)
def reader(kind: str, language: str = "en") -> PdfReader:
    return PdfReader(BytesIO(made(kind, language).content))


@lru_cache(maxsize=40)
def text(kind: str, language: str = "en") -> str:
    return "\n".join(page.extract_text() for page in reader(kind, language).pages)


def squeezed(words: str) -> str:
    """Without white space: a line may end anywhere."""
    return "".join(words.split())


def test_every_kind_of_the_vocabulary_has_a_template_and_a_sample() -> None:
    assert set(KINDS) == {doc.value for doc in Doc} == set(samples.SAMPLES)


@pytest.mark.parametrize("language", pdf.LANGUAGES)
@pytest.mark.parametrize("kind", samples.SAMPLES)
def test_a_document_is_tagged_titled_and_in_its_language(kind: str, language: str) -> None:
    root = reader(kind, language).trailer["/Root"]
    assert root["/Lang"] == language
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    context = samples.SAMPLES[kind]()
    title = reader(kind, language).metadata.title
    assert context["call"]["title"][language] in title
    assert "dossier" not in context or context["dossier"]["city"] in title


@pytest.mark.parametrize("kind", samples.SAMPLES)
def test_the_record_names_its_pages_and_its_hash(kind: str) -> None:
    document = made(kind)
    assert document.pages == len(reader(kind).pages)
    assert document.sha256 == hashlib.sha256(document.content).hexdigest()


@pytest.mark.parametrize("kind", samples.SAMPLES)
def test_every_page_says_its_reference_its_number_and_that_it_is_a_demonstration(kind: str) -> None:
    reference = samples.SAMPLES[kind]()["document"]["reference"]
    count = len(reader(kind).pages)
    for number, page in enumerate(reader(kind).pages, 1):
        words = squeezed(page.extract_text())
        assert squeezed(reference) in words
        assert f"Page{number}of{count}" in words
        assert "Demonstration:" in words


def test_a_real_document_says_nothing_of_a_demonstration() -> None:
    context = samples.certificate() | {"demonstration": False}
    document = PdfReader(BytesIO(pdf.render("CERTIFICATE", context, "en").content))
    assert "Demonstration" not in document.pages[0].extract_text()


@pytest.mark.parametrize("kind", samples.SAMPLES)
def test_the_layout_engine_has_nothing_to_complain_of(kind: str) -> None:
    made(kind)
    assert COMPLAINTS[kind, "en"] == []


def strings(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from strings(item, key if key == "caption" else name)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item, key)


@pytest.mark.parametrize("kind", samples.SAMPLES)
def test_what_people_wrote_is_in_the_document(kind: str) -> None:
    """Latin texts word for word; other scripts below, since a PDF stores them in the order of drawing."""
    words = squeezed(text(kind))
    for key, written in strings(samples.SAMPLES[kind]()):
        if key == "text" and written.isprintable() and max(written) < "\u0250":
            assert squeezed(written)[:60] in words, written


SCRIPTS = {tag: written for tag, written in samples.SCRIPTS.items() if tag != "ar"}


@pytest.mark.parametrize("tag", SCRIPTS)
def test_names_print_as_letters(tag: str) -> None:
    letters = {letter for letter in SCRIPTS[tag] if letter.isalpha()}
    assert letters <= set(text("DOSSIER"))


def test_arabic_prints_as_letters() -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument(made("DOSSIER").content)
    found = set("".join(page.get_textpage().get_text_range() for page in document))
    assert {letter for letter in samples.SCRIPTS["ar"] if letter.isalpha()} <= found


def test_a_character_without_a_glyph_prints_as_its_code_and_is_listed() -> None:
    assert made("DOSSIER").missing_glyphs == (samples.UNPRINTABLE,)
    assert text("DOSSIER").count("[U+1F9FF]") == 2
    assert made("RECEIPT").missing_glyphs == ()
    assert "[U+" not in text("RECEIPT")


def test_a_glyph_that_fontconfig_promises_in_vain_prints_as_its_code_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without fontconfig's program every character counts as printable, until the layout finds that it is not."""
    monkeypatch.setattr("rvc_portal.documents.characters.coverage", lambda: ((0, 0x10FFFF),))
    context = samples.withdrawal_note() | {"by_name": f"Anne {samples.UNPRINTABLE} Kowalczyk"}
    document = pdf.render("WITHDRAWAL_NOTE", context, "en")
    assert document.missing_glyphs == (samples.UNPRINTABLE,)
    assert "Anne [U+1F9FF] Kowalczyk" in PdfReader(BytesIO(document.content)).pages[0].extract_text()


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\ufffe", "\U0010ffff"])
def test_control_characters_do_not_break_a_document(character: str) -> None:
    context = samples.withdrawal_note() | {"by_name": f"Anne{character}Marie"}
    document = pdf.render("WITHDRAWAL_NOTE", context, "en")
    assert document.missing_glyphs == (character,)


@pytest.mark.parametrize("kind", LONG)
def test_a_long_document_has_bookmarks_and_a_list_of_contents_that_agree(kind: str) -> None:
    document = reader(kind)
    marks = bookmarks(document)
    contents = squeezed(document.pages[1].extract_text())
    context = samples.SAMPLES[kind]()
    titles = (
        [(s["number"], s["title"]["en"]) for s in context["sections"] if s["title"]]
        if kind == "DOSSIER"
        else [("2", "Criteria and streams"), ("4", "Sheets")]
    )
    assert titles
    for number, title in titles:
        page = marks[f"{number}. {title}"]
        assert squeezed(f"{number}{title}{page}") in contents


def bookmarks(document: PdfReader) -> dict[str, int]:
    found: dict[str, int] = {}

    def walk(entries: list[Any]) -> None:
        for entry in entries:
            if isinstance(entry, list):
                walk(entry)
            else:
                found[entry.title] = (document.get_destination_page_number(entry) or 0) + 1

    walk(document.outline)
    return found


def structure(document: PdfReader) -> Iterator[dict[str, Any]]:
    def walk(node: Any) -> Iterator[dict[str, Any]]:
        element = node.get_object()
        if isinstance(element, list):
            for child in element:
                yield from walk(child)
        elif isinstance(element, dict):
            if "/S" in element:
                yield element
            if "/K" in element:
                yield from walk(element["/K"])

    yield from walk(document.trailer["/Root"]["/StructTreeRoot"])


@pytest.mark.parametrize("kind", samples.SAMPLES)
def test_every_picture_has_a_text_alternative_and_headings_do_not_skip(kind: str) -> None:
    elements = list(structure(reader(kind)))
    figures = [element for element in elements if element["/S"] == "/Figure"]
    assert all(str(figure.get("/Alt", "")).strip() for figure in figures)
    levels = [int(element["/S"][2:]) for element in elements if str(element["/S"])[1:] in {"H1", "H2", "H3", "H4"}]
    parts = {"PACK": "files", "SESSION_PAPERS": "items", "COMPLETE_DOSSIER": "parts"}.get(
        kind
    )  # each is a part of its own
    several = len(samples.SAMPLES[kind]()[parts]) if parts else 0
    several += 2 if kind == "COMPLETE_DOSSIER" else 0  # the pieces and the history
    assert (levels[0], levels.count(1)) == (1, 1 + several)
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize(
    ("language", "instant"), [("en", "15 July 2015, 23:58:03"), ("fr", "15 juillet 2015, 23:58:03")]
)
def test_a_receipt_tells_the_second_the_person_and_every_hash(language: str, instant: str) -> None:
    told = squeezed(text("RECEIPT", language))
    context = samples.receipt()
    assert squeezed(f"{instant} (Europe/Paris), 21:58:03 UTC") in told
    assert squeezed(context["submitted_by"]) in told
    assert context["filing"]["content_sha256"] in told
    for file in (file for piece in context["pieces"] for file in piece["files"]):
        assert file["sha256"] in told


def test_a_document_says_which_it_is_and_of_which_filing() -> None:
    filing = samples.receipt()["filing"]["content_sha256"]
    assert identity.read(made("RECEIPT").content) == identity.Identity("2015-LIT-007/RECEIPT/2", filing)
    assert identity.read(made("CALL_TEXT").content).filing is None


def test_photographs_and_charts_are_pictures_of_the_document() -> None:
    alternatives = [str(e["/Alt"]) for e in structure(reader("DOSSIER")) if e["/S"] == "/Figure"]
    assert alternatives.count("The reading room in the market hall") == 2
    alternatives = [str(e["/Alt"]) for e in structure(reader("EVALUATION_REPORT")) if e["/S"] == "/Figure"]
    assert sum(alternative.startswith(("Bars:", "Dots:")) for alternative in alternatives) == 2


def test_a_table_of_three_hundred_cells_keeps_its_head_on_every_page() -> None:
    heads = [page for page in reader("DOSSIER").pages if "Column 1" in page.extract_text()]
    assert len(heads) >= 4


def test_the_same_record_gives_the_same_bytes_in_another_process() -> None:
    kinds = ("DOSSIER", "EVALUATION_REPORT", "CERTIFICATE")
    program = (
        "import sys; from rvc_portal.documents import pdf; from tests.documents import samples;"
        "print(*(pdf.render(kind, samples.SAMPLES[kind](), 'en', samples.IMAGES).sha256 for kind in sys.argv[1:]))"
    )
    environment = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "SOURCE_DATE_EPOCH": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program, *kinds],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [made(kind).sha256 for kind in kinds]


def test_rendering_leaves_the_context_as_it_was() -> None:
    context = samples.dossier()
    before = copy.deepcopy(context)
    pdf.page_html("DOSSIER", context, "en")
    assert context == before


@pytest.mark.parametrize("kind", samples.SAMPLES)
def test_a_context_survives_json(kind: str) -> None:
    context = samples.SAMPLES[kind]()
    kept = json.loads(json.dumps(context))
    assert pdf.page_html(kind, kept, "fr") == pdf.page_html(kind, context, "fr")


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/x.png",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "rvc:image/unknown",
        "rvc:asset/../pdf.py",
        "rvc:asset/print.css",
        "ftp://x/y",
        "",
    ],
)
def test_the_fetcher_refuses_all_but_our_own(address: str) -> None:
    own = pdf.fetcher({"known": b"bytes"})
    with pytest.raises(ValueError, match="refused"):
        own.fetch(address)
    assert own.refused == [address]


def test_the_fetcher_gives_pictures_of_the_record_and_our_drawings() -> None:
    own = pdf.fetcher({"known": b"bytes"})
    assert own.fetch("rvc:image/known").read() == b"bytes"
    assert b"<svg" in own.fetch("rvc:asset/mark.svg").read()
    assert own.refused == []


def test_a_picture_that_is_not_given_stops_the_document() -> None:
    with pytest.raises(pdf.DocumentError, match="photo-2"):
        pdf.render(
            "DOSSIER", samples.dossier(), "en", {key: body for key, body in samples.IMAGES.items() if key != "photo-2"}
        )


def test_markup_in_an_answer_is_printed_not_obeyed() -> None:
    hostile = '<img src="http://127.0.0.1:9/x.png"><style>*{display:none}</style>{{ 7 * 6 }}</body>'
    context = samples.withdrawal_note() | {"by_name": hostile}
    context["dossier"] |= {"city": hostile}
    document = PdfReader(BytesIO(pdf.render("WITHDRAWAL_NOTE", context, "en").content))
    assert squeezed(hostile) in squeezed("".join(page.extract_text() for page in document.pages))


@pytest.mark.parametrize("kind", samples.SAMPLES)
def test_a_context_with_a_part_missing_is_refused(kind: str) -> None:
    context = samples.SAMPLES[kind]()
    del context["document"]
    with pytest.raises(pdf.DocumentError):
        pdf.page_html(kind, context, "en")


@pytest.mark.parametrize(("kind", "language"), [("NOTHING", "en"), ("RECEIPT", "de")])
def test_an_unknown_kind_or_language_is_refused(kind: str, language: str) -> None:
    with pytest.raises(pdf.DocumentError):
        pdf.render(kind, samples.receipt(), language)


def wide_pages(kind: str) -> list[bool]:
    return [page.mediabox.width > page.mediabox.height for page in reader(kind).pages]


@pytest.mark.parametrize("kind", samples.SAMPLES)
def test_pages_lie_as_the_catalogue_says(kind: str) -> None:
    assert set(wide_pages(kind)) == {KINDS[kind].orientation == "landscape"}


VARIANTS: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {
    "nothing to verify": ("RECEIPT", lambda c: c["document"].update(verify_url=None, supersedes=None)),
    "no local name": (
        "CERTIFICATE",
        lambda c: c["dossier"].update(city_local=None, parties=c["dossier"]["parties"][:1]),
    ),
    "no field": ("DESIGNATION_LETTER", lambda c: c["dossier"].update(field=None, field_label=None)),
    "no field on a certificate": ("CERTIFICATE", lambda c: c["dossier"].update(field=None, field_label=None)),
    "an unknown field": (
        "CERTIFICATE",
        lambda c: c["dossier"].update(field="circus", field_label={"en": "Circus", "fr": "Cirque"}),
    ),
    "no sign-off": ("DOSSIER", lambda c: c.update(sign_offs=[])),
    "nobody recused": ("STEERING_OPINION", lambda c: c.update(recusals=[], conditions=[], votes=None, opinion="defer")),
    "one language": ("STEERING_OPINION", lambda c: c.update(text={"en": None, "fr": "Oui."}, opinion="unfavourable")),
    "no feedback": ("DECISION_LETTER", lambda c: c.update(feedback=[])),
    "nobody designated": ("DESIGNATION_LIST", lambda c: c.update(designated=[], by_field=[])),
    "one sheet a stream": ("EVALUATION_REPORT", lambda c: c.update(sheets=c["sheets"][2:4], spread=None, set_aside=[])),
    "a criterion that one cannot judge": (
        "EVALUATION_REPORT",
        lambda c: (c["sheets"][0]["scores"][0].update(score=None), c["criteria"][0].update(means={}, mean=None)),
    ),
    "a sheet that cannot judge a criterion": ("EVALUATION_SHEET", lambda c: c["criteria"][0].update(score=None)),
    "a receipt of before": ("RECEIPT", lambda c: [c.pop(key) for key in ("received_at", "submitted_by")]),
    "an unknown country": ("RECEIPT", lambda c: c["dossier"].update(country_iso2="XX")),
    "a named signatory": ("RECEIPT", lambda c: c["issuer"]["signatory"].update(name="Irina B.")),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_what_may_be_absent_may_be_absent(name: str) -> None:
    kind, change = VARIANTS[name]
    context = samples.SAMPLES[kind]()
    change(context)
    assert pdf.render(kind, context, "fr", samples.IMAGES).pages >= 1


def test_the_fingerprint_of_the_renderer_is_steady_and_short() -> None:
    first = pdf.renderer_fingerprint()
    pdf.renderer_fingerprint.cache_clear()
    assert first == pdf.renderer_fingerprint()
    assert len(first) == 16


def test_weasyprint_is_imported_only_when_something_is_rendered() -> None:
    program = "import sys; import rvc_portal.documents.pdf; sys.exit('weasyprint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, check=False).returncode == 0


def test_the_sums_within_a_table_are_printed_and_a_record_from_before_them_too() -> None:
    context = samples.SAMPLES["DOSSIER"]()
    table = next(
        q["value"] for s in context["sections"] for q in s["questions"] if q["type"] == "table" and q["value"]["groups"]
    )
    line = table["groups"][0]["sums"][0]
    printed = pdf.page_html("DOSSIER", context, "en")
    assert printed.count('class="table sums"') == 1
    assert f'<th scope="row">{line["group"]["en"]}</th><td class="number">420,000 EUR</td>' in printed
    for section in context["sections"]:
        for question in section["questions"]:
            if question["type"] == "table":
                del question["value"]["groups"]
    assert 'class="table sums"' not in pdf.page_html("DOSSIER", context, "en")


def test_text_in_a_column_of_figures_is_printed_as_typed() -> None:
    context = samples.SAMPLES["DOSSIER"]()
    table = next(
        q["value"] for s in context["sections"] for q in s["questions"] if q["type"] == "table" and q["value"]["groups"]
    )
    table["rows"][0][6] = "douze mille"
    assert '<td class="number">douze mille</td>' in pdf.page_html("DOSSIER", context, "en")
