"""A person says where in a dossier they are at work. No act: nothing is journaled, and the row is written over."""

from datetime import datetime

from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.vocabulary import Permission
from rvc_portal.models.dossier import Dossier, Presence
from rvc_portal.services import rights


def be_present(session: Session, dossier: Dossier, section: str, *, actor: Actor, now: datetime) -> None:
    """Note that the person has the section with this key before them. Raises Refused without the right to write."""
    rights.require(session, actor, dossier, Permission.WRITE)
    session.merge(Presence(dossier_id=dossier.id, account_id=actor.person, section=section, at=now))
    session.flush()
