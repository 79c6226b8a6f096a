"""The page of the team and the page of an invitation: what is shown to whom, and that a link alone does nothing."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from rvc_portal.models.account import Account
from rvc_portal.models.dossier import Invitation, Membership
from rvc_portal.models.job import Mail
from rvc_portal.queries import calls
from rvc_portal.services import team
from tests.conftest import table_counts
from tests.web.browsing import soup

GUEST = "invitée@ville.example"
PASSWORD = "four plain words"


@pytest.fixture
def dossier_id(tale, browser):
    found = tale.draft()
    browser.sign_in(tale.lead())
    return found


def invited(tale, browser, dossier_id, **more) -> str:
    """The address in the mail that an invited person gets."""
    sent = {"email": GUEST, "name": "Zoé", "role": "editor", "language": "fr", "sections": "reasons"} | more
    sections = [key for key in [sent["sections"]] if key]
    answer = browser.post(f"/dossiers/{dossier_id}/team/invitations", {**sent, "sections": sections})
    assert answer.status_code == 303, answer.text
    tale.story.session.expire_all()
    mails = tale.story.session.scalars(sa.select(Mail).where(Mail.template == "team_invitation")).all()
    return next(m.context["path"] for m in mails if m.to_address == sent["email"])


def members(tale):
    tale.story.session.expire_all()
    return [(m.account.email, m.role, m.sections) for m in tale.story.session.scalars(sa.select(Membership))]


def section(tale):
    return calls.definition(tale.call).form.sections[4].key


def test_opening_the_link_changes_nothing(tale, browser, another_browser, dossier_id):
    """Mail scanners open every link, by GET and by HEAD, some of them twice."""
    path = invited(tale, browser, dossier_id, sections=section(tale))
    before = table_counts(tale.story.session)
    for _twice in range(2):
        assert another_browser.get(path).status_code == 200
        assert another_browser.client.head(path).status_code == 200
    assert table_counts(tale.story.session) == before
    tale.story.session.expire_all()
    assert tale.story.session.scalars(sa.select(Invitation)).one().accepted_at is None


def test_an_invited_person_makes_an_account_and_joins(tale, browser, another_browser, dossier_id):
    key = section(tale)
    path = invited(tale, browser, dossier_id, sections=key)
    page = soup(another_browser.get(path))
    assert page.select_one("#email")["value"] == GUEST
    assert "5. " in page.select_one(".definition").text
    assert another_browser.post(f"{path}/account", {"name": "Zoé", "password": "short"}).status_code == 422
    answer = another_browser.post(f"{path}/account", {"name": "Zoé Martin", "password": PASSWORD})
    assert answer.headers["Location"].endswith(f"/dossiers/{dossier_id}")
    assert members(tale)[-1] == (GUEST, "editor", [key])
    work = another_browser.get(f"/dossiers/{dossier_id}/sections/5")
    assert soup(work).select("#section-form textarea")
    assert "Your part of this file" in work.text
    other = soup(another_browser.get(f"/dossiers/{dossier_id}/sections/1"))
    assert other.select(".answer")
    assert not other.select("#section-form textarea, #section-form [type=text]")
    assert not soup(another_browser.get(f"/dossiers/{dossier_id}/pieces")).select("input[type=file]")
    again = another_browser.client.get(path)
    assert "was accepted" in again.text
    assert another_browser.post(f"{path}/account", {"name": "A", "password": PASSWORD}).status_code == 409


def test_an_invited_person_takes_over_what_a_stranger_registered(tale, browser, another_browser, dossier_id):
    """The code of the mail proves the address; the stranger's password never counts."""
    typed = {"name": "Stranger", "email": GUEST, "password": "a stranger with a plan", "language": "en"}
    assert another_browser.post("/register", typed).status_code == 303
    path = invited(tale, browser, dossier_id, sections="")
    assert soup(another_browser.get(path)).select("#password")
    answer = another_browser.post(f"{path}/account", {"name": "Zoé Martin", "password": PASSWORD})
    assert answer.headers["Location"].endswith(f"/dossiers/{dossier_id}")
    assert another_browser.get(answer.headers["Location"]).status_code == 200
    assert another_browser.post("/sign-out").status_code == 302
    assert another_browser.sign_in(GUEST, "a stranger with a plan").status_code == 422
    assert another_browser.sign_in(GUEST, PASSWORD).status_code == 302


def test_who_has_an_account_signs_in_and_presses_the_button(tale, browser, another_browser, dossier_id):
    guest = tale.lead("zoe@ville.example", "Zoé Martin")
    path = invited(tale, browser, dossier_id, email=guest.email, role="reader", sections="")
    page = soup(another_browser.get(path))
    assert not page.select("#password")
    link = page.select_one(f"main a[href*='{path}']")["href"]
    assert link.startswith("/sign-in?next=")
    unsigned = another_browser.post(path)
    assert "/sign-in" in unsigned.headers["Location"]
    answer = another_browser.post(
        "/sign-in", {"email": guest.email, "password": "a river and two bridges", "next": path}
    )
    assert answer.headers["Location"].endswith(path)
    assert "another address" not in another_browser.get(path).text
    assert another_browser.post(path).status_code == 303
    assert members(tale)[-1] == (guest.email, "reader", [])
    assert another_browser.post(path).status_code == 409


def test_another_account_is_warned_and_may_join(tale, browser, another_browser, dossier_id):
    path = invited(tale, browser, dossier_id, sections="")
    other = tale.lead("other@ville.example", "Otto Autre")
    another_browser.sign_in(other)
    assert "The invitation went to another address" in another_browser.get(path).text
    assert another_browser.post(path).status_code == 303
    tale.story.session.expire_all()
    assert tale.story.session.scalars(sa.select(Invitation)).one().accepted_by == other.id


@pytest.mark.parametrize("how", ["unknown", "expired", "withdrawn", "replaced"])
def test_a_code_that_opens_nothing_gets_a_plain_page(tale, browser, another_browser, dossier_id, clock, how):
    path = invited(tale, browser, dossier_id, sections="")
    url = f"/dossiers/{dossier_id}/team"
    forms = {f["action"].rpartition("/")[2]: f["action"] for f in soup(browser.get(url)).select("#invited form")}
    if how == "unknown":
        path = "/invitations/" + "0" * 32
    elif how == "expired":
        clock.forward(team.VALID_FOR)
    else:
        assert browser.post(forms["revoke" if how == "withdrawn" else "again"]).status_code == 303
    for answer in (
        another_browser.get(path),
        another_browser.post(f"{path}/account", {"name": "Zoé", "password": PASSWORD}),
    ):
        assert answer.status_code == 404
        assert "This invitation is not valid" in answer.text
    assert tale.story.session.scalar(sa.select(sa.func.count(Account.id)).where(Account.email == GUEST)) == 0


@pytest.mark.parametrize("htmx", [False, True])
def test_a_wrong_invitation_is_told_beside_the_field(tale, browser, dossier_id, htmx):
    sent = {"email": "nowhere", "name": "Zoé", "role": "editor", "language": "fr"}
    answer = browser.post(f"/dossiers/{dossier_id}/team/invitations", sent, htmx=htmx)
    assert answer.status_code == 422
    page = soup(answer)
    assert page.select_one("#invite [name=name]")["value"] == "Zoé"
    assert page.select_one(".error-summary a")["href"] == "#email"


def test_the_page_tells_who_joined_when_and_who_left(tale, browser, another_browser, dossier_id, clock):
    path = invited(tale, browser, dossier_id, sections="")
    another_browser.post(f"{path}/account", {"name": "Zoé Martin", "password": PASSWORD})
    url = f"/dossiers/{dossier_id}/team"
    page = soup(browser.get(url))
    assert [c.select_one("h3").text.strip() for c in page.select("#members .card")] == [
        "Amélie Saint-Jean (you)",
        "Zoé Martin",
    ]
    assert not page.select("#invited")
    assert not soup(another_browser.get(url)).select("#invite, #members form[action*=members]")
    (end,) = page.select("#members form[action$=end]")
    clock.forward(timedelta(minutes=5))
    assert browser.post(end["action"]).status_code == 303
    assert "Zoé Martin, Editor of the dossier, from" in browser.get(url).text
    assert another_browser.client.get(url).status_code == 404
    history = browser.get(f"/dossiers/{dossier_id}").text
    assert "took a member out of the team" in history.lower()


def test_rights_change_and_the_lead_is_handed_over(tale, browser, another_browser, dossier_id):
    path = invited(tale, browser, dossier_id, sections="")
    another_browser.post(f"{path}/account", {"name": "Zoé Martin", "password": PASSWORD})
    url = f"/dossiers/{dossier_id}/team"
    page = soup(browser.get(url))
    change = page.select_one("#members .deed[id^=change] form")["action"]
    assert browser.post(change, {"role": "lead"}).status_code == 422
    assert browser.post(change, {"role": "reader"}).status_code == 303
    assert members(tale)[-1][1:] == ("reader", [])
    assert browser.post(page.select_one("form[action$=lead]")["action"]).status_code == 303
    assert [role for _email, role, _sections in members(tale)] == ["editor", "lead"]
    assert not soup(browser.get(url)).select("#invite")
    taking_leave = another_browser.post(f"{url}/leave", {"successor": ""})
    assert taking_leave.status_code == 409
    heir = soup(another_browser.get(url)).select_one("#successor option[value]:not([value=''])")["value"]
    assert another_browser.post(f"{url}/leave", {"successor": "nobody"}).status_code == 404
    assert another_browser.post(f"{url}/leave", {"successor": heir}).status_code == 303
    assert another_browser.client.get(url).status_code == 404
    assert members(tale)[0][1] == "lead"


def test_the_secretariat_names_a_lead_for_one_who_vanished(tale, browser, another_browser, dossier_id):
    path = invited(tale, browser, dossier_id, sections="")
    another_browser.post(f"{path}/account", {"name": "Zoé Martin", "password": PASSWORD})
    officer = tale.officer()
    another_browser.client.post("/sign-out", data={"csrf_token": another_browser.token()})
    another_browser.sign_in(officer)
    url = f"/dossiers/{dossier_id}/team"
    assert not soup(another_browser.get(url)).select("form[action$=appoint]")
    tale.lead().active = False
    tale.story.commit()
    page = soup(another_browser.get(url))
    (form,) = page.select("form[action$=appoint]")
    assert another_browser.post(form["action"], {"reason": " "}).status_code == 422
    assert another_browser.post(form["action"], {"reason": "The lead has left the city."}).status_code == 303
    assert [role for _email, role, _sections in members(tale)][-1] == "lead"
