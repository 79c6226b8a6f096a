"""From the button to the proof: filed, received, returned with reasons, corrected, compared, filed again, checked."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from rvc_portal import jobs
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from rvc_portal.queries import calls
from tests.engines.test_commands import Command, rvc  # noqa: F401
from tests.stories import Tale

pytestmark = [pytest.mark.browser]

NOTE = "Dites d’où vient l’argent, année par année."


def looked_at(page: Page) -> None:
    """Nothing scrolls sideways on a telephone, and no rule of accessibility is broken, narrow or wide."""
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    broken = Axe().run(page).response["violations"]
    assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in broken] == [], page.url


@pytest.mark.timeout(280)
def test_a_receipt_from_the_button_to_the_proof(site, open_page, rvc: Command, tmp_path: Path) -> None:  # noqa: F811
    dossier_id = site.told(lambda tale: tale.ready())
    home = f"/dossiers/{dossier_id}"
    lead, officer = site.told(lambda tale: (tale.lead().email, tale.officer().email))
    city, secretariat = open_page(lead), open_page(officer)

    city.goto(f"{home}/submit")
    city.dblclick("main form[action$='/submit'] button[type=submit]")
    city.wait_for_url(f"**{home}/filings/1")
    city.get_by_text("Being prepared").wait_for()
    looked_at(city)
    while jobs.do_next(site.app):
        pass
    city.locator("#receipt-documents a").wait_for()  # the list asked again by itself
    with city.expect_download() as coming:
        city.click("#receipt-documents a")
    receipt = tmp_path / "receipt.pdf"
    coming.value.save_as(receipt)

    secretariat.goto(f"{home}/return")
    secretariat.locator("details:has(#named-reasons) > summary").click()
    assert not secretariat.locator("#note-reasons").is_visible()
    secretariat.check("#named-reasons")
    secretariat.fill("#note-reasons", NOTE)
    secretariat.fill("#reason", "Un point est à compléter.")
    looked_at(secretariat)
    secretariat.click("main form button[type=submit]")
    secretariat.wait_for_url(f"**{home}")

    number = site.told(lambda tale: calls.definition(tale.call).form.section_of("reasons").number)
    city.goto(f"{home}/sections/{number}")
    assert NOTE in city.locator("#ask-reasons .correction").inner_text()
    looked_at(city)
    before = city.input_value("#reasons")
    city.fill("#reasons", before + " La région paie la moitié.")
    with city.expect_navigation():  # the answer saves itself, then the page is sent
        city.click("button[name=save]")
    city.goto(f"{home}/sections")
    assert "Changed" in city.locator("#corrections li").inner_text()
    city.click("#corrections > p a")
    assert "La région paie la moitié" in city.locator("#compared-reasons ins").inner_text()
    looked_at(city)

    site.told(sign_off)
    city.goto(f"{home}/submit")
    city.click("main form[action$='/submit'] button[type=submit]")
    city.wait_for_url(f"**{home}/filings/2")
    secretariat.goto(f"{home}/screening")
    secretariat.click("text=What the city changed")
    assert secretariat.locator(".compared").count() == 1
    looked_at(secretariat)

    anybody = open_page()
    anybody.goto("/verify")
    anybody.set_input_files("#file", receipt)
    anybody.click("text=Check the file")
    assert re.search(r"superseded.*Filing no\. 2", anybody.locator("#finding").inner_text(), re.DOTALL)
    looked_at(anybody)
    done = rvc("filing", "verify", str(receipt), data=site.app.extensions["rvc"].settings.data)
    assert done.returncode == 0
    assert "It is superseded: filing no. 2" in done.stdout
    assert site.told(lambda tale: tale.story.session.query(Document).filter_by(kind="RECEIPT").count()) == 2


def sign_off(tale: Tale) -> None:
    dossier = tale.story.session.query(Dossier).one()
    tale.story.sign_off(dossier, tale.lead(), tale.now)
