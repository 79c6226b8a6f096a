"""Reads for a city at work on its file: how far each part is, what a return asked for, what was saved when."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain import answers as rules
from rvc_portal.domain import comparison
from rvc_portal.domain.call import CallDefinition, Piece
from rvc_portal.domain.conditions import opened_by
from rvc_portal.domain.form import Section
from rvc_portal.models.dossier import Attachment, Dossier
from rvc_portal.models.journal import JournalEntry
from rvc_portal.queries import calls, dossiers
from rvc_portal.queries.content import stated


@dataclass(frozen=True)
class SectionStanding:
    """How far a section is. `state`: not_started, in_progress, complete or to_correct; counts are of the questions that
    are asked: one that asks none is complete."""

    section: Section
    done: int
    asked: int
    state: str


@dataclass(frozen=True)
class PieceStanding:
    """A piece of the call with the files given for it; `open`: whether files can be changed now."""

    piece: Piece
    files: Sequence[Attachment]
    open: bool

    @property
    def complete(self) -> bool:
        return not self.piece.required or len(self.files) >= self.piece.count

    @property
    def full(self) -> bool:
        return len(self.files) >= self.piece.count


@dataclass(frozen=True)
class Returned:
    """What the Secretariat asked for when it returned the file. `questions`: keys of questions and pieces; `notes`: what
    was written beside one of them; `language`: in which all that is written, where it was noted."""

    at: datetime
    reason: str
    questions: tuple[str, ...]
    until: datetime | None
    notes: Mapping[str, str]
    language: str | None


def sections(told: CallDefinition, values: Mapping[str, Any], named: Sequence[str]) -> list[SectionStanding]:
    """Every section of the form; `named`: the questions of a return, empty in a draft."""
    return [_section(told, section, values, named) for section in told.form.sections]


def pieces(session: Session, dossier: Dossier, *, may_change: bool = True) -> list[PieceStanding]:
    """Every piece of the call, in its order, with the files that stand. `may_change`: whether this person may at all."""
    given: dict[str, list[Attachment]] = {}
    for attachment in dossiers.attachments(session, dossier.id):
        given.setdefault(attachment.piece, []).append(attachment)
    told = calls.definition(dossier.call)
    return [PieceStanding(p, given.get(p.key, []), may_change and is_open(dossier, p.key)) for p in told.pieces]


def is_open(dossier: Dossier, key: str) -> bool:
    """Whether the question or piece can be changed in the file's present state."""
    if dossier.state != "returned":
        return dossier.state == "draft"
    return key in opened_by(calls.definition(dossier.call).form, dossier.questions_named)


def returned(session: Session, dossier: Dossier) -> Returned | None:
    """The return that the city answers now; None in any other state."""
    if dossier.state != "returned":
        return None
    query = (
        sa.select(JournalEntry)
        .where(JournalEntry.chain == dossier.id, JournalEntry.transition == "return")
        .order_by(JournalEntry.id.desc())
        .limit(1)
    )
    entry = session.scalar(query)
    if entry is None:
        return None
    told = entry.payload
    return Returned(
        entry.at, entry.reason or "", tuple(dossier.questions_named), dossier.correct_until_at, told.get("notes", {}),
        told.get("language"),
    )  # fmt: skip


def changed_since(session: Session, dossier: Dossier, values: Mapping[str, Any]) -> frozenset[str]:
    """Keys of the questions and pieces that are not as they were filed last; `values`: the answers as they stand."""
    filing = dossiers.latest_filing(session, dossier.id)
    if filing is None:
        return frozenset()
    filed = json.loads(filing.content)
    now = stated(dossier, values, dossiers.attachments(session, dossier.id))
    form = calls.definition(dossier.call).form
    questions = comparison.changed_questions(form, filed["answers"], now["answers"])
    return questions | comparison.changed_pieces(filed["pieces"], now["pieces"])


def _section(
    told: CallDefinition, section: Section, values: Mapping[str, Any], named: Sequence[str]
) -> SectionStanding:  # fmt: skip
    done, asked = rules.progress(told.form, section, values)
    questions = rules.asked(told.form, values, section)
    begun = any(rules.is_answered(q, values.get(q.key)) for q in questions)
    if any(q.key in named for q in section.questions):
        state = "to_correct"
    elif done == asked:
        state = "complete"
    else:
        state = "in_progress" if begun else "not_started"
    return SectionStanding(section, done, asked, state)
