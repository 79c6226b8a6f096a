"""Four persons set the state of one clause in the same instant, through the web, on both databases: one is noted, the others are
told what it is now. Everybody's note is kept."""

import threading
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from rvc_portal.models.base import db
from rvc_portal.models.follow_up import ClauseNote, ClauseState
from rvc_portal.models.meeting import Meeting
from rvc_portal.settings import Settings
from tests.conftest import MakeApp
from tests.followed import ALL, GROUP, followed
from tests.web.browsing import Browser, Clock

PATIENCE_S = 60


def test_of_states_set_at_once_one_is_noted(either_database: Settings, make_app: MakeApp) -> None:
    app = make_app(either_database)
    app.config["CLOCK"] = Clock()
    with app.app_context():
        world = followed(db.session())
        world.owned("1", ALL, GROUP)
        emails = [a.email for a in (world.officer, world.coordinator, world.kanazawa, world.dublin)]
        version = world.meeting.version
        db.session.commit()
        db.session.remove()
    browsers = [Browser(app.test_client()) for _ in emails]
    for browser, email in zip(browsers, emails, strict=True):
        browser.sign_in(email)
    tokens = [browser.token() for browser in browsers]
    together = threading.Barrier(len(browsers))

    def press(browser: Browser, token: str) -> tuple[int, int]:
        together.wait(PATIENCE_S)
        sent = {
            "csrf_token": token,
            "seen": "0",
            "state": "done",
            "text": "Ours.",
            "language": "en",
            "audience": "public",
        }
        answers = [
            browser.client.post(f"/meetings/9/follow-up/1/{what}", data=sent, buffered=True)
            for what in ("state", "notes")
        ]
        return answers[0].status_code, answers[1].status_code

    with ThreadPoolExecutor(len(browsers)) as pool:
        pressed = [pool.submit(press, *pair) for pair in zip(browsers, tokens, strict=True)]
        assert sorted(p.result(PATIENCE_S) for p in pressed) == [(303, 303), (409, 303), (409, 303), (409, 303)]
    with app.app_context():
        assert len(db.session.scalars(sa.select(ClauseState)).all()) == 1
        assert len(db.session.scalars(sa.select(ClauseNote)).all()) == 4
        assert db.session.scalars(sa.select(Meeting.version)).one() == version + 5
        db.session.rollback()
