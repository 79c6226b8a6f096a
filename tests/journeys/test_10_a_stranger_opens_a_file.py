"""Somebody whom the portal does not know reads a call, makes an account, confirms the address and opens a file."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from rvc_portal.models.dossier import Dossier
from rvc_portal.models.job import Mail
from rvc_portal.queries import accounts
from tests.servers import wait_for
from tests.stories import ELIGIBLE, PASSWORD, Tale

pytestmark = [pytest.mark.browser]

EMAIL = "anne-charlotte@saint-jean-pied-de-port.example"


def accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def mailed(tale: Tale) -> tuple[str, str, str] | None:
    """To whom, in which language and with which link the mail went, once the worker has sent it."""
    found = tale.story.session.query(Mail).filter(Mail.template == "confirm", Mail.sent_at.is_not(None)).one_or_none()
    return (found.to_address, found.language, str(found.context["path"])) if found else None


def is_confirmed(tale: Tale) -> bool:
    found = accounts.by_email(tale.story.session, EMAIL)
    return found is not None and found.confirmed_at is not None


def opened(tale: Tale) -> tuple[str, str]:
    """The country of the one file, and the address of its lead."""
    (dossier,) = tale.story.session.query(Dossier).all()
    (lead,) = dossier.memberships
    return dossier.lead_country, lead.account.email


def sign_in(page: Page) -> None:
    page.fill("#email", EMAIL)
    page.fill("#password", PASSWORD)
    page.click("main form button[type=submit]")


@pytest.mark.timeout(180)
def test_a_stranger_opens_a_file(site, portal, open_page):
    key = site.told(lambda tale: tale.call.key)
    page = open_page(width=360)
    page.goto(f"{portal.url}/calls/{key}")
    page.click("main a.button--primary")
    page.wait_for_url("**/eligibility")
    accessible(page)
    for name, answer in ELIGIBLE.items():
        page.check(f"[name={name}][value={answer}]")
    page.click("main form button[type=submit]")
    page.wait_for_url(re.compile(r"/sign-in\?next="))
    accessible(page)
    page.click("main a[href*='/register']")
    accessible(page)
    page.fill("#name", "Anne-Charlotte de La Rochefoucauld")
    page.fill("#email", EMAIL)
    page.fill("#password", PASSWORD)
    page.check("main [name=language][value=fr]")
    page.click("main form button[type=submit]")
    page.wait_for_url(re.compile(r"/confirm\?next="))
    expect(page.locator("main")).to_contain_text(EMAIL)
    accessible(page)

    page.goto(f"{portal.url}/desk")  # impatient: the account is there, the address not confirmed
    sign_in(page)
    page.wait_for_url(re.compile(r"/confirm\?next="))
    accessible(page)
    page.click("summary:has(.person__name)")
    page.click("header form[action='/sign-out'] button")

    wait_for(lambda: site.told(mailed) is not None, 30)
    to, language, link = site.told(mailed)
    assert (to, language) == (EMAIL, "fr")
    page.goto(portal.url + link)
    accessible(page)
    assert not site.told(is_confirmed)  # opening the link does nothing
    page.fill("#password", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(f"**/calls/{key}/apply?*")  # with the answers that were given first
    assert site.told(is_confirmed)

    page.fill("#city", "Saint-Jean-Pied-de-Port")
    page.select_option("#country", "FR")
    page.check("[name=field][value=literature]")
    page.check("main [name=language][value=fr]")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/sections")
    assert site.told(opened) == ("FR", EMAIL)
