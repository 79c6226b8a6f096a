"""A form filled in away from the portal, as its city brings it in on the pages."""

import io

import pytest
import sqlalchemy as sa

from rvc_portal.models.dossier import Membership
from rvc_portal.models.filled_form import FilledForm
from rvc_portal.queries import dossiers
from rvc_portal.services import submission
from tests import forms_away
from tests.stories import Tale, end_sessions, town
from tests.web.browsing import START, soup

NAME = "formulaire rempli.pdf"


@pytest.fixture
def tale(app, clock):
    with app.app_context():
        yield Tale(app, START)


def filled(tale, **said):
    return forms_away.fill(forms_away.blank(tale.story.session, tale.call), said)


def upload(browser, dossier_id, content, name=NAME):
    return browser.post(f"/dossiers/{dossier_id}/blank-form", {"form": (io.BytesIO(content), name)})


def kept(tale, dossier_id):
    tale.story.session.rollback()
    tale.story.session.expire_all()
    return dict(dossiers.values(tale.story.session, dossier_id))


def sent_by(page):
    boxes = page.select("#take-form input[name=take]")
    return {
        "seen": [field["value"] for field in page.select("#take-form input[name=seen]")],
        "take": [box["value"] for box in boxes if box.has_attr("checked")],
    }


def test_a_form_comes_back_is_looked_at_and_taken(tale, browser):
    dossier_id = tale.draft()
    tale.story.session.commit()
    submission.save_answers(
        tale.story.session, tale.dossier(dossier_id), {"expected_impact": "Much for the city."},
        actor=tale.story.actor(tale.lead(), START), now=START,
    )  # fmt: skip
    tale.story.commit()
    before = kept(tale, dossier_id)
    browser.sign_in(tale.lead())
    home = f"/dossiers/{dossier_id}"
    assert soup(browser.get(f"{home}/sections")).select_one(f"a[href='{home}/blank-form']")
    assert len(soup(browser.get(f"{home}/blank-form")).select("#documents li")) == 2  # one in each language
    answer = upload(
        browser,
        dossier_id,
        filled(tale, reasons="Because.", expected_impact="Much for the region.", communication="w " * 400),
    )
    assert answer.status_code == 303
    assert kept(tale, dossier_id) == before
    page = soup(browser.get(answer.headers["Location"]))
    assert NAME in page.text
    sent = sent_by(page)
    assert sent["take"] == ["reasons", "communication"]
    told = page.select_one("#offer-expected_impact")
    assert [told.select_one("del").text, told.select_one("ins").text] == ["[removed: city]", "[added: region]"]
    assert "another answer already" in told.text
    assert "Too long: 400 words" in page.select_one("#offer-communication").text
    done = browser.post(answer.headers["Location"], sent | {"take": ["reasons", "expected_impact"]})
    assert done.status_code == 303
    assert "2 answers are taken from the form." in browser.get(done.headers["Location"]).text
    assert kept(tale, dossier_id) == before | {"reasons": "Because.", "expected_impact": "Much for the region."}
    assert "Brought in answers from a form filled in away from the portal" in browser.get(home).text
    again = soup(browser.get(answer.headers["Location"]))
    assert "Answers were taken from this form already." in again.text
    assert sent_by(again)["take"] == ["communication"]


def test_what_cannot_be_read_says_why_at_its_field(tale, browser):
    dossier_id = tale.draft()
    tale.story.commit()
    browser.sign_in(tale.lead())
    empty = forms_away.blank(tale.story.session, tale.call)
    for content, why in ((b"no form", "none of these formats: PDF"), (empty, "Nothing is filled in")):
        answer = upload(browser, dossier_id, content)
        assert answer.status_code == 422
        page = soup(answer)
        assert why in page.select_one(".error-summary").text
        assert page.select_one("input[type=file][aria-invalid=true]")
    assert "Choose a file first." in browser.post(f"/dossiers/{dossier_id}/blank-form").text
    assert not tale.story.session.scalars(sa.select(FilledForm)).all()


def test_nothing_ticked_and_an_answer_of_meanwhile_are_told_on_the_page(tale, browser):
    dossier_id = tale.draft()
    tale.story.commit()
    browser.sign_in(tale.lead())
    url = upload(browser, dossier_id, filled(tale, reasons="From the form.")).headers["Location"]
    sent = sent_by(soup(browser.get(url)))
    none = browser.post(url, sent | {"take": []})
    assert (none.status_code, "Nothing is ticked" in none.text) == (422, True)
    submission.save_answers(
        tale.story.session, tale.dossier(dossier_id), {"reasons": "Meanwhile."},
        actor=tale.story.actor(tale.lead(), START), now=START,
    )  # fmt: skip
    tale.story.commit()
    late = browser.post(url, sent)
    assert late.status_code == 409
    assert "changed the answer to question" in late.text
    assert kept(tale, dossier_id)["reasons"] == "Meanwhile."
    # Seen now, it can be taken.
    assert browser.post(url, sent_by(soup(late)) | {"take": ["reasons"]}).status_code == 303
    assert kept(tale, dossier_id)["reasons"] == "From the form."


def test_it_is_for_whoever_writes_at_the_file_and_each_sees_their_own_alone(tale, browser):
    dossier_id, session = tale.draft(), tale.story.session
    reader, colleague = tale.lead("reader@ville.example", "Rosa"), tale.lead("colleague@ville.example", "Benoît")
    for account, role in ((reader, "reader"), (colleague, "editor")):
        session.add(Membership(dossier_id=dossier_id, account_id=account.id, role=role, since_at=START))
    tale.story.commit()
    browser.sign_in(tale.lead())
    url = upload(browser, dossier_id, filled(tale, reasons="Because.")).headers["Location"]
    browser.post("/sign-out")
    browser.sign_in(colleague)
    assert browser.get(url).status_code == 404
    assert browser.post(url, {"take": ["reasons"]}).status_code == 404
    browser.post("/sign-out")
    browser.sign_in(reader)
    assert browser.get(f"/dossiers/{dossier_id}/blank-form").status_code == 302
    assert upload(browser, dossier_id, filled(tale, reasons="Because.")).status_code == 409
    assert "reasons" not in kept(tale, dossier_id)


def test_after_the_deadline_once_filed_and_signed_out(tale, browser, clock):
    dossier_id = tale.draft()
    filed = tale.submitted(town("Submitted-sur-Mer"))
    tale.story.commit()
    content = filled(tale, reasons="Because.")
    browser.sign_in(tale.lead())
    url = upload(browser, dossier_id, content).headers["Location"]
    sent = sent_by(soup(browser.get(url)))
    after = upload(browser, filed, content)
    assert (after.status_code, "The file was submitted" in after.text) == (409, True)
    clock.at = tale.call.closes_at
    clock.forward(tale.call.closes_at - START)
    browser.sign_in(tale.lead())
    late = browser.post(url, sent)
    assert (late.status_code, "What was saved until then is kept" in late.text) == (409, True)
    assert not soup(browser.get(f"/dossiers/{dossier_id}/blank-form")).select("input[type=file]")
    end_sessions(tale)
    tale.story.commit()
    assert "/sign-in" in browser.post(url, sent).headers["Location"]
    assert "reasons" not in kept(tale, dossier_id)
