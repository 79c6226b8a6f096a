"""At the closing second, over HTTP and on both databases: what the portal took up a microsecond before the deadline is
taken though it waits for the database until long after; what it took up at that instant is not."""

import http.client
import re
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask, request
from werkzeug.serving import make_server

from rvc_portal.models.base import db
from rvc_portal.models.dossier import Answer, Dossier, Filing
from rvc_portal.services import submission
from rvc_portal.settings import Settings
from tests.conftest import MakeApp
from tests.servers import wait_for
from tests.stories import PASSWORD, Tale, town
from tests.web.browsing import START

MICROSECOND, PATIENCE_S = timedelta(microseconds=1), 30


class TakingUp:
    """The portal's clock, moved by hand; says for which requests it has been looked at."""

    def __init__(self, at: datetime):
        self.at = at
        self.seen: set[str] = set()

    def __call__(self) -> datetime:
        at = self.at
        self.seen.add(request.path)
        return at


class Visitor:
    """Somebody's browser as far as it takes to send forms: cookies and the token of a page."""

    def __init__(self, port: int):
        self.port = port
        self.cookies: dict[str, str] = {}
        self.token = ""

    def ask(self, method: str, path: str, sent: dict[str, str] | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        heads = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if sent is not None:
            body = urlencode({"csrf_token": self.token, **sent})
            heads["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, heads)
        answer = connection.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        connection.close()
        if found := re.search(r'name="csrf_token" value="([^"]+)"', text):
            self.token = found[1]
        return answer.status, text

    def sign_in(self, email: str) -> None:
        self.ask("GET", "/sign-in")
        assert self.ask("POST", "/sign-in", {"email": email, "password": PASSWORD})[0] in (302, 303)


@contextmanager
def served(app: Flask) -> Iterator[int]:
    """The application on a free port, a thread for each request."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def database_held(of: Settings) -> Iterator[None]:
    """Another process writes meanwhile: SQLite's one write lock, or every dossier's row of PostgreSQL."""
    if of.database_url.startswith("sqlite"):
        connection = sqlite3.connect(of.data / "portal.db", isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
        connection.close()
    else:
        with psycopg.connect(of.database_url.replace("+psycopg", "")) as postgresql:
            postgresql.execute("SELECT id FROM dossier FOR UPDATE")
            yield
            postgresql.rollback()


@pytest.mark.timeout(180)
def test_the_instant_of_taking_up_decides(either_database: Settings, make_app: MakeApp) -> None:
    app = make_app(either_database)
    with app.app_context():
        tale = Tale(app, START)
        leads = [tale.lead(f"lead-{n}@ville.example") for n in range(4)]
        in_time, late = (tale.ready(town(f"Ville {n}"), leads[n]) for n in range(2))
        saved, unsaved = (tale.draft(town(f"Ville {n}"), leads[n]) for n in (2, 3))
        closes, emails = tale.call.closes_at, [lead.email for lead in leads]
        versions = [str(tale.dossier(one).version) for one in (in_time, late)]
        tale.story.commit()
        db.session.remove()
    clock = app.config["CLOCK"] = TakingUp(closes - timedelta(minutes=1))
    with served(app) as port, ThreadPoolExecutor(4) as pool:
        visitors = [Visitor(port) for _ in emails]
        for visitor, email in zip(visitors, emails, strict=True):
            visitor.sign_in(email)
            visitor.ask("GET", "/")

        def taken_up(at: datetime, who: int, path: str, sent: dict[str, str]) -> Future[tuple[int, str]]:
            """Send it, and go on when the portal has looked at the clock for it."""
            clock.at = at
            found = pool.submit(visitors[who].ask, "POST", path, sent)
            wait_for(lambda: path in clock.seen, PATIENCE_S, step=0.005)
            return found

        last = {"base": "0", "tab": "a", "seq": "1", "reasons": "The last word."}
        with database_held(either_database):
            before, at = closes - MICROSECOND, closes
            answers = [
                taken_up(before, 0, f"/dossiers/{in_time}/submit", {"version": versions[0]}),
                taken_up(before, 2, f"/dossiers/{saved}/answers/reasons", last),
                taken_up(at, 1, f"/dossiers/{late}/submit", {"version": versions[1]}),
                taken_up(at, 3, f"/dossiers/{unsaved}/answers/reasons", last),
            ]
            clock.at = closes + timedelta(minutes=2)
            waited = [one.done() for one in answers[:2]]
        statuses = [one.result(PATIENCE_S) for one in answers]
    assert waited == [False, False], "those in time did wait for the database until after the deadline"
    assert [status for status, _text in statuses] == [303, 200, 409, 409]
    assert "The call closed on" in statuses[2][1]
    assert "The call closed on" in statuses[3][1]
    _kept(app, in_time, late, saved, unsaved, closes)


def _kept(app: Flask, in_time: UUID, late: UUID, saved: UUID, unsaved: UUID, closes: datetime) -> None:
    with app.app_context():
        session = db.session()
        filings = {f.dossier_id: f for f in session.scalars(sa.select(Filing))}
        assert list(filings) == [in_time]
        assert filings[in_time].received_at == closes - MICROSECOND
        assert filings[in_time].filed_at >= closes - MICROSECOND
        written = {a.dossier_id for a in session.scalars(sa.select(Answer)) if a.value == "The last word."}
        assert (saved in written, unsaved in written) == (True, False)
        submission.lapse_due(session, closes + submission.STILL_ON_ITS_WAY)
        states = {d.id: d.state for d in session.scalars(sa.select(Dossier))}
        assert [states[one] for one in (in_time, late, saved)] == ["submitted", "lapsed", "lapsed"]
        session.rollback()
