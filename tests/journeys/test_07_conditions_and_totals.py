"""A question that hangs on another, by keyboard alone; a budget that checks itself while it is typed; answers copied from
an earlier file."""

from datetime import timedelta
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from rvc_portal.queries import dossiers
from tests.stories import Tale

pytestmark = [pytest.mark.browser]


def axe(page: Page) -> list[object]:
    found = Axe().run(page).response["violations"]
    return [(fault["id"], [node["html"][:160] for node in fault["nodes"]]) for fault in found]


def answer(tale: Tale, dossier_id: UUID, key: str) -> object:
    return dossiers.values(tale.story.session, dossier_id).get(key)


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.name"))


@pytest.mark.timeout(120)
def test_a_conditional_question_comes_and_goes_under_the_keyboard(site, open_page):
    dossier_id = site.told(lambda tale: tale.draft())
    page = open_page(site.told(lambda tale: tale.lead().email))
    page.goto(f"/dossiers/{dossier_id}/sections/6")
    hanging = page.locator("#ask-earlier_lessons")
    assert hanging.is_hidden()
    page.focus("#earlier_candidacy")
    page.keyboard.press("Tab")
    assert focused(page) != "earlier_lessons"  # what is hidden is not on the way
    page.focus("#earlier_candidacy")
    page.keyboard.press("ArrowDown")
    assert page.input_value("#earlier_candidacy") == "earlier"
    assert hanging.is_visible()
    expect(hanging).to_contain_text("Only if the answer to question 6.4 is: Yes, in an earlier call.")
    assert axe(page) == []
    page.keyboard.press("Tab")
    assert focused(page) == "earlier_lessons"
    page.keyboard.type("We asked in 2021, and learnt to count.")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowDown")
    assert page.input_value("#earlier_candidacy") == "first"
    assert hanging.is_hidden()
    assert axe(page) == []
    page.locator("button[name=save]").press("Enter")
    expect(page.locator("#part-saved")).to_contain_text("of 4 questions complete")
    assert hanging.is_hidden()
    # The answer is kept while it is not asked, and is there again when it is.
    assert (
        site.told(lambda tale: answer(tale, dossier_id, "earlier_lessons")) == "We asked in 2021, and learnt to count."
    )
    page.select_option("#earlier_candidacy", "earlier")
    assert hanging.is_visible()
    assert page.input_value("#earlier_lessons") == "We asked in 2021, and learnt to count."
    page.locator("button[name=save]").press("Enter")
    expect(page.locator("#part-saved")).to_contain_text("of 5 questions complete")


def test_without_a_script_the_question_stands_there_and_says_when_it_is_asked(site, open_page):
    dossier_id = site.told(lambda tale: tale.draft())
    page = open_page(site.told(lambda tale: tale.lead().email), javascript=False, width=360)
    page.goto(f"/dossiers/{dossier_id}/sections/6")
    assert page.locator("#earlier_lessons").is_visible()
    expect(page.locator("#ask-earlier_lessons")).to_contain_text("Only if the answer to question 6.4 is")
    page.fill("#earlier_lessons", "Typed all the same.")
    page.click("button[name=save]")
    expect(page.locator("#part-saved")).to_contain_text("of 4 questions complete")
    assert site.told(lambda tale: answer(tale, dossier_id, "earlier_lessons")) == "Typed all the same."


@pytest.mark.timeout(120)
def test_a_budget_checks_itself(site, open_page):
    dossier_id = site.told(lambda tale: tale.draft(share=1.0))
    rows = site.told(lambda tale: answer(tale, dossier_id, "plan_budget"))
    year, amount, total = rows[0]["year"], int(rows[0]["amount"]), int(rows[0]["total"])
    page = open_page(site.told(lambda tale: tale.lead().email))
    page.goto(f"/dossiers/{dossier_id}/sections/8")
    sums = page.locator("#totals-plan_budget .sums__list > div", has_text=year).first
    expect(sums).to_have_text(f"{year}{total:,} EUR")
    cell = page.locator("[id='plan_budget.0.amount']")
    cell.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(str(amount - 1))
    page.keyboard.press("Tab")
    expect(sums).to_have_text(f"{year}{total - 1:,} EUR")
    page.locator("button[name=save]").press("Enter")
    expect(page.locator(".error-summary")).to_contain_text(
        f"{year}, EUR: the amounts make {total - 1:,}, but the total is {total:,}."
    )
    assert axe(page) == []
    # The summary leads to the last amount of that year.
    page.locator(".error-summary a").first.press("Enter")
    assert focused(page) == "plan_budget.3.amount"
    cell.fill(str(amount))
    page.locator("button[name=save]").press("Enter")
    expect(page.locator(".error-summary")).to_have_count(0)
    expect(sums).to_have_text(f"{year}{total:,} EUR")


@pytest.mark.parametrize("width", [360, 1280])
def test_answers_are_copied_by_keyboard(site, open_page, width):
    earlier_call = Tale(site.app, site.tale.now - timedelta(days=730))
    source_id = earlier_call.draft(share=1.0)
    dossier_id = site.told(lambda tale: tale.draft())
    page = open_page(site.told(lambda tale: tale.lead().email), width=width)
    page.goto(f"/dossiers/{dossier_id}/sections")
    page.get_by_role("link", name="Copy answers from an earlier file").press("Enter")
    page.locator(f"a[href$='source={source_id}']").press("Enter")
    page.locator("#copy-form").wait_for()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.focus("#take-reasons")
    page.keyboard.press("Space")
    assert not page.is_checked("#take-reasons")
    page.locator("#offer-plan_budget summary").first.press("Enter")
    assert page.locator("#offer-plan_budget .answer__value").first.is_visible()
    assert axe(page) == []
    page.locator("#copy-form button[type=submit]").press("Enter")
    page.get_by_text("answers are copied.").wait_for()
    assert site.told(lambda tale: answer(tale, dossier_id, "reasons")) is None
    there = site.told(lambda tale: answer(tale, dossier_id, "expected_impact"))
    assert there
    assert there == site.told(lambda tale: answer(tale, source_id, "expected_impact"))
