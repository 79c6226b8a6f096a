"""A sitting at work: agenda, chair, items, recusals, motions, votes, and the conclusion that gives the opinion.

Every verb holds the row of the sitting until its transaction ends: of two people at once one comes first, and the other
is told. All that there is stands in rows, so that a server that is killed loses no act that was answered.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain import deliberation as rules
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.definition import LANGUAGES
from rvc_portal.domain.deliberation import Sitter
from rvc_portal.domain.errors import InvalidInput, Overtaken, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Doc, Role
from rvc_portal.models.base import new_id
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.seat import Seat
from rvc_portal.models.steering import AgendaItem, Attendance, Dissent, Leave, SteeringSession, Vote
from rvc_portal.queries import blindness, calls, composition, evaluation
from rvc_portal.queries import deliberation as query
from rvc_portal.services import calling, conflicts, documents, journal, papers, rights, room, steering
from rvc_portal.services.transitions import lock_call

_ORGANISE = (Role.SECRETARIAT, Role.STEERING)


# --- before it begins ---


def plan(
    session: Session, call: Call, *, title: str, starts_at: datetime, place: str = "", link: str = "", actor: Actor,
    now: datetime,
) -> SteeringSession:  # fmt: skip
    """Call a sitting: every file in review is on its agenda, in the order of `domain.deliberation.arranged`. Raises
    Refused without the role, InvalidInput without a title or with neither place nor link."""
    rights.require_on_call(actor, call.id, *_ORGANISE)
    _check_plan(title, place, link)
    lock_call(session, call)
    sitting = SteeringSession(
        id=new_id(), call_id=call.id, title=title.strip(), starts_at=starts_at, place=place.strip(), link=link.strip()
    )
    session.add(sitting)
    session.flush()
    _complete_agenda(session, sitting)
    _journal(session, sitting, "plan_session", actor, now)
    _order(session, sitting)
    papers.write(session, sitting, actor=actor, now=now)
    calling.tell(session, sitting, calling.CALLED, now=now)
    return sitting


def change(
    session: Session, sitting: SteeringSession, *, title: str, starts_at: datetime, place: str = "", link: str = "",
    actor: Actor, now: datetime,
) -> None:  # fmt: skip
    """Let the sitting be at another time or place; who is called is told where that is new to them. Raises as `plan` does,
    and Refused once it has begun or is cancelled."""
    _check_to_come(session, sitting, actor)
    _check_plan(title, place, link)
    before = (sitting.starts_at, sitting.place, sitting.link)
    sitting.title, sitting.starts_at = title.strip(), starts_at
    sitting.place, sitting.link = place.strip(), link.strip()
    papers.write(session, sitting, actor=actor, now=now)  # which print the time and the place
    room.changed(session, sitting)
    _journal(session, sitting, "move_session", actor, now)
    if before != (sitting.starts_at, sitting.place, sitting.link):
        calling.tell(session, sitting, calling.MOVED, now=now)


def cancel(session: Session, sitting: SteeringSession, *, reason: str, actor: Actor, now: datetime) -> None:
    """The sitting does not take place; who was called is told the reason. Raises Refused once it has begun or is cancelled,
    InvalidInput without a reason."""
    _check_to_come(session, sitting, actor)
    if not reason.strip():
        raise InvalidInput({"reason": (Refusal(N_("Say why the sitting does not take place."), target="reason"),)})
    calling.tell(session, sitting, calling.CANCELLED, now=now, reason=reason)
    papers.withdraw(session, sitting, now=now)
    sitting.closed_at = now
    room.changed(session, sitting)
    payload = {"session": str(sitting.id)}
    journal.append(
        session, sitting.call_id, "cancel_session", actor_id=actor.account_id, now=now, reason=reason.strip(),
        payload=payload,
    )  # fmt: skip


def _check_to_come(session: Session, sitting: SteeringSession, actor: Actor) -> None:
    _organise(session, sitting, actor)
    if sitting.opened_at is not None:
        raise Refused([Refusal(N_("This sitting has begun already."))])


def _check_plan(title: str, place: str, link: str) -> None:
    wrong: dict[str, tuple[Refusal, ...]] = {}
    if not title.strip():
        wrong["title"] = (Refusal(N_("Give the sitting a title.")),)
    if not place.strip() and not link.strip():
        wrong["place"] = (Refusal(N_("Say where the group meets: a place, or a link.")),)
    if link.strip() and not link.strip().startswith("https://"):
        wrong["link"] = (Refusal(N_("A link begins with https://.")),)
    if wrong:
        raise InvalidInput(wrong)


def _complete_agenda(session: Session, sitting: SteeringSession) -> None:
    """Put every file in review on the agenda, new ones at the end."""
    known = {i.dossier_id for i in query.items(session, sitting)}
    waiting = sa.select(Dossier).where(Dossier.call_id == sitting.call_id, Dossier.state == "in_review")
    found = [d for d in session.scalars(waiting.order_by(Dossier.lead_city, Dossier.id)) if d.id not in known]
    for number, dossier in enumerate(found, len(known) + 1):
        session.add(AgendaItem(id=new_id(), session_id=sitting.id, dossier_id=dossier.id, position=number))
    session.flush()


def arrange(session: Session, sitting: SteeringSession, *, actor: Actor, now: datetime) -> None:
    """Order the agenda anew by the rule that spares comings and goings, and issue its papers; who reads another agenda now
    is told. Raises Refused once the sitting has begun."""
    _organise(session, sitting, actor)
    if sitting.opened_at is not None:
        raise Refused([Refusal(N_("The sitting has begun: move items one by one."))])
    _order(session, sitting)
    papers.issue(session, sitting, actor=actor, now=now)


def _order(session: Session, sitting: SteeringSession) -> None:
    items = {i.id: i for i in query.items(session, sitting)}
    barred = query.recused(session, [i.dossier_id for i in items.values()])
    by_name = sorted(items.values(), key=lambda i: (i.dossier.field or "", i.dossier.lead_city, i.dossier.reference))
    order = rules.arranged({i.id: frozenset(barred[i.dossier_id]) for i in by_name})
    for position, item_id in enumerate(order, 1):
        items[item_id].position = position
    room.changed(session, sitting)


def move(session: Session, sitting: SteeringSession, item: AgendaItem, *, by: int, actor: Actor, now: datetime) -> None:
    """Move an item one place up (-1) or down (1), which takes the papers away. Raises Refused for one that the group has
    been at."""
    _organise(session, sitting, actor)
    found = list(query.items(session, sitting))
    here = next(n for n, other in enumerate(found) if other.id == item.id)
    there = here + (1 if by > 0 else -1)
    if there not in range(len(found)):
        return
    if item.taken_up_at or found[there].taken_up_at:
        raise Refused([Refusal(N_("The group has been at this item already."))])
    found[here], found[there] = found[there], found[here]
    for position, other in enumerate(found, 1):
        other.position = position
    documents.withdraw_papers(session, AgendaItem.session_id == sitting.id, now)
    room.changed(session, sitting)


def complete(session: Session, sitting: SteeringSession, *, actor: Actor, now: datetime) -> None:
    """Put the files that came before the group since on the agenda, at its end, and issue its papers. Raises Refused once
    the sitting is closed; safe to repeat."""
    _organise(session, sitting, actor)
    _complete_agenda(session, sitting)
    papers.issue(session, sitting, actor=actor, now=now)
    room.changed(session, sitting)


def begin(session: Session, sitting: SteeringSession, *, actor: Actor, now: datetime) -> None:
    """Open a planned sitting; files that came before the group since are added at the end. Raises Refused while another
    one is open, where this one has begun, and, but for the Secretariat, before its day."""
    rights.require_on_call(actor, sitting.call_id, *_ORGANISE)
    call = session.get_one(Call, sitting.call_id)
    zone = ZoneInfo(calls.definition(call).timezone)
    too_early = (
        sitting.starts_at is not None and now.astimezone(zone).date() < sitting.starts_at.astimezone(zone).date()
    )
    if too_early and not actor.has_on_call(Role.SECRETARIAT, call.id):
        raise Refused([Refusal(N_("It is called for a later day: before that day the Secretariat alone opens it."))])
    lock_call(session, call)
    room.hold(session, sitting)
    if sitting.cancelled:
        raise Refused([Refusal(N_("This sitting is cancelled."))])
    if sitting.opened_at is not None:
        raise Refused([Refusal(N_("This sitting has begun already."))])
    if steering.current_session(session, call.id):
        raise Refused([Refusal(N_("Another sitting is still open."))])
    sitting.opened_at, sitting.opened_by = now, actor.person
    _complete_agenda(session, sitting)
    papers.write(session, sitting, actor=actor, now=now)
    room.changed(session, sitting)
    _journal(session, sitting, "open_session", actor, now)


# --- the room ---


def step_out(session: Session, sitting: SteeringSession, seat_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Go out for a while; a chair falls vacant. Raises Refused for who is not there."""
    sitter = room.mine(session, sitting, seat_id, actor)
    if not sitter.here:
        raise Refused([Refusal(N_("Your seat is not in the room."))])
    session.add(Leave(id=new_id(), session_id=sitting.id, seat_id=seat_id, out_at=now))
    _vacate(sitting, seat_id)
    room.changed(session, sitting)


def come_back(session: Session, sitting: SteeringSession, seat_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Come in again; safe to repeat."""
    room.mine(session, sitting, seat_id, actor)
    _end_leaves(session, sitting, now, Leave.seat_id == seat_id, Leave.item_id.is_(None))
    room.changed(session, sitting)


def declare_interest(
    session: Session, sitting: SteeringSession, item: AgendaItem, seat_id: UUID, *, reason: str, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Declare an interest in the course of the sitting: the seat leaves the item at once, its vote in a motion that is
    still open is struck out. Raises InvalidInput without a reason."""
    room.mine(session, sitting, seat_id, actor)
    if not reason.strip():
        raise InvalidInput({"reason": (Refusal(N_("Say what ties you to this city."), target="reason"),)})
    conflicts.declare(session, item.dossier, seat_id, actor_id=actor.person, reason=reason, now=now)
    if item.at_hand:
        _send_out(session, sitting, item, seat_id, conflicts.DECLARED, now)
    room.touched(session, item)


def attend(
    session: Session, sitting: SteeringSession, seat_id: UUID, *, conflicted: Mapping[UUID, str], actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Take one's seat and declare one's interests, as `steering.attend` does; who is recused from the item at hand goes
    out at once."""
    room.hold(session, sitting)
    steering.attend(session, sitting, seat_id, conflicted=conflicted, actor=actor, now=now)
    item = query.at_hand(session, sitting)
    rule = query.recused(session, [item.dossier_id])[item.dossier_id].get(seat_id) if item else None
    if item and rule and not _is_out(session, item, seat_id):
        _send_out(session, sitting, item, seat_id, rule, now)
    room.changed(session, sitting)


def _send_out(
    session: Session, sitting: SteeringSession, item: AgendaItem, seat_id: UUID, rule: str, now: datetime
) -> None:
    session.add(Leave(id=new_id(), session_id=sitting.id, seat_id=seat_id, item_id=item.id, rule=rule, out_at=now))
    _vacate(sitting, seat_id)
    running = query.open_motion(session, item)
    if running:
        session.execute(sa.delete(Vote).where(Vote.motion_id == running.id, Vote.seat_id == seat_id))
    session.flush()


def _is_out(session: Session, item: AgendaItem, seat_id: UUID) -> bool:
    return bool(
        session.scalar(
            sa.select(Leave.id).where(Leave.item_id == item.id, Leave.seat_id == seat_id, Leave.in_at.is_(None))
        )
    )


def _end_leaves(session: Session, sitting: SteeringSession, now: datetime, *which: Any) -> None:
    query_ = sa.update(Leave).where(Leave.session_id == sitting.id, Leave.in_at.is_(None), *which)
    session.execute(query_.values(in_at=now))


# --- the chair ---


def take_chair(session: Session, sitting: SteeringSession, seat_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Take a vacant chair. Raises Refused, naming who has it, where it is not vacant."""
    sitter = room.mine(session, sitting, seat_id, actor)
    if sitting.chair_id is not None:
        name = composition.told_apart(session.get_one(Seat, sitting.chair_id))
        raise Refused([Refusal(N_("%(seat)s has the chair already."), {"seat": name})])
    _seat_in_chair(session, sitting, sitter, actor, now)


def hand_over(session: Session, sitting: SteeringSession, to: UUID, *, actor: Actor, now: datetime) -> None:
    """Give the chair to another seat that is there. Raises Refused for who does not have it."""
    room.chair(session, sitting, actor)
    sitter = next((s for s in query.sitters(session, sitting) if s.seat == to), None)
    if sitter is None:
        raise Refused([Refusal(N_("The chair goes to a seat that is here and has declared its interests."))])
    _seat_in_chair(session, sitting, sitter, actor, now)


def release_chair(session: Session, sitting: SteeringSession, *, actor: Actor, now: datetime) -> None:
    """Vacate the chair: who has it, or the Secretariat where that person is cut off."""
    room.hold(session, sitting)
    if not _in_chair(sitting, actor):
        rights.require_on_call(actor, sitting.call_id, Role.SECRETARIAT)
    sitting.chair_id = None
    room.changed(session, sitting)
    _journal(session, sitting, "release_chair", actor, now)


def _seat_in_chair(session: Session, sitting: SteeringSession, sitter: Sitter, actor: Actor, now: datetime) -> None:
    item = query.at_hand(session, sitting)
    at_item = query.sitters(session, sitting, item.dossier_id) if item else [sitter]
    if not next(s for s in at_item if s.seat == sitter.seat).able:
        raise Refused([Refusal(N_("The chair goes to a seat that is here and has declared its interests."))])
    sitting.chair_id = sitter.seat
    room.changed(session, sitting)
    _journal(session, sitting, "take_chair", actor, now, seat=str(sitter.seat))


def _vacate(sitting: SteeringSession, seat_id: UUID) -> None:
    if sitting.chair_id == seat_id:
        sitting.chair_id = None


# --- items ---


def take_up(session: Session, sitting: SteeringSession, item: AgendaItem, *, actor: Actor, now: datetime) -> None:
    """Go on to an item: who is recused from it goes out, who was out for the one before comes in. Raises Refused for who
    has not the chair, and while a vote runs."""
    room.chair(session, sitting, actor)
    if item.at_hand:
        return
    _leave_item(session, sitting, now)
    item.at_hand, item.taken_up_at = True, item.taken_up_at or now
    barred = query.recused(session, [item.dossier_id])[item.dossier_id]
    for _, seat, _person in query.attendance(session, sitting):
        if seat.id in barred:
            _send_out(session, sitting, item, seat.id, barred[seat.id], now)
    room.changed(session, sitting)


def put_down(session: Session, sitting: SteeringSession, *, actor: Actor, now: datetime) -> None:
    """Leave the item at hand, for a pause. Raises Refused for who has not the chair, and while a vote runs."""
    room.chair(session, sitting, actor)
    _leave_item(session, sitting, now)
    room.changed(session, sitting)


def _leave_item(session: Session, sitting: SteeringSession, now: datetime) -> None:
    item = query.at_hand(session, sitting)
    if item is None:
        return
    if query.open_motion(session, item):
        raise Refused([Refusal(N_("A vote is running: close it first."))])
    item.at_hand = False
    _end_leaves(session, sitting, now, Leave.item_id == item.id)
    session.flush()


def save_texts(
    session: Session, sitting: SteeringSession, item: AgendaItem, texts: Mapping[str, str], *, seen: int, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Keep the reason of the opinion as it is worded so far, by language. `seen`: the revision that the person edited.
    Raises Overtaken where somebody else saved meanwhile, Refused once the item is concluded."""
    room.hold(session, sitting)
    room.check_open(sitting)
    if Role.SECRETARIAT not in {g.role for g in actor.grants}:
        _own_sitter(session, sitting, actor)
    if item.concluded_at:
        raise Refused([Refusal(N_("This item is concluded: its opinion is on record."))])
    session.refresh(item, ["text_en", "text_fr", "text_revision"])
    if item.text_revision != seen:
        raise Overtaken([Refusal(N_("Somebody else saved this text meanwhile: compare it with yours."))])
    item.text_en, item.text_fr = (texts.get(language, "").strip() for language in LANGUAGES)
    item.text_revision += 1
    room.touched(session, item)


def draft_reason(
    session: Session, sitting: SteeringSession, item: AgendaItem, texts: Mapping[str, str], *, seen: int, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Begin the reason from what the evaluators wrote, by criterion and without names, in each of the call's languages in
    which `texts`, as the person has it on the screen, is empty: what somebody wrote is never written over. A reason in
    another language is marked with it. Raises as `save_texts` does."""
    names = blindness.names_in(session, item.dossier, Doc.EVALUATION_REPORT)  # none of which goes into the reason
    told = calls.definition(item.dossier.call)
    found = evaluation.results(session, item.dossier, told.rubric, names)
    written = evaluation.languages_of_sheets(session, item.dossier)
    drafted = dict(texts)
    for language in told.publish_languages:
        if not drafted.get(language, "").strip():
            drafted[language] = rules.reason_drafted(
                (
                    c.criterion.label.of(language),
                    [
                        rules.marked(s.scores[c.criterion.key].reason, written.get(s.id), language)
                        for s in found.sheets
                        if c.criterion.key in s.scores
                    ],
                )
                for c in found.criteria
            )
    save_texts(session, sitting, item, drafted, seen=seen, actor=actor, now=now)


def dissent(
    session: Session, sitting: SteeringSession, item: AgendaItem, seat_id: UUID, *, text: str, language: str,
    actor: Actor, now: datetime,
) -> None:  # fmt: skip
    """Put a seat's dissent on record, in its own words; a later one replaces it, an empty one takes it back. Once the item is
    concluded the opinion's document is issued anew. Raises Refused for who may not vote on the item or has voted for what was
    put last, InvalidInput for an unknown language."""
    room.mine(session, sitting, seat_id, actor)
    stands_against = list(rules.against_vote(query.sitters(session, sitting, item.dossier_id), seat_id, ()))
    if text.strip():
        stands_against += rules.against_dissent(query.vote_of(session, item, seat_id))
    if stands_against:
        raise Refused(stands_against)
    if language not in LANGUAGES:
        raise InvalidInput({"language": (Refusal(N_("Choose a language.")),)})
    found = session.get(Dissent, (item.id, seat_id))
    before = (found.text, found.language) if found else ("", language)
    if found is not None and not text.strip():
        session.delete(found)
    elif found is not None:
        found.text, found.language, found.account_id, found.at = text.strip(), language, actor.person, now
    elif text.strip():
        session.add(
            Dissent(item_id=item.id, seat_id=seat_id, text=text.strip(), language=language, account_id=actor.person,
                    at=now)
        )  # fmt: skip
    room.touched(session, item)
    if item.concluded_at and (text.strip(), language) != before:
        steering.renew_opinion(session, item.dossier, "dissent", actor=actor, now=now, payload={"item": str(item.id)})


# --- the end ---


def close(session: Session, sitting: SteeringSession, *, actor: Actor, now: datetime) -> None:
    """Close the sitting: everybody leaves, its record is open to correction from now on. Raises Refused for who is neither in
    the chair nor of the Secretariat, of all of its files, and while a vote runs; safe to repeat."""
    rights.require_on_call(actor, sitting.call_id, *_ORGANISE)
    room.hold(session, sitting)
    if sitting.closed_at is not None:
        return
    if not (_in_chair(sitting, actor) or actor.has_on_call(Role.SECRETARIAT, sitting.call_id, whole=True)):
        raise Refused([Refusal(N_("The chair closes the sitting, or the Secretariat."))])
    _leave_item(session, sitting, now)
    _end_leaves(session, sitting, now)
    days = calls.definition(session.get_one(Call, sitting.call_id)).steering.correction_days
    sitting.chair_id, sitting.correct_until_at = None, now + timedelta(days=days)
    room.changed(session, sitting)
    steering.close_session(session, sitting, actor=actor, now=now)


# --- who may ---


def _in_chair(sitting: SteeringSession, actor: Actor) -> bool:
    return sitting.chair_id is not None and sitting.chair_id in {seat.id for seat in actor.steering_seats}


def _organise(session: Session, sitting: SteeringSession, actor: Actor) -> None:
    rights.require_on_call(actor, sitting.call_id, *_ORGANISE)
    lock_call(session, session.get_one(Call, sitting.call_id))  # the papers are documents of the call
    room.hold(session, sitting)
    if sitting.cancelled:
        raise Refused([Refusal(N_("This sitting is cancelled."))])
    if sitting.closed_at is not None:
        raise Refused([Refusal(N_("This sitting is closed."))])


def _own_sitter(session: Session, sitting: SteeringSession, actor: Actor) -> None:
    """Raises Refused for who has not taken a seat at the sitting."""
    mine = [s.id for s in actor.steering_seats]
    if not any(session.get(Attendance, (sitting.id, seat_id)) for seat_id in mine):
        raise Refused([Refusal(N_("Take your seat at the sitting first."))])


def _journal(session: Session, sitting: SteeringSession, act: str, actor: Actor, now: datetime, **more: str) -> None:
    payload = {"session": str(sitting.id), **more}
    journal.append(session, sitting.call_id, act, actor_id=actor.account_id, now=now, payload=payload)
