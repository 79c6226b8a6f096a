"""The page with JavaScript, in a real browser: words counted by the same rule, blocks that repeat, nothing sideways."""

import json
import logging
import random
import threading
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from rvc_portal.domain.words import count_words
from tests.web.look.gallery import gallery_app

pytestmark = pytest.mark.browser
CASES = Path(__file__).parents[2] / "domain" / "words_cases.json"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, gallery_app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    page = chromium.new_page(viewport={"width": 1280, "height": 900}, timezone_id="America/Montevideo")
    page.goto(address)
    yield page
    page.close()


def test_words_are_counted_as_the_server_counts_them(page: Page) -> None:
    texts = ["l'après-midi à Saint-Jean-de-Luz : 1,234.5", "东京 2013–2015", "서울의 책", "رواية عربية", "—", ""]
    if CASES.exists():
        texts += [case["text"] if isinstance(case, dict) else case[0] for case in json.loads(CASES.read_text("utf-8"))]
    counted = page.evaluate("texts => texts.map(window.rvc.countWords)", texts)
    assert counted == [count_words(text) for text in texts]


# What people type and paste, and what has tripped counters before; in between, anything at all.
USUAL = (
    *"abcdeéèçœßñ0123456789",
    *" \t\n\r\u00a0\u202f\u2009\u3000\u200b\ufeff\u2028\u2029\x0b\x0c\x85\x1c\x1f\x00\x01\x7f",
    *"-\u2010\u2011\u2013\u2014\u00ad'’‘“”«»…·•_/\\.,;:!?()[]{}&@#%+=*",
    *"\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202e\u2066\u2069\u2060",
    *"\u0301\u0327\u064b\u0640\u093c\u094d\u20e3\ufe0f\ufe0e", *"مدينةאבג東京上海、。ノカー々〇한국दिकพม",
    *"😀👩🏽💻🇫🇷𠮷𝒜𐎀½²Ⅳ①٣",
)  # fmt: skip


def test_two_thousand_texts_are_counted_alike(page: Page) -> None:
    chance = random.Random(20151)
    known = [chr(point) for point in range(0x110000) if unicodedata.category(chr(point)) not in ("Cn", "Cs", "Co")]
    texts = [
        "".join(chance.choice(known if chance.random() < 0.1 else USUAL) for _ in range(chance.randint(1, 120)))
        for _ in range(2000)
    ]
    counted = page.evaluate("texts => texts.map(window.rvc.countWords)", texts)
    assert [(t, c) for t, c in zip(texts, counted, strict=True) if count_words(t) != c] == []


def test_every_character_is_judged_alike(page: Page) -> None:
    """Alone and between two letters: whether it is a word, joins or separates. Both sides bring their own tables of
    Unicode, so only what Python's knows is compared (what a newer browser calls a letter is a sign not yet in use)."""
    said = page.evaluate(
        """() => {
            let said = "";
            for (let point = 0; point < 0x110000; point++) {
                const sign = String.fromCodePoint(point);
                said += window.rvc.countWords(sign) + "" + window.rvc.countWords("a" + sign + "b");
            }
            return said;
        }"""
    )
    differ = [
        hex(point)
        for point in range(0x110000)
        if unicodedata.category(sign := chr(point)) != "Cn"
        and said[2 * point : 2 * point + 2] != f"{count_words(sign)}{count_words(f'a{sign}b')}"
    ]
    assert differ == []


def test_the_counter_follows_what_is_typed(page: Page) -> None:
    page.fill("#summary", "un deux trois")
    assert page.text_content("#summary-count") == "3 of 100 words"
    page.fill("#summary", "mot " * 103)
    assert page.text_content("#summary-count") == "103 of 100 words: 3 too many"


def test_blocks_are_added_up_to_the_limit_and_removed_down_to_the_least(page: Page) -> None:
    add, items = page.locator("[data-repeat-add]"), page.locator("[data-repeat-item]")
    add.click()
    assert items.count() == 3
    assert page.locator("[name='projects.2.title']").evaluate("field => field === document.activeElement")
    assert add.is_hidden()
    for _ in range(2):
        page.locator("[data-repeat-remove]").first.click()
    assert items.count() == 1
    assert page.locator("[data-repeat-remove]:visible").count() == 0
    assert page.text_content(".repeat__title") == "Project 1"


def test_the_deadline_is_told_in_the_readers_zone(page: Page) -> None:
    assert "America/Montevideo" in (page.text_content("[data-local-row]:visible dd") or "")
    assert "15 July 2015 at 19:00" in (page.text_content("[data-local-row]:visible dd") or "")


def test_the_error_summary_has_the_focus_and_leads_to_the_field(page: Page) -> None:
    assert page.evaluate("document.activeElement.id") == "error-summary"
    page.click(".error-summary a")
    assert page.evaluate("document.activeElement.id") == "publishers"


def test_a_double_click_sends_one_request(page: Page) -> None:
    sent: list[str] = []
    page.route("**/assign", lambda route: (sent.append("x"), page.wait_for_timeout(150), route.abort()))
    page.locator("form[action='/assign'] button").dblclick(no_wait_after=True)
    page.wait_for_timeout(400)
    assert len(sent) == 1


@pytest.mark.parametrize("width", [360, 640, 1280, 1600])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_nothing_runs_out_sideways(chromium: Browser, address: str, width: int, language: str) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 800})
    page.goto(f"{address}/?lang={language}")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(chromium: Browser, address: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = chromium.new_page(viewport={"width": width, "height": 900})
    page.goto(address)
    violations = Axe().run(page).response["violations"]
    page.close()
    assert [(found["id"], [node["html"][:160] for node in found["nodes"]]) for found in violations] == []
