"""The calendar of the Network: does its page take as few statements with twenty years on it as with one?"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import rfc8785
import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks.figures import Figure, medians
from benchmarks.instances import REFERENCE, Instance, instance, statements
from benchmarks.visits import visitor
from rvc_portal.domain.vocabulary import CallStatus, SeatKind
from rvc_portal.domain.windows import moved
from rvc_portal.gateways import callfile
from rvc_portal.models.account import Account
from rvc_portal.models.base import db
from rvc_portal.models.call import Call
from rvc_portal.models.mandate import Mandate
from rvc_portal.models.meeting import Meeting, MeetingHost
from rvc_portal.models.seat import Member, Seat
from rvc_portal.models.steering import SteeringSession
from rvc_portal.settings import DATA_FILES

PAGE, START, YEARS, TIMES = "/calendar?year=2030", 2030, 20, 20
MANDATES, SITTINGS = 4, 3
"""Of each year, beside one meeting; a call comes every second year."""
FIGURES = ("calendar_queries", "calendar_over_reference", "calendar_ms")


def fill(session: Session, years: int, start: int = START) -> None:
    """Put so many years from `start` on into the calendar; a call comes in the first, and every second one from then on.
    Commits."""
    told = callfile.load(DATA_FILES / "candidacy-2015.yaml")
    person = session.scalars(sa.select(Account.id)).first()
    assert person is not None
    for year in range(start, start + years):
        begins = datetime(year, 6, 15, tzinfo=UTC)
        host = MeetingHost(position=0, city=f"Saint-Jean-sur-la-Rivière {year}", country="FR")
        session.add(Meeting(edition=year, year=year, starts_on=date(year, 6, 12), ends_on=begins.date(), hosts=[host]))
        for number in range(MANDATES):
            session.add(_mandate(f"City {number} of {year}", begins, person))
        if (year - start) % 2 == 0:
            windows = moved(told.windows, (date(year, 3, 2) - date(2015, 3, 2)).days, told.timezone)
            call = _call(replace(told, key=f"candidacy-{year}", windows=windows).to_json(), begins)
            session.add(call)
            session.flush()
        for number in range(SITTINGS):
            at = begins + timedelta(days=120 + 30 * number)
            session.add(SteeringSession(call_id=call.id, title=f"Sitting {number + 1}", starts_at=at))
    session.commit()


def measure(folder: Path) -> Iterator[Figure]:
    """On SQLite, as the Secretariat: it is shown most."""
    with instance(folder / "calendar", 10) as made:
        with made.app.app_context():
            fill(db.session(), YEARS)
        counted = [_count(made), _count(made)]  # the first visit of a process reads what the calls say
        visits = {
            name: visitor(made.app, made.filled.secretariat, path)
            for name, path in (("calendar", PAGE), ("reference", REFERENCE))
        }
        taken = medians(visits, TIMES)
        yield Figure("calendar_queries", max(counted), "queries", 15)
        yield Figure("calendar_over_reference", taken["calendar"] / taken["reference"], "times")
        yield Figure("calendar_ms", taken["calendar"] * 1000, "ms")


def _call(definition: dict[str, Any], at: datetime) -> Call:
    return Call(
        key=str(definition["key"]), procedure="candidacy", status=CallStatus.OPEN, definition=definition,
        definition_sha256=hashlib.sha256(rfc8785.dumps(definition)).hexdigest(), opens_at=at, closes_at=at,
        created_at=at, opened_at=at,
    )  # fmt: skip


def _mandate(city: str, begins: datetime, person: UUID) -> Mandate:
    place: dict[str, Any] = {"latitude": 45.0, "longitude": 4.0, "verified": True}
    member = Member(city=city, country="FR", field="music", year=2010, region="europe_north_america", **place)
    seat = Seat(kind=SeatKind.COORDINATOR, name="Music", field="music")
    return Mandate(
        kind=SeatKind.COORDINATOR, field="music", seat=seat, member=member, from_at=begins, due_year=begins.year + 2,
        until_at=begins + timedelta(days=731), origin="recorded", begun_at=begins, begun_by=person,
    )  # fmt: skip


def _count(one: Instance) -> int:
    visit = visitor(one.app, one.filled.secretariat, PAGE)
    with statements(one.app) as seen:
        visit()
    return len(seen)
