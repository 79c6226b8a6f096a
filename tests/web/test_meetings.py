"""A meeting's page: the text is public once it is sealed, in both languages, and each clause has an address."""

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup

from rvc_portal.domain import agreed_text, codes
from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.base import db
from rvc_portal.models.document import Document
from rvc_portal.models.seat import Member
from rvc_portal.services import conclusions
from tests.services.test_conclusions import ENGLISH, FRENCH, NOW, OFFICER


@pytest.fixture
def take(app):
    def take(edition=9, seal=False, **texts):
        with app.app_context():
            for language, text in texts.items():
                found = agreed_text.read(text)
                conclusions.take(
                    db.session(), found, edition=edition, language=language, actor=OFFICER, now=NOW
                )  # fmt: skip
            if seal:
                conclusions.seal(db.session(), edition=edition, actor=OFFICER, now=NOW)
            db.session.commit()

    return take


def page_of(browser, url="/meetings/9"):
    return BeautifulSoup(browser.get(url).text, "html.parser")


def test_a_sealed_text_is_public_in_both_languages_with_its_documents(take, browser):
    take(fr=FRENCH, en=ENGLISH, seal=True)
    page = page_of(browser)
    clause = page.select_one("#clause-2a")
    assert [(p["lang"], p.text) for p in clause.select("p")] == [("en", "one part;"), ("fr", "une partie ;")]
    assert clause.select_one("a")["href"] == "#clause-2a"
    assert clause.find_parent("li")["id"] == "clause-2"
    assert {link["href"] for link in clause.select("a[href^='#']")} == {"#clause-2a"}
    assert clause.select_one("a.agreed__followed")["href"] == "/meetings/9/follow-up/2a"
    assert len(page.select("#papers .document")) == 3  # and in both languages side by side


def test_each_document_tells_the_code_by_which_it_is_checked(take, browser, rows):
    take(fr=FRENCH, en=ENGLISH, seal=True)
    rows.change("UPDATE document SET content_sha256 = 'a', pages = 1, size = 9")
    links = {a.text: a["href"] for a in page_of(browser).select("#papers a[href^='/verify/']")}
    known = {codes.printed(d.code) for d in rows.all(sa.select(Document))}
    assert set(links) == known
    assert browser.get(next(iter(links.values()))).status_code == 200


def test_a_host_leads_to_its_page_where_the_register_knows_it_alone(take, browser, rows, app):
    take(fr=FRENCH, en=ENGLISH, seal=True)
    assert not page_of(browser).select(".page-head a[href^='/members/']")
    place = {"country": "JP", "region": "asia_pacific", "latitude": None, "longitude": None, "verified": True}
    with app.app_context():
        city = Member(city="Kanazawa", field="crafts", year=2009, **place)
        db.session.add(city)
        db.session.commit()
        address = f"/members/{city.id}"
    assert page_of(browser).select_one(".page-head a[href^='/members/']")["href"] == address
    assert page_of(browser, "/meetings").select_one("#meetings a[href^='/members/']")["href"] == address
    with app.app_context():
        db.session.add(Member(city="Kanazawa", field="music", year=2019, **place))
        db.session.commit()
    assert not page_of(browser).select(".page-head a[href^='/members/']")


def test_a_meeting_tells_its_days_and_how_its_follow_up_stands(take, browser):
    take(fr=FRENCH, en=ENGLISH, seal=True)
    take(edition=10, fr=FRENCH)
    rows = page_of(browser, "/meetings").select("#meetings tbody tr")
    assert ["0 of 3 settled" in row.text for row in rows] == [False, True]
    assert "until 28 May 2015" in rows[1].text
    assert "0 / 3" in page_of(browser).select_one("#follow-up").text
    assert not page_of(browser, "/meetings/10").select("#follow-up")


def test_the_readers_language_comes_first(take, browser):
    take(fr=FRENCH, en=ENGLISH, seal=True)
    browser.post("/language", {"language": "fr", "next": "/"})
    assert [p["lang"] for p in page_of(browser).select("#clause-1 p")] == ["fr", "en"]


@pytest.mark.parametrize(("role", "reads"), [(None, False), (Role.SECRETARIAT, True), (Role.EVALUATOR, False)])
def test_a_text_that_is_still_at_work_is_not_public(take, browser, make_account, role, reads):
    take(fr=FRENCH)
    if role:
        browser.sign_in(make_account("who@network.example", role))
    text = page_of(browser).text
    assert ("Le premier." in text) == reads
    assert ("This text is not sealed yet" in text) == reads


def test_a_meeting_that_is_not_there_is_not_found(browser):
    assert browser.get("/meetings/9").status_code == 404


def test_the_list_asks_as_much_for_three_as_for_one(take, browser, statements):
    counted = []
    for edition in (9, 10, 12):
        take(edition=edition, fr=FRENCH, en=ENGLISH, seal=True)
        statements.clear()
        rows = page_of(browser, "/meetings").select("#meetings tbody tr")
        counted.append((len(rows), len(statements)))
    assert [rows for rows, _ in counted] == [1, 2, 3]
    assert counted[0][1] == counted[2][1]
    assert "Katowice" in rows[0].text
