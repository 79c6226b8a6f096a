"""What the closed sheets add up to: a dossier's means at once, the ranking of its field by a job after the commit, and a
sheet that is set aside when a conflict comes to light."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from rvc_portal.domain import ranking as rules
from rvc_portal.domain import scoring
from rvc_portal.domain.actor import CLOCK
from rvc_portal.domain.vocabulary import Doc, JobKind
from rvc_portal.models.call import Call
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment, Evaluation
from rvc_portal.models.ranking import Ranking
from rvc_portal.models.steering import AgendaItem
from rvc_portal.queries import calls
from rvc_portal.queries import results as query
from rvc_portal.services import asking, documents, journal, queue
from rvc_portal.services.contexts.parts import Occasion

PRIORITY = 4
"""Somebody may be waiting for it, and it is quickly done: before documents, after receipts and mails."""


@dataclass(frozen=True)
class Source:
    """What a ranking is to be made of, and the version of the sheets that this is."""

    call: Call
    entries: tuple[rules.Entry, ...]
    version: int


def changed(session: Session, dossier: Dossier, now: datetime) -> None:
    """The dossier's sheets are not what they were: its means are computed now, its field is ranked after the commit."""
    recompute(session, dossier)
    order(session, dossier.call, dossier.field, now)


def recompute(session: Session, dossier: Dossier) -> scoring.Result:
    """Compute the dossier's means from the sheets that count and keep them for the lists."""
    told = calls.definition(dossier.call)
    means: dict[str, list[float]] = {s.key: [] for s in told.rubric.streams}
    rows = session.execute(
        sa.select(Evaluation.stream, Evaluation.mean)
        .where(Evaluation.dossier_id == dossier.id, Evaluation.counting(), Evaluation.mean.is_not(None))
        .order_by(Evaluation.id)
    )
    for stream, mean in rows:
        means[stream].append(mean or 0)
    found = scoring.result(means, {s.key: s.weight for s in told.rubric.streams})
    dossier.closed_sheets = sum(found.sheets.values())
    dossier.mean_overall, dossier.spread = found.overall, found.spread
    dossier.mean_experts, dossier.mean_members = found.by_stream.get("experts"), found.by_stream.get("members")
    session.flush()
    return found


def order(session: Session, call: Call, field: str | None, now: datetime) -> None:
    """Have the field ranked after the commit: once, however many changes come before the worker does it."""
    kept = _held(session, call, field)
    kept.version += 1
    if not kept.stale:
        kept.stale = True
        _enqueue(session, kept, now)
    session.flush()


def source(session: Session, ranking_id: UUID) -> Source | None:
    """What the ranking is to be made of; None where it is up to date, or went with its call."""
    kept = session.get(Ranking, ranking_id)
    if kept is None or not kept.stale:
        return None
    call = session.get_one(Call, kept.call_id)
    return Source(call, query.entries_of_field(session, call, kept.field), kept.version)


def record(session: Session, ranking_id: UUID, made: rules.Ranking, of: Source, now: datetime) -> None:
    """Keep what was made. Where sheets have changed meanwhile it stays stale, and is ordered again."""
    kept = session.get(Ranking, ranking_id, with_for_update=True, populate_existing=True)
    if kept is None:
        return
    kept.content, kept.inputs_sha256, kept.computed_at = query.content(made), query.fingerprint(of.entries), now
    kept.stale = kept.version != of.version
    if kept.stale:
        _enqueue(session, kept, now)


def set_aside(session: Session, dossier: Dossier, seat_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    """A conflict of the seat stands: its closed sheet, if there is one, counts no more. The means follow, the evaluation
    report is issued anew. The caller holds the dossier's row. Safe to repeat."""
    found = session.scalar(
        sa.select(Evaluation)
        .join(Assignment, Assignment.id == Evaluation.assignment_id)
        .where(Assignment.dossier_id == dossier.id, Assignment.seat_id == seat_id, Evaluation.counting())
    )
    if found is None:
        return
    found.set_aside_at = now
    found.assignment.ended_at = found.assignment.ended_at or now
    _supersede(session, Document.evaluation_id == found.id, now)
    journal.append(
        session, dossier.id, "set_aside", actor_id=actor_id, now=now,
        payload={"seat": str(seat_id), "evaluation": str(found.id)},
    )  # fmt: skip
    asking.tell_ended(session, [found.assignment], asking.SET_ASIDE, now)
    changed(session, dossier, now)
    reports = sa.and_(Document.dossier_id == dossier.id, Document.kind == Doc.EVALUATION_REPORT)
    if _supersede(session, reports, now) and dossier.state != "in_evaluation":
        documents.issue(Doc.EVALUATION_REPORT, Occasion(session, dossier, now, "set_aside", CLOCK))
        documents.withdraw_papers(session, AgendaItem.dossier_id == dossier.id, now)


def taken_back(session: Session, dossier: Dossier, evaluation: Evaluation, now: datetime) -> None:
    """A closed sheet was opened again: it counts no more until it is closed; its document, and the report on the file if
    one stands, are superseded by what comes next. The caller holds the dossier's row."""
    reports = sa.and_(Document.dossier_id == dossier.id, Document.kind == Doc.EVALUATION_REPORT)
    _supersede(session, sa.or_(Document.evaluation_id == evaluation.id, reports), now)
    changed(session, dossier, now)


def _held(session: Session, call: Call, field: str | None) -> Ranking:
    """The field's row, held until the transaction ends; made where there is none."""
    wanted = query.ranking_id(call.id, field)
    kept = session.get(Ranking, wanted, with_for_update=True, populate_existing=True)
    if kept is not None:
        return kept
    # The first two sheets of a field may be closed at the same moment: whoever comes second waits here, and finds it.
    row = {"id": wanted, "call_id": call.id, "field": field, "version": 0, "stale": False}
    session.execute(_insert(session)(Ranking).values(row).on_conflict_do_nothing())
    return session.get_one(Ranking, wanted, with_for_update=True, populate_existing=True)


def _insert(session: Session) -> type[sqlite.Insert] | type[postgresql.Insert]:
    return sqlite.Insert if session.get_bind().dialect.name == "sqlite" else postgresql.Insert


def _enqueue(session: Session, kept: Ranking, now: datetime) -> None:
    # The id hangs on the ranking's: a replay draws as many ids as before.
    job_id = uuid5(kept.id, str(kept.version))
    queue.enqueue(session, JobKind.RANK, kept.id, now=now, priority=PRIORITY, job_id=job_id)


def _supersede(session: Session, which: sa.ColumnElement[bool], now: datetime) -> int:
    """Mark the documents that stand as superseded; how many those are."""
    standing = session.scalars(sa.select(Document).where(which, Document.superseded_at.is_(None))).all()
    for document in standing:
        document.superseded_at = now
    return len(standing)
