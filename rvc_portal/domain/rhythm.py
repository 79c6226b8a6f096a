"""What collides on the Network's calendar, and what breaks the rhythm in which calls, meetings and mandates follow each other.

A concern says where it lies, and what and when in words: a message id with its parameters.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import combinations, pairwise

from rvc_portal.domain.asking import Said
from rvc_portal.domain.calendar import Calendar, Gathering, Held, Run, Sitting, Span, whole
from rvc_portal.domain.vocabulary import N_, SeatKind
from rvc_portal.domain.windows import LABELS

STEPS = tuple(name for name in LABELS if name != "reply")
"""The windows of a call of which each must be over by the end of the next; others (a city's answer) may lie anywhere."""


@dataclass(frozen=True)
class Rhythm:
    """How many years lie between two calls (None: nothing is agreed), and how many a mandate lasts."""

    call_every_years: int | None
    term_years: int


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
            whole(due),
            N_("No call since %(before)s: the next one was due in %(due)s."),
            before=in_turn[-1].year,
            due=due,
        )


def _meetings_out_of_rhythm(meetings: Sequence[Gathering], today: date) -> Iterator[Concern]:
    """One each year, from the first that is known to this year or the last that is known."""
    for one, other in pairwise(meetings):
        if one.year == other.year:
            yield _breach(
                whole(one.year), N_("Two annual meetings in %(year)s: no. %(one)s and no. %(other)s."),
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
        yield _breach(whole(year), message, year=year, cities=_cities(those))
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
