"""From the sitting to the published list, in real browsers: the Steering Group, the Direction, the Secretariat, a city."""

from datetime import UTC, datetime

import pytest

from tests.judging import QUORUM, Judging

pytestmark = [pytest.mark.browser]


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
@pytest.mark.timeout(280)
def test_from_the_sitting_to_the_list(site, open_page, javascript):
    site.tale = Judging(site.app, site.tale.now)
    dossier_id = site.told(lambda tale: (tale.evaluators(), tale.in_review())[1])
    group = site.told(lambda tale: [p.account.email for p in tale.group()])
    call = f"/calls/{site.told(lambda tale: tale.call.key)}"
    officer = open_page(site.told(lambda tale: tale.officer().email), javascript=javascript)
    direction = open_page(site.told(lambda tale: tale.direction().email), javascript=javascript)
    lead = open_page(site.told(lambda tale: tale.lead().email), javascript=javascript)

    officer.goto(f"{call}/steering")
    officer.get_by_role("link", name="Call a sitting").click()
    officer.fill("#title", "Autumn sitting")
    officer.fill("#starts", "2099-11-24T09:30")
    officer.fill("#place", "Paris, Place de Fontenoy")
    officer.get_by_role("button", name="Call the sitting").click()
    officer.get_by_text("The sitting is called").wait_for()
    assert officer.locator("#papers .document").count() == 2
    officer.get_by_role("button", name="Open the sitting").click()

    for email in group[:QUORUM]:
        member = open_page(email, javascript=javascript)
        member.goto(f"{call}/steering")
        member.get_by_role("button", name="Take my seat").click()
        member.get_by_text("You have taken your seat").wait_for()

    member.get_by_role("button", name="Take the chair").click()
    member.get_by_role("button", name="Go to this item").click()
    member.fill("#sitting-texts #text_en", "A plan that the network can learn from.")
    member.fill("#sitting-texts #text_fr", "Un plan dont le réseau peut apprendre.")
    member.get_by_role("button", name="Save the text").click()
    member.get_by_text("The text is saved.").wait_for()
    member.locator("#put-motion > summary").click()
    member.get_by_label("Recommend the designation", exact=True).check()
    member.get_by_label("By show of hands", exact=True).check()
    member.get_by_role("button", name="Open the vote").click()
    for key, count in (("in_favour", QUORUM), ("against", 0), ("abstaining", 0)):
        member.fill(f"#sitting-vote #{key}", str(count))
    member.get_by_role("button", name="Close the vote").click()
    member.get_by_role("button", name="Conclude the item").click()
    member.get_by_text("The opinion is on record.").wait_for()

    officer.goto(f"{call}/decisions")
    officer.get_by_role("button", name="Put forward the slate").click()
    officer.get_by_text("The slate is put forward").wait_for()

    code = site.told(lambda tale: tale.code(tale.direction(), datetime.now(UTC)))
    direction.goto(f"{call}/decisions")
    direction.locator("#lines .table-act").click()
    direction.get_by_label("Designate the city", exact=True).check()
    direction.fill("#reason_en", "A strong and honest plan.")
    direction.fill("#reason_fr", "Un plan solide et honnête.")
    direction.fill("#code", code)
    direction.get_by_role("button", name="Hold this decision").click()
    direction.get_by_text("is taken and held").wait_for()

    lead.goto(f"/dossiers/{dossier_id}")
    assert "Under examination" in lead.locator(".page-head").inner_text()
    assert "Letter of designation" not in lead.content()

    code = site.told(lambda tale: tale.code(tale.officer(), datetime.now(UTC)))
    officer.goto(f"{call}/publication")
    officer.get_by_text("The call cannot be published yet").wait_for()
    site.told(lambda tale: tale.letters_stored())
    if not javascript:
        officer.reload()
    officer.get_by_label("I know that publication cannot be undone.").check()  # the page has looked again by itself
    officer.fill("#code", code)
    officer.get_by_role("button", name="Publish the call").click()
    officer.get_by_text("The call is published.").wait_for()
    assert officer.locator("#documents .document").count() == 4  # the list and the report, in both languages

    lead.goto(f"/dossiers/{dossier_id}")
    lead.locator(".state[data-state=designated]").first.wait_for()
    assert "Certificate of designation" in lead.locator("#part-documents").inner_text()
    anybody = open_page(javascript=javascript)
    anybody.goto(call)
    assert site.told(lambda tale: tale.dossier(dossier_id).lead_city) in anybody.locator("main").inner_text()
