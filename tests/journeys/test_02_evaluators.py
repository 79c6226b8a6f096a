"""Evaluators in a real browser: asked by the Secretariat, they declare, score and close; the file goes on."""

import pytest

from tests.judging import REASON, Judging

pytestmark = [pytest.mark.browser]


@pytest.fixture
def judging(site):
    site.tale = Judging(site.app, site.tale.now)
    return site


def score_all(page, javascript):
    for number, criterion in enumerate(page.locator(".criterion").all()):
        criterion.locator(f".score input[value='{6 + number % 4}']").check(force=True)
        criterion.locator("textarea").fill(REASON)
        if javascript:
            criterion.locator("[data-state=saved] time").wait_for()
    if not javascript:
        page.get_by_role("button", name="Save the sheet").click()
        page.get_by_text("Your sheet is saved.").wait_for()


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
@pytest.mark.timeout(280)
def test_evaluators_judge_a_file(judging, open_page, javascript):
    site = judging
    dossier_id = site.told(lambda tale: (tale.evaluators(), tale.admitted())[1])
    officer = open_page(site.told(lambda tale: tale.officer().email), javascript=javascript)

    officer.goto(f"/dossiers/{dossier_id}/evaluators")
    assert "same country" in officer.locator(".seat-row--conflict").inner_text()
    for box in officer.locator("input[name=seat]").all():
        box.check()
    officer.get_by_role("button", name="Ask the evaluators ticked").click()
    officer.get_by_text("7 evaluators were asked.").wait_for()
    assert officer.locator(".seat-row--asked").count() == 7

    page = open_page("norwich@network.example", javascript=javascript, width=360)
    page.goto("/desk")
    page.locator("a[href^='/assignments/']").first.click()
    page.get_by_label("I have no conflict of interest", exact=False).check()
    page.get_by_role("button", name="Declare").click()
    page.locator(".criterion").first.wait_for()
    score_all(page, javascript)
    assert "5 of 5" in page.locator("#part-progress").inner_text()
    page.get_by_role("link", name="Review and close the sheet").click()
    page.get_by_role("button", name="Close the sheet for good").click()
    page.get_by_text("Your sheet is closed.").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    def rest(tale):
        found = tale.assignments(dossier_id)
        for name in sorted(set(found) - {"Norwich"}):
            tale.closed(found[name])

    site.told(rest)
    officer.goto(f"/dossiers/{dossier_id}/evaluation")
    assert officer.locator("#sheets > details").count() == 7
    officer.goto(f"/dossiers/{dossier_id}")
    officer.get_by_role("button", name="Refer to the Steering Group").click()
    officer.locator(".state[data-state=in_review]").first.wait_for()
    assert site.told(lambda tale: tale.dossier(dossier_id).state) == "in_review"


@pytest.mark.timeout(200)
def test_an_evaluator_with_a_tie_steps_aside(judging, open_page):
    site = judging
    dossier_id = site.told(lambda tale: (tale.evaluators(), tale.admitted())[1])
    assignment_id = site.told(lambda tale: tale.asked(dossier_id)["Granada"])
    page = open_page("granada@network.example")
    page.goto(f"/assignments/{assignment_id}")
    page.get_by_label("I have a conflict of interest", exact=False).check()
    page.get_by_label("What ties you to this city").fill("I advised on the file.")
    page.get_by_role("button", name="Declare").click()
    page.get_by_text("You have stepped aside").wait_for()
    assert page.locator("a[href^='/assignments/']").count() == 0
    assert page.request.get(f"{site.url}/assignments/{assignment_id}").status == 404
