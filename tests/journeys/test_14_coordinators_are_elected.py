"""A coordinator is elected: announced by the Secretariat, stood for, voted by keyboard, counted, and on the public page."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from rvc_portal.models.ballot import Ballot
from rvc_portal.models.base import db
from rvc_portal.services import members
from rvc_portal.settings import DATA_FILES
from tests.judging import Judging

pytestmark = [pytest.mark.browser]


def axe(page: Page) -> list[object]:
    found = Axe().run(page).response["violations"]
    return [(fault["id"], [node["html"][:160] for node in fault["nodes"]]) for fault in found]


@pytest.fixture
def judging(site):
    tale = Judging(site.app, site.tale.now)
    members.load(db.session, (DATA_FILES / "members-2015.csv").read_bytes(), tale.now)
    tale.evaluators()
    tale.officer()
    tale.story.commit()
    return tale


def moved(ballot: Ballot, days: int) -> None:
    """As if so many days had gone by."""
    ballot.opens_at -= timedelta(days=days)
    ballot.closes_at -= timedelta(days=days)
    ballot.term_from_at -= timedelta(days=days)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("width", [360, 1280])
def test_a_coordinator_is_elected(site, judging, open_page, width):
    today = judging.now.date()
    officer = open_page("officer@network.example", width=width)
    officer.goto("/elections/new")
    assert axe(officer) == []
    officer.select_option("#field", "literature")
    officer.select_option("#kind", "coordinator")
    for name, days in (("opens_on", 2), ("closes_on", 5), ("term_from", 6)):
        officer.fill(f"#{name}", (today + timedelta(days=days)).isoformat())
    officer.click("main form button[type=submit]")
    expect(officer.get_by_text("The election is announced.")).to_be_visible()
    address = officer.url

    for city in ("Dublin", "Granada"):
        page = open_page(f"{city.lower()}@network.example", width=width)
        page.goto(address)
        page.locator("#candidates summary").press("Enter")
        page.locator("#member").select_option(index=1)
        page.fill("#statement", f"{city} has time and people for it.")
        page.get_by_role("button", name="Stand", exact=True).press("Enter")
        expect(page.get_by_text("The city stands in this election.")).to_be_visible()

    site.told(lambda tale: moved(tale.story.session.scalars(sa.select(Ballot)).one(), 3))
    for voter, choice in (("dublin", "Dublin"), ("norwich", "Dublin"), ("granada", "Granada")):
        page = open_page(f"{voter}@network.example", width=width)
        page.goto(address)
        assert axe(page) == []
        page.get_by_role("radio", name=choice).press("Space")
        page.get_by_role("button", name="Cast the vote").press("Enter")
        expect(page.get_by_text("Your city has voted.")).to_be_visible()
        assert page.locator(".chart").count() == 0  # no count before the window closes
        assert page.evaluate("document.documentElement.scrollWidth") == width

    site.told(lambda tale: moved(tale.story.session.scalars(sa.select(Ballot)).one(), 4))
    officer.goto(address)
    officer.get_by_role("button", name="Count the votes").press("Enter")
    expect(officer.get_by_text("The election is counted")).to_be_visible()
    expect(officer.locator("#result")).to_contain_text("Dublin")
    assert axe(officer) == []
    anybody = open_page(width=width)
    anybody.goto("/steering-group")
    expect(anybody.locator("#seats")).to_contain_text("Dublin")
    expect(anybody.locator("#balance")).to_contain_text("Nobody sits from: Africa")
    assert axe(anybody) == []
    assert anybody.evaluate("document.documentElement.scrollWidth") == width
