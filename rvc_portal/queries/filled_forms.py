"""Reads of forms that a city filled in away from the portal: one that came back, what came in with the last, what is open."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from rvc_portal.domain import team
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.blank_form import LeftOut, Offer, compare
from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.filled_form import FilledForm
from rvc_portal.queries import calls, dossiers, submission


def find(session: Session, actor: Actor, dossier: Dossier, filled_id: UUID) -> FilledForm | None:
    """A form that this person brought back for this file, or None."""
    query = sa.select(FilledForm).where(
        FilledForm.id == filled_id, FilledForm.dossier_id == dossier.id, FilledForm.account_id == actor.account_id
    )
    return session.scalar(query.options(undefer(FilledForm.content)))


def effects(session: Session, actor: Actor, dossier: Dossier, filled: FilledForm) -> tuple[list[Offer], list[LeftOut]]:
    """What the form would change in the file as it stands now, and what of it this person cannot take now."""
    form = calls.definition(dossier.call).form
    limited = Role.EDITOR in dossiers.roles(session, actor, dossier)
    named = dossiers.parts_of(session, actor, dossier) if limited else ()
    keys = [q.key for q in form.questions()]
    opened = {key for key in keys if team.covers(named, form, key) and submission.is_open(dossier, key)}
    standing = dossiers.values(session, dossier.id)
    brought = _brought(session, dossier)
    return compare(form, filled.content, standing, dossier.language, brought=brought, opened=opened)


def _brought(session: Session, dossier: Dossier) -> Mapping[str, Any]:
    """The answers by question as a form brought each in the last time."""
    query = sa.select(FilledForm.taken).where(FilledForm.dossier_id == dossier.id, FilledForm.taken_at.is_not(None))
    found: dict[str, Any] = {}
    for taken in session.scalars(query.order_by(FilledForm.taken_at, FilledForm.id)):
        found |= taken or {}
    return found
