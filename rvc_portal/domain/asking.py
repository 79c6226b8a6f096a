"""What a call asks, in plain words for who has not begun yet: message ids with their parameters.

The page of a call and its printed form say the same, since both are worded here. A parameter that the call itself wrote
(the name of a column, say) stands in every working language: {"en": …, "fr": …}.
"""

from collections.abc import Iterable, Iterator, Mapping

from rvc_portal.domain.definition import LANGUAGES
from rvc_portal.domain.form import Part, Question, RowRule, TableRule
from rvc_portal.domain.vocabulary import N_

Said = tuple[str, Mapping[str, object]]

TYPES = {
    "text": N_("Text"),
    "number": N_("Number"),
    "choice": N_("One choice"),
    "group": N_("Several fields"),
    "table": N_("Table"),
    "repeat": N_("Blocks, as many as needed"),
    "links": N_("Web addresses"),
    "declaration": N_("Declaration"),
    "signature": N_("Signature"),
}
"""What kind of answer a question wants."""

PART_TYPES = {
    "line": N_("one line"),
    "text": N_("text"),
    "integer": N_("whole number"),
    "number": N_("number"),
    "percent": N_("percentage"),
    "money": N_("amount"),
    "year": N_("year"),
    "currency": N_("currency (ISO code)"),
    "choice": N_("one choice"),
    "choices": N_("several choices"),
    "email": N_("e-mail address"),
    "phone": N_("telephone number"),
    "date": N_("date (year-month-day)"),
}
"""What kind of entry a part of a question wants."""


def limits(question: Question) -> Iterator[Said]:
    """The kind of answer that the question wants, and all that bounds it."""
    yield TYPES[question.type], {}
    if not question.required:
        yield N_("optional"), {}
    yield from _bounds(question)
    if question.type == "repeat" and question.word_limit:
        yield N_("counted for each block"), {}
    if question.min_items:
        yield N_("entries: at least %(least)s"), {"least": question.min_items}
    if question.max_items:
        yield N_("entries: at most %(most)s"), {"most": question.max_items}
    if question.allows_nothing:
        yield N_("“Nothing to report” is an answer"), {}


def part_limits(part: Part) -> Iterator[Said]:
    """The same of one part of a question."""
    yield PART_TYPES[part.type], {}
    if not part.required:
        yield N_("optional"), {}
    yield from _bounds(part)
    if part.total:
        yield N_("added up"), {}


def rules(question: Question) -> Iterator[Said]:
    """The rules on the rows of a table, each a sentence."""
    for row in question.row_rules:
        yield _row_rule(question, row)
    for rule in question.table_rules:
        yield _table_rule(question, rule)


def _bounds(it: Question | Part) -> Iterator[Said]:
    if it.word_limit:
        yield N_("words: at most %(most)s"), {"most": it.word_limit}
    if it.char_limit:
        yield N_("characters: at most %(most)s"), {"most": it.char_limit}
    if it.minimum is not None and it.maximum is not None:
        yield N_("from %(least)s to %(most)s"), {"least": it.minimum, "most": it.maximum}
    elif it.minimum is not None:
        yield N_("not under %(least)s"), {"least": it.minimum}
    elif it.maximum is not None:
        yield N_("not over %(most)s"), {"most": it.maximum}


def _row_rule(question: Question, rule: RowRule) -> Said:
    parts = _names(question, rule.parts)
    if rule.rule == "sum_is":
        return N_("In each row these add up to %(value)s: %(parts)s."), {"value": rule.value, "parts": parts}
    return N_("In each row none of these is over the next: %(parts)s."), {"parts": parts}


def _table_rule(question: Question, rule: TableRule) -> Said:
    if rule.rule == "group_sum":
        about = {"by": _names(question, rule.by), "sum": _names(question, (rule.sum,)),
                 "equals": _names(question, (rule.equals,))}  # fmt: skip
        return N_("Over the rows alike in “%(by)s”, “%(sum)s” adds up to “%(equals)s”."), about
    parts = {"parts": _names(question, rule.parts)}
    if rule.rule == "unique":
        return N_("No two rows are alike in: %(parts)s."), parts
    return N_("From one row to the next these never fall: %(parts)s."), parts


def _names(question: Question, keys: Iterable[str]) -> Mapping[str, str]:
    labels = [question.part(key).label for key in keys]
    return {language: ", ".join(label.of(language) for label in labels) for language in LANGUAGES}
