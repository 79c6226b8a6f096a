"""The answers of a dossier against its form: what is answered, what lacks, what is wrong, how far along it is.

The values themselves are described in `values`, what can be wrong with one in `problems`, which questions are asked in
`conditions`; all are offered here too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from rvc_portal.domain.conditions import Answers, asked, is_asked, stated
from rvc_portal.domain.figures import figure
from rvc_portal.domain.form import ONE_SET, ROWS, Form, Question, Section
from rvc_portal.domain.problems import Path, Problem, problems
from rvc_portal.domain.values import (
    NO,
    YES,
    Value,
    blank,
    blank_row,
    from_form,
    is_answered,
    name_of,
    shaped,
    texts_of,
    to_form,
)
from rvc_portal.domain.vocabulary import N_
from rvc_portal.domain.words import count_words

__all__ = [
    "NO",
    "YES",
    "Answers",
    "GroupTotal",
    "Problem",
    "Total",
    "Value",
    "asked",
    "blank",
    "blank_row",
    "check",
    "from_form",
    "group_totals",
    "is_answered",
    "is_asked",
    "is_complete",
    "lacking",
    "missing",
    "name_of",
    "nothing",
    "problems",
    "progress",
    "says_nothing",
    "shaped",
    "stated",
    "to_form",
    "totals",
    "word_count",
]


@dataclass(frozen=True)
class GroupTotal:
    """The sum of the column `part` over the rows that say `value` in the column `by`, in one currency as in Total."""

    by: str
    value: str
    part: str
    currency: str
    amount: Decimal


@dataclass(frozen=True)
class Total:
    """The sum under a column, in one currency where the table has a currency column ("" otherwise)."""

    part: str
    currency: str
    amount: Decimal


def says_nothing(form: Form, question: Question, value: object) -> bool:
    """Whether the answer is the form's set phrase, in either language, where the question allows it."""
    if not question.allows_nothing or not form.nothing_relevant:
        return False
    found = shaped(question, value)
    if question.type == "repeat":
        said = {text.strip() for text in texts_of(question, found) if text.strip()}
        return len(said) == 1 and said <= _set_phrases(form)
    return isinstance(found, str) and found.strip() in _set_phrases(form)


def nothing(form: Form, question: Question, language: str) -> Value:
    """The form's set phrase in this language as the answer to a question that allows it."""
    phrase = form.nothing_relevant.of(language)
    if question.type != "repeat":
        return phrase
    first = next(part.key for part in question.parts if part.type in ("line", "text"))
    return [{**blank_row(question), first: phrase}]


def missing(form: Form, answers: Answers) -> tuple[Problem, ...]:
    """What a complete dossier still lacks, in the order of the form."""
    return tuple(
        lack for question in asked(form, answers) for lack in lacking(form, question, answers.get(question.key))
    )


def check(form: Form, answers: Answers) -> tuple[Problem, ...]:
    """Everything between these answers and a complete, correct form: missing and wrong, question by question."""
    found: list[Problem] = []
    for question in asked(form, answers):
        value = answers.get(question.key)
        found += lacking(form, question, value)
        if not says_nothing(form, question, value):
            found += problems(question, value)
    return tuple(found)


def lacking(form: Form, question: Question, value: object) -> tuple[Problem, ...]:
    """What this one answer lacks to be complete."""
    path: Path = (question.key,)
    if says_nothing(form, question, value):
        return ()
    if not question.required:
        return _begun(question, value)
    if not is_answered(question, value):
        return (Problem(path, _NOT_ANSWERED.get(question.type, N_("This question is not answered yet."))),)
    found = shaped(question, value)
    if question.type == "declaration":
        return () if found == YES else (Problem(path, N_("A candidacy needs this commitment.")),)
    if isinstance(found, list) and len(found) < (question.min_items or 0):
        given = {"minimum": question.min_items, "count": len(found)}
        return (Problem(path, N_("At least %(minimum)s entries are needed; there are %(count)s."), given),)
    return _begun(question, value)


def progress(form: Form, section: Section, answers: Answers) -> tuple[int, int]:
    """(complete, all) questions that a section asks: complete means nothing lacks and nothing is wrong."""
    questions = asked(form, answers, section)
    done = sum(1 for question in questions if is_complete(form, question, answers.get(question.key)))
    return done, len(questions)


def is_complete(form: Form, question: Question, value: object) -> bool:
    """Whether nothing lacks and nothing is wrong; an optional question left empty is complete."""
    if says_nothing(form, question, value):
        return True
    return not lacking(form, question, value) and not problems(question, value)


def totals(question: Question, value: object) -> tuple[Total, ...]:
    """The sums under the columns that ask for one, in column order; what is no figure counts nothing."""
    return tuple(Total(part, unit, amount) for (_all, part, unit), amount in _sums(question, value, None).items())


def group_totals(question: Question, value: object) -> tuple[GroupTotal, ...]:
    """The same for each value of each column of `totals_by`, in the order in which the values come; a row that leaves
    that column empty belongs to no group."""
    return tuple(
        GroupTotal(by, group, part, unit, amount)
        for by in question.totals_by
        for (group, part, unit), amount in _sums(question, value, by).items()
        if group
    )


def word_count(question: Question, value: object) -> int:
    """Words in the answer, over all its texts."""
    return sum(count_words(text) for text in texts_of(question, shaped(question, value)))


_NOT_ANSWERED = {
    "declaration": N_("Say whether the city makes this commitment."),
    "signature": N_("The signature is not filled in yet."),
    "choice": N_("Nothing is chosen yet."),
}


def _begun(question: Question, value: object) -> tuple[Problem, ...]:
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


def _sums(question: Question, value: object, by: str | None) -> Mapping[tuple[str, str, str], Decimal]:
    """Sums by group ("" without `by`), part and currency."""
    if question.type != "table":
        return {}
    currency = next((part.key for part in question.parts if part.type == "currency"), None)
    sums: dict[tuple[str, str, str], Decimal] = {}
    for part in (part for part in question.parts if part.total):
        for row in shaped(question, value):
            amount = figure(row[part.key])
            if amount is not None:
                at = (row[by] if by else "", part.key, row[currency] if currency else "")
                sums[at] = sums.get(at, Decimal(0)) + amount
    return sums


def _set_phrases(form: Form) -> set[str]:
    return {form.nothing_relevant.en, form.nothing_relevant.fr}
