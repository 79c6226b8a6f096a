"""Dates, numbers and names in the language of the document and in the zone of its call."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global
from babel.dates import format_date, format_time
from babel.numbers import format_decimal, format_percent

from rvc_portal.language import folded, listed

UNITS = {"en": ("bytes", "kB", "MB", "GB"), "fr": ("octets", "ko", "Mo", "Go")}


@dataclass(frozen=True)
class Formats:
    """One language ("en" or "fr") and one IANA zone; the methods are the filters of the templates. `in_print`: no
    line ends within a date."""

    language: str
    timezone: str
    in_print: bool = False

    @property
    def locale(self) -> Locale:
        """English as in Europe: the day before the month."""
        return Locale.parse("en_GB" if self.language == "en" else self.language)

    def in_language(self, both: dict[str, str] | str | None) -> str:
        """Return the text of the document's language, or the other one where that is empty, or nothing; what was kept in
        one language only, as it is."""
        if both is None or isinstance(both, str):
            return both or ""
        return both.get(self.language) or next((text for text in both.values() if text), "")

    def day(self, moment: str) -> str:
        """Write a day ("2015-12-11"), or the day of an instant in the call's zone, as "11 December 2015"."""
        written = self._local_day(moment)
        pattern = "'1er' MMMM y" if self.language == "fr" and written.day == 1 else "d MMMM y"
        return self._whole(format_date(written, pattern, locale=self.locale))

    def year(self, moment: str) -> str:
        return str(self._local_day(moment).year)

    def instant(self, moment: str, clock: str = "HH:mm") -> str:
        """Write an instant in the call's zone and in UTC: "15 July 2015, 23:58 (Europe/Paris), 21:58 UTC"."""
        there = _instant(moment).astimezone(ZoneInfo(self.timezone))
        utc = _instant(moment)
        pattern, clock = clock, format_time(utc, clock, locale=self.locale)
        if there.date() != utc.date():
            first = "'1er' MMMM" if self.language == "fr" and utc.day == 1 else "d MMMM"
            clock = f"{self._whole(format_date(utc, first, locale=self.locale))}, {clock}"
        local = f"{self.day(moment)}, {format_time(there, pattern, locale=self.locale)}"
        zone = self._whole(" UTC")
        return f"{local}{zone}" if self.timezone == "UTC" else f"{local} ({self.timezone}), {clock}{zone}"

    def until(self, moment: str) -> str:
        """Write an instant as the end of a period: midnight belongs to the day that ends ("15 July 2015, 24:00 (…)")."""
        written = self.instant(moment)
        if not self._is_midnight(moment):
            return written
        return written.replace(f"{self.day(moment)}, 00:00", f"{self.last_day(moment)}, 24:00", 1)

    def last_day(self, moment: str) -> str:
        """Write the last day of a period that ends at this instant, or on this day."""
        if not self._is_midnight(moment):
            return self.day(moment)
        return self.day((self._local_day(moment) - timedelta(days=1)).isoformat())

    def second(self, moment: str) -> str:
        """Write an instant to the second: "15 July 2015, 23:58:03 (Europe/Paris), 21:58:03 UTC"."""
        return self.instant(moment, "HH:mm:ss")

    def clock(self, moment: str, since: str) -> str:
        """Write an instant by the clock of the call's zone, "10:05", with its day where that is not the day of `since`."""
        there = _instant(moment).astimezone(ZoneInfo(self.timezone))
        written = format_time(there, "HH:mm", locale=self.locale)
        return written if self._local_day(moment) == self._local_day(since) else f"{self.day(moment)}, {written}"

    def listed(self, names: Iterable[str]) -> str:
        """Return names one after the other, as this language sets them."""
        return listed(names, self.language)

    def by_country(self, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return rows of countries with most files first, and among equals by their names in this language."""
        return sorted(rows, key=lambda row: (-row["filed"], folded(self.country(row["country_iso2"]))))

    def tenths(self, value: float) -> str:
        """Write a duration, with one decimal."""
        return str(format_decimal(value, "#,##0.0", locale=self.locale))

    def number(self, value: int | float) -> str:
        return str(format_decimal(value, locale=self.locale))

    def mean(self, value: float) -> str:
        """Write a mean or a spread, with two decimals."""
        return str(format_decimal(value, "#,##0.00", locale=self.locale))

    def percent(self, value: int | float) -> str:
        """Write 12.5 as 12.5 %."""
        return str(format_percent(value / 100, "#,##0.##\u00a0%", locale=self.locale))

    def size(self, count: int) -> str:
        """Write a number of bytes, in decimal units as file managers do."""
        units = UNITS[self.language]
        value, rank = float(count), 0
        while value >= 1000 and rank < len(units) - 1:
            value, rank = value / 1000, rank + 1
        return f"{format_decimal(value, '#,##0' if rank < 2 else '#,##0.0', locale=self.locale)}\u00a0{units[rank]}"

    def country(self, iso2: str) -> str:
        """Name a country; an unknown code is printed as it is."""
        return str(self.locale.territories.get(iso2.upper(), iso2))

    def language_name(self, tag: str) -> str:
        """Name a language by its tag; an unknown tag is printed as it is."""
        return str(self.locale.languages.get(tag.split("-")[0], tag))

    def _whole(self, text: str) -> str:
        return text.replace(" ", "\u00a0") if self.in_print else text

    def _is_midnight(self, moment: str) -> bool:
        local = _instant(moment).astimezone(ZoneInfo(self.timezone))
        return len(moment) > 10 and (local.hour, local.minute, local.second) == (0, 0, 0)

    def _local_day(self, moment: str) -> date:
        if len(moment) == 10:
            return date.fromisoformat(moment)
        return _instant(moment).astimezone(ZoneInfo(self.timezone)).date()


def zone_of_country(iso2: str) -> str | None:
    """The IANA zone of a country that has a single one; None for all others, where it cannot be known."""
    zones = get_global("territory_zones").get(iso2.upper(), ())
    return str(zones[0]) if len(zones) == 1 else None


def _instant(moment: str) -> datetime:
    parsed = datetime.fromisoformat(moment)
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
