"""A test call on the pages: opened, marked, hidden from everybody else, thrown away; and the same from the terminal."""

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from rvc_portal import cli
from rvc_portal.demonstration.round2015 import CALL_FILE
from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from tests.stories import ELIGIBLE, OFFICER, Tale
from tests.web.browsing import START, soup

MARK = "TEST – not a candidacy"


@pytest.fixture
def tale(app, clock):
    with app.app_context():
        found = Tale(app, START)
        found.officer()
        found.lead()
        found.submitted()
        found.story.commit()
        yield found


@pytest.fixture
def officer(tale, browser):
    browser.sign_in(OFFICER)
    return browser


@pytest.fixture
def trial(tale, officer):
    key = tale.call.key
    tale.story.commit()
    answer = officer.post(f"/calls/{key}/try")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/calls/{key}-test-1"
    return f"{key}-test-1"


def open_file(officer, trial) -> str:
    """The address of a file that the officer opens in the test, as a city would."""
    opening = {"city": "Essai", "country": "FR", "field": "literature", "language": "fr"} | ELIGIBLE
    answer = officer.post(f"/calls/{trial}/apply", opening)
    assert answer.status_code == 303
    return answer.headers["Location"].removesuffix("/sections")


def test_the_call_offers_to_be_tried_to_the_secretariat_alone(tale, officer, another_browser):
    key = tale.call.key
    tale.story.commit()
    assert "Try this call" in officer.get(f"/calls/{key}").text
    assert "Open the test" in officer.get(f"/calls/{key}/try").text
    another_browser.sign_in(tale.lead())
    assert "Try this call" not in another_browser.get(f"/calls/{key}").text
    for path in ("try", "discard"):
        assert another_browser.get(f"/calls/{key}/{path}").status_code == 403
        assert another_browser.post(f"/calls/{key}/{path}").status_code == 403


def test_every_page_of_a_test_is_marked(officer, trial):
    home = open_file(officer, trial)
    pages = [f"/calls/{trial}", f"/calls/{trial}/eligibility", f"/calls/{trial}/discard", home]
    pages += [home + path for path in ("/sections", "/sections/1", "/submit", "/pieces", "/file", "/deadline")]
    for path in pages:
        assert soup(officer.get(path)).select_one(".test-mark").text.strip().startswith(MARK), path
    real = officer.get(f"/calls/{trial.removesuffix('-test-1')}")
    assert MARK not in real.text
    assert trial in officer.get("/calls").text


def test_others_find_no_trace_of_a_test(tale, officer, trial, another_browser, make_account):
    home = open_file(officer, trial)
    lead = tale.lead()
    tale.story.commit()
    people = [None, lead, make_account("d@x.example", Role.DIRECTION), make_account("a@x.example", Role.ADMIN)]
    for account in people:
        if account is not None:
            another_browser.sign_in(account)
        for path in ("/", "/calls"):
            assert trial not in another_browser.get(path).text
        assert another_browser.get(f"/calls/{trial}").status_code == 404
        if account is not None:
            assert another_browser.get(f"/calls/{trial}/apply").status_code == 404
            desk = another_browser.get("/desk").text
            assert trial not in desk
            assert "Essai" not in desk
            for path in ("", "/sections", "/file"):
                assert another_browser.get(home + path).status_code == 404
            another_browser.post("/sign-out")


def test_the_direction_finds_no_test_on_its_board_and_pages(officer, trial, another_browser, make_account, tale):
    open_file(officer, trial)
    another_browser.sign_in(make_account("d@x.example", Role.DIRECTION))
    assert trial not in another_browser.get("/board").text
    assert "Essai" not in another_browser.client.get("/board.csv").text
    assert another_browser.get(f"/calls/{trial}/decisions").status_code == 404
    assert another_browser.get(f"/board?call={trial}").status_code == 422


def test_the_secretariats_board_keeps_tests_apart(officer, trial):
    open_file(officer, trial)
    assert "Essai" not in officer.get("/board").text
    assert "Essai" not in officer.client.get("/board.csv").text
    assert "Essai" in officer.get(f"/board?call={trial}").text


def test_a_test_is_thrown_away_with_one_button(officer, trial, rows):
    open_file(officer, trial)
    page = officer.get(f"/calls/{trial}/discard")
    assert "The test has one file." in page.text
    answer = officer.post(f"/calls/{trial}/discard")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/calls")
    assert officer.get("/calls").status_code == 200
    assert officer.get(f"/calls/{trial}").status_code == 404
    assert rows.all(sa.select(Call.key).where(Call.test)) == []
    assert "Essai" not in rows.all(sa.select(Dossier.lead_city))


def test_a_real_call_is_not_thrown_away(tale, officer, rows):
    key = tale.call.key
    tale.story.commit()
    page = officer.get(f"/calls/{key}/discard").text
    assert "Only a test call can be thrown away." in page
    assert "Throw everything away" not in page
    assert officer.post(f"/calls/{key}/discard").status_code == 409
    assert rows.all(sa.select(Call.key)) == [key]


def test_from_the_terminal(tale, app):
    key = tale.call.key
    tale.story.commit()
    run = CliRunner().invoke
    opened = run(cli.rvc, ["call", "open", str(CALL_FILE), "--test"], obj=lambda: app)
    assert opened.output == "The call “candidacy-2015-test-1” is open, as a test.\n"
    assert (
        run(cli.rvc, ["call", "try", key], obj=lambda: app).output == f"The call “{key}-test-1” is open, as a test.\n"
    )
    for made in ("candidacy-2015-test-1", f"{key}-test-1"):
        assert run(cli.rvc, ["call", "discard", made], obj=lambda: app).exit_code == 0
    again = run(cli.rvc, ["call", "discard", f"{key}-test-1"], obj=lambda: app)
    assert "there is no call" in str(again.exception)
    refused = run(cli.rvc, ["call", "discard", key], obj=lambda: app)
    assert "Only a test call can be thrown away." in str(refused.exception)
