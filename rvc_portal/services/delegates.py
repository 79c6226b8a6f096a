"""Delegates of the member cities: named by a city's focal point until the closing date, afterwards by the Secretariat alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from rvc_portal.domain.actor import CLOCK, Actor
from rvc_portal.domain.errors import InvalidInput, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Doc, Role
from rvc_portal.gateways import network
from rvc_portal.models.agenda import MeetingPlan
from rvc_portal.models.base import new_id
from rvc_portal.models.document import Document
from rvc_portal.models.meeting import Delegate, Meeting
from rvc_portal.models.seat import Member
from rvc_portal.queries import agenda, members
from rvc_portal.queries import delegates as query
from rvc_portal.services import mailing, network_acts
from rvc_portal.services.contexts import meeting as contexts
from rvc_portal.services.contexts.composition import of_network

TEMPLATE = "delegates"
INVITED, REMINDED = "invited", "reminded"


@dataclass(frozen=True)
class Person:
    """A delegate. `mayor`: takes part in the round table of mayors."""

    name: str
    title: str = ""
    email: str = ""
    mayor: bool = False


def open_registration(session: Session, meeting: Meeting, *, actor: Actor, now: datetime) -> int:
    """From now on cities may name their delegates: all focal points are written to. Returns how many mails that makes. Raises
    Refused without the role, without a closing date to come, and where it is open already."""
    network_acts.require_secretariat(actor)
    network_acts.hold(session)
    session.refresh(meeting)
    plan, until = agenda.plan(session, meeting), meeting.delegates_until_at
    if plan is None or until is None or until <= now:
        raise Refused([Refusal(N_("Give the meeting a closing date that is still to come."))])
    if plan.opened_at is not None:
        raise Refused([Refusal(N_("The focal points have been invited to name their delegates already."))])
    plan.opened_at = now
    meeting.changed()
    mails = _write_to(session, plan, INVITED, now, set())
    payload = {"meeting": str(meeting.id), "until": until.isoformat(), "mails": mails}
    network_acts.note(session, "open_registration", actor=actor, now=now, payload=payload)
    return mails


def name(
    session: Session, meeting: Meeting, member: Member, person: Person, *, reason: str = "", actor: Actor, now: datetime
) -> Delegate:  # fmt: skip
    """The city sends this person. Raises Refused to anybody else than its focal point and the Secretariat, InvalidInput for
    one delegate too many, after the closing date (to the Secretariat: without a reason), and for what is wrong in the words."""
    _hold(session, meeting, member, reason, actor, now)
    there = query.of_meeting(session, meeting, [member.id])
    if len(there) >= network.most_delegates():
        params = {"city": member.city, "most": network.most_delegates()}
        told = N_("%(city)s has named %(most)s delegates, and no more can come: withdraw one first.")
        raise InvalidInput({"name": (Refusal(told, params),)})
    _check(person, [d.name for d in there])
    delegate = Delegate(id=new_id(), meeting_id=meeting.id, member_id=member.id, named_at=now, named_by=actor.person)
    session.add(delegate)
    _write(delegate, person)
    _changed(session, meeting, "name_delegate", delegate, reason, actor, now)
    return delegate


def change(
    session: Session, meeting: Meeting, delegate: Delegate, person: Person, *, reason: str = "", actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Another person, title or address in the delegate's place. Raises as `name` does."""
    _hold(session, meeting, delegate.member, reason, actor, now)
    _require_coming(session, delegate)
    others = [d.name for d in query.of_meeting(session, meeting, [delegate.member_id]) if d.id != delegate.id]
    _check(person, others)
    _write(delegate, person)
    _changed(session, meeting, "change_delegate", delegate, reason, actor, now)


def withdraw(
    session: Session, meeting: Meeting, delegate: Delegate, *, reason: str = "", actor: Actor, now: datetime
) -> None:  # fmt: skip
    """The person does not come. Raises as `name` does, and where that was said before."""
    _hold(session, meeting, delegate.member, reason, actor, now)
    _require_coming(session, delegate)
    delegate.withdrawn_at = now
    _changed(session, meeting, "withdraw_delegate", delegate, reason, actor, now)


def list_participants(session: Session, meeting: Meeting, *, actor: Actor, now: datetime) -> list[Document]:
    """Issue PARTICIPANTS; an earlier one is superseded. Raises Refused without the role and while nobody is named."""
    if actor != CLOCK:
        network_acts.require_secretariat(actor)
    network_acts.hold(session)
    plan, coming = agenda.plan(session, meeting), query.of_meeting(session, meeting)
    if plan is None or not coming:
        raise Refused([Refusal(N_("No city has named a delegate yet."))])
    plan.listed_at = now
    session.flush()
    payload = {"meeting": str(meeting.id), "delegates": len(coming)}
    network_acts.note(session, "list_participants", actor=actor, now=now, payload=payload)
    draft = contexts.participants(session, meeting, coming)
    return network_acts.issue(session, Doc.PARTICIPANTS, draft, now=now, act="list_participants", subject_id=meeting.id)


def remind(session: Session, now: datetime) -> int:
    """Write, once for each meeting, to the focal points of cities that have named nobody while the closing date is near.
    Returns how many mails that makes. Safe to repeat."""
    soon = now + timedelta(days=network.days("delegates_reminder"))
    mails = 0
    for plan in query.to_remind(session, now, soon):
        plan.reminded_at = now
        mails += _write_to(session, plan, REMINDED, now, query.registered(session, plan.meeting))
    return mails


def close_due(session: Session, now: datetime) -> None:
    """Issue the list of participants of each meeting whose closing date has come. Safe to repeat."""
    for plan in query.to_list(session, now):
        if query.registered(session, plan.meeting):
            list_participants(session, plan.meeting, actor=CLOCK, now=now)


def _write_to(session: Session, plan: MeetingPlan, act: str, now: datetime, but: set[UUID]) -> int:
    """One mail for each focal point and each city, `but` these cities. Returns how many."""
    meeting, until = plan.meeting, plan.meeting.delegates_until_at
    assert until is not None
    assert meeting.starts_on is not None
    assert meeting.ends_on is not None
    made_up = bool(of_network(session)["demonstration"])
    found = [(account, member) for account, member in query.focal_points(session, now) if member.id not in but]
    for account, member in found:
        context = {
            "name": account.name, "act": act, "city": member.city, "edition": meeting.edition, "zone": plan.zone,
            "hosts": [host.city for host in meeting.hosts], "first_day": meeting.starts_on.isoformat(),
            "last_day": meeting.ends_on.isoformat(), "until": until.isoformat(), "most": network.most_delegates(),
            "path": f"/meetings/{meeting.edition}/delegates", "demonstration": made_up,
        }  # fmt: skip
        mailing.queue_mail(session, account, account.language, TEMPLATE, context, now=now)
    return len(found)


def _hold(session: Session, meeting: Meeting, member: Member, reason: str, actor: Actor, now: datetime) -> None:
    """Let one at a time change who comes. Raises as `name` does for who may, and when."""
    office = actor.has(Role.SECRETARIAT)
    if not office and member.id not in {m.id for m in members.own_cities(session, actor)}:
        raise Refused([Refusal(N_("Your role does not allow this."))])
    network_acts.hold(session)
    session.refresh(meeting)
    plan, until = agenda.plan(session, meeting), meeting.delegates_until_at
    if not office and (plan is None or plan.opened_at is None or until is None):
        raise InvalidInput({"closed": (Refusal(N_("The Secretariat has not opened the registration yet.")),)})
    if until is None or now < until:
        return
    if not office:
        told = N_("The closing date for delegates was %(instant)s. The Secretariat can still change who comes.")
        raise InvalidInput({"closed": (Refusal(told, {"instant": until}),)})
    if not reason.strip():
        raise InvalidInput({"reason": (Refusal(N_("The closing date is past: give the reason for this change.")),)})


def _require_coming(session: Session, delegate: Delegate) -> None:
    session.refresh(delegate)
    if delegate.withdrawn_at is not None:
        raise InvalidInput(
            {
                "closed": (
                    Refusal(N_("This delegate was withdrawn on %(instant)s."), {"instant": delegate.withdrawn_at}),
                )
            }
        )


def _check(person: Person, others: list[str]) -> None:
    if not person.name.strip():
        raise InvalidInput({"name": (Refusal(N_("Give the name of the person.")),)})
    if person.name.casefold() in {other.casefold() for other in others}:
        raise InvalidInput({"name": (Refusal(N_("%(name)s is named already."), {"name": person.name}),)})
    if person.email and not mailing.is_address(person.email):
        raise InvalidInput({"email": (Refusal(N_("This is no mail address.")),)})


def _write(delegate: Delegate, person: Person) -> None:
    delegate.name, delegate.title, delegate.email = person.name, person.title, person.email
    delegate.mayor = person.mayor


def _changed(
    session: Session, meeting: Meeting, act: str, delegate: Delegate, reason: str, actor: Actor, now: datetime
) -> None:  # fmt: skip
    meeting.changed()
    session.flush()
    payload = {"meeting": str(meeting.id), "member": str(delegate.member_id), "delegate": str(delegate.id)}
    network_acts.note(session, act, actor=actor, now=now, reason=reason.strip(), payload=payload)
