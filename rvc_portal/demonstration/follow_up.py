"""What became of the conclusions of 2015 in the demonstration: owners and days, what clauses launched, how far they are.

Owners, days and links follow from the text itself; what was done, and when, is made up.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from rvc_portal.demonstration import round2015
from rvc_portal.demonstration.cast import Cast
from rvc_portal.demonstration.composition import EDITION, FIELD
from rvc_portal.demonstration.story import Story
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.following import Owner, State
from rvc_portal.domain.vocabulary import Doc, LinkKind, OwnerKind
from rvc_portal.gateways import network
from rvc_portal.models.base import new_id
from rvc_portal.models.clause import Clause
from rvc_portal.models.document import Document
from rvc_portal.models.meeting import Meeting, MeetingHost, MeetingTask
from rvc_portal.models.seat import Member
from rvc_portal.queries import calls, conclusions
from rvc_portal.queries import follow_up as query
from rvc_portal.services import clause_links, clause_owners, follow_up

OFFICE, GROUP, ALL = (Owner(kind) for kind in (OwnerKind.SECRETARIAT, OwnerKind.STEERING, OwnerKind.MEMBERS))
OWNERS = {
    "1": ((OFFICE,), None), "2": ((OFFICE, GROUP), date(2016, 9, 16)), "3": ((GROUP,), date(2016, 9, 16)),
    "3c": ((), date(2016, 2, 29)), "4": ((OFFICE,), date(2015, 11, 14)), "5": ((ALL,), date(2015, 12, 31)),
    "6": ((ALL,), date(2016, 6, 30)), "8": ((ALL, OFFICE), None), "9": ((ALL,), date(2016, 9, 16)),
    "10": ((OFFICE,), date(2017, 12, 31)), "12": ((OFFICE,), date(2016, 9, 16)),
}  # fmt: skip
"""By clause: who sees to it, and by when."""
STATES = {
    "1": (State.UNDER_WAY,), "2": (State.UNDER_WAY, State.DONE), "3a": (State.UNDER_WAY, State.DONE),
    "3b": (State.UNDER_WAY,), "3c": (State.UNDER_WAY,), "3d": (State.DONE,), "4": (State.DROPPED,),
    "5": (State.DONE,), "6": (State.UNDER_WAY,), "7": (State.UNDER_WAY,), "10": (State.DONE,),
}  # fmt: skip
NOTES = (
    ("3a", True, "fr", "Le Groupe de pilotage a donné son avis sur tous les dossiers de littérature ; la liste des villes"
     " désignées est publiée."),
    ("3c", False, "en", "Eleven reports are in, three cities asked for more time. The short account for the meeting is being"
     " drafted by the coordinators of film and of music."),
    ("4", True, "en", "The funds that were needed did not come together in time; the fields showed their work at the meeting"
     " of 2016 instead."),
    ("7", True, "en", "Iowa City and Dublin exchanged two writers in residence; a third city of the field joins next year."),
    ("5", True, "en", "Thirty-one cities told the Secretariat of flagship projects during the year of the anniversary."),
)  # fmt: skip
OF_THE_GROUP, OF_ONE_CITY, CITY = ("3a", "3b", "3c", "3d"), "7", "Iowa City"
LINK = "https://en.unesco.org/creative-cities/events"
SUMMARY = "A short account of the monitoring reports, in both languages, for the first day of the meeting"


def play(story: Story, cast: Cast, now: datetime) -> None:
    """Owners and days, the four tasks of clause 3 linked, states with their history, notes with evidence, the document."""
    meeting = conclusions.of_edition(story.session, EDITION)
    assert meeting is not None
    at = datetime(2016, 2, 1, 9, tzinfo=UTC)
    clauses = {f.name: f.clause for f in query.of_meeting(story.session, meeting)}
    officer = story.actor(cast.officer, at)
    people = _people(story, cast, at)
    for name, (owners, due_on) in OWNERS.items():
        clause_owners.set_owners(story.session, clauses[name], owners, actor=officer, now=at)
        clause_owners.set_due(story.session, clauses[name], due_on, actor=officer, now=at)
    _one_city(story, clauses[OF_ONE_CITY], officer, at)
    _links(story, clauses, officer, at)
    _states(story, meeting, clauses, people)
    _notes(story, clauses, people, at)
    follow_up.issue(story.session, meeting, actor=officer, now=now - timedelta(days=2))
    story.commit()


def _people(story: Story, cast: Cast, at: datetime) -> dict[str, Actor]:
    """Who speaks of a clause: a coordinator of those of the Group, the focal point of the city's own, else the office."""
    coordinator = next(p for p in cast.group if p.seat.field == FIELD)
    focal_point = next(p for p in cast.members if p.seat.city == CITY)
    group, city = (story.actor(player.account, at) for player in (coordinator, focal_point))
    return {
        **dict.fromkeys(STATES, story.actor(cast.officer, at)),
        **dict.fromkeys(OF_THE_GROUP, group),
        OF_ONE_CITY: city,
    }


def _one_city(story: Story, clause: Clause, officer: Actor, at: datetime) -> None:
    """A clause of one city alone, of which somebody of the demonstration is the focal point."""
    city = story.session.scalars(sa.select(Member).where(Member.city == CITY)).one()
    owner = Owner(OwnerKind.MEMBER, city.id)
    clause_owners.set_owners(story.session, clause, [owner], actor=officer, now=at)


def _links(story: Story, clauses: dict[str, Clause], officer: Actor, at: datetime) -> None:
    """The four tasks of clause 3: the call of 2015, the meeting of 2017, a task for the meeting of 2016, that meeting."""
    call = calls.by_key(story.session, round2015.definition().key)
    assert call is not None
    next_one, later = _meeting(story, 10), _meeting(story, 11)
    task = MeetingTask(
        id=new_id(), meeting_id=next_one.id, text=SUMMARY, language="en", owner=OwnerKind.STEERING,
        due_on=date(2016, 8, 31),
    )  # fmt: skip
    story.session.add(task)
    story.session.flush()
    linked = (
        ("3a", LinkKind.CALL, call.id), ("3b", LinkKind.MEETING, later.id), ("3c", LinkKind.TASK, task.id),
        ("3d", LinkKind.MEETING, next_one.id),
    )  # fmt: skip
    for name, kind, target_id in linked:
        clause_links.link(story.session, clauses[name], kind, target_id, actor=officer, now=at)


def _meeting(story: Story, edition: int) -> Meeting:
    """The meeting of this number, recorded from what the Network knows of it where it is not there yet."""
    there = conclusions.of_edition(story.session, edition)
    if there is not None:
        return there
    known = next(m for m in network.meetings() if m.edition == edition)
    hosts = [
        MeetingHost(id=new_id(), position=n, city=host.city, country=host.country) for n, host in enumerate(known.hosts)
    ]
    made = Meeting(id=new_id(), edition=edition, year=known.year, ends_on=known.day, hosts=hosts)
    story.session.add(made)
    story.session.flush()
    return made


def _states(story: Story, meeting: Meeting, clauses: dict[str, Clause], people: dict[str, Actor]) -> None:
    for name, at, state in _in_turn():
        seen = next(f.number for f in query.of_meeting(story.session, meeting) if f.name == name)
        follow_up.set_state(story.session, clauses[name], state, seen=seen, actor=people[name], now=at)


def _in_turn() -> Iterator[tuple[str, datetime, State]]:
    """Which clause came into which state when: a month and a half lie between two of one clause."""
    first = datetime(2015, 11, 2, 10, tzinfo=UTC)
    for place, (name, states) in enumerate(STATES.items()):
        for turn, state in enumerate(states):
            yield name, first + timedelta(days=7 * place + 45 * turn), state


def _notes(story: Story, clauses: dict[str, Clause], people: dict[str, Actor], at: datetime) -> None:
    named = sa.select(Document.code).where(Document.kind == Doc.DESIGNATION_LIST, Document.superseded_at.is_(None))
    code = story.session.scalars(named.order_by(Document.language, Document.id)).first()
    evidence = {"3a": [code or "", LINK], "5": [LINK]}
    for number, (name, public, language, text) in enumerate(NOTES):
        follow_up.write(
            story.session, clauses[name], text, language=language, public=public, evidence=evidence.get(name, []),
            actor=people[name], now=at + timedelta(days=number),
        )  # fmt: skip
