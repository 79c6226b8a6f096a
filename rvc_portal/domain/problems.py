"""What is wrong with an answer that has been given. An empty one is never wrong here: see answers for what lacks."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise

from rvc_portal.domain.definition import LANGUAGES
from rvc_portal.domain.figures import figure
from rvc_portal.domain.form import FIGURES, ONE_SET, ROWS, Part, Question, TableRule
from rvc_portal.domain.values import NO, YES, Value, name_of, shaped, texts_of
from rvc_portal.domain.vocabulary import N_
from rvc_portal.domain.words import count_words

Path = tuple[str | int, ...]


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


def problems(question: Question, value: object) -> tuple[Problem, ...]:
    """What is wrong with what has been answered; an empty answer is not wrong, but missing. Never raises."""
    found = shaped(question, value)
    path: Path = (question.key,)
    if question.type in ONE_SET:
        return (*_row_problems(question, found, path), *_too_long(question, found, path))
    if question.type in ROWS:
        return (*_count_problems(question, found), *_rows_problems(question, found))
    if question.type == "links":
        wrong = (Problem((*path, n), NOT_A_LINK) for n, link in enumerate(found) if not is_link(link))
        return (*_count_problems(question, found), *wrong, *_repeated(question, found))
    if question.type == "declaration":
        return () if found in ("", YES, NO) else (Problem(path, N_("Choose yes or no.")),)
    return _plain_problems(_as_part(question), found, path)


NOT_A_LINK = N_("This is not a web address: it begins with https:// or http:// and names a site.")
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@[^\s@.]+(\.[^\s@.]+)+")
_PHONE = re.compile(r"\+?[0-9][0-9 ().\-/\u00a0\u202f]{4,28}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_LINK = re.compile(r"https?://[^\s/.?#@]+(\.[^\s/.?#@]+)+([/?#]\S*)?", re.IGNORECASE)
_YEAR = re.compile(r"[0-9]{4}")


def is_link(text: str) -> bool:
    """Whether this is an address of the web."""
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
    count = sum(count_words(text) for text in texts_of(question, value))
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
    for rule in question.table_rules:
        found += _TABLE_RULES[rule.rule](question, rule, rows)
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
        if rule.rule == "not_over" and any(a > b for a, b in pairwise(numbers)):
            yield Problem(place, N_("A part is larger than its whole: look at the figures of this row."))


def _group_sum_problems(question: Question, rule: TableRule, rows: list[dict[str, Value]]) -> Iterable[Problem]:
    """Told at the last amount of a group; a group with an amount or a total that is empty or no figure is told as
    lacking or wrong already, and not added up."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for index, row in enumerate(rows):
        if all(row[key] for key in rule.by):
            groups.setdefault(tuple(row[key] for key in rule.by), []).append(index)
    for indexes in groups.values():
        amounts = [figure(rows[index][rule.sum]) for index in indexes]
        wholes = [figure(rows[index][rule.equals]) for index in indexes]
        if None in amounts or None in wholes:
            continue
        group: dict[str, object] = {"group": _shown(question, rule.by, rows[indexes[0]])}
        other = next((i for i, whole in zip(indexes, wholes, strict=True) if whole != wholes[0]), None)
        if other is not None:
            given = group | {"row": other + 1, "first": indexes[0] + 1}
            yield Problem((question.key, other, rule.equals), _TWO_TOTALS, given)
            continue
        amount = sum((a for a in amounts if a is not None), Decimal(0))
        if amount != wholes[0]:
            given = group | {"sum": amount, "total": wholes[0]}
            yield Problem((question.key, indexes[-1], rule.sum), _OTHER_SUM, given)


_TWO_TOTALS = N_("%(group)s: the total here, in row %(row)s, is not the one of row %(first)s.")
_OTHER_SUM = N_("%(group)s: the amounts make %(sum)s, but the total is %(total)s.")


def _unique_problems(question: Question, rule: TableRule, rows: list[dict[str, Value]]) -> Iterable[Problem]:
    seen: dict[tuple[str, ...], int] = {}
    for index, row in enumerate(rows):
        alike = tuple(" ".join(str(row[key]).casefold().split()) for key in rule.parts)
        if not all(alike):
            continue
        if alike in seen:
            given = {"row": seen[alike] + 1, "group": _shown(question, rule.parts, row)}
            yield Problem((question.key, index, rule.parts[-1]), N_("%(group)s stands in row %(row)s already."), given)
        seen.setdefault(alike, index)


def _order_problems(question: Question, rule: TableRule, rows: list[dict[str, Value]]) -> Iterable[Problem]:
    for key in rule.parts:
        highest: Decimal | None = None
        for index, row in enumerate(rows):
            number = figure(row[key])
            if number is None:
                continue
            if highest is not None and number < highest:
                yield Problem((question.key, index, key), N_("The rows go upwards: this one belongs further up."))
            highest = number if highest is None else max(highest, number)


def _shown(question: Question, keys: Iterable[str], row: Mapping[str, Value]) -> dict[str, str]:
    """Some cells of a row as they are read, in each language: what is chosen by its label."""
    parts = [(question.part(key), row[key]) for key in keys]
    found = {}
    for language in LANGUAGES:
        labels = [{c.key: c.label.of(language) for c in part.choices}.get(value, str(value)) for part, value in parts]
        found[language] = ", ".join(labels)
    return found


_TABLE_RULES = {"group_sum": _group_sum_problems, "unique": _unique_problems, "in_order": _order_problems}


def _count_problems(question: Question, rows: list[Value]) -> tuple[Problem, ...]:
    if question.max_items is None or len(rows) <= question.max_items:
        return ()
    given = {"maximum": question.max_items, "count": len(rows)}
    return (Problem((question.key,), N_("At most %(maximum)s entries; there are %(count)s."), given),)


def _repeated(question: Question, links: list[str]) -> Iterable[Problem]:
    for index, link in enumerate(links):
        if link in links[:index]:
            yield Problem((question.key, index), N_("This stands here already."))
