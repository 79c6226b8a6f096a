"""The deadline on the pages: what can still be saved, what stays readable, and the page that gives one city time."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.dossier import Answer, Dossier
from rvc_portal.queries import calls
from rvc_portal.services import submission
from tests.web.browsing import soup

INSTANT = timedelta(microseconds=1)
OFFICER = "officer@network.example"


@pytest.fixture
def closes(tale):
    found = tale.call.closes_at
    tale.officer()
    tale.story.commit()  # or the tale would hold the database
    return found


def until(soup_):
    """The instants that the page shows as deadlines."""
    return [box["data-deadline"] for box in soup_.select("[data-deadline]")]


def local(tale, at):
    """What a browser's field sends for an instant, in the call's zone."""
    zone = ZoneInfo(calls.definition(tale.call).timezone)
    tale.story.commit()
    return at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


# --- what is saved, what is read ---


@pytest.mark.parametrize(("at", "status"), [(-INSTANT, 200), (timedelta(0), 409)])
def test_an_answer_is_saved_until_the_closing_instant(tale, browser, clock, rows, closes, at, status):
    dossier_id = tale.draft()
    clock.at = closes + at
    browser.sign_in(tale.lead())
    sent = {"reasons": "The last word.", "base": "0", "tab": "a", "seq": "1"}
    answer = browser.post(f"/dossiers/{dossier_id}/answers/reasons", sent, htmx=True)
    assert answer.status_code == status
    found = [
        a.value for a in rows.all(sa.select(Answer).where(Answer.dossier_id == dossier_id, Answer.key == "reasons"))
    ]
    assert ("The last word." in found) is (status == 200)
    if status == 409:
        assert "The call closed on" in answer.text


def test_after_the_deadline_pages_are_for_reading_and_say_why(tale, browser, clock, closes):
    dossier_id = tale.draft()
    clock.at = closes
    browser.sign_in(tale.lead())
    for path in ("sections", "sections/1", "submit"):
        page = soup(browser.get(f"/dossiers/{dossier_id}/{path}"))
        assert "Nothing can be saved any more" in page.text, path
        assert page.select_one(f"a[href='/dossiers/{dossier_id}/file']"), path
    assert not soup(browser.get(f"/dossiers/{dossier_id}/sections/1")).select("main textarea, main input[type=text]")


def test_a_lapsed_draft_is_read_and_printed_by_its_city(app, tale, browser, clock, closes):
    dossier_id = tale.draft()
    submission.lapse_due(tale.story.session, closes + timedelta(hours=1))
    tale.story.commit()
    clock.at = closes + timedelta(hours=2)
    browser.sign_in(tale.lead())
    page = soup(browser.get(f"/dossiers/{dossier_id}/file"))
    city = tale.story.session.get_one(Dossier, dossier_id).lead_city
    assert city in page.select_one("main").text
    assert page.select_one("button[data-print]")


def test_a_deadline_brings_the_portals_clock(tale, browser, clock):
    browser.sign_in(tale.lead())
    box = soup(browser.get(f"/calls/{tale.call.key}")).select_one("[data-deadline]")
    assert box["data-portal-now"] == clock.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    health = browser.client.head(box["data-clock"])
    assert health.status_code == 200


# --- time for one city ---


def test_the_secretariat_gives_one_city_time(tale, browser, another_browser, clock, closes):
    dossier_id = tale.draft()
    later = closes + timedelta(days=2)
    browser.sign_in(OFFICER)
    assert "Give this city more time" in browser.get(f"/dossiers/{dossier_id}").text
    page = soup(browser.get(f"/dossiers/{dossier_id}/deadline"))
    assert until(page) == [closes.strftime("%Y-%m-%dT%H:%M:%SZ")]
    sent = {
        "until": local(tale, later),
        "reason": "The line was cut.",
        "version": page.select_one("[name=version]")["value"],
    }
    answer = browser.post(f"/dossiers/{dossier_id}/deadline", sent)
    assert answer.status_code == 303
    another_browser.sign_in(tale.lead())
    for path in ("/sections", "/submit"):
        assert until(soup(another_browser.get(f"/dossiers/{dossier_id}{path}"))) == [
            later.strftime("%Y-%m-%dT%H:%M:%SZ")
        ]
    told = another_browser.get(f"/dossiers/{dossier_id}").text
    assert "Gave the city more time: until" in told
    assert "The line was cut." in told
    clock.at = closes + timedelta(hours=1)
    another_browser.sign_in(tale.lead())
    sent = {"reasons": "Later.", "base": "0", "tab": "a", "seq": "1"}
    assert another_browser.post(f"/dossiers/{dossier_id}/answers/reasons", sent, htmx=True).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"until": ""}, "until"), ({"until": "soon"}, "until"), ({"until": "2026-02-30T10:00"}, "until"),
        ({"until": "2026-03-29T02:30"}, "until"), ({"until": "9999-12-31T23:59"}, "until"),
        ({"until": "2020-01-01T10:00"}, "until"), ({"reason": " "}, "reason"), ({"reason": "x" * 8001}, "reason"),
    ],
)  # fmt: skip
def test_what_is_no_instant_or_no_reason_is_told_beside_its_field(tale, browser, closes, rows, wrong, field):
    dossier_id = tale.draft()
    browser.sign_in(OFFICER)
    sent = {"until": local(tale, closes + timedelta(days=2)), "reason": "Cut.", "version": "1"} | wrong
    answer = browser.post(f"/dossiers/{dossier_id}/deadline", sent)
    assert answer.status_code in (409, 422)
    if answer.status_code == 422:
        assert f"#{field}" in [link["href"] for link in soup(answer).select(".error-summary a")]
    assert rows.one(sa.select(Dossier)).extended_until_at is None


def test_a_lapsed_file_is_admitted_late(tale, browser, clock, closes, rows):
    dossier_id = tale.draft()
    submission.lapse_due(tale.story.session, closes + timedelta(hours=1))
    tale.story.commit()
    clock.at = closes + timedelta(hours=2)
    browser.sign_in(OFFICER)
    page = browser.get(f"/dossiers/{dossier_id}").text
    assert "Admit the file late" in page
    assert "Admit the correction late" not in page
    form = soup(browser.get(f"/dossiers/{dossier_id}/deadline"))
    assert "The file lapsed on" in form.text
    sent = {
        "until": local(tale, closes + timedelta(days=2)), "reason": "Flood.",
        "version": form.select_one("[name=version]")["value"],
    }  # fmt: skip
    assert browser.post(f"/dossiers/{dossier_id}/deadline", sent).status_code == 303
    assert rows.one(sa.select(Dossier)).state == "draft"
    assert browser.post(f"/dossiers/{dossier_id}/deadline", sent).status_code == 409, "a page of before"


@pytest.mark.parametrize(("who", "status"), [("lead", 403), ("direction", 404)])
def test_nobody_else_gives_time(tale, browser, make_account, rows, who, status):
    dossier_id = tale.draft()
    people = {"lead": tale.lead, "direction": lambda: make_account("direction@x.example", Role.DIRECTION)}
    tale.story.commit()
    browser.sign_in(people[who]())
    for answer in (browser.get(f"/dossiers/{dossier_id}/deadline"), browser.post(f"/dossiers/{dossier_id}/deadline")):
        assert answer.status_code == status
    assert rows.one(sa.select(Dossier)).extended_until_at is None
