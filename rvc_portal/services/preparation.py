"""An annual meeting is made and changed by the Secretariat: its edition, its hosts, its days, and what is to be done before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain import composition
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, OwnerKind
from rvc_portal.language import LANGUAGES
from rvc_portal.models.agenda import MeetingPlan
from rvc_portal.models.base import new_id
from rvc_portal.models.meeting import Meeting, MeetingHost, MeetingTask
from rvc_portal.models.seat import Member
from rvc_portal.queries import agenda as query
from rvc_portal.queries import conclusions, members
from rvc_portal.services import network_acts

FIRST_EDITION, LAST_EDITION = 1, 200


@dataclass(frozen=True)
class Terms:
    """What a meeting is. `hosts`: the member cities that receive it, as they were chosen (None: what is no member's id);
    `delegates_until`: the last day on which cities may name delegates, by the clock of `zone`."""

    edition: int
    hosts: tuple[UUID | None, ...]
    starts_on: date
    ends_on: date
    zone: str
    delegates_until: date | None = None


@dataclass(frozen=True)
class Duty:
    """What is to be done, by whom, until when. `member_id`: of a member city's duty."""

    text: str
    language: str
    owner: OwnerKind
    due_on: date
    member_id: UUID | None = None


def make(session: Session, terms: Terms, *, actor: Actor, now: datetime) -> Meeting:
    """A new meeting. Raises Refused without the role, InvalidInput for what stands against its terms."""
    network_acts.require_secretariat(actor)
    network_acts.hold(session)
    hosts = _checked(session, terms, None)
    meeting = Meeting(id=new_id(), edition=terms.edition, year=terms.ends_on.year, version=0, hosts=[])
    session.add(meeting)
    session.add(MeetingPlan(meeting_id=meeting.id, zone=terms.zone))
    _write(session, meeting, terms, hosts)
    network_acts.note(session, "make_meeting", actor=actor, now=now, payload=_payload(meeting, terms))
    return meeting


def change(session: Session, meeting: Meeting, terms: Terms, *, actor: Actor, now: datetime) -> None:
    """Other hosts, days or another closing date. Raises Refused without the role and for a meeting whose conclusions are
    sealed, InvalidInput for what stands against its terms, points of the agenda outside of its new days among them."""
    network_acts.require_secretariat(actor)
    network_acts.hold(session)
    session.refresh(meeting)
    require_unsealed(meeting)
    hosts = _checked(session, terms, meeting)
    plan = query.plan(session, meeting)
    if plan is None:
        session.add(MeetingPlan(meeting_id=meeting.id, zone=terms.zone))
    else:
        told = (meeting.starts_on, meeting.ends_on, plan.zone, [h.member_id for h in meeting.hosts])
        if told != (terms.starts_on, terms.ends_on, terms.zone, [h.id for h in hosts]):
            plan.changed_at = now
        plan.zone = terms.zone
    _write(session, meeting, terms, hosts)
    network_acts.note(session, "change_meeting", actor=actor, now=now, payload=_payload(meeting, terms))


def add_task(session: Session, meeting: Meeting, duty: Duty, *, actor: Actor, now: datetime) -> MeetingTask:
    """One more thing to do. Raises Refused without the role, InvalidInput for what stands against it."""
    _check_duty(session, duty, actor)
    task = MeetingTask(id=new_id(), meeting_id=meeting.id)
    session.add(task)
    _write_duty(task, duty)
    _note_task(session, "add_task", task, actor, now)
    return task


def change_task(session: Session, task: MeetingTask, duty: Duty, *, actor: Actor, now: datetime) -> None:
    """Other words, another owner or day. Raises as `add_task` does."""
    _check_duty(session, duty, actor)
    _write_duty(task, duty)
    _note_task(session, "change_task", task, actor, now)


def finish_task(session: Session, task: MeetingTask, *, actor: Actor, now: datetime) -> None:
    """Say that it is done; twice is the same as once. Raises Refused to whoever it is no task of."""
    _hold_own(session, task, actor)
    if task.done_at is None:
        task.done_at, task.done_by = now, actor.person
        _note_task(session, "finish_task", task, actor, now)


def reopen_task(session: Session, task: MeetingTask, *, actor: Actor, now: datetime) -> None:
    """Say that it is not done after all. Raises as `finish_task` does."""
    _hold_own(session, task, actor)
    if task.done_at is not None:
        task.done_at = task.done_by = None
        _note_task(session, "reopen_task", task, actor, now)


def _hold_own(session: Session, task: MeetingTask, actor: Actor) -> None:
    if not query.may_do_task(actor, task, {m.id for m in members.own_cities(session, actor)}):
        raise Refused([Refusal(N_("Your role does not allow this."))])
    network_acts.hold(session)
    session.refresh(task)


def _check_duty(session: Session, duty: Duty, actor: Actor) -> None:
    network_acts.require_secretariat(actor)
    network_acts.hold(session)
    wrong: dict[str, tuple[Refusal, ...]] = {}
    if not duty.text.strip():
        wrong["text"] = (Refusal(N_("Say what is to be done.")),)
    if duty.language not in LANGUAGES:
        wrong["language"] = (Refusal(N_("Choose the language of the text.")),)
    if duty.owner is OwnerKind.MEMBER and (duty.member_id is None or session.get(Member, duty.member_id) is None):
        wrong["owner"] = (Refusal(N_("Choose who sees to it.")),)
    if wrong:
        raise InvalidInput(wrong)


def _write_duty(task: MeetingTask, duty: Duty) -> None:
    task.text, task.language, task.due_on = duty.text.strip(), duty.language, duty.due_on
    task.owner, task.member_id = duty.owner, duty.member_id if duty.owner is OwnerKind.MEMBER else None


def _note_task(session: Session, act: str, task: MeetingTask, actor: Actor, now: datetime) -> None:
    session.flush()
    payload = {
        "meeting": str(task.meeting_id), "task": str(task.id), "owner": task.owner, "due": task.due_on.isoformat(),
        "member": str(task.member_id) if task.member_id else None,
    }  # fmt: skip
    network_acts.note(session, act, actor=actor, now=now, payload=payload)


def require_unsealed(meeting: Meeting) -> None:
    """Raises Refused for a meeting that is told with its sealed text: where and when it was stays as it is."""
    if meeting.sealed_at is not None:
        params = {"edition": meeting.edition, "instant": meeting.sealed_at}
        raise Refused([Refusal(N_("The conclusions of meeting %(edition)s were sealed on %(instant)s."), params)])


def _checked(session: Session, terms: Terms, meeting: Meeting | None) -> Sequence[Member]:
    """The hosts. Raises InvalidInput with every fault of the terms."""
    found = [session.get(Member, host) if host else None for host in terms.hosts]
    hosts = [member for member in found if member]
    wrong: dict[str, tuple[Refusal, ...]] = {}
    for name, refusal in _faults(session, terms, meeting, found):
        wrong[name] = (*wrong.get(name, ()), refusal)
    if wrong:
        raise InvalidInput(wrong)
    return hosts


def _faults(
    session: Session, terms: Terms, meeting: Meeting | None, hosts: Sequence[Member | None]
) -> Iterator[tuple[str, Refusal]]:  # fmt: skip
    yield from _faults_of_edition(session, terms, meeting)
    if not hosts:
        yield "host", Refusal(N_("Choose the city that receives the meeting."))
    for name, member in zip(("host", "second_host"), hosts, strict=False):
        if member is None:
            yield name, Refusal(N_("This city is no member of the Network: only a member can receive the meeting."))
    if len(hosts) > 1 and hosts[0] and hosts[0] == hosts[1]:
        yield "second_host", Refusal(N_("This is the same city."))
    if terms.ends_on < terms.starts_on:
        yield "ends_on", Refusal(N_("The last day comes before the first."))
    elif meeting is not None:
        yield from _left_outside(session, terms, meeting)
    if not is_zone(terms.zone):
        yield "zone", Refusal(N_("“%(name)s” is no time zone, such as Asia/Tokyo."), {"name": terms.zone})
    if terms.delegates_until and terms.delegates_until >= terms.starts_on:
        yield "delegates_until", Refusal(N_("Cities name their delegates before the meeting begins."))


def _faults_of_edition(session: Session, terms: Terms, meeting: Meeting | None) -> Iterator[tuple[str, Refusal]]:
    params: dict[str, object] = {"edition": terms.edition}
    if not FIRST_EDITION <= terms.edition <= LAST_EDITION:
        yield "edition", Refusal(N_("Give the number of the meeting, such as 14."))
    elif meeting is None and conclusions.of_edition(session, terms.edition):
        yield "edition", Refusal(N_("Meeting no. %(edition)s is there already: change it on its own page."), params)
    other = query.of_year(session, terms.ends_on.year)
    if other is not None and other != meeting and other.edition != terms.edition:
        params = {"year": str(terms.ends_on.year), "edition": other.edition}
        yield "ends_on", Refusal(N_("In %(year)s there is meeting no. %(edition)s: there is one a year."), params)


def _left_outside(session: Session, terms: Terms, meeting: Meeting) -> Iterator[tuple[str, Refusal]]:
    """Points of the agenda on days that would be none of the meeting's any more."""
    for item in query.items(session, meeting):
        if not terms.starts_on <= item.day <= terms.ends_on:
            params = {"title": query.slot(item).called, "day": item.day}
            name = "starts_on" if item.day < terms.starts_on else "ends_on"
            yield name, Refusal(N_("“%(title)s” is on the agenda of %(day)s: move it first."), params)


def is_zone(name: str) -> bool:
    """Whether it is the name of a zone of the IANA list."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _write(session: Session, meeting: Meeting, terms: Terms, hosts: Sequence[Member]) -> None:
    until = terms.delegates_until
    meeting.starts_on, meeting.ends_on, meeting.year = terms.starts_on, terms.ends_on, terms.ends_on.year
    meeting.delegates_until_at = composition.instant(until, terms.zone, end=True) if until else None
    meeting.changed()
    session.flush()
    if [h.member_id for h in meeting.hosts] != [m.id for m in hosts]:
        session.execute(sa.delete(MeetingHost).where(MeetingHost.meeting_id == meeting.id))
        session.add_all(
            MeetingHost(id=new_id(), meeting_id=meeting.id, position=i, city=m.city, country=m.country, member_id=m.id)
            for i, m in enumerate(hosts)
        )
        session.flush()
        session.expire(meeting, ["hosts"])


def _payload(meeting: Meeting, terms: Terms) -> dict[str, object]:
    return {
        "meeting": str(meeting.id), "edition": terms.edition, "hosts": [str(host) for host in terms.hosts],
        "from": terms.starts_on.isoformat(), "until": terms.ends_on.isoformat(), "zone": terms.zone,
        "delegates_until": terms.delegates_until.isoformat() if terms.delegates_until else None,
    }  # fmt: skip
