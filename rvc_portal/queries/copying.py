"""Reads for copying answers: the earlier files that a person may copy from."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.vocabulary import Permission
from rvc_portal.models.dossier import Dossier
from rvc_portal.queries.visibility import own, visible

OVER = ("withdrawn", "lapsed", "dismissed", "declined")
"""States in which a file of the same call is an earlier one."""


def earlier(session: Session, actor: Actor, dossier: Dossier) -> Sequence[Dossier]:
    """The files of the person's own cities that may be read and copied from, the latest first: those of other calls, and
    those of this one that have come to their end."""
    return session.scalars(_earlier(actor, dossier).order_by(Dossier.created_at.desc(), Dossier.id)).all()


def source(session: Session, actor: Actor, dossier: Dossier, source_id: UUID) -> Dossier | None:
    """One of these files, or None."""
    return session.scalar(_earlier(actor, dossier).where(Dossier.id == source_id))


def _earlier(actor: Actor, dossier: Dossier) -> sa.Select[Dossier]:
    return (
        sa.select(Dossier)
        .where(
            own(actor),
            visible(actor, Permission.READ),
            Dossier.id != dossier.id,
            sa.or_(Dossier.call_id != dossier.call_id, Dossier.state.in_(OVER)),
        )
        .options(joinedload(Dossier.call))
    )
