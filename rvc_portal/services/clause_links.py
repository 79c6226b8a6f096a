"""What a clause has launched: a call, a meeting, or a task of a meeting's preparation."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal
from rvc_portal.domain.vocabulary import N_
from rvc_portal.models.clause import Clause, ClauseLink
from rvc_portal.queries import follow_up as query
from rvc_portal.services import clause_acts, network_acts


def link(session: Session, clause: Clause, kind: str, target_id: UUID, *, actor: Actor, now: datetime) -> None:
    """The clause has launched this (`kind`: one of queries.follow_up.KINDS). Raises Refused without the role, InvalidInput for
    what is not there, for the clause's own meeting and for what it is linked to already."""
    network_acts.require_secretariat(actor)
    network_acts.hold(session)
    if kind not in query.KINDS or query.target(session, kind, target_id) is None or target_id == clause.meeting_id:
        raise InvalidInput({"target": (Refusal(N_("The clause cannot be linked to this.")),)})
    if session.get(ClauseLink, (clause.id, kind, target_id)) is not None:
        raise InvalidInput({"target": (Refusal(N_("The clause is linked to this already.")),)})
    row = ClauseLink(clause_id=clause.id, kind=kind, target_id=target_id, linked_at=now, linked_by=actor.person)
    session.add(row)
    clause_acts.note(session, clause, "link_clause", _told(row), actor=actor, now=now)


def unlink(session: Session, clause: Clause, kind: str, target_id: UUID, *, actor: Actor, now: datetime) -> None:
    """The clause is not linked to this any more. Raises Refused without the role, NotFound where it was not."""
    network_acts.require_secretariat(actor)
    network_acts.hold(session)
    row = session.get(ClauseLink, (clause.id, kind, target_id))
    if row is None:
        raise NotFound
    session.delete(row)
    clause_acts.note(session, clause, "unlink_clause", _told(row), actor=actor, now=now)


def _told(row: ClauseLink) -> dict[str, object]:
    return {"kind": row.kind, "target": str(row.target_id)}
