"""The page of a dossier: what each reader sees of it, its acts for htmx and for a browser, its downloads."""

from collections.abc import Callable
from uuid import UUID

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask

from rvc_portal.models.base import db
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Attachment, Dossier
from rvc_portal.services import accounts, conflicts, evaluation, submission
from tests.judging import Judging
from tests.stories import OFFICER, Tale
from tests.web.browsing import START, Browser, Rows

LEAD, STRANGER = "lead@ville.example", "stranger@ville.example"


@pytest.fixture
def told(app: Flask) -> Callable[..., UUID]:
    """Brings a dossier to a state by the name of the tale's function; its id."""

    def tell(how: str, **more: object) -> UUID:
        with app.app_context():
            tale = Tale(app, START)
            tale.officer()
            dossier_id: UUID = getattr(tale, how)(**more)
            db.session.commit()
            return dossier_id

    return tell


def parsed(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")


def dossier_of(rows: Rows, dossier_id: UUID) -> Dossier:
    found: Dossier = rows.one(sa.select(Dossier).where(Dossier.id == dossier_id))
    return found


def state_of(rows: Rows, dossier_id: UUID) -> str:
    return dossier_of(rows, dossier_id).state


def test_a_stranger_finds_nothing(told, browser, make_account):
    dossier_id = told("draft")
    make_account(STRANGER)
    browser.sign_in(STRANGER)
    for path in ("", "/file", "/documents", f"/pieces/{dossier_id}"):
        assert browser.get(f"/dossiers/{dossier_id}{path}").status_code == 404
    assert browser.post(f"/dossiers/{dossier_id}/act/withdraw", {"reason": "x"}).status_code == 404


def test_the_secretariat_knows_of_a_draft_and_reads_none(told, browser):
    dossier_id = told("draft")
    browser.sign_in(OFFICER)
    assert browser.get(f"/dossiers/{dossier_id}").status_code == 200
    assert browser.get(f"/dossiers/{dossier_id}/file").status_code == 403


def test_a_grey_button_says_every_reason(told, browser):
    dossier_id = told("submitted")
    browser.sign_in(OFFICER)
    page = parsed(browser.get(f"/dossiers/{dossier_id}").text)
    reasons = [li.text for li in page.select("#part-actions .refusals li")]
    assert len(reasons) == 7
    assert all(".." not in reason for reason in reasons)


def test_an_act_answers_htmx_with_all_that_changed(told, browser, rows):
    dossier_id = told("screened")
    browser.sign_in(OFFICER)
    version = dossier_of(rows, dossier_id).version
    answer = browser.post(f"/dossiers/{dossier_id}/act/admit", {"version": version}, htmx=True)
    page = parsed(answer.text)
    assert answer.status_code == 200
    for part in (
        "part-state",
        "part-timeline",
        "part-next",
        "part-actions",
        "part-documents",
        "part-history",
        "messages",
    ):
        assert page.find(id=part)["data-hx-swap-oob"] == "true", part
    assert page.select_one("#part-state [data-state]")["data-state"] == "in_evaluation"
    assert "<html" not in answer.text
    assert state_of(rows, dossier_id) == "in_evaluation"


def test_an_act_answers_a_browser_with_a_redirect(told, browser, rows):
    dossier_id = told("screened")
    browser.sign_in(OFFICER)
    answer = browser.post(f"/dossiers/{dossier_id}/act/admit")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/dossiers/{dossier_id}")
    assert "In evaluation" in browser.get(f"/dossiers/{dossier_id}").text


def test_what_is_not_allowed_is_409_with_every_reason(told, browser, rows):
    dossier_id = told("submitted")
    browser.sign_in(OFFICER)
    answer = browser.post(f"/dossiers/{dossier_id}/act/admit")
    assert answer.status_code == 409
    assert len(parsed(answer.text).select(".error-page li")) == 7
    assert state_of(rows, dossier_id) == "submitted"


def test_the_second_is_told_what_the_first_did(told, browser, rows):
    dossier_id = told("screened")
    browser.sign_in(OFFICER)
    version = dossier_of(rows, dossier_id).version
    assert browser.post(f"/dossiers/{dossier_id}/act/admit", {"version": version}).status_code == 303
    answer = browser.post(f"/dossiers/{dossier_id}/act/dismiss", {"version": version, "reason": "Late."})
    assert answer.status_code == 409
    assert "admitted the file to evaluation" in answer.text


@pytest.mark.parametrize("htmx", [True, False])
def test_a_reason_left_out_is_422_and_nothing_moves(told, browser, rows, htmx):
    dossier_id = told("submitted")
    browser.sign_in(OFFICER)
    answer = browser.post(f"/dossiers/{dossier_id}/act/dismiss", {"reason": "   "}, htmx=htmx)
    page = parsed(answer.text)
    assert answer.status_code == 422
    assert page.select_one(".error-summary a")["href"] == "#dismiss-reason"
    assert page.find(id="dismiss-reason")["aria-invalid"] == "true"
    assert "open" in page.find(id="act-dismiss").attrs
    assert state_of(rows, dossier_id) == "submitted"


@pytest.mark.parametrize("name", ["designate", "lapse", "submit", "nonsense", "close_sheet"])
def test_no_other_act_is_done_here(told, browser, name):
    dossier_id = told("submitted")
    browser.sign_in(OFFICER)
    assert browser.post(f"/dossiers/{dossier_id}/act/{name}").status_code == 404


def test_a_citys_page_does_not_change_while_its_file_is_examined(app, told, browser, clock, rows):
    dossier_id = told("admitted")
    browser.sign_in(LEAD)
    before = body(browser, dossier_id)
    with app.app_context():
        tale = Tale(app, START)
        seat = accounts.create_seat(db.session, kind="expert", name="E", field="literature")
        dossier = tale.dossier(dossier_id)
        evaluation.assign(db.session, dossier, [seat.id], actor=tale.story.actor(tale.officer(), START), now=START)
        # What refer and advise do to the row, seen from the city's side.
        dossier.state, dossier.version, dossier.state_since_at = "awaiting_decision", dossier.version + 2, START
        db.session.commit()
    assert body(browser, dossier_id) == before
    assert "Withdraw the file" in before
    answer = browser.post(f"/dossiers/{dossier_id}/act/withdraw", {"reason": "We changed our minds."})
    assert answer.status_code == 303  # as before the opinion: even a refusal would tell how far the file is
    assert rows.one(sa.select(Dossier.state)) == "withdrawn"


def body(browser: Browser, dossier_id: UUID) -> str:
    page = parsed(browser.get(f"/dossiers/{dossier_id}").text)
    for token in page.select("input[name=csrf_token]"):
        token.decompose()
    return str(page.main)


def test_a_city_withdraws(told, browser, rows):
    dossier_id = told("submitted")
    browser.sign_in(LEAD)
    answer = browser.post(f"/dossiers/{dossier_id}/act/withdraw", {"reason": "We changed our minds."})
    assert answer.status_code == 303
    page = browser.get(f"/dossiers/{dossier_id}").text
    assert "Note of withdrawal" in page
    assert "We changed our minds." in page


def test_documents_are_asked_for_again_until_they_are_ready(app, told, browser):
    dossier_id = told("submitted")
    browser.sign_in(LEAD)
    part = parsed(browser.get(f"/dossiers/{dossier_id}/documents", htmx=True).text)
    assert part.find(id="documents")["data-hx-trigger"] == "every 2s"
    ready(app, dossier_id)
    part = parsed(browser.get(f"/dossiers/{dossier_id}/documents", htmx=True).text)
    assert "data-hx-trigger" not in part.find(id="documents").attrs
    assert len(part.select("a.document__name")) == 2


def ready(app: Flask, dossier_id: UUID) -> None:
    """As the worker does, with a stand-in for the PDF."""
    with app.app_context():
        sha256 = app.extensions["rvc"].files.put(b"%PDF-stand-in")
        db.session.execute(
            sa.update(Document).where(Document.dossier_id == dossier_id).values(content_sha256=sha256, pages=1, size=13)
        )
        db.session.commit()


def document_id(rows: Rows, dossier_id: UUID, kind: str) -> UUID:
    found: UUID = rows.one(sa.select(Document.id).where(Document.dossier_id == dossier_id, Document.kind == kind))
    return found


def test_a_document_is_a_private_download(app, told, browser, another_browser, rows, make_account):
    dossier_id = told("submitted")
    url = f"/documents/{document_id(rows, dossier_id, 'RECEIPT')}.pdf"
    assert browser.client.get(url).status_code == 303, "sign in first"
    browser.sign_in(LEAD)
    assert browser.get(url).status_code == 409
    ready(app, dossier_id)
    answer = browser.client.get(url)
    assert answer.data == b"%PDF-stand-in"
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert browser.client.get(url, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    make_account(STRANGER)
    another_browser.sign_in(STRANGER)
    assert another_browser.get(url).status_code == 404


def test_a_held_letter_and_a_note_are_not_the_citys(app, told, browser, another_browser, rows):
    dossier_id = told("admitted")
    ready(app, dossier_id)
    note = document_id(rows, dossier_id, "SCREENING_NOTE")
    browser.sign_in(LEAD)
    another_browser.sign_in(OFFICER)
    assert browser.get(f"/documents/{note}.pdf").status_code == 404
    assert "Screening note" not in browser.get(f"/dossiers/{dossier_id}").text
    assert another_browser.client.get(f"/documents/{note}.pdf").status_code == 200
    with app.app_context():
        db.session.execute(sa.update(Document).where(Document.kind == "RECEIPT").values(held=True, kind="CERTIFICATE"))
        db.session.commit()
    held = document_id(rows, dossier_id, "CERTIFICATE")
    assert browser.get(f"/documents/{held}.pdf").status_code == 404
    assert "Certificate" not in browser.get(f"/dossiers/{dossier_id}").text


def test_pieces_are_downloads_that_never_run(told, browser, another_browser, rows, make_account):
    dossier_id = told("submitted")
    piece = rows.all(sa.select(Attachment).where(Attachment.dossier_id == dossier_id))[0]
    url = f"/dossiers/{dossier_id}/pieces/{piece.id}"
    browser.sign_in(OFFICER)
    assert url in browser.get(f"/dossiers/{dossier_id}/file").text
    answer = browser.client.get(url)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_corrections_are_read_only_once_they_are_filed(app, told, browser, another_browser):
    dossier_id = told("returned")
    with app.app_context():
        tale = Tale(app, START)
        dossier = tale.dossier(dossier_id)
        key = next(k for k in dossier.questions_named if k not in {p["key"] for p in dossier.call.definition["pieces"]})
        dossier.questions_named = [*dossier.questions_named, "city_name"]
        actor = tale.story.actor(tale.lead(), START)
        submission.save_answers(db.session, dossier, {"city_name": "Corrected-sur-Mer"}, actor=actor, now=START)
        db.session.commit()
        assert key
    browser.sign_in(LEAD)
    another_browser.sign_in(OFFICER)
    url = f"/dossiers/{dossier_id}/file"
    assert "Corrected-sur-Mer" in parsed(browser.get(url).text).select_one(".answer[id$=city_name]").text
    assert "Corrected-sur-Mer" not in parsed(another_browser.get(url).text).select_one(".answer[id$=city_name]").text


def test_few_queries(told, browser, statements):
    dossier_id = told("submitted")
    for who in (OFFICER, LEAD):
        browser.client.get("/")
        browser.sign_in(who)
        browser.get(f"/dossiers/{dossier_id}")
        statements.clear()
        browser.get(f"/dossiers/{dossier_id}")
        asked = [s for s in statements if s.lstrip().upper().startswith(("SELECT", "WITH"))]
        assert 5 < len(asked) <= 18, who
        browser.post("/sign-out")


def test_what_ties_a_person_is_read_by_the_secretariat_alone(app, browser, another_browser):
    """Two readers of one history: the act stands there for both, its reason for one of them."""
    with app.app_context():
        tale = Judging(app, START)
        dossier_id, group = tale.in_review(), tale.group()
        conflicts.declare(
            db.session(), tale.dossier(dossier_id), group[1].seat.id, actor_id=group[1].account.id,
            reason="My sister is the mayor.", now=START,
        )  # fmt: skip
        db.session.commit()
    browser.sign_in(OFFICER)
    told = browser.get(f"/dossiers/{dossier_id}").text
    another_browser.sign_in("coordinator-1@network.example")
    other = another_browser.get(f"/dossiers/{dossier_id}").text
    assert "Conflict of interest: Coordinator 2" in told
    assert "Conflict of interest: Coordinator 2" in other
    assert "My sister is the mayor." in told
    assert "My sister is the mayor." not in other


def test_the_complete_dossier_is_asked_for_by_a_button_and_is_its_readers_alone(told, browser, rows, make_account):
    dossier_id = told("submitted")
    make_account(STRANGER)
    address = f"/dossiers/{dossier_id}/complete"
    browser.sign_in(OFFICER)
    page = parsed(browser.get(f"/dossiers/{dossier_id}").text)
    form = page.select_one(f'form[action="{address}"]')
    assert form is not None
    assert form["method"] == "post"
    assert browser.get(address).status_code == 405
    assert browser.post(address).status_code == 303
    made = rows.one(sa.select(Document).where(Document.kind == "COMPLETE_DOSSIER"))
    part = parsed(browser.post(address, htmx=True).text)
    assert part.select_one("#part-documents") is not None
    assert "Complete dossier" in part.select_one("#documents").get_text()
    assert rows.one(sa.select(sa.func.count()).select_from(Document).where(Document.kind == "COMPLETE_DOSSIER")) == 1
    assert browser.get(f"/documents/{made.id}.pdf").status_code == 409
    browser.post("/sign-out")
    browser.sign_in(LEAD)
    assert browser.get(f"/documents/{made.id}.pdf").status_code == 404
    assert str(made.id) not in browser.get(f"/dossiers/{dossier_id}").text


def test_who_reads_no_file_finds_no_button(told, browser):
    dossier_id = told("draft")
    browser.sign_in(OFFICER)
    assert "/complete" not in browser.get(f"/dossiers/{dossier_id}").text
    assert browser.post(f"/dossiers/{dossier_id}/complete").status_code == 403
