"""The workbook that an evaluator takes along: one row for each criterion of each file, what is to be filled in unlocked and
validated, everything else protected; and a sheet that says how. It comes back through `gateways.tables`."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import xlsxwriter

from rvc_portal.domain.scorebook import HEADS
from rvc_portal.domain.scoring import LONGEST_REASON, Given

WIDTHS = {
    "key": 12, "city": 24, "reference": 17, "criterion": 20, "guidance": 38, "weight": 9, "score": 8,
    "cannot_judge": 10, "reason": 64,
}  # fmt: skip
"""Widths of the columns, in characters of the sheet."""
OWN: Mapping[str, dict[str, object]] = {
    "city": {"bold": True},
    "guidance": {"font_color": "#5a6274", "font_size": 9},
    "weight": {"align": "right"},
    "score": {"align": "center", "bold": True},
    "cannot_judge": {"align": "center"},
}
"""How a column is set apart from the others."""
FILLED_IN = ("score", "cannot_judge", "reason")
INK, SOFT, LINE, HEAD, OPEN = "#1b2130", "#5a6274", "#c9ced8", "#e9ecf2", "#fffdf2"
ALLOWED = {"select_locked_cells": True, "select_unlocked_cells": True, "format_columns": True, "format_rows": True}


@dataclass(frozen=True)
class Row:
    """`key`: marks the row; `first`: of its file; the texts as printed."""

    key: str
    city: str
    reference: str
    criterion: str
    guidance: str
    weight: int
    given: Given
    first: bool


@dataclass(frozen=True)
class Words:
    """What the workbook says in its language. `guide`: (heading, text) of the sheet of instructions; the errors are shown
    where a cell takes nothing else: 255 characters at most."""

    sheet: str
    guide_sheet: str
    title: str
    subtitle: str
    guide: Sequence[tuple[str, str]]
    yes: str
    error_title: str
    score_error: str
    cannot_judge_error: str
    reason_error: str
    footer: str


def write(rows: Sequence[Row], words: Words, scale: tuple[int, int], language: str, made_at: datetime) -> bytes:
    """The workbook. The same rows, words and instant give the same bytes."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": words.title, "created": made_at.astimezone(UTC).replace(tzinfo=None)})
        _sheet(book, rows, words, scale, language)
        _guide(book, words)
    return out.getvalue()


def _sheet(book: xlsxwriter.Workbook, rows: Sequence[Row], words: Words, scale: tuple[int, int], language: str) -> None:
    sheet = book.add_worksheet(words.sheet)
    head = book.add_format({"bold": True, "bg_color": HEAD, "font_color": INK, "bottom": 2, "text_wrap": True,
                            "valign": "vcenter"})  # fmt: skip
    for column, (key, names) in enumerate(HEADS.items()):
        sheet.set_column(column, column, WIDTHS[key], None, {"hidden": key == "key"})
        sheet.write_string(0, column, names[language], head)
    formats = {first: _formats(book, first) for first in (True, False)}
    for number, row in enumerate(rows, start=1):
        _row(sheet, number, row, formats[row.first], words.yes)
    _validate(sheet, len(rows), words, scale)
    sheet.protect("", ALLOWED)
    sheet.freeze_panes(1, list(HEADS).index("guidance"))
    _print(sheet, words)
    sheet.repeat_rows(0)


def _row(sheet: xlsxwriter.worksheet.Worksheet, number: int, row: Row, formats: Mapping[str, object], yes: str) -> None:
    given = row.given
    texts = {
        "key": row.key, "city": row.city, "reference": row.reference, "criterion": row.criterion,
        "guidance": row.guidance, "cannot_judge": yes if given.cannot_judge else "", "reason": given.reason,
    }  # fmt: skip
    numbers = {"weight": row.weight, "score": given.value}
    for column, key in enumerate(HEADS):
        if numbers.get(key) is not None:
            sheet.write_number(number, column, numbers[key], formats[key])
        elif texts.get(key):
            sheet.write_string(number, column, texts[key], formats[key])
        else:
            sheet.write_blank(number, column, None, formats[key])


def _formats(book: xlsxwriter.Workbook, first: bool) -> dict[str, object]:
    """A format for each column; the first row of a file has a heavier line above."""
    plain = {"valign": "top", "text_wrap": True, "font_color": INK, "bottom": 1, "bottom_color": LINE,
             "top": 2 if first else 1, "top_color": SOFT if first else LINE}  # fmt: skip
    filled = {"locked": False, "bg_color": OPEN, "left": 1, "right": 1, "left_color": SOFT, "right_color": SOFT}
    return {
        key: book.add_format({**plain, **(filled if key in FILLED_IN else {}), **OWN.get(key, {})}) for key in HEADS
    }


def _validate(sheet: xlsxwriter.worksheet.Worksheet, count: int, words: Words, scale: tuple[int, int]) -> None:
    low, high = scale
    rules: Mapping[str, tuple[dict[str, object], str]] = {
        "score": ({"validate": "integer", "criteria": "between", "minimum": low, "maximum": high}, words.score_error),
        "cannot_judge": ({"validate": "list", "source": [words.yes]}, words.cannot_judge_error),
        "reason": ({"validate": "length", "criteria": "<=", "value": LONGEST_REASON}, words.reason_error),
    }
    for key, (rule, error) in rules.items():
        column = list(HEADS).index(key)
        sheet.data_validation(1, column, max(count, 1), column,
                              {**rule, "error_title": words.error_title, "error_message": error})  # fmt: skip


def _guide(book: xlsxwriter.Workbook, words: Words) -> None:
    sheet = book.add_worksheet(words.guide_sheet)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 80)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, words.title, book.add_format({"bold": True, "font_size": 16, "font_color": INK}))
    sheet.write_string(1, 0, words.subtitle, book.add_format({"font_color": SOFT}))
    term = book.add_format({"bold": True, "valign": "top", "text_wrap": True, "font_color": INK})
    text = book.add_format({"valign": "top", "text_wrap": True, "font_color": INK})
    for number, (heading, said) in enumerate(words.guide, start=3):
        sheet.write_string(number, 0, heading, term)
        sheet.write_string(number, 1, said, text)
    sheet.protect("", ALLOWED)
    _print(sheet, words)


def _print(sheet: xlsxwriter.worksheet.Worksheet, words: Words) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.set_footer(f"&L&8{words.footer.replace('&', '&&')[:200]}&R&8&P / &N")
