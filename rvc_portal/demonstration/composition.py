"""The Steering Group of the demonstration: 2015 as far as the facts go, and a group of today to look at.

The fields, their member cities and the host are real. Which cities coordinated in 2015 is not known to us: the two that
have been in a field the longest stand for them. Nobody is named; the cities' offices act.
"""

from datetime import date, datetime, timedelta

import sqlalchemy as sa

from rvc_portal.demonstration.cast import Cast
from rvc_portal.demonstration.story import Player, Story
from rvc_portal.domain import agreed_text
from rvc_portal.domain.ballot import TieRule
from rvc_portal.domain.vocabulary import SeatKind
from rvc_portal.language import LANGUAGES
from rvc_portal.models.ballot import Ballot
from rvc_portal.models.seat import Member
from rvc_portal.services import ballots, co_options, conclusions, mandates
from rvc_portal.services.co_options import Choice
from rvc_portal.settings import DATA_FILES

FIELD, MISSING = "literature", "africa"
MEETING, EDITION = date(2015, 5, 28), 9
STATEMENT = "Our city would gladly carry the field’s work between two annual meetings, and share it with every member."
REASON = "Nobody of the region sits with us, and this city has been a member for long."


def play(story: Story, cast: Cast, now: datetime) -> None:
    """The group of 2015, the group of today with a place of literature that was elected, another election under way, and
    two co-options: one adopted, one under vote."""
    then = datetime.combine(MEETING, datetime.min.time(), now.tzinfo) + timedelta(days=1)
    _conclusions(story, cast, then)
    _group(story, cast, MEETING, then, deputies=True)
    start = (now - timedelta(days=240)).date()
    _group(story, cast, start, now - timedelta(days=239), deputies=False)
    _elections(story, cast, now)
    _co_options(story, cast, now)


def _conclusions(story: Story, cast: Cast, at: datetime) -> None:
    """What the meeting of 2015 agreed, in words of our own, in both languages."""
    officer = story.actor(cast.officer, at)
    for language in LANGUAGES:
        content = (DATA_FILES / "demonstration" / f"conclusions-2015-{language}.txt").read_bytes()
        text = agreed_text.read(agreed_text.decode(content))
        conclusions.take(story.session, text, edition=EDITION, language=language, actor=officer, now=at)
    conclusions.seal(story.session, edition=EDITION, actor=officer, now=at)
    story.commit()


def _group(story: Story, cast: Cast, start: date, at: datetime, *, deputies: bool) -> None:
    officer = story.actor(cast.officer, at)
    for player in cast.group:
        if player.seat.kind == SeatKind.HOST:
            city = _named(story, "Östersund", "gastronomy")
            mandates.record(story.session, city, SeatKind.HOST, start, actor=officer, now=at)
            continue
        first, second = _longest(story, str(player.seat.field))
        mandates.record(story.session, first, SeatKind.COORDINATOR, start, actor=officer, now=at)
        if deputies or player.seat.field != FIELD:
            mandates.record(story.session, second, SeatKind.DEPUTY, start, actor=officer, now=at)
    story.commit()


def _elections(story: Story, cast: Cast, now: datetime) -> None:
    """The deputy of literature was elected in the spring; its successor of next year is being voted on."""
    done = _announced(story, cast, now - timedelta(days=200), now - timedelta(days=190), ("Melbourne", "Iowa City"))
    for number, player in enumerate(cast.members):
        _vote(story, done, player, "Iowa City" if number % 3 else "Melbourne", now - timedelta(days=195))
    ballots.count(story.session, done, actor=story.actor(cast.officer, now), now=now - timedelta(days=185))
    story.commit()
    running = _announced(
        story, cast, now - timedelta(days=3), now + timedelta(days=10), ("Dublin", "Reykjavík", "Norwich"),
        kind=SeatKind.COORDINATOR,
    )  # fmt: skip
    for player in cast.members[:4]:
        _vote(story, running, player, "Dublin", now - timedelta(days=1))
    story.commit()


def _announced(
    story: Story, cast: Cast, opens: datetime, closes: datetime, cities: tuple[str, ...], kind: SeatKind = SeatKind.DEPUTY
) -> Ballot:  # fmt: skip
    at = opens - timedelta(days=14)
    officer = story.actor(cast.officer, at)
    begins = closes + timedelta(days=2 if kind is SeatKind.DEPUTY else 540)
    terms = ballots.Terms(FIELD, kind, opens.date(), closes.date(), begins.date(), TieRule.SECOND_ROUND)
    found = ballots.announce(story.session, terms, actor=officer, now=at)
    for city in cities:
        ballots.stand(
            story.session, found, _named(story, city, FIELD), statement=STATEMENT, language="en", actor=officer, now=at
        )
    story.commit()
    return found


def _vote(story: Story, ballot: Ballot, player: Player, choice: str, at: datetime) -> None:
    city = _named(story, str(player.seat.city), FIELD)
    wanted = _named(story, choice, FIELD).id
    ballots.vote(story.session, ballot, city, wanted, actor=story.actor(player.account, at), now=at)


def _co_options(story: Story, cast: Cast, now: datetime) -> None:
    """Two cities of the region that is missing: one is adopted, on the other not every field has voted yet."""
    coordinators = [p for p in cast.group if p.seat.kind == SeatKind.COORDINATOR]
    at = now - timedelta(days=120)
    choices = ((Choice.FOR, Choice.ABSTAIN, Choice.FOR, Choice.FOR, Choice.FOR), (Choice.FOR, Choice.AGAINST))
    proposed = [
        co_options.propose(
            story.session, city, reason=REASON, language="en", actor=story.actor(player.account, at), now=at
        )
        for city, player in zip(_of_region(story, MISSING), coordinators, strict=False)
    ]
    for found, given in zip(proposed, choices, strict=True):
        for number, (player, choice) in enumerate(zip(coordinators, given, strict=False)):
            when = at + timedelta(days=1, hours=number)
            co_options.vote(story.session, found, choice, actor=story.actor(player.account, when), now=when)
    story.commit()


def _longest(story: Story, field: str) -> tuple[Member, Member]:
    query = sa.select(Member).where(Member.field == field).order_by(Member.year, Member.city).limit(2)
    first, second = story.session.scalars(query)
    return first, second


def _named(story: Story, city: str, field: str) -> Member:
    return story.session.scalars(sa.select(Member).where(Member.city == city, Member.field == field)).one()


def _of_region(story: Story, region: str) -> list[Member]:
    """The two that have been members the longest."""
    query = sa.select(Member).where(Member.region == region).order_by(Member.year, Member.city).limit(2)
    return list(story.session.scalars(query))
