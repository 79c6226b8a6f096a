"""What stands against a point of an agenda: its day, its hours, another point in its hall."""

from datetime import date, time

import pytest

from rvc_portal.domain import agenda
from rvc_portal.domain.agenda import Slot

FIRST, LAST = date(2026, 3, 28), date(2026, 3, 30)
ZONE = "Europe/Paris"  # the clocks go forward in the night to the 29th


def slot(starts: str = "09:00", ends: str = "10:00", hall: str = "Hall A", day: date = FIRST) -> Slot:
    return Slot(day, time.fromisoformat(starts), time.fromisoformat(ends), hall, "Opening", "Ouverture")


def wrong(new: Slot, *others: Slot, language: str = "en") -> list[tuple[str, str]]:
    """As a reader of the language is told, but for the sentence itself."""
    found = agenda.faults(new, (FIRST, LAST), ZONE, others)
    told = [(name, r, {k: v[language] if isinstance(v, dict) else v for k, v in r.params.items()}) for name, r in found]
    return [(name, r.message % params) for name, r, params in told]


@pytest.mark.parametrize("day", [date(2026, 3, 27), date(2026, 3, 31)])
def test_a_day_outside_of_the_meeting_is_refused_with_its_days(day: date) -> None:
    (found,) = wrong(slot(day=day))
    assert found == ("day", "The meeting is from 2026-03-28 to 2026-03-30: choose a day of it.")


@pytest.mark.parametrize("day", [FIRST, LAST])
def test_the_first_and_the_last_day_are_of_the_meeting(day: date) -> None:
    assert wrong(slot(day=day)) == []


@pytest.mark.parametrize("ends", ["09:00", "08:00"])
def test_an_end_that_does_not_come_after_the_beginning_is_refused(ends: str) -> None:
    assert [name for name, _ in wrong(slot("09:00", ends), slot("07:00", "12:00"))] == ["ends"]


def test_an_hour_that_the_change_of_clocks_leaves_out_is_refused() -> None:
    assert [name for name, _ in wrong(slot("02:30", "04:00", day=date(2026, 3, 29)))] == ["starts"]
    assert wrong(slot("02:30", "04:00")) == []


@pytest.mark.parametrize(
    ("starts", "ends"),
    [("09:00", "10:00"), ("08:30", "09:01"), ("09:59", "11:00"), ("09:15", "09:45"), ("08:00", "12:00")],
)
def test_two_in_one_hall_at_one_time_are_refused_with_the_other_one(starts: str, ends: str) -> None:
    (found,) = wrong(slot(starts, ends, hall="hall a"), slot())
    assert found == ("starts", "“Opening” is in Hall A at this time, from 09:00 to 10:00.")
    ((_, in_french),) = wrong(slot(starts, ends), slot(), language="fr")
    assert in_french.startswith("“Ouverture”")


@pytest.mark.parametrize(
    "other", [slot("10:00", "11:00"), slot("08:00", "09:00"), slot(hall="Hall B"), slot(hall=""), slot(day=LAST)]
)
def test_one_after_the_other_elsewhere_or_on_another_day_both_stand(other: Slot) -> None:
    assert wrong(slot(), other) == []


def test_two_without_a_hall_are_at_the_same_place() -> None:
    assert [name for name, _ in wrong(slot(hall=""), slot(hall=""))] == ["starts"]


def test_its_instants_are_those_of_the_zone() -> None:
    first, last = slot("09:00", "10:30", day=LAST).span("Asia/Tokyo")
    assert (first.isoformat(), last.isoformat()) == ("2026-03-30T00:00:00+00:00", "2026-03-30T01:30:00+00:00")
