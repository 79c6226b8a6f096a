"""Evaluators say what they would gladly judge: which files they are asked about, what is kept, and what it changes."""

import pytest
import sqlalchemy as sa

from rvc_portal import jobs
from rvc_portal.domain.call import AssignmentRules
from rvc_portal.models.preference import Preference
from rvc_portal.queries import calls
from rvc_portal.queries import proposals as query
from tests.judging import database
from tests.stories import LONG_NAME, redefine, town
from tests.web.browsing import START, soup
from tests.web.test_proposals import asked_for

OTHER = "Aubervilliers-les-Bains"


def three_files(tale):
    tale.evaluators()
    tale.officer()
    tale.admitted()
    tale.admitted(town(OTHER), tale.lead("aubervilliers@ville.example"))
    tale.admitted(town("Nottingham", "GB"), tale.lead("nottingham@ville.example"))
    tale.submitted(town("Not admitted"), tale.lead("later@ville.example"))
    jobs.drain(tale.story.app)


@pytest.fixture(scope="module")
def migrated(migrated, tmp_path_factory):
    return database(migrated, tmp_path_factory, START, three_files)


@pytest.fixture
def url(tale):
    return f"/calls/{tale.call.key}/preferences"


def player(tale, name):
    return next(p for p in tale.evaluators() if p.seat.name == name)


def fields(page):
    """The names of the selects, by city."""
    return {row.select_one("th").text: row.select_one("select")["name"] for row in page.select("#files tbody tr")}


def chosen(page):
    return {
        row.select_one("th").text: row.select_one("option[selected]")["value"] for row in page.select("#files tbody tr")
    }


def test_an_evaluator_is_asked_about_files_that_no_conflict_bars(tale, browser, url):
    browser.sign_in(player(tale, "Norwich").account)
    page = soup(browser.get(url))
    assert chosen(page) == {OTHER: "0", LONG_NAME: "0"}
    browser.post("/sign-out")
    browser.sign_in(player(tale, "Lyon").account)
    assert chosen(soup(browser.get(url))) == {"Nottingham": "0"}


def test_answers_are_kept_changed_and_taken_back(tale, browser, url, rows):
    browser.sign_in(player(tale, "Norwich").account)
    names = fields(soup(browser.get(url)))
    answer = browser.post(url, {names[OTHER]: "1", names[LONG_NAME]: "-1"})
    assert answer.status_code == 303
    assert chosen(soup(browser.get(url))) == {OTHER: "1", LONG_NAME: "-1"}
    browser.post(url, {names[OTHER]: "0", names[LONG_NAME]: "-1"})
    kept = rows.one(sa.select(Preference))
    assert (kept.liking, kept.seat_id) == (-1, player(tale, "Norwich").seat.id)


def test_an_answer_about_a_file_that_is_not_theirs_changes_nothing(tale, browser, url, rows):
    browser.sign_in(player(tale, "Heidelberg").account)
    hidden = fields(soup(browser.get(url)))["Nottingham"].replace(
        player(tale, "Heidelberg").seat.id.hex, player(tale, "Norwich").seat.id.hex
    )
    browser.post("/sign-out")
    browser.sign_in(player(tale, "Norwich").account)
    assert browser.post(url, {hidden: "1"}).status_code == 303
    assert rows.all(sa.select(Preference)) == []


def test_any_other_answer_is_refused_in_words(tale, browser, url, rows):
    browser.sign_in(player(tale, "Norwich").account)
    names = fields(soup(browser.get(url)))
    answer = browser.post(url, {names[OTHER]: "7", names[LONG_NAME]: "1"})
    assert answer.status_code == 422
    assert "Choose one of the three answers." in answer.text
    assert rows.all(sa.select(Preference)) == []


def test_a_call_that_does_not_ask_has_no_such_page(tale, browser, url, rows):
    redefine(tale.call, assignment=AssignmentRules(preferences=False))
    tale.story.commit()
    browser.sign_in(player(tale, "Norwich").account)
    assert browser.get(url).status_code == 404


def test_who_is_asked_already_is_asked_no_more(tale, browser, url):
    asked = player(tale, "Norwich")
    by_city = {d.lead_city: d for d in (tale.dossier(i) for i in tale.story.cities)}
    tale.asked(by_city[OTHER].id, [asked])
    browser.sign_in(asked.account)
    assert chosen(soup(browser.get(url))) == {LONG_NAME: "0"}


def test_a_proposal_weighs_the_answers_and_says_so(tale, browser, url, app):
    norwich, heidelberg = player(tale, "Norwich"), player(tale, "Heidelberg")
    for who, liking in ((norwich, "1"), (heidelberg, "-1")):
        browser.sign_in(who.account)
        names = fields(soup(browser.get(url)))
        browser.post(url, {names[OTHER]: liking})
        browser.post("/sign-out")
    terms = query.usual_terms(calls.definition(tale.call), ["literature"], 1)
    officer = tale.story.actor(tale.officer(), START)
    stated = query.problem(tale.story.session, officer, tale.call, terms, START).preferences
    assert sorted(stated.values()) == [-1, 1]
    browser.sign_in(tale.officer())
    made = browser.post(f"/calls/{tale.call.key}/assignments/proposals", asked_for(least_members="3", most_members="3"))
    jobs.drain(app)
    page = soup(browser.get(made.headers["Location"]))
    mine = [r.get_text(" ", strip=True) for r in page.select("#proposed tbody tr") if OTHER in r.text]
    assert any("Norwich" in row and "would judge it gladly" in row for row in mine)
    assert not any("Heidelberg" in row for row in mine)


def test_as_many_queries_for_three_files_as_for_one(tale, browser, url, statements):
    counted = []
    for name in ("Lyon", "Heidelberg"):  # one file, three
        browser.sign_in(player(tale, name).account)
        statements.clear()
        assert browser.get(url).status_code == 200
        counted.append(len(statements))
        browser.post("/sign-out")
    assert counted[0] == counted[1]
