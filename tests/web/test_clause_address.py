"""The address of a clause in a real browser: its link leads to the clause, and lays the address on the clipboard."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from rvc_portal.models.base import db
from tests.followed import followed
from tests.pictures import served
from tests.servers import wait_for

pytestmark = pytest.mark.browser


@pytest.fixture
def address(app) -> Iterator[str]:
    with app.app_context():
        followed(db.session())
        db.session.commit()
    with served(app) as address:
        yield address


@pytest.mark.parametrize("allowed", [True, False])
def test_the_link_of_a_clause_leads_to_it_and_copies_its_address(
    chromium: Browser, address: str, allowed: bool
) -> None:
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"] if allowed else [])
    page = context.new_page()
    page.goto(f"{address}/meetings/9")
    page.click("#clause-3a .agreed__link")
    assert page.url == f"{address}/meetings/9#clause-3a"
    if allowed:
        wait_for(lambda: page.text_content("#copied") == "The address is copied")
        assert page.evaluate("navigator.clipboard.readText()") == f"{address}/meetings/9#clause-3a"
    context.close()
