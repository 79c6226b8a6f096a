"""The register of evaluators, the yearly declaration of interests, and a warning set aside."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from rvc_portal.domain.conflicts import Tie
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.evaluator import Evaluator, InterestDeclaration
from rvc_portal.services import interests
from tests.stories import LONG_NAME
from tests.web.browsing import START, soup


def test_the_register_is_the_secretariats_and_narrows_by_the_address(tale, browser):
    players = tale.evaluators()
    browser.sign_in(players[0].account)
    assert browser.get("/evaluators").status_code == 403
    browser.post("/sign-out")
    browser.sign_in(tale.officer())
    names = {row.text for row in soup(browser.get("/evaluators")).select("tbody th")}
    assert names == {player.seat.name for player in players}
    experts = soup(browser.get("/evaluators?stream=experts")).select("tbody th")
    assert 0 < len(experts) < len(names)
    assert [row.text for row in soup(browser.get("/evaluators?q=norw")).select("tbody th")] == ["Norwich"]
    assert soup(browser.get("/evaluators?field=music")).select(".empty")


def test_the_list_asks_the_same_of_one_and_of_many(tale, browser, statements):
    tale.evaluators()
    browser.sign_in(tale.officer())
    counts = []
    for address in ("/evaluators?q=norw", "/evaluators"):
        browser.get(address)
        statements.clear()
        browser.get(address)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 10


def test_an_entry_is_written_and_a_wrong_one_refused(tale, browser, rows):
    norwich = next(p for p in tale.evaluators() if p.seat.name == "Norwich")
    browser.sign_in(tale.officer())
    url = f"/evaluators/{norwich.seat.id}"
    assert browser.post(url, {"languages": ["en", "fr"], "maximum_load": "6", "past_work": "2015."}).status_code == 303
    kept = rows.one(sa.select(Evaluator))
    assert (kept.languages, kept.maximum_load, kept.past_work) == (["en", "fr"], 6, "2015.")
    for wrong in ("0", "six"):
        answer = browser.post(url, {"languages": ["en"], "maximum_load": wrong, "past_work": "Typed."})
        assert answer.status_code == 422
        page = soup(answer)
        assert page.select_one(".error-summary a")["href"] == "#maximum_load"
        assert page.select_one("#past_work").text.strip() == "Typed."
    assert rows.one(sa.select(Evaluator)).maximum_load == 6
    assert "of 6" in browser.get("/evaluators?q=norw").text


def test_a_person_declares_and_reads_it_again(tale, browser, rows, clock):
    norwich = next(p for p in tale.evaluators() if p.seat.name == "Norwich")
    browser.sign_in(norwich.account)
    sent = {"tie-0-kind": "twin", "tie-0-city": " Rouen ", "tie-0-country": "FR", "tie-2-kind": "employer",
            "tie-2-organisation": "University of East Anglia"}  # fmt: skip
    assert browser.post("/interests", sent).status_code == 303
    (kept,) = rows.all(sa.select(InterestDeclaration))
    assert [tie["city"] or tie["organisation"] for tie in kept.ties] == ["Rouen", "University of East Anglia"]
    page = soup(browser.get("/interests"))
    assert page.select_one("#tie-0-city")["value"] == "Rouen"
    assert "in force" in page.select(".notice--good")[-1].text
    clock.forward(timedelta(days=366))
    browser.sign_in(norwich.account)
    assert "expired" in soup(browser.get("/interests")).select_one(".notice--warn").text


@pytest.mark.parametrize(
    ("sent", "target"),
    [
        ({}, "#nothing"),
        ({"nothing": "1", "tie-0-kind": "twin", "tie-0-city": "Rouen"}, "#nothing"),
        ({"tie-0-kind": "twin"}, "#tie-0-kind"),
        ({"tie-1-city": "Rouen"}, "#tie-0-kind"),
    ],
)
def test_what_says_nothing_is_asked_again_with_what_was_typed(tale, browser, rows, sent, target):
    browser.sign_in(tale.evaluators()[0].account)
    answer = browser.post("/interests", sent)
    assert answer.status_code == 422
    page = soup(answer)
    assert page.select_one(".error-summary a")["href"] == target
    assert page.select_one(target)
    if "Rouen" in sent.values():
        assert page.select_one("#tie-0-city")["value"] == "Rouen"
    assert rows.all(sa.select(InterestDeclaration)) == []


def test_that_there_is_nothing_is_a_declaration(tale, browser, rows):
    browser.sign_in(tale.evaluators()[0].account)
    assert browser.post("/interests", {"nothing": "1"}).status_code == 303
    assert rows.one(sa.select(InterestDeclaration)).ties == []


def test_a_warning_is_shown_with_its_reason_and_set_aside(tale, browser, rows):
    dossier_id = tale.admitted()
    norwich = next(p for p in tale.evaluators() if p.seat.name == "Norwich")
    interests.declare(
        tale.story.session, [Tie("twin", city=LONG_NAME, note="Since 1951")],
        actor=tale.story.actor(norwich.account, START), now=START,
    )  # fmt: skip
    tale.story.commit()
    browser.sign_in(tale.officer())
    home = f"/dossiers/{dossier_id}/evaluators"
    (row,) = soup(browser.get(home)).select(".seat-row--warned")
    assert "Since 1951" in row.text
    url = row.select_one("td a")["href"]
    assert browser.post(url, {"reason": " "}).status_code == 422
    assert browser.post(url, {"reason": "A treaty alone."}).headers["Location"] == home
    assert rows.one(sa.select(Conflict).where(Conflict.rule == "twin", Conflict.seat_id.is_not(None))).dismissed_at
    assert not soup(browser.get(home)).select(".seat-row--warned")
