"""Who comes to a meeting."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.models.meeting import Delegate, Meeting


def registered(session: Session, meeting: Meeting) -> set[UUID]:
    """The members that are registered: those with a delegate that was not withdrawn."""
    query = sa.select(Delegate.member_id).where(Delegate.meeting_id == meeting.id, Delegate.withdrawn_at.is_(None))
    return set(session.scalars(query))
