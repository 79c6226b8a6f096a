"""Reads for the desks: what waits for a person, by role. Each function is one query, whatever the number of rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.blindness import Names
from rvc_portal.domain.vocabulary import STREAM_OF_SEAT, CallStatus, Permission
from rvc_portal.models.call import Call
from rvc_portal.models.conflict import Conflict, bars
from rvc_portal.models.decision import Decision, Slate, SlateEntry
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment, Evaluation, EvaluatorRequest, Reopening, Score
from rvc_portal.models.seat import Seat
from rvc_portal.models.steering import SteeringSession
from rvc_portal.queries.visibility import own, visible

LONGEST = 25
"""How many rows a list on a desk shows; the board has the rest."""


@dataclass(frozen=True)
class Waiting:
    """A dossier on a desk. `flag`: whether it is ready for the next act, where the list says what that means."""

    id: UUID
    call_id: UUID
    reference: str
    city: str
    country: str | None
    field: str | None
    state: str
    since: datetime
    sheets: int
    until: datetime | None = None
    extended_until: datetime | None = None
    flag: bool = False


@dataclass(frozen=True)
class Task:
    """An assignment of one of the person's seats. `status`: declare, begin, begun or closed; `scored`: criteria that have
    a score."""

    id: UUID
    call_id: UUID
    reference: str | None  # None before the declaration: the dossier is not open yet
    city: str
    country: str | None
    field: str | None
    seat: str
    status: str
    closed_at: datetime | None
    scored: int = 0
    due_at: datetime | None = None  # its own term, where it was given one


def mine(session: Session, actor: Actor) -> list[Waiting]:
    """The dossiers of the person's own cities, the latest first."""
    query = _rows().where(own(actor)).order_by(Dossier.created_at.desc(), Dossier.id)
    return [_waiting(row) for row in session.execute(query)]


def in_states(session: Session, actor: Actor, states: Iterable[str], *, oldest_first: bool = True) -> list[Waiting]:
    """What this person may know of in these states, longest waiting first; no more than LONGEST."""
    query = _rows().where(visible(actor), Dossier.state.in_(sorted(states)))
    order = Dossier.state_since_at if oldest_first else Dossier.state_since_at.desc()
    return [_waiting(row) for row in session.execute(query.order_by(order, Dossier.id).limit(LONGEST))]


def counts(session: Session, actor: Actor) -> dict[UUID, dict[str, int]]:
    """How many dossiers the person may know of, by call and state."""
    query = (
        sa.select(Dossier.call_id, Dossier.state, sa.func.count())
        .where(visible(actor))
        .group_by(Dossier.call_id, Dossier.state)
    )
    found: dict[UUID, dict[str, int]] = {}
    for call_id, state, count in session.execute(query):
        found.setdefault(call_id, {})[state] = count
    return found


def tasks(session: Session, actor: Actor) -> list[Task]:
    """The assignments of the person's evaluating seats that stand, those without a closed sheet first. A file that was
    withdrawn or dismissed, or that one of the person's seats has a conflict with, is no task any more."""
    scored = sa.select(sa.func.count()).where(Score.evaluation_id == Evaluation.id, Score.value.is_not(None))
    query = (
        sa.select(
            Assignment.id, Dossier.call_id, Dossier.reference, Dossier.lead_city, Dossier.lead_country, Dossier.field,
            Dossier.state, Seat.name, Assignment.declared_at, Evaluation.closed_at, Evaluation.id.label("sheet"),
            scored.scalar_subquery().label("scored"), Assignment.due_at,
        )
        .join(Dossier, Dossier.id == Assignment.dossier_id)
        .join(Seat, Seat.id == Assignment.seat_id)
        .outerjoin(Evaluation, Evaluation.assignment_id == Assignment.id)
        .where(
            Assignment.seat_id.in_([s.id for s in actor.evaluating_seats]),
            Assignment.ended_at.is_(None),
            Assignment.dossier_id.not_in(_conflicted(actor)),
            Dossier.state.not_in(("withdrawn", "dismissed", "lapsed")),
        )
        .order_by(Evaluation.closed_at.is_not(None), Dossier.lead_city, Seat.name, Assignment.id)
    )  # fmt: skip
    return [
        Task(
            row.id, row.call_id, row.reference if row.declared_at else None, row.lead_city, row.lead_country, row.field,
            row.name, _status(row), row.closed_at, row.scored, row.due_at,
        )
        for row in session.execute(query)
        if row.closed_at or row.state == "in_evaluation"
    ]  # fmt: skip


def _status(row: sa.Row[*tuple[Any, ...]]) -> str:
    if row.closed_at:
        return "closed"
    return "declare" if row.declared_at is None else "begun" if row.sheet else "begin"


def asked_again(session: Session, actor: Actor) -> list[Waiting]:
    """The files of which an evaluator asks to open a closed sheet again, and waits for the answer."""
    waits = (
        sa.exists()
        .where(Reopening.answered_at.is_(None), Reopening.evaluation_id == Evaluation.id)
        .where(Evaluation.dossier_id == Dossier.id, Evaluation.counting())
    )
    query = _rows().where(visible(actor, Permission.SEE_RESULTS), Dossier.state == "in_evaluation", waits)
    return [_waiting(row) for row in session.execute(query.order_by(Dossier.lead_city, Dossier.id).limit(LONGEST))]


def evaluators_wished(session: Session, actor: Actor) -> list[Waiting]:
    """The files for which the Steering Group wishes for one more evaluator, and waits for the answer; those that wait longest
    first."""
    query = (
        _rows()
        .join(EvaluatorRequest, EvaluatorRequest.dossier_id == Dossier.id)
        .where(visible(actor, Permission.SEE_INSIDE), EvaluatorRequest.answered_at.is_(None))
        .order_by(EvaluatorRequest.asked_at, Dossier.id)
    )
    return [_waiting(row) for row in session.execute(query.limit(LONGEST))]


def decisions(session: Session, actor: Actor) -> list[Waiting]:
    """The files that await a decision; `flag`: one is held already."""
    held = sa.exists().where(Decision.dossier_id == Dossier.id, Decision.superseded_at.is_(None)).label("flag")
    query = (
        _rows(held)
        .where(visible(actor), Dossier.state == "awaiting_decision")
        .order_by(held, Dossier.lead_city, Dossier.id)
        .limit(LONGEST)
    )
    return [_waiting(row) for row in session.execute(query)]


def on_slate(session: Session, call_ids: Iterable[UUID]) -> set[UUID]:
    """The dossiers on the slates that stand for these calls."""
    query = (
        sa.select(SlateEntry.dossier_id)
        .join(Slate, Slate.id == SlateEntry.slate_id)
        .where(Slate.call_id.in_(list(call_ids)), Slate.superseded_at.is_(None))
    )
    return set(session.scalars(query))


def ready_to_refer(
    session: Session, call_minimums: Mapping[UUID, Mapping[str, int]], rows: Sequence[Waiting]
) -> set[UUID]:
    """Those of the dossiers that have the closed sheets that their call asks for in each stream."""
    query = (
        sa.select(Evaluation.dossier_id, Evaluation.stream, sa.func.count())
        .where(Evaluation.dossier_id.in_([row.id for row in rows]), Evaluation.counting())
        .group_by(Evaluation.dossier_id, Evaluation.stream)
    )
    closed = {(dossier_id, stream): count for dossier_id, stream, count in session.execute(query)}
    return {
        row.id
        for row in rows
        if all(closed.get((row.id, s), 0) >= n for s, n in call_minimums.get(row.call_id, {}).items())
    }


def sittings(session: Session) -> Sequence[SteeringSession]:
    """The sittings of the Steering Group that are open."""
    query = (
        sa.select(SteeringSession)
        .join(Call, Call.id == SteeringSession.call_id)
        .where(SteeringSession.opened_at.is_not(None), SteeringSession.closed_at.is_(None), Call.test.is_(False))
    )
    return session.scalars(query.order_by(SteeringSession.opened_at)).all()


def calls_at_work(session: Session) -> Sequence[Call]:
    """The calls that have been opened, the latest first."""
    return session.scalars(sa.select(Call).where(Call.status != CallStatus.DRAFT).order_by(Call.opens_at.desc())).all()


def assignments_of(session: Session, actor: Actor, dossier_id: UUID) -> list[tuple[UUID, str]]:
    """The person's own assignments on one dossier: id and the seat's name."""
    query = (
        sa.select(Assignment.id, Seat.name)
        .join(Seat, Seat.id == Assignment.seat_id)
        .where(
            Assignment.dossier_id == dossier_id,
            Assignment.seat_id.in_([s.id for s in actor.evaluating_seats]),
            Assignment.ended_at.is_(None),
        )
        .order_by(Seat.name)
    )
    return [(assignment_id, name) for assignment_id, name in session.execute(query)]


def seat_names(session: Session, ids: Iterable[UUID], names: Names) -> dict[str, str]:
    """What seats are called by their ids, as the journal writes these: evaluators as `names` tells of them."""
    rows = session.execute(sa.select(Seat.id, Seat.name, Seat.kind).where(Seat.id.in_(list(ids))))
    streams = {str(kind): stream for kind, stream in STREAM_OF_SEAT.items()}
    return {
        str(seat_id): names.of(seat_id, name, streams[kind]) if kind in streams else name
        for seat_id, name, kind in rows
    }


def _conflicted(actor: Actor) -> sa.Select[UUID]:
    whose = sa.or_(Conflict.account_id == actor.account_id, Conflict.seat_id.in_([s.id for s in actor.seats]))
    return sa.select(Conflict.dossier_id).where(bars(), whose)


def _rows(flag: sa.ColumnElement[bool] | None = None) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(
        Dossier.id, Dossier.call_id, Dossier.reference, Dossier.lead_city, Dossier.lead_country, Dossier.field,
        Dossier.state, Dossier.state_since_at, Dossier.closed_sheets, Dossier.correct_until_at,
        Dossier.extended_until_at, flag if flag is not None else sa.false().label("flag"),
    )  # fmt: skip


def _waiting(row: sa.Row[*tuple[Any, ...]]) -> Waiting:
    return Waiting(*row)
