"""The calendar of the Network: what is on it, what collides, and what breaks the rhythm in which calls, meetings and mandates
follow each other.

Days are days of the zone in which each date is meant (a call's own, the Network's for all else); a window's last day is the
one that ends with it. What is told is a message id with its parameters, worded by the page and by the document.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import combinations, pairwise
from zoneinfo import ZoneInfo

from rvc_portal.domain.asking import Said
from rvc_portal.domain.vocabulary import N_, SeatKind

Both = Mapping[str, str]
"""A name in both working languages."""

YEARS = 10
"""How many years are looked at together."""

STEPS = ("filing", "screening", "evaluation", "review", "decision", "publication")
"""The windows of a call of which each must be over by the end of the next; others (a city's answer) may lie anywhere."""


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
class Rhythm:
    """How many years lie between two calls (None: nothing is agreed), and how many a mandate lasts."""

    call_every_years: int | None
    term_years: int


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
    sitting; `strong`: the Steering Group is renewed there,
    or at a meeting that is not on the calendar; `subject`: the edition of a meeting that has a page, the id of a
    sitting."""

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


def decade(calendar: Calendar, year: int) -> int:
    """The year with which the years begin that hold `year`, counted in tens from the first one on the calendar."""
    first = min((entry.days.first.year for entry in entries(calendar)), default=year)
    return first + (year - first) // YEARS * YEARS


def _meeting(meeting: Gathering) -> Entry:
    hosts = ", ".join(meeting.hosts)
    told: Said = (N_("Annual meeting no. %(edition)s, %(hosts)s"), {"edition": meeting.edition, "hosts": hosts})
    if not hosts:
        told = (N_("Annual meeting no. %(edition)s"), {"edition": meeting.edition})
    name = hosts or str(meeting.edition)
    return Entry(
        Kind.MEETING, f"meeting-{meeting.edition}", meeting.days or _whole(meeting.year), told, {"en": name, "fr": name},
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
            Kind.RENEWAL, f"renewal-{year}", days or _whole(year), told, {"en": "Renewal", "fr": "Renouvellement"},
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


def _whole(year: int) -> Span:
    return Span(date(year, 1, 1), date(year, 12, 31))


class Trouble(StrEnum):
    """What is wrong: two things at one time, or something that does not follow in its time."""

    COLLISION = "collision"
    RHYTHM = "rhythm"


@dataclass(frozen=True)
class Concern:
    """What somebody has to look at: where on the calendar it lies, and what and when in words."""

    trouble: Trouble
    days: Span
    told: Said


def concerns(calendar: Calendar, rhythm: Rhythm, today: date) -> list[Concern]:
    """Everything that collides or breaks the rhythm, by its first day."""
    meetings = sorted(calendar.meetings, key=lambda m: (m.year, m.edition))
    calls = sorted(calendar.calls, key=lambda c: (c.filing.opens_at, c.key))
    found = [
        *_filings_at_once(calls),
        *_within_meetings(calendar, meetings),
        *_steps_in_disorder(calls),
        *_sittings_out_of_time(calls, calendar.sittings),
        *_renewed_while_reviewing(calls, meetings),
        *_said_twice(meetings),
        *_calls_out_of_rhythm(calls, rhythm.call_every_years, today),
        *_meetings_out_of_rhythm(meetings, today),
        *_renewals_out_of_rhythm(meetings, rhythm.term_years),
        *_mandates_out_of_rhythm(calendar.mandates, meetings),
    ]
    return sorted(found, key=lambda w: (w.days.first, w.days.last, w.told[0], str(w.told[1])))


def _collision(days: Span, message: str, **params: object) -> Concern:
    return Concern(Trouble.COLLISION, days, (message, params))


def _breach(days: Span, message: str, **params: object) -> Concern:
    return Concern(Trouble.RHYTHM, days, (message, params))


def _filings_at_once(calls: Sequence[Run]) -> Iterator[Concern]:
    for one, other in combinations(calls, 2):
        opens, closes = (
            max(one.filing.opens_at, other.filing.opens_at),
            min(one.filing.closes_at, other.filing.closes_at),
        )
        if opens < closes:
            days = Span(max(one.filing.days.first, other.filing.days.first),
                        min(one.filing.days.last, other.filing.days.last))  # fmt: skip
            yield _collision(
                days, N_("Files can be submitted to %(one)s and to %(other)s at one time, from %(first)s to %(last)s."),
                one=one.title, other=other.title, first=days.first, last=days.last,
            )  # fmt: skip


def _within_meetings(calendar: Calendar, meetings: Sequence[Gathering]) -> Iterator[Concern]:
    for meeting in meetings:
        if meeting.days is None:
            continue
        for day, message, params in _deadlines(calendar):
            if meeting.days.holds(day):
                yield _collision(Span(day, day), message, day=day, year=meeting.year, **params)


def _deadlines(calendar: Calendar) -> Iterator[tuple[date, str, dict[str, object]]]:
    """The days on which somebody has to do something at home, with what to say where all are away."""
    for run in calendar.calls:
        for step in run.steps:
            message = N_("%(call)s: “%(step)s” closes on %(day)s, during the annual meeting of %(year)s.")
            yield step.days.last, message, {"call": run.title, "step": step.label}
    for sitting in calendar.sittings:
        message = N_("The sitting “%(title)s” of %(day)s falls within the annual meeting of %(year)s.")
        yield sitting.day, message, {"title": sitting.title}
    for report in calendar.reports:
        message = N_("%(what)s: due on %(day)s, during the annual meeting of %(year)s.")
        yield report.due, message, {"what": report.label}


def _steps_in_disorder(calls: Iterable[Run]) -> Iterator[Concern]:
    for run in calls:
        in_order = [step for name in STEPS if (step := run.step(name))]
        for step, following in pairwise(in_order):
            if step.closes_at > following.closes_at:
                yield _collision(
                    Span(following.days.last, step.days.last),
                    N_("%(call)s: “%(step)s” closes on %(day)s, later than “%(following)s” on %(last)s."),
                    call=run.title, step=step.label, day=step.days.last, following=following.label,
                    last=following.days.last,
                )  # fmt: skip


def _sittings_out_of_time(calls: Iterable[Run], sittings: Iterable[Sitting]) -> Iterator[Concern]:
    of_key = {run.key: run for run in calls}
    for sitting in sittings:
        run = of_key.get(sitting.call)
        evaluation, decision = (run.step("evaluation"), run.step("decision")) if run else (None, None)
        if run and evaluation and sitting.at < evaluation.closes_at:
            yield _collision(
                Span(sitting.day, evaluation.days.last),
                N_("%(call)s: evaluation closes on %(last)s, after the sitting “%(title)s” of %(day)s."),
                call=run.title, title=sitting.title, day=sitting.day, last=evaluation.days.last,
            )  # fmt: skip
        if run and decision and sitting.at >= decision.closes_at:
            yield _collision(
                Span(decision.days.last, sitting.day),
                N_("%(call)s: the sitting “%(title)s” is on %(day)s, after the last day for the decision, %(last)s."),
                call=run.title, title=sitting.title, day=sitting.day, last=decision.days.last,
            )  # fmt: skip


def _renewed_while_reviewing(calls: Iterable[Run], meetings: Iterable[Gathering]) -> Iterator[Concern]:
    renewed = [m.days.last for m in meetings if m.renews and m.days]
    for run in calls:
        review = run.step("review")
        for day in renewed:
            if review and review.days.first <= day < review.days.last:
                yield _collision(
                    review.days,
                    N_("%(call)s: the Steering Group is renewed on %(day)s, amid its review from %(first)s to %(last)s."),
                    call=run.title, day=day, first=review.days.first, last=review.days.last,
                )  # fmt: skip


def _said_twice(meetings: Iterable[Gathering]) -> Iterator[Concern]:
    for meeting in meetings:
        if meeting.listed and meeting.days and meeting.listed != meeting.days.last:
            days = sorted((meeting.listed, meeting.days.last))
            yield _collision(
                Span(*days),
                N_("Annual meeting of %(year)s: it ends on %(day)s; mandates reckon with %(listed)s."),
                year=meeting.year, day=meeting.days.last, listed=meeting.listed,
            )  # fmt: skip


def _calls_out_of_rhythm(calls: Sequence[Run], every: int | None, today: date) -> Iterator[Concern]:
    in_turn = sorted(calls, key=lambda c: (c.filing.closes_at, c.key))
    if not every or not in_turn:
        return
    for before, run in pairwise(in_turn):
        if run.year - before.year != every:
            yield _breach(
                Span(before.filing.days.last, run.filing.days.last),
                N_("%(call)s closes in %(year)s, the one before closed in %(before)s: a call is due every %(every)s years."),
                call=run.title, year=run.year, before=before.year, every=every,
            )  # fmt: skip
    due = in_turn[-1].year + every
    if due < today.year:
        yield _breach(
            _whole(due),
            N_("No call since %(before)s: the next one was due in %(due)s."),
            before=in_turn[-1].year,
            due=due,
        )


def _meetings_out_of_rhythm(meetings: Sequence[Gathering], today: date) -> Iterator[Concern]:
    """One each year, from the first that is known to this year or the last that is known."""
    for one, other in pairwise(meetings):
        if one.year == other.year:
            yield _breach(
                _whole(one.year), N_("Two annual meetings in %(year)s: no. %(one)s and no. %(other)s."),
                year=one.year, one=one.edition, other=other.edition,
            )  # fmt: skip
    known = {m.year for m in meetings}
    if known:
        # The end of what there has to be: after the last one, or after this year where the first is not still to come.
        end = max(max(known), today.year if min(known) <= today.year else 0) + 1
        for before, after in pairwise(sorted({*known, end})):
            yield from _without_meeting(before + 1, after - 1)


def _without_meeting(first: int, last: int) -> Iterator[Concern]:
    days = Span(date(first, 1, 1), date(max(first, last), 12, 31))
    if first == last:
        yield _breach(days, N_("No annual meeting is known for %(year)s."), year=first)
    elif first < last:
        yield _breach(
            days, N_("No annual meeting is known for the years %(first)s to %(last)s."), first=first, last=last
        )


def _renewals_out_of_rhythm(meetings: Iterable[Gathering], term: int) -> Iterator[Concern]:
    for before, year in pairwise(m.year for m in meetings if m.renews):
        if year - before != term:
            yield _breach(
                Span(date(before, 1, 1), date(year, 12, 31)),
                N_("The Steering Group is renewed in %(before)s and in %(year)s: a mandate is for %(term)s years."),
                before=before, year=year, term=term,
            )  # fmt: skip


def _mandates_out_of_rhythm(mandates: Iterable[Held], meetings: Iterable[Gathering]) -> Iterator[Concern]:
    """What is wrong with the end of mandates, once for all that have the same end."""
    alike: dict[tuple[int, date, bool], list[Held]] = defaultdict(list)
    nowhere: dict[int, list[Held]] = defaultdict(list)
    of_year = {m.year: m for m in meetings}
    for held in mandates:
        if held.ended:
            continue
        if held.due_year in of_year:
            alike[held.due_year, held.days.last, held.kind is SeatKind.HOST].append(held)
        else:
            nowhere[held.due_year].append(held)
    for year, those in nowhere.items():
        message = N_("Mandates due for renewal in %(year)s, when no annual meeting is known: %(cities)s")
        yield _breach(_whole(year), message, year=year, cities=_cities(those))
    for (year, last, hosts), those in alike.items():
        yield from _ends_wrongly(of_year[year], last, _cities(those), hosts=hosts)


def _cities(those: Iterable[Held]) -> str:
    return ", ".join(sorted({held.city for held in those}))


def _ends_wrongly(meeting: Gathering, last: date, cities: str, *, hosts: bool) -> Iterator[Concern]:
    days = Span(last, last)
    if not meeting.renews and not hosts:
        message = N_("Mandates due at the annual meeting of %(year)s, which does not renew the group: %(cities)s")
        yield _breach(days, message, year=meeting.year, cities=cities)
    closes = meeting.days.last if meeting.days else last
    if last != closes:
        message = N_("Mandates that end on %(day)s, before the meeting of their renewal, %(closes)s: %(cities)s")
        if last > closes:
            message = N_("Mandates that end on %(day)s, after the meeting of their renewal, %(closes)s: %(cities)s")
        yield _breach(Span(*sorted((last, closes))), message, day=last, closes=closes, cities=cities)
