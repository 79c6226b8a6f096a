"""Every question of the form saved at once from two sessions, on both databases: one of the two texts stands, whole, and
the other is answered with both; nobody waits in vain."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from rvc_portal.domain.answers import from_form
from rvc_portal.domain.form import Question
from rvc_portal.models.base import db
from rvc_portal.models.dossier import Dossier
from rvc_portal.queries import calls, dossiers
from rvc_portal.settings import Settings
from tests.conftest import MakeApp
from tests.stories import Tale
from tests.web.browsing import START, Browser, Clock

PATIENCE_S = 120
HANDS = ("first", "second")


def typed(question: Question, by: str) -> dict[str, str]:
    """Something for each type of question that tells who typed it."""
    if question.parts:
        row = {} if question.type in ("group", "signature") else {"0": ""}
        prefix = f"{question.key}.0" if row else question.key
        return {f"{prefix}.{part.key}": by for part in question.parts if part.type != "choices"}
    return {f"{question.key}.0" if question.type == "links" else question.key: by}


@pytest.mark.timeout(280)
def test_two_sessions_save_every_question_at_once(either_database: Settings, make_app: MakeApp) -> None:
    app: Flask = make_app(either_database)
    app.config["CLOCK"] = Clock()
    with app.app_context():
        tale = Tale(app, START)
        dossier_id = tale.draft()
        questions = [
            q
            for q in calls.definition(tale.call).form.questions()
            if q.key not in ("city_name", "country", "creative_field")
        ]
        db.session.commit()
        db.session.remove()
    browsers = [Browser(app.test_client()) for _ in HANDS]
    for browser in browsers:
        browser.sign_in("lead@ville.example")
    together = threading.Barrier(len(HANDS))

    def save_all(browser: Browser, token: str, by: str) -> list[int]:
        statuses = []
        for question in questions:
            sent = {**typed(question, by), "base": 0, "tab": by, "seq": 1, "csrf_token": token}
            together.wait(PATIENCE_S)
            url = f"/dossiers/{dossier_id}/answers/{question.key}"
            statuses.append(browser.client.post(url, data=sent, buffered=True).status_code)
        return statuses

    hands = list(zip(browsers, [b.token() for b in browsers], HANDS, strict=True))
    with ThreadPoolExecutor(len(HANDS)) as pool:
        first, second = (f.result(PATIENCE_S) for f in [pool.submit(save_all, *hand) for hand in hands])
    assert [sorted(pair) for pair in zip(first, second, strict=True)] == [[200, 409]] * len(questions)
    with app.app_context():
        kept = dossiers.values(db.session(), dossier_id)
        assert db.session.get(Dossier, dossier_id) is not None
        for question, status in zip(questions, first, strict=True):
            won = HANDS[0] if status == 200 else HANDS[1]
            wanted = from_form(question, {name: [value] for name, value in typed(question, won).items()})
            assert kept[question.key] == wanted
        db.session.rollback()
