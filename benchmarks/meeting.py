"""The floor of a meeting: what the question costs that every screen asks every two seconds, and a whole meeting that asks it.

The rush is against `rvc serve` as it is: 116 cities, each over a connection of its own, for a minute, while the Secretariat goes
from clause to clause as it would.
"""

import http.client
import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from benchmarks.figures import Figure, medians, on_engines
from benchmarks.instances import REFERENCE, add_reference, statements
from benchmarks.serving import served
from benchmarks.visits import ask, cookie, token
from rvc_portal import settings
from rvc_portal.app import create_app
from rvc_portal.models.base import db
from rvc_portal.models.seat import SeatHolder
from rvc_portal.services import accounts
from rvc_portal.settings import MIGRATIONS
from tests import servers
from tests.meetings import EDITION, assemble

FIGURES = ("meeting_poll_over_reference", "meeting_poll_queries", "meeting_poll_ms", "meeting_rush")
CITIES, EVERY_S, LASTS_S, ACT_EVERY_S, TIMES = 116, 2.0, 60.0, 10.0, 60
PATH = f"/meetings/{EDITION}/floor"


@dataclass
class Screen:
    """One city's page: how long each answer took, and what went wrong."""

    cookie: str
    taken_ms: list[float] = field(default_factory=list)
    changed: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Hall:
    """The meeting as it stands in the database: cookies of the cities and of the Secretariat, the clauses in turn."""

    app: Flask
    environ: dict[str, str]
    cities: list[str]
    officer: str
    clauses: list[UUID]
    token: str


def measure(folder: Path) -> Iterator[Figure]:
    """On SQLite and on PostgreSQL; the plain names are the worse of the two."""
    found = {"sqlite": _on_one("sqlite", folder / "meeting-sqlite", None)}
    with servers.postgresql() as server:
        database = servers.create_database(server, "meeting")
        found["postgresql"] = _on_one("postgresql", folder / "meeting-postgresql", database)
    limits = {
        "meeting_poll_over_reference": 0.7, "meeting_poll_queries": 3, "meeting_rush_errors": 0, "meeting_rush_p99_ms": 500,
    }  # fmt: skip
    yield from on_engines(found, limits)


def _on_one(engine: str, folder: Path, database: str | None) -> dict[str, Figure]:
    environ = {"RVC_DATA": str(folder), "RVC_SECRET_KEY": "benchmark"}
    if database:
        environ["RVC_DATABASE_URL"] = database
    app = create_app(settings.read(environ))
    add_reference(app)
    with app.app_context():
        upgrade(str(MIGRATIONS))
        hall = _prepare(app, environ)
        db.session.remove()
    values = _poll(hall) | _rush(engine, hall)
    with app.app_context():
        db.engine.dispose()
    return {name: Figure(f"{name}_{engine}", value, unit) for name, (value, unit) in values.items()}


def _prepare(app: Flask, environ: dict[str, str]) -> Hall:
    """A text of three clauses, all cities registered and present, five amendments; everybody is signed in."""
    now = datetime.now(UTC)
    names = tuple(f"Saint-Jean-sur-la-Rivière {number:03d}" for number in range(CITIES))
    assembly = assemble(db.session(), now - timedelta(minutes=1), names)
    assembly.begin(*names)
    for number, name in enumerate(names[:5]):
        assembly.propose(name, str(number % 3 + 1), en=f"The cities agree on something else, number {number}.")
    clauses = [assembly.piece(name).id for name in ("1", "2", "3")]
    holders = db.session.scalars(sa.select(SeatHolder).order_by(SeatHolder.id)).all()
    people = [holder.account for holder in holders] + [assembly.officer]
    sign_ins = [accounts.start_session(db.session(), account, now).id.hex for account in people]
    db.session.commit()
    *cities, officer = (cookie(app, one, _fresh=False) for one in sign_ins)
    return Hall(app, environ, cities, officer, clauses, token(app))


def _poll(hall: Hall) -> dict[str, tuple[float, str]]:
    """The question with nothing new, and beside it the reference page, by one city in this process."""
    path, sent = f"{PATH}/live", hall.cities[0]
    tag = _tag(hall.app, path, sent)

    def poll() -> None:
        status, _body = ask(hall.app, path, sent, tag=tag)
        if not status.startswith("304"):
            raise RuntimeError(f"{path} answers {status}")

    def reference() -> None:
        status, _body = ask(hall.app, REFERENCE, sent)
        if not status.startswith("200"):
            raise RuntimeError(f"{REFERENCE} answers {status}")

    taken = medians({"poll": poll, "reference": reference}, TIMES)
    with statements(hall.app) as seen:
        poll()
    return {
        "meeting_poll_over_reference": (taken["poll"] / taken["reference"], "times"),
        "meeting_poll_queries": (len(seen), "queries"),
        "meeting_poll_ms": (taken["poll"] * 1000, "ms"),
    }


def _tag(app: Flask, path: str, sent: str) -> str:
    """What the floor is called as it stands."""
    _status, body = ask(app, path, sent)
    found = re.search(r'data-pulse="([0-9a-f]+)"', body.decode())
    assert found is not None
    return f'"{found[1]}"'


def _rush(engine: str, hall: Hall) -> dict[str, tuple[float, str]]:
    """The meeting of all cities for a minute."""
    screens, over = [Screen(one) for one in hall.cities], threading.Event()
    with served(hall.environ) as port:
        _warm(port, hall.cities[0])
        threads = [threading.Thread(target=_follow, args=(port, screen, over)) for screen in screens]
        for thread in threads:
            thread.start()
        acts = _chair(port, hall)
        over.set()
        for thread in threads:
            thread.join()
    errors = [error for screen in screens for error in screen.errors]
    for error in errors[:5]:
        print(f"meeting, {engine}: {error}")
    taken = sorted(ms for screen in screens for ms in screen.taken_ms)
    return {
        "meeting_rush_errors": (len(errors), ""),
        "meeting_rush_p99_ms": (taken[min(len(taken) - 1, round(len(taken) * 0.99))], "ms"),
        "meeting_rush_median_ms": (taken[len(taken) // 2], "ms"),
        "meeting_rush_polls": (len(taken), "polls"),
        "meeting_rush_changes": (
            sum(screen.changed for screen in screens) / max(1, acts * len(screens)),
            "of all acts",
        ),
    }


def _warm(port: int, sent: str) -> None:
    """A meeting has gone on for hours: no worker reads its templates for the first time then."""
    for _ in range(16):
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            connection.request("GET", f"{PATH}/live", headers={"Cookie": sent})
            connection.getresponse().read()


def _chair(port: int, hall: Hall) -> int:
    """Go to another clause every ten seconds, for a minute; how often."""
    begun, acts = time.monotonic(), 0
    while (left := begun + LASTS_S - time.monotonic()) > 0:
        time.sleep(min(left, ACT_EVERY_S))
        if left <= ACT_EVERY_S:
            break
        form = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": hall.officer}
        sent = urlencode({"csrf_token": hall.token, "clause": str(hall.clauses[acts % len(hall.clauses)])})
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            connection.request("POST", f"{PATH}/clause", sent, form)
            if connection.getresponse().status >= http.HTTPStatus.BAD_REQUEST:
                raise RuntimeError("the Secretariat could not go to a clause")
        acts += 1
    return acts


def _follow(port: int, screen: Screen, over: threading.Event) -> None:
    """As the page does: again and again, with the state it has; pages were not opened at one instant."""
    tag = ""
    time.sleep(random.Random(screen.cookie).uniform(0, EVERY_S))
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        while not over.is_set():
            begun = time.monotonic()
            try:
                connection.request("GET", f"{PATH}/live", headers={"Cookie": screen.cookie, "If-None-Match": tag})
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as error:
                screen.errors.append(repr(error))
                connection.close()
            else:
                screen.taken_ms.append((time.monotonic() - begun) * 1000)
                screen.changed += bool(tag) and answer.status == http.HTTPStatus.OK
                if answer.status == http.HTTPStatus.OK:
                    tag = answer.headers["ETag"]
                elif answer.status != http.HTTPStatus.NOT_MODIFIED:
                    screen.errors.append(f"status {answer.status}")
            over.wait(EVERY_S)
