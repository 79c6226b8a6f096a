"""Reads of a city's team: who belongs to it and did, who was invited, whose turn it can be to lead."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.account import Account
from rvc_portal.models.dossier import Dossier, Invitation, Membership


def everybody(session: Session, dossier_id: UUID) -> Sequence[Membership]:
    """Every membership there was, those that ended last, with their people."""
    query = (
        sa.select(Membership)
        .where(Membership.dossier_id == dossier_id)
        .options(joinedload(Membership.account))
        .order_by(Membership.ended_at.is_not(None), Membership.since_at, Membership.id)
    )
    return session.scalars(query).all()


def member(session: Session, dossier_id: UUID, membership_id: UUID) -> Membership | None:
    """One who belongs to the team at present, read anew."""
    query = sa.select(Membership).where(
        Membership.id == membership_id, Membership.dossier_id == dossier_id, Membership.ended_at.is_(None)
    )
    return session.scalar(query.execution_options(populate_existing=True))


def membership_of(session: Session, dossier_id: UUID, account_id: UUID) -> Membership | None:
    """The person's place in the team at present, read anew."""
    query = sa.select(Membership).where(
        Membership.account_id == account_id, Membership.dossier_id == dossier_id, Membership.ended_at.is_(None)
    )
    return session.scalar(query.execution_options(populate_existing=True))


def lead(session: Session, dossier_id: UUID) -> Membership:
    """The lead's membership: there is always one."""
    query = sa.select(Membership).where(
        Membership.dossier_id == dossier_id, Membership.role == Role.LEAD, Membership.ended_at.is_(None)
    )
    return session.scalars(query.execution_options(populate_existing=True)).one()


def is_member(session: Session, dossier_id: UUID, email: str) -> bool:
    """Whether the address belongs to somebody of the team."""
    query = sa.select(Membership.id).join(Account).where(
        Membership.dossier_id == dossier_id, Membership.ended_at.is_(None), Account.email == email.lower()
    )  # fmt: skip
    return session.scalar(query.limit(1)) is not None


def invitations(session: Session, dossier_id: UUID) -> Sequence[Invitation]:
    """Those that are neither accepted nor withdrawn, the latest first; expired ones can be sent again."""
    query = sa.select(Invitation).where(
        Invitation.dossier_id == dossier_id, Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None)
    )
    return session.scalars(query.order_by(Invitation.asked_at.desc(), Invitation.id)).all()


def by_code(session: Session, code: str) -> Invitation | None:
    """The invitation whose latest mail carries the code, with its dossier and call."""
    query = sa.select(Invitation).where(Invitation.code_sha256 == digest(code))
    return session.scalar(query.options(joinedload(Invitation.dossier).joinedload(Dossier.call)))


def digest(code: str) -> str:
    """What is kept of a code."""
    return hashlib.sha256(code.encode()).hexdigest()
