"""Who sees to a clause, by when, and what it launches. None of it is part of the text: it may be said once that is sealed, too,
and is noted then in the Network's journal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, LinkKind, OwnerKind
from rvc_portal.models.base import new_id
from rvc_portal.models.clause import Clause, ClauseLink, ClauseOwner
from rvc_portal.models.seat import Member
from rvc_portal.queries import drafting as query
from rvc_portal.services import network_acts


@dataclass(frozen=True)
class Owner:
    """Who sees to a clause; of a member city, `member_id` tells which."""

    kind: OwnerKind
    member_id: UUID | None = None


def assign(
    session: Session, clause: Clause, owners: Sequence[Owner], due_on: date | None, *, actor: Actor, now: datetime
) -> None:  # fmt: skip
    """Say who sees to the clause, and by which day; what was said before is replaced. Raises Refused without the role or for a
    removed clause, InvalidInput for a member city that is not named or not there."""
    _hold(session, clause, actor)
    wanted = list(dict.fromkeys(owners))
    for owner in wanted:
        if (owner.kind is OwnerKind.MEMBER) != (owner.member_id is not None):
            raise InvalidInput({"member": (Refusal(N_("Choose the member city that sees to it.")),)})
        if owner.member_id is not None and session.get(Member, owner.member_id) is None:
            raise InvalidInput({"member": (Refusal(N_("There is no such member city.")),)})
    session.execute(sa.delete(ClauseOwner).where(ClauseOwner.clause_id == clause.id))
    for owner in wanted:
        session.add(ClauseOwner(id=new_id(), clause_id=clause.id, owner=owner.kind, member_id=owner.member_id))
    clause.due_on = due_on
    session.flush()
    session.expire(clause, ["owners"])
    _note(session, clause, "own_clause", {"owners": [str(owner.kind) for owner in wanted]}, actor, now)


def link(
    session: Session, clause: Clause, kind: LinkKind, target_id: UUID, *, actor: Actor, now: datetime
) -> None:  # fmt: skip
    """Name a call, a meeting or a task that the clause launches; safe to repeat. Raises NotFound for one that is not there."""
    _hold(session, clause, actor)
    if query.target(session, kind, target_id) is None:
        raise NotFound
    if session.get(ClauseLink, (clause.id, kind, target_id)) is None:
        session.add(
            ClauseLink(clause_id=clause.id, kind=kind, target_id=target_id, linked_at=now, linked_by=actor.person)
        )
        _note(session, clause, "link_clause", {"kind": str(kind), "target": str(target_id)}, actor, now)
    session.flush()


def unlink(
    session: Session, clause: Clause, kind: LinkKind, target_id: UUID, *, actor: Actor, now: datetime
) -> None:  # fmt: skip
    """Take a link back; safe to repeat."""
    _hold(session, clause, actor)
    found = session.get(ClauseLink, (clause.id, kind, target_id))
    if found is not None:
        session.delete(found)
        _note(session, clause, "unlink_clause", {"kind": str(kind), "target": str(target_id)}, actor, now)
    session.flush()


def hand_over(session: Session, of: Clause, to: Clause) -> None:
    """What one clause has of owners and links becomes another one's, too; so does the earlier day."""
    has = {(owner.owner, owner.member_id) for owner in to.owners}
    for owner in of.owners:
        if (owner.owner, owner.member_id) not in has:
            session.add(ClauseOwner(id=new_id(), clause_id=to.id, owner=owner.owner, member_id=owner.member_id))
    for found in session.scalars(sa.select(ClauseLink).where(ClauseLink.clause_id == of.id)):
        if session.get(ClauseLink, (to.id, found.kind, found.target_id)) is None:
            more = {"linked_at": found.linked_at, "linked_by": found.linked_by}
            session.add(ClauseLink(clause_id=to.id, kind=found.kind, target_id=found.target_id, **more))
    to.due_on = min((day for day in (of.due_on, to.due_on) if day), default=None)
    session.flush()


def _hold(session: Session, clause: Clause, actor: Actor) -> None:
    if not query.writes(actor):
        raise Refused([Refusal(N_("Your role does not allow this."))])
    if clause.removed_at is not None:
        raise Refused(
            [
                Refusal(
                    N_("This clause was removed on %(instant)s; bring it back first."), {"instant": clause.removed_at}
                )
            ]
        )
    network_acts.hold(session)


def _note(
    session: Session, clause: Clause, act: str, more: dict[str, object], actor: Actor, now: datetime
) -> None:  # fmt: skip
    """What is said of a sealed text is an act of the Network; of a draft it is work under way."""
    clause.meeting.version += 1
    if clause.meeting.sealed_at is not None:
        payload = {"meeting": str(clause.meeting_id), "clause": str(clause.id), **more}
        network_acts.note(session, act, actor=actor, now=now, payload=payload)
