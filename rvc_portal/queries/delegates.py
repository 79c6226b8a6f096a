"""Who comes to an annual meeting: delegates, the cities that they come for, and who names them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from rvc_portal.models.account import Account
from rvc_portal.models.agenda import MeetingPlan
from rvc_portal.models.base import in_force
from rvc_portal.models.meeting import Delegate, Meeting
from rvc_portal.models.seat import Member, Seat, SeatHolder
from rvc_portal.queries import members


def registered(session: Session, meeting: Meeting) -> set[UUID]:
    """The member cities that have a delegate who was not withdrawn."""
    query = sa.select(Delegate.member_id).where(Delegate.meeting_id == meeting.id, Delegate.withdrawn_at.is_(None))
    return set(session.scalars(query.distinct()))


def of_meeting(session: Session, meeting: Meeting, members: Sequence[UUID] | None = None) -> Sequence[Delegate]:
    """Those who come (for these cities), by city; who was withdrawn is left out. One query."""
    query = (
        sa.select(Delegate)
        .join(Member, Member.id == Delegate.member_id)
        .where(Delegate.meeting_id == meeting.id, Delegate.withdrawn_at.is_(None))
        .options(joinedload(Delegate.member))
        .order_by(Member.city, Member.country, Member.field, Delegate.named_at, Delegate.id)
    )
    if members is not None:
        query = query.where(Delegate.member_id.in_(list(members)))
    return session.scalars(query).all()


def one(session: Session, meeting: Meeting, delegate_id: UUID) -> Delegate | None:
    """A delegate of the meeting who was not withdrawn."""
    found = session.get(Delegate, delegate_id)
    return found if found and found.meeting_id == meeting.id and found.withdrawn_at is None else None


def focal_points(session: Session, now: datetime) -> list[tuple[Account, Member]]:
    """Everybody who acts for a member city, with the city; by city and address. One query."""
    query = (
        sa.select(Account, Member)
        .join(SeatHolder, SeatHolder.account_id == Account.id)
        .join(Seat, Seat.id == SeatHolder.seat_id)
        .join(Member, members.of_persons_seats())
        .where(in_force(SeatHolder, now), Account.active)
        .order_by(Member.city, Member.field, Account.email)
    )
    return [(account, member) for account, member in session.execute(query.distinct())]


def open_to(session: Session, now: datetime) -> Sequence[Meeting]:
    """The meetings for which cities may name delegates now, the one that closes first before the others."""
    query = (
        sa.select(Meeting)
        .join(MeetingPlan, MeetingPlan.meeting_id == Meeting.id)
        .where(MeetingPlan.opened_at.is_not(None), Meeting.delegates_until_at > now)
    )
    return session.scalars(query.order_by(Meeting.delegates_until_at)).all()


def to_remind(session: Session, now: datetime, until: datetime) -> Sequence[MeetingPlan]:
    """The meetings whose closing date comes before `until`, and of which nobody was reminded."""
    closing = sa.and_(Meeting.delegates_until_at > now, Meeting.delegates_until_at <= until)
    return session.scalars(_plans().where(closing, MeetingPlan.reminded_at.is_(None))).all()


def to_list(session: Session, now: datetime) -> Sequence[MeetingPlan]:
    """The meetings whose closing date is past, and whose participants were not listed since."""
    unlisted = sa.or_(MeetingPlan.listed_at.is_(None), MeetingPlan.listed_at < Meeting.delegates_until_at)
    return session.scalars(_plans().where(Meeting.delegates_until_at <= now, unlisted)).all()


def _plans() -> sa.Select[MeetingPlan]:
    """Of the meetings for which cities may, or might, name delegates."""
    query = sa.select(MeetingPlan).join(Meeting, Meeting.id == MeetingPlan.meeting_id)
    opened = query.where(MeetingPlan.opened_at.is_not(None))
    return opened.options(joinedload(MeetingPlan.meeting)).order_by(Meeting.edition)


def counted(session: Session, meetings: Sequence[Meeting], members: Sequence[UUID]) -> dict[tuple[UUID, UUID], int]:
    """How many delegates each of the cities has named for each of the meetings. One query."""
    query = (
        sa.select(Delegate.meeting_id, Delegate.member_id, sa.func.count())
        .where(
            Delegate.meeting_id.in_([m.id for m in meetings]), Delegate.member_id.in_(list(members)),
            Delegate.withdrawn_at.is_(None),
        )
        .group_by(Delegate.meeting_id, Delegate.member_id)
    )  # fmt: skip
    return {(meeting_id, member_id): count for meeting_id, member_id, count in session.execute(query)}
