"""The values of answers: their shapes, and how they go into an HTML form and come back.

Shapes of a value, by the question's type; all are JSON-able, and everything typed is kept, right or wrong:

    text          str
    number        str: "1250.5" where it is a figure, else as typed
    choice        str: the key chosen, "" for none
    declaration   "yes", "no" or "" while undecided
    links         list of str
    group         dict, one entry per part
    signature     dict, one entry per part
    table         list of dicts, one per row
    repeat        list of dicts, one per item

A part's value is a str, but for type "choices": a list of str. Names in an HTML form: `key` alone, `key.part` in a group
or signature, `key.0` in links, `key.0.part` in tables and repeated blocks.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rvc_portal.domain.figures import kept
from rvc_portal.domain.form import FIGURES, ONE_SET, ROWS, Part, Question

Value = Any
Submitted = Mapping[str, Sequence[str]]

YES, NO = "yes", "no"
# A row number beyond this is nobody's typing; without a bound one request could ask for a billion rows.
MOST_ROWS = 200


def name_of(*path: str | int) -> str:
    """The name of a form field: name_of("budget", 0, "year") is "budget.0.year"."""
    return ".".join(str(step) for step in path)


def blank(question: Question) -> Value:
    """The value of a question that nobody has touched."""
    if question.type in ONE_SET:
        return blank_row(question)
    return [] if question.type in (*ROWS, "links") else ""


def blank_row(question: Question) -> dict[str, Value]:
    """One empty set of the question's parts."""
    return {part.key: [] if part.type == "choices" else "" for part in question.parts}


def from_form(question: Question, submitted: Submitted) -> Value:
    """The value that an HTML form carries for this question; rows left quite empty are dropped.

    `submitted` maps names to lists of values. Never raises: what is absent is blank, what is odd is kept.
    """
    if question.type in ONE_SET:
        return _row_from(question, submitted, question.key)
    if question.type in ROWS:
        rows = [_row_from(question, submitted, name_of(question.key, index)) for index in _indexes(question, submitted)]
        return [row for row in rows if any(row.values())]
    if question.type == "links":
        links = [_line(submitted, name_of(question.key, index)) for index in _indexes(question, submitted)]
        return [link for link in links if link]
    if question.type == "text" and not question.is_single_line:
        return _text(submitted, question.key)
    line = _line(submitted, question.key)
    return kept(line) if question.type == "number" else line


def to_form(question: Question, value: Value) -> dict[str, list[str]]:
    """The names and values with which an HTML form shows this value: what `from_form` reads back."""
    value = shaped(question, value)
    if question.type in ONE_SET:
        return _row_to(value, question.key)
    if question.type in ROWS:
        pairs = (_row_to(row, name_of(question.key, index)) for index, row in enumerate(value))
        return {name: texts for row in pairs for name, texts in row.items()}
    if question.type == "links":
        return {name_of(question.key, index): [link] for index, link in enumerate(value)}
    return {question.key: [value]}


def shaped(question: Question, value: object) -> Value:
    """Any stored value forced into the question's shape, so that templates and rules meet no surprise."""
    if question.type in ONE_SET:
        return _shaped_row(question, value)
    if question.type in ROWS:
        return [_shaped_row(question, row) for row in value] if isinstance(value, list) else []
    if question.type == "links":
        return [link for link in value if isinstance(link, str)] if isinstance(value, list) else []
    return value if isinstance(value, str) else ""


def texts_of(question: Question, value: Value) -> Iterable[str]:
    """Every free text in a value of the question's shape: figures, choices, addresses and dates are no words."""
    if isinstance(value, str):
        yield value if question.type == "text" else ""
    elif isinstance(value, dict):
        yield from (value[part.key] for part in question.parts if part.type in ("line", "text"))
    elif question.type in ROWS:
        for row in value:
            yield from texts_of(question, row)


def is_answered(question: Question, value: object) -> bool:
    """Whether anything has been answered at all (not: whether all is right, see `problems` and `answers.missing`)."""
    found = shaped(question, value)
    if question.type == "declaration":
        return found in (YES, NO)
    if isinstance(found, dict):
        return any(found.values())
    return bool(found.strip()) if isinstance(found, str) else bool(found)


def cleaned(text: str) -> str:
    """What can be kept of a text that somebody typed or pasted: all but what no database, JSON or PDF can carry.

    Line breaks of every kind (those of Word and of old printers too) become LF; the hyphens that Word keeps as control
    characters become Unicode's; what is no character, such as half of a surrogate pair, becomes U+FFFD, so that it is
    seen; other control characters, which nobody sees, are dropped. Marks of direction, joiners and emoji stay.
    """
    text = _BREAKS.sub("\n", text).replace("\x1e", "\u2011").replace("\x1f", "\u00ad")
    return _CONTROLS.sub("", _NO_CHARACTER.sub("\ufffd", text))


_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_NO_CHARACTER = re.compile("[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def _first(submitted: Submitted, name: str) -> str:
    values = submitted.get(name) or ("",)
    return cleaned(values[0]) if isinstance(values[0], str) else ""


def _line(submitted: Submitted, name: str) -> str:
    return " ".join(_first(submitted, name).split())


def _text(submitted: Submitted, name: str) -> str:
    return _first(submitted, name).strip()


def _indexes(question: Question, submitted: Submitted) -> list[int]:
    row = re.compile(re.escape(question.key) + r"\.(\d{1,6})(\.|$)", re.ASCII)
    found = {int(match[1]) for name in submitted if isinstance(name, str) and (match := row.match(name))}
    return sorted(found)[:MOST_ROWS]


def _row_from(question: Question, submitted: Submitted, prefix: str) -> dict[str, Value]:
    return {part.key: _part_from(part, submitted, name_of(prefix, part.key)) for part in question.parts}


def _part_from(part: Part, submitted: Submitted, name: str) -> Value:
    if part.type == "choices":
        picked = (cleaned(value) for value in submitted.get(name) or () if isinstance(value, str))
        return list(dict.fromkeys(value for value in picked if value))
    if part.type == "text":
        return _text(submitted, name)
    line = _line(submitted, name)
    return kept(line) if part.type in FIGURES else line


def _row_to(row: Mapping[str, Value], prefix: str) -> dict[str, list[str]]:
    return {name_of(prefix, key): list(value) if isinstance(value, list) else [value] for key, value in row.items()}


def _shaped_row(question: Question, row: object) -> dict[str, Value]:
    given = row if isinstance(row, Mapping) else {}
    return {part.key: _shaped_part(part, given.get(part.key)) for part in question.parts}


def _shaped_part(part: Part, value: object) -> Value:
    if part.type == "choices":
        return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
    return value if isinstance(value, str) else ""
