"""What templates find everywhere: the macros under one name, and how times and sizes are written.

A block that is rendered alone (for htmx) skips the imports at the top of its page, so the macros hang on the Jinja
environment: ``{{ ui.state("draft", label) }}`` works in a page, in a block of it and in an error page alike.
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal
from flask import Flask, current_app
from flask_babel import get_locale
from flask_babel import gettext as _
from jinja2 import Environment

from rvc_portal import language

__all__ = ["register"]

MACROS = "macros/"


class Macros:
    """All macros of ``templates/macros``, found by name whichever file holds them."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._home: dict[str, str] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._home:
            self._home = self._survey()
        if name not in self._home:
            raise AttributeError(f"no macro named {name!r} in templates/{MACROS}")
        # Asked for each time: Jinja caches the module and notices an edited file in development.
        return getattr(self._environment.get_template(self._home[name]).module, name)

    def _survey(self) -> dict[str, str]:
        """Map each macro's name to its file; a name that stands in two files is a mistake."""
        home: dict[str, str] = {}
        for path in self._environment.list_templates(extensions=["html"]):
            if not path.startswith(MACROS) or PurePosixPath(path).parent != PurePosixPath(MACROS):
                continue
            for name in self._environment.get_template(path).module.__dict__:
                if name.startswith("_"):
                    continue
                if name in home:
                    raise RuntimeError(f"macro {name!r} stands in {home[name]} and in {path}")
                home[name] = path
        return home


def page_language() -> str:
    """The reader's language as a tag for ``lang``: "en", "fr"."""
    locale = get_locale()
    return locale.language if locale else "en"


def portal_now() -> datetime:
    """The portal's clock, for pages that count by it; an application without one of its own has the machine's."""
    clock = current_app.config.get("CLOCK")
    at: datetime = clock() if clock else datetime.now(UTC)
    return at


def day(at: datetime, zone: str = "UTC") -> str:
    """An instant as a day in a zone: "15 July 2015"."""
    return _long(_local(at, zone).date())


def whole_day(value: date) -> str:
    """A day of the calendar, in no zone: "15 July 2015"."""
    return _long(value)


def weekday(value: date) -> str:
    """A day of the calendar with its name in the week, as a heading begins: "Wednesday 15 July 2015"."""
    name = format_date(value, "EEEE", locale=_locale())
    return f"{name[0].upper()}{name[1:]} {_long(value)}"


def moment(at: datetime, zone: str = "UTC") -> str:
    """An instant as day and time in a zone, without the zone's name: "15 July 2015, 14:05"."""
    return _("%(day)s, %(time)s", day=day(at, zone), time=_clock(_local(at, zone)))


def second(at: datetime, zone: str = "UTC") -> str:
    """An instant to the second in a zone, without the zone's name: "15 July 2015, 14:05:31"."""
    local = _local(at, zone)
    return _("%(day)s, %(time)s", day=day(at, zone), time=format_time(local.time(), "HH:mm:ss", locale=_locale()))


def until(at: datetime, zone: str = "UTC") -> str:
    """An instant as the end of a period: midnight belongs to the day that ends ("15 July 2015, 24:00")."""
    local = _local(at, zone)
    if (local.hour, local.minute, local.second) != (0, 0, 0):
        return moment(at, zone)
    eve = (local - timedelta(days=1)).date()
    return _("%(day)s, %(time)s", day=_long(eve), time="24:00")


def zone_name(at: datetime, zone: str) -> str:
    """The zone of a call as a reader knows it: "Europe/Paris (UTC+02:00)"."""
    offset = format_datetime(_local(at, "UTC"), "'UTC'xxx", tzinfo=ZoneInfo(zone), locale="en")
    return zone if zone == "UTC" else f"{zone} ({offset})"


def iso(at: datetime) -> str:
    """An instant for the datetime attribute: UTC, seconds, Z."""
    return _local(at, "UTC").strftime("%Y-%m-%dT%H:%M:%SZ")


def filesize(count: int) -> str:
    """A number of bytes in units people read: 512 B, 34 kB, 1.2 MB (French: o, ko, Mo)."""
    locale = _locale()
    if count < 1000:
        return _("%(number)s B", number=count)
    if count < 1_000_000:
        return _("%(number)s kB", number=format_decimal(round(count / 1000), locale=locale))
    return _("%(number)s MB", number=format_decimal(count / 1_000_000, "#,##0.0", locale=locale))


def decimal(value: float | Decimal, places: int = 2) -> str:
    """A number with a fixed count of decimals, as the reader's language writes it: 3.40, 3,40."""
    pattern = "#,##0." + "0" * places if places else "#,##0"
    return format_decimal(value, pattern, locale=_locale())


def ident(text: str) -> str:
    """Any text as part of an id attribute: letters, digits, hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def tally(values: Iterable[float]) -> list[tuple[float, int]]:
    """How often each value stands in ``values``, in rising order: a dot chart sets twins beside each other."""
    return sorted(Counter(values).items())


def listed(names: Iterable[str]) -> str:
    """Names one after the other, as the page's language sets them."""
    return language.listed(names, page_language())


def register(app: Flask) -> None:
    """Give the templates of ``app`` the macros (``ui``), the page's language and the filters of this module."""
    environment = app.jinja_env
    environment.globals["ui"] = Macros(environment)
    environment.globals["page_language"] = page_language
    environment.globals["portal_now"] = portal_now
    for function in (
        day,
        whole_day,
        weekday,
        moment,
        second,
        until,
        zone_name,
        iso,
        filesize,
        decimal,
        ident,
        tally,
        listed,
    ):
        environment.filters[function.__name__] = function


def _locale() -> Locale:
    """How dates and numbers are written: English as the network writes it, day before month."""
    return Locale("fr") if page_language() == "fr" else Locale("en", "GB")


def _local(at: datetime, zone: str) -> datetime:
    # SQLite hands back naive instants where the column type does not mend it; the database holds UTC.
    aware = at if at.tzinfo else at.replace(tzinfo=ZoneInfo("UTC"))
    return aware.astimezone(ZoneInfo(zone))


def _long(date_: date) -> str:
    # French counts the first of a month: "1er juillet", then "2 juillet".
    pattern = "'1er' MMMM y" if date_.day == 1 and page_language() == "fr" else "long"
    return format_date(date_, pattern, locale=_locale())


def _clock(local: datetime) -> str:
    return format_time(local.time(), "HH:mm", locale=_locale())
