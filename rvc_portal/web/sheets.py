"""Tables to take away, as CSV and XLSX. What people wrote stays text: a spreadsheet must never run it as a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from rvc_portal.gateways import workbooks
from rvc_portal.gateways.workbooks import Cell, Row

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would calculate."""


def csv_text(head: Sequence[str], rows: Iterable[Row]) -> str:
    """The table as CSV with commas, in UTF-8 with the mark that spreadsheets look for."""
    return "".join(csv_lines(head, rows))


def csv_lines(head: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """The same line by line, as the rows come."""
    yield "\ufeff" + _line(head)
    yield from map(_line, rows)


def xlsx_bytes(title: str, head: Sequence[str], rows: Iterable[Row]) -> bytes:
    """The table as a workbook of one sheet."""
    out = io.BytesIO()
    workbooks.write(out, title, head, rows)
    return out.getvalue()


def _line(cells: Row) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([_text(cell) for cell in cells])
    return out.getvalue()


def _text(cell: Cell) -> str:
    """A cell as text. An apostrophe before what looks like a formula: the sign that spreadsheets take as "text"."""
    if cell is None:
        return ""
    text = str(cell)
    return f"'{text}" if isinstance(cell, str) and text.startswith(FORMULA) else text
