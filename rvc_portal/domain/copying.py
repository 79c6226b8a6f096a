"""What of an earlier file's answers fits the form of another call, question by question.

An answer fits a question of the same key and type. It is taken whole, too long or not: what is wrong with it there is
told by the same rules as if it had been typed. What the new form has no place for (a choice or a part that is gone) is
named. A declaration or a signature is an act of its day and never copied.
"""

from dataclasses import dataclass
from typing import Any

from rvc_portal.domain.answers import (
    Answers,
    Problem,
    Value,
    blank_row,
    is_answered,
    nothing,
    problems,
    says_nothing,
    shaped,
)
from rvc_portal.domain.definition import Wording
from rvc_portal.domain.form import ONE_SET, ROWS, Choice, Form, Part, Question
from rvc_portal.domain.vocabulary import N_

ACTS = ("declaration", "signature")


@dataclass(frozen=True)
class Offer:
    """An earlier answer that fits `question` (of the new form). `lost`: labels of what has no place there; `problems`:
    what is wrong with it there; `present`: whether the new file has another answer already."""

    question: Question
    value: Value
    lost: tuple[Wording, ...]
    problems: tuple[Problem, ...]
    present: bool


@dataclass(frozen=True)
class LeftOut:
    """An earlier answer that cannot be taken, to `question` (of the earlier form); `reason` is a message id."""

    question: Question
    reason: str


def offers(old: Form, new: Form, earlier: Answers, present: Answers, language: str) -> list[Offer]:
    """What can be copied, in the order of the new form; what the new file says already is no offer. `language`: that of
    the new file, for the set phrase of a form."""
    before = {question.key: question for question in old.questions()}
    found = []
    for question in new.questions():
        former, value = before.get(question.key), earlier.get(question.key)
        if former is None or not is_answered(former, value) or _why_not(former, question) is not None:
            continue
        taken, lost = _taken(former, question, value)
        if says_nothing(old, former, value) and question.allows_nothing:
            taken, lost = nothing(new, question, language), []
        now = shaped(question, present.get(question.key))
        if is_answered(question, taken) and taken != now:
            wrong = () if says_nothing(new, question, taken) else problems(question, taken)
            found.append(Offer(question, taken, tuple(lost), wrong, is_answered(question, now)))
    return found


def left_out(old: Form, new: Form, earlier: Answers) -> list[LeftOut]:
    """The earlier answers that have no place in the new form, in the order of the earlier one."""
    after = {question.key: question for question in new.questions()}
    found = []
    for question in old.questions():
        if is_answered(question, earlier.get(question.key)):
            reason = _why_not(question, after.get(question.key))
            if reason is not None:
                found.append(LeftOut(question, reason))
            elif not is_answered(after[question.key], _taken(question, after[question.key], earlier[question.key])[0]):
                found.append(LeftOut(question, N_("this call does not offer what was answered")))
    return found


def _why_not(old: Question, new: Question | None) -> str | None:
    if new is None:
        return N_("this call does not ask it")
    if new.type in ACTS:
        return N_("to be given anew in each call")
    if new.type != old.type:
        return N_("this call asks it in another form")
    return None


def _taken(old: Question, new: Question, value: Value) -> tuple[Value, list[Wording]]:
    given = shaped(old, value)
    lost: list[Wording] = []
    if new.type in ONE_SET:
        return _row(old, new, given, lost), lost
    if new.type in ROWS:
        rows = [_row(old, new, row, lost) for row in given]
        return [row for row in rows if any(row.values())], list(dict.fromkeys(lost))
    if new.type == "choice":
        return _chosen(old.choices, new.choices, given, lost), lost
    return given, lost


def _row(old: Question, new: Question, row: dict[str, Any], lost: list[Wording]) -> dict[str, Any]:
    after = {part.key: part for part in new.parts}
    taken = blank_row(new)
    for part in old.parts:
        if not row[part.key]:
            continue
        place = after.get(part.key)
        if place is None or not _alike(part, place):
            lost.append(part.label)
        elif place.type == "choices":
            kept = (_chosen(part.choices, place.choices, key, lost) for key in row[part.key])
            taken[part.key] = [key for key in kept if key]
        elif place.type == "choice":
            taken[part.key] = _chosen(part.choices, place.choices, row[part.key], lost)
        else:
            taken[part.key] = row[part.key]
    return taken


def _alike(old: Part, new: Part) -> bool:
    return old.type == new.type or (old.type, new.type) == ("line", "text")


def _chosen(old: tuple[Choice, ...], new: tuple[Choice, ...], key: str, lost: list[Wording]) -> str:
    if key in {choice.key for choice in new}:
        return key
    lost.append(next((choice.label for choice in old if choice.key == key), Wording(key, key)))
    return ""
