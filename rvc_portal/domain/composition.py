"""Who sits on the Steering Group: mandates that do not overlap, deputies who stand in, regions that are missing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from rvc_portal.domain.errors import Refusal
from rvc_portal.domain.vocabulary import N_, SeatKind

OF_A_FIELD = (SeatKind.COORDINATOR, SeatKind.DEPUTY)
"""The seats of which a creative field has one each; the others belong to a city."""
KINDS = (*OF_A_FIELD, SeatKind.HOST, SeatKind.CO_OPTED)


@dataclass(frozen=True)
class Host:
    city: str
    country: str


@dataclass(frozen=True)
class Meeting:
    """An annual meeting; `day`: its last one, None where it is not fixed; `renews`: the group is renewed whole there;
    `edition`: 9 of the ninth."""

    year: int
    hosts: tuple[Host, ...] = ()
    day: date | None = None
    renews: bool = False
    edition: int | None = None


@dataclass(frozen=True)
class Rules:
    """What the Network has fixed on its Steering Group; lengths in years and days."""

    term_years: int
    co_option_percent: int
    tie_rules: tuple[str, ...]
    second_round_days: int


@dataclass(frozen=True)
class Term:
    """A mandate: the seat of this kind (and field) is held by the member city from … until (exclusive)."""

    id: UUID
    kind: SeatKind
    field: str | None
    member_id: UUID
    city: str
    region: str
    from_at: datetime
    until_at: datetime

    def holds(self, at: datetime) -> bool:
        return self.from_at <= at < self.until_at


@dataclass(frozen=True)
class Away:
    """The city of this mandate has said to be away."""

    term_id: UUID
    from_at: datetime
    until_at: datetime

    def holds(self, at: datetime) -> bool:
        return self.from_at <= at < self.until_at


@dataclass(frozen=True)
class Place:
    """One place at the table. `sits`: whose it is today, None where nobody sits; `stands_in`: it is the deputy;
    `away`: the absence of the coordinator that stands now."""

    field: str | None
    holder: Term | None
    deputy: Term | None
    sits: Term | None
    stands_in: bool
    away: Away | None


def end_of(
    kind: SeatKind, city: str, start: date, meetings: Sequence[Meeting], rules: Rules
) -> tuple[int, date | None]:
    """The meeting at which a mandate that begins on `start` ends: its year, and its last day where that is fixed. A host
    sits until its own meeting; everybody else until the group is renewed whole."""
    for meeting in meetings:
        wanted = any(h.city == city for h in meeting.hosts) if kind is SeatKind.HOST else meeting.renews
        if wanted and meeting.day and meeting.day > start:
            return meeting.year, meeting.day
    year = start.year + rules.term_years
    return year, next((m.day for m in meetings if m.year == year and m.day), None)


def last_day(start: date, found: tuple[int, date | None]) -> date:
    """The last day of a mandate: the meeting's, or the same day of its year while that is not fixed."""
    year, day = found
    return day or start.replace(year=year, day=min(start.day, 28) if start.month == 2 else start.day)


def instant(day: date, zone: str, *, end: bool = False) -> datetime:
    """The beginning of a day in the zone, or (`end`) of the day after it."""
    there = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return there + timedelta(days=1) if end else there


def overlapping(new: Term, others: Iterable[Term]) -> Term | None:
    """The first mandate that cannot stand beside the new one: of the same seat, or of the same city in the same body."""
    for other in sorted(others, key=lambda t: t.from_at):
        meets = new.from_at < other.until_at and other.from_at < new.until_at
        same_seat = new.kind in OF_A_FIELD and (new.kind, new.field) == (other.kind, other.field)
        if other.id != new.id and meets and (same_seat or _same_city(new, other)):
            return other
    return None


def _same_city(new: Term, other: Term) -> bool:
    """A city sits once; that it hosts the meeting takes no field's seat from it."""
    hosts = SeatKind.HOST in (new.kind, other.kind) and new.kind is not other.kind
    return new.member_id == other.member_id and not (hosts and SeatKind.CO_OPTED not in (new.kind, other.kind))


def unknown_kind(kind: str) -> Refusal | None:
    return None if kind in KINDS else Refusal(N_("Choose what the city is to be."), target="kind")


def places(terms: Iterable[Term], away: Iterable[Away], fields: Iterable[str], at: datetime) -> list[Place]:
    """The table at an instant: the fields in the order given, then hosts and co-opted cities. A field that nobody
    holds a seat of is left out."""
    now = [t for t in terms if t.holds(at)]
    gone = {a.term_id: a for a in away if a.holds(at)}
    found = []
    for field in fields:
        holder, deputy = (next((t for t in now if (t.kind, t.field) == (k, field)), None) for k in OF_A_FIELD)
        if holder or deputy:
            found.append(_place(field, holder, deputy, gone))
    others = [t for kind in (SeatKind.HOST, SeatKind.CO_OPTED) for t in now if t.kind is kind]
    return found + [_place(None, t, None, gone) for t in others]


def _place(field: str | None, holder: Term | None, deputy: Term | None, gone: dict[UUID, Away]) -> Place:
    away = gone.get(holder.id) if holder else None
    if holder and not away:
        return Place(field, holder, deputy, holder, False, None)
    stands_in = deputy if deputy and deputy.id not in gone else None
    return Place(field, holder, deputy, stands_in, stands_in is not None, away)


def by_region(table: Iterable[Place], regions: Iterable[str]) -> dict[str, int]:
    """How many of those that hold a place come from each region; nought for one that is missing. A deputy who stands
    in changes nothing: the place is the coordinator's."""
    counted = dict.fromkeys(regions, 0)
    for place in table:
        term = place.holder or place.deputy
        if term and term.region in counted:
            counted[term.region] += 1
    return counted


def missing(counted: dict[str, int]) -> list[str]:
    """The regions that nobody at the table comes from."""
    return [region for region, count in counted.items() if not count]


def majority(sitting: int, percent: int) -> int:
    """How many votes in favour are more than so many percent of the fields that sit."""
    return sitting * percent // 100 + 1


def settled(in_favour: int, voted: int, sitting: int, percent: int) -> bool | None:
    """Whether a co-option is adopted (True) or lost (False); None while the votes still to come decide."""
    needed = majority(sitting, percent)
    if in_favour >= needed:
        return True
    return False if in_favour + max(sitting - voted, 0) < needed else None
