"""Tables that somebody uploads, as CSV or XLSX: read as text, never calculated, and refused in words where they are no table."""

import csv
import io
import os
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, NoReturn

from rvc_portal.domain.errors import InvalidInput, Refusal
from rvc_portal.domain.vocabulary import N_

LARGEST = 8 * 1024 * 1024
"""Bytes of an upload; a table of MOST_ROWS has one."""
MOST_ROWS = 20_000
"""A thousand files with fifteen evaluators each, and some; what has more is another table."""
MOST_UNPACKED = 64 * 1024 * 1024
CHUNK = 64 * 1024
DELIMITERS = ",;\t"

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=\"([A-Z]+\d+:[A-Z]+\d+)\"")
_LONGEST_TAG = 200


@dataclass(frozen=True)
class Row:
    """`number`: in the file, from 1. `formula`: one of its cells would be calculated; what it says is not read."""

    number: int
    cells: tuple[str, ...]
    formula: bool = False


def read(content: IO[bytes], target: str = "file") -> list[Row]:
    """The rows of the first sheet that are not empty, the head among them. `content`: can be read from any place; `target`:
    the form's field. Raises InvalidInput for what is empty, too large, too long, damaged, or has merged cells."""
    size = content.seek(0, os.SEEK_END)
    content.seek(0)
    if not size:
        _refuse(target, N_("The file is empty."))
    if size > LARGEST:
        told = N_("The file has %(size)s MB; at most %(limit)s MB can be taken.")
        _refuse(target, told, size=-(-size // 1024**2), limit=LARGEST // 1024**2)
    beginning = content.read(4)
    content.seek(0)
    rows = _xlsx(content, target) if beginning == b"PK\x03\x04" else _csv(content.read(), target)
    found = [row for row in rows if any(row.cells)]
    if not found:
        _refuse(target, N_("The file is empty."))
    return found


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
                _too_long(target)
            yield _row(reader.line_num, cells)
    except csv.Error:
        _refuse(target, N_("Line %(line)s of the file cannot be read."), line=reader.line_num)


def _xlsx(content: IO[bytes], target: str) -> list[Row]:
    import openpyxl  # only here: it brings much along, NumPy too, and few requests read a workbook

    damaged = N_("This XLSX file is damaged and cannot be opened.")
    try:
        with zipfile.ZipFile(content) as archive:
            _scan(archive, target)
        book = openpyxl.load_workbook(content, read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its size is not believed
        return [_cells(number, cells) for number, cells in enumerate(sheet.iter_rows(), start=1)]
    except InvalidInput:
        raise
    except Exception:  # openpyxl lets through whatever a strange file makes its parsers raise
        _refuse(target, damaged)


def _scan(archive: zipfile.ZipFile, target: str) -> None:
    """Look through the sheets as they are packed, before anything is built of them: rows in a moment, however many."""
    sheets = [entry for entry in archive.infolist() if _SHEET.fullmatch(entry.filename)]
    merged: list[str] = []
    for entry in sheets:
        rows = 0
        with archive.open(entry) as part:
            for tail, piece in _pieces(part):
                rows += len(_ROW.findall(tail + piece)) - len(_ROW.findall(tail))
                if rows > MOST_ROWS + 1:
                    _too_long(target)
                merged += [m.decode() for m in _MERGED.findall(tail + piece) if m.decode() not in merged]
    if merged:
        told = N_(
            "Cells are merged (%(cells)s): a row would have no one meaning. Split them and upload the file again."
        )
        _refuse(target, told, cells=", ".join(merged[:5]))
    if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
        _refuse(target, N_("Unpacked, this file is too large for a table."))


def _pieces(part: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Each piece with the end of the one before: what stands across their border is found as well."""
    tail = b""
    while piece := part.read(CHUNK):
        yield tail, piece
        tail = (tail + piece)[-_LONGEST_TAG:]


def _cells(number: int, cells: Iterable[Any]) -> Row:
    found = list(cells)
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


def _too_long(target: str) -> NoReturn:
    _refuse(target, N_("The file has more than %(most)s rows: more than a call has assignments."), most=MOST_ROWS)


def _refuse(target: str, message: str, **params: object) -> NoReturn:
    raise InvalidInput({target: (Refusal(message, params, target=target),)})
