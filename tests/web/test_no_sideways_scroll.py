"""Every page of the portal on a telephone: nothing to scroll sideways, in the longer of the two languages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.pages import Visit, demonstration, persons, speak, visits
from tests.pictures import browsing, served

pytestmark = pytest.mark.browser
WIDEST = """() => {
    const page = document.documentElement
    if (page.scrollWidth <= page.clientWidth) return null
    const wide = [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > page.clientWidth)
    return `${page.scrollWidth} px: ` + wide.slice(0, 3).map(e => e.tagName + "." + e.className).join(", ")
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[Visit]]]:
    """The address of the demonstration, in French, and every page of it. A route without an example fails here."""
    app = demonstration(tmp_path_factory.mktemp("pages") / "instance", drawn=False)
    speak(app, "fr")
    with served(app) as address:
        yield address, list(visits(app, persons(app)))


@pytest.mark.timeout(600)
def test_no_page_scrolls_sideways_at_360_pixels(site: tuple[str, list[Visit]], chromium: Browser) -> None:
    address, pages = site
    wide = {}
    for person in {visit.person for visit in pages}:
        with browsing(chromium, address, person, width=360, language="fr") as page:
            for visit in (v for v in pages if v.person == person):
                answer = page.goto(address + visit.url)
                assert answer is not None, visit.name
                assert answer.status == 200, visit.name
                found = page.evaluate(WIDEST)
                if found:
                    wide[visit.name] = found
    assert wide == {}


def test_what_is_too_wide_would_be_found(chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": 360, "height": 800})
    page.set_content('<!DOCTYPE html><body><table class="long"><tr><td>' + "Donaudampfschifffahrt" * 9 + "</table>")
    assert "TABLE.long" in page.evaluate(WIDEST)
    page.close()
