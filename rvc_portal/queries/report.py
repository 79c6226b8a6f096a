"""Reads for the report of a whole call: how many files of what, what they scored, how long each stage took, who evaluated."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.procedures.register import PROCEDURES
from rvc_portal.domain.vocabulary import EVALUATING_SEATS, Stage
from rvc_portal.models.call import Call
from rvc_portal.models.conflict import Conflict, bars
from rvc_portal.models.dossier import Dossier, Filing
from rvc_portal.models.evaluation import Assignment, Evaluation
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.seat import Seat

DAY_S = 86_400


@dataclass(frozen=True)
class File:
    """A file that was submitted: where it is from, and where it stands."""

    field: str | None
    country: str | None
    state: str
    mean: float | None


@dataclass(frozen=True)
class Pace:
    """How many files have left a stage, and the days that they spent in it: the shortest, the median, the longest."""

    stage: Stage
    files: int
    shortest: float
    middle: float
    longest: float


@dataclass(frozen=True)
class Judged:
    """Evaluators of one stream: seats asked, requests, sheets that count, sheets set aside."""

    seats: int
    asked: int
    closed: int
    set_aside: int


def files(session: Session, call: Call) -> list[File]:
    """Every file of the call that was submitted once. One query."""
    filed = sa.exists().where(Filing.dossier_id == Dossier.id)
    query = sa.select(Dossier.field, Dossier.lead_country, Dossier.state, Dossier.mean_overall)
    return [File(*row) for row in session.execute(query.where(Dossier.call_id == call.id, filed))]


def begun(session: Session, call: Call) -> int:
    """How many files were opened at all."""
    return session.scalar(sa.select(sa.func.count()).where(Dossier.call_id == call.id)) or 0


def paces(session: Session, call: Call) -> list[Pace]:
    """The time spent in each stage, out of the journal: a stage begins and ends with the act that changes the state. One
    query, however many files."""
    query = (
        sa.select(Dossier.id, Dossier.procedure, JournalEntry.transition, JournalEntry.at)
        .join(JournalEntry, JournalEntry.chain == Dossier.id)
        .where(Dossier.call_id == call.id)
        .order_by(Dossier.id, JournalEntry.id)
    )
    acts: dict[UUID, list[tuple[str, datetime]]] = defaultdict(list)
    procedure_of: dict[UUID, str] = {}
    for dossier_id, procedure, act, at in session.execute(query):
        acts[dossier_id].append((act, at))
        procedure_of[dossier_id] = procedure
    spent: dict[Stage, list[float]] = defaultdict(list)
    for dossier_id, found in acts.items():
        for stage, days in _stages(procedure_of[dossier_id], found).items():
            spent[stage].append(days)
    return [_pace(stage, spent[stage]) for stage in Stage if spent[stage]]


def evaluators(session: Session, call: Call) -> dict[str, Judged]:
    """Who evaluated, by stream. Two queries."""
    closed = sa.case((Evaluation.counting(), 1), else_=0)
    aside = sa.case((Evaluation.set_aside_at.is_not(None), 1), else_=0)
    query = (
        sa.select(
            Assignment.stream, sa.func.count(sa.distinct(Assignment.seat_id)), sa.func.count(), sa.func.sum(closed),
            sa.func.sum(aside),
        )
        .join(Dossier, Dossier.id == Assignment.dossier_id)
        .outerjoin(Evaluation, Evaluation.assignment_id == Assignment.id)
        .where(Dossier.call_id == call.id)
        .group_by(Assignment.stream)
    )  # fmt: skip
    return {stream: Judged(*figures) for stream, *figures in session.execute(query)}


def conflicts(session: Session, call: Call) -> Mapping[str, int]:
    """Conflicts that barred an evaluating seat from a file, by rule. One query."""
    query = (
        sa.select(Conflict.rule, sa.func.count())
        .join(Dossier, Dossier.id == Conflict.dossier_id)
        .join(Seat, Seat.id == Conflict.seat_id)
        .where(Dossier.call_id == call.id, bars(), Seat.kind.in_(sorted(EVALUATING_SEATS)))
        .group_by(Conflict.rule)
        .order_by(Conflict.rule)
    )
    return dict(session.execute(query).all())


def sheet_means(session: Session, call: Call) -> dict[str, list[float]]:
    """The mean of every sheet that counts, by stream. One query."""
    query = (
        sa.select(Evaluation.stream, Evaluation.mean)
        .join(Dossier, Dossier.id == Evaluation.dossier_id)
        .where(Dossier.call_id == call.id, Evaluation.counting(), Evaluation.mean.is_not(None))
        .order_by(Evaluation.id)
    )
    found: dict[str, list[float]] = defaultdict(list)
    for stream, mean in session.execute(query):
        found[stream].append(mean or 0)
    return found


def _stages(procedure: str, acts: Sequence[tuple[str, datetime]]) -> dict[Stage, float]:
    """The days that one file spent in each stage that it has left."""
    table = PROCEDURES[procedure]
    spent: dict[Stage, float] = defaultdict(float)
    state, since = table.initial, None
    for act, at in acts:
        target = table.transitions[act].target if act in table.transitions else None
        since = since or at
        if target is None or target == state:
            continue
        spent[table.states[state].stage] += (at - since).total_seconds() / DAY_S
        state, since = target, at
    return spent


def _pace(stage: Stage, days: Sequence[float]) -> Pace:
    return Pace(stage, len(days), min(days), median(days), max(days))
