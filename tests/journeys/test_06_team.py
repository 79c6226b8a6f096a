"""Several people at one file, in a real browser: an editor of one section is invited, joins by a button and writes; the
mayor signs off; a change asks for a new sign-off. The pages pass axe."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from rvc_portal.models.dossier import Dossier, Membership
from rvc_portal.models.job import Mail
from rvc_portal.queries import dossiers, facts
from tests.stories import PASSWORD, Tale

pytestmark = [pytest.mark.browser]

GUEST = "zoe@ville.example"


def mailed(tale: Tale, template: str) -> str:
    """The address in the mail of this kind that was written last."""
    found = tale.story.session.query(Mail).filter_by(template=template).order_by(Mail.created_at).all()
    return str(found[-1].context["path"])


def accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def write(page: Page, text: str) -> None:
    """Type an answer, leave the field and wait until it is saved."""
    page.fill("#reasons", text)
    page.locator("#reasons").blur()
    expect(page.locator("#status-reasons[data-state=saved] time")).to_be_visible(timeout=20_000)


def standing(tale: Tale) -> dict[str, str]:
    return facts.sign_off_states(tale.story.session, tale.story.session.query(Dossier).one())


@pytest.mark.timeout(180)
def test_a_team_writes_and_the_mayor_signs(site, open_page):
    dossier_id = site.told(lambda tale: tale.draft(share=1.0))
    site.told(lambda tale: tale.lead("zoe@ville.example", "Zoé Martin"))
    lead = open_page(site.told(lambda tale: tale.lead().email))
    lead.goto(f"/dossiers/{dossier_id}/sections")
    lead.click(".contents__more >> text=Team")
    accessible(lead)
    lead.fill("#email", GUEST)
    lead.check("#invite [name=sections] >> nth=4")
    lead.click("#invite button[type=submit]")
    lead.get_by_text("on its way to zoe@ville.example").wait_for()
    accessible(lead)

    path = site.told(lambda tale: mailed(tale, "team_invitation"))
    guest = open_page(width=360)
    guest.goto(path)
    accessible(guest)
    assert site.told(lambda tale: tale.story.session.query(Membership).count()) == 1  # the link alone changes nothing
    guest.click("main a[href*='/sign-in']")
    guest.fill("#email", GUEST)
    guest.fill("#password", PASSWORD)
    guest.click("main form button[type=submit]")
    guest.wait_for_url(f"**{path}")
    accessible(guest)
    guest.click("main form.act button[type=submit]")
    guest.wait_for_url(f"**/dossiers/{dossier_id}")
    guest.goto(f"/dossiers/{dossier_id}/sections/1")
    assert guest.locator("#section-form textarea, #section-form [type=text]").count() == 0
    assert guest.get_by_text("Your part of this file").is_visible()
    guest.goto(f"/dossiers/{dossier_id}/sections/5")
    accessible(guest)
    write(guest, "A city of three rivers and one library.")
    assert "three rivers" in site.told(lambda tale: dossiers.values(tale.story.session, dossier_id)["reasons"])

    lead.goto(f"/dossiers/{dossier_id}/sections")
    lead.fill("#sign-off-mayor-name", "Ana Maire")
    lead.fill("#sign-off-mayor-email", "maire@ville.example")
    lead.click("#sign-off-mayor form button[type=submit]")
    lead.get_by_text("on its way to Ana Maire").wait_for()
    accessible(lead)
    mayor = open_page(width=360)
    mayor.goto(site.told(lambda tale: mailed(tale, "sign_off")))
    accessible(mayor)
    assert mayor.evaluate("document.documentElement.scrollWidth <= innerWidth")
    mayor.click("main a[href='#answer']")
    mayor.check("[name=answer][value=given]")
    mayor.click("main form button[type=submit]")
    mayor.get_by_text("Thank you, Ana Maire").wait_for()
    assert site.told(standing)["mayor"] == "given"

    guest.goto(f"/dossiers/{dossier_id}/sections/5")
    write(guest, "A city of four rivers.")
    lead.goto(f"/dossiers/{dossier_id}/sections")
    lead.get_by_text("a new sign-off is needed").first.wait_for()
    assert site.told(standing)["mayor"] == "outdated"
