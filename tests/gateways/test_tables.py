"""Tables that somebody uploads: read as text, and refused in words for everything that is no table."""

import io
import time
import zipfile

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
    begun = time.perf_counter()
    assert "more than 20000 rows" in refused(content)
    assert time.perf_counter() - begun < 1
    assert "more than 20000 rows" in refused(b"a,b\n" * 1_000_000)


def test_as_many_rows_as_there_may_be_are_read():
    assert len(read(b"a,b\n" * (tables.MOST_ROWS + 1))) == tables.MOST_ROWS + 1
    assert len(read(xlsx(*[HEAD] * (tables.MOST_ROWS + 1)))) == tables.MOST_ROWS + 1
    assert "more than" in refused(xlsx(*[HEAD] * (tables.MOST_ROWS + 2)))
