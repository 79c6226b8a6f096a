"""How the evaluation of a call goes, for the Steering Group: by file and in sum, over the files that this person may supervise.

A file from which the person is recused is in no row, no sum and no query.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import fmean, stdev
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.blindness import Names
from rvc_portal.domain.progress import CLOSED
from rvc_portal.domain.vocabulary import OpinionOutcome, Permission
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment, Evaluation, EvaluatorRequest
from rvc_portal.models.seat import Seat
from rvc_portal.models.steering import Opinion
from rvc_portal.queries import progress
from rvc_portal.queries.board import Filters, narrowed
from rvc_portal.queries.visibility import judging, visible


@dataclass(frozen=True)
class Figures:
    """Evaluators of one stream: asked, those of them who have declared their interests, whose sheet is closed, and who are
    past their term. `spread`: the standard deviation of the closed sheets of a file, or over several files its mean; None
    with fewer than two sheets, or where it is not this person's to know."""

    asked: int = 0
    declared: int = 0
    closed: int = 0
    late: int = 0
    spread: float | None = None

    @property
    def open(self) -> int:
        """Sheets that are awaited still."""
        return self.asked - self.closed


@dataclass(frozen=True)
class File:
    """A file from its admission on. `own_first`: the person's own sheet on it is still to be closed, so that no spread is
    told. `waiting`: one more evaluator is asked for; `deferred`: the group has put its opinion off."""

    id: UUID
    call_id: UUID
    reference: str
    city: str
    country: str | None
    field: str | None
    state: str
    own_first: bool
    waiting: bool
    deferred: bool
    by_stream: Mapping[str, Figures]

    def sum(self, name: str) -> int:
        """A count (asked, declared, closed, late, open) over both streams."""
        return sum(int(getattr(figures, name)) for figures in self.by_stream.values())

    @property
    def widest(self) -> float:
        """The wider spread of its streams; below nought where none is known."""
        return max((f.spread for f in self.by_stream.values() if f.spread is not None), default=-1.0)


@dataclass(frozen=True)
class Asked:
    """One evaluator of a file, called as the reader is told; `late`: past the term while the file is in evaluation."""

    evaluator: str
    stream: str
    standing: str
    due_at: datetime | None
    late: bool


def files(
    session: Session, actor: Actor, known: Collection[Call], now: datetime, filters: Filters | None = None,
    only: UUID | None = None,
) -> list[File]:  # fmt: skip
    """The files of these calls that the person may supervise, by city; `only`: this one alone. Three queries."""
    here = sa.and_(
        Dossier.call_id.in_(sorted(call.id for call in known)),
        visible(actor, Permission.SUPERVISE),
        *narrowed(filters or Filters()),
        *([Dossier.id == only] if only else []),
    )
    counted, spread = _counted(session, known, here, now), _spread(session, actor, here)
    return [_file(row, counted.get(row.id, {}), spread) for row in session.execute(_rows(actor, here))]


def fields(session: Session, actor: Actor, call: Call) -> set[str | None]:
    """The fields of the call of which the person supervises a file. One query."""
    query = sa.select(Dossier.field).where(Dossier.call_id == call.id, visible(actor, Permission.SUPERVISE))
    return set(session.scalars(query.distinct()))


def in_sum(found: Iterable[File], streams: Iterable[str]) -> dict[str, Figures]:
    """The figures of several files together, by stream."""
    every = list(found)
    return {stream: _sum([f.by_stream.get(stream, Figures()) for f in every]) for stream in streams}


def evaluators(session: Session, dossier: Dossier, names: Names, now: datetime) -> list[Asked]:
    """Who evaluates the file, by stream, as `names` tells of them. One query."""
    query = (
        sa.select(Assignment, Seat.name, progress.standing_of())
        .join(Seat, Seat.id == Assignment.seat_id)
        .outerjoin(Evaluation, Evaluation.assignment_id == Assignment.id)
        .where(Assignment.dossier_id == dossier.id, Assignment.ended_at.is_(None))
        .order_by(Assignment.stream, Seat.name, Assignment.id)
    )
    rows = sorted(session.execute(query), key=lambda row: (row[0].stream, names.order(row[0].seat_id)))
    return [_asked(assignment, name, standing, dossier, names, now) for assignment, name, standing in rows]


def requests(session: Session, dossier: Dossier) -> Sequence[EvaluatorRequest]:
    """What the Steering Group asked for on the file, the latest first. One query."""
    query = (
        sa.select(EvaluatorRequest)
        .where(EvaluatorRequest.dossier_id == dossier.id)
        .options(
            joinedload(EvaluatorRequest.seat),
            joinedload(EvaluatorRequest.asker),
            joinedload(EvaluatorRequest.assignment).joinedload(Assignment.seat),
        )
        .order_by(EvaluatorRequest.asked_at.desc(), EvaluatorRequest.id)
    )
    return session.scalars(query).all()


def waiting(session: Session, dossier: Dossier) -> EvaluatorRequest | None:
    """The request on the file that waits for an answer, or None."""
    query = sa.select(EvaluatorRequest).where(EvaluatorRequest.dossier_id == dossier.id)
    return session.scalar(query.where(EvaluatorRequest.answered_at.is_(None)))


def _rows(actor: Actor, here: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
    asked = sa.exists().where(EvaluatorRequest.dossier_id == Dossier.id, EvaluatorRequest.answered_at.is_(None))
    put_off = sa.exists().where(
        Opinion.dossier_id == Dossier.id, Opinion.superseded_at.is_(None), Opinion.outcome == OpinionOutcome.DEFER
    )
    return (
        sa.select(
            Dossier.id, Dossier.call_id, Dossier.reference, Dossier.lead_city, Dossier.lead_country, Dossier.field,
            Dossier.state, judging(actor), asked, put_off,
        )
        .where(here)
        .order_by(Dossier.lead_city, Dossier.id)
    )  # fmt: skip


def _counted(
    session: Session, known: Collection[Call], here: sa.ColumnElement[bool], now: datetime
) -> dict[UUID, dict[str, Figures]]:
    over = Dossier.call_id.in_(sorted(call.id for call in known if progress.is_over(call, now)))
    late = sa.and_(
        Dossier.state == "in_evaluation",
        progress.past_due(now, Assignment.due_at, over),
        Evaluation.closed_at.is_(None),
    )
    query = (
        sa.select(
            Assignment.dossier_id, Assignment.stream, sa.func.count(), sa.func.count(Assignment.declared_at),
            sa.func.sum(sa.case((Evaluation.counting(), 1), else_=0)), sa.func.sum(sa.case((late, 1), else_=0)),
        )
        .join(Dossier, Dossier.id == Assignment.dossier_id)
        .outerjoin(Evaluation, Evaluation.assignment_id == Assignment.id)
        .where(Assignment.ended_at.is_(None), here)
        .group_by(Assignment.dossier_id, Assignment.stream)
    )  # fmt: skip
    found: dict[UUID, dict[str, Figures]] = {}
    for dossier_id, stream, *counts in session.execute(query):
        found.setdefault(dossier_id, {})[stream] = Figures(*counts)
    return found


def _spread(session: Session, actor: Actor, here: sa.ColumnElement[bool]) -> dict[tuple[UUID, str], float]:
    query = (
        sa.select(Evaluation.dossier_id, Evaluation.stream, Evaluation.mean)
        .join(Dossier, Dossier.id == Evaluation.dossier_id)
        .where(here, sa.not_(judging(actor)), Evaluation.counting(), Evaluation.mean.is_not(None))
        .order_by(Evaluation.id)
    )
    means: dict[tuple[UUID, str], list[float]] = {}
    for dossier_id, stream, mean in session.execute(query):
        if mean is not None:
            means.setdefault((dossier_id, stream), []).append(mean)
    return {key: stdev(values) for key, values in means.items() if len(values) > 1}


def _file(
    row: sa.Row[*tuple[Any, ...]], counted: Mapping[str, Figures], spread: Mapping[tuple[UUID, str], float]
) -> File:  # fmt: skip
    by_stream = {key: replace(found, spread=spread.get((row.id, key))) for key, found in counted.items()}
    values: list[Any] = [*row, by_stream]
    return File(*values)


def _sum(parts: Sequence[Figures]) -> Figures:
    spreads = [part.spread for part in parts if part.spread is not None]
    return Figures(
        asked=sum(part.asked for part in parts),
        declared=sum(part.declared for part in parts),
        closed=sum(part.closed for part in parts),
        late=sum(part.late for part in parts),
        spread=fmean(spreads) if spreads else None,
    )


def _asked(
    assignment: Assignment, name: str, standing: str, dossier: Dossier, names: Names, now: datetime
) -> Asked:  # fmt: skip
    due = assignment.due_at or progress.term(dossier.call)
    awaited = dossier.state == "in_evaluation" and standing != CLOSED
    return Asked(
        evaluator=names.of(assignment.seat_id, name, assignment.stream),
        stream=assignment.stream,
        standing=standing,
        due_at=due,
        late=awaited and due is not None and due <= now,
    )
