"""Tables to take away, as CSV and XLSX. What people wrote stays text: a spreadsheet must never run it as a formula."""

import io
from collections.abc import Iterable, Iterator, Sequence

from rvc_portal.gateways import tablefiles
from rvc_portal.gateways.tablefiles import MARK, Row, csv_line

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_text(head: Sequence[str], rows: Iterable[Row]) -> str:
    """The table as CSV with commas, in UTF-8 with the mark that spreadsheets look for."""
    return "".join(csv_lines(head, rows))


def csv_lines(head: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """The same line by line, as the rows come."""
    yield MARK + csv_line(head)
    yield from map(csv_line, rows)


def xlsx_bytes(title: str, head: Sequence[str], rows: Iterable[Row]) -> bytes:
    """The table as a workbook of one sheet."""
    out = io.BytesIO()
    tablefiles.write(out, title, head, rows)
    return out.getvalue()
