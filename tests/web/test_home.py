"""The public front page and the health of the instance."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from rvc_portal.demonstration import round2015
from rvc_portal.models.base import db, new_id
from rvc_portal.models.call import Call
from tests.web.browsing import START

DAY = timedelta(days=1)
TITLE = {"en": "Candidacies 2027", "fr": "Candidatures 2027"}


@pytest.fixture
def add_call(app):
    def add(status="open", opens_at=START - DAY, closes_at=START + DAY, **more):
        with app.app_context():
            definition = round2015.definition().to_json() | {"title": TITLE, "timezone": "Europe/Paris"}
            db.session.add(
                Call(
                    id=new_id(), key=str(new_id()), procedure="candidacy", status=status, definition=definition,
                    definition_sha256="home" * 16, opens_at=opens_at, closes_at=closes_at, created_at=START, **more,
                )
            )  # fmt: skip
            db.session.commit()

    return add


def cards(response):
    page = BeautifulSoup(response.text, "html.parser")
    return [card.get_text(" ", strip=True) for card in page.select("#calls .card")]


def test_without_calls_the_page_says_so(browser):
    answer = browser.get("/")
    assert cards(answer) == []
    assert "No call is open at present" in answer.text


def test_an_open_call_shows_its_deadline_in_its_zone(browser, add_call):
    add_call()
    (card,) = cards(browser.get("/"))
    assert card.startswith("Candidacies 2027 Open")
    assert "3 March 2026, 10:00" in card
    assert "Europe/Paris" in card


@pytest.mark.parametrize(
    ("more", "phase"),
    [
        ({"opens_at": START + DAY, "closes_at": START + 2 * DAY}, "Announced"),
        ({"closes_at": START}, "Closed; the files are being examined"),
        (
            {"closes_at": START - DAY, "opens_at": START - 2 * DAY, "published_at": START, "status": "published"},
            "Published",
        ),
    ],
)
def test_the_phase_of_a_call_is_named(browser, add_call, more, phase):
    add_call(**more)
    assert cards(browser.get("/"))[0].startswith(f"Candidacies 2027 {phase}")


def test_a_call_in_preparation_is_nobodys_business(browser, add_call):
    add_call(status="draft")
    assert "Candidacies 2027" not in browser.get("/").text


def test_the_title_is_in_the_language_of_the_reader(browser, add_call):
    add_call()
    browser.post("/language", {"language": "fr", "next": "/"})
    assert "Candidatures 2027" in browser.get("/").text


def test_the_instance_says_that_it_is_well_without_asking_who_asks(browser, make_account, statements):
    browser.sign_in(make_account())
    statements.clear()
    answer = browser.get("/health")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert not [s for s in statements if "account" in s]
