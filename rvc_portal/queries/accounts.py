"""Reads of accounts: who a session belongs to, and what gives that person rights."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor, Grant, Scope, SeatHeld
from rvc_portal.domain.vocabulary import Role, SeatKind
from rvc_portal.models.account import Account, RoleGrant, SignInSession
from rvc_portal.models.base import Instant, in_force
from rvc_portal.models.dossier import Membership
from rvc_portal.models.seat import Seat, SeatHolder
from rvc_portal.models.second_factor import SecondFactor


def _holds(model: type[RoleGrant] | type[SeatHolder]) -> sa.ColumnElement[bool]:
    return in_force(model, sa.bindparam("now", type_=Instant))


# Every page asks these three, so they are built once: building them takes longer than their answer.
_APPLIES = sa.exists().where(Membership.account_id == Account.id, Membership.ended_at.is_(None)).label("applies")
_ENROLLED = sa.exists().where(SecondFactor.account_id == Account.id, SecondFactor.secret.is_not(None)).label("enrolled")
_SIGNED_IN = (
    sa.select(Account, _APPLIES, _ENROLLED, SignInSession.started_at, SignInSession.completed_at)
    .join(SignInSession, SignInSession.account_id == Account.id)
    .where(
        SignInSession.id == sa.bindparam("session_id"),
        SignInSession.ended_at.is_(None),
        SignInSession.started_at > sa.bindparam("since"),
        Account.active,
    )
)
_GRANTS = (
    sa.select(RoleGrant.role, RoleGrant.call_id, RoleGrant.field, RoleGrant.country, RoleGrant.city)
    .where(RoleGrant.account_id == sa.bindparam("account_id"), _holds(RoleGrant))
    .order_by(RoleGrant.role, RoleGrant.id)
)
_SEATS = (
    sa.select(Seat.id, Seat.kind, Seat.name, Seat.field, Seat.country, Seat.city)
    .join(SeatHolder, SeatHolder.seat_id == Seat.id)
    .where(SeatHolder.account_id == sa.bindparam("account_id"), _holds(SeatHolder))
    .order_by(Seat.name, Seat.id)
)
_MINE = sa.select(SignInSession.account_id).where(SignInSession.id == sa.bindparam("session_id")).scalar_subquery()
_RIGHTS = sa.union_all(
    sa.select(
        sa.literal("grant").label("what"), RoleGrant.role.label("kind"), RoleGrant.call_id.label("about"), RoleGrant.field,
        RoleGrant.country, RoleGrant.city, sa.literal("").label("name"), RoleGrant.id.label("row"),
    ).where(RoleGrant.account_id == _MINE, _holds(RoleGrant)),
    sa.select(sa.literal("seat"), Seat.kind, Seat.id, Seat.field, Seat.country, Seat.city, Seat.name, Seat.id)
    .join(SeatHolder, SeatHolder.seat_id == Seat.id)
    .where(SeatHolder.account_id == _MINE, _holds(SeatHolder)),
).subquery("rights")  # fmt: skip
_AT_ONCE = (
    _SIGNED_IN.add_columns(*_RIGHTS.c)
    .outerjoin(_RIGHTS, sa.true())
    .order_by(_RIGHTS.c.name, _RIGHTS.c.kind, _RIGHTS.c.row)
)
"""All three in one, for a page that asks again and again; what each tells is in the order of _GRANTS and _SEATS."""

Rights = tuple[tuple[Grant, ...], tuple[SeatHeld, ...]]


@dataclass(frozen=True)
class SignedIn:
    """An account behind a running session. `applies`: the person has a part in a dossier of a city; `enrolled`: they have
    a second factor; `completed_at` None: it was not shown yet since `started_at`; `rights`: where they were asked for."""

    account: Account
    applies: bool
    enrolled: bool
    started_at: datetime
    completed_at: datetime | None
    rights: Rights | None = None


def signed_in(
    session: Session, session_id: UUID, *, since: datetime, rights_at: datetime | None = None
) -> SignedIn | None:  # fmt: skip
    """Who signed in with this session, None if it has ended, began before `since` or its account is closed; with the rights
    that hold at `rights_at`, where one is given. One query."""
    if rights_at is not None:
        return _at_once(session, {"session_id": session_id, "since": since, "now": rights_at})
    row = session.execute(_SIGNED_IN, {"session_id": session_id, "since": since}).one_or_none()
    return SignedIn(*row) if row else None


def actor(
    session: Session, account: Account, now: datetime, *, applies: bool, rights: Rights | None = None
) -> Actor:  # fmt: skip
    """The person as the rules see them: grants and seats that hold at `now`. Two queries, none where `rights` were read."""
    grants, seats = rights or (_grants(session, account.id, now), _seats(session, account.id, now))
    return Actor(
        account_id=account.id,
        name=account.name,
        language=account.language,
        grants=grants,
        seats=seats,
        applies=applies,
    )


def actor_of(session: Session, account: Account, now: datetime) -> Actor:
    """The same for an account that did not sign in: commands, replays, tests."""
    applies = session.scalar(sa.select(_APPLIES).where(Account.id == account.id))
    return actor(session, account, now, applies=bool(applies))


def holding_on_call(session: Session, role: Role, call_id: UUID, now: datetime) -> list[Account]:
    """Who holds the role over the whole call at `now`, by address. One query."""
    query = (
        sa.select(Account)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            RoleGrant.role == role, sa.or_(RoleGrant.call_id.is_(None), RoleGrant.call_id == call_id),
            RoleGrant.field.is_(None), RoleGrant.country.is_(None), RoleGrant.city.is_(None), Account.active,
            _holds(RoleGrant),
        )
        .order_by(Account.email)
    )  # fmt: skip
    return list(session.scalars(query.distinct(), {"now": now}))


def by_email(session: Session, email: str, *, hold: bool = False) -> Account | None:
    """The account with this address, whatever its case. `hold`: as it stands now, and nobody else changes it before the
    commit."""
    return _one(session, Account.email == email.strip().lower(), hold)


def by_uniquifier(session: Session, unique: str, *, hold: bool = False) -> Account | None:
    """The account that a signed link or cookie speaks of; `hold`: as for `by_email`."""
    return _one(session, Account.fs_uniquifier == unique, hold)


def is_known(session: Session, email: str) -> bool:
    """Whether somebody has shown that this address is theirs."""
    found = by_email(session, email)
    return found is not None and found.confirmed_at is not None


def _one(session: Session, which: sa.ColumnElement[bool], hold: bool) -> Account | None:
    query = sa.select(Account).where(which)
    if hold:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return session.scalar(query)


def _grants(session: Session, account_id: UUID, now: datetime) -> tuple[Grant, ...]:
    rows = session.execute(_GRANTS, {"account_id": account_id, "now": now})
    return tuple(Grant(Role(r.role), Scope(r.call_id, r.field, r.country, r.city)) for r in rows)


def _seats(session: Session, account_id: UUID, now: datetime) -> tuple[SeatHeld, ...]:
    rows = session.execute(_SEATS, {"account_id": account_id, "now": now})
    return tuple(SeatHeld(r.id, SeatKind(r.kind), r.name, r.field, r.country, r.city) for r in rows)


def _at_once(session: Session, asked: Mapping[str, object]) -> SignedIn | None:
    rows = session.execute(_AT_ONCE, dict(asked)).all()
    if not rows:
        return None
    grants = [Grant(Role(r.kind), Scope(r.about, r.field, r.country, r.city)) for r in rows if r.what == "grant"]
    seats = [SeatHeld(r.about, SeatKind(r.kind), r.name, r.field, r.country, r.city) for r in rows if r.what == "seat"]
    first = rows[0]
    rights = (tuple(grants), tuple(seats))
    return SignedIn(first.Account, first.applies, first.enrolled, first.started_at, first.completed_at, rights)
