"""Motions on an item, the votes on them, and the conclusion that makes the one that was carried the group's opinion."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from rvc_portal.domain import deliberation as rules
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.definition import LANGUAGES
from rvc_portal.domain.deliberation import Choice, MotionKind, Tally
from rvc_portal.domain.errors import InvalidInput, Refusal, Refused
from rvc_portal.domain.vocabulary import N_
from rvc_portal.models.base import new_id
from rvc_portal.models.steering import AgendaItem, Motion, SteeringSession, Vote
from rvc_portal.queries import calls
from rvc_portal.queries import deliberation as query
from rvc_portal.services import journal, room, steering


def put_motion(
    session: Session, sitting: SteeringSession, item: AgendaItem, *, kind: MotionKind, by_name: bool,
    conditions: Mapping[str, str], actor: Actor, now: datetime,
) -> Motion:  # fmt: skip
    """Put a motion to the vote; `conditions` by language, one a line. Raises Refused for who has not the chair, without a
    quorum or while another vote runs, InvalidInput where conditions are missing in a language of the call."""
    chair = room.chair(session, sitting, actor)
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
    room.touched(session, item)
    return motion


def _lines(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _check_conditions(given: Mapping[str, str], languages: tuple[str, ...]) -> None:
    wrong: dict[str, tuple[Refusal, ...]] = {
        f"conditions_{language}": (
            Refusal(N_("The conditions are missing in this language: %(language)s."), {"language": language}),
        )
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
    room.mine(session, sitting, seat_id, actor)
    motion = query.open_motion(session, item)
    if motion is None or not motion.by_name:
        raise Refused([Refusal(N_("No vote by name is running on this item."))])
    voted = {vote.seat_id for vote in query.votes(session, [motion.id])[motion.id]}
    refusals = list(rules.against_vote(query.sitters(session, sitting, item.dossier_id), seat_id, voted))
    if refusals:
        raise Refused(refusals)
    session.add(Vote(motion_id=motion.id, seat_id=seat_id, choice=choice, account_id=actor.person, at=now))
    room.touched(session, item)


def close_vote(
    session: Session, sitting: SteeringSession, item: AgendaItem, *, counted: Tally | None, actor: Actor, now: datetime
) -> Motion:
    """Close the vote; `counted`: the hands, where they were shown. Raises Refused for who has not the chair, where no vote
    runs, or where more hands are counted than seats vote."""
    room.chair(session, sitting, actor)
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
    room.touched(session, item)
    journal.append(
        session, item.dossier_id, "vote", actor_id=actor.account_id, now=now,
        payload={"motion": str(motion.id), "kind": motion.kind, "in_favour": found.in_favour, "against": found.against,
                 "abstaining": found.abstaining, "seats": seats, "carried": motion.carried},
    )  # fmt: skip
    return motion


def conclude(session: Session, sitting: SteeringSession, item: AgendaItem, *, actor: Actor, now: datetime) -> None:
    """Record what the motion that was carried last gives as the group's opinion. Raises Refused for who has not the chair,
    while a vote runs, where nothing is carried, without a quorum, or with a text missing in a language of the call."""
    room.chair(session, sitting, actor)
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
    steering.record_opinion(session, sitting, item.dossier, motion, texts=texts, actor=actor, now=now)
    item.concluded_at = now
    room.touched(session, item)


def _not_at_work(session: Session, item: AgendaItem) -> Iterator[Refusal]:
    if not item.at_hand:
        yield Refusal(N_("The group is not at this item."))
    if item.concluded_at:
        yield Refusal(N_("This item is concluded: its opinion is on record."))
    if query.open_motion(session, item):
        yield Refusal(N_("A vote is running: close it first."))


def _no_quorum(session: Session, sitting: SteeringSession, item: AgendaItem) -> Iterator[Refusal]:
    voting = len(rules.entitled(query.sitters(session, sitting, item.dossier_id)))
    yield from rules.against_quorum(voting, calls.definition(item.dossier.call).quorum)
