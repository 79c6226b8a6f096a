"""Assigning for many files: every free seat of its field to every file in evaluation, or one seat to some of them; and what
becomes of a request afterwards: somebody else is asked in its place, it is given time, or its file is withdrawn."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal, Refused
from rvc_portal.domain.progress import REASSIGNED, WITHDRAWN
from rvc_portal.domain.vocabulary import N_, Role
from rvc_portal.models.account import Account
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment
from rvc_portal.queries import assignments as query
from rvc_portal.queries import calls, progress
from rvc_portal.queries.progress import Left, Line
from rvc_portal.services import asking, calibration, conflicts, evaluation, journal, mailing, rights
from rvc_portal.services.transitions import lock


@dataclass(frozen=True)
class Extended:
    """Whose term was moved, and who of those chosen was left out."""

    lines: Sequence[Line]
    left: Sequence[Left]


def assign_all(session: Session, call: Call, *, actor: Actor, now: datetime) -> int:
    """Ask every evaluating seat of the field that no conflict bars, for every file in evaluation that this person may
    assign; seats asked already are passed over. Returns how many were asked. Raises Refused without the role."""
    rights.require_on_call(actor, call.id, Role.SECRETARIAT)
    found = session.scalars(
        sa.select(Dossier).where(query.in_evaluation(actor, call)).order_by(Dossier.reference)
    ).all()
    return sum(assign_free(session, dossier, actor=actor, now=now) for dossier in found)


def assign_seat(
    session: Session, call: Call, seat_id: UUID, dossier_ids: Iterable[UUID], *, actor: Actor, now: datetime
) -> int:
    """Ask one seat for these files; those it is asked for are passed over. Returns how many requests that were. Raises
    Refused without the role, for a conflict, another field or a file that is no longer in evaluation, NotFound for one
    that this person may not know of."""
    rights.require_on_call(actor, call.id, Role.SECRETARIAT)
    wanted = sorted(set(dossier_ids))
    chosen = sa.select(Dossier).where(Dossier.id.in_(wanted), Dossier.call_id == call.id).order_by(Dossier.reference)
    found = session.scalars(chosen).all()
    if len(found) < len(wanted):
        raise NotFound
    return sum(len(evaluation.assign(session, dossier, [seat_id], actor=actor, now=now)) for dossier in found)


def reassign(
    session: Session, dossier: Dossier, seat_id: UUID, to_seat_id: UUID, *, reason: str, actor: Actor, now: datetime
) -> Assignment:
    """Ask another seat in the place of one that has not closed its sheet; both are told by mail. The draft of the first is
    kept, and is nobody else's. Raises InvalidInput without a reason, NotFound, Refused as `evaluation.assign` and `unassign`
    do, or where the other is asked already; nothing is changed then."""
    if not reason.strip():
        raise InvalidInput({"reason": (Refusal(N_("Give the reason."), target="reason"),)})
    with session.begin_nested():  # nobody is taken off whose place stays empty
        ended = evaluation.unassign(
            session, dossier, seat_id, actor=actor, now=now, reason=reason.strip(), because=REASSIGNED
        )
        made = evaluation.assign(session, dossier, [to_seat_id], actor=actor, now=now) if to_seat_id != seat_id else []
        if not made:
            raise Refused([Refusal(N_("This evaluator is asked for the file already."))])
        asking.tell_ended(session, [ended], REASSIGNED, now)
    return made[0]


def extend(
    session: Session, call: Call, ids: Collection[UUID], *, until: datetime, reason: str, actor: Actor, now: datetime
) -> Extended:
    """Await these sheets until `until` (an aware instant). Those that are closed, are asked for no more or have as much time
    already are left out. Raises InvalidInput without a reason, for an instant that lies behind, or where nobody is left."""
    if not reason.strip():
        raise InvalidInput({"reason": (Refusal(N_("Give the reason."), target="reason"),)})
    if until <= now:
        raise InvalidInput({"until": (Refusal(N_("Give an instant that lies ahead."), target="until"),)})
    lines, left = progress.chosen(session, actor, call, ids, now)
    moved = [line for line in lines if line.due_at is None or line.due_at < until]
    left += [Left(line.id, line.seat, line.city, "enough") for line in lines if line not in moved]
    if not moved:
        raise InvalidInput({"until": (Refusal(N_("Nobody is left whose time this would prolong."), target="until"),)})
    for line in sorted(moved, key=lambda line: (line.dossier_id, line.id)):
        lock(session, session.get_one(Dossier, line.dossier_id), None)
        session.get_one(Assignment, line.id).due_at = until
        payload = {"seat": str(line.seat_id), "until": until.isoformat()}
        journal.append(
            session, line.dossier_id, "extend_sheet", actor_id=actor.account_id, now=now, reason=reason.strip(),
            payload=payload,
        )  # fmt: skip
    more = {"until": until.isoformat(), "reason": reason.strip()}
    for account, theirs in by_person(progress.holders(session, call, moved, now), moved):
        mailing.queue_mail(
            session, account.email, language=account.language, template="more_time",
            context=letter(call, account, theirs) | more, now=now,
        )  # fmt: skip
    session.flush()
    return Extended(moved, left)


def by_person(holders: Mapping[UUID, Sequence[Account]], lines: Iterable[Line]) -> list[tuple[Account, list[Line]]]:
    """The people with all their lines, so that each is written to once; in the order of their first lines."""
    found: dict[UUID, tuple[Account, list[Line]]] = {}
    for line in lines:
        for account in holders[line.id]:
            found.setdefault(account.id, (account, []))[1].append(line)
    return list(found.values())


def letter(call: Call, account: Account, lines: Iterable[Line], language: str | None = None) -> dict[str, Any]:
    """What a mail about several sheets names. A file has no reference before the declaration: it is not open then."""
    told = calls.definition(call)
    return {
        "name": account.name,
        "path": "/desk",
        "call": told.title.of(language or account.language),
        "zone": told.timezone,
        "sheets": [
            {
                "city": line.city,
                "reference": line.reference if line.standing != "asked" else None,
                "seat": line.seat,
                "standing": line.standing,
                "due": line.due_at.isoformat() if line.due_at else None,
            }
            for line in lines
        ],
        "demonstration": call.demonstration,
    }


def withdrawn(session: Session, dossier: Dossier, *, now: datetime) -> None:
    """The city has taken its file back: whoever was to evaluate it is told so, once. Closed sheets stay as they are; a
    withdrawn file stands in no ranking. The caller holds the dossier's row."""
    standing = sa.select(Assignment).where(Assignment.dossier_id == dossier.id, Assignment.ended_at.is_(None))
    ended = session.scalars(standing.order_by(Assignment.id)).all()
    for assignment in ended:
        assignment.ended_at, assignment.ended_because = now, WITHDRAWN
    asking.tell_ended(session, ended, WITHDRAWN, now)


def calibrate(session: Session, dossier: Dossier, *, actor: Actor, now: datetime) -> int:
    """Mark the dossier for calibration and ask every evaluator of its field whom no conflict bars. Returns how many were
    asked. Raises Refused as `calibration.mark` does."""
    calibration.mark(session, dossier, actor=actor, now=now)
    return assign_free(session, dossier, actor=actor, now=now)


def assign_free(session: Session, dossier: Dossier, *, actor: Actor, now: datetime) -> int:
    """Ask every evaluating seat of the dossier's field that no conflict bars. Returns how many were asked."""
    conflicts.refresh(session, dossier, now=now)
    barred = conflicts.seats_barred(session, dossier.id, warned=True)
    free = [seat.id for seat in query.seats(session, dossier.field) if seat.id not in barred]
    return len(evaluation.assign(session, dossier, free, actor=actor, now=now))
