"""Reads of the Network's member cities."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.models.seat import Member


def members(
    session: Session, *, field: str | None = None, region: str | None = None, search: str = ""
) -> Sequence[Member]:
    """The member cities by name; all of them where nothing is asked for. One query."""
    query = sa.select(Member).order_by(Member.city, Member.field, Member.country)
    if field:
        query = query.where(Member.field == field)
    if region:
        query = query.where(Member.region == region)
    if search:
        query = query.where(Member.city.icontains(search, autoescape=True))
    return session.scalars(query).all()
