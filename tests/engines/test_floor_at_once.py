"""A meeting's floor on both databases: two screens at once, two hands of one city, many cities, and a portal that is killed in
the middle of closing a vote."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask import Flask

from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.amendment import Amendment, CityVote, FloorVote
from rvc_portal.models.base import db
from rvc_portal.models.clause import ClauseText
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.meeting import Meeting
from rvc_portal.services import accounts, journal
from rvc_portal.settings import Settings
from tests.conftest import MakeApp
from tests.meetings import EDITION, Assembly, address, assemble
from tests.web.browsing import PASSWORD, START, Browser, Clock

URL, PATIENCE_S = f"/meetings/{EDITION}/floor", 60
PRESENT = ("Norwich", "Dublin", "Granada", "Lyon")
KILLED = """
import os, signal
from datetime import datetime
from rvc_portal import settings
from rvc_portal.app import create_app
from rvc_portal.models.base import db
from rvc_portal.queries import accounts, conclusions
from rvc_portal.services import floor, network_acts

noted = network_acts.note

def note(session, act, **more):
    noted(session, act, **more)
    session.flush()
    if act == "close_floor_vote":
        os.kill(os.getpid(), signal.SIGKILL)

network_acts.note = note
app = create_app(settings.read())
with app.app_context():
    session = db.session()
    now = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
    officer = accounts.actor_of(session, accounts.by_email(session, "officer@network.example"), now)
    floor.close_vote(session, conclusions.of_edition(session, 10), actor=officer, now=now)
    session.commit()
"""
"""Closes the vote and is killed once all of it is written, before the commit."""


@pytest.fixture
def at_vote(either_database: Settings, make_app: MakeApp) -> tuple[Flask, Settings]:
    """Four cities are present; the amendment of Norwich is at hand."""
    app = make_app(either_database)
    app.config["CLOCK"] = Clock()
    with app.app_context():
        assembly = assemble(db.session(), START)
        second = accounts.create_account(
            assembly.session, email="second@network.example", name="Second", now=START, password=PASSWORD
        )
        accounts.grant_role(assembly.session, second, Role.SECRETARIAT, now=START)
        row = assembly.propose("Norwich", "1", en="Twice a year.", fr="Deux fois par an.")
        assembly.begin(*PRESENT)
        assembly.take("1", row)
        db.session.commit()
        db.session.remove()
    return app, either_database


def told(app: Flask, act: Callable[[Assembly], object]) -> None:
    """Let the assembly do it."""
    with app.app_context():
        session = db.session()
        meeting = session.scalars(sa.select(Meeting).where(Meeting.edition == EDITION)).one()
        account = accounts.query.by_email(session, "officer@network.example")
        assert account is not None
        act(Assembly(session, START, meeting, account))
        session.commit()


def at_once(app: Flask, pressed: list[tuple[str, str, dict[str, str]]]) -> list[int]:
    """Each signs in; then all press at the same instant. Their statuses, sorted."""
    browsers = [Browser(app.test_client()) for _ in pressed]
    for browser, (email, _path, _sent) in zip(browsers, pressed, strict=True):
        browser.sign_in(email)
    tokens = [browser.token() for browser in browsers]
    together = threading.Barrier(len(browsers))

    def press(browser: Browser, token: str, path: str, sent: dict[str, str]) -> int:
        together.wait(PATIENCE_S)
        return browser.client.post(URL + path, data={"csrf_token": token, **sent}, buffered=True).status_code

    with ThreadPoolExecutor(len(browsers)) as pool:
        found = [
            pool.submit(press, browser, token, path, sent)
            for browser, token, (_email, path, sent) in zip(browsers, tokens, pressed, strict=True)
        ]
        return sorted(one.result(PATIENCE_S) for one in found)


def test_of_two_screens_one_decides_and_the_other_is_told(at_vote: tuple[Flask, Settings]) -> None:
    app, _of = at_vote
    with app.app_context():
        row_id = str(db.session.scalars(sa.select(Amendment.id)).one())
    pressed = [
        (email, "/decision", {"amendment": row_id, "outcome": outcome})
        for email, outcome in (("officer@network.example", "adopted"), ("second@network.example", "rejected"))
    ]
    assert at_once(app, pressed) == [303, 409]
    with app.app_context():
        row = db.session.scalars(sa.select(Amendment)).one()
        written = db.session.scalars(sa.select(ClauseText).where(ClauseText.revision == 2)).all()
        assert len(written) == (2 if row.state == "adopted" else 0)
        assert _acts("decide_amendment") == 1


def test_one_city_votes_once_and_every_vote_reaches_the_screens(at_vote: tuple[Flask, Settings]) -> None:
    app, _of = at_vote
    told(app, lambda assembly: assembly.open_vote())
    with app.app_context():
        before = db.session.scalars(sa.select(Meeting.version)).one()
    pressed = [(address("Dublin"), "/ballot", {"choice": choice}) for choice in ("in_favour", "against")]
    pressed += [(address(city), "/ballot", {"choice": "against"}) for city in ("Granada", "Lyon")]
    assert at_once(app, pressed) == [303, 303, 303, 409]
    with app.app_context():
        assert len(db.session.scalars(sa.select(CityVote)).all()) == 3
        assert (
            db.session.scalars(sa.select(Meeting.version)).one() == before + 3
        )  # none counted on from the same number


def test_a_portal_killed_while_it_closes_a_vote_leaves_nothing_half_written(at_vote: tuple[Flask, Settings]) -> None:
    app, of = at_vote
    told(app, lambda assembly: assembly.open_vote())
    assert at_once(app, [(address("Dublin"), "/ballot", {"choice": "in_favour"})]) == [303]
    with app.app_context():
        before = _state()
    environ = {**os.environ, "RVC_DATA": str(of.data), "RVC_DATABASE_URL": of.database_url}
    killed = subprocess.run([sys.executable, "-c", KILLED], env=environ, timeout=PATIENCE_S, check=False)
    assert killed.returncode == -9
    with app.app_context():
        assert _state() == before
        assert before == (1, "open", 0, 0)
    told(app, lambda assembly: assembly.close_vote())
    with app.app_context():
        assert _state() == (0, "adopted", 2, 1)


def _state() -> tuple[int, str, int, int]:
    """Votes that are open, the state of the amendment, second revisions, closings in the journal."""
    session = db.session()
    session.expire_all()
    votes = session.scalars(sa.select(FloorVote).where(FloorVote.closed_at.is_(None))).all()
    written = session.scalars(sa.select(ClauseText).where(ClauseText.revision == 2)).all()
    state = session.scalars(sa.select(Amendment.state)).one()
    return len(votes), state, len(written), _acts("close_floor_vote")


def _acts(act: str) -> int:
    found = sa.select(JournalEntry.id).where(JournalEntry.chain == journal.NETWORK, JournalEntry.transition == act)
    return len(db.session.scalars(found).all())
