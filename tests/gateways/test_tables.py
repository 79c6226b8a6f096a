"""Tables that somebody uploads: read as text, and refused in words for everything that is no table."""

import io
import time
import zipfile
from datetime import datetime

import openpyxl
import pytest
import xlsxwriter

from rvc_portal.domain.errors import InvalidInput
from rvc_portal.gateways import tables
from rvc_portal.gateways.tables import Row
from rvc_portal.web.sheets import csv_text, xlsx_bytes

HEAD = ("reference", "evaluator")


def xlsx(*rows, merged=None) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    if merged:
        book.active.merge_cells(merged)
    book.save(out)
    return out.getvalue()


def read(content: bytes) -> list[Row]:
    return tables.read(io.BytesIO(content))


def refused(content: bytes) -> str:
    with pytest.raises(InvalidInput) as caught:
        read(content)
    (refusal,) = caught.value.problems["file"]
    return refusal.message % dict(refusal.params)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_csv_is_read_with_any_usual_delimiter(delimiter, mark):
    text = mark + "\r\n".join(delimiter.join(row) for row in (HEAD, ("A-1", "Aix"), ()))
    assert [row.cells for row in read(text.encode())] == [HEAD, ("A-1", "Aix")]


def test_both_formats_say_the_same_and_number_their_rows():
    table = (HEAD, ("A-1", "Saint-Étienne"), (None, None), ("A-2", 7.0))
    found = [(row.number, row.cells) for row in read(xlsx(*table))]
    assert found == [(1, HEAD), (2, ("A-1", "Saint-Étienne")), (4, ("A-2", "7"))]
    text = "reference,evaluator\nA-1,Saint-Étienne\n,\nA-2,7\n"
    assert [(row.number, row.cells) for row in read(text.encode())] == found


def test_what_we_gave_along_is_read_back():
    rows = [("A-1", "=Odd name"), ("A-2", "-dash"), ("A-3", "'s-Hertogenbosch")]
    assert [row.cells for row in read(csv_text(HEAD, rows).encode())][1:] == rows
    assert [row.cells for row in read(xlsx_bytes("T", HEAD, rows))][1:] == rows


@pytest.mark.parametrize("content", [xlsx(HEAD, ("A-1", "=1+1")), b"reference,evaluator\nA-1,=1+1\n"])
def test_a_formula_is_marked_and_never_calculated(content):
    head, row = read(content)
    assert not head.formula
    assert row.formula
    assert "2" not in row.cells


def test_merged_cells_are_refused_with_their_place():
    assert "(A2:A3)" in refused(xlsx(HEAD, ("A-1", "Aix"), ("", "Metz"), merged="A2:A3"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\n,,\n", "empty"),
        ("référence\n".encode("latin-1"), "UTF-8"),
        (b"\x89PNG\r\n\x1a\n\xff\xfe", "UTF-8"),
        (b"PK\x03\x04 and no more", "damaged"),
        (b"x" * (tables.LARGEST + 1), "9 MB; at most 8 MB"),
        (b'a,b\n"' + b"x" * 200_000 + b'"\n', "Line 2"),
    ],
)
def test_what_is_no_table_is_refused(content, reason):
    assert reason in refused(content)


def test_another_office_file_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>")
    assert "damaged" in refused(out.getvalue())


def test_a_bomb_is_refused_before_it_goes_off():
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx(HEAD))) as good, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bad:
        for name in good.namelist():
            bad.writestr(name, good.read(name))
        bad.writestr("xl/media/zeros.bin", bytes(tables.MOST_UNPACKED + 1))
    assert "too large" in refused(out.getvalue())


def test_a_million_rows_are_refused_at_once():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number in range(1_000_000):
            sheet.write_number(number, 0, 1)
    content = out.getvalue()
    assert len(content) < tables.LARGEST, "the size is not to be what refuses it"
    begun = time.process_time()
    assert "more than 20000 rows" in refused(content)
    assert time.process_time() - begun < 3
    assert "more than 20000 rows" in refused(b"a,b\n" * 1_000_000)


def test_as_many_rows_as_there_may_be_are_read():
    assert len(read(b"a,b\n" * (tables.MOST_ROWS + 1))) == tables.MOST_ROWS + 1
    assert len(read(xlsx(*[HEAD] * (tables.MOST_ROWS + 1)))) == tables.MOST_ROWS + 1
    assert "more than" in refused(xlsx(*[HEAD] * (tables.MOST_ROWS + 2)))


# --- a workbook of ours that comes back ---


def is_head(texts) -> bool:
    return "reference" in set(texts)


def cells(content: bytes):
    return tables.cells(io.BytesIO(content), is_head)


def book_refused(content: bytes) -> str:
    with pytest.raises(InvalidInput) as caught:
        cells(content)
    (refusal,) = caught.value.problems["file"]
    return refusal.message % dict(refusal.params)


SHEET = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


def with_sheet(rows: str) -> bytes:
    """A workbook whose one sheet has these rows as XML, as another program may write them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx(HEAD))) as good, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in good.namelist():
            made.writestr(name, SHEET.format(rows) if name == "xl/worksheets/sheet1.xml" else good.read(name))
    return out.getvalue()


TITLES = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>reference</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>score</t></is></c></row>'
)


def test_each_cell_says_what_it_is_and_where():
    (_, head), (number, row) = cells(xlsx(HEAD, ("A-1", 4, 3.5, "=1+1", datetime(2026, 3, 2), True, " \n")))
    assert [cell.text for cell in head[:2]] == list(HEAD)
    assert number == 2
    assert [(c.address, c.kind, c.text) for c in row[:7]] == [
        ("A2", "text", "A-1"), ("B2", "number", "4"), ("C2", "number", "3.5"), ("D2", "formula", ""),
        ("E2", "date", "2026-03-02 00:00:00"), ("F2", "other", "True"), ("G2", "text", " \n"),
    ]  # fmt: skip


def test_what_libreoffice_and_excel_write_is_read_alike():
    """Numbers with a point, texts in place or as rich text, empty cells and rows that only have a look."""
    rows = TITLES + (
        '<row r="2" customFormat="false" ht="12.8" hidden="false" customHeight="false" outlineLevel="0" collapsed="false">'
        '<c r="A2" t="str"><v>A-1</v></c><c r="B2" s="0" t="n"><v>4.0</v></c>'
        '<c r="C2" t="inlineStr"><is><r><t xml:space="preserve">two </t></r><r><t>runs</t></r></is></c>'
        '<c r="D2" s="0"/><c r="AMJ2" s="0"/></row>'
        '<row r="3"><c r="A3" s="0"/></row><row r="900" spans="1:3"/>'
    )
    (_, _head), (number, row) = cells(with_sheet(rows))
    assert number == 2
    assert [(c.kind, c.text) for c in row[:4]] == [
        ("text", "A-1"),
        ("number", "4"),
        ("text", "two runs"),
        ("empty", ""),
    ]


def test_the_sheet_is_found_by_its_head_wherever_it_stands():
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["Notes of my own"])
    other = book.create_sheet("Renamed")
    for row in ((None,), HEAD, ("A-1", "Aix")):
        other.append(row)
    book.save(out)
    assert [(number, row[0].text) for number, row in cells(out.getvalue())] == [(2, "reference"), (3, "A-1")]
    assert "its first row names other columns" in book_refused(xlsx(("Notes",), HEAD))


def test_a_cell_far_away_takes_no_time():
    """Whoever reads a grid as large as the farthest cell says would be at it for hours."""
    wide = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(2, 2000))
    begun = time.process_time()  # a busy machine fails no test
    assert len(cells(with_sheet(TITLES + wide))) == 1
    assert "more than 20000 rows" in book_refused(
        with_sheet(TITLES + '<row r="1048576"><c r="A1048576"><v>1</v></c></row>')
    )
    assert time.process_time() - begun < 20


def test_a_million_rows_of_a_workbook_are_refused_at_once():
    rows = TITLES + "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(2, 1_000_002))
    content = with_sheet(rows)
    assert len(content) < tables.LARGEST, "the size is not to be what refuses it"
    begun = time.process_time()
    assert "more than 20000 rows: more than a workbook of sheets has" in book_refused(content)
    assert time.process_time() - begun < 3


def test_a_sheet_that_unpacks_without_end_is_refused():
    content = with_sheet(TITLES + " " * (tables.MOST_UNPACKED + 1))
    assert len(content) < tables.LARGEST
    assert "too large" in book_refused(content)
    assert "too large" in refused(content)
