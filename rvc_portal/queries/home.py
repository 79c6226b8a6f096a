"""Reads for the public front page: the calls that the public may know of, and the Network in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.vocabulary import CallStatus
from rvc_portal.models.call import Call
from rvc_portal.models.seat import Member
from rvc_portal.queries.calls import definition


@dataclass(frozen=True)
class PublicCall:
    """A call as anybody may see it. `phase`: announced, open, closed (being examined) or published."""

    key: str
    title: Mapping[str, str]
    introduction: Mapping[str, str]
    timezone: str
    opens_at: datetime
    closes_at: datetime
    published_at: datetime | None
    phase: str
    demonstration: bool


@dataclass(frozen=True)
class Network:
    """The member cities, counted."""

    cities: int
    countries: int
    fields: int


def calls(session: Session, now: datetime) -> tuple[PublicCall, ...]:
    """The calls that have been opened, the latest first. Drafts and tests are nobody's business."""
    opened = sa.select(Call).where(Call.status != CallStatus.DRAFT, Call.test.is_(False))
    rows = session.scalars(opened.order_by(Call.opens_at.desc()))
    return tuple(_public(call, now) for call in rows)


def network(session: Session) -> Network:
    """How many cities, countries and creative fields the Network has."""
    row = session.execute(
        sa.select(
            sa.func.count(), sa.func.count(sa.distinct(Member.country)), sa.func.count(sa.distinct(Member.field))
        ).select_from(Member)
    ).one()
    return Network(*row)


def _public(call: Call, now: datetime) -> PublicCall:
    told = definition(call)
    return PublicCall(
        key=call.key,
        title={"en": told.title.en, "fr": told.title.fr},
        introduction={"en": told.introduction.en, "fr": told.introduction.fr},
        timezone=told.timezone,
        opens_at=call.opens_at,
        closes_at=call.closes_at,
        published_at=call.published_at,
        phase=_phase(call, now),
        demonstration=call.demonstration,
    )


def _phase(call: Call, now: datetime) -> str:
    if call.published_at is not None:
        return "published"
    if now < call.opens_at:
        return "announced"
    return "open" if now < call.closes_at else "closed"
