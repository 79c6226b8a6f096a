"""What a clause has launched: a call, a meeting, or a task of a meeting's preparation."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal
from rvc_portal.domain.vocabulary import N_, LinkKind
from rvc_portal.models.clause import Clause, ClauseLink
from rvc_portal.queries import follow_up as query
from rvc_portal.services import clause_acts, clause_owners


def link(session: Session, clause: Clause, kind: LinkKind, target_id: UUID, *, actor: Actor, now: datetime) -> None:
    """The clause has launched this. Raises Refused without the role and for a clause that was removed, InvalidInput for what is
    not there, for the clause's own meeting and for what it is linked to already."""
    clause_owners.hold(session, clause, actor)
    if query.target(session, kind, target_id) is None or target_id == clause.meeting_id:
        raise InvalidInput({"target": (Refusal(N_("The clause cannot be linked to this.")),)})
    if session.get(ClauseLink, (clause.id, kind, target_id)) is not None:
        raise InvalidInput({"target": (Refusal(N_("The clause is linked to this already.")),)})
    row = ClauseLink(clause_id=clause.id, kind=kind, target_id=target_id, linked_at=now, linked_by=actor.person)
    session.add(row)
    clause_acts.note(session, clause, "link_clause", _told(row), actor=actor, now=now)


def unlink(session: Session, clause: Clause, kind: LinkKind, target_id: UUID, *, actor: Actor, now: datetime) -> None:
    """The clause is not linked to this any more. Raises Refused without the role, NotFound where it was not."""
    clause_owners.hold(session, clause, actor)
    row = session.get(ClauseLink, (clause.id, kind, target_id))
    if row is None:
        raise NotFound
    session.delete(row)
    clause_acts.note(session, clause, "unlink_clause", _told(row), actor=actor, now=now)


def hand_over(session: Session, of: Clause, to: Clause) -> None:
    """What one clause has launched, another one has launched, too."""
    for found in session.scalars(sa.select(ClauseLink).where(ClauseLink.clause_id == of.id)):
        if session.get(ClauseLink, (to.id, found.kind, found.target_id)) is None:
            more = {"linked_at": found.linked_at, "linked_by": found.linked_by}
            session.add(ClauseLink(clause_id=to.id, kind=found.kind, target_id=found.target_id, **more))
    session.flush()


def _told(row: ClauseLink) -> dict[str, object]:
    return {"kind": row.kind, "target": str(row.target_id)}
