"""An evaluator is invited, in a real browser: the Secretariat asks, a scanner opens the link, the person accepts by a
button on a telephone, declares interests and stands in the register; another declines with a reason. The pages pass axe."""

import urllib.request

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from rvc_portal.models.evaluator import EvaluatorInvitation
from rvc_portal.models.job import Mail
from tests.stories import PASSWORD, Tale

pytestmark = [pytest.mark.browser]

GUEST, BUSY = "oyelaran@library.example", "busy@library.example"


def mailed(tale: Tale, to: str) -> str:
    """The address in the invitation that went to somebody."""
    found = tale.story.session.query(Mail).filter_by(template="evaluator_invitation", to_address=to)
    return str(found.one().context["path"])


def answers(tale: Tale) -> list[str | None]:
    rows = tale.story.session.query(EvaluatorInvitation).order_by(EvaluatorInvitation.email)
    return [row.answer for row in rows]


def accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def invite(officer: Page, name: str, email: str) -> None:
    officer.goto("/evaluators/invitations/new")
    officer.fill("#name", name)
    officer.fill("#email", email)
    officer.check("main [name=language][value=en]")
    officer.check("[name=stream][value=experts]")
    officer.check("[name=fields][value=music]")
    officer.select_option("#country", "NG")
    officer.click("main form button[type=submit]")
    officer.get_by_text(f"on its way to {email}").wait_for()


@pytest.mark.timeout(180)
def test_one_accepts_and_one_declines(site, open_page):
    officer = open_page(site.told(lambda tale: tale.officer().email))
    officer.goto("/evaluators")
    officer.click("text=Invitations")
    officer.click("text=Invite an evaluator")
    accessible(officer)
    officer.click("main form button[type=submit]")
    expect(officer.locator(".error-summary")).to_be_focused()
    invite(officer, "Adébáyọ̀ Oyèláràn", GUEST)
    invite(officer, "Busy Reader", BUSY)
    accessible(officer)

    path = site.told(lambda tale: mailed(tale, GUEST))
    with urllib.request.urlopen(site.url + path) as scanned:
        assert scanned.status == 200
    assert site.told(answers) == [None, None]

    guest = open_page(width=360)
    guest.goto(path)
    accessible(guest)
    guest.fill("#name", "Adébáyọ̀ Oyèláràn")
    guest.fill("#password", PASSWORD)
    guest.click("#accept button[type=submit]")
    guest.wait_for_url("**/interests")
    guest.check("#nothing")
    guest.click("main form button[type=submit]")
    guest.get_by_text("Your declaration is kept").wait_for()
    guest.goto("/desk")
    guest.get_by_text("Nothing to evaluate at present").wait_for()
    accessible(guest)
    guest.click("#evaluator >> text=Adébáyọ̀ Oyèláràn")
    accessible(guest)

    busy = open_page(width=360, javascript=False)
    busy.goto(site.told(lambda tale: mailed(tale, BUSY)))
    busy.click("#decline button[type=submit]")
    busy.get_by_text("Say why, in a few words.").first.wait_for()
    busy.fill("#reason", "I apply with my own city this year.")
    busy.click("#decline button[type=submit]")
    busy.get_by_text("This invitation was declined").wait_for()

    assert site.told(answers) == ["declined", "accepted"]
    officer.goto("/evaluators/invitations")
    officer.get_by_text("I apply with my own city this year.").wait_for()
    accessible(officer)
    officer.goto("/evaluators?field=music")
    assert officer.locator("tbody th").all_inner_texts() == ["Adébáyọ̀ Oyèláràn"]
    accessible(officer)
