"""An evaluator's sheet in a real browser: by keyboard, on a poor line, in two windows, closed, opened again, closed."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from rvc_portal.models.evaluation import Evaluation, PrivateNote, Score
from tests.judging import REASON, Judging
from tests.proxy import Proxy
from tests.stories import PASSWORD

pytestmark = [pytest.mark.browser]


@pytest.fixture
def judging(site):
    site.tale = Judging(site.app, site.tale.now)
    return site


@pytest.fixture
def dossier_id(judging):
    return judging.told(lambda tale: (tale.evaluators(), tale.admitted())[1])


@pytest.fixture
def assignment_id(judging, dossier_id):
    return judging.told(lambda tale: tale.asked(dossier_id)["Norwich"])


@pytest.fixture
def declared(judging, assignment_id):
    judging.told(lambda tale: tale.declared(assignment_id))
    return assignment_id


def keys_of(site):
    return site.told(lambda tale: [c["key"] for c in tale.call.definition["rubric"]["criteria"]])


def kept(site, key):
    """(score, reason) of the criterion as the portal has it."""

    def ask(tale):
        row = tale.story.session.scalars(sa.select(Score).where(Score.criterion == key)).first()
        return (row.value, row.reason) if row else None

    return site.told(ask)


def status(page: Page, key: str, state: str):
    return page.locator(f"#status-{key}[data-state={state}]")


def saved(page: Page, key: str) -> None:
    expect(status(page, key, "saved").locator("time")).to_be_visible(timeout=20_000)


@pytest.mark.timeout(300)
def test_an_evaluator_scores_by_keyboard_on_a_poor_line_and_opens_the_sheet_again(
    judging, open_page, dossier_id, assignment_id
):
    site = judging
    keys = keys_of(site)
    first, second = keys[:2]
    with Proxy(int(site.url.rpartition(":")[2])) as line:
        page = open_page("norwich@network.example")
        page.goto(f"http://127.0.0.1:{line.port}/assignments/{assignment_id}")
        page.get_by_label("I have no conflict of interest", exact=False).check()
        page.get_by_role("button", name="Declare").click()
        page.locator(".criterion").first.wait_for()

        page.keyboard.press("j")  # to the first criterion
        expect(page.locator(f"#criterion-{first}")).to_be_focused()
        assert page.locator(".answer--bears").count() > 0
        page.keyboard.press("8")
        saved(page, first)
        page.keyboard.press("r")
        page.keyboard.type("Written while the line ", delay=5)
        saved(page, first)
        assert kept(site, first) == (8, "Written while the line")

        line.cut()
        page.keyboard.type("was down, with 3 digits and a c? ", delay=5)
        expect(status(page, first, "offline")).to_be_visible()
        expect(page.locator("[data-saving]")).to_contain_text("1")
        line.mend()
        saved(page, first)
        assert kept(site, first) == (8, "Written while the line was down, with 3 digits and a c?")

        site.app.config["CLOCK"] = lambda: datetime.now(UTC) + timedelta(hours=13)  # a night
        page.keyboard.type("And after the night.", delay=5)
        dialog = page.locator("#sign-in-again[open]")
        dialog.locator("[name=email]").fill("norwich@network.example")
        dialog.locator("[name=password]").fill(PASSWORD)
        dialog.locator("button[type=submit]").click()
        expect(dialog).to_be_hidden()
        saved(page, first)
        assert kept(site, first)[1].endswith("And after the night.")

        line.cut()
        page.locator(f"#{second}-reason").fill("Typed on a dead line, and the page is closed.")
        expect(status(page, second, "offline")).to_be_visible()
        other = page.context.new_page()
        page.close()
        line.mend()
        other.goto(f"http://127.0.0.1:{line.port}/assignments/{assignment_id}")
        expect(other.locator(f"#{second}-reason")).to_have_value("Typed on a dead line, and the page is closed.")
        saved(other, second)
        assert kept(site, second) == (None, "Typed on a dead line, and the page is closed.")

        other.goto(f"{site.url}/assignments/{assignment_id}")
    score_the_rest(other, keys)
    close(other)
    ask_and_give(site, open_page, other, dossier_id, first)


def score_the_rest(page: Page, keys) -> None:
    if "/sign-in" in page.url:  # another address than that of the line: another cookie
        page.fill("#email", "norwich@network.example")
        page.fill("#password", PASSWORD)
        page.click("main form button[type=submit]")
        page.locator(".criterion").first.wait_for()
    for key in keys[1:]:
        page.keyboard.press("Escape")
        page.locator(f"#criterion-{key}").focus()
        page.keyboard.press("c" if key == keys[-1] else "0")
        page.locator(f"#{key}-reason").fill(REASON)
        saved(page, key)
    expect(page.locator("#part-progress")).to_contain_text("5 of 5")
    assert page.locator(f"#criterion-{keys[-1]} input[type=radio]:checked").get_attribute("value") == "none"
    page.reload()
    expect(page.locator("#own-marks svg")).to_have_attribute("aria-label", "8: 1 time, 10: 3 times")


def close(page: Page) -> None:
    page.get_by_role("link", name="Review and close the sheet").click()
    page.get_by_role("button", name="Close the sheet for good").click()
    page.get_by_text("Your sheet is closed.").wait_for()


def ask_and_give(site, open_page, page: Page, dossier_id, first: str) -> None:
    page.get_by_text("Ask to open it again…").click()
    page.locator("#reopening textarea").fill("I took the budget of the wrong year.")
    page.get_by_role("button", name="Ask the Secretariat").click()
    page.get_by_text("the Secretariat has not answered yet").wait_for()
    assert site.told(lambda tale: tale.dossier(dossier_id).closed_sheets) == 1

    officer = open_page(site.told(lambda tale: tale.officer().email))
    officer.goto(f"/dossiers/{dossier_id}/evaluation")
    officer.get_by_role("link", name="asks to open the sheet again").click()
    expect(officer.locator("main")).to_contain_text("I took the budget of the wrong year.")
    officer.get_by_role("button", name="Open the sheet again").click()
    officer.get_by_text("The sheet is open again and counts no more").wait_for()
    assert site.told(lambda tale: tale.dossier(dossier_id).closed_sheets) == 0

    page.reload()
    page.locator(f"#{first}-reason").press("End")
    page.locator(f"#{first}-reason").fill("The right year: a sound plan with partners and money behind each project.")
    saved(page, first)
    close(page)
    officer.reload()
    expect(officer.locator("#version-2 ins").first).to_be_visible()
    expect(officer.locator("#version-2 del").first).to_be_visible()
    assert "wrong year" not in officer.locator("#version-1").inner_text()
    assert site.told(lambda tale: tale.dossier(dossier_id).closed_sheets) == 1


def test_two_windows_of_one_evaluator(judging, open_page, declared):
    site, one = judging, open_page("norwich@network.example")
    key = keys_of(site)[0]
    one.goto(f"/assignments/{declared}")
    other = one.context.new_page()
    other.goto(one.url)
    one.locator(f"#{key}-reason").fill("In the first window.")
    saved(one, key)
    other.locator(f"#{key}-reason").fill("In the second window.")
    panel = status(other, key, "conflict")
    expect(panel).to_contain_text("In the first window.")
    assert kept(site, key)[1] == "In the first window."
    panel.locator("[name=take]").click()
    saved(other, key)
    assert other.locator(f"#{key}-reason").input_value() == "In the first window."
    other.locator(f"#status-{key} [data-put-back]").click()
    saved(other, key)
    assert kept(site, key)[1] == "In the second window."


def test_an_earlier_text_is_brought_back(judging, open_page, declared):
    site, page = judging, open_page("norwich@network.example")
    key = keys_of(site)[0]
    page.goto(f"/assignments/{declared}")
    page.locator(f"#{key}-reason").fill("A page of careful thought.")
    page.keyboard.press("Tab")
    saved(page, key)
    page.locator(f"#{key}-reason").fill("Gone.")
    page.keyboard.press("Tab")
    page.locator(f"#earlier-{key} summary").click()
    page.get_by_role("button", name="Bring this text back").click()
    expect(page.locator(f"#{key}-reason")).to_have_value("A page of careful thought.")
    page.keyboard.press("Tab")
    expect(page.locator("[data-saving]")).to_contain_text("Everything is saved")
    assert kept(site, key)[1] == "A page of careful thought."


def test_the_keys_are_listed_and_can_be_switched_off(judging, open_page, declared):
    site, page = judging, open_page("norwich@network.example")
    key = keys_of(site)[0]
    page.goto(f"/assignments/{declared}")
    page.keyboard.press("?")
    dialog = page.locator("#keys[open]")
    expect(dialog).to_contain_text("give this score (0 is 10)")
    page.locator("#keys-on").uncheck()
    dialog.get_by_role("button", name="Close the list").click()
    page.locator(f"#criterion-{key}").focus()
    page.keyboard.press("7")
    page.keyboard.press("?")
    expect(dialog).to_be_hidden()
    assert page.locator(f"#criterion-{key} input:checked").count() == 0
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.locator("#keys-on").check()
    page.keyboard.press("Escape")
    page.locator(f"#criterion-{key}").focus()
    page.keyboard.press("7")
    saved(page, key)
    assert kept(site, key) == (7, "")


def test_notes_save_themselves_and_stay_on_the_closed_sheet(judging, open_page, declared):
    site, page = judging, open_page("norwich@network.example")
    page.goto(f"/assignments/{declared}")
    page.keyboard.press("n")
    page.keyboard.type("Ask about the library.")
    saved(page, "private-notes")
    site.told(lambda tale: tale.closed(declared))
    page.reload()
    expect(page.locator("[name=private-notes]")).to_have_value("Ask about the library.")
    page.locator("[name=private-notes]").fill("Ask about the library. Done.")
    saved(page, "private-notes")
    note = site.told(lambda tale: tale.story.session.scalars(sa.select(PrivateNote)).one().text)
    assert note == "Ask about the library. Done."
    assert site.told(lambda tale: tale.story.session.scalars(sa.select(Evaluation)).one().closed_at)


@pytest.mark.parametrize("width", [360, 1280])
def test_the_sheet_passes_axe_and_never_scrolls_sideways(judging, open_page, declared, dossier_id, width):
    page = open_page("norwich@network.example", width=width)
    found = {}
    page.goto(f"/assignments/{declared}")
    page.locator(".criterion").first.focus()
    found["sheet"] = violations(page)
    page.get_by_role("button", name="Keyboard shortcuts").click()
    found["keys"] = violations(page)
    judging.told(lambda tale: tale.closed(declared))
    page.reload()
    found["closed"] = violations(page)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def violations(page: Page) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    found = [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in Axe().run(page).response["violations"]]
    return [*found, *(["it scrolls sideways"] if wide else [])]
