"""Reads of the evaluation: a person's own sheet, and what the closed sheets of a dossier add up to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from statistics import fmean
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from rvc_portal.domain import scoring
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.blindness import Names
from rvc_portal.domain.rubric import Criterion, Rubric, Stream
from rvc_portal.domain.scoring import Given
from rvc_portal.domain.vocabulary import STREAM_OF_SEAT, Doc, Permission, Role, SeatKind
from rvc_portal.models.conflict import Conflict, bars
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment, Evaluation, Score
from rvc_portal.models.seat import Seat
from rvc_portal.queries import dossiers
from rvc_portal.queries.visibility import conflicted


@dataclass(frozen=True)
class Sheet:
    """One closed sheet: scores and reasons by criterion."""

    id: UUID
    evaluator: str
    stream: str
    mean: float | None
    closed_at: datetime
    scores: Mapping[str, Given]


@dataclass(frozen=True)
class StreamResult:
    """A stream of evaluators: its mean over the closed sheets, None without any."""

    stream: Stream
    sheets: int
    mean: float | None


@dataclass(frozen=True)
class CriterionResult:
    """A criterion: its means by stream, its mean over both after their weights, and every score given, in rising order."""

    criterion: Criterion
    means: Mapping[str, float]
    mean: float | None
    values: tuple[float, ...]


@dataclass(frozen=True)
class Results:
    """What the closed sheets of a dossier say. `set_aside`: seats kept away by a conflict, each with the rule."""

    streams: tuple[StreamResult, ...]
    criteria: tuple[CriterionResult, ...]
    sheets: tuple[Sheet, ...]
    overall: float | None
    spread: float | None
    set_aside: tuple[tuple[str, str], ...]


def own_assignment(session: Session, actor: Actor, assignment_id: UUID) -> Assignment | None:
    """An assignment of one of the person's seats, with its dossier, call and sheet; None for another's, for one that has
    ended, where a conflict stands, or where the dossier's state leaves an evaluator nothing to see."""
    found = session.scalar(_own(actor), {"assignment_id": assignment_id})
    if found is None:
        return None
    # Before the declaration there is only the question; once the evaluation is over, nobody asks it any more.
    wanted = Permission.KNOW if found.declared_at else Permission.EVALUATE
    return found if dossiers.allows(found.dossier, frozenset({Role.EVALUATOR}), wanted) else None


@lru_cache(maxsize=1000)
def _own(actor: Actor) -> sa.Select[Assignment]:
    # Every page and every save of a sheet asks this: built once for a person, since building takes longer than the answer.
    return (
        sa.select(Assignment)
        .join(Dossier, Dossier.id == Assignment.dossier_id)
        .where(
            Assignment.id == sa.bindparam("assignment_id"),
            Assignment.seat_id.in_([s.id for s in actor.evaluating_seats]),
            Assignment.ended_at.is_(None),
            sa.not_(conflicted(actor)),
        )
        .options(
            joinedload(Assignment.dossier).joinedload(Dossier.call),
            joinedload(Assignment.seat),
            joinedload(Assignment.evaluation),  # a save reads the scores itself, once it holds the dossier's row
        )
    )


def own_ended(session: Session, actor: Actor, assignment_id: UUID) -> Assignment | None:
    """An assignment of one of the person's seats that ended for a reason the person may read; None for one that stands, for
    another's, and where a conflict stands."""
    query = (
        sa.select(Assignment)
        .join(Dossier, Dossier.id == Assignment.dossier_id)
        .where(
            Assignment.id == assignment_id,
            Assignment.seat_id.in_([s.id for s in actor.evaluating_seats]),
            Assignment.ended_because.is_not(None),
            sa.not_(conflicted(actor)),
        )
        .options(joinedload(Assignment.dossier).joinedload(Dossier.call), joinedload(Assignment.evaluation))
    )
    return session.scalar(query)


def given(score: Score) -> Given:
    """What the row says."""
    return Given(score.value, score.reason, score.cannot_judge)


def sheet_document(session: Session, evaluation: Evaluation) -> Document | None:
    """The document of a closed sheet."""
    query = sa.select(Document).where(Document.evaluation_id == evaluation.id, Document.superseded_at.is_(None))
    return session.scalar(query)


def results(session: Session, dossier: Dossier, rubric: Rubric, names: Names) -> Results:
    """Means by stream and criterion over the closed sheets, the sheets themselves, and who was kept away, as `names` tells
    of them. Three queries."""
    sheets = sheets_of(session, dossier, names)
    means = {s.key: [x.mean for x in sheets if x.stream == s.key and x.mean is not None] for s in rubric.streams}
    weights = {s.key: float(s.weight) for s in rubric.streams}
    found = scoring.result(means, weights)
    return Results(
        streams=tuple(StreamResult(s, found.sheets[s.key], found.by_stream.get(s.key)) for s in rubric.streams),
        criteria=tuple(_criterion(c, weights, sheets) for c in rubric.criteria),
        sheets=tuple(sheets),
        overall=found.overall,
        spread=found.spread,
        set_aside=tuple(set_aside(session, dossier, names)),
    )


def set_aside(session: Session, dossier: Dossier, names: Names) -> Sequence[tuple[str, str]]:
    """Evaluating seats that a conflict keeps from the dossier, each with the first rule that says so. One query."""
    query = (
        sa.select(Seat.id, Seat.kind, Seat.name, sa.func.min(Conflict.rule))
        .join(Conflict, Conflict.seat_id == Seat.id)
        .where(
            Conflict.dossier_id == dossier.id,
            bars(),
            Seat.kind.in_(("expert", "member")),
        )
        .group_by(Seat.id, Seat.kind, Seat.name)
        .order_by(Seat.name)
    )
    rows = sorted(session.execute(query), key=lambda row: names.order(row[0]))
    return [(names.of(seat, name, STREAM_OF_SEAT[SeatKind(kind)]), rule) for seat, kind, name, rule in rows]


def sheets_of(session: Session, dossier: Dossier, names: Names) -> list[Sheet]:
    """The sheets of the dossier that count, by stream, each as `names` tells of its author. Two queries."""
    query = (
        sa.select(Evaluation, Seat.id, Seat.name)
        .join(Assignment, Assignment.id == Evaluation.assignment_id)
        .join(Seat, Seat.id == Assignment.seat_id)
        .where(Evaluation.dossier_id == dossier.id, Evaluation.counting())
        .options(selectinload(Evaluation.scores))
        .order_by(Evaluation.stream, Seat.name, Evaluation.id)
    )
    rows = sorted(session.execute(query), key=lambda row: (row[0].stream, names.order(row[1])))
    return [
        Sheet(
            e.id, names.of(seat, name, e.stream), e.stream, e.mean, e.closed_at,
            {s.criterion: given(s) for s in e.scores},
        )
        for e, seat, name in rows
        if e.closed_at is not None
    ]  # fmt: skip


def languages_of_sheets(session: Session, dossier: Dossier) -> dict[UUID, str]:
    """In which language each closed sheet of the dossier is written, as its document marks the reasons; a sheet without words
    has none. One query."""
    query = sa.select(Document.evaluation_id, Document.context).where(
        Document.dossier_id == dossier.id, Document.kind == Doc.EVALUATION_SHEET, Document.superseded_at.is_(None)
    )
    marks = {
        sheet: [c["reason"]["language"] for c in context["criteria"] if c["reason"]]
        for sheet, context in session.execute(query)
    }
    return {sheet: found[0] for sheet, found in marks.items() if sheet is not None and found}


def _criterion(criterion: Criterion, weights: Mapping[str, float], sheets: Sequence[Sheet]) -> CriterionResult:
    scored: dict[str, list[float]] = {}
    for sheet in sheets:
        value = sheet.scores[criterion.key].value if criterion.key in sheet.scores else None
        if value is not None:
            scored.setdefault(sheet.stream, []).append(value)
    means = {stream: fmean(values) for stream, values in scored.items()}
    everything = tuple(sorted(v for values in scored.values() for v in values))
    return CriterionResult(criterion, means, scoring.sheet_mean(means, weights), everything)
