"""The slate is composed, the Direction sets up a second factor and decides, and the worker publishes at the set time: in
real browsers, with and without script."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from rvc_portal import jobs
from rvc_portal.domain.vocabulary import JobKind, JobStatus
from rvc_portal.gateways import one_time_codes
from rvc_portal.models.job import Job
from rvc_portal.models.second_factor import SecondFactor
from rvc_portal.queries import calls
from tests.judging import Judging
from tests.stories import PASSWORD, town

pytestmark = [pytest.mark.browser]

SECOND = "Aubervilliers-les-Bains"


def typed_secret(page, site):
    """What an app shows to which the page's letters were typed."""
    key = site.app.extensions["rvc"].settings.secret_key
    sealed = one_time_codes.new_secret(key, page.locator("p.ident").inner_text())
    return one_time_codes.code(key, sealed, datetime.now(UTC))


def only_publish(tale):
    """Letters, mails and the like are done: what is left to the worker is the publication."""
    tale.letters_stored()
    tale.story.session.execute(sa.update(Job).where(Job.kind != JobKind.PUBLISH).values(status=JobStatus.DONE))


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
@pytest.mark.timeout(280)
def test_the_direction_decides_and_the_worker_publishes(site, open_page, javascript):
    site.tale = Judging(site.app, site.tale.now)
    first = site.told(lambda tale: tale.awaiting())
    second = site.told(lambda tale: tale.awaiting(town(SECOND, country="BE"), tale.lead("second@ville.example")))
    call = f"/calls/{site.told(lambda tale: tale.call.key)}"
    city = site.told(lambda tale: tale.dossier(first).lead_city)
    officer = open_page(site.told(lambda tale: tale.officer().email), javascript=javascript, width=360)
    email = site.told(lambda tale: tale.direction().email)
    site.told(lambda tale: tale.story.session.execute(sa.delete(SecondFactor)))
    direction = open_page(email, javascript=javascript)

    officer.goto(f"{call}/slate")
    officer.fill("#name", "First")
    officer.get_by_role("button", name="Begin the variant").click()
    officer.fill(f"#reason-{second}", "One of two of its country")
    officer.get_by_role("button", name=f"Take out {SECOND}").click()
    officer.get_by_text("One of two of its country").wait_for()
    officer.get_by_role("button", name="Undo").click()
    officer.get_by_text("One of two of its country").wait_for(state="detached")
    officer.reload()
    officer.get_by_role("button", name="Redo").click()
    officer.get_by_text("One of two of its country").wait_for()
    assert officer.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    officer.locator("#choose summary").click()
    officer.get_by_role("button", name="Freeze it and print it").click()
    officer.get_by_text("The slate is put forward").wait_for()

    direction.goto(f"/dossiers/{first}/decision")
    direction.get_by_text("Your role needs a second factor").wait_for()
    direction.get_by_role("button", name="Set it up").click()
    direction.fill("#code", typed_secret(direction, site))
    direction.fill("#password", PASSWORD)
    direction.get_by_role("button", name="Take it into use").click()
    direction.get_by_text("These codes are shown this once").wait_for()
    recovery, another, *_ = direction.locator(".recovery-codes li").all_inner_texts()
    direction.get_by_role("link", name="I have kept them").click()
    direction.wait_for_url(f"**/dossiers/{first}/decision")
    direction.context.clear_cookies()
    direction.goto(f"/dossiers/{first}/decision")
    direction.fill("#email", email)
    direction.fill("#password", PASSWORD)
    direction.get_by_role("button", name="Sign in").click()
    direction.get_by_text("One step more").wait_for()
    direction.go_back()
    direction.go_forward()
    direction.fill("#code", "000000")
    direction.get_by_role("button", name="Sign in").click()
    direction.get_by_text("This code is not right").first.wait_for()
    direction.fill("#code", another)
    direction.get_by_role("button", name="Sign in").click()
    direction.wait_for_url(f"**/dossiers/{first}/decision")

    for dossier_id, outcome in ((first, "Designate the city"), (second, "Do not designate the city")):
        direction.goto(f"{call}/decisions")
        direction.goto(f"/dossiers/{dossier_id}/decision")
        direction.get_by_label(outcome, exact=True).check()
        direction.fill("#reason_en", "A strong and honest plan.")
        direction.fill("#reason_fr", "Un plan solide et honnête.")
        if dossier_id == first:
            direction.get_by_role("button", name="Hold this decision").click()
            direction.get_by_text("Write the code that your app shows now.").first.wait_for()
            assert direction.locator("#reason_fr").input_value() == "Un plan solide et honnête."
            direction.fill("#code", recovery)
        assert direction.locator("#code").count() == (dossier_id == first)
        direction.get_by_role("button", name="Hold this decision").click()
        direction.get_by_text("is taken and held").wait_for()

    zone = ZoneInfo(site.told(lambda tale: calls.definition(tale.call).timezone))
    code = site.told(lambda tale: tale.code(tale.officer(), datetime.now(UTC)))
    due = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(hours=1)
    officer.goto(f"{call}/publication")
    officer.get_by_label("At a set time", exact=True).check()
    officer.fill("#at", due.astimezone(zone).strftime("%Y-%m-%dT%H:%M"))
    officer.get_by_label("I know that publication cannot be undone.").check()
    officer.fill("#code", code)
    officer.get_by_role("button", name="Publish the call").click()
    officer.get_by_text("The publication is planned.").wait_for()

    site.told(only_publish)
    assert not jobs.do_next(site.app)
    lead = open_page(site.told(lambda tale: tale.lead().email), javascript=javascript)
    lead.goto(f"/dossiers/{first}")
    assert "Under examination" in lead.locator(".page-head").inner_text()
    site.app.config["CLOCK"] = lambda: due
    assert jobs.do_next(site.app)
    site.app.config["CLOCK"] = lambda: datetime.now(UTC)
    lead.reload()
    lead.locator(".state[data-state=designated]").first.wait_for()
    anybody = open_page(javascript=javascript)
    anybody.goto(call)
    shown = anybody.locator("main").inner_text()
    assert city in shown
    assert SECOND not in shown
