"""Reads of one evaluator's sheet: its versions and what was asked of it, earlier reasons, private notes, own scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.scoring import Given
from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.account import Account, RoleGrant
from rvc_portal.models.base import in_force
from rvc_portal.models.conflict import Conflict, bars
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import (
    Assignment,
    EarlierReason,
    Evaluation,
    PrivateNote,
    Reopening,
    Score,
    SheetVersion,
)
from rvc_portal.queries.evaluation import given
from rvc_portal.queries.visibility import conflicted


@dataclass(frozen=True)
class Version:
    """A sheet as it was closed once. `who`: the name of the person who closed it."""

    number: int
    closed_at: datetime
    who: str | None
    mean: float | None
    scores: Mapping[str, Given]


def of_dossier(session: Session, dossier: Dossier, sheet_id: UUID) -> Evaluation | None:
    """A sheet of the dossier that was closed at least once, with its scores and seat."""
    kept = sa.exists().where(SheetVersion.evaluation_id == Evaluation.id)
    query = (
        sa.select(Evaluation)
        .where(
            Evaluation.id == sheet_id,
            Evaluation.dossier_id == dossier.id,
            sa.or_(Evaluation.closed_at.is_not(None), kept),
        )
        .options(joinedload(Evaluation.assignment).joinedload(Assignment.seat), selectinload(Evaluation.scores))
    )
    return session.scalar(query)


def versions(session: Session, sheet: Evaluation) -> list[Version]:
    """Every version that was closed, the first one first; a draft is none. One query, two for a closed sheet."""
    rows = session.execute(
        sa.select(SheetVersion, Account.name)
        .outerjoin(Account, Account.id == SheetVersion.closed_by)
        .where(SheetVersion.evaluation_id == sheet.id)
        .order_by(SheetVersion.number)
    )
    found = [
        Version(v.number, v.closed_at, name, v.mean, {key: Given(**one) for key, one in v.scores.items()})
        for v, name in rows
    ]
    if sheet.closed_at is not None:
        who = session.scalar(sa.select(Account.name).where(Account.id == sheet.closed_by))
        scores = {s.criterion: given(s) for s in sheet.scores}
        found.append(Version(len(found) + 1, sheet.closed_at, who, sheet.mean, scores))
    return found


def versions_kept(session: Session, sheet: Evaluation) -> int:
    """How many versions were set down when the sheet was opened again."""
    query = sa.select(sa.func.count()).where(SheetVersion.evaluation_id == sheet.id)
    return session.scalar(query) or 0


def requests(session: Session, sheet: Evaluation) -> Sequence[Reopening]:
    """What was asked of the sheet and how it was answered, the latest first."""
    query = sa.select(Reopening).where(Reopening.evaluation_id == sheet.id).options(joinedload(Reopening.asker))
    return session.scalars(query.order_by(Reopening.asked_at.desc(), Reopening.id)).all()


def pending(session: Session, sheet: Evaluation) -> Reopening | None:
    """The request that waits for an answer."""
    query = sa.select(Reopening).where(Reopening.evaluation_id == sheet.id, Reopening.answered_at.is_(None))
    return session.scalar(query)


def asked_again(session: Session, dossier: Dossier) -> Sequence[Reopening]:
    """The requests on the dossier's sheets that wait for an answer, the oldest first; those of a sheet that was set aside
    wait for nothing."""
    query = (
        sa.select(Reopening)
        .join(Evaluation)
        .where(Evaluation.dossier_id == dossier.id, Evaluation.counting(), Reopening.answered_at.is_(None))
        .options(
            joinedload(Reopening.asker),
            joinedload(Reopening.evaluation).joinedload(Evaluation.assignment).joinedload(Assignment.seat),
        )
        .order_by(Reopening.asked_at, Reopening.id)
    )
    return session.scalars(query).all()


def opened_again(session: Session, dossier: Dossier) -> Sequence[Evaluation]:
    """The dossier's sheets that were closed once and are open again: they do not count, and their versions are kept."""
    kept = sa.exists().where(SheetVersion.evaluation_id == Evaluation.id)
    query = (
        sa.select(Evaluation)
        .where(Evaluation.dossier_id == dossier.id, Evaluation.closed_at.is_(None), kept)
        .options(joinedload(Evaluation.assignment).joinedload(Assignment.seat))
        .order_by(Evaluation.started_at, Evaluation.id)
    )
    return session.scalars(query).all()


def officers(session: Session, dossier: Dossier, now: datetime) -> Sequence[Account]:
    """The people of the Secretariat in whose part of the Network the dossier lies, but for those with a conflict."""
    within = (
        (RoleGrant.call_id, dossier.call_id),
        (RoleGrant.field, dossier.field),
        (RoleGrant.country, dossier.lead_country),
        (RoleGrant.city, dossier.lead_city),
    )
    granted = sa.exists().where(
        RoleGrant.account_id == Account.id,
        RoleGrant.role == Role.SECRETARIAT,
        in_force(RoleGrant, now),
        *(sa.or_(column.is_(None), column == value) for column, value in within),
    )
    tied = sa.exists().where(Conflict.account_id == Account.id, Conflict.dossier_id == dossier.id, bars())
    return session.scalars(sa.select(Account).where(granted, sa.not_(tied)).order_by(Account.email)).all()


def earlier(session: Session, sheet: Evaluation) -> dict[str, list[EarlierReason]]:
    """Earlier texts of the sheet's reasons by criterion, the latest first."""
    query = sa.select(EarlierReason).where(EarlierReason.evaluation_id == sheet.id)
    found: dict[str, list[EarlierReason]] = {}
    for row in session.scalars(query.order_by(EarlierReason.number.desc())):
        found.setdefault(row.criterion, []).append(row)
    return found


def note(session: Session, actor: Actor, dossier_id: UUID) -> PrivateNote | None:
    """The person's own notes on the dossier; nobody else's are ever read."""
    return session.get(PrivateNote, (actor.person, dossier_id))


def own_scores(session: Session, actor: Actor, call_id: UUID) -> dict[int, int]:
    """How often the person's own seats have given each mark in the call, in sheets closed or not; without the files that a
    conflict takes from them."""
    rows = session.execute(_own_scores(actor), {"call_id": call_id})
    return {int(value): count for value, count in rows if value is not None}


@lru_cache(maxsize=1000)
def _own_scores(actor: Actor) -> sa.Select[float | None, int]:
    return (
        sa.select(Score.value, sa.func.count())
        .join(Evaluation, Evaluation.id == Score.evaluation_id)
        .join(Assignment, Assignment.id == Evaluation.assignment_id)
        .join(Dossier, Dossier.id == Assignment.dossier_id)
        .where(*_mine(actor, sa.bindparam("call_id")), Score.value.is_not(None))
        .group_by(Score.value)
    )


def next_in_queue(session: Session, actor: Actor, assignment: Assignment) -> UUID | None:
    """The assignment of the call that waits for the person after this one, in the order of their desk; the first one again
    after the last. None where no other waits."""
    query = (
        sa.select(Assignment.id)
        .join(Dossier, Dossier.id == Assignment.dossier_id)
        .outerjoin(Evaluation, Evaluation.assignment_id == Assignment.id)
        .where(
            *_mine(actor, assignment.dossier.call_id),
            Dossier.state == "in_evaluation",
            sa.or_(Evaluation.closed_at.is_(None), Assignment.id == assignment.id),
        )
        .order_by(Dossier.lead_city, Assignment.id)
    )
    ids = list(session.scalars(query))
    place = ids.index(assignment.id) if assignment.id in ids else -1
    return next((found for found in ids[place + 1 :] + ids[: place + 1] if found != assignment.id), None)


def _mine(actor: Actor, call_id: UUID | sa.BindParameter[UUID]) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Assignment.seat_id.in_([s.id for s in actor.evaluating_seats]),
        Assignment.ended_at.is_(None),
        Dossier.call_id == call_id,
        sa.not_(conflicted(actor)),
    )
