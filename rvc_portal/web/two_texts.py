"""Two texts for one question: what somebody else wrote meanwhile, and what this person wants to keep."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rvc_portal.domain import answers as rules
from rvc_portal.domain.difference import Run, both, difference
from rvc_portal.domain.form import ONE_SET, ROWS, Part, Question
from rvc_portal.models.account import Account
from rvc_portal.models.base import db
from rvc_portal.models.dossier import Answer
from rvc_portal.web.forms.submission import wording


@dataclass(frozen=True)
class TwoTexts:
    """`runs` lead from theirs to mine; `merged` holds the words of both (None where a person must put them together:
    tables, choices); `fields` are theirs as an HTML form shows them, in JSON: [[name, value], …]."""

    key: str
    revision: int
    who: str
    at: datetime
    theirs: str
    mine: str
    runs: Sequence[Run]
    merged: str | None
    fields: str


def two_texts(question: Question, standing: Answer, mine: Any) -> TwoTexts:
    """What stands and `mine`, side by side and word by word."""
    theirs = as_text(question, standing.value)
    own = as_text(question, mine)
    runs = difference(theirs, own)
    pairs = [[name, text] for name, texts in rules.to_form(question, standing.value).items() for text in texts]
    return TwoTexts(
        key=question.key, revision=standing.revision, who=db.session.get_one(Account, standing.author_id).name,
        at=standing.at, theirs=theirs, mine=own, runs=runs,
        merged=both(runs) if question.type == "text" else None, fields=json.dumps(pairs),
    )  # fmt: skip


def as_text(question: Question, value: Any) -> str:
    """An answer of any type as lines of text, to be compared by eyes."""
    found = rules.shaped(question, value)
    if question.type in ONE_SET:
        return _set(question, found)
    if question.type in ROWS:
        return "\n\n".join(f"{number}.\n{_set(question, row)}" for number, row in enumerate(found, 1))
    if question.type == "links":
        return "\n".join(found)
    return _chosen(question, found) if question.type == "choice" else str(found)


def _set(question: Question, row: Mapping[str, Any]) -> str:
    return "\n".join(f"{wording(p.label)}: {_part(p, row[p.key])}" for p in question.parts if row[p.key])


def _part(part: Part, value: Any) -> str:
    if part.type == "choices":
        return ", ".join(_chosen(part, one) for one in value)
    return _chosen(part, value) if part.type == "choice" else str(value)


def _chosen(of: Question | Part, key: str) -> str:
    return next((wording(choice.label) for choice in of.choices if choice.key == key), key)
