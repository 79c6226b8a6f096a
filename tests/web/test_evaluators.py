"""The register of evaluators, the yearly declaration of interests, and a warning set aside."""

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
import sqlalchemy as sa

from rvc_portal.domain.conflicts import Tie
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.evaluator import Evaluator, InterestDeclaration
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.seat import Seat
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


def rows_of(browser, query: str) -> set[str]:
    return {row.contents[0].text for row in soup(browser.get(f"/evaluators?{query}")).select("tbody th")}


def test_the_register_is_filtered_by_what_it_knows(tale, browser):
    players = {p.seat.name: p for p in tale.evaluators()}
    experts = {"Expert 1", "Expert 2"}
    browser.sign_in(tale.officer())
    known = {"fields": ["literature", "music"], "languages": ["fr"], "maximum_load": "1", "country": "PT",
             "city": "Óbidos", "organisation": "Fólio"}  # fmt: skip
    assert browser.post(f"/evaluators/{players['Expert 1'].seat.id}", known).status_code == 303
    tale.asked(tale.admitted(), [players["Expert 1"], players["Norwich"]])
    interests.declare(
        tale.story.session, [], actor=tale.story.actor(players["Expert 2"].account, START), now=START
    )  # fmt: skip
    tale.story.commit()
    others = set(players) - {"Expert 1"}
    assert rows_of(browser, "field=music") == {"Expert 1"}
    assert rows_of(browser, "field=literature&stream=experts") == experts
    assert rows_of(browser, "country=PT") == {"Expert 1"}
    assert rows_of(browser, "language=fr") == {"Expert 1"}
    assert rows_of(browser, "load=full") == {"Expert 1"}
    assert rows_of(browser, "load=room") == others
    assert rows_of(browser, "load=idle") == others - {"Norwich"}
    assert rows_of(browser, "declared=yes") == {"Expert 2"}
    assert rows_of(browser, "declared=no") == set(players) - {"Expert 2"}
    for wrong in ("field=chess", "language=xx", "load=heavy", "declared=maybe", "country=ZZ", "stream=judges"):
        answer = browser.get(f"/evaluators?{wrong}")
        assert answer.status_code == 422
        assert soup(answer).select_one(".error-summary a")["href"] == f"#{wrong.partition('=')[0]}"


def test_the_filtered_register_is_taken_away(tale, browser):
    players = {p.seat.name: p for p in tale.evaluators()}
    browser.sign_in(tale.officer())
    browser.post(f"/evaluators/{players['Expert 1'].seat.id}", {"fields": ["music"], "organisation": "=1+1"})
    lines = list(csv.reader(browser.get("/evaluators.csv?field=music").text.lstrip("\ufeff").splitlines()))
    assert [line[0] for line in lines[1:]] == ["Expert 1"]
    assert (lines[1][2], lines[1][5]) == ("Music", "'=1+1")
    sheet = openpyxl.load_workbook(io.BytesIO(browser.get("/evaluators.xlsx").data)).active
    assert sheet.max_row == len(players) + 1


def test_past_work_is_counted_from_closed_sheets(tale, browser):
    dossier_id = tale.admitted()
    asked = tale.asked(dossier_id)
    tale.closed(asked["Norwich"])
    tale.scored(asked["Dublin"])
    seats = {p.seat.name: p for p in tale.evaluators()}
    browser.sign_in(tale.officer())
    (row,) = soup(browser.get(f"/evaluators/{seats['Norwich'].seat.id}")).select("#past tbody tr")
    assert row.select_one(".number").text == "1"
    assert not soup(browser.get(f"/evaluators/{seats['Dublin'].seat.id}")).select("#past tbody tr")


def test_an_evaluator_corrects_what_concerns_them_and_no_more(tale, browser, rows):
    players = {p.seat.name: p for p in tale.evaluators()}
    browser.sign_in(players["Expert 1"].account)
    url = f"/evaluators/me/{players['Expert 1'].seat.id}"
    sent = {"fields": ["literature", "film"], "languages": ["fr"], "maximum_load": "3", "country": "FR",
            "past_work": "Much."}  # fmt: skip
    assert browser.post(url, sent).status_code == 303
    seat = rows.one(sa.select(Seat).where(Seat.name == "Expert 1"))
    assert (seat.fields, seat.country) == (("literature", "film"), None)
    kept = rows.one(sa.select(Evaluator))
    assert (kept.languages, kept.maximum_load, kept.past_work) == (["fr"], 3, "")
    assert kept.changed_by == players["Expert 1"].account.id
    entry = rows.one(sa.select(JournalEntry).where(JournalEntry.chain == seat.id))
    assert entry.payload["fields"] == ["literature", "film"]
    wrong = browser.post(url, sent | {"maximum_load": "0"})
    assert soup(wrong).select_one(".error-summary a")["href"] == "#maximum_load"
    theirs = f"/evaluators/me/{players['Norwich'].seat.id}"
    assert browser.get(theirs).status_code == 404
    assert browser.post(theirs, sent).status_code == 404
    browser.post("/sign-out")
    browser.sign_in(players["Norwich"].account)
    assert not soup(browser.get(theirs)).select("[name=fields]")
    assert browser.post(theirs, sent).status_code == 303
    assert rows.one(sa.select(Seat).where(Seat.name == "Norwich")).fields == ("literature",)
