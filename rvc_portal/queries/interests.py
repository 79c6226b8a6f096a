"""Reads of the interests that people have declared, and what the rules of conflict see of seats, persons and files."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.conflicts import PartyTies, SeatTies, Tie
from rvc_portal.models.base import in_force
from rvc_portal.models.dossier import Answer, Dossier
from rvc_portal.models.evaluator import Evaluator, InterestDeclaration
from rvc_portal.models.seat import Seat, SeatHolder
from rvc_portal.queries import calls


def latest(session: Session, account_id: UUID) -> InterestDeclaration | None:
    """What the person declared last, expired or not; None before the first declaration."""
    return session.scalar(
        sa.select(InterestDeclaration).where(
            InterestDeclaration.account_id == account_id, InterestDeclaration.superseded_at.is_(None)
        )
    )


def ties(declaration: InterestDeclaration | None) -> tuple[Tie, ...]:
    """The ties of a declaration. One that has expired still binds: it wants renewal, not forgetting."""
    return tuple(Tie(**entry) for entry in declaration.ties) if declaration else ()


def declared(session: Session) -> dict[UUID, tuple[Tie, ...]]:
    """What each person has declared, by account; those with nothing to declare are left out. One query."""
    query = sa.select(InterestDeclaration).where(InterestDeclaration.superseded_at.is_(None))
    return {row.account_id: ties(row) for row in session.scalars(query) if row.ties}


def of_seats(session: Session, seats: Sequence[Seat], now: datetime) -> dict[UUID, SeatTies]:
    """Where each seat's judgement could be bound: what those who act for it have declared, and the employer that the
    register names. Three queries."""
    known = declared(session)
    bound: dict[UUID, list[Tie]] = {}
    holding = sa.select(SeatHolder.seat_id, SeatHolder.account_id).where(
        SeatHolder.account_id.in_(known), in_force(SeatHolder, now)
    )
    for seat_id, account_id in session.execute(holding) if known else ():
        bound.setdefault(seat_id, []).extend(known[account_id])
    employed = sa.select(Evaluator.seat_id, Evaluator.organisation).where(
        Evaluator.seat_id.in_([seat.id for seat in seats]), Evaluator.organisation != ""
    )
    for seat_id, organisation in session.execute(employed):
        bound.setdefault(seat_id, []).append(Tie("employer", organisation=organisation))
    return {seat.id: SeatTies(seat.country, seat.city, tuple(bound.get(seat.id, ()))) for seat in seats}


def of_files(session: Session, files: Sequence[Dossier]) -> dict[UUID, tuple[PartyTies, ...]]:
    """The cities of each file, with the answers in which it names organisations, where a rule of its call reads these.
    One query at most, however many files."""
    paths = {d.id: sorted(_paths(calls.definition(d.call))) for d in files}
    keys = {path.partition(".")[0] for wanted in paths.values() for path in wanted}
    values = _answers(session, list(paths), keys) if keys else {}
    return {
        d.id: tuple(PartyTies(p.country, p.city, _organisations(values.get(d.id, {}), paths[d.id])) for p in d.parties)
        for d in files
    }


def _paths(told: CallDefinition) -> set[str]:
    return {path for rule in told.conflict_rules for path in rule.organisations}


def _answers(session: Session, ids: Sequence[UUID], keys: Iterable[str]) -> dict[UUID, dict[str, Any]]:
    query = sa.select(Answer.dossier_id, Answer.key, Answer.value).where(
        Answer.dossier_id.in_(ids), Answer.key.in_(sorted(keys))
    )
    found: dict[UUID, dict[str, Any]] = {}
    for dossier_id, key, value in session.execute(query):
        found.setdefault(dossier_id, {})[key] = value
    return found


def _organisations(values: Mapping[str, Any], paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(text for path in paths for text in _texts(values, path))


def _texts(values: Mapping[str, Any], path: str) -> Iterable[str]:
    """The texts at `question` or `question.part`, those of every row of a table or block."""
    question, _dot, part = path.partition(".")
    value = values.get(question)
    for row in value if isinstance(value, list) else [value]:
        found = row.get(part) if part and isinstance(row, dict) else row
        if isinstance(found, str) and found.strip():
            yield found
