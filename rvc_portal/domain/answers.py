"""Answers: their shapes, how they arrive from an HTML form, what is wrong with them and what is missing.

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
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from rvc_portal.domain.figures import figure, kept
from rvc_portal.domain.form import FIGURES, ONE_SET, ROWS, Form, Part, Question, Section
from rvc_portal.domain.vocabulary import N_
from rvc_portal.domain.words import count_words

Value = Any
Answers = Mapping[str, Value]
Submitted = Mapping[str, Sequence[str]]
Path = tuple[str | int, ...]

YES, NO = "yes", "no"
# A row number beyond this is nobody's typing; without a bound one request could ask for a billion rows.
MOST_ROWS = 200


@dataclass(frozen=True)
class Problem:
    """What is wrong at one place: `path` leads to it (question key, row, part key), the message is an id."""

    path: Path
    message: str
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def question(self) -> str:
        return str(self.path[0])

    @property
    def name(self) -> str:
        """The name of the field in the HTML form."""
        return name_of(*self.path)

    def __str__(self) -> str:
        return f"{self.name}: {self.message % dict(self.params)}"


@dataclass(frozen=True)
class Total:
    """The sum under a column, in one currency where the table has a currency column ("" otherwise)."""

    part: str
    currency: str
    amount: Decimal


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


def is_answered(question: Question, value: object) -> bool:
    """Whether anything has been answered at all (not: whether all is right, see `problems` and `missing`)."""
    found = shaped(question, value)
    if question.type == "declaration":
        return found in (YES, NO)
    if isinstance(found, dict):
        return any(found.values())
    return bool(found.strip()) if isinstance(found, str) else bool(found)


def says_nothing(form: Form, question: Question, value: object) -> bool:
    """Whether the answer is the form's set phrase, in either language, where the question allows it."""
    if not question.allows_nothing or not form.nothing_relevant:
        return False
    found = shaped(question, value)
    if question.type == "repeat":
        said = {text.strip() for text in _texts(question, found) if text.strip()}
        return len(said) == 1 and said <= _set_phrases(form)
    return isinstance(found, str) and found.strip() in _set_phrases(form)


def problems(question: Question, value: object) -> tuple[Problem, ...]:
    """What is wrong with what has been answered; an empty answer is not wrong, but missing. Never raises."""
    found = shaped(question, value)
    path: Path = (question.key,)
    if question.type in ONE_SET:
        return (*_row_problems(question, found, path), *_too_long(question, found, path))
    if question.type in ROWS:
        return (*_count_problems(question, found), *_rows_problems(question, found))
    if question.type == "links":
        wrong = (Problem((*path, n), NOT_A_LINK) for n, link in enumerate(found) if not _is_link(link))
        return (*_count_problems(question, found), *wrong, *_repeated(question, found))
    if question.type == "declaration":
        return () if found in ("", YES, NO) else (Problem(path, N_("Choose yes or no.")),)
    return _plain_problems(_as_part(question), found, path)


def missing(form: Form, answers: Answers) -> tuple[Problem, ...]:
    """What a complete dossier still lacks, in the order of the form."""
    return tuple(
        lack for question in form.questions() for lack in lacking(form, question, answers.get(question.key))
    )


def check(form: Form, answers: Answers) -> tuple[Problem, ...]:
    """Everything between these answers and a complete, correct form: missing and wrong, question by question."""
    found: list[Problem] = []
    for question in form.questions():
        value = answers.get(question.key)
        found += lacking(form, question, value)
        if not says_nothing(form, question, value):
            found += problems(question, value)
    return tuple(found)


def lacking(form: Form, question: Question, value: object) -> tuple[Problem, ...]:
    """What this one answer lacks to be complete."""
    path: Path = (question.key,)
    if not question.required or says_nothing(form, question, value):
        return _optional_lacking(question, value)
    if not is_answered(question, value):
        return (Problem(path, _NOT_ANSWERED.get(question.type, N_("This question is not answered yet."))),)
    found = shaped(question, value)
    if question.type == "declaration":
        return () if found == YES else (Problem(path, N_("A candidacy needs this commitment.")),)
    if isinstance(found, list) and len(found) < (question.min_items or 0):
        given = {"minimum": question.min_items, "count": len(found)}
        return (Problem(path, N_("At least %(minimum)s entries are needed; there are %(count)s."), given),)
    return _optional_lacking(question, value)


def progress(form: Form, section: Section, answers: Answers) -> tuple[int, int]:
    """(complete, all) questions of a section: complete means nothing lacks and nothing is wrong."""
    done = sum(1 for question in section.questions if is_complete(form, question, answers.get(question.key)))
    return done, len(section.questions)


def is_complete(form: Form, question: Question, value: object) -> bool:
    """Whether nothing lacks and nothing is wrong; an optional question left empty is complete."""
    if says_nothing(form, question, value):
        return True
    return not lacking(form, question, value) and not problems(question, value)


def totals(question: Question, value: object) -> tuple[Total, ...]:
    """The sums under the columns that ask for one, in column order; what is no figure counts nothing."""
    if question.type != "table":
        return ()
    currency = next((part.key for part in question.parts if part.type == "currency"), None)
    sums: dict[tuple[str, str], Decimal] = {}
    for part in (part for part in question.parts if part.total):
        for row in shaped(question, value):
            amount = figure(row[part.key])
            if amount is not None:
                at = (part.key, row[currency] if currency else "")
                sums[at] = sums.get(at, Decimal(0)) + amount
    return tuple(Total(part, unit, amount) for (part, unit), amount in sums.items())


def word_count(question: Question, value: object) -> int:
    """Words in the answer, over all its texts."""
    return sum(count_words(text) for text in _texts(question, shaped(question, value)))


# -- arriving ----------------------------------------------------------------------------------------------------------


def _first(submitted: Submitted, name: str) -> str:
    values = submitted.get(name) or ("",)
    return values[0] if isinstance(values[0], str) else ""


def _line(submitted: Submitted, name: str) -> str:
    return " ".join(_first(submitted, name).split())


def _text(submitted: Submitted, name: str) -> str:
    # Browsers send CR LF; kept as LF, or the same text would have two hashes.
    return _first(submitted, name).replace("\r\n", "\n").replace("\r", "\n").strip()


def _indexes(question: Question, submitted: Submitted) -> list[int]:
    row = re.compile(re.escape(question.key) + r"\.(\d{1,6})(\.|$)", re.ASCII)
    found = {int(match[1]) for name in submitted if isinstance(name, str) and (match := row.match(name))}
    return sorted(found)[:MOST_ROWS]


def _row_from(question: Question, submitted: Submitted, prefix: str) -> dict[str, Value]:
    return {part.key: _part_from(part, submitted, name_of(prefix, part.key)) for part in question.parts}


def _part_from(part: Part, submitted: Submitted, name: str) -> Value:
    if part.type == "choices":
        picked = [value for value in submitted.get(name) or () if isinstance(value, str) and value]
        return list(dict.fromkeys(picked))
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


# -- judging -----------------------------------------------------------------------------------------------------------

NOT_A_LINK = N_("This is not a web address: it begins with https:// or http:// and names a site.")
_NOT_ANSWERED = {
    "declaration": N_("Say whether the city makes this commitment."),
    "signature": N_("The signature is not filled in yet."),
    "choice": N_("Nothing is chosen yet."),
}
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@[^\s@.]+(\.[^\s@.]+)+")
_PHONE = re.compile(r"\+?[0-9][0-9 ().\-/\u00a0\u202f]{4,28}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_LINK = re.compile(r"https?://[^\s/.?#@]+(\.[^\s/.?#@]+)+([/?#]\S*)?", re.IGNORECASE)
_YEAR = re.compile(r"[0-9]{4}")


def _is_link(text: str) -> bool:
    return len(text) <= 500 and _LINK.fullmatch(text) is not None


def _as_part(question: Question) -> Part:
    kind = "line" if question.is_single_line else question.type
    return Part(
        key=question.key,
        label=question.label,
        type=kind,
        word_limit=question.word_limit,
        char_limit=question.char_limit,
        minimum=question.minimum,
        maximum=question.maximum,
        choices=question.choices,
    )


def _plain_problems(part: Part, value: Value, path: Path) -> tuple[Problem, ...]:
    if not value:
        return ()
    if part.type == "choices":
        return () if set(value) <= {choice.key for choice in part.choices} else (Problem(path, _NOT_IN_LIST),)
    return (*_length_problems(part, value, path), *_kind_problems(part, value, path))


_NOT_IN_LIST = N_("This is not in the list.")
_NOT_THIS_KIND = {
    "email": (_EMAIL, N_("This is not an e-mail address.")),
    "phone": (_PHONE, N_("This is not a telephone number: digits, spaces and a leading + only.")),
    "currency": (_CURRENCY, N_("Give the currency by its three capital letters, such as EUR.")),
    "year": (_YEAR, N_("Give the year in four digits.")),
}


def _kind_problems(part: Part, value: str, path: Path) -> tuple[Problem, ...]:
    if part.type == "choice":
        return () if value in {choice.key for choice in part.choices} else (Problem(path, _NOT_IN_LIST),)
    if part.type == "date":
        return () if _is_date(value) else (Problem(path, N_("Give the date as year-month-day, such as 2015-07-15.")),)
    if part.type in _NOT_THIS_KIND:
        pattern, message = _NOT_THIS_KIND[part.type]
        if not pattern.fullmatch(value):
            return (Problem(path, message),)
    return _figure_problems(part, value, path) if part.type in (*FIGURES, "year") else ()


def _figure_problems(part: Part, value: str, path: Path) -> tuple[Problem, ...]:
    number = figure(value)
    if number is None:
        return (Problem(path, N_("This is not a number.")),)
    if part.type == "integer" and number != int(number):
        return (Problem(path, N_("Give a whole number.")),)
    least = 0 if part.minimum is None and part.type in ("percent", "money", "integer") else part.minimum
    most = 100 if part.maximum is None and part.type == "percent" else part.maximum
    if least is not None and number < least:
        return (Problem(path, N_("This must be %(minimum)s or more."), {"minimum": least}),)
    if most is not None and number > most:
        return (Problem(path, N_("This must be %(maximum)s or less."), {"maximum": most}),)
    return ()


def _length_problems(part: Part, text: str, path: Path) -> tuple[Problem, ...]:
    found = []
    if part.char_limit is not None and len(text) > part.char_limit:
        given = {"limit": part.char_limit, "count": len(text)}
        found.append(Problem(path, N_("Too long: %(count)s characters of %(limit)s allowed."), given))
    if part.word_limit is not None and (count := count_words(text)) > part.word_limit:
        found.append(Problem(path, TOO_MANY_WORDS, {"limit": part.word_limit, "count": count}))
    return tuple(found)


TOO_MANY_WORDS = N_("Too long: %(count)s words of %(limit)s allowed.")


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _too_long(question: Question, value: Value, path: Path) -> tuple[Problem, ...]:
    if question.word_limit is None:
        return ()
    count = sum(count_words(text) for text in _texts(question, value))
    if count <= question.word_limit:
        return ()
    return (Problem(path, TOO_MANY_WORDS, {"limit": question.word_limit, "count": count}),)


def _row_problems(question: Question, row: Mapping[str, Value], path: Path) -> tuple[Problem, ...]:
    return tuple(p for part in question.parts for p in _plain_problems(part, row[part.key], (*path, part.key)))


def _rows_problems(question: Question, rows: list[dict[str, Value]]) -> tuple[Problem, ...]:
    found: list[Problem] = []
    for index, row in enumerate(rows):
        path: Path = (question.key, index)
        found += _row_problems(question, row, path)
        found += _row_rule_problems(question, row, path)
        if question.type == "repeat":
            found += _too_long(question, row, path)
    if question.type == "table":
        found += _too_long(question, rows, (question.key,))
    return tuple(found)


def _row_rule_problems(question: Question, row: Mapping[str, Value], path: Path) -> Iterable[Problem]:
    for rule in question.row_rules:
        figures = [figure(row[key]) for key in rule.parts]
        numbers = [number for number in figures if number is not None]
        if len(numbers) < len(figures):
            continue
        place = (*path, rule.parts[-1])
        if rule.rule == "sum_is" and sum(numbers) != rule.value:
            given = {"value": rule.value, "sum": format(sum(numbers, Decimal(0)), "f")}
            yield Problem(place, N_("The shares of a row add up to %(value)s; here they make %(sum)s."), given)
        if rule.rule == "not_over" and any(a > b for a, b in zip(numbers, numbers[1:], strict=False)):
            yield Problem(place, N_("A part is larger than its whole: look at the figures of this row."))


def _count_problems(question: Question, rows: list[Value]) -> tuple[Problem, ...]:
    if question.max_items is None or len(rows) <= question.max_items:
        return ()
    given = {"maximum": question.max_items, "count": len(rows)}
    return (Problem((question.key,), N_("At most %(maximum)s entries; there are %(count)s."), given),)


def _repeated(question: Question, links: list[str]) -> Iterable[Problem]:
    for index, link in enumerate(links):
        if link in links[:index]:
            yield Problem((question.key, index), N_("This stands here already."))


def _optional_lacking(question: Question, value: object) -> tuple[Problem, ...]:
    """The required parts still empty in each set of parts that has been begun."""
    found = shaped(question, value)
    if question.type in ONE_SET:
        return _parts_lacking(question, found, (question.key,)) if any(found.values()) else ()
    if question.type in ROWS:
        return tuple(p for n, row in enumerate(found) for p in _parts_lacking(question, row, (question.key, n)))
    return ()


def _parts_lacking(question: Question, row: Mapping[str, Value], path: Path) -> tuple[Problem, ...]:
    empty = (part for part in question.parts if part.required and not row[part.key])
    return tuple(Problem((*path, part.key), N_("This is not filled in yet.")) for part in empty)


def _set_phrases(form: Form) -> set[str]:
    return {form.nothing_relevant.en, form.nothing_relevant.fr}


def _texts(question: Question, value: Value) -> Iterable[str]:
    """Every free text in a value of the question's shape: figures, choices, addresses and dates are no words."""
    if isinstance(value, str):
        yield value if question.type == "text" else ""
    elif isinstance(value, dict):
        yield from (value[part.key] for part in question.parts if part.type in ("line", "text"))
    elif question.type in ROWS:
        for row in value:
            yield from _texts(question, row)
