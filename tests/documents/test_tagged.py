"""Our own checker judges every kind of document in both languages, and finds what was broken on purpose."""

import hashlib
import io
import re
from collections.abc import Callable
from functools import cache

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from rvc_portal.documents import pdf
from tests.documents import samples, tagged


@cache
def made(kind: str, language: str) -> bytes:
    return samples.made(kind, language).content


@pytest.mark.parametrize("language", pdf.LANGUAGES)
@pytest.mark.parametrize("kind", samples.SAMPLES)
def test_a_document_holds_to_every_rule(kind: str, language: str) -> None:
    assert tagged.findings(pikepdf.open(io.BytesIO(made(kind, language)))) == []


def test_passages_are_marked_with_their_languages() -> None:
    """What a city wrote in its own language is read in that language, within a document in another."""
    file = tagged.Tagged(pikepdf.open(io.BytesIO(made("DOSSIER", "fr"))))
    told = {
        language: "".join(file.text(tag) for tag in file.tags if tag.language == language)
        for language in ("fr", "en", "ar", "ko", "ja")
    }
    assert "Dossier" in told["fr"]
    assert all(told.values())
    assert re.search("[\u0600-\u06ff]", told["ar"])
    assert re.search("[\uac00-\ud7af]", told["ko"])
    assert not re.search("[\uac00-\ud7af]", told["fr"])


def test_an_enclosure_as_it_should_be_breaks_no_rule() -> None:
    """What is broken below is broken by one thing alone."""
    file = pikepdf.open(io.BytesIO(made("RECEIPT", "en")))
    enclosure(file)
    assert tagged.findings(file) == []


# --- broken on purpose ---


def tags(file: Pdf, kind: str) -> list[Dictionary]:
    return [o for o in file.objects if isinstance(o, Dictionary) and o.get("/S") == Name("/" + kind) and "/P" in o]


def metadata(file: Pdf, old: bytes, new: bytes) -> None:
    told = file.Root.Metadata.read_bytes()
    assert old in told
    file.Root.Metadata.write(told.replace(old, new))


def no_ua(file: Pdf) -> None:
    metadata(file, b"<pdfuaid:part>1</pdfuaid:part>", b"")


def no_a(file: Pdf) -> None:
    metadata(file, b'conformance="A"', b'conformance="B"')


def unmarked(file: Pdf) -> None:
    file.Root.MarkInfo.Marked = False


def file_name_shown(file: Pdf) -> None:
    del file.Root.ViewerPreferences


def painted_outside(file: Pdf) -> None:
    page = file.pages[0]
    page.contents_add(b"0 0 10 10 re f")


def mark_without_tag(file: Pdf) -> None:
    tag = next(t for t in tags(file, "Span") if isinstance(t.K[0], int))
    tag.K = Array()


def tag_without_mark(file: Pdf) -> None:
    tag = next(t for t in tags(file, "Span") if isinstance(t.K[0], int))
    tag.K.append(99_999)


def no_language(file: Pdf) -> None:
    file.Root.Lang = String("")


def wrong_language(file: Pdf) -> None:
    for tag in tags(file, "Span"):
        if tag.get("/Lang") == String("ar"):
            del tag["/Lang"]


def mute_figure(file: Pdf) -> None:
    del tags(file, "Figure")[0]["/Alt"]


def level_skipped(file: Pdf) -> None:
    tags(file, "H2")[0].S = Name.H4


def no_first_level(file: Pdf) -> None:
    tags(file, "H1")[0].S = Name.P


def no_scope(file: Pdf) -> None:
    del tags(file, "TH")[0].A["/Scope"]


def foreign_header(file: Pdf) -> None:
    cell = next(t for t in tags(file, "TD") if t.A.get("/Headers"))
    cell.A.Headers[0] = String("nobody")


def cell_outside(file: Pdf) -> None:
    tags(file, "TR")[0].S = Name.Div


def item_outside(file: Pdf) -> None:
    tags(file, "L")[0].S = Name.Div


def head_read(file: Pdf) -> None:
    """Running heads and feet on every page as if they were text."""
    elements = file.Root.StructTreeRoot.K[0]
    for page in file.pages:
        rows = list(pikepdf.parse_content_stream(page))
        for at, row in enumerate(rows):
            if str(row.operator) == "BDC" and row.operands[0] == Name.Artifact:
                rows[at] = pikepdf.ContentStreamInstruction([Name.Span, Dictionary(MCID=5000 + at)], row.operator)
                tag = Dictionary(S=Name.Span, P=elements, Pg=page.obj, K=Array([5000 + at]))
                elements.K.append(file.make_indirect(tag))
        page.Contents = file.make_stream(pikepdf.unparse_content_stream(rows))


def name_twice(file: Pdf) -> None:
    one, other = tags(file, "TH")[:2]
    other.ID = one.ID


def enclosure(file: Pdf) -> Dictionary:
    """What the file says of the letter that is put into it, as a document of ours would."""
    file.attachments["letter.pdf"] = b"%PDF-1.7"
    told = file.attachments["letter.pdf"].obj
    told.AFRelationship, told.Desc = Name.Supplement, String("A letter")
    told.EF.F.Subtype = Name("/application/pdf")
    told.EF.F.Params = Dictionary(
        ModDate=String("D:20150601100000Z"), Size=8, CheckSum=String(hashlib.md5(b"%PDF-1.7").digest())
    )
    file.Root.AF = Array([told])
    return told


def nameless_enclosure(file: Pdf) -> None:
    del enclosure(file)["/UF"]


def undescribed_enclosure(file: Pdf) -> None:
    del enclosure(file)["/Desc"]


def unrelated_enclosure(file: Pdf) -> None:
    del enclosure(file)["/AFRelationship"]


def loose_enclosure(file: Pdf) -> None:
    enclosure(file)
    file.Root.AF = Array()


def enclosure_of_no_type(file: Pdf) -> None:
    del enclosure(file).EF.F["/Subtype"]


def enclosure_of_another_day(file: Pdf) -> None:
    del enclosure(file).EF.F.Params["/ModDate"]


def enclosure_with_other_bytes(file: Pdf) -> None:
    enclosure(file).EF.F.write(b"%PDF-1.4")


def xml_form(file: Pdf) -> None:
    file.Root.AcroForm = Dictionary(Fields=Array(), XFA=String("x"))


def no_bookmarks(file: Pdf) -> None:
    del file.Root["/Outlines"]


def tabulator_astray(file: Pdf) -> None:
    del next(page for page in file.pages if "/Annots" in page)["/Tabs"]


def link_untagged(file: Pdf) -> None:
    tags(file, "Link")[0].S = Name.Span


def link_without_words(file: Pdf) -> None:
    page = next(page for page in file.pages if "/Annots" in page)
    page.Annots[0].Contents = String(" ")


def font_outside(file: Pdf) -> None:
    font = next(iter(file.pages[0].Resources.Font.values()))
    for key in ("/FontFile", "/FontFile2", "/FontFile3"):
        if key in font.DescendantFonts[0].FontDescriptor:
            del font.DescendantFonts[0].FontDescriptor[key]


def font_without_letters(file: Pdf) -> None:
    del next(iter(file.pages[0].Resources.Font.values()))["/ToUnicode"]


def read_backwards(file: Pdf) -> None:
    elements = file.Root.StructTreeRoot.K[0]
    elements.K = Array(list(elements.K)[::-1])


# --- the same, of a file with fields to fill in ---


def widgets(file: Pdf) -> list[Dictionary]:
    return [a for page in file.pages for a in page.get("/Annots", Array()) if a.Subtype == Name.Widget and "/T" in a]


def archived_form(file: Pdf) -> None:
    with file.open_metadata(set_pikepdf_as_editor=False) as told:
        told[f"{tagged.PDF_A}part"], told[f"{tagged.PDF_A}conformance"] = "3", "A"


def field_without_words(file: Pdf) -> None:
    del widgets(file)[3]["/TU"]


def field_untagged(file: Pdf) -> None:
    tags(file, "Form")[0].S = Name.Div


def fields_read_upwards(file: Pdf) -> None:
    forms = tags(file, "Form")
    first, last = forms[0], forms[-1]
    first.K, last.K = last.K, first.K


def tabulator_astray_in_a_form(file: Pdf) -> None:
    del file.pages[0]["/Tabs"]


def field_in_a_font_outside(file: Pdf) -> None:
    for font in file.Root.AcroForm.DR.Font.values():
        del font.DescendantFonts[0].FontDescriptor["/FontFile2"]


BROKEN_FORMS: list[tuple[str, Callable[[Pdf], None]]] = [
    ("clause_5_says_its_standard", archived_form),
    ("clause_7_18_1_fields_are_told_in_words", field_without_words),
    ("clause_7_18_3_fields_follow_the_page", fields_read_upwards),
    ("clause_7_18_4_fields_are_tagged", field_untagged),
    ("clause_7_18_annotations_are_tagged", tabulator_astray_in_a_form),
    ("clause_7_21_fields_are_typed_in_an_embedded_font", field_in_a_font_outside),
]

BROKEN: list[tuple[str, Callable[[Pdf], None]]] = [
    ("clause_5_says_its_standard", no_ua),
    ("clause_5_says_its_standard", no_a),
    ("clause_7_1_is_marked", unmarked),
    ("clause_7_1_shows_its_title", file_name_shown),
    ("clause_7_1_everything_painted_is_text_or_artifact", painted_outside),
    ("clause_7_1_marks_and_tags_name_each_other", mark_without_tag),
    ("clause_7_1_marks_and_tags_name_each_other", tag_without_mark),
    ("clause_7_2_says_its_languages", no_language),
    ("clause_7_2_marks_passages_in_another_language", wrong_language),
    ("clause_7_3_figures_are_told_in_words", mute_figure),
    ("clause_7_4_headings_skip_no_level", level_skipped),
    ("clause_7_4_headings_skip_no_level", no_first_level),
    ("clause_7_5_headers_say_what_they_head", no_scope),
    ("clause_7_5_headers_say_what_they_head", foreign_header),
    ("clause_7_5_tables_are_rows_of_cells", cell_outside),
    ("clause_7_6_lists_are_items", item_outside),
    ("clause_7_8_heads_and_feet_are_artifacts", head_read),
    ("clause_7_9_names_are_given_once", name_twice),
    ("clause_7_11_enclosures_have_names", nameless_enclosure),
    ("clause_7_11_enclosures_have_names", undescribed_enclosure),
    ("clause_a_6_8_enclosures_are_associated", unrelated_enclosure),
    ("clause_a_6_8_enclosures_are_associated", loose_enclosure),
    ("clause_a_6_8_enclosures_say_their_type_and_day", enclosure_of_no_type),
    ("clause_a_6_8_enclosures_say_their_type_and_day", enclosure_of_another_day),
    ("clause_a_6_8_enclosures_say_their_type_and_day", enclosure_with_other_bytes),
    ("clause_7_15_no_forms_of_xml", xml_form),
    ("clause_7_17_long_files_have_bookmarks", no_bookmarks),
    ("clause_7_18_annotations_are_tagged", tabulator_astray),
    ("clause_7_18_annotations_are_tagged", link_untagged),
    ("clause_7_18_annotations_are_tagged", link_without_words),
    ("clause_7_21_fonts_are_inside_and_say_their_letters", font_outside),
    ("clause_7_21_fonts_are_inside_and_say_their_letters", font_without_letters),
    ("reading_order_goes_forward", read_backwards),
]


@pytest.mark.parametrize(("rule", "spoil"), BROKEN, ids=[spoil.__name__ for _rule, spoil in BROKEN])
def test_what_was_broken_is_found_by_its_rule(rule: str, spoil: Callable[[Pdf], None]) -> None:
    file = pikepdf.open(io.BytesIO(made("DOSSIER", "en")))
    spoil(file)
    assert list(tagged.RULES[rule](tagged.Tagged(file)))


@pytest.mark.parametrize(("rule", "spoil"), BROKEN_FORMS, ids=[spoil.__name__ for _rule, spoil in BROKEN_FORMS])
def test_what_was_broken_in_a_form_is_found_by_its_rule(rule: str, spoil: Callable[[Pdf], None]) -> None:
    file = pikepdf.open(io.BytesIO(made("BLANK_FORM", "en")))
    spoil(file)
    assert list(tagged.RULES[rule](tagged.Tagged(file)))


def test_an_encrypted_file_is_found() -> None:
    kept = io.BytesIO()
    pikepdf.open(io.BytesIO(made("RECEIPT", "en"))).save(kept, encryption=pikepdf.Encryption(owner="o", user=""))
    found = tagged.findings(pikepdf.open(kept))
    assert any(one.startswith("clause_7_16_is_open_to_assistive_programs") for one in found)


def test_every_rule_was_broken_once() -> None:
    assert {rule for rule, _spoil in BROKEN + BROKEN_FORMS} | {"clause_7_16_is_open_to_assistive_programs"} == set(
        tagged.RULES
    )
