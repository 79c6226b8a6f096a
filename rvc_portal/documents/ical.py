"""Dates as a calendar file (iCalendar, RFC 5545), which every calendar program takes in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar
from icalendar import Event as Component

MEDIA_TYPE = "text/calendar"
_MAKER = "-//RVC portal//EN"


@dataclass(frozen=True)
class Event:
    """One entry. `uid` stays the same as long as the entry does, over the whole world; `starts`, `ends`: two days, both of
    them included, or two instants with their zone, the second one None where it is not known; `changed_at`: since when it
    reads so."""

    uid: str
    title: str
    starts: date | datetime
    ends: date | datetime | None
    changed_at: datetime
    place: str = ""
    text: str = ""
    url: str = ""


def calendar(name: str, events: Iterable[Event], language: str) -> bytes:
    """The entries as a file. The same ones give the same bytes."""
    made = Calendar()
    for key, value in (("prodid", _MAKER), ("version", "2.0"), ("x-wr-calname", name)):
        made.add(key, value)
    for event in events:
        made.add_component(_component(event, language))
    return made.to_ical()


def _component(event: Event, language: str) -> Component:
    made = Component()
    made.add("uid", event.uid)
    made.add("dtstamp", event.changed_at.astimezone(UTC))
    made.add("dtstart", _instant(event.starts))
    if event.ends is not None:
        made.add("dtend", _instant(event.ends) if isinstance(event.ends, datetime) else event.ends + timedelta(days=1))
    for key, value in (("summary", event.title), ("location", event.place), ("description", event.text)):
        if value:
            made.add(key, value, parameters={"language": language})
    if event.url:
        made.add("url", event.url)
    return made


def _instant(at: date | datetime) -> date | datetime:
    """An instant in world time: no zone has to be told then, and none can be read wrongly."""
    return at.astimezone(UTC) if isinstance(at, datetime) else at
