"""Reads for work away from the portal: the sheets that are open to an evaluator, their packs, and what came back."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import Refusal
from rvc_portal.domain.scorebook import MOVED, NAMES, NO_KEY, TWICE, Filled, Line, fate
from rvc_portal.domain.scoring import Given
from rvc_portal.domain.vocabulary import N_, Doc, JobKind, JobStatus, Permission, Role
from rvc_portal.models.call import Call
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment, Evaluation
from rvc_portal.models.job import Job
from rvc_portal.models.pack import Pack, Upload
from rvc_portal.queries import dossiers
from rvc_portal.queries.evaluation import given
from rvc_portal.queries.visibility import conflicted, visible

NOTHING = Given(None, "")
"""A criterion to which nothing was given yet."""

UNKNOWN = N_("This was not made by this portal.")
ANOTHERS = N_("This was made for another person.")
OTHER_CALL = N_("This belongs to another call.")
NOT_OPEN = N_("This file is not open to you any more.")
CLOSED = N_("The sheet is closed: it stands as it is.")
STALE = N_(
    "This line was changed on line after the workbook was made, and differently here. Take a new workbook, or change it on line."
)


@dataclass(frozen=True)
class Effect:
    """What one row of a workbook would do now. `fate`: change, same, kept (see domain.scorebook) or refused, and `wrong` says
    why: (address of the cell, "" for the whole row; refusal). `line`, `now`: None where the row is not this person's or not
    open any more."""

    filled: Filled
    fate: str
    line: Line | None = None
    now: Given | None = None
    wrong: tuple[tuple[str, Refusal], ...] = ()


def declared(session: Session, actor: Actor, call: Call) -> Sequence[Assignment]:
    """The person's own assignments in the call whose files they may read, with dossier, parties, seat and sheet, by city. A
    conflict of any of the person's seats takes a file away. Three queries."""
    query = (
        sa.select(Assignment)
        .join(Dossier, Dossier.id == Assignment.dossier_id)
        .where(
            Dossier.call_id == call.id,
            Assignment.seat_id.in_([s.id for s in actor.evaluating_seats]),
            Assignment.declared_at.is_not(None),
            Assignment.ended_at.is_(None),
            sa.not_(conflicted(actor)),
            visible(actor, Permission.READ),
        )
        .options(
            joinedload(Assignment.dossier).options(joinedload(Dossier.call), selectinload(Dossier.parties)),
            joinedload(Assignment.seat),
            joinedload(Assignment.evaluation).selectinload(Evaluation.scores),
        )
        .order_by(Dossier.lead_city, Dossier.reference, Assignment.id)
        .execution_options(populate_existing=True)
    )
    rows = session.scalars(query).all()
    return [a for a in rows if dossiers.allows(a.dossier, frozenset({Role.EVALUATOR}), Permission.READ)]


def is_open(found: Assignment) -> bool:
    """Whether its sheet still takes scores."""
    closed = found.evaluation is not None and found.evaluation.closed_at is not None
    return not closed and dossiers.allows(found.dossier, frozenset({Role.EVALUATOR}), Permission.EVALUATE)


def open_sheets(session: Session, actor: Actor, call: Call) -> list[Assignment]:
    """Those of `declared` whose sheets still take scores."""
    return [a for a in declared(session, actor, call) if is_open(a)]


def packs(session: Session, actor: Actor, call: Call, now: datetime) -> Sequence[Pack]:
    """The person's packs of the call that can still be fetched, the newest first."""
    query = sa.select(Pack).where(Pack.account_id == actor.account_id, Pack.call_id == call.id, Pack.until_at > now)
    return session.scalars(query.order_by(Pack.made_at.desc(), Pack.id)).all()


def pack(session: Session, actor: Actor, pack_id: UUID) -> Pack | None:
    """The pack, if it is this person's."""
    query = sa.select(Pack).where(Pack.id == pack_id, Pack.account_id == actor.account_id)
    return session.scalar(query.options(joinedload(Pack.call)))


def failed(session: Session, found: Pack) -> bool:
    """Whether every attempt to make its PDF failed."""
    query = sa.select(Job.id).where(Job.subject_id == found.id, Job.kind == JobKind.PACK)
    return session.scalar(query.where(Job.status == JobStatus.FAILED)) is not None


def lines(found: Pack) -> list[Line]:
    """The workbook's lines as they stood when it was made."""
    return [Line.from_json(kept) for kept in found.content["lines"]]


def still_readable(session: Session, actor: Actor, found: Pack) -> bool:
    """Whether every file of the pack is still this person's to read."""
    known = {a.id for a in declared(session, actor, found.call)}
    return all(line.assignment in known for line in lines(found))


def pages_printed(session: Session, dossier_ids: Iterable[UUID]) -> int:
    """How many pages the files have as documents of their own: a guess of what they will have together."""
    query = sa.select(sa.func.sum(Document.pages)).where(
        Document.dossier_id.in_(list(dossier_ids)), Document.kind == Doc.DOSSIER, Document.superseded_at.is_(None)
    )
    return session.scalar(query) or 0


def upload(session: Session, actor: Actor, upload_id: UUID) -> Upload | None:
    """What came back, if it is this person's."""
    query = sa.select(Upload).where(Upload.id == upload_id, Upload.account_id == actor.account_id)
    return session.scalar(query.options(joinedload(Upload.call)))


def effects(session: Session, actor: Actor, call: Call, rows: Sequence[Filled]) -> list[Effect]:
    """What each row would do now, in their order. As many queries however many rows."""
    wanted = {row.place[0] for row in rows if row.place}
    found = {p.id: p for p in session.scalars(sa.select(Pack).where(Pack.id.in_(wanted)))} if wanted else {}
    kept = {p.id: lines(p) for p in found.values() if p.account_id == actor.account_id and p.call_id == call.id}
    stands = {a.id: a for a in declared(session, actor, call)}
    judge = _Judge(actor, call, found, kept)
    named = [(row, judge.line(row)) for row in rows]
    times = Counter((line.assignment, line.criterion) for _row, line in named if isinstance(line, Line))
    return [_effect(row, line, stands, times) for row, line in named]


class _Judge:
    """Whose a row is. `packs`: those that the rows name, anybody's; `kept`: the lines of this person's in the call."""

    def __init__(self, actor: Actor, call: Call, packs: Mapping[UUID, Pack], kept: Mapping[UUID, list[Line]]) -> None:
        self.actor, self.call, self.packs, self.kept = actor, call, packs, kept

    def line(self, row: Filled) -> Line | str:
        """The line that the row is marked for, or why it is none of this person's."""
        if row.place is None:
            return NO_KEY
        pack_id, number = row.place
        if pack_id not in self.packs:
            return UNKNOWN
        if pack_id not in self.kept:
            return ANOTHERS if self.packs[pack_id].account_id != self.actor.account_id else OTHER_CALL
        if number >= len(self.kept[pack_id]):
            return UNKNOWN
        line = self.kept[pack_id][number]
        return (
            line if (line.reference[:NAMES], line.criterion_label[:NAMES]) == (row.reference, row.criterion) else MOVED
        )


def _effect(
    row: Filled, line: Line | str, stands: Mapping[UUID, Assignment], times: Mapping[tuple[UUID, str], int]
) -> Effect:
    if isinstance(line, str):
        return _refused(row, line)
    assignment = stands.get(line.assignment)
    if assignment is None:
        return _refused(row, NOT_OPEN)
    if not is_open(assignment):
        return _refused(row, CLOSED, line)
    if times[line.assignment, line.criterion] > 1:
        return _refused(row, TWICE, line)
    now = standing(assignment, line.criterion)
    if row.given is None:
        return Effect(row, "refused", line, now, row.wrong)
    found = fate(row.given, line.given, now)
    return _refused(row, STALE, line, now) if found == "stale" else Effect(row, found, line, now)


def standing(assignment: Assignment, criterion: str) -> Given:
    """What the sheet says of a criterion now."""
    scores = assignment.evaluation.scores if assignment.evaluation else []
    return next((given(s) for s in scores if s.criterion == criterion), NOTHING)


def _refused(row: Filled, why: str, line: Line | None = None, now: Given | None = None) -> Effect:
    return Effect(row, "refused", line, now, (("", Refusal(why)),))
