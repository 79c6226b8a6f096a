"""Conflicts of interest: found by the call's rules, declared by people, dismissed with a reason; each one journaled."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain import conflicts as rules
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.call import HARD
from rvc_portal.domain.errors import InvalidInput, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, STEERING_SEATS, Permission
from rvc_portal.models.conflict import Conflict, bars, stands
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment
from rvc_portal.models.seat import Seat
from rvc_portal.queries import calls, interests
from rvc_portal.services import journal, results, rights

DECLARED, FOUND = "declared", "found"
"""Said by the person whose tie it is; learned of by the Secretariat."""


def refresh(session: Session, dossier: Dossier, *, now: datetime) -> list[Conflict]:
    """Find by rule every seat and every person that may not judge the dossier, keep what is new, and take the file from
    whom a hard one bars. Safe to repeat."""
    told = calls.definition(dossier.call)
    severities = {rule.rule: rule.severity for rule in told.conflict_rules if rule.rule in rules.RULES}
    known = {
        (c.seat_id or c.account_id, c.rule)
        for c in session.scalars(sa.select(Conflict).where(Conflict.dossier_id == dossier.id))
    }
    new = [
        Conflict(dossier_id=dossier.id, rule=found.rule, reason=found.note, severity=severities[found.rule],
                 since_at=now, **whose)
        for whose, found in _found(session, dossier, severities, now)
        if (next(iter(whose.values())), found.rule) not in known
    ]  # fmt: skip
    for conflict in new:
        session.add(conflict)
        session.flush()
        _journal(session, conflict, actor_id=None, now=now)
        if conflict.severity == HARD and conflict.seat_id is not None:
            _end_assignment(session, dossier, conflict.seat_id, now)
            results.set_aside(session, dossier, conflict.seat_id, actor_id=None, now=now)
    return new


def _found(
    session: Session, dossier: Dossier, wanted: Iterable[str], now: datetime
) -> Iterator[tuple[dict[str, UUID], rules.Found]]:
    """Each seat, then each person, with each rule that ties it to the file."""
    parties = interests.of_files(session, [dossier])[dossier.id]
    seats = _seats(session, dossier.field)
    bound = interests.of_seats(session, seats, now)
    for seat in seats:
        for found in rules.found(wanted, bound[seat.id], parties):
            yield {"seat_id": seat.id}, found
    for account_id, declared in sorted(interests.declared(session).items()):
        for found in rules.found(wanted, rules.SeatTies(None, None, declared), parties):
            yield {"account_id": account_id}, found


def dismiss(
    session: Session, dossier: Dossier, seat_id: UUID, *, reason: str, actor: Actor, now: datetime
) -> list[Conflict]:
    """Set the warnings against a seat aside, with a reason. Raises Refused without the right, or where there is none or
    one that is hard, InvalidInput without a reason."""
    rights.require(session, actor, dossier, Permission.ASSIGN)
    if not reason.strip():
        raise InvalidInput({"reason": (Refusal(N_("Give the reason."), target="reason"),)})
    found = session.scalars(
        sa.select(Conflict).where(Conflict.dossier_id == dossier.id, Conflict.seat_id == seat_id, stands())
    ).all()
    if not found:
        raise Refused([Refusal(N_("There is no warning against this evaluator."))])
    if any(conflict.severity == HARD for conflict in found):
        raise Refused([Refusal(N_("A conflict that bars by a rule of the call cannot be dismissed."))])
    for conflict in found:
        conflict.dismissed_at, conflict.dismissed_by, conflict.dismissed_reason = now, actor.person, reason.strip()
    payload = {"seat": str(seat_id), "rules": [conflict.rule for conflict in found]}
    journal.append(
        session, dossier.id, "dismiss_conflict", actor_id=actor.account_id, now=now, reason=reason.strip(),
        payload=payload,
    )  # fmt: skip
    session.flush()
    return list(found)


def declare(
    session: Session, dossier: Dossier, seat_id: UUID, *, actor_id: UUID, reason: str, now: datetime,
    rule: str = DECLARED,
) -> Conflict:  # fmt: skip
    """Keep what a seat's holder declares, or what others have found (`rule`); any assignment of the seat to the dossier
    ends, and a sheet that it has closed is set aside. Safe to repeat."""
    found = session.scalar(
        sa.select(Conflict).where(Conflict.dossier_id == dossier.id, Conflict.seat_id == seat_id, Conflict.rule == rule)
    )
    if found is not None:
        return found
    found = Conflict(dossier_id=dossier.id, seat_id=seat_id, rule=rule, reason=reason.strip(), since_at=now)
    session.add(found)
    _end_assignment(session, dossier, seat_id, now)
    session.flush()
    _journal(session, found, actor_id=actor_id, now=now)
    results.set_aside(session, dossier, seat_id, actor_id=actor_id, now=now)
    return found


def seats_barred(session: Session, dossier_id: UUID, *, warned: bool = False) -> dict[UUID, str]:
    """The seats with a conflict that bars, each with the rule; with `warned`, those with a warning that nobody has
    dismissed, too."""
    query = sa.select(Conflict.seat_id, Conflict.rule).where(
        Conflict.dossier_id == dossier_id, Conflict.seat_id.is_not(None), stands() if warned else bars()
    )
    rows = session.execute(query.order_by(Conflict.rule.desc()))
    return {seat_id: rule for seat_id, rule in rows if seat_id}


def _seats(session: Session, field: str | None) -> list[Seat]:
    """Evaluating seats of the field and all seats of the Steering Group, in a fixed order."""
    query = sa.select(Seat).where(sa.or_(Seat.judging(field), Seat.kind.in_(sorted(STEERING_SEATS))))
    return list(session.scalars(query.order_by(Seat.kind, Seat.name, Seat.id)))


def _end_assignment(session: Session, dossier: Dossier, seat_id: UUID, now: datetime) -> None:
    session.execute(
        sa.update(Assignment)
        .where(Assignment.dossier_id == dossier.id, Assignment.seat_id == seat_id, Assignment.ended_at.is_(None))
        .values(ended_at=now)
    )


def _journal(session: Session, conflict: Conflict, *, actor_id: UUID | None, now: datetime) -> None:
    journal.append(
        session, conflict.dossier_id, "conflict" if conflict.seat_id else "person_conflict", actor_id=actor_id, now=now,
        reason=conflict.reason,
        payload={"rule": conflict.rule, **_whose(conflict)},
    )  # fmt: skip


def _whose(conflict: Conflict) -> dict[str, str]:
    return {"seat": str(conflict.seat_id)} if conflict.seat_id else {"person": str(conflict.account_id)}
