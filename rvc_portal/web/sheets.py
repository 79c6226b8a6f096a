"""Tables to take away, as CSV and XLSX. What people wrote stays text: a spreadsheet must never run it as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import xlsxwriter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would calculate."""

NO_TIME = datetime(1980, 1, 1, tzinfo=UTC)
"""Written as the time of making: the clock in a file would tell two equal answers apart."""

Cell = str | int | float | None
Row = Sequence[Cell]


def csv_text(head: Sequence[str], rows: Iterable[Row]) -> str:
    """The table as CSV with commas, in UTF-8 with the mark that spreadsheets look for."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_text(cell) for cell in head])
    writer.writerows([[_text(cell) for cell in row] for row in rows])
    return "\ufeff" + out.getvalue()


def xlsx_bytes(title: str, head: Sequence[str], rows: Iterable[Row]) -> bytes:
    """The table as a workbook of one sheet; numbers are numbers, everything else is text. The same table, the same bytes."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": NO_TIME})
        sheet = book.add_worksheet(title[:31])
        bold = book.add_format({"bold": True})
        for column, name in enumerate(head):
            sheet.write_string(0, column, name, bold)
        for index, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, int | float):
                    sheet.write_number(index, column, cell)
                elif cell is not None:
                    sheet.write_string(index, column, str(cell))  # whatever it begins with
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, 0, len(head) - 1)
    return out.getvalue()


def _text(cell: Cell) -> str:
    """A cell as text. An apostrophe before what looks like a formula: the sign that spreadsheets take as "text"."""
    if cell is None:
        return ""
    text = str(cell)
    return f"'{text}" if isinstance(cell, str) and text.startswith(FORMULA) else text
