"""Reads of how a meeting is prepared: its plan, its agenda, its papers, who chairs its workshops, its tasks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.agenda import MAY_READ, OF_THE_GROUP, Kind, Readers, Slot
from rvc_portal.domain.vocabulary import OwnerKind, Role, SeatKind
from rvc_portal.gateways import network
from rvc_portal.models.account import Account
from rvc_portal.models.agenda import MeetingItem, MeetingPaper, MeetingPlan
from rvc_portal.models.meeting import Meeting, MeetingHost, MeetingTask
from rvc_portal.models.seat import Member, SeatHolder
from rvc_portal.queries import composition


@dataclass(frozen=True)
class Chair:
    """Who holds the coordinator's seat of a workshop's field at the time: the city, and the persons who act for it then."""

    member: Member
    persons: tuple[Account, ...] = ()

    def is_person(self, actor: Actor) -> bool:
        return actor.account_id in {p.id for p in self.persons}


def plan(session: Session, meeting: Meeting) -> MeetingPlan | None:
    """How far its preparation is; None before the Secretariat has begun it."""
    return session.get(MeetingPlan, meeting.id)


def zone_of(plan: MeetingPlan | None) -> str:
    """The zone in which the hours of the meeting are written."""
    return plan.zone if plan else network.timezone()


def may_read_agenda(actor: Actor | None, plan: MeetingPlan | None) -> bool:
    """An agenda that was never published is the Secretariat's and the Steering Group's."""
    return is_published(plan) or (actor is not None and any(actor.has(role) for role in OF_THE_GROUP))


def is_published(plan: MeetingPlan | None) -> bool:
    """Whether the agenda is told to anybody."""
    return plan is not None and plan.published_at is not None


def items(session: Session, meeting: Meeting) -> Sequence[MeetingItem]:
    """The points of the agenda in their order, with the reports of workshops. One query."""
    query = sa.select(MeetingItem).where(MeetingItem.meeting_id == meeting.id, MeetingItem.removed_at.is_(None))
    order = (MeetingItem.day, MeetingItem.starts, MeetingItem.hall, MeetingItem.ends, MeetingItem.id)
    return session.scalars(query.options(joinedload(MeetingItem.report)).order_by(*order)).all()


def item(session: Session, meeting: Meeting, item_id: UUID) -> MeetingItem | None:
    """A point of the meeting's agenda."""
    found = session.get(MeetingItem, item_id)
    return found if found and found.meeting_id == meeting.id and found.removed_at is None else None


def slot(item: MeetingItem) -> Slot:
    """The point as the rules see it."""
    return Slot(item.day, item.starts, item.ends, item.hall, item.title_en, item.title_fr)


def papers(session: Session, meeting: Meeting, actor: Actor | None, plan: MeetingPlan | None) -> list[MeetingPaper]:
    """The papers that the person may read, in the order in which they came. One query."""
    query = sa.select(MeetingPaper).where(MeetingPaper.meeting_id == meeting.id, MeetingPaper.removed_at.is_(None))
    found = session.scalars(query.order_by(MeetingPaper.added_at, MeetingPaper.id))
    return [paper for paper in found if may_read(actor, paper, plan)]


def paper(session: Session, meeting: Meeting, paper_id: UUID) -> MeetingPaper | None:
    """A paper of the meeting that was not taken away."""
    found = session.get(MeetingPaper, paper_id)
    return found if found and found.meeting_id == meeting.id and found.removed_at is None else None


def may_read(actor: Actor | None, paper: MeetingPaper, plan: MeetingPlan | None) -> bool:
    """Whether the paper is this person's to read (None: anybody's)."""
    roles = MAY_READ[Readers(paper.readers)]
    if roles is None:
        return may_read_agenda(actor, plan)
    return actor is not None and any(actor.has(role) for role in roles)


def chairs(session: Session, items: Iterable[MeetingItem], zone: str) -> Mapping[UUID, Chair]:
    """Who chairs each of the workshops at its time, by the item; none where nobody holds the seat. Two queries."""
    workshops = [i for i in items if i.kind == Kind.WORKSHOP]
    if not workshops:
        return {}
    begins = {i.id: slot(i).span(zone)[0] for i in workshops}
    terms = [m for m in composition.mandates(session) if m.kind == SeatKind.COORDINATOR]
    held = {
        i.id: next((m for m in terms if m.field == i.field and m.from_at <= begins[i.id] < m.until_at), None)
        for i in workshops
    }
    acting = _holders(session, [m.seat_id for m in held.values() if m])
    return {
        item_id: Chair(m.member, tuple(
            h.account for h in acting
            if h.seat_id == m.seat_id and h.from_at <= begins[item_id]
            and (h.until_at is None or h.until_at > begins[item_id])
        ))
        for item_id, m in held.items() if m
    }  # fmt: skip


def _holders(session: Session, seat_ids: Sequence[UUID]) -> Sequence[SeatHolder]:
    query = sa.select(SeatHolder).where(SeatHolder.seat_id.in_(seat_ids)).options(joinedload(SeatHolder.account))
    return session.scalars(query.order_by(SeatHolder.from_at, SeatHolder.id)).all()


def tasks(session: Session, meeting: Meeting) -> Sequence[MeetingTask]:
    """What is to be done, what is open first, by the day it is due. One query."""
    query = sa.select(MeetingTask).where(MeetingTask.meeting_id == meeting.id).options(joinedload(MeetingTask.member))
    order = (MeetingTask.done_at.is_not(None), MeetingTask.due_on, MeetingTask.id)
    return session.scalars(query.order_by(*order)).all()


def task(session: Session, meeting: Meeting, task_id: UUID) -> MeetingTask | None:
    """A task of the meeting's preparation."""
    found = session.get(MeetingTask, task_id)
    return found if found and found.meeting_id == meeting.id else None


def open_tasks(session: Session) -> Sequence[MeetingTask]:
    """What is to be done for any meeting and is not, by the day it is due. One query."""
    query = sa.select(MeetingTask).where(MeetingTask.done_at.is_(None))
    loads = (joinedload(MeetingTask.meeting), joinedload(MeetingTask.member))
    return session.scalars(query.options(*loads).order_by(MeetingTask.due_on, MeetingTask.id)).all()


def hosted(session: Session, members: Sequence[UUID]) -> set[UUID]:
    """The meetings of which one of these cities is a host. No query for none."""
    if not members:
        return set()
    return set(session.scalars(sa.select(MeetingHost.meeting_id).where(MeetingHost.member_id.in_(list(members)))))


def sees_task(actor: Actor, task: MeetingTask, own: set[UUID], hosted: set[UUID]) -> bool:
    """Whether the task is this person's to know: all of a meeting for the Secretariat, the Steering Group and its host,
    one's own for everybody else. `own`: the member cities that the person acts for; `hosted`: the meetings they receive."""
    if any(actor.has(role) for role in OF_THE_GROUP) or task.meeting_id in hosted:
        return True
    return may_do_task(actor, task, own) or (task.owner == OwnerKind.MEMBERS and bool(own))


def may_do_task(actor: Actor, task: MeetingTask, own: set[UUID]) -> bool:
    """Whether the person may say that it is done: its owner, and the Secretariat for all."""
    if actor.has(Role.SECRETARIAT):
        return True
    if task.owner == OwnerKind.STEERING:
        return actor.has(Role.STEERING)
    return task.owner == OwnerKind.MEMBER and task.member_id in own


def today(now: datetime, zone: str) -> date:
    """The day by the clock of the meeting."""
    return now.astimezone(ZoneInfo(zone)).date()


def of_year(session: Session, year: int) -> Meeting | None:
    """The meeting of the year."""
    return session.scalar(sa.select(Meeting).where(Meeting.year == year).order_by(Meeting.edition).limit(1))


def names(session: Session, ids: Iterable[UUID]) -> dict[UUID, str]:
    """What these persons are called. One query."""
    query = sa.select(Account.id, Account.name).where(Account.id.in_(set(ids)))
    return {row.id: row.name for row in session.execute(query)}
