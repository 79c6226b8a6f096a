"""Tables as CSV and XLSX; what people wrote stays text, a spreadsheet must never run it as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import IO

import xlsxwriter

NO_TIME = datetime(1980, 1, 1, tzinfo=UTC)
"""Written as the time of making: the clock in a file would tell two equal answers apart."""
MARK = "\ufeff"
"""How a CSV in UTF-8 begins, so that spreadsheets read it as that."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would calculate."""
LONGEST_CELL = 32_767
"""Characters that a cell holds."""

Cell = str | int | float | None
Row = Sequence[Cell]


def csv_line(cells: Row) -> str:
    """One row of a CSV with commas. An apostrophe stands before what looks like a formula: the sign that spreadsheets take as
    "text"."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([_plain(cell) for cell in cells])
    return out.getvalue()


def write(
    target: IO[bytes], title: str, head: Sequence[str], rows: Iterable[Row], *, large: bool = False, cut: str = ""
) -> None:
    """The table as a workbook of one sheet; numbers are numbers, everything else is text. The same table, the same bytes.
    `large`: each row goes to the disk as it comes; `cut`: what ends a text that no cell can hold whole."""
    memory = {"constant_memory": True} if large else {"in_memory": True}
    options = {**memory, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"created": NO_TIME})
        sheet = book.add_worksheet(title[:31])
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, 0, len(head) - 1)
        for column, name in enumerate(head):
            sheet.write_string(0, column, name, bold)
        for index, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, int | float):
                    sheet.write_number(index, column, cell)
                elif cell is not None:
                    sheet.write_string(index, column, _held(str(cell), cut))  # whatever it begins with


def _held(text: str, cut: str) -> str:
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - len(cut)] + cut


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    text = str(cell)
    return f"'{text}" if isinstance(cell, str) and text.startswith(FORMULA) else text
