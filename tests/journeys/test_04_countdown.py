"""The countdown in a real browser: by the portal's clock, whatever the reader's says, and quiet but at its thresholds."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser]

LEFT, TOLD, WRONG = "[data-deadline-left]", "[data-deadline-told]", "[data-deadline-wrong]"


def close_in(site, span: timedelta) -> None:
    """Let the call of the tale close so long from now."""

    def move(tale) -> None:
        tale.call.closes_at = datetime.now(UTC).replace(microsecond=0) + span

    site.told(move)


def call_page(site) -> str:
    return f"/calls/{site.told(lambda tale: tale.call.key)}"


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(days=12, hours=3, minutes=30), r"^12 days 3 hours left$"),
        (timedelta(hours=5, minutes=12, seconds=30), r"^5 hours 12 minutes left$"),
        (timedelta(minutes=12, seconds=30), r"^12 minutes \d+ seconds? left$"),
    ],
)
def test_it_is_coarse_from_afar_and_exact_at_the_end(site, open_page, span, words):
    close_in(site, span)
    page = open_page()
    page.goto(call_page(site))
    expect(page.locator(LEFT)).to_have_text(re.compile(words))
    expect(page.locator(TOLD)).to_be_empty()
    expect(page.locator(WRONG)).to_be_hidden()


def test_it_tells_the_last_minute_and_the_end_once(site, open_page):
    close_in(site, timedelta(seconds=63))
    page = open_page()
    page.goto(call_page(site))
    expect(page.locator(TOLD)).to_have_text("1 minute left")
    close_in(site, timedelta(seconds=4))
    page.reload()
    expect(page.locator(LEFT)).to_have_text("Closed", timeout=20_000)
    expect(page.locator(TOLD)).to_have_text("Closed")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (timedelta(minutes=7), "The clock of your device is ahead of the portal’s by"),
        (-timedelta(hours=2), "The clock of your device is behind the portal’s by"),
    ],
)
def test_a_readers_wrong_clock_changes_nothing_and_is_told(site, open_page, wrong, words):
    close_in(site, timedelta(minutes=30, seconds=20))
    page = open_page()
    page.clock.install(time=datetime.now(UTC) + wrong)
    page.goto(call_page(site))
    expect(page.locator(WRONG)).to_contain_text(words)
    expect(page.locator(LEFT)).to_contain_text("30 minutes")


def test_a_laptop_that_slept_asks_again(site, open_page):
    """The page stands still for hours; its first look afterwards is right again."""
    close_in(site, timedelta(hours=5, minutes=30))
    page = open_page()
    page.clock.install(time=datetime.now(UTC))
    page.goto(call_page(site))
    expect(page.locator(LEFT)).to_contain_text("5 hours")
    with page.expect_request("**/health") as asked:
        page.clock.set_system_time(datetime.now(UTC) + timedelta(hours=3))  # the reader's clock jumps, the portal's not
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert asked.value.method == "HEAD"
    expect(page.locator(WRONG)).to_contain_text("ahead")
    expect(page.locator(LEFT)).to_contain_text("5 hours")
