"""What is on the calendar, what collides on it, and what breaks the rhythm of calls, meetings and mandates."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain import calendar as rules
from rvc_portal.domain.calendar import (
    Calendar,
    Gathering,
    Held,
    Kind,
    Report,
    Run,
    Sitting,
    Span,
    Step,
)
from rvc_portal.domain.rhythm import Rhythm, Trouble, concerns
from rvc_portal.domain.vocabulary import SeatKind

RHYTHM = Rhythm(call_every_years=2, term_years=2)
TODAY = date(2016, 1, 1)
WINDOWS = {
    "filing": ("03-02", "07-15"), "screening": ("07-16", "08-31"), "evaluation": ("09-01", "11-20"),
    "review": ("11-02", "12-01"), "decision": ("11-25", "12-08"), "publication": ("12-11", "12-11"),
}  # fmt: skip


def both(text):
    return {"en": text, "fr": text}


def step(name, first, last):
    opens, closes = (datetime.combine(day, time(), UTC) for day in (first, last + timedelta(days=1)))
    return Step(name, both(name), opens, closes, Span(first, last))


def call(year, key=None, **windows):
    days = {
        name: (date.fromisoformat(f"{year}-{a}"), date.fromisoformat(f"{year}-{b}")) for name, (a, b) in WINDOWS.items()
    }
    title = key or f"call-{year}"
    return Run(title, both(title), tuple(step(name, *span) for name, span in {**days, **windows}.items()))


def meeting(year, month=6, renews=False, **more):
    days = Span(date(year, month, 12), date(year, month, 15))
    return Gathering(year - 2006, year, (f"Host {year}",), days, renews, **more)


def mandate(first, last, due, kind=SeatKind.COORDINATOR, city="Dublin", **more):
    return Held(kind, both("Literature"), city, Span(first, last), due, **more)


def sitting(day, key="call-2015", title="First sitting"):
    return Sitting("1", title, key, datetime.combine(day, time(10), UTC), day)


def told(calendar, today=TODAY, rhythm=RHYTHM):
    """The sentences, in English."""
    found = []
    for concern in concerns(calendar, rhythm, today):
        message, params = concern.told
        found.append(message % {k: v["en"] if isinstance(v, dict) else v for k, v in params.items()})
    return found


def in_order(start, count, calls=True):
    """So many years in which everything comes when it is due."""
    years = range(start, start + count)
    renewed = [y for y in years if (y - start) % 2 == 1]
    day = {y: meeting(y).days.last for y in years}
    mandates = [
        mandate(day[y - 2] + timedelta(days=1), day[y], y, kind, f"{kind} {y}")
        for y in renewed[1:] for kind in (SeatKind.COORDINATOR, SeatKind.DEPUTY)
    ]  # fmt: skip
    hosts = [mandate(day[y - 1] + timedelta(days=1), day[y], y, SeatKind.HOST, f"Host {y}") for y in years[1:]]
    runs = [call(y) for y in years if calls and (y - start) % 2 == 0]
    sittings = [replace(sitting(date(r.year, 11, 25), r.key), id=r.key) for r in runs]
    return Calendar(
        tuple(meeting(y, renews=y in renewed) for y in years), tuple(runs), (*mandates, *hosts), tuple(sittings),
        (Report("r", both("Reports"), date(start, 2, 28)),),
    )  # fmt: skip


@given(st.integers(1990, 2090), st.integers(1, 25))
def test_a_calendar_in_order_is_left_in_peace(start, count):
    assert told(in_order(start, count), date(start + count - 1, 12, 31)) == []


@given(st.integers(2, 12), st.data())
def test_a_year_without_its_meeting_is_told_by_its_year(count, data):
    calendar = in_order(2015, count + 2)
    missing = data.draw(st.integers(2016, 2015 + count))
    left = tuple(m for m in calendar.meetings if m.year != missing)
    found = told(Calendar(meetings=left, mandates=calendar.mandates))
    assert f"No annual meeting is known for {missing}." in found
    due = {m.city for m in calendar.mandates if m.due_year == missing}
    beginning = f"Mandates due for renewal in {missing}, when no annual meeting is known: "
    named = [s.removeprefix(beginning).split(", ") for s in found if s.startswith(beginning)]
    assert sorted(city for cities in named for city in cities) == sorted(due)


@given(st.sets(st.integers(2000, 2030), min_size=1), st.integers(1995, 2035))
def test_the_years_without_a_meeting_are_those_between_and_no_other(known, this_year):
    calendar = Calendar(meetings=tuple(meeting(y) for y in known))
    found = [c for c in concerns(calendar, RHYTHM, date(this_year, 5, 1)) if "No annual" in c.told[0]]
    named = {y for c in found for y in range(c.days.first.year, c.days.last.year + 1)}
    last = max(*known, this_year) if this_year >= min(known) else max(known)
    assert named == set(range(min(known), last + 1)) - known
    assert all(c.trouble is Trouble.RHYTHM for c in found)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=8), st.integers(1, 4))
def test_every_call_out_of_its_interval_is_told_and_no_other(gaps, every):
    years = [2000]
    for gap in gaps:
        years.append(years[-1] + gap)
    calendar = Calendar(calls=tuple(call(y) for y in years))
    found = told(calendar, date(years[-1], 12, 1), Rhythm(every, 2))
    assert len(found) == sum(gap != every for gap in gaps)
    assert all(f"a call is due every {every} years" in s for s in found)
    assert told(calendar, date(years[-1], 12, 1), Rhythm(None, 2)) == []


def test_a_call_that_did_not_come_is_told_once_its_year_is_over():
    calendar = Calendar(calls=(call(2015),))
    assert told(calendar, date(2017, 12, 31)) == []
    assert told(calendar, date(2018, 1, 1)) == ["No call since 2015: the next one was due in 2017."]


DAYS = st.dates(date(2015, 1, 1), date(2015, 12, 31))


@given(st.lists(st.tuples(DAYS, DAYS).map(sorted), min_size=2, max_size=4))
def test_two_calls_collide_exactly_where_both_take_files(windows):
    runs = tuple(call(2015, f"call-{n}", filing=tuple(days)) for n, days in enumerate(windows))
    calendar = Calendar(calls=tuple(replace(r, steps=(r.filing,)) for r in runs))
    found = [c for c in concerns(calendar, Rhythm(None, 2), TODAY) if c.trouble is Trouble.COLLISION]
    common = 0
    for n, (a, b) in enumerate(windows):
        for first, last in windows[n + 1 :]:
            held = [d for i in range((b - a).days + 1) if first <= (d := a + timedelta(days=i)) <= last]
            common += bool(held)
            assert not held or Span(held[0], held[-1]) in [c.days for c in found]
    assert len(found) == common


def test_a_call_that_opens_in_the_hour_in_which_another_closes_collides_with_none():
    first = call(2015, "one")
    at = first.filing.closes_at
    second = replace(step("filing", date(2015, 7, 15), date(2015, 9, 1)), opens_at=at)
    calendar = Calendar(calls=(first, Run("two", both("two"), (second,))))
    assert told(calendar, rhythm=Rhythm(None, 2)) == []


@given(DAYS)
def test_what_is_due_while_all_are_at_the_meeting_is_told(day):
    calendar = Calendar((meeting(2015),), reports=(Report("r", both("Reports"), day),))
    there = date(2015, 6, 12) <= day <= date(2015, 6, 15)
    assert told(calendar, day) == (
        [f"Reports: due on {day}, during the annual meeting of 2015."] if there else []
    )  # fmt: skip


@pytest.mark.parametrize(
    ("calendar", "sentence"),
    [
        (Calendar((meeting(2015, 7),), (call(2015),)),
         "call-2015: “filing” closes on 2015-07-15, during the annual meeting of 2015."),
        (Calendar((meeting(2015, 11),), (), sittings=(sitting(date(2015, 11, 12), "another"),)),
         "The sitting “First sitting” of 2015-11-12 falls within the annual meeting of 2015."),
        (Calendar((), (call(2015),), sittings=(sitting(date(2015, 11, 20)),)),
         "call-2015: evaluation closes on 2015-11-20, after the sitting “First sitting” of 2015-11-20."),
        (Calendar((), (call(2015),), sittings=(sitting(date(2015, 12, 9)),)),
         "call-2015: the sitting “First sitting” is on 2015-12-09, after the last day for the decision, 2015-12-08."),
        (Calendar((), (call(2015, screening=(date(2015, 7, 16), date(2015, 12, 1))),)),
         "call-2015: “screening” closes on 2015-12-01, later than “evaluation” on 2015-11-20."),
        (Calendar((meeting(2015, 11, renews=True),), (call(2015),)),
         "call-2015: the Steering Group is renewed on 2015-11-15, amid its review from 2015-11-02 to 2015-12-01."),
        (Calendar((meeting(2015, listed=date(2015, 9, 16)),)),
         "Annual meeting of 2015: it ends on 2015-06-15; mandates reckon with 2015-09-16."),
        (Calendar((meeting(2015), replace(meeting(2015, 9), edition=10))), "Two annual meetings in 2015: no. 9 and no. 10."),
        (Calendar((meeting(2014, renews=True), meeting(2015, renews=True))),
         "The Steering Group is renewed in 2014 and in 2015: a mandate is for 2 years."),
        (Calendar((meeting(2015),), mandates=(mandate(date(2013, 6, 1), date(2015, 6, 15), 2015),)),
         "Mandates due at the annual meeting of 2015, which does not renew the group: Dublin"),
        (Calendar((meeting(2015, renews=True),), mandates=(mandate(date(2013, 6, 1), date(2015, 6, 14), 2015),)),
         "Mandates that end on 2015-06-14, before the meeting of their renewal, 2015-06-15: Dublin"),
        (Calendar((meeting(2015, renews=True),), mandates=(mandate(date(2013, 6, 1), date(2015, 7, 1), 2015),)),
         "Mandates that end on 2015-07-01, after the meeting of their renewal, 2015-06-15: Dublin"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_what_and_when(calendar, sentence):
    assert told(calendar, date(2015, 12, 31)) == [sentence]


def test_the_mandate_of_a_host_ends_at_its_own_meeting_and_an_early_end_is_nobodys_mistake():
    host = mandate(date(2014, 6, 1), date(2015, 6, 15), 2015, SeatKind.HOST)
    left = mandate(date(2014, 6, 1), date(2015, 1, 9), 2020, ended=True)
    assert told(Calendar((meeting(2015),), mandates=(host, left)), date(2015, 12, 31)) == []


def test_a_meeting_without_days_holds_nothing_against_a_mandate():
    open_ = replace(meeting(2015, renews=True), days=None)
    held = mandate(date(2013, 6, 1), date(2015, 9, 1), 2015)
    assert told(Calendar((open_,), mandates=(held,)), date(2015, 12, 31)) == []


@given(st.randoms(use_true_random=False))
def test_in_which_order_the_data_comes_makes_no_difference(shuffled: random.Random):
    calendar = in_order(2015, 9)
    messy = replace(
        calendar, calls=(*calendar.calls, call(2017, "another"), call(2020)), meetings=calendar.meetings[:-2]
    )  # fmt: skip
    mixed = Calendar(*(
        tuple(shuffled.sample(part, len(part)))
        for part in (messy.meetings, messy.calls, messy.mandates, messy.sittings, messy.reports)
    ))  # fmt: skip
    assert told(mixed) == told(messy) != []
    assert [e.key for e in rules.entries(mixed)] == [e.key for e in rules.entries(messy)]


@given(st.integers(2000, 2040), st.integers(1, 25), st.integers(1990, 2060))
def test_each_entry_of_the_years_shown_stands_under_one_of_them(start, count, from_year):
    found = rules.entries(in_order(start, count))
    shown = rules.years(from_year)
    by_year = rules.by_year(found, shown)
    listed = [e.key for entries in by_year.values() for e in entries]
    assert sorted(listed) == sorted(e.key for e in found if e.days.meets(shown))
    assert len(set(listed)) == len(listed)
    assert all(from_year <= year < from_year + rules.YEARS for year in by_year)


@given(st.integers(1990, 2060), st.integers(1990, 2060))
def test_the_years_are_counted_in_tens_from_the_first(start, asked):
    first = rules.decade(rules.entries(in_order(start, 1)), asked)
    assert (first - start) % rules.YEARS == 0
    assert first <= asked < first + rules.YEARS
    assert rules.decade([], asked) == asked


def test_what_is_told_of_mandates_names_the_cities_and_their_seats():
    calendar = Calendar(
        (meeting(2016, renews=True),),
        mandates=(
            mandate(date(2015, 5, 28), date(2016, 6, 15), 2016, SeatKind.DEPUTY, "Prague"),
            mandate(date(2015, 5, 28), date(2016, 6, 15), 2016),
            Held(SeatKind.CO_OPTED, None, "Aswan", Span(date(2015, 5, 28), date(2016, 6, 15)), 2016),
        ),
    )
    group, gathering, renewal = rules.entries(calendar)
    assert (group.kind, group.short["fr"], gathering.strong) == (Kind.MANDATES, "Mandats\u00a0: 3", True)
    assert (renewal.days, renewal.told[1]) == (Span(date(2016, 6, 15), date(2016, 6, 15)), {"count": 3})
    assert [params["city"] for _, params in renewal.details] == ["Dublin", "Prague", "Aswan"]


def test_a_window_that_ends_at_midnight_ends_with_the_day_before():
    opens, closes = datetime(2015, 7, 14, 22, tzinfo=UTC), datetime(2015, 7, 15, 22, tzinfo=UTC)
    assert rules.span(opens, closes, "Europe/Paris") == Span(date(2015, 7, 15), date(2015, 7, 15))
    assert rules.span(closes, closes, "Europe/Paris") == Span(date(2015, 7, 16), date(2015, 7, 16))
