"""Who sees to a clause, and by when: no part of the text, so that both may be set after it is sealed."""

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain import following
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, Refusal, Refused
from rvc_portal.domain.following import Owner
from rvc_portal.domain.vocabulary import N_, OwnerKind, Role
from rvc_portal.models.base import new_id
from rvc_portal.models.clause import Clause, ClauseOwner
from rvc_portal.models.seat import Member
from rvc_portal.services import clause_acts, network_acts


def set_owners(session: Session, clause: Clause, owners: Sequence[Owner], *, actor: Actor, now: datetime) -> None:
    """These see to the clause from now on, in the place of those who did. Raises Refused without the role and for a clause that
    was removed, InvalidInput for a city that is no member."""
    hold(session, clause, actor)
    wanted = list(dict.fromkeys(owners))
    _require_members(session, wanted)
    before = {Owner(OwnerKind(row.owner), row.member_id) for row in clause.owners}
    if before == set(wanted):
        return
    session.execute(sa.delete(ClauseOwner).where(ClauseOwner.clause_id == clause.id))
    _add(session, clause, wanted)
    told = [[str(o.kind), str(o.member_id) if o.member_id else None] for o in wanted]
    clause_acts.note(session, clause, "set_clause_owners", {"owners": told}, actor=actor, now=now)
    session.expire(clause, ["owners"])


def set_due(session: Session, clause: Clause, due_on: date | None, *, actor: Actor, now: datetime) -> None:
    """What the clause asks for is to be done by this day; None: by none. Raises Refused without the role and for a clause that
    was removed, InvalidInput for a day before the meeting."""
    hold(session, clause, actor)
    meeting = clause.meeting
    first = following.earliest_due(meeting.starts_on, meeting.ends_on, meeting.year)
    if due_on is not None and due_on < first:
        refusal = Refusal(N_("This is before the meeting that agreed on it, %(day)s."), {"day": first})
        raise InvalidInput({"due_on": (refusal,)})
    if clause.due_on == due_on:
        return
    clause.due_on = due_on
    told = {"due_on": due_on.isoformat() if due_on else None}
    clause_acts.note(session, clause, "set_clause_due", told, actor=actor, now=now)


def hand_over(session: Session, of: Clause, to: Clause) -> None:
    """What one clause has of owners becomes another one's, too; so does the earlier day."""
    has = {(owner.owner, owner.member_id) for owner in to.owners}
    lacking = [o for o in of.owners if (o.owner, o.member_id) not in has]
    _add(session, to, [Owner(OwnerKind(o.owner), o.member_id) for o in lacking])
    to.due_on = min((day for day in (of.due_on, to.due_on) if day), default=None)
    session.flush()


def hold(session: Session, clause: Clause, actor: Actor) -> None:
    """What hangs on a clause is written by one at a time. A text at work is the Steering Group's, too; what is sealed the
    Secretariat follows up. Raises Refused without the role, and for a clause that was removed."""
    if clause.meeting.sealed_at is not None or not actor.has(Role.STEERING):
        network_acts.require_secretariat(actor)
    if clause.removed_at is not None:
        params = {"instant": clause.removed_at}
        raise Refused([Refusal(N_("This clause was removed on %(instant)s; bring it back first."), params)])
    network_acts.hold(session)
    session.expire(clause, ["owners", "due_on"])  # they may have been read before it was held


def _add(session: Session, clause: Clause, owners: Sequence[Owner]) -> None:
    session.add_all(
        ClauseOwner(id=new_id(), clause_id=clause.id, owner=owner.kind, member_id=owner.member_id) for owner in owners
    )


def _require_members(session: Session, owners: Sequence[Owner]) -> None:
    named = {o.member_id for o in owners if o.kind is OwnerKind.MEMBER}
    there = set(session.scalars(sa.select(Member.id).where(Member.id.in_([i for i in named if i is not None]))))
    if named - there:
        raise InvalidInput({"city": (Refusal(N_("This city is no member of the Network.")),)})
