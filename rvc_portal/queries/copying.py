"""Reads for copying answers: the earlier files that a person may copy from."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.vocabulary import Permission
from rvc_portal.models.dossier import Attachment, Dossier
from rvc_portal.queries import calls, dossiers
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


def pieces(session: Session, dossier: Dossier, source: Dossier) -> list[tuple[Attachment, bool]]:
    """The files of the earlier dossier for pieces that this call asks for too and that stand here not yet, each with
    whether there is room for it, counted from the first."""
    asked = {piece.key: piece.count for piece in calls.definition(dossier.call).pieces}
    present = dossiers.attachments(session, dossier.id)
    here = {(a.piece, a.sha256) for a in present}
    room = {key: count - sum(a.piece == key for a in present) for key, count in asked.items()}
    found = []
    for attachment in dossiers.attachments(session, source.id):
        if attachment.piece in asked and (attachment.piece, attachment.sha256) not in here:
            found.append((attachment, room[attachment.piece] > 0))
            room[attachment.piece] -= 1
    order = list(asked)
    return sorted(found, key=lambda pair: order.index(pair[0].piece))


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
