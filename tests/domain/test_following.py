"""Who speaks of a clause, how a clause follows its parts, what is late, of what its owners are reminded, and the figures."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from rvc_portal.domain import following
from rvc_portal.domain.following import Counted, Due, Owner, Standing, State
from rvc_portal.domain.vocabulary import OwnerKind

TODAY = date(2016, 3, 1)
OFFICE, GROUP, ALL = (Owner(kind) for kind in (OwnerKind.SECRETARIAT, OwnerKind.STEERING, OwnerKind.MEMBERS))
KANAZAWA, DUBLIN = uuid4(), uuid4()


def city(member_id, name=None):
    return Owner(OwnerKind.MEMBER, member_id, name)


@pytest.mark.parametrize(
    ("who", "owners", "owns", "speaks"),
    [
        (Standing(secretariat=True), [GROUP], None, OFFICE),
        (Standing(secretariat=True), [OFFICE, GROUP], OFFICE, OFFICE),
        (Standing(secretariat=True), [], OFFICE, OFFICE),
        (Standing(steering=True), [GROUP], GROUP, GROUP),
        (Standing(steering=True), [OFFICE, ALL], None, None),
        (Standing(cities=(KANAZAWA,)), [city(KANAZAWA)], city(KANAZAWA), city(KANAZAWA)),
        (Standing(cities=(KANAZAWA,)), [city(DUBLIN)], None, None),
        (Standing(cities=(KANAZAWA,)), [ALL], city(KANAZAWA), city(KANAZAWA)),
        (Standing(steering=True, cities=(KANAZAWA, DUBLIN)), [GROUP, city(DUBLIN)], city(DUBLIN), city(DUBLIN)),
        (Standing(steering=True, cities=(KANAZAWA,)), [ALL, GROUP], GROUP, GROUP),
        (Standing(), [ALL, GROUP, OFFICE], None, None),
    ],
)
def test_who_sees_to_a_clause_and_in_whose_name(who, owners, owns, speaks) -> None:
    assert (following.owns(who, owners), following.speaks_as(who, owners)) == (owns, speaks)


def test_an_owner_is_told_by_what_it_is_and_not_by_its_name() -> None:
    assert city(KANAZAWA, "Kanazawa") == city(KANAZAWA)
    assert city(KANAZAWA) != city(DUBLIN)


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ("open open", "open"), ("open done", "under_way"), ("under_way", "under_way"), ("done done", "done"),
        ("done dropped", "done"), ("dropped dropped", "dropped"), ("open dropped", "under_way"),
    ],
)  # fmt: skip
def test_a_clause_stands_as_its_parts_do(parts: str, whole: str) -> None:
    assert following.of_parts([State(part) for part in parts.split()]) == whole


@pytest.mark.parametrize(
    ("state", "days", "late"),
    [("open", -1, True), ("open", 0, False), ("under_way", -1, True), ("done", -1, False), ("dropped", -400, False)],
)
def test_what_is_late_is_what_is_still_expected_after_its_day(state, days, late) -> None:
    assert following.is_late(State(state), TODAY + timedelta(days=days), TODAY) is late
    assert following.is_late(State(state), None, TODAY) is False


@pytest.mark.parametrize(
    ("ahead", "reminder"),
    [(31, None), (30, Due.SOON), (1, Due.SOON), (0, Due.SOON), (-1, None), (-2, Due.PASSED), (-200, Due.PASSED)],
)
def test_owners_are_reminded_before_the_day_and_after_it(ahead: int, reminder: Due | None) -> None:
    due_on = TODAY + timedelta(days=ahead)
    told = following.to_remind(State.OPEN, due_on, TODAY, days_before=30, days_after=2)
    assert told == reminder
    assert following.to_remind(State.DONE, due_on, TODAY, days_before=30, days_after=2) is None


def test_nothing_that_a_meeting_agreed_is_due_before_it() -> None:
    day = date(2015, 5, 25)
    assert following.earliest_due(day, date(2015, 5, 28), 2015) == day
    assert following.earliest_due(None, day, 2015) == day
    assert following.earliest_due(None, None, 2015) == date(2015, 1, 1)


def test_figures_count_states_what_is_late_and_both_owners() -> None:
    past = TODAY - timedelta(days=1)
    found = following.figures(
        [
            Counted(State.OPEN, past, (OFFICE, GROUP)), Counted(State.DONE, past, (OFFICE,)),
            Counted(State.DROPPED, None, ()), Counted(State.OPEN, None, (city(KANAZAWA), city(DUBLIN))),
        ],
        TODAY,
    )  # fmt: skip
    assert (found.total, found.settled, found.late) == (4, 2, 1)
    assert {str(s): n for s, n in found.states.items()} == {"open": 2, "under_way": 0, "done": 1, "dropped": 1}
    assert found.owners == {
        OwnerKind.SECRETARIAT: (1, 1), OwnerKind.STEERING: (0, 1), OwnerKind.MEMBER: (0, 1), None: (1, 0),
    }  # fmt: skip
