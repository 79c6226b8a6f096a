"""Calendar files: what another program reads out of them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar

from rvc_portal.documents import ical
from rvc_portal.documents.ical import Event

CHANGED = datetime(2015, 3, 1, 12, tzinfo=UTC)
DAYS = Event("m9@portal.example", "Réunion annuelle; Kanazawa, Japon", date(2015, 5, 25), date(2015, 5, 28), CHANGED)
HALL = Event(
    "i1@portal.example", "Mayors’ table", datetime(2015, 5, 26, 9, 30, tzinfo=ZoneInfo("Asia/Tokyo")),
    datetime(2015, 5, 26, 11, tzinfo=ZoneInfo("Asia/Tokyo")), CHANGED, "Hall 1", "First line\nsecond, with a comma",
    "https://portal.example/meetings/9",
)  # fmt: skip


def read(content: bytes) -> Calendar:
    return Calendar.from_ical(content)


def test_days_are_whole_and_the_last_one_is_in_it() -> None:
    event = read(ical.calendar("Réseau", [DAYS], "fr")).events[0]
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2015, 5, 25), date(2015, 5, 29))
    assert str(event["summary"]) == DAYS.title
    assert event["summary"].params["language"] == "fr"


def test_an_hour_is_told_in_world_time_with_its_place() -> None:
    event = read(ical.calendar("Network", [HALL], "en")).events[0]
    assert event["dtstart"].dt == datetime(2015, 5, 26, 0, 30, tzinfo=UTC)
    assert (str(event["location"]), str(event["description"])) == (HALL.place, HALL.text)
    assert str(event["url"]) == HALL.url


def test_the_same_entries_give_the_same_bytes_in_lines_that_may_be_folded() -> None:
    content = ical.calendar("Network", [DAYS, HALL], "en")
    assert content == ical.calendar("Network", [DAYS, HALL], "en")
    assert max(map(len, content.split(b"\r\n"))) <= 75


def test_no_entry_is_an_empty_calendar() -> None:
    assert read(ical.calendar("Network", [], "en")).events == []
