"""The register of member cities, loaded from a CSV file: all of it, or nothing and every fault with its line."""

import csv
import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from rvc_portal.domain.errors import Refusal
from rvc_portal.domain.faults import BadFile, Fault
from rvc_portal.domain.vocabulary import N_
from rvc_portal.gateways import network
from rvc_portal.models.base import new_id
from rvc_portal.models.seat import Member
from rvc_portal.services.queue import AnySession

COLUMNS = ("city", "country", "iso2", "field", "year", "region", "lat", "lon", "verified")
LONGEST_CITY = 200
YES_NO = {"yes": True, "no": False}

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Loaded:
    """How many rows were new, changed a member known before, or said nothing new."""

    added: int
    changed: int
    same: int


def load(session: AnySession, content: bytes, now: datetime) -> Loaded:
    """Add the members in the file, or bring those known up to date; who is not in it stays. Twice is the same as once.

    `content`: CSV in UTF-8 with the columns of `COLUMNS`. Raises BadFile, and then nothing is loaded.
    """
    rows = parse(content, now)
    known = {_key(m.city, m.country, m.field): m for m in session.scalars(sa.select(Member))}
    added = changed = 0
    for row in rows:
        member = known.get(_key(row["city"], row["country"], row["field"]))
        if member is None:
            session.add(Member(id=new_id(), **row))
            added += 1
        elif any(getattr(member, name) != value for name, value in row.items()):
            for name, value in row.items():
                setattr(member, name, value)
            changed += 1
    session.flush()
    return Loaded(added, changed, len(rows) - added - changed)


def parse(content: bytes, now: datetime) -> list[dict[str, Any]]:
    """The members in the file, as values of `models.seat.Member`. Raises BadFile with every fault."""
    lists = _Lists.of_the_network(now)
    rows: list[dict[str, Any]] = []
    faults: list[Fault] = []
    first: dict[Key, int] = {}
    for line, cells in _cells(content):
        refusals = list(lists.refusals(cells))
        if not refusals:
            row = lists.member(cells)
            before = first.setdefault(_key(row["city"], row["country"], row["field"]), line)
            if before != line:
                refusals = [Refusal(N_("this city stands in this field on line %(line)s already"), {"line": before})]
            rows.append(row)
        faults += [Fault(line, refusal) for refusal in refusals]
    if faults:
        raise BadFile(faults)
    return rows


@dataclass(frozen=True)
class _Lists:
    """What the cells may hold."""

    countries: frozenset[str]
    fields: Mapping[str, tuple[str, int]]  # by key and by name: key, first year
    regions: Mapping[str, str]
    latest_year: int

    @classmethod
    def of_the_network(cls, now: datetime) -> "_Lists":
        fields: dict[str, tuple[str, int]] = {}
        for entry in network.fields():
            found = (str(entry["key"]), int(str(entry["since"])))
            fields |= dict.fromkeys(_names(entry), found)
        regions = {name: str(entry["key"]) for entry in network.regions() for name in _names(entry)}
        return cls(frozenset(str(c["iso2"]) for c in network.countries()), fields, regions, now.year)

    def refusals(self, cells: Mapping[str, str]) -> Iterator[Refusal]:
        city = cells["city"]
        if not city or len(city) > LONGEST_CITY or not city.isprintable():
            yield Refusal(N_("the name of the city is missing, too long or not printable"))
        if cells["iso2"] not in self.countries:
            yield Refusal(N_("“%(code)s” is no country code of ISO 3166"), {"code": cells["iso2"]})
        if cells["field"].lower() not in self.fields:
            yield Refusal(N_("“%(field)s” is no creative field"), {"field": cells["field"]})
        else:
            yield from self._year(cells["year"], self.fields[cells["field"].lower()][1])
        if cells["region"].lower() not in self.regions:
            yield Refusal(N_("“%(region)s” is no region"), {"region": cells["region"]})
        for name, limit in (("lat", 90), ("lon", 180)):
            if not _within(cells[name], limit):
                values = {"value": cells[name], "name": name, "limit": limit}
                yield Refusal(N_("“%(value)s” is no %(name)s: a number from −%(limit)s to %(limit)s"), values)
        if cells["verified"].lower() not in YES_NO:
            yield Refusal(N_("“%(value)s” under “verified” is neither yes nor no"), {"value": cells["verified"]})

    def _year(self, year: str, since: int) -> Iterator[Refusal]:
        if not (year.isascii() and year.isdigit() and since <= int(year) <= self.latest_year):
            values = {"year": year, "since": since, "latest": self.latest_year}
            yield Refusal(N_("“%(year)s” is no year from %(since)s to %(latest)s"), values)

    def member(self, cells: Mapping[str, str]) -> dict[str, Any]:
        return {
            "city": cells["city"],
            "country": cells["iso2"],
            "field": self.fields[cells["field"].lower()][0],
            "year": int(cells["year"]),
            "region": self.regions[cells["region"].lower()],
            "latitude": float(cells["lat"]),
            "longitude": float(cells["lon"]),
            "verified": YES_NO[cells["verified"].lower()],
        }


def _cells(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row with its line. Raises BadFile for what is no such table at all."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _bad(content[: error.start].count(b"\n") + 1, Refusal(N_("the file is not in UTF-8"))) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        heading = tuple(cell.strip() for cell in next(reader, []))
        if sorted(heading) != sorted(COLUMNS):
            raise _bad(1, Refusal(N_("the columns must be: %(columns)s"), {"columns": ", ".join(COLUMNS)}))
        for row in reader:
            if len(row) == len(heading):
                yield reader.line_num, {name: cell.strip() for name, cell in zip(heading, row, strict=True)}
            elif row:
                counts = {"found": len(row), "expected": len(heading)}
                raise _bad(reader.line_num, Refusal(N_("%(found)s cells instead of %(expected)s"), counts))
    except csv.Error as error:
        raise _bad(reader.line_num, Refusal(N_("this is no CSV: %(error)s"), {"error": error})) from None


def _bad(line: int, refusal: Refusal) -> BadFile:
    return BadFile([Fault(line, refusal)])


def _key(city: str, country: str, field: str) -> Key:
    return city.casefold(), country, field


def _names(entry: Mapping[str, object]) -> tuple[str, ...]:
    label = entry["label"]
    assert isinstance(label, dict)
    return (str(entry["key"]), *(str(text).lower() for text in label.values()))


def _within(text: str, limit: float) -> bool:
    try:
        number = float(text)
    except ValueError:
        return False
    return math.isfinite(number) and abs(number) <= limit
