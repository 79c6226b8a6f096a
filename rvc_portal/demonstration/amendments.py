"""A meeting of the demonstration at its text: five amendments, one of each fate and one at hand; eight cities are present."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from rvc_portal.demonstration.cast import FIELD, Cast
from rvc_portal.demonstration.story import Player, Story
from rvc_portal.domain import agreed_text
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.deliberation import Choice
from rvc_portal.language import LANGUAGES
from rvc_portal.models.base import new_id
from rvc_portal.models.meeting import Delegate, Meeting
from rvc_portal.models.seat import Member
from rvc_portal.queries import conclusions as query
from rvc_portal.queries import delegates
from rvc_portal.services import amending, conclusions, floor
from rvc_portal.settings import DATA_FILES

EDITION, DRAFT = 13, "draft-2019"
PRESENT = ("Dublin", "Edinburgh", "Granada", "Heidelberg", "Iowa City", "Norwich", "Prague", "Reykjavík")


@dataclass(frozen=True)
class Proposal:
    """What a city would have a clause say; `seconds`: who seconds it."""

    city: str
    clause: str
    reason: str
    language: str
    texts: dict[str, str]
    seconds: tuple[str, ...] = ()


PROPOSALS = (
    Proposal(
        "Norwich", "1", "Two years are soon over; a city that reports late is asked before it is forgotten.", "en",
        {"en": "The cities present a report on their membership every two years, in English or in French, and publish it.",
         "fr": "Les villes présentent tous les deux ans un rapport sur leur appartenance au Réseau, en anglais ou en français, "
               "et le publient."},
        ("Dublin", "Edinburgh"),
    ),
    Proposal(
        "Heidelberg", "2", "What counts is not how many come.", "en",
        {"en": "The cities invite young artists of other member cities to stay with them."}, ("Prague",),
    ),
    Proposal(
        "Granada", "2", "Un séjour se prépare à deux.", "fr",
        {"en": "The cities invite young artists of other member cities to stay with them, agree on each stay with the city they "
               "come from, and tell the Secretariat each year how many came.",
         "fr": "Les villes accueillent de jeunes artistes d’autres villes membres, conviennent de chaque séjour avec la ville "
               "d’où ils viennent et disent chaque année au Secrétariat combien sont venus."},
    ),
    Proposal(
        "Dublin", "3b", "The next meeting can only decide on what it was sent in time.", "en",
        {"en": "proposes, three months before the next meeting, how the Network is to be financed."}, ("Norwich",),
    ),
    Proposal(
        "Iowa City", "3a", "Translators are forgotten as soon as one says artists.", "en",
        {"en": "prepares a programme of residencies, for translators and curators, too, with the cities that wish to take part;",
         "fr": "prépare un programme de résidences, ouvert aussi aux traducteurs et aux commissaires d’exposition, avec les villes "
               "qui souhaitent y prendre part ;"},
        ("Reykjavík", "Edinburgh"),
    ),
)  # fmt: skip


def play(story: Story, cast: Cast, now: datetime) -> None:
    """One amendment adopted in both languages, one rejected by vote, one withdrawn, one adopted in one language alone, and one
    at hand."""
    before = now - timedelta(days=20)
    cities = {str(player.seat.city): player for player in cast.members}
    meeting = _draft(story, story.actor(cast.officer, before), before)
    _register(story, meeting, cities, before)
    rows = {p.city: _propose(story, meeting, cities, p, before + timedelta(days=1)) for p in PROPOSALS}
    granada = story.actor(cities["Granada"].account, now)
    amending.withdraw(story.session, meeting, rows["Granada"], actor=granada, now=now - timedelta(days=2))
    _sit(story, meeting, cast, cities, rows, now - timedelta(hours=1))
    story.commit()


def _draft(story: Story, officer: Actor, at: datetime) -> Meeting:
    """The text of the meeting; in words of our own, where nobody has drafted it yet."""
    there = query.of_edition(story.session, EDITION)
    if there is None or not query.of(story.session, there).clauses:
        for language in LANGUAGES:
            content = (DATA_FILES / "demonstration" / f"{DRAFT}-{language}.txt").read_bytes()
            text = agreed_text.read(agreed_text.decode(content))
            there = conclusions.take(
                story.session, text, edition=EDITION, language=language, actor=officer, now=at
            ).meeting
    assert there is not None
    for piece in query.of(story.session, there).pieces():
        piece.adopted_at = None  # a draft: the meeting is still to agree on it
    story.session.flush()
    return there


def _register(story: Story, meeting: Meeting, cities: dict[str, Player], at: datetime) -> None:
    """The cities that evaluate in literature act as members, and each has named somebody who comes."""
    there = delegates.registered(story.session, meeting)
    for player in cities.values():
        found = sa.select(Member).where(Member.city == player.seat.city, Member.field == FIELD)
        member = story.session.scalars(found.where(Member.country == player.seat.country)).one_or_none()
        if member is None or member.id in there:
            continue
        player.seat.member_id = member.id
        story.session.add(
            Delegate(
                id=new_id(), meeting_id=meeting.id, member_id=member.id, name=f"Delegation of {member.city}",
                named_at=at, named_by=player.account.id,
            )
        )  # fmt: skip
    story.session.flush()


def _propose(story: Story, meeting: Meeting, cities: dict[str, Player], given: Proposal, at: datetime) -> UUID:
    named = dict(query.of(story.session, meeting).named())
    row = amending.propose(
        story.session, meeting, named[given.clause].id, given.texts, reason=given.reason, language=given.language,
        member_id=None, actor=story.actor(cities[given.city].account, at), now=at,
    )  # fmt: skip
    for number, city in enumerate(given.seconds, start=1):
        when = at + timedelta(hours=number)
        actor = story.actor(cities[city].account, when)
        amending.second(story.session, meeting, row.id, member_id=None, actor=actor, now=when)
    return row.id


def _sit(
    story: Story, meeting: Meeting, cast: Cast, cities: dict[str, Player], rows: dict[str, UUID], at: datetime
) -> None:  # fmt: skip
    """The floor: clause 1 is amended and adopted, an amendment to clause 2 falls, clause 3 is at hand."""
    session, officer = story.session, story.actor(cast.officer, at)
    named = dict(query.of(session, meeting).named())
    floor.begin(session, meeting, actor=officer, now=at)
    for city in PRESENT:
        floor.arrive(session, meeting, member_id=None, actor=story.actor(cities[city].account, at), now=at)
    floor.take_clause(session, meeting, named["1"].id, actor=officer)
    floor.take_amendment(session, meeting, rows["Norwich"], actor=officer)
    floor.decide(session, meeting, rows["Norwich"], adopted=True, actor=officer, now=at + timedelta(minutes=5))
    floor.adopt(session, meeting, named["1"].id, actor=officer, now=at + timedelta(minutes=6))
    floor.take_clause(session, meeting, named["2"].id, actor=officer)
    floor.take_amendment(session, meeting, rows["Heidelberg"], actor=officer)
    floor.put_to_vote(session, meeting, actor=officer, now=at + timedelta(minutes=10))
    for number, city in enumerate(PRESENT):
        choice = (Choice.AGAINST, Choice.IN_FAVOUR, Choice.AGAINST, Choice.IN_FAVOUR, Choice.ABSTAINING)[number % 5]
        actor = story.actor(cities[city].account, at)
        floor.cast(session, meeting, choice, member_id=None, actor=actor, now=at + timedelta(minutes=11))
    floor.close_vote(session, meeting, actor=officer, now=at + timedelta(minutes=12))
    floor.take_clause(session, meeting, named["3"].id, actor=officer)
    floor.take_amendment(session, meeting, rows["Dublin"], actor=officer)
    floor.decide(session, meeting, rows["Dublin"], adopted=True, actor=officer, now=at + timedelta(minutes=15))
    floor.take_amendment(session, meeting, rows["Iowa City"], actor=officer)
