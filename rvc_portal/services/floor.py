"""The floor of a meeting: cities come, a clause and its amendments are taken one by one, decided by consensus or by a vote by
name, and the clause is adopted. The Secretariat runs the screen for who has the chair."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain import amending as rules
from rvc_portal.domain import deliberation
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.amending import State, Way
from rvc_portal.domain.deliberation import Choice
from rvc_portal.domain.errors import NotFound, Refusal, Refused
from rvc_portal.domain.vocabulary import N_
from rvc_portal.gateways import network
from rvc_portal.language import LANGUAGES
from rvc_portal.models.amendment import Amendment, CityPresence, CityVote, Floor, FloorVote
from rvc_portal.models.base import new_id
from rvc_portal.models.clause import Clause
from rvc_portal.models.meeting import Meeting
from rvc_portal.queries import delegates
from rvc_portal.queries import floor as query
from rvc_portal.services import adoption, amending, conclusions, network_acts


def begin(session: Session, meeting: Meeting, *, actor: Actor, now: datetime) -> None:
    """Open the floor, or open it again on another day. Raises Refused without the role, for a sealed text and an open floor."""
    _lead(session, meeting, actor)
    floor = query.of(session, meeting)
    if meeting.sealed_at is not None:
        raise Refused([Refusal(N_("This text is sealed: the meeting has nothing left to decide."))])
    if floor is not None and floor.is_open:
        raise Refused([Refusal(N_("The floor is open already."))])
    if floor is None:
        floor = Floor(meeting_id=meeting.id)
        session.add(floor)
    floor.opened_at, floor.opened_by, floor.closed_at = now, actor.person, None
    _changed(session, meeting, "open_floor", actor, now)


def end(session: Session, meeting: Meeting, *, actor: Actor, now: datetime) -> None:
    """Close the floor; the cities that were there have gone. Raises Refused without the role, where it is not open and while a
    vote runs."""
    floor = _led(session, meeting, actor)
    _no_vote(session, meeting)
    floor.closed_at, floor.clause_id, floor.amendment_id = now, None, None
    here = sa.select(CityPresence).where(CityPresence.meeting_id == meeting.id, CityPresence.left_at.is_(None))
    for row in session.scalars(here):
        row.left_at = now
    _changed(session, meeting, "close_floor", actor, now)


def arrive(
    session: Session, meeting: Meeting, *, member_id: UUID | None, actor: Actor, now: datetime
) -> None:  # fmt: skip
    """One's city is there. Raises Refused where the floor is not open, and for a city that is not registered."""
    member = amending.city(session, actor, member_id)
    _at_work(session, meeting)
    if member.id not in delegates.registered(session, meeting):
        raise Refused([Refusal(N_("%(city)s is not registered: it has no delegate."), {"city": member.city})])
    row = session.get(CityPresence, (meeting.id, member.id), populate_existing=True)
    if row is None:
        row = CityPresence(meeting_id=meeting.id, member_id=member.id)
        session.add(row)
    elif row.left_at is None:
        return
    row.account_id, row.arrived_at, row.left_at = actor.person, now, None
    amending.changed(session, meeting)


def leave(
    session: Session, meeting: Meeting, *, member_id: UUID | None, actor: Actor, now: datetime
) -> None:  # fmt: skip
    """One's city goes; a vote that it has cast stands."""
    member = amending.city(session, actor, member_id)
    _at_work(session, meeting)
    row = session.get(CityPresence, (meeting.id, member.id), populate_existing=True)
    if row is not None and row.left_at is None:
        row.left_at = now
        amending.changed(session, meeting)


def take_clause(session: Session, meeting: Meeting, clause_id: UUID | None, *, actor: Actor) -> None:
    """Go to a top-level piece of the text, or (None) put down what is at hand. Raises Refused for an adopted one and while a
    vote runs."""
    floor = _led(session, meeting, actor)
    _no_vote(session, meeting)
    if clause_id is not None:
        clause = query.clause(session, meeting, clause_id)
        if clause is None or clause.parent_id is not None:
            raise NotFound
        if clause.adopted_at is not None:
            raise Refused([Refusal(N_("This clause is adopted already."))])
    floor.clause_id, floor.amendment_id = clause_id, None
    amending.changed(session, meeting)


def take_amendment(session: Session, meeting: Meeting, amendment_id: UUID | None, *, actor: Actor) -> None:
    """Go to one amendment of the clause at hand. Raises Refused for one of another clause, one that is decided and while a
    vote runs."""
    floor = _led(session, meeting, actor)
    _no_vote(session, meeting)
    row = query.amendment(session, meeting, amendment_id)
    if row is None:
        raise NotFound
    refusals = [*rules.against_decision(row.state)]
    if floor.clause_id not in (row.clause_id, row.clause.parent_id):
        refusals.append(Refusal(N_("The meeting is not at the clause of this amendment.")))
    if refusals:
        raise Refused(refusals)
    floor.amendment_id = row.id
    amending.changed(session, meeting)


def decide(
    session: Session, meeting: Meeting, amendment_id: UUID | None, *, adopted: bool, actor: Actor, now: datetime
) -> None:  # fmt: skip
    """Adopt or reject the amendment at hand by consensus. Raises Refused for one that is decided or not at hand, and while a
    vote runs."""
    floor = _led(session, meeting, actor)
    row = query.amendment(session, meeting, amendment_id)
    if row is None:
        raise NotFound
    refusals = [*rules.against_decision(row.state)]
    if not refusals and floor.amendment_id != row.id:
        refusals.append(Refusal(N_("The meeting is not at this amendment.")))
    if refusals:
        raise Refused(refusals)
    _no_vote(session, meeting)
    _settle(session, row, adopted, Way.CONSENSUS, actor, now)
    floor.amendment_id = None
    _changed(session, meeting, "decide_amendment", actor, now, _told(row))


def adopt(session: Session, meeting: Meeting, clause_id: UUID | None, *, actor: Actor, now: datetime) -> None:
    """Adopt the clause at hand by consensus. Raises Refused where it is not at hand, while a vote runs, and as
    adoption.adopt does."""
    floor = _led(session, meeting, actor)
    clause = query.clause(session, meeting, clause_id)
    if clause is None:
        raise NotFound
    if floor.clause_id != clause.id:
        raise Refused([Refusal(N_("The meeting is not at this clause."))])
    _no_vote(session, meeting)
    adoption.adopt(session, clause, actor=actor, now=now)
    floor.clause_id, floor.amendment_id = None, None
    session.flush()


def put_to_vote(session: Session, meeting: Meeting, *, actor: Actor, now: datetime) -> FloorVote:
    """Let the cities present vote by name on the amendment at hand, or on the clause where none is. Raises Refused without
    a quorum, with nothing at hand, while another vote runs, and for a clause that cannot be adopted yet."""
    floor = _led(session, meeting, actor)
    _no_vote(session, meeting)
    clause = query.clause(session, meeting, floor.clause_id)
    if clause is None:
        raise Refused([Refusal(N_("Nothing is at hand: go to a clause first."))])
    registered = delegates.registered(session, meeting)
    here, needed = query.present(session, meeting, registered), query.quorum(registered)
    refusals = [*rules.against_quorum(len(here), needed)]
    if clause.adopted_at is not None:
        refusals.append(Refusal(N_("This clause is adopted already.")))
    elif floor.amendment_id is None:
        refusals += query.against_adoption(session, clause)
    if refusals:
        raise Refused(refusals)
    vote = FloorVote(
        id=new_id(), meeting_id=meeting.id, clause_id=clause.id, amendment_id=floor.amendment_id, put_at=now,
        put_by=actor.person,
    )  # fmt: skip
    session.add(vote)
    amending.changed(session, meeting)
    return vote


def cast(
    session: Session, meeting: Meeting, choice: Choice, *, member_id: UUID | None, actor: Actor, now: datetime
) -> None:  # fmt: skip
    """Vote for one's city. Raises Refused for who acts for no city, one that is not present, a second vote, and where no vote
    runs any more."""
    member = amending.city(session, actor, member_id)
    _at_work(session, meeting)
    vote = query.running(session, meeting)
    if vote is None:
        raise Refused([Refusal(N_("No vote is running: it may be closed already."))])
    here = query.present(session, meeting, delegates.registered(session, meeting))
    if member.id not in {one.id for one in here}:
        raise Refused([Refusal(N_("%(city)s is not present: only cities present vote."), {"city": member.city})])
    if session.get(CityVote, (vote.id, member.id)) is not None:
        raise Refused([Refusal(N_("%(city)s has voted already; a vote is not changed."), {"city": member.city})])
    session.add(CityVote(vote_id=vote.id, member_id=member.id, choice=choice, account_id=actor.person, at=now))
    amending.changed(session, meeting)


def close_vote(session: Session, meeting: Meeting, *, actor: Actor, now: datetime) -> FloorVote:
    """Count the vote that runs and do what it decides; where the quorum is lost it counts for nothing, and the amendment or
    the clause stays open. Raises Refused where none runs."""
    floor = _led(session, meeting, actor)
    vote = _running(session, meeting)
    registered = delegates.registered(session, meeting)
    vote.closed_at, vote.quorum = now, query.quorum(registered)
    vote.present = len(query.present(session, meeting, registered))
    if vote.present >= vote.quorum:
        _count(session, meeting, floor, vote, actor, now)
    _changed(session, meeting, "close_floor_vote", actor, now, _counted(vote))
    return vote


def call_off_vote(session: Session, meeting: Meeting, *, actor: Actor, now: datetime) -> None:
    """End the vote that runs without a result: what was cast counts for nothing. Raises Refused where none runs."""
    _led(session, meeting, actor)
    vote = _running(session, meeting)
    vote.closed_at = now
    _changed(session, meeting, "call_off_floor_vote", actor, now, {"vote": str(vote.id)})


def _count(
    session: Session, meeting: Meeting, floor: Floor, vote: FloorVote, actor: Actor, now: datetime
) -> None:  # fmt: skip
    found = deliberation.tally(ballot.choice for ballot in vote.ballots)
    vote.in_favour, vote.against, vote.abstaining = found.in_favour, found.against, found.abstaining
    cities = max(vote.present or 0, found.cast)  # who voted and left has voted
    vote.carried = deliberation.is_carried(found, network.meeting_rules().majority, cities)
    row = query.amendment(session, meeting, vote.amendment_id)
    if row is not None:
        _settle(session, row, vote.carried, Way.VOTE, actor, now)
    elif vote.carried:
        clause = session.get_one(Clause, vote.clause_id)
        adoption.adopt(session, clause, actor=actor, now=now)
        floor.clause_id = None
    floor.amendment_id = None


def _settle(session: Session, row: Amendment, adopted: bool, way: Way, actor: Actor, now: datetime) -> None:
    """Decide an amendment; an adopted one becomes the clause's text in the languages that it gives."""
    clause = row.clause
    reads = {code: clause.text(code) for code in LANGUAGES}
    row.before_en, row.before_fr = reads["en"], reads["fr"]
    row.state, row.way = State.ADOPTED if adopted else State.REJECTED, way
    row.decided_at, row.decided_by = now, actor.person
    if adopted:
        given = rules.changes(row.texts(), reads)
        for language, text in given.items():
            conclusions.write(session, clause, language, text, actor, now)
        row.lagging = rules.left_behind(given, LANGUAGES)
        row.lagging_revision = query.revision(clause, row.lagging) if row.lagging else None
    session.flush()


def _told(row: Amendment) -> dict[str, object]:
    return {"amendment": str(row.id), "clause": str(row.clause_id), "state": row.state, "way": row.way}


def _counted(vote: FloorVote) -> dict[str, object]:
    """The vote for the journal: its figures, and each city's vote; neither where it counts for nothing."""
    told: dict[str, object] = {
        "vote": str(vote.id), "clause": str(vote.clause_id), "present": vote.present, "quorum": vote.quorum,
        "amendment": str(vote.amendment_id) if vote.amendment_id else None, "carried": vote.carried,
    }  # fmt: skip
    if vote.carried is not None:
        told |= {"in_favour": vote.in_favour, "against": vote.against, "abstaining": vote.abstaining}
        told["votes"] = {str(ballot.member_id): ballot.choice for ballot in vote.ballots}
    return told


def _at_work(session: Session, meeting: Meeting) -> Floor:
    """The open floor, its meeting's row held. Raises Refused where it is not open."""
    amending.hold(session, meeting)
    floor = query.of(session, meeting)
    if floor is None or not floor.is_open:
        raise Refused([Refusal(N_("The floor is not open."))])
    return floor


def _lead(session: Session, meeting: Meeting, actor: Actor) -> None:
    network_acts.require_secretariat(actor)
    network_acts.hold(session)
    amending.hold(session, meeting)


def _led(session: Session, meeting: Meeting, actor: Actor) -> Floor:
    """The open floor for who runs its screen. Raises Refused for anybody else."""
    network_acts.require_secretariat(actor)
    network_acts.hold(session)
    return _at_work(session, meeting)


def _running(session: Session, meeting: Meeting) -> FloorVote:
    vote = query.running(session, meeting)
    if vote is None:
        raise Refused([Refusal(N_("No vote is running: it may be closed already."))])
    return vote


def _no_vote(session: Session, meeting: Meeting) -> None:
    if query.running(session, meeting) is not None:
        raise Refused([Refusal(N_("A vote is running: close it first."))])


def _changed(
    session: Session, meeting: Meeting, act: str, actor: Actor, now: datetime, told: dict[str, object] | None = None
) -> None:  # fmt: skip
    amending.changed(session, meeting)
    payload = {"meeting": str(meeting.id), "edition": meeting.edition, **(told or {})}
    network_acts.note(session, act, actor=actor, now=now, payload=payload)
