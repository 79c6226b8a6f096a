"""Answers that a page sends by itself: kept one by one, numbered, never in the place of what was not seen."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.dossier import Answer, Membership, Presence
from rvc_portal.queries import dossiers
from tests.web.browsing import START, Browser


@pytest.fixture
def draft(tale, browser):
    dossier_id = tale.draft()
    browser.sign_in(tale.lead())
    return dossier_id


def send(browser, dossier_id, text, key="reasons", base=0, tab="a", seq=1):
    sent = {key: text, "base": base, "tab": tab, "seq": seq}
    answer = browser.post(f"/dossiers/{dossier_id}/answers/{key}", sent, htmx=True)
    return answer, BeautifulSoup(answer.text, "html.parser").select_one(f"#status-{key}")


def kept(tale, dossier_id, key="reasons"):
    tale.story.session.expire_all()
    return dossiers.values(tale.story.session, dossier_id).get(key)


def colleague(tale, dossier_id, role=Role.EDITOR):
    account = tale.lead("colleague@ville.example", "Benoît Tremblay")
    since = START - timedelta(days=1)
    tale.story.session.add(Membership(dossier_id=dossier_id, account_id=account.id, role=role, since_at=since))
    tale.story.commit()
    return account


def test_an_answer_is_kept_and_says_when(tale, browser, draft):
    answer, status = send(browser, draft, "Parce que.")
    assert (answer.status_code, status["data-state"], status["data-revision"]) == (200, "saved", "1")
    assert status.select_one("time")["datetime"] == "2026-03-02T09:00:00Z"
    _answer, status = send(browser, draft, "Parce que, enfin.", base=1, seq=2)
    assert status["data-revision"] == "2"
    row = tale.story.session.get_one(Answer, (draft, "reasons"))
    assert (row.value, row.tab, row.tab_seq, row.author_id) == ("Parce que, enfin.", "a", 2, tale.lead().id)


def test_a_late_save_is_answered_by_what_stands(tale, browser, draft):
    send(browser, draft, "Newer.", seq=5)
    answer, status = send(browser, draft, "Older.", seq=4)
    assert (answer.status_code, status["data-revision"]) == (200, "1")
    assert kept(tale, draft) == "Newer."


def test_two_texts_are_shown_and_neither_is_lost(tale, browser, another_browser, draft):
    another_browser.sign_in(colleague(tale, draft))
    send(another_browser, draft, "The river has two bridges.", tab="b")
    answer, panel = send(browser, draft, "The river has <b>three</b> bridges.")
    assert (answer.status_code, panel["data-state"], panel["data-revision"]) == (409, "conflict", "1")
    assert "Benoît Tremblay" in panel.text
    texts = [t.text for t in panel.select(".two-texts__text")]
    assert texts == ["The river has <b>three</b> bridges.", "The river has two bridges."]
    assert [b.get("name") for b in panel.select("button")] == ["keep", "take", None]
    assert kept(tale, draft) == "The river has two bridges."
    answer, _status = send(browser, draft, "The river has three bridges.", base=1, seq=2)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("key", "theirs", "mine"),
    [
        ("prep_partners", {"prep_partners.0.partner": "A"}, {"prep_partners.0.partner": "B"}),
        ("urls", {"urls.0": "https://a.example"}, {"urls.0": "https://b.example"}),
        ("mayor", {"mayor.family_name": "A"}, {"mayor.family_name": "B"}),
        ("commit_info", {"commit_info": "yes"}, {"commit_info": "no"}),
        ("creative_field", {"creative_field": "music"}, {"creative_field": "film"}),
    ],
)
def test_every_type_of_answer_can_be_compared(tale, browser, another_browser, draft, key, theirs, mine):
    another_browser.sign_in(colleague(tale, draft))
    url = f"/dossiers/{draft}/answers/{key}"
    base = dossiers.answers(tale.story.session, draft).get(key)
    revision = base.revision if base else 0
    assert another_browser.post(url, {**theirs, "base": revision, "tab": "b", "seq": 1}, htmx=True).status_code == 200
    answer = browser.post(url, {**mine, "base": revision, "tab": "a", "seq": 1}, htmx=True)
    assert answer.status_code == 409
    panel = BeautifulSoup(answer.text, "html.parser")
    assert panel.select("del")
    assert panel.select("ins")


def test_what_is_wrong_is_kept_and_told(tale, browser, draft):
    long = " ".join(["mot"] * 151)
    answer, status = send(browser, draft, long)
    assert answer.status_code == 200
    assert "151" in status.select_one(".ask__wrong").text
    assert status["data-complete"] == "false"
    assert kept(tale, draft) == long


def test_a_table_answers_with_its_sums(tale, browser, draft):
    answer = browser.post(
        f"/dossiers/{draft}/answers/plan_budget",
        {"plan_budget.0.currency": "EUR", "plan_budget.0.amount": "1200", "seq": 1},
        htmx=True,
    )
    assert "1,200" in BeautifulSoup(answer.text, "html.parser").select_one("#totals-plan_budget").text


@pytest.mark.parametrize("numbers", [{"base": "-1", "seq": "x"}, {"base": "9" * 30, "seq": "９"}, {"tab": "t" * 500}])
def test_numbers_that_no_page_sends_are_none(tale, browser, draft, numbers):
    answer = browser.post(f"/dossiers/{draft}/answers/reasons", {"reasons": "Kept.", **numbers}, htmx=True)
    assert answer.status_code == 200
    assert kept(tale, draft) == "Kept."


def test_after_submission_the_reason_is_told(tale, browser):
    dossier_id = tale.submitted()
    browser.sign_in(tale.lead())
    before = kept(tale, dossier_id)
    answer, status = send(browser, dossier_id, "Too late.")
    assert (answer.status_code, status["data-state"]) == (409, "refused")
    assert kept(tale, dossier_id) == before


def test_nobody_else_can_write(app, tale, browser, another_browser, draft):
    url = f"/dossiers/{draft}/answers/reasons"
    assert browser.post(f"/dossiers/{draft}/answers/nothing", {"nothing": "x"}, htmx=True).status_code == 404
    assert another_browser.post(url, {"reasons": "x"}, htmx=True).status_code == 401
    another_browser.sign_in(tale.lead("stranger@ville.example", "A Stranger"))
    assert another_browser.post(url, {"reasons": "x"}, htmx=True).status_code == 404
    reader = colleague(tale, draft, Role.READER)
    reading = Browser(app.test_client())
    reading.sign_in(reader)
    assert reading.post(url, {"reasons": "x"}, htmx=True).status_code == 409
    assert kept(tale, draft) is None


def test_presence_is_seen_by_colleagues_for_a_while(tale, browser, another_browser, draft, clock):
    another_browser.sign_in(colleague(tale, draft))
    here, page = f"/dossiers/{draft}/presence", f"/dossiers/{draft}/sections/5"
    assert "Amélie" not in another_browser.get(page).text.partition("<main")[2]
    assert browser.post(here, {"section": "5"}, htmx=True).status_code == 200
    assert "Amélie Saint-Jean is in this section" in another_browser.get(page).text
    assert "Amélie Saint-Jean is in section 5" in another_browser.post(here, {"section": "7"}, htmx=True).text
    assert browser.post(here, {"section": "77"}, htmx=True).status_code == 404
    clock.forward(timedelta(seconds=76))
    assert "is in" not in another_browser.post(here, {"section": "5"}, htmx=True).text
    assert tale.story.session.query(Presence).count() == 2


def test_an_open_page_alone_keeps_nobody_signed_in(tale, browser, draft, clock):
    sent, headers = {"section": "5", "csrf_token": browser.token()}, {"HX-Request": "true"}
    statuses = []
    while len(statuses) < 9 and 401 not in statuses:
        clock.forward(timedelta(minutes=15))
        answer = browser.client.post(f"/dossiers/{draft}/presence", data=sent, headers=headers)
        statuses.append(answer.status_code)
    assert statuses == [200] * 7 + [401]
    assert browser.get("/session").json["account"] is None


def test_the_state_of_the_session_brings_a_token_that_holds(tale, browser, draft):
    state = browser.get("/session").json
    assert state["account"] == str(tale.lead().id)
    sent = {"reasons": "Mine.", "base": 0, "tab": "a", "seq": 1, "csrf_token": state["token"]}
    assert browser.client.post(f"/dossiers/{draft}/answers/reasons", data=sent).status_code == 200


def test_an_answer_costs_eight_queries(tale, browser, draft, statements):
    send(browser, draft, "First.")
    sent = {"reasons": "Second.", "base": 1, "tab": "a", "seq": 2, "csrf_token": browser.token()}
    statements.clear()
    assert browser.client.post(f"/dossiers/{draft}/answers/reasons", data=sent).status_code == 200
    asked = [s for s in statements if not s.startswith(("BEGIN", "PRAGMA"))]
    assert len(asked) <= 8
