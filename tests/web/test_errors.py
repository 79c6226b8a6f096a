"""What goes wrong, in words; and that nothing of it is half done."""

import logging

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Blueprint, Response

from rvc_portal.domain.errors import InvalidInput, NotFound, Overtaken, Refusal, Refused
from rvc_portal.models.account import Account
from rvc_portal.models.base import db
from rvc_portal.models.engine import writing
from rvc_portal.web.access import public
from tests.web.browsing import START

REASONS = (Refusal("Give the reason."), Refusal("The call closed on %(instant)s.", {"instant": START}))


@pytest.fixture
def app(app):
    """The portal with routes that go wrong."""
    bp = Blueprint("wrong", __name__)

    def raising(error):
        @public
        def view():
            db.session.execute(sa.update(Account).values(name="half done"))
            raise error

        return view

    errors = {
        "refused": Refused(REASONS),
        "overtaken": Overtaken((Refusal("Wei Chen has admitted the file."),)),
        "missing": NotFound(),
        "invalid": InvalidInput({"name": (Refusal("Write your name."),)}),
        "locked": sa.exc.OperationalError("UPDATE", {}, Exception("database is locked")),
        "bug": ZeroDivisionError("a mistake"),
    }
    for name, error in errors.items():
        bp.add_url_rule(f"/wrong/{name}", name, raising(error), methods=["GET", "POST"])

    @bp.post("/wrong/answered-422")
    @public
    def answered():
        db.session.execute(sa.update(Account).values(name="half done"))
        return Response("no", 422, mimetype="text/plain")

    @bp.post("/wrong/done")
    @public
    def well():
        db.session.execute(sa.update(Account).values(name="done"))
        return Response("yes", mimetype="text/plain")

    @bp.get("/wrong/reading")
    @public
    def reading():
        db.session.execute(sa.update(Account).values(name="changed by a GET"))
        return Response(str(writing.get()), mimetype="text/plain")

    app.register_blueprint(bp)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


def name_of_all(rows):
    return rows.all(sa.select(Account.name))


def test_a_refusal_lists_every_reason(browser):
    answer = browser.post("/wrong/refused")
    assert answer.status_code == 409
    reasons = [li.get_text() for li in BeautifulSoup(answer.text, "html.parser").select("main li")]
    assert reasons == ["Give the reason.", "The call closed on 2 March 2026, 09:00 UTC."]


def test_htmx_gets_a_refusal_as_a_message_on_the_page(browser):
    answer = browser.post("/wrong/refused", htmx=True)
    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#messages"
    assert "<html" not in answer.text
    assert answer.text.count("<li>") == 2


def test_who_comes_second_is_told_what_the_first_did(browser):
    answer = browser.post("/wrong/overtaken")
    assert answer.status_code == 409
    assert "Somebody else acted first" in answer.text
    assert "Wei Chen has admitted the file." in answer.text


def test_what_is_not_theirs_and_what_does_not_exist_look_the_same(browser):
    hidden, nowhere = browser.get("/wrong/missing"), browser.get("/wrong/nothing-here")
    assert hidden.status_code == nowhere.status_code == 404

    def main(answer):
        return BeautifulSoup(answer.text, "html.parser").main

    assert main(hidden) == main(nowhere)


def test_input_without_a_form_of_its_own_is_422(browser):
    answer = browser.post("/wrong/invalid")
    assert answer.status_code == 422
    assert "Write your name." in answer.text


def test_a_locked_database_is_503_and_says_when_to_come_back(browser, caplog):
    with caplog.at_level(logging.CRITICAL):
        answer = browser.post("/wrong/locked")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"


def test_a_mistake_of_ours_shows_nothing_of_itself(browser, caplog):
    answer = browser.get("/wrong/bug")
    assert answer.status_code == 500
    assert "ZeroDivisionError" not in answer.text
    assert "a mistake" not in answer.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("name", ["refused", "overtaken", "missing", "invalid", "locked", "bug", "answered-422"])
def test_an_error_leaves_nothing_behind(browser, make_account, rows, name, caplog):
    make_account(name="as it was")
    assert browser.post(f"/wrong/{name}").status_code >= 400
    assert name_of_all(rows) == ["as it was"]


def test_a_success_is_committed_and_a_get_never(browser, make_account, rows):
    make_account(name="as it was")
    assert browser.get("/wrong/reading").text == "False"
    assert name_of_all(rows) == ["as it was"]
    assert browser.post("/wrong/done").status_code == 200
    assert name_of_all(rows) == ["done"]


def test_a_form_without_a_token_is_refused_in_words(browser, make_account, rows):
    make_account(name="as it was")
    answer = browser.client.post("/wrong/done")
    assert answer.status_code == 400
    assert "reload the page" in answer.text
    assert name_of_all(rows) == ["as it was"]


def test_a_token_of_another_browser_is_refused(browser, another_browser):
    token = another_browser.token()
    browser.token()
    assert browser.client.post("/wrong/done", data={"csrf_token": token}).status_code == 400


def test_too_large_is_told(app, browser):
    app.config["MAX_CONTENT_LENGTH"] = 1000
    answer = browser.post("/language", {"language": "fr", "next": "/" + "x" * 2000})
    assert answer.status_code == 413
    assert "too large" in answer.text


def test_a_wrong_method_keeps_its_header(browser):
    answer = browser.get("/sign-out")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
