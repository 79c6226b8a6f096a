"""Reads of the second factor: whose it is, who needs one, how many recovery codes are left, when it was last shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.vocabulary import Role
from rvc_portal.gateways import network
from rvc_portal.models.account import Account, RoleGrant, SignInSession
from rvc_portal.models.base import in_force
from rvc_portal.models.second_factor import RecoveryCode, SecondFactor

ROLES = (Role.DIRECTION, Role.SECRETARIAT, Role.ADMIN)
"""Whose second factor the portal's own acts may ask for, beside everybody who has set one up."""


@dataclass(frozen=True)
class Holder:
    """Somebody who has a second factor or is to have one; `enrolled_at` None: has none."""

    account: Account
    enrolled_at: datetime | None


def of(session: Session, account_id: UUID, *, hold: bool = False) -> SecondFactor | None:
    """The person's second factor, enrolled or begun; `hold`: nobody else changes it before the commit."""
    query = sa.select(SecondFactor).where(SecondFactor.account_id == account_id)
    if hold:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def is_enrolled(session: Session, account_id: UUID) -> bool:
    """Whether the person's app is in use."""
    found = of(session, account_id)
    return found is not None and found.secret is not None


def is_required(actor: Actor) -> bool:
    """Whether a role of the person's needs a second factor, by the Network's data."""
    return any(actor.has(role) for role in network.second_factor_required())


def codes_left(session: Session, account_id: UUID) -> int:
    """How many recovery codes nobody has used."""
    query = sa.select(sa.func.count()).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    return session.scalar(query) or 0


def shown_at(session: Session, sign_in_id: UUID) -> datetime | None:
    """When the second factor was last shown in this browser."""
    return session.scalar(sa.select(SignInSession.second_factor_at).where(SignInSession.id == sign_in_id))


def holders(session: Session, now: datetime) -> Sequence[Holder]:
    """Everybody whose role has to do with a second factor, and who else has one, by name. One query."""
    theirs = sa.select(RoleGrant.account_id).where(RoleGrant.role.in_(ROLES), in_force(RoleGrant, now))
    query = (
        sa.select(Account, SecondFactor.enrolled_at)
        .outerjoin(SecondFactor, SecondFactor.account_id == Account.id)
        .where(sa.or_(Account.id.in_(theirs), SecondFactor.secret.is_not(None)), Account.active)
        .order_by(Account.name, Account.id)
    )
    return [Holder(*row) for row in session.execute(query)]
