"""The blank form away from the portal: how its fields are named, and what one that comes back filled in would change.

A field is named as on the portal's own page (`values.name_of`); a box to tick of a list from which several are chosen bears
the entry's key behind the name of its part. What was left empty in the form changes nothing: it cannot be told from what
nobody meant to say.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rvc_portal.domain.answers import (
    Answers,
    Problem,
    Value,
    from_form,
    is_answered,
    is_asked,
    nothing,
    problems,
    says_nothing,
    shaped,
    to_form,
)
from rvc_portal.domain.definition import plain
from rvc_portal.domain.form import ONE_SET, ROWS, Form, Question
from rvc_portal.domain.values import cleaned
from rvc_portal.domain.vocabulary import N_

IDENTITY = "rvc-form"
"""The hidden field by which a form says what it is: no question's key has a hyphen."""
NOTHING = "-nothing"
"""Behind a question's key the name of the box that says "nothing to report": a PDF lets no field stand below one that is
filled in, as `key.nothing` would."""

Fields = Mapping[str, Sequence[str]]
"""What stands in the fields of a form, by their names; boxes that are not ticked and fields left empty are not there."""


@dataclass(frozen=True)
class Offer:
    """What the file's answer to a question would be. `present`: whether it has another one already; `take`: whether it is
    meant to be taken unless somebody says otherwise; `problems`: what is wrong with it."""

    question: Question
    value: Value
    present: bool
    take: bool
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class LeftOut:
    """An answer of the form that cannot be taken now; `reason` is a message id."""

    question: Question
    reason: str


def version(form: Form) -> str:
    """A short name of all that a form asks: any change of it makes another version."""
    written = json.dumps(plain(form), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def identity(call: str, form: Form) -> str:
    """What a form says it is: the call's key, and the version of what is asked. The language of its words follows."""
    return f"{call} {version(form)}"


def rows(question: Question) -> int:
    """How many rows, blocks or links the form has room for: as many as the call takes, else as many as it asks for."""
    if question.type not in (*ROWS, "links"):
        return 0
    return question.max_items or max(question.min_items or 0, 1)


def answer(form: Form, question: Question, fields: Fields, standing: Value, language: str) -> Value | None:
    """The answer that the file would have: what is filled in, in the place of what stands there; None where the form says
    nothing of the question. `language`: the file's, for the set phrase."""
    filled = _filled(question, fields)
    if is_answered(question, from_form(question, filled)):
        before = {} if says_nothing(form, question, standing) else to_form(question, standing)
        return from_form(question, {**before, **filled})
    if question.allows_nothing and fields.get(question.key + NOTHING):
        return nothing(form, question, language)
    return None


def compare(
    form: Form, fields: Fields, standing: Answers, language: str, *, brought: Answers, opened: Collection[str]
) -> tuple[list[Offer], list[LeftOut]]:
    """What the form would change, and what of it cannot be taken, both in the order of the questions. `brought`: the answers
    as a form brought them in the last time: who fills it in further means those to go on; `opened`: the keys of the questions
    that the person can change now."""
    found = {q.key: answer(form, q, fields, standing.get(q.key), language) for q in form.questions()}
    told = [(q, found[q.key]) for q in form.questions() if found[q.key] is not None]
    differing = [(q, value) for q, value in told if not _alike(q, value, standing.get(q.key))]
    then: dict[str, Any] = {**standing, **{q.key: value for q, value in differing if q.key in opened}}
    offers, left_out = [], []
    for question, value in differing:
        reason = _why_not(form, question, then, opened)
        if reason is None:
            offers.append(_offer(form, question, value, standing, brought))
        else:
            left_out.append(LeftOut(question, reason))
    return offers, left_out


def _offer(form: Form, question: Question, value: Value, standing: Answers, brought: Answers) -> Offer:
    now = shaped(question, standing.get(question.key))
    present = is_answered(question, now)
    untouched = question.key in brought and _alike(question, brought[question.key], now)
    wrong = () if says_nothing(form, question, value) else problems(question, value)
    return Offer(question, value, present, not present or untouched, wrong)


def _why_not(form: Form, question: Question, then: Answers, opened: Collection[str]) -> str | None:
    if question.key not in opened:
        return N_("it is not open to you now")
    if not is_asked(form, question, then):
        return N_("the other answers make that it is not asked")
    return None


def _alike(question: Question, one: Value, other: Value) -> bool:
    """Whether two answers say the same; of several choices the order says nothing."""
    return _in_order(question, one) == _in_order(question, other)


def _in_order(question: Question, value: Value) -> Value:
    found = shaped(question, value)
    if question.type in ROWS:
        return [{key: sorted(v) if isinstance(v, list) else v for key, v in row.items()} for row in found]
    if question.type in ONE_SET:
        return {key: sorted(v) if isinstance(v, list) else v for key, v in found.items()}
    return found


def _filled(question: Question, fields: Fields) -> dict[str, list[str]]:
    """The fields of a question that say something, as its page would send them."""
    found: dict[str, list[str]] = {}
    for name, values in fields.items():
        if name == question.key or name.startswith(f"{question.key}."):
            said = [value for value in values if cleaned(value).strip()]
            if said:
                place, ticked = _box(question, name)
                found.setdefault(place, []).extend([ticked] if ticked else said)
    return found


def _box(question: Question, name: str) -> tuple[str, str | None]:
    """The list to which a box to tick belongs and its entry's key; the name itself and None for any other field."""
    for part in question.parts:
        for choice in part.choices if part.type == "choices" else ():
            if name.endswith(f".{part.key}.{choice.key}"):
                return name.removesuffix(f".{choice.key}"), choice.key
    return name, None
