"""The Steering Group: seats taken and interests declared at a sitting; a recusal takes the file away."""

import pytest
import sqlalchemy as sa

from rvc_portal.models.conflict import Conflict
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.steering import Attendance, SteeringSession
from rvc_portal.services import steering
from tests.judging import database
from tests.web.browsing import START, soup


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


def test_the_opinion_of_a_file_is_given_at_its_sitting(tale, browser, url, dossier_id):
    member(browser)
    assert browser.get(f"/dossiers/{dossier_id}/opinion").headers["Location"] == url
    tale.sitting()
    found = f"{url}/sittings/{current(tale).id}"
    assert browser.get(f"/dossiers/{dossier_id}/opinion").headers["Location"] == found


def test_a_sitting_is_closed(tale, browser, rows, url):
    tale.sitting()
    browser.sign_in(tale.officer())
    answer = browser.post(f"{url}/sittings/{current(tale).id}/close", htmx=True)
    assert {tag["id"] for tag in soup(answer).select("[data-hx-swap-oob]")} >= {"part-sitting", "part-agenda"}
    assert rows.one(sa.select(SteeringSession)).closed_at is not None


def test_a_seat_is_taken_with_a_declaration(tale, browser, rows, url):
    group = tale.sitting(present=0)
    member(browser)
    path = f"{url}/sittings/{current(tale).id}/attendance"
    assert browser.post(path, {"seat": str(group[0].seat.id)}).headers["Location"] == path.removesuffix("/attendance")
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
    assert browser.get(f"/dossiers/{dossier_id}/opinion").status_code == 303
    data = {"seat": str(group[0].seat.id), "tied": str(dossier_id), f"reason-{dossier_id}": "I chaired its festival."}
    sitting = f"{url}/sittings/{current(tale).id}"
    assert browser.post(f"{sitting}/attendance", data).headers["Location"] == sitting
    city = rows.one(sa.select(Dossier)).lead_city
    assert city not in browser.get(sitting).text
    assert city not in browser.get(url).text
    for path in (f"/dossiers/{dossier_id}/opinion", f"/dossiers/{dossier_id}/evaluation", f"/dossiers/{dossier_id}"):
        assert browser.get(path).status_code == 404


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
    assert browser.get(f"{url}/plan").status_code == 403
    assert browser.get(f"/dossiers/{dossier_id}/opinion").status_code in (403, 404)


def test_a_call_that_is_not_there(tale, browser):
    assert member(browser).get("/calls/nowhere/steering").status_code == 404
