"""A sitting at work: agenda, chair, items, recusals, motions, votes, and the conclusion that gives the opinion.

Every verb holds the row of the sitting until its transaction ends: of two people at once one comes first, and the other
is told. All that there is stands in rows, so that a server that is killed loses no act that was answered.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain import deliberation as rules
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.definition import LANGUAGES
from rvc_portal.domain.deliberation import OUTCOMES, Choice, MotionKind, Sitter, Tally
from rvc_portal.domain.errors import InvalidInput, NotFound, Overtaken, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Role
from rvc_portal.models.base import new_id
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.seat import Seat
from rvc_portal.models.steering import AgendaItem, Attendance, Dissent, Motion, Passage, SteeringSession, Vote
from rvc_portal.queries import calls, evaluation
from rvc_portal.queries import deliberation as query
from rvc_portal.services import conflicts, journal, rights, steering
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
    wrong: dict[str, tuple[Refusal, ...]] = {}
    if not title.strip():
        wrong["title"] = (Refusal(N_("Give the sitting a title.")),)
    if not place.strip() and not link.strip():
        wrong["place"] = (Refusal(N_("Say where the group meets: a place, or a link.")),)
    if link.strip() and not link.strip().startswith("https://"):
        wrong["link"] = (Refusal(N_("A link begins with https://.")),)
    if wrong:
        raise InvalidInput(wrong)
    lock_call(session, call)
    sitting = SteeringSession(
        id=new_id(), call_id=call.id, title=title.strip(), starts_at=starts_at, place=place.strip(), link=link.strip()
    )
    session.add(sitting)
    session.flush()
    _complete_agenda(session, sitting)
    arrange(session, sitting, actor=actor)
    _journal(session, sitting, "plan_session", actor, now)
    return sitting


def _complete_agenda(session: Session, sitting: SteeringSession) -> None:
    """Put every file in review on the agenda, new ones at the end."""
    known = {i.dossier_id for i in query.items(session, sitting)}
    waiting = sa.select(Dossier).where(Dossier.call_id == sitting.call_id, Dossier.state == "in_review")
    found = [d for d in session.scalars(waiting.order_by(Dossier.lead_city, Dossier.id)) if d.id not in known]
    for number, dossier in enumerate(found, len(known) + 1):
        session.add(AgendaItem(id=new_id(), session_id=sitting.id, dossier_id=dossier.id, position=number))
    session.flush()


def arrange(session: Session, sitting: SteeringSession, *, actor: Actor) -> None:
    """Order the agenda anew by the rule that spares comings and goings. Raises Refused once the sitting has begun."""
    _organise(session, sitting, actor)
    if sitting.opened_at is not None:
        raise Refused([Refusal(N_("The sitting has begun: move items one by one."))])
    items = {i.id: i for i in query.items(session, sitting)}
    barred = query.recused(session, [i.dossier_id for i in items.values()])
    by_name = sorted(items.values(), key=lambda i: (i.dossier.field or "", i.dossier.lead_city, i.dossier.reference))
    order = rules.arranged({i.id: frozenset(barred[i.dossier_id]) for i in by_name})
    for position, item_id in enumerate(order, 1):
        items[item_id].position = position
    _changed(session, sitting)


def move(session: Session, sitting: SteeringSession, item: AgendaItem, *, by: int, actor: Actor) -> None:
    """Move an item one place up (-1) or down (1). Raises Refused for one that the group has been at."""
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
    _changed(session, sitting)


def begin(session: Session, sitting: SteeringSession, *, actor: Actor, now: datetime) -> None:
    """Open a planned sitting; files that came before the group since are added at the end. Raises Refused while another
    one is open, or where this one has begun."""
    rights.require_on_call(actor, sitting.call_id, *_ORGANISE)
    call = session.get_one(Call, sitting.call_id)
    lock_call(session, call)
    _hold(session, sitting)
    if sitting.opened_at is not None:
        raise Refused([Refusal(N_("This sitting has begun already."))])
    if steering.current_session(session, call.id):
        raise Refused([Refusal(N_("Another sitting is still open."))])
    sitting.opened_at, sitting.opened_by = now, actor.person
    _complete_agenda(session, sitting)
    _changed(session, sitting)
    _journal(session, sitting, "open_session", actor, now)


# --- the room ---


def step_out(session: Session, sitting: SteeringSession, seat_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Go out for a while; a chair falls vacant. Raises Refused for who is not there."""
    sitter = _mine(session, sitting, seat_id, actor)
    if not sitter.here:
        raise Refused([Refusal(N_("Your seat is not in the room."))])
    session.add(Passage(id=new_id(), session_id=sitting.id, seat_id=seat_id, out_at=now))
    _vacate(sitting, seat_id)
    _changed(session, sitting)


def come_back(session: Session, sitting: SteeringSession, seat_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Come in again; safe to repeat."""
    _mine(session, sitting, seat_id, actor)
    _close_passages(session, sitting, now, Passage.seat_id == seat_id, Passage.item_id.is_(None))
    _changed(session, sitting)


def declare_interest(
    session: Session, sitting: SteeringSession, item: AgendaItem, seat_id: UUID, *, reason: str, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Declare an interest in the course of the sitting: the seat leaves the item at once, its vote in a motion that is
    still open is struck out. Raises InvalidInput without a reason."""
    _mine(session, sitting, seat_id, actor)
    if not reason.strip():
        raise InvalidInput({"reason": (Refusal(N_("Say what ties you to this city."), target="reason"),)})
    conflicts.declare(session, item.dossier, seat_id, actor_id=actor.person, reason=reason, now=now)
    if item.at_hand:
        _send_out(session, sitting, item, seat_id, conflicts.DECLARED, now)
    _touched(session, item)


def attend(
    session: Session, sitting: SteeringSession, seat_id: UUID, *, conflicted: Mapping[UUID, str], actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Take one's seat and declare one's interests, as `steering.attend` does; who is recused from the item at hand goes
    out at once."""
    _hold(session, sitting)
    steering.attend(session, sitting, seat_id, conflicted=conflicted, actor=actor, now=now)
    item = query.at_hand(session, sitting)
    rule = query.recused(session, [item.dossier_id])[item.dossier_id].get(seat_id) if item else None
    if item and rule and not _is_out(session, item, seat_id):
        _send_out(session, sitting, item, seat_id, rule, now)
    _changed(session, sitting)


def _send_out(
    session: Session, sitting: SteeringSession, item: AgendaItem, seat_id: UUID, rule: str, now: datetime
) -> None:
    session.add(Passage(id=new_id(), session_id=sitting.id, seat_id=seat_id, item_id=item.id, rule=rule, out_at=now))
    _vacate(sitting, seat_id)
    running = query.open_motion(session, item)
    if running:
        session.execute(sa.delete(Vote).where(Vote.motion_id == running.id, Vote.seat_id == seat_id))
    session.flush()


def _is_out(session: Session, item: AgendaItem, seat_id: UUID) -> bool:
    return bool(
        session.scalar(
            sa.select(Passage.id).where(Passage.item_id == item.id, Passage.seat_id == seat_id, Passage.in_at.is_(None))
        )
    )


def _close_passages(session: Session, sitting: SteeringSession, now: datetime, *which: Any) -> None:
    query_ = sa.update(Passage).where(Passage.session_id == sitting.id, Passage.in_at.is_(None), *which)
    session.execute(query_.values(in_at=now))


# --- the chair ---


def take_chair(session: Session, sitting: SteeringSession, seat_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Take a vacant chair. Raises Refused, naming who has it, where it is not vacant."""
    sitter = _mine(session, sitting, seat_id, actor)
    if sitting.chair_id is not None:
        name = session.get_one(Seat, sitting.chair_id).name
        raise Refused([Refusal(N_("%(seat)s has the chair already."), {"seat": name})])
    _seat_in_chair(session, sitting, sitter, actor, now)


def hand_over(session: Session, sitting: SteeringSession, to: UUID, *, actor: Actor, now: datetime) -> None:
    """Give the chair to another seat that is there. Raises Refused for who does not have it."""
    _chair(session, sitting, actor)
    sitter = next((s for s in query.sitters(session, sitting) if s.seat == to), None)
    if sitter is None:
        raise Refused([Refusal(N_("The chair goes to a seat that is here and has declared its interests."))])
    _seat_in_chair(session, sitting, sitter, actor, now)


def release_chair(session: Session, sitting: SteeringSession, *, actor: Actor, now: datetime) -> None:
    """Vacate the chair: who has it, or the Secretariat where that person is cut off."""
    _hold(session, sitting)
    if sitting.chair_id not in {s.id for s in actor.steering_seats}:
        rights.require_on_call(actor, sitting.call_id, Role.SECRETARIAT)
    sitting.chair_id = None
    _changed(session, sitting)
    _journal(session, sitting, "release_chair", actor, now)


def _seat_in_chair(session: Session, sitting: SteeringSession, sitter: Sitter, actor: Actor, now: datetime) -> None:
    item = query.at_hand(session, sitting)
    at_item = query.sitters(session, sitting, item.dossier_id) if item else [sitter]
    if not next(s for s in at_item if s.seat == sitter.seat).able:
        raise Refused([Refusal(N_("The chair goes to a seat that is here and has declared its interests."))])
    sitting.chair_id = sitter.seat
    _changed(session, sitting)
    _journal(session, sitting, "take_chair", actor, now, seat=str(sitter.seat))


def _vacate(sitting: SteeringSession, seat_id: UUID) -> None:
    if sitting.chair_id == seat_id:
        sitting.chair_id = None


# --- items ---


def take_up(session: Session, sitting: SteeringSession, item: AgendaItem, *, actor: Actor, now: datetime) -> None:
    """Go on to an item: who is recused from it goes out, who was out for the one before comes in. Raises Refused for who
    has not the chair, and while a vote runs."""
    _chair(session, sitting, actor)
    if item.at_hand:
        return
    _leave_item(session, sitting, now)
    item.at_hand, item.taken_up_at = True, item.taken_up_at or now
    barred = query.recused(session, [item.dossier_id])[item.dossier_id]
    for _, seat, _person in query.attendance(session, sitting):
        if seat.id in barred:
            _send_out(session, sitting, item, seat.id, barred[seat.id], now)
    _changed(session, sitting)


def put_down(session: Session, sitting: SteeringSession, *, actor: Actor, now: datetime) -> None:
    """Leave the item at hand, for a pause. Raises Refused for who has not the chair, and while a vote runs."""
    _chair(session, sitting, actor)
    _leave_item(session, sitting, now)
    _changed(session, sitting)


def _leave_item(session: Session, sitting: SteeringSession, now: datetime) -> None:
    item = query.at_hand(session, sitting)
    if item is None:
        return
    if query.open_motion(session, item):
        raise Refused([Refusal(N_("A vote is running: close it first."))])
    item.at_hand = False
    _close_passages(session, sitting, now, Passage.item_id == item.id)
    session.flush()


def save_texts(
    session: Session, sitting: SteeringSession, item: AgendaItem, texts: Mapping[str, str], *, seen: int, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Keep the reason of the opinion as it is worded so far, by language. `seen`: the revision that the person edited.
    Raises Overtaken where somebody else saved meanwhile, Refused once the item is concluded."""
    _hold(session, sitting)
    _open(sitting)
    if Role.SECRETARIAT not in {g.role for g in actor.grants}:
        _own_sitter(session, sitting, actor)
    if item.concluded_at:
        raise Refused([Refusal(N_("This item is concluded: its opinion is on record."))])
    if item.text_revision != seen:
        raise Overtaken([Refusal(N_("Somebody else saved this text meanwhile: compare it with yours."))])
    item.text_en, item.text_fr = (texts.get(language, "").strip() for language in LANGUAGES)
    item.text_revision += 1
    _touched(session, item)


def draft_reason(session: Session, sitting: SteeringSession, item: AgendaItem, *, actor: Actor, now: datetime) -> None:
    """Begin the reason from what the evaluators wrote, by criterion and without names, in each of the call's languages
    that has no text yet."""
    found = evaluation.results(session, item.dossier, calls.definition(item.dossier.call).rubric)
    texts = {"en": item.text_en, "fr": item.text_fr}
    for language in calls.definition(item.dossier.call).publish_languages:
        texts[language] = texts[language] or rules.reason_drafted(
            (c.criterion.label.of(language), [s.scores.get(c.criterion.key, (None, ""))[1] for s in found.sheets])
            for c in found.criteria
        )
    save_texts(session, sitting, item, texts, seen=item.text_revision, actor=actor, now=now)


def dissent(
    session: Session, sitting: SteeringSession, item: AgendaItem, seat_id: UUID, *, text: str, language: str,
    actor: Actor, now: datetime,
) -> None:  # fmt: skip
    """Put a seat's dissent on record, in its own words; a later one replaces it, an empty one takes it back. Raises
    Refused for who may not vote on the item, InvalidInput for an unknown language."""
    _mine(session, sitting, seat_id, actor)
    stands_against = list(rules.against_vote(query.sitters(session, sitting, item.dossier_id), seat_id, ()))
    if stands_against:
        raise Refused(stands_against)
    if language not in LANGUAGES:
        raise InvalidInput({"language": (Refusal(N_("Choose a language.")),)})
    found = session.get(Dissent, (item.id, seat_id))
    if found is not None and not text.strip():
        session.delete(found)
    elif found is not None:
        found.text, found.language, found.account_id, found.at = text.strip(), language, actor.person, now
    elif text.strip():
        session.add(
            Dissent(item_id=item.id, seat_id=seat_id, text=text.strip(), language=language, account_id=actor.person,
                    at=now)
        )  # fmt: skip
    _touched(session, item)


# --- motions and votes ---


def put_motion(
    session: Session, sitting: SteeringSession, item: AgendaItem, *, kind: MotionKind, by_name: bool,
    conditions: Mapping[str, str], actor: Actor, now: datetime,
) -> Motion:  # fmt: skip
    """Put a motion to the vote; `conditions` by language, one a line. Raises Refused for who has not the chair, without a
    quorum or while another vote runs, InvalidInput where conditions are missing in a language of the call."""
    chair = _chair(session, sitting, actor)
    told = calls.definition(item.dossier.call)
    refusals = [*_not_at_work(session, item), *_no_quorum(session, sitting, item)]
    if refusals:
        raise Refused(refusals)
    given = {language: _lines(conditions.get(language, "")) for language in LANGUAGES}
    if kind is MotionKind.CONDITIONS:
        _check_conditions(given, told.publish_languages)
    else:
        given = dict.fromkeys(LANGUAGES, "")
    motion = Motion(
        id=new_id(), item_id=item.id, kind=kind, conditions_en=given["en"], conditions_fr=given["fr"],
        by_name=by_name, put_at=now, put_by=chair,
    )  # fmt: skip
    session.add(motion)
    _touched(session, item)
    return motion


def _lines(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _check_conditions(given: Mapping[str, str], languages: tuple[str, ...]) -> None:
    wrong: dict[str, tuple[Refusal, ...]] = {
        f"conditions_{language}": (Refusal(N_("Word the conditions in this language too.")),)
        for language in languages
        if not given[language]
    }
    if not wrong and len({len(given[language].splitlines()) for language in languages}) > 1:
        wrong = {"conditions_fr": (Refusal(N_("Write as many conditions in each language, one a line.")),)}
    if wrong:
        raise InvalidInput(wrong)


def cast(
    session: Session, sitting: SteeringSession, item: AgendaItem, seat_id: UUID, choice: Choice, *, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Vote by name. Raises Refused for who is absent or recused, for a second vote, and where no vote by name runs."""
    _mine(session, sitting, seat_id, actor)
    motion = query.open_motion(session, item)
    if motion is None or not motion.by_name:
        raise Refused([Refusal(N_("No vote by name is running on this item."))])
    voted = {vote.seat_id for vote in query.votes(session, [motion.id])[motion.id]}
    refusals = list(rules.against_vote(query.sitters(session, sitting, item.dossier_id), seat_id, voted))
    if refusals:
        raise Refused(refusals)
    session.add(Vote(motion_id=motion.id, seat_id=seat_id, choice=choice, account_id=actor.person, at=now))
    _touched(session, item)


def close_vote(
    session: Session, sitting: SteeringSession, item: AgendaItem, *, counted: Tally | None, actor: Actor, now: datetime
) -> Motion:
    """Close the vote; `counted`: the hands, where they were shown. Raises Refused for who has not the chair, where no vote
    runs, or where more hands are counted than seats vote."""
    _chair(session, sitting, actor)
    motion = query.open_motion(session, item)
    if motion is None:
        raise Refused([Refusal(N_("No vote is running on this item."))])
    seats = len(rules.entitled(query.sitters(session, sitting, item.dossier_id)))
    if motion.by_name:
        found = rules.tally(vote.choice for vote in query.votes(session, [motion.id])[motion.id])
    else:
        found = counted or Tally()
        refusals = list(rules.against_count(found, seats))
        if refusals:
            raise Refused(refusals)
    motion.in_favour, motion.against, motion.abstaining = found.in_favour, found.against, found.abstaining
    motion.closed_at, motion.seats = now, seats
    motion.carried = rules.is_carried(found, calls.definition(item.dossier.call).steering.majority, seats)
    _touched(session, item)
    journal.append(
        session, item.dossier_id, "vote", actor_id=actor.account_id, now=now,
        payload={"motion": str(motion.id), "kind": motion.kind, "in_favour": found.in_favour, "against": found.against,
                 "abstaining": found.abstaining, "seats": seats, "carried": motion.carried},
    )  # fmt: skip
    return motion


def conclude(session: Session, sitting: SteeringSession, item: AgendaItem, *, actor: Actor, now: datetime) -> None:
    """Record what the motion that was carried last gives as the group's opinion. Raises Refused for who has not the chair,
    while a vote runs, where nothing is carried, without a quorum, or with a text missing in a language of the call."""
    _chair(session, sitting, actor)
    refusals = [*_not_at_work(session, item)]
    motion = next((m for m in reversed(query.motions(session, [item.id])) if m.carried), None)
    if motion is None:
        refusals.append(Refusal(N_("No motion is carried on this item yet.")))
    texts = {"en": item.text_en, "fr": item.text_fr}
    refusals += [
        Refusal(N_("The text is missing in this language: %(language)s."), {"language": language})
        for language in calls.definition(item.dossier.call).publish_languages
        if not texts[language]
    ]
    if refusals or motion is None:
        raise Refused(refusals)
    steering.record_opinion(
        session, item.dossier, outcome=OUTCOMES[MotionKind(motion.kind)], texts=texts, motion=motion, actor=actor,
        now=now,
    )  # fmt: skip
    item.concluded_at = now
    _touched(session, item)


def _not_at_work(session: Session, item: AgendaItem) -> Iterator[Refusal]:
    if not item.at_hand:
        yield Refusal(N_("The group is not at this item."))
    if item.concluded_at:
        yield Refusal(N_("This item is concluded: its opinion is on record."))
    if query.open_motion(session, item):
        yield Refusal(N_("A vote is running: close it first."))


def _no_quorum(session: Session, sitting: SteeringSession, item: AgendaItem) -> Iterator[Refusal]:
    voting = len(rules.entitled(query.sitters(session, sitting, item.dossier_id)))
    quorum = calls.definition(item.dossier.call).quorum
    if voting < quorum:
        yield Refusal(
            N_("No quorum for this file: %(voting)s seats of %(quorum)s."), {"voting": voting, "quorum": quorum}
        )


# --- the end ---


def close(session: Session, sitting: SteeringSession, *, actor: Actor, now: datetime) -> None:
    """Close the sitting: everybody leaves, its record is open to correction from now on. Raises Refused while a vote runs;
    safe to repeat."""
    rights.require_on_call(actor, sitting.call_id, *_ORGANISE)
    _hold(session, sitting)
    if sitting.closed_at is not None:
        return
    _leave_item(session, sitting, now)
    _close_passages(session, sitting, now)
    days = calls.definition(session.get_one(Call, sitting.call_id)).steering.correction_days
    sitting.chair_id, sitting.correct_until_at = None, now + timedelta(days=days)
    _changed(session, sitting)
    steering.close_session(session, sitting, actor=actor, now=now)


# --- who may, and what has changed ---


def _hold(session: Session, sitting: SteeringSession) -> None:
    """Hold the sitting's row until the transaction ends, as it stands now."""
    session.flush()
    session.refresh(sitting, with_for_update={"key_share": True})


def _open(sitting: SteeringSession) -> None:
    if sitting.opened_at is None:
        raise Refused([Refusal(N_("This sitting has not begun yet."))])
    if sitting.closed_at is not None:
        raise Refused([Refusal(N_("This sitting is closed."))])


def _organise(session: Session, sitting: SteeringSession, actor: Actor) -> None:
    rights.require_on_call(actor, sitting.call_id, *_ORGANISE)
    _hold(session, sitting)
    if sitting.closed_at is not None:
        raise Refused([Refusal(N_("This sitting is closed."))])


def _chair(session: Session, sitting: SteeringSession, actor: Actor) -> UUID:
    """The seat in the chair, if the person acts for it. Raises Refused for everybody else."""
    _hold(session, sitting)
    _open(sitting)
    if sitting.chair_id is None or sitting.chair_id not in {s.id for s in actor.steering_seats}:
        raise Refused([Refusal(N_("Only who has the chair may do this."))])
    return sitting.chair_id


def _mine(session: Session, sitting: SteeringSession, seat_id: UUID, actor: Actor) -> Sitter:
    """The person's own seat at the sitting. Raises NotFound for another's, Refused for one that has not come."""
    if seat_id not in {s.id for s in actor.steering_seats}:
        raise NotFound
    _hold(session, sitting)
    _open(sitting)
    found = next((s for s in query.sitters(session, sitting) if s.seat == seat_id), None)
    if found is None:
        raise Refused([Refusal(N_("Take your seat at the sitting first."))])
    return found


def _own_sitter(session: Session, sitting: SteeringSession, actor: Actor) -> None:
    """Raises Refused for who has not taken a seat at the sitting."""
    mine = [s.id for s in actor.steering_seats]
    if not any(session.get(Attendance, (sitting.id, seat_id)) for seat_id in mine):
        raise Refused([Refusal(N_("Take your seat at the sitting first."))])


def _changed(session: Session, sitting: SteeringSession) -> None:
    """Something changed that all who sit may see."""
    sitting.version += 1
    session.flush()


def _touched(session: Session, item: AgendaItem) -> None:
    """Something changed on the item, for those to whom it is open."""
    item.version += 1
    session.flush()


def _journal(session: Session, sitting: SteeringSession, act: str, actor: Actor, now: datetime, **more: str) -> None:
    payload = {"session": str(sitting.id), **more}
    journal.append(session, sitting.call_id, act, actor_id=actor.account_id, now=now, payload=payload)
