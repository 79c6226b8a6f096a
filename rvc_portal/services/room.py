"""The room of a sitting: who may act in it, its row held meanwhile, and the counters by which screens learn of a change."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.deliberation import Sitter
from rvc_portal.domain.errors import NotFound, Refusal, Refused
from rvc_portal.domain.vocabulary import N_
from rvc_portal.models.steering import AgendaItem, SteeringSession
from rvc_portal.queries import deliberation as query


def hold(session: Session, sitting: SteeringSession) -> None:
    """Hold the sitting's row until the transaction ends, as it stands now, and with it every item of its agenda: what was
    read before may be what somebody else has changed meanwhile, and a counter counted on from there would stand still."""
    session.flush()
    session.refresh(sitting, with_for_update={"key_share": True})
    items = sa.select(AgendaItem).where(AgendaItem.session_id == sitting.id)
    session.scalars(items.execution_options(populate_existing=True)).all()


def check_open(sitting: SteeringSession) -> None:
    if sitting.opened_at is None:
        raise Refused([Refusal(N_("This sitting has not begun yet."))])
    if sitting.closed_at is not None:
        raise Refused([Refusal(N_("This sitting is closed."))])


def chair(session: Session, sitting: SteeringSession, actor: Actor) -> UUID:
    """The seat in the chair, if the person acts for it. Raises Refused for everybody else."""
    hold(session, sitting)
    check_open(sitting)
    if sitting.chair_id is None or sitting.chair_id not in {s.id for s in actor.steering_seats}:
        raise Refused([Refusal(N_("Only who has the chair may do this."))])
    return sitting.chair_id


def mine(session: Session, sitting: SteeringSession, seat_id: UUID, actor: Actor) -> Sitter:
    """The person's own seat at the sitting. Raises NotFound for another's, Refused for one that has not come."""
    if seat_id not in {s.id for s in actor.steering_seats}:
        raise NotFound
    hold(session, sitting)
    check_open(sitting)
    found = next((s for s in query.sitters(session, sitting) if s.seat == seat_id), None)
    if found is None:
        raise Refused([Refusal(N_("Take your seat at the sitting first."))])
    return found


def changed(session: Session, sitting: SteeringSession) -> None:
    """Something changed that all who sit may see."""
    sitting.version += 1
    session.flush()


def touched(session: Session, item: AgendaItem) -> None:
    """Something changed on the item, for those to whom it is open."""
    item.version += 1
    session.flush()
