"""The calendar of the Network: what its lists and the database tell, as far as somebody may know of it."""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain import composition as network_lists
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.calendar import Calendar, Gathering, Held, Run, Sitting, Span, Step, span
from rvc_portal.domain.vocabulary import Role, SeatKind
from rvc_portal.domain.windows import LABELS
from rvc_portal.gateways import network
from rvc_portal.language import LANGUAGES
from rvc_portal.models.call import Call
from rvc_portal.models.mandate import Mandate
from rvc_portal.models.meeting import Meeting
from rvc_portal.models.steering import SteeringSession
from rvc_portal.queries import calls, composition, conclusions

OF_THE_GROUP = (Role.SECRETARIAT, Role.STEERING, Role.DIRECTION)
"""Who knows when the Steering Group sits."""
WARNED = (Role.SECRETARIAT, Role.STEERING)
"""Who is told what collides, and what breaks the rhythm."""


def calendar(session: Session, actor: Actor | None) -> Calendar:
    """All that this person (None: anybody) may know of. Six statements at most, however long the calendar is."""
    found = [call for call in calls.announced(session, actor) if not call.test]
    calls.learn(session, found)
    return Calendar(
        meetings=tuple(_meetings(conclusions.meetings(session))),
        calls=tuple(map(_run, found)),
        mandates=tuple(map(_held, composition.mandates(session))),
        sittings=tuple(_sittings(session, _open_to(actor, found))),
        reports=network.reports(),
    )


def is_warned(actor: Actor | None) -> bool:
    """Whether the person is told what is wrong with the calendar."""
    return actor is not None and any(actor.has(role) for role in WARNED)


def _meetings(rows: Sequence[Meeting]) -> Iterator[Gathering]:
    """The meetings of the Network's list, each as its own page tells it where there is one, and those of a page alone."""
    of_edition = {row.edition: row for row in rows}
    for listed in network.meetings():
        if listed.edition is not None:
            yield _gathering(listed, of_edition.pop(listed.edition, None), listed.edition)
    for row in of_edition.values():
        yield _gathering(network_lists.Meeting(row.year), row, row.edition)


def _gathering(listed: network_lists.Meeting, row: Meeting | None, edition: int) -> Gathering:
    hosts = [host.city for host in row.hosts] if row else []
    last = (row.ends_on if row else None) or listed.day
    first = (row.starts_on if row else None) or last
    return Gathering(
        edition=edition, year=row.year if row else listed.year, hosts=tuple(hosts or (h.city for h in listed.hosts)),
        days=Span(first, last or first) if first else None, renews=listed.renews,
        listed=listed.day if listed.day != last else None, page=row is not None,
    )  # fmt: skip


def _run(call: Call) -> Run:
    told = calls.definition(call)
    steps = [
        Step(
            name,
            _both(label),
            window.opens_at,
            window.closes_at,
            span(window.opens_at, window.closes_at, told.timezone),
        )
        for name, label in LABELS.items()
        if (window := told.windows.get(name))
    ]
    return Run(call.key, _both(told.title), tuple(steps))


def _held(row: Mandate) -> Held:
    label = next((f["label"] for f in network.fields() if f["key"] == row.field), None)
    return Held(
        SeatKind(row.kind), label if isinstance(label, dict) else None, row.member.city,
        span(row.from_at, row.until_at, network.timezone()), row.due_year, ended=row.ended_at is not None,
    )  # fmt: skip


def _open_to(actor: Actor | None, found: Sequence[Call]) -> list[Call]:
    """The calls whose sittings this person knows of."""
    if actor is None:
        return []
    return [call for call in found if any(actor.has_on_call(role, call.id) for role in OF_THE_GROUP)]


def _sittings(session: Session, found: Sequence[Call]) -> Iterator[Sitting]:
    """The sittings on these calls that took or will take place; one that was opened, when it was."""
    of_id = {call.id: call for call in found}
    if not of_id:
        return
    at = sa.func.coalesce(SteeringSession.opened_at, SteeringSession.starts_at)
    cancelled = sa.and_(SteeringSession.closed_at.is_not(None), SteeringSession.opened_at.is_(None))
    query = sa.select(SteeringSession).where(SteeringSession.call_id.in_(of_id), at.is_not(None), ~cancelled)
    for row in session.scalars(query):
        when = row.opened_at or row.starts_at
        assert when is not None
        call = of_id[row.call_id]
        yield Sitting(str(row.id), row.title, call.key, when, span(when, when, network.timezone()).first)


def _both(text: object) -> dict[str, str]:
    return {language: text[language] for language in LANGUAGES}  # type: ignore[index]
