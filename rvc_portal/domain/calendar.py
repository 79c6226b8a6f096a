"""The calendar of the Network: what is on it, and in which words. What is wrong with it is for `domain.rhythm`.

Days are days of the zone in which each date is meant (a call's own, the Network's for all else); a window's last day is the
one that ends with it. What is told is a message id with its parameters, worded by the page and by the document.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from rvc_portal.domain.asking import Said
from rvc_portal.domain.vocabulary import N_, SeatKind

Both = Mapping[str, str]
"""A name in both working languages."""

YEARS = 10
"""How many years are looked at together."""


@dataclass(frozen=True)
class Span:
    """Days, the first and the last included."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last

    def meets(self, other: "Span") -> bool:
        """Whether the two have a day in common."""
        return self.first <= other.last and other.first <= self.last


def span(starts_at: datetime, ends_at: datetime, zone: str) -> Span:
    """The days of a zone that two instants span; the second one is outside, unless they are the same."""
    last = max(starts_at, ends_at - timedelta(microseconds=1))
    return Span(starts_at.astimezone(ZoneInfo(zone)).date(), last.astimezone(ZoneInfo(zone)).date())


def years(start: int) -> Span:
    """The years that are looked at together, from `start` on."""
    return Span(date(start, 1, 1), date(start + YEARS - 1, 12, 31))


@dataclass(frozen=True)
class Gathering:
    """An annual meeting. `days`: None while they are not fixed; `renews`: the Steering Group is renewed whole there;
    `listed`: its last day in the Network's own list, where the page of the meeting says another one; `page`: it has one."""

    edition: int
    year: int
    hosts: tuple[str, ...] = ()
    days: Span | None = None
    renews: bool = False
    listed: date | None = None
    page: bool = False


@dataclass(frozen=True)
class Step:
    """A window of a call, as instants and as days of the call's zone."""

    name: str
    label: Both
    opens_at: datetime
    closes_at: datetime
    days: Span


@dataclass(frozen=True)
class Run:
    """A call with its windows, in the order of its steps; `filing` is among them. Its year is that of its deadline."""

    key: str
    title: Both
    steps: tuple[Step, ...]

    def step(self, name: str) -> Step | None:
        return next((step for step in self.steps if step.name == name), None)

    @property
    def filing(self) -> Step:
        return next(step for step in self.steps if step.name == "filing")

    @property
    def year(self) -> int:
        return self.filing.days.last.year


@dataclass(frozen=True)
class Held:
    """A mandate of the Steering Group. `due_year`: of the meeting at which its renewal is due; `ended`: before its time."""

    kind: SeatKind
    field: Both | None
    city: str
    days: Span
    due_year: int
    ended: bool = False


@dataclass(frozen=True)
class Sitting:
    """A sitting of the Steering Group on the files of the call with this key."""

    id: str
    title: str
    call: str
    at: datetime
    day: date


@dataclass(frozen=True)
class Report:
    """What member cities owe by the end of a day."""

    key: str
    label: Both
    due: date


@dataclass(frozen=True)
class Calendar:
    """All that somebody may know of. Each kind in any order."""

    meetings: tuple[Gathering, ...] = ()
    calls: tuple[Run, ...] = ()
    mandates: tuple[Held, ...] = ()
    sittings: tuple[Sitting, ...] = ()
    reports: tuple[Report, ...] = ()


class Kind(StrEnum):
    """What an entry is of, in the order in which entries of one day stand."""

    MEETING = "meeting"
    RENEWAL = "renewal"
    MANDATES = "mandates"
    WINDOW = "window"
    SITTING = "sitting"
    REPORT = "report"


KINDS = {
    Kind.MEETING: N_("Annual meeting"),
    Kind.RENEWAL: N_("Renewal"),
    Kind.MANDATES: N_("Mandates"),
    Kind.WINDOW: N_("Call"),
    Kind.SITTING: N_("Sitting"),
    Kind.REPORT: N_("Deadline"),
}
"""What each is called."""


@dataclass(frozen=True)
class Entry:
    """One line of the calendar. `key` stays the same as long as the entry does; `fixed`: False where only the year is known;
    `short`: its name in a picture; `within`: the title of its call, whose key is `call`; `instants`: of a window or a
    sitting; `strong`: a meeting that renews the Steering Group, or a renewal whose meeting is not on the calendar; `subject`:
    the edition of a meeting that has a page, the id of a sitting."""

    kind: Kind
    key: str
    days: Span
    told: Said
    short: Both
    details: tuple[Said, ...] = ()
    fixed: bool = True
    call: str = ""
    within: Both | None = None
    step: str = ""
    instants: tuple[datetime, datetime] | None = None
    strong: bool = False
    subject: str = ""


def entries(calendar: Calendar) -> list[Entry]:
    """Everything on the calendar, by its first day."""
    found = [
        *map(_meeting, calendar.meetings),
        *_renewals(calendar),
        *_mandates(calendar.mandates),
        *(_window(run, step) for run in calendar.calls for step in run.steps),
        *map(_sitting, calendar.sittings),
        *map(_report, calendar.reports),
    ]
    order = list(Kind)
    return sorted(found, key=lambda e: (e.days.first, order.index(e.kind), e.days.last, e.key))


def by_year(found: Iterable[Entry], shown: Span) -> dict[int, list[Entry]]:
    """The entries that have a day in the years shown, each under the first of these in which it has one."""
    told: dict[int, list[Entry]] = defaultdict(list)
    for entry in found:
        if entry.days.meets(shown):
            told[max(entry.days.first, shown.first).year].append(entry)
    return dict(sorted(told.items()))


def decade(found: Iterable[Entry], year: int) -> int:
    """The year with which the years begin that hold `year`, counted in tens from the first one on the calendar."""
    first = min((entry.days.first.year for entry in found), default=year)
    return first + (year - first) // YEARS * YEARS


def _meeting(meeting: Gathering) -> Entry:
    hosts = ", ".join(meeting.hosts)
    told: Said = (N_("Annual meeting no. %(edition)s, %(hosts)s"), {"edition": meeting.edition, "hosts": hosts})
    if not hosts:
        told = (N_("Annual meeting no. %(edition)s"), {"edition": meeting.edition})
    name = hosts or str(meeting.edition)
    return Entry(
        Kind.MEETING, f"meeting-{meeting.edition}", meeting.days or whole(meeting.year), told, {"en": name, "fr": name},
        fixed=meeting.days is not None, strong=meeting.renews, subject=str(meeting.edition) if meeting.page else "",
    )  # fmt: skip


def _renewals(calendar: Calendar) -> Iterator[Entry]:
    """Which mandates end for good at a meeting, with the cities whose renewal is due there."""
    due: dict[int, list[Held]] = defaultdict(list)
    for held in calendar.mandates:
        if not held.ended and held.kind is not SeatKind.HOST:
            due[held.due_year].append(held)
    of_year = {m.year: m for m in calendar.meetings}
    for year in sorted(due.keys() | {m.year for m in calendar.meetings if m.renews}):
        meeting = of_year.get(year)
        days = Span(meeting.days.last, meeting.days.last) if meeting and meeting.days else None
        told: Said = (N_("Renewal of the Steering Group"), {})
        if due[year]:
            told = (N_("Renewal of the Steering Group. Mandates due: %(count)s"), {"count": len(due[year])})
        yield Entry(
            Kind.RENEWAL, f"renewal-{year}", days or whole(year), told, {"en": "Renewal", "fr": "Renouvellement"},
            _seats(due[year]), fixed=days is not None, strong=meeting is None,
        )  # fmt: skip


def _mandates(mandates: Iterable[Held]) -> Iterator[Entry]:
    """The mandates that run over the same days, together."""
    alike: dict[Span, list[Held]] = defaultdict(list)
    for held in mandates:
        alike[held.days].append(held)
    for days, those in alike.items():
        told: Said = (N_("Mandates of the Steering Group: %(count)s"), {"count": len(those)})
        short = {"en": f"Mandates: {len(those)}", "fr": f"Mandats\u00a0: {len(those)}"}
        yield Entry(Kind.MANDATES, f"mandates-{days.first}-{days.last}", days, told, short, _seats(those))


_SEATS = {
    SeatKind.COORDINATOR: N_("%(city)s: coordinator, %(field)s"),
    SeatKind.DEPUTY: N_("%(city)s: deputy, %(field)s"),
    SeatKind.HOST: N_("%(city)s: host of the annual meeting"),
    SeatKind.CO_OPTED: N_("%(city)s: co-opted"),
}


def _seats(those: Iterable[Held]) -> tuple[Said, ...]:
    order = list(_SEATS)

    def place(held: Held) -> tuple[str, int, str]:
        return held.field["en"] if held.field else "~", order.index(held.kind), held.city

    return tuple((_SEATS[h.kind], {"city": h.city, "field": h.field or ""}) for h in sorted(those, key=place))


def _window(run: Run, step: Step) -> Entry:
    told: Said = (N_("%(call)s: %(step)s"), {"call": run.title, "step": step.label})
    return Entry(
        Kind.WINDOW, f"{run.key}-{step.name}", step.days, told, step.label, call=run.key, within=run.title,
        step=step.name, instants=(step.opens_at, step.closes_at),
    )  # fmt: skip


def _sitting(sitting: Sitting) -> Entry:
    told: Said = (N_("Sitting of the Steering Group: %(title)s"), {"title": sitting.title})
    short = {"en": sitting.title, "fr": sitting.title}
    return Entry(
        Kind.SITTING, f"sitting-{sitting.id}", Span(sitting.day, sitting.day), told, short, call=sitting.call,
        instants=(sitting.at, sitting.at), subject=sitting.id,
    )  # fmt: skip


def _report(report: Report) -> Entry:
    told: Said = (N_("Due: %(what)s"), {"what": report.label})
    return Entry(Kind.REPORT, f"report-{report.key}", Span(report.due, report.due), told, report.label)


def whole(year: int) -> Span:
    """All days of a year."""
    return Span(date(year, 1, 1), date(year, 12, 31))
