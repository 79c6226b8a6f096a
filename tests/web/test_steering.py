"""The Steering Group: a sitting, seats taken and interests declared, opinions; a recusal takes the file away."""

import pytest
import sqlalchemy as sa

from rvc_portal.models.conflict import Conflict
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.steering import Attendance, Opinion, SteeringSession
from rvc_portal.services import steering
from tests.judging import QUORUM, database
from tests.web.browsing import START, soup

TEXTS = {"text_en": "We advise the designation.", "text_fr": "Nous recommandons la désignation."}


def reviewed(tale):
    tale.in_review()
    tale.group()


@pytest.fixture(scope="module")
def migrated(migrated, tmp_path_factory):
    return database(migrated, tmp_path_factory, START, reviewed)


@pytest.fixture
def dossier_id(tale):
    return tale.told()


@pytest.fixture
def url(tale):
    return f"/calls/{tale.call.key}/steering"


def current(tale):
    return steering.current_session(tale.story.session, tale.call.id)


def member(browser, number=1):
    browser.sign_in(f"coordinator-{number}@network.example")
    return browser


def test_the_index_leads_to_the_only_call(tale, browser, url):
    assert member(browser).get("/steering").headers["Location"] == url


def test_a_sitting_is_opened_and_closed(tale, browser, rows, url):
    browser.sign_in(tale.officer())
    empty = browser.post(f"{url}/sittings", {"title": " "})
    assert empty.status_code == 422
    assert soup(empty).select_one(".error-summary a")["href"] == "#title"
    assert browser.post(f"{url}/sittings", {"title": "Autumn sitting"}).headers["Location"] == url
    second = browser.post(f"{url}/sittings", {"title": "Another"})
    assert second.status_code == 409
    assert "Another sitting is still open." in second.text
    sitting = rows.one(sa.select(SteeringSession))
    answer = browser.post(f"{url}/sittings/{sitting.id}/close", htmx=True)
    assert {tag["id"] for tag in soup(answer).select("[data-hx-swap-oob]")} >= {"part-sitting", "part-agenda"}
    assert rows.one(sa.select(SteeringSession)).closed_at is not None


def test_a_seat_is_taken_with_a_declaration(tale, browser, rows, url):
    group = tale.sitting(present=0)
    member(browser)
    path = f"{url}/sittings/{current(tale).id}/attendance"
    assert browser.post(path, {"seat": str(group[0].seat.id)}).headers["Location"] == url
    assert rows.one(sa.select(Attendance)).declared_at is not None
    assert "Declare a further interest" in browser.get(url).text


def test_anothers_seat_cannot_be_taken(tale, browser, rows, url):
    group = tale.sitting(present=0)
    member(browser)
    path = f"{url}/sittings/{current(tale).id}/attendance"
    for seat in (str(group[1].seat.id), "", "nonsense"):
        assert browser.post(path, {"seat": seat}).status_code == 422
    assert rows.all(sa.select(Attendance)) == []


def test_an_interest_needs_its_reason_and_what_was_typed_stays(tale, browser, rows, url, dossier_id):
    group = tale.sitting(present=0)
    member(browser)
    path = f"{url}/sittings/{current(tale).id}/attendance"
    answer = browser.post(path, {"seat": str(group[0].seat.id), "tied": str(dossier_id), f"reason-{dossier_id}": ""})
    assert answer.status_code == 422
    page = soup(answer)
    assert page.select_one(".error-summary a")["href"] == f"#reason-{dossier_id}"
    assert page.select_one(f"#tied-{dossier_id}").has_attr("checked")
    assert rows.all(sa.select(Conflict).where(Conflict.rule == "declared")) == []


def test_a_recused_member_loses_the_file_everywhere(tale, browser, rows, url, dossier_id):
    group = tale.sitting(present=0)
    member(browser)
    assert browser.get(f"/dossiers/{dossier_id}/opinion").status_code == 200
    data = {"seat": str(group[0].seat.id), "tied": str(dossier_id), f"reason-{dossier_id}": "I chaired its festival."}
    answer = browser.post(f"{url}/sittings/{current(tale).id}/attendance", data, htmx=True)
    assert answer.status_code == 200
    city = rows.one(sa.select(Dossier)).lead_city
    assert city not in answer.text
    assert city not in browser.get(url).text
    for path in (f"/dossiers/{dossier_id}/opinion", f"/dossiers/{dossier_id}/evaluation", f"/dossiers/{dossier_id}"):
        assert browser.get(path).status_code == 404
    assert browser.post(f"/dossiers/{dossier_id}/opinion", {"outcome": "favourable", **TEXTS}).status_code == 404


def test_the_opinion_is_recorded(tale, browser, rows, url, dossier_id):
    tale.sitting()
    member(browser)
    page = soup(browser.get(f"/dossiers/{dossier_id}/opinion"))
    version = page.select_one("input[name=version]")["value"]
    answer = browser.post(f"/dossiers/{dossier_id}/opinion", {"version": version, "outcome": "favourable", **TEXTS})
    assert answer.headers["Location"] == url
    opinion = rows.one(sa.select(Opinion))
    assert (opinion.outcome, opinion.voting, opinion.text_fr) == ("favourable", QUORUM, TEXTS["text_fr"])
    assert rows.one(sa.select(Dossier)).state == "awaiting_decision"
    assert "Favourable" in browser.get(url).text


def test_a_deferral_leaves_the_file_in_review(tale, browser, rows, dossier_id):
    tale.sitting()
    member(browser)
    data = {"outcome": "defer", "text_en": "We ask for the minutes of the jury."}
    assert browser.post(f"/dossiers/{dossier_id}/opinion", data).status_code == 303
    assert rows.one(sa.select(Dossier)).state == "in_review"
    assert "An opinion was given before: Deferred" in browser.get(f"/dossiers/{dossier_id}/opinion").text


def test_an_opinion_in_one_language_alone_is_sent_back(tale, browser, rows, dossier_id):
    tale.sitting()
    member(browser)
    data = {"outcome": "unfavourable", "text_en": "A long text of mine.", "text_fr": "  "}
    answer = browser.post(f"/dossiers/{dossier_id}/opinion", data)
    assert answer.status_code == 422
    page = soup(answer)
    assert [a["href"] for a in page.select(".error-summary a")] == ["#text_fr"]
    assert "A long text of mine." in page.select_one("#text_en").text
    assert browser.post(f"/dossiers/{dossier_id}/opinion", TEXTS).status_code == 422
    assert rows.all(sa.select(Opinion)) == []


def test_without_a_quorum_every_reason_is_told_and_the_text_kept(tale, browser, rows, dossier_id):
    tale.sitting(present=QUORUM - 1)
    member(browser)
    shown = browser.get(f"/dossiers/{dossier_id}/opinion").text
    assert "No quorum for this file: 4 seats of 5." in shown
    answer = browser.post(f"/dossiers/{dossier_id}/opinion", {"outcome": "favourable", **TEXTS})
    assert answer.status_code == 409
    assert "No quorum for this file: 4 seats of 5." in soup(answer).select_one("main .notice").text
    assert TEXTS["text_en"] in answer.text
    assert rows.all(sa.select(Opinion)) == []


def test_without_a_sitting_there_is_no_opinion(tale, browser, dossier_id):
    member(browser)
    assert "No sitting of the Steering Group is open." in browser.get(f"/dossiers/{dossier_id}/opinion").text
    answer = browser.post(f"/dossiers/{dossier_id}/opinion", {"outcome": "favourable", **TEXTS})
    assert answer.status_code == 409


def test_who_comes_second_is_told_who_was_first(tale, browser, another_browser, dossier_id):
    tale.sitting()
    version = tale.dossier(dossier_id).version
    tale.story.advise(tale.dossier(dossier_id), tale.group()[1], True, START)
    member(browser)
    answer = browser.post(
        f"/dossiers/{dossier_id}/opinion", {"version": str(version), "outcome": "unfavourable", **TEXTS}
    )
    assert answer.status_code in (403, 409)  # the file left the review: its page is closed to the group


def test_the_page_of_the_group_asks_the_database_no_more_for_more_seats(tale, browser, statements, url):
    tale.sitting(present=1)
    member(browser)

    def cost():
        statements.clear()
        assert browser.get(url).status_code == 200
        return len(statements)

    one = cost()
    for player in tale.group()[1:4]:
        actor = tale.story.actor(player.account, START)
        steering.attend(tale.story.session, current(tale), player.seat.id, conflicted={}, actor=actor, now=START)
    tale.story.commit()
    assert cost() == one <= 15


@pytest.mark.parametrize("who", ["lead@ville.example", "norwich@network.example", "direction@network.example"])
def test_the_group_is_among_itself(tale, browser, url, dossier_id, who):
    tale.direction()
    browser.sign_in(who)
    assert browser.get(url).status_code == 403
    assert browser.post(f"{url}/sittings", {"title": "Mine"}).status_code == 403
    assert browser.get(f"/dossiers/{dossier_id}/opinion").status_code in (403, 404)


def test_a_call_that_is_not_there(tale, browser):
    assert member(browser).get("/calls/nowhere/steering").status_code == 404
