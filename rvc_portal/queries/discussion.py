"""Reads of the discussion of a dossier: who takes part, what they may read, whom a new message is told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from rvc_portal.domain import discussion as rules
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.discussion import Audience
from rvc_portal.domain.vocabulary import EVALUATING_SEATS, STEERING_SEATS, Permission, Role
from rvc_portal.models.account import Account, RoleGrant
from rvc_portal.models.discussion import Thread, ThreadMessage
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment
from rvc_portal.models.seat import Seat, SeatHolder
from rvc_portal.queries import accounts, dossiers, peers


@dataclass(frozen=True)
class Standing:
    """A person before the discussion. `roles`: in which they take part, none for who has no part in it; `waits`: the own
    sheet comes first; `writes`: audiences of threads that take a message of theirs."""

    roles: frozenset[Role]
    waits: bool = False
    writes: tuple[Audience, ...] = ()


def standing(session: Session, actor: Actor, dossier: Dossier, roles: frozenset[Role]) -> Standing:
    """What the person, who holds `roles` on the dossier, may do in its discussion. An open sheet of their own shuts them
    out in every role. One query at most."""
    judging = dossiers.allows(dossier, frozenset({Role.EVALUATOR}), Permission.EVALUATE)
    if judging and peers.is_judging(session, actor, dossier):
        return Standing(frozenset(), waits=True)
    part = frozenset(r for r in roles if dossiers.allows(dossier, frozenset({r}), Permission.READ_DISCUSSION))
    if Role.EVALUATOR in part and not peers.has_closed(session, actor, dossier.id):
        part -= {Role.EVALUATOR}
    writers = [r for r in Role if dossiers.allows(dossier, frozenset({r}), Permission.DISCUSS)]
    speaks = bool(part & set(writers))
    return Standing(part, writes=tuple(a for a in Audience if speaks and rules.takes_messages(a, writers)))


def threads(session: Session, actor: Actor, dossier: Dossier, to: Standing) -> list[Thread]:
    """The threads that the person reads, the oldest first, with their messages. Three queries at most."""
    query = sa.select(Thread).where(Thread.dossier_id == dossier.id).order_by(Thread.begun_at, Thread.id)
    loaded = query.options(
        selectinload(Thread.messages).options(joinedload(ThreadMessage.author), joinedload(ThreadMessage.seat))
    )
    return [thread for thread in session.scalars(loaded) if reads(actor, thread, to)]


def reads(actor: Actor, thread: Thread, to: Standing) -> bool:
    """Whether the person reads the thread."""
    return rules.reads(thread.audience, to.roles, began=thread.begun_by == actor.account_id)


def own_seat(session: Session, actor: Actor, dossier_id: UUID) -> UUID | None:
    """The seat for which the person evaluates the dossier; the first by name, where there are several."""
    query = (
        sa.select(Assignment.seat_id)
        .join(Seat, Seat.id == Assignment.seat_id)
        .where(
            Assignment.dossier_id == dossier_id,
            Assignment.seat_id.in_([s.id for s in actor.evaluating_seats]),
            Assignment.ended_at.is_(None),
        )
        .order_by(Seat.name, Seat.id)
    )
    return session.scalar(query.limit(1))


def listeners(session: Session, dossier: Dossier, thread: Thread, now: datetime) -> Iterator[Account]:
    """The persons who read the thread at present: each is asked for as when they open the page."""
    for account in _candidates(session, dossier):
        person = accounts.actor_of(session, account, now)
        held = dossiers.find(session, person, dossier.id)
        if held is not None and reads(person, thread, standing(session, person, dossier, held[1])):
            yield account


def _candidates(session: Session, dossier: Dossier) -> Sequence[Account]:
    """Whoever could have a part in the discussion: the Secretariat, the dossier's evaluators, the Steering Group."""
    staff = sa.select(RoleGrant.account_id).where(RoleGrant.role == Role.SECRETARIAT)
    asked = sa.select(Assignment.seat_id).where(Assignment.dossier_id == dossier.id, Assignment.ended_at.is_(None))
    seated = (
        sa.select(SeatHolder.account_id)
        .join(Seat, Seat.id == SeatHolder.seat_id)
        .where(
            sa.or_(
                sa.and_(Seat.kind.in_(sorted(EVALUATING_SEATS)), Seat.id.in_(asked)),
                Seat.kind.in_(sorted(STEERING_SEATS)),
            )
        )
    )
    query = sa.select(Account).where(Account.active, sa.or_(Account.id.in_(staff), Account.id.in_(seated)))
    return session.scalars(query.order_by(Account.email)).all()
