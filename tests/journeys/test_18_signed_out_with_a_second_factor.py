"""A session ends under a form that somebody with a second factor fills in: password and code are asked on the page itself,
and the form is sent."""

from datetime import UTC, datetime

import pytest

from tests import stories
from tests.judging import Judging
from tests.stories import PASSWORD

pytestmark = [pytest.mark.browser]


def test_password_and_code_are_asked_on_the_page_and_nothing_is_lost(site, open_page):
    site.tale = Judging(site.app, site.tale.now)
    email = site.told(lambda tale: tale.officer().email)
    site.told(lambda tale: tale.code(tale.officer()))
    page = open_page(email)
    page.goto("/account")
    page.fill("#name", "Inès Lambert-Okafor")
    site.told(stories.end_sessions)
    page.get_by_role("button", name="Save").click()
    dialog = page.locator("#sign-in-again")
    dialog.locator("#email").fill(email)
    dialog.locator("#password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    dialog.locator("#code").fill("000000")
    dialog.get_by_role("button", name="Sign in").click()
    dialog.get_by_text("This code is not right").first.wait_for()
    dialog.locator("#code").fill(site.told(lambda tale: tale.code(tale.officer(), datetime.now(UTC))))
    dialog.get_by_role("button", name="Sign in").click()
    page.get_by_text("Your account is saved.").wait_for()
    assert site.told(lambda tale: tale.officer().name) == "Inès Lambert-Okafor"
