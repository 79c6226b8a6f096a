"""What the lists and the database tell of the calendar, who is told what, and the document that the Secretariat issues."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain import calendar as rules
from rvc_portal.domain.actor import Actor, Grant, Scope, SeatHeld
from rvc_portal.domain.calendar import Kind, Span
from rvc_portal.domain.errors import InvalidInput, Refused
from rvc_portal.domain.rhythm import Rhythm
from rvc_portal.domain.vocabulary import Doc, Role, SeatKind
from rvc_portal.gateways import network
from rvc_portal.models.base import new_id
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.mandate import Mandate
from rvc_portal.models.meeting import Meeting, MeetingHost
from rvc_portal.models.seat import Member, Seat
from rvc_portal.models.steering import SteeringSession
from rvc_portal.queries import calendar as query
from rvc_portal.queries import documents
from rvc_portal.services import calendar, journal
from tests.judging import Judging

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
OFFICER = Actor(account_id=None, name="officer", grants=(Grant(Role.SECRETARIAT),))
SITTER = Actor(account_id=None, name="sitter", seats=(SeatHeld(new_id(), SeatKind.COORDINATOR, "Music"),))
DIRECTION = Actor(account_id=None, name="direction", grants=(Grant(Role.DIRECTION),))
EVALUATOR = Actor(account_id=None, name="evaluator", seats=(SeatHeld(new_id(), SeatKind.MEMBER, "Lyon"),))


def meeting(session: Session, edition: int) -> rules.Gathering:
    return next(m for m in query.calendar(session, None).meetings if m.edition == edition)


def test_an_empty_database_has_the_meetings_and_reports_of_the_networks_own_lists(session: Session) -> None:
    found = query.calendar(session, None)
    assert [(m.edition, m.year, m.page) for m in found.meetings][:2] == [(9, 2015, False), (10, 2016, False)]
    assert next(m for m in found.meetings if m.edition == 12).hosts == ("Krakow", "Katowice")
    assert [r.due for r in found.reports] == [dt.date(2016, 2, 28)]
    assert (found.calls, found.mandates, found.sittings) == ((), (), ())
    assert network.rhythm() == Rhythm(2, 2)


def test_the_page_of_a_meeting_is_believed_before_the_list_and_the_difference_is_kept(session: Session) -> None:
    host = MeetingHost(position=0, city="Kanazawa-shi", country="JP")
    row = Meeting(edition=9, year=2015, starts_on=dt.date(2015, 5, 25), ends_on=dt.date(2015, 5, 29), hosts=[host])
    session.add_all([row, Meeting(edition=30, year=2036)])
    session.flush()
    found = meeting(session, 9)
    assert (found.days, found.listed) == (Span(dt.date(2015, 5, 25), dt.date(2015, 5, 29)), dt.date(2015, 5, 28))
    assert (found.hosts, found.page) == (("Kanazawa-shi",), True)
    assert (meeting(session, 30).year, meeting(session, 30).days, meeting(session, 30).renews) == (2036, None, False)
    assert meeting(session, 10).renews
    row.ends_on = dt.date(2015, 5, 28)
    session.flush()
    assert meeting(session, 9).listed is None


def test_a_call_stands_with_each_of_its_windows_in_days_of_its_own_zone(judging: Judging) -> None:
    (run,) = query.calendar(judging.story.session, None).calls
    assert (run.key, [s.name for s in run.steps][:3]) == (judging.call.key, ["filing", "screening", "evaluation"])
    assert run.filing.closes_at == judging.call.closes_at
    last_second = (run.filing.closes_at - dt.timedelta(seconds=1)).astimezone(ZoneInfo("Europe/Paris"))
    assert run.filing.days.last == last_second.date()


def test_a_call_that_is_tried_or_not_open_is_on_nobodys_calendar(judging: Judging) -> None:
    session = judging.story.session
    judging.call.test = True
    session.flush()
    assert query.calendar(session, OFFICER).calls == ()
    judging.call.test, judging.call.status = False, "draft"
    session.flush()
    assert query.calendar(session, OFFICER).calls == ()


@pytest.mark.parametrize(
    ("actor", "sees", "warned"),
    [
        (None, False, False),
        (EVALUATOR, False, False),
        (DIRECTION, True, False),
        (SITTER, True, True),
        (OFFICER, True, True),
    ],
)
def test_sittings_are_for_those_of_the_network(judging: Judging, actor: Actor | None, sees: bool, warned: bool) -> None:
    at = dt.datetime(2026, 4, 1, 22, 30, tzinfo=dt.UTC)  # the day after, in Paris
    judging.story.session.add(SteeringSession(call_id=judging.call.id, title="First", starts_at=at))
    judging.story.session.flush()
    days = [(s.title, s.day) for s in query.calendar(judging.story.session, actor).sittings]
    assert days == ([("First", dt.date(2026, 4, 2))] if sees else [])
    assert query.is_warned(actor) is warned


def test_who_is_the_secretariat_of_another_call_sees_no_sitting_of_this_one(judging: Judging) -> None:
    at = dt.datetime(2026, 4, 1, 9, tzinfo=dt.UTC)
    judging.story.session.add(SteeringSession(call_id=judging.call.id, title="First", starts_at=at))
    judging.story.session.flush()
    elsewhere = Actor(account_id=None, grants=(Grant(Role.SECRETARIAT, Scope(call_id=new_id())),))
    assert query.calendar(judging.story.session, elsewhere).sittings == ()


def test_a_sitting_stands_when_it_was_opened_and_one_that_does_not_take_place_nowhere(judging: Judging) -> None:
    first, second = (dt.datetime(2026, 4, day, 9, tzinfo=dt.UTC) for day in (1, 3))
    judging.story.session.add_all(
        [
            SteeringSession(call_id=judging.call.id, title="late", starts_at=first, opened_at=second),
            SteeringSession(call_id=judging.call.id, title="cancelled", starts_at=first, closed_at=first),
            SteeringSession(call_id=judging.call.id, title="without a day"),
        ]
    )
    judging.story.session.flush()
    assert [(s.title, s.at) for s in query.calendar(judging.story.session, OFFICER).sittings] == [("late", second)]


def test_a_mandate_ends_with_the_last_day_of_the_networks_zone(judging: Judging) -> None:
    session = judging.story.session
    place = {"latitude": 45.0, "longitude": 4.0, "verified": True}
    city = Member(city="Bologna", country="IT", field="music", year=2006, region="europe_north_america", **place)
    begins, ends = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2028, 6, 15, 22, tzinfo=dt.UTC)
    session.add(
        Mandate(
            kind="coordinator", field="music", seat=Seat(kind="coordinator", name="Music", field="music"), member=city,
            from_at=begins, until_at=ends, due_year=2028, origin="recorded", begun_at=begins, begun_by=judging.officer().id,
        )
    )  # fmt: skip
    session.flush()
    (held,) = query.calendar(session, None).mandates
    assert (held.city, held.days, held.due_year) == ("Bologna", Span(dt.date(2026, 1, 1), dt.date(2028, 6, 15)), 2028)
    assert held.field is not None
    assert held.field["fr"] == "Musique"


def test_the_secretariat_issues_the_calendar_in_both_languages_and_the_next_replaces_it(judging: Judging) -> None:
    session = judging.story.session
    officer = judging.story.actor(judging.officer(), NOW)
    judging.story.session.add(SteeringSession(call_id=judging.call.id, title="Secret", starts_at=NOW))
    first = calendar.issue(session, 2015, actor=officer, now=NOW)
    assert [(d.kind, d.language) for d in first] == [("NETWORK_CALENDAR", "en"), ("NETWORK_CALENDAR", "fr")]
    told = first[0].context
    assert (told["first_year"], told["last_year"], told["years"][0]["year"]) == (2015, 2024, 2015)
    assert [e["kind"] for e in told["years"][0]["entries"]] == [Kind.MEETING]
    calendar.issue(session, 2025, actor=officer, now=NOW)
    session.flush()
    assert all(d.superseded_at for d in first)
    standing = documents.of_network(session, None, Doc.NETWORK_CALENDAR)[0].document
    (of_today,) = (year for year in standing.context["years"] if year["year"] == 2026)
    assert {e["kind"] for e in of_today["entries"]} == {Kind.WINDOW}
    acts = session.scalars(sa.select(JournalEntry.transition).where(JournalEntry.chain == journal.NETWORK)).all()
    assert acts == ["issue_calendar", "issue_calendar"]


@pytest.mark.parametrize("actor", [SITTER, DIRECTION, EVALUATOR])
def test_nobody_else_issues_it(session: Session, actor: Actor) -> None:
    with pytest.raises(Refused):
        calendar.issue(session, 2015, actor=actor, now=NOW)
    assert session.scalar(sa.select(sa.func.count()).select_from(JournalEntry)) == 0


@pytest.mark.parametrize("year", [0, 1989, 2101])
def test_a_year_that_no_calendar_has_is_refused_with_the_years_that_there_are(session: Session, year: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        calendar.issue(session, year, actor=OFFICER, now=NOW)
    (refusal,) = refused.value.problems["start"]
    assert refusal.message % dict(refusal.params) == "Choose a year from 1990 to 2100."
