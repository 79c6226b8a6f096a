"""A city takes the form along, fills it in where there is no line, and brings it back: the difference first, then the draft."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from rvc_portal import jobs
from rvc_portal.models.document import Document
from rvc_portal.models.job import Job
from rvc_portal.queries import dossiers
from tests import forms_away

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

FILLED = {
    "reasons": "Because the river reads.\rAnd so do we — à 5 €.",
    "mayor.email": "mairie@ville.example",
    "prep_partners.0.partner": "The library",
    "prep_partners.0.sector": "public",
    "local_initiatives.0.objectives_served.access": True,
    "commit_info": "yes",
    "communication": "word " * 200,
    "city_name": "Another name",
}


@pytest.fixture
def dossier_id(site):
    """A draft, in a call whose English form is ready; everything else waits for a worker."""
    found = site.told(lambda tale: tale.draft())
    site.told(_leave_the_english_form)
    jobs.drain(site.app)
    return found


def _leave_the_english_form(tale):
    form = sa.select(Document.id).where(Document.kind == "BLANK_FORM", Document.language == "en")
    tale.story.session.execute(sa.delete(Job).where(Job.subject_id.not_in(form)))


def answers(site, dossier_id):
    return site.told(lambda tale: dict(dossiers.values(tale.story.session, dossier_id)))


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_the_form_is_taken_filled_in_and_brought_back(site, open_page, dossier_id, javascript):
    before = answers(site, dossier_id)
    page = open_page("lead@ville.example", javascript=javascript, width=360)
    page.goto(f"/calls/{site.told(lambda tale: tale.call.key)}")
    expect(page.locator("#take-along")).to_contain_text("can be filled in on a computer, away from the portal")
    page.goto(f"/dossiers/{dossier_id}/sections")
    page.get_by_role("link", name="Fill in the form away from the portal, and bring it in").click()
    with page.expect_download() as download:
        page.locator("#documents a").first.click()
    content = forms_away.fill(download.value.path().read_bytes(), FILLED)
    field = page.get_by_label("Form filled in (PDF)")
    field.set_input_files({"name": "formulaire.pdf", "mimeType": "application/pdf", "buffer": content})
    assert not javascript or fits(page)
    field.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # by the keyboard alone
    expect(page.get_by_role("heading", name="What the form would change")).to_be_visible()
    assert answers(site, dossier_id) == before
    assert not javascript or fits(page)
    expect(page.locator("#take-reasons")).to_be_checked()
    expect(page.locator("#take-city_name")).not_to_be_checked()  # the draft says otherwise
    expect(page.locator("#offer-city_name del")).to_be_visible()
    expect(page.locator("#offer-communication")).to_contain_text("Too long: 200 words of 150 allowed.")
    page.locator("#take-communication").uncheck()
    page.get_by_role("button", name="Take what is ticked").click()
    expect(page.get_by_text("answers are taken from the form.")).to_be_visible()
    after = answers(site, dossier_id)
    assert after["reasons"] == "Because the river reads.\nAnd so do we — à 5 €."
    assert after["mayor"]["email"] == "mairie@ville.example"
    assert after["prep_partners"] == [{"partner": "The library", "sector": "public", "role": ""}]
    assert after["local_initiatives"][0]["objectives_served"] == ["access"]
    assert after["commit_info"] == "yes"
    assert (after["city_name"], "communication" in after) == (before["city_name"], False)
