"""The page of the calendar, its file and its document: what each person finds there, and how much it asks the database."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from icalendar import Calendar
from sqlalchemy.orm import undefer

from benchmarks import calendar as bench
from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.base import db
from rvc_portal.models.document import Document
from rvc_portal.models.meeting import Meeting, MeetingHost
from rvc_portal.models.steering import SteeringSession
from rvc_portal.queries import calls
from tests.judging import database
from tests.pages import Person
from tests.pictures import browsing, served
from tests.web.browsing import START, soup

SITTING = datetime(2026, 3, 20, 9, tzinfo=UTC)
WHO = {
    "nobody": (None, False, False), "lead": ("lead@ville.example", False, False),
    "evaluator": ("dublin@network.example", False, False), "direction": ("direction@network.example", True, False),
    "steering": ("coordinator-1@network.example", True, True), "secretariat": ("officer@network.example", True, True),
}  # fmt: skip


def tell(tale):
    """A call under way, a sitting on it before its evaluation is over, a meeting with a page, and everybody who looks."""
    tale.lead()
    tale.officer()
    tale.evaluators()
    tale.group()
    tale.direction()
    host = MeetingHost(position=0, city="Saint-Jean-Pied-de-Port-sur-la-Rivière-du-Nord", country="FR")
    tale.story.session.add_all([
        SteeringSession(call_id=tale.call.id, title="First sitting", starts_at=SITTING),
        Meeting(edition=20, year=2026, starts_on=date(2026, 6, 8), ends_on=date(2026, 6, 11), hosts=[host]),
    ])  # fmt: skip
    tale.story.commit()


@pytest.fixture(scope="module")
def migrated(migrated, tmp_path_factory):
    return database(migrated, tmp_path_factory, START, tell)


def listed(page):
    """The list by year: year → the entries in it, as (kind, what)."""
    return {
        part.h3.text: [
            (li["data-kind"], li.select_one(".calendar-year__kind").find_next_sibling().text)
            for li in part.select("li[data-kind]")
        ]
        for part in page.select(".calendar-year")
    }  # fmt: skip


def enter(browser, who):
    if WHO[who][0]:
        assert browser.sign_in(WHO[who][0]).status_code in (302, 303)
    return browser


@pytest.mark.parametrize("who", WHO)
def test_each_sees_what_they_may_know_of(browser, who):
    page = soup(enter(browser, who).get("/calendar?year=2025"))
    kinds = [kind for kind, _ in listed(page)["2026"]]
    _email, sits, warned = WHO[who]
    assert ("sitting" in kinds, "window" in kinds, "meeting" in kinds) == (sits, True, True)
    headings = [t.text for t in page.select("svg.decade text[font-weight=bold]")]
    assert ("Sittings of the Steering Group" in headings) == sits
    assert (page.select_one("#concerns") is not None) == warned
    assert bool(page.select("form[action='/calendar']")) == (who == "secretariat")


def test_what_is_wrong_is_told_in_words_with_what_and_when(browser):
    page = soup(enter(browser, "secretariat").get("/calendar?year=2025"))
    collisions, breaches = ([li.text for li in notice("li")] for notice in page.select("#concerns .notice"))
    assert any("after the sitting “First sitting” of 20 March 2026" in text for text in collisions)
    assert "No annual meeting is known for the years 2020 to 2025." in breaches
    earlier = soup(browser.get("/calendar?year=2005"))
    assert "Nothing collides in these years" in earlier.select_one("#concerns").text
    assert "more things to look at lie in other years" in earlier.select_one("#concerns").text


def test_the_years_of_today_are_shown_first_and_links_lead_on(browser):
    page = soup(browser.get("/calendar"))
    assert page.select_one("#years-title").text == "2025–2034"
    assert [a["href"] for a in page.select(".calendar-ways a")] == ["/calendar?year=2015", "/calendar?year=2035"]
    assert len(soup(browser.get("/calendar?year=1990")).select(".calendar-ways a")) == 1
    for wrong in ("soon", "9999", "-1", ""):
        assert soup(browser.get(f"/calendar?year={wrong}")).select_one("#years-title").text == "2025–2034"


def test_years_of_which_nothing_is_known_say_so(browser):
    page = soup(browser.get("/calendar?year=2040"))
    assert "Nothing is known of these years yet" in page.select_one("#list").text
    assert page.select_one("svg.decade title").text == "Calendar of the Network, 2040 to 2049"


def test_the_picture_says_what_it_is_and_shows_what_the_list_says(browser):
    page = soup(browser.get("/calendar?year=2015"))
    svg = page.select_one("svg.decade")
    assert svg["role"] == "img"
    assert {page.find(id=svg[key]).name for key in ("aria-labelledby", "aria-describedby")} == {"title", "desc"}
    drawn = {text.text for text in svg("text")}
    assert {"Kanazawa", "Östersund", "Enghien-les-Bains", "Krakow, Katowice", "Fabriano"} <= drawn
    told = listed(page)
    assert told["2015"] == [("meeting", "Annual meeting no. 9, Kanazawa")]
    assert ("renewal", "Renewal of the Steering Group") in told["2016"]
    region = page.select_one(".calendar-picture")
    assert (region["role"], region["tabindex"]) == ("region", "0")


def links(browser, year):
    return [a["href"] for a in soup(browser.get(f"/calendar?year={year}")).select(".calendar-year a")]


def test_an_entry_leads_to_its_page(browser, tale):
    assert {"/meetings/20", f"/calls/{tale.call.key}"} <= set(links(browser, 2025))
    assert "/meetings/9" not in links(browser, 2015)  # only in the Network's list


@pytest.mark.parametrize("who", ["steering", "secretariat", "direction"])
def test_a_sitting_leads_to_its_page_whoever_may_open_it(browser, who):
    found = [url for url in links(enter(browser, who), 2025) if "/sittings/" in url]
    assert len(found) == (who != "direction")
    assert all(browser.get(url).status_code == 200 for url in found)


def test_the_page_speaks_french(browser):
    browser.post("/language", {"language": "fr", "next": "/"})
    page = soup(browser.get("/calendar?year=2015"))
    assert page.h1.text == "Calendrier du Réseau"
    assert "28 février 2016" in page.select_one("#list").text


def events(answer):
    assert answer.mimetype == "text/calendar"
    return {str(e["uid"]): e for e in Calendar.from_ical(answer.data).events}


def test_the_file_holds_what_has_a_day_under_a_name_that_stays(browser, tale, clock):
    first = events(browser.get("/calendar.ics"))
    clock.forward(timedelta(days=1))
    assert set(events(browser.get("/calendar.ics"))) == set(first)
    meeting = first["meeting-20@127.0.0.1"]
    assert (meeting["dtstart"].dt, meeting["dtend"].dt) == (date(2026, 6, 8), date(2026, 6, 12))
    assert str(meeting["url"]).endswith("/meetings/20")
    filing = first[f"{tale.call.key}-filing@127.0.0.1"]
    assert (filing["dtstart"].dt, filing["dtend"].dt) == (tale.call.opens_at, tale.call.closes_at)
    assert not any(uid.startswith(("mandates-", "sitting-")) for uid in first)
    assert "Monitoring reports" in str(first["report-monitoring-2016@127.0.0.1"]["summary"])


@pytest.mark.parametrize("who", WHO)
def test_a_sitting_is_in_the_file_of_those_who_know_of_it(browser, who):
    found = [e for uid, e in events(enter(browser, who).get("/calendar.ics")).items() if uid.startswith("sitting-")]
    assert [e["dtstart"].dt for e in found] == ([SITTING] if WHO[who][1] else [])
    assert all("dtend" not in e for e in found)  # nobody knows how long it takes


def test_the_secretariat_issues_the_years_shown_and_anybody_has_the_document(browser, another_browser, rows):
    enter(browser, "secretariat")
    answer = browser.post("/calendar", {"year": "2015"})
    assert answer.location == "/calendar?year=2015#documents-part"
    found = rows.all(sa.select(Document).where(Document.kind == "NETWORK_CALENDAR").options(undefer(Document.context)))
    assert {(d.language, d.context["first_year"]) for d in found} == {("en", 2015), ("fr", 2015)}
    assert len(soup(another_browser.get("/calendar")).select("#documents-part .document")) == 2
    browser.post("/calendar", {"year": "2025"})
    assert len(soup(another_browser.get("/calendar")).select("#documents-part .document")) == 2


@pytest.mark.parametrize("sent", [{}, {"year": "soon"}, {"year": "3000"}])
def test_a_year_that_is_none_is_refused_with_its_reason(browser, rows, sent):
    enter(browser, "secretariat")
    answer = browser.post("/calendar", sent)
    assert answer.status_code == 422
    assert "Choose a year from 1990 to 2100." in answer.text
    assert rows.all(sa.select(Document).where(Document.kind == "NETWORK_CALENDAR")) == []


@pytest.mark.parametrize(("who", "status"), [(w, 403) for w in WHO if w not in ("nobody", "secretariat")])
def test_nobody_else_issues_it(browser, rows, who, status):
    enter(browser, who)
    assert browser.post("/calendar", {"year": "2015"}).status_code == status
    assert rows.all(sa.select(Document).where(Document.kind == "NETWORK_CALENDAR")) == []


def test_twenty_years_ask_no_more_of_the_database_than_one(app, make_account, browser, statements, monkeypatch):
    """And at most 15 statements, the reading of what the calls say included."""
    browser.sign_in(make_account("who@network.example", Role.SECRETARIAT))
    counted = []
    for years in (1, 19):
        with app.app_context():
            bench.fill(db.session(), years, bench.START + len(counted))
        monkeypatch.setattr(calls, "_parsed", {})
        statements.clear()
        page = soup(browser.get("/calendar?year=2030"))
        counted.append((sum(not s.startswith(("BEGIN", "PRAGMA")) for s in statements), len(listed(page))))
    (one, shown), (twenty, all_shown) = counted
    assert (shown, all_shown) == (2, 10)
    assert one == twenty <= 15


def test_links_lead_to_it_from_the_pages_of_meetings_and_members(browser):
    for address in ("/meetings", "/members"):
        assert soup(browser.get(address)).select("main a[href='/calendar']")
    enter(browser, "lead")
    assert soup(browser.get("/calendar")).select_one("nav.site-nav a[aria-current]")["href"] == "/calendar"


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_the_picture_scrolls_in_its_own_box_and_axe_finds_nothing(app, clock, browser, chromium, width):
    enter(browser, "secretariat")
    kept = browser.client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    person = Person("secretariat", cookie=f"{kept.key}={kept.value}")
    with served(app) as address, browsing(chromium, address, person, width=width, language="fr") as page:
        page.goto(f"{address}/calendar?year=2025")
        assert page.locator("#concerns").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth") == width
        wider = page.evaluate("(b => b.scrollWidth - b.clientWidth)(document.querySelector('.calendar-picture'))")
        assert (wider > 0) == (width == 360)
        found = Axe().run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:160]) for v in found] == []
