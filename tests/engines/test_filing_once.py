"""The button that files, pressed by several hands at once through the web, on both databases: it is done once, and each
hand is led to the same receipt."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from rvc_portal.models.base import db
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier, Filing
from rvc_portal.models.job import Mail
from rvc_portal.models.journal import JournalEntry
from rvc_portal.services import journal
from rvc_portal.settings import Settings
from tests.conftest import MakeApp
from tests.stories import Tale
from tests.web.browsing import START, Browser, Clock

HANDS = 4
PATIENCE_S = 60


@pytest.fixture
def ready(either_database: Settings, make_app: MakeApp) -> tuple[Flask, Dossier, int]:
    """An application with one draft that has nothing missing."""
    app = make_app(either_database)
    app.config["CLOCK"] = Clock()
    with app.app_context():
        tale = Tale(app, START)
        dossier = tale.dossier(tale.ready())
        found = (app, dossier, dossier.version)
        db.session.commit()
        db.session.refresh(dossier)
        db.session.expunge(dossier)
        db.session.remove()
    return found


def pressed_at_once(app: Flask, dossier: Dossier, version: int, hands: int = HANDS) -> list[tuple[int, str | None]]:
    """Post the same form from as many windows, each signed in; status and address of each answer."""
    browsers = [Browser(app.test_client()) for _ in range(hands)]
    for browser in browsers:
        browser.sign_in("lead@ville.example")
    tokens = [browser.token() for browser in browsers]
    together = threading.Barrier(hands)

    def press(browser: Browser, token: str) -> tuple[int, str | None]:
        together.wait(PATIENCE_S)
        sent = {"csrf_token": token, "version": version}
        answer = browser.client.post(f"/dossiers/{dossier.id}/submit", data=sent, buffered=True)
        return answer.status_code, answer.headers.get("Location")

    with ThreadPoolExecutor(hands) as pool:
        return [
            f.result(PATIENCE_S) for f in [pool.submit(press, *pair) for pair in zip(browsers, tokens, strict=True)]
        ]


def count(of: type, *where: object) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(of).where(*where)) or 0


def test_several_hands_file_once_and_see_one_receipt(ready: tuple[Flask, Dossier, int]) -> None:
    app, dossier, version = ready
    there = f"/dossiers/{dossier.id}/filings/1"
    for _ in range(2):  # and once more, after all is done: a reload, the back button, an answer that got lost
        assert pressed_at_once(app, dossier, version) == [(303, there)] * HANDS
    with app.app_context():
        assert count(Filing) == 1
        assert count(Document, Document.kind == "RECEIPT") == 1
        assert count(Mail, Mail.template == "receipt") == 1
        assert count(JournalEntry, JournalEntry.transition == "submit") == 1
        assert journal.first_broken(db.session(), dossier.id) is None
        db.session.rollback()


def test_a_late_hand_is_led_to_the_receipt_and_files_nothing(ready: tuple[Flask, Dossier, int]) -> None:
    """The first filing's form again, when the file was returned and the call has closed."""
    app, dossier, version = ready
    there = f"/dossiers/{dossier.id}/filings/1"
    assert pressed_at_once(app, dossier, version, 1) == [(303, there)]
    with app.app_context():
        tale = Tale(app, START)
        tale.story.return_file(tale.dossier(dossier.id), tale.officer(), START + timedelta(hours=1))
        closes = tale.call.closes_at
        db.session.commit()
        db.session.remove()
    app.config["CLOCK"].at = closes + timedelta(minutes=1)
    assert pressed_at_once(app, dossier, version, 2) == [(303, there)] * 2
    with app.app_context():
        assert count(Filing) == 1
        db.session.rollback()
