"""Who is at work on a dossier at this moment, and where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.models.account import Account
from rvc_portal.models.dossier import Answer, Presence

LASTS = timedelta(seconds=75)
"""A page says every 20 s that it is open; one that was not heard of for so long is taken to be closed."""


@dataclass(frozen=True)
class Colleague:
    """Somebody else with the dossier open. `section`: the key of a section."""

    name: str
    section: str


def colleagues(session: Session, dossier_id: UUID, but: UUID | None, now: datetime) -> Sequence[Colleague]:
    """Everybody who was heard of lately, `but` one person, by name."""
    query = (
        sa.select(Account.name, Presence.section)
        .join(Account, Account.id == Presence.account_id)
        .where(Presence.dossier_id == dossier_id, Presence.account_id != but, Presence.at > now - LASTS)
        .order_by(Account.name, Account.id)
    )
    return [Colleague(name, section) for name, section in session.execute(query)]


def revisions(session: Session, dossier_id: UUID, keys: Sequence[str]) -> dict[str, int]:
    """The revision of each of these answers that there is."""
    query = sa.select(Answer.key, Answer.revision).where(Answer.dossier_id == dossier_id, Answer.key.in_(keys))
    return {row[0]: row[1] for row in session.execute(query)}
