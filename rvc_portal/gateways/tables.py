"""Tables that somebody uploads, as CSV or XLSX: read as text, never calculated, and refused in words where they are no table.

`read` takes a plain table in either format; `cells` a workbook of ours that comes back, with what each of its cells is.
"""

import csv
import io
import os
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import IO, Any, NoReturn

from rvc_portal.domain.errors import InvalidInput, Refusal
from rvc_portal.domain.scorebook import Cell
from rvc_portal.domain.vocabulary import N_

LARGEST = 8 * 1024 * 1024
"""Bytes of an upload; a table of MOST_ROWS has one."""
MOST_ROWS = 20_000
"""A thousand files with fifteen evaluators each, and some; what has more is another table."""
MOST_COLUMNS = 64
"""A cell far to the right would be as many empty ones before it, in every row."""
MOST_UNPACKED = 64 * 1024 * 1024
CHUNK = 64 * 1024
DELIMITERS = ",;\t"

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=\"([A-Z]+\d+:[A-Z]+\d+)\"")
_LONGEST_TAG = 200
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_MACROS = re.compile(r"xl/(vbaProject\.bin|macrosheets/.*)")

DAMAGED = N_("This XLSX file is damaged and cannot be opened.")
TOO_LARGE = N_("Unpacked, this file is too large for a table.")
TOO_LONG = N_("The file has more than %(most)s rows: more than a call has assignments.")


@dataclass(frozen=True)
class Row:
    """`number`: in the file, from 1. `formula`: one of its cells would be calculated; what it says is not read."""

    number: int
    cells: tuple[str, ...]
    formula: bool = False


def read(content: IO[bytes], target: str = "file") -> list[Row]:
    """The rows of the first sheet that are not empty, the head among them. `content`: can be read from any place; `target`:
    the form's field. Raises InvalidInput for what is empty, too large, too long, damaged, or has merged cells."""
    rows = _xlsx(content, target) if _beginning(content, target) == _ZIP else _csv(content.read(), target)
    found = [row for row in rows if any(row.cells)]
    if not found:
        _refuse(target, N_("The file is empty."))
    return found


def cells(
    content: IO[bytes], is_head: Callable[[Iterable[str]], bool], target: str = "file"
) -> list[tuple[int, list[Cell]]]:
    """The rows that are not empty, with their numbers, of the first sheet that begins with a head; the head is the first of
    them. `content`: can be read from any place. Raises InvalidInput for what is no XLSX file, empty, too large, too long,
    damaged, protected by a password, with macros or merged cells, and where no sheet has the head."""
    beginning = _beginning(content, target)
    if beginning == _OLE:
        _refuse(
            target, N_("This file is protected by a password, or of an old format. Save it as XLSX without a password.")
        )
    if beginning != _ZIP:
        _refuse(
            target, N_("This is no XLSX file, whatever its name says. Save the workbook as XLSX and upload it again.")
        )
    too_long = N_("The file has more than %(most)s rows: more than a workbook of sheets has.")
    found = None
    with _opened(content, target, too_long) as book:
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            rows = _said(sheet, target, too_long)
            head = next(rows, None)
            if head is not None and is_head(cell.text for cell in head[1]):
                found = [head, *rows]
                break
    return found or _refuse(
        target, N_("No sheet of this file is one of the portal: its first row names other columns.")
    )


def _beginning(content: IO[bytes], target: str) -> bytes:
    """The first bytes of a file that is neither empty nor too large."""
    size = content.seek(0, os.SEEK_END)
    content.seek(0)
    if not size:
        _refuse(target, N_("The file is empty."))
    if size > LARGEST:
        told = N_("The file has %(size)s MB; at most %(limit)s MB can be taken.")
        _refuse(target, told, size=-(-size // 1024**2), limit=LARGEST // 1024**2)
    beginning = content.read(4)
    content.seek(0)
    return beginning


def _csv(content: bytes, target: str) -> Iterator[Row]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse(
            target, N_("This is no CSV file in UTF-8 and no XLSX file. Save it as “CSV UTF-8” and upload it again.")
        )
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=head.count))
    try:
        for cells in reader:
            if reader.line_num > MOST_ROWS + 1:
                _too_long(target, TOO_LONG)
            yield _row(reader.line_num, cells)
    except csv.Error:
        _refuse(target, N_("Line %(line)s of the file cannot be read."), line=reader.line_num)


def _xlsx(content: IO[bytes], target: str) -> list[Row]:
    with _opened(content, target, TOO_LONG) as book:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its size is not believed
        return [_cells(number, cells) for number, cells in enumerate(_rows(sheet, target, TOO_LONG), start=1)]


@contextmanager
def _opened(content: IO[bytes], target: str, too_long: str) -> Iterator[Any]:
    """The workbook, once it was looked through; whatever goes wrong with it inside is a refusal."""
    import openpyxl  # only here: it brings much along, NumPy too, and few requests read a workbook

    try:
        with zipfile.ZipFile(content) as archive:
            if any(_MACROS.fullmatch(name) for name in archive.namelist()):
                _refuse(target, N_("This file holds macros. Save it as XLSX, without macros, and upload it again."))
            _scan(archive, target, too_long)
        yield openpyxl.load_workbook(content, read_only=True, data_only=False, keep_links=False)
    except InvalidInput:
        raise
    except Exception:  # openpyxl lets through whatever a strange file makes its parsers raise
        _refuse(target, DAMAGED)


def _rows(sheet: Any, target: str, too_long: str) -> Iterator[Sequence[Any]]:
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
        if number > MOST_ROWS + 1:  # a row far below comes with all the empty ones before it
            _too_long(target, too_long)
        yield row


def _said(sheet: Any, target: str, too_long: str) -> Iterator[tuple[int, list[Cell]]]:
    """The rows that say anything, each with its number."""
    for number, row in enumerate(_rows(sheet, target, too_long), start=1):
        found = [_cell(number, column, cell) for column, cell in enumerate(row)]
        if any(cell.kind != "empty" for cell in found):
            yield number, found


def _cell(number: int, column: int, cell: Any) -> Cell:
    address, value = f"{_letters(column)}{number}", cell.value
    if value is None or value == "":
        return Cell(address, "empty", "")
    if cell.data_type == "f":
        return Cell(address, "formula", "")
    if isinstance(value, bool) or cell.data_type == "e":
        return Cell(address, "other", str(value))
    if isinstance(value, date | time | timedelta):
        return Cell(address, "date", str(value))
    return Cell(address, "text" if isinstance(value, str) else "number", _text(value))


def _letters(column: int) -> str:
    """A column, from 0, as a spreadsheet names it; MOST_COLUMNS are fewer than have three letters."""
    first, last = divmod(column, 26)
    return (chr(64 + first) if first else "") + chr(65 + last)


def _scan(archive: zipfile.ZipFile, target: str, too_long: str) -> None:
    """Look through the sheets as they are packed, before anything is built of them: rows in a moment, however many."""
    sheets = [entry for entry in archive.infolist() if _SHEET.fullmatch(entry.filename)]
    merged: list[str] = []
    for entry in sheets:
        rows = seen = 0
        with archive.open(entry) as part:
            for tail, piece in _pieces(part):
                seen += len(piece)
                if seen > MOST_UNPACKED:
                    _refuse(target, TOO_LARGE)
                rows += len(_ROW.findall(tail + piece)) - len(_ROW.findall(tail))
                if rows > MOST_ROWS + 1:
                    _too_long(target, too_long)
                merged += [m.decode() for m in _MERGED.findall(tail + piece) if m.decode() not in merged]
    if merged:
        told = N_(
            "Cells are merged (%(cells)s): a row would have no one meaning. Split them and upload the file again."
        )
        _refuse(target, told, cells=", ".join(merged[:5]))
    if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
        _refuse(target, TOO_LARGE)


def _pieces(part: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Each piece with the end of the one before: what stands across their border is found as well."""
    tail = b""
    while piece := part.read(CHUNK):
        yield tail, piece
        tail = (tail + piece)[-_LONGEST_TAG:]


def _cells(number: int, cells: Iterable[Any]) -> Row:
    found = list(cells)
    while found and found[-1].value is None:  # rows come filled up to MOST_COLUMNS
        found.pop()
    formula = any(cell.data_type == "f" for cell in found)
    return _row(number, ["=" if cell.data_type == "f" else _text(cell.value) for cell in found], formula)


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _row(number: int, cells: Sequence[str], formula: bool = False) -> Row:
    """An apostrophe before a sign is how a table of ours marks text (`web.sheets`); it is no part of it."""
    told = tuple(" ".join(c.split()) for c in cells)
    plain = tuple(c[1:] if c[:1] == "'" and c[1:2] in ("=", "+", "-", "@") else c for c in told)
    return Row(number, plain, formula or any(c.startswith("=") for c in told))


def _too_long(target: str, told: str) -> NoReturn:
    _refuse(target, told, most=MOST_ROWS)


def _refuse(target: str, message: str, **params: object) -> NoReturn:
    raise InvalidInput({target: (Refusal(message, params, target=target),)})
