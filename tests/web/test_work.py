"""The work in the background: what a reader sees of a document, and what the Secretariat sees and does."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from rvc_portal import jobs
from rvc_portal.documents.pdf import DocumentError
from rvc_portal.domain.vocabulary import Doc, JobKind, JobStatus, Signing
from rvc_portal.gateways import authority
from rvc_portal.gateways.files import StorageError
from rvc_portal.gateways.signing import SigningLater
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.document import Document
from rvc_portal.models.job import Job
from rvc_portal.models.journal import JournalEntry
from rvc_portal.services import queue, rendering
from tests import signatures
from tests.stories import OFFICER
from tests.web.browsing import START, soup


@pytest.fixture
def dossier_id(tale):
    found = tale.submitted()
    tale.story.commit()
    return found


def job(tale, kind: Doc = Doc.RECEIPT) -> Job:
    query = sa.select(Job).join(Document, Document.id == Job.subject_id).where(Document.kind == kind)
    return tale.story.session.scalars(query.execution_options(populate_existing=True)).one()


def note(tale, **values) -> Job:
    found = job(tale)
    for name, value in values.items():
        setattr(found, name, value)
    tale.story.commit()
    return found


def receipt(browser, dossier_id):
    page = soup(browser.get(f"/dossiers/{dossier_id}/documents", htmx=True))
    return next(item for item in page.select(".document") if "RECEIPT" in str(item) or "Receipt" in item.text)


def told(part) -> str:
    return " ".join(part.get_text(" ").split())


def test_a_reader_sees_how_far_a_document_is(tale, browser, dossier_id):
    browser.sign_in(tale.lead())
    assert "Being prepared: waiting its turn" in told(receipt(browser, dossier_id))
    note(tale, status=JobStatus.RUNNING, lease_until_at=START + timedelta(minutes=1))
    assert "Being prepared…" in told(receipt(browser, dossier_id))
    note(tale, page=12)
    assert "Being prepared: page 12" in told(receipt(browser, dossier_id))
    note(tale, status=JobStatus.QUEUED, page=None, error="StorageError: full", attempts=1)
    assert "Being prepared: waiting its turn" in told(receipt(browser, dossier_id))


def test_what_failed_says_why_and_its_reader_has_it_tried_again(tale, browser, another_browser, dossier_id):
    failed = {"status": JobStatus.FAILED, "attempts": 5, "error": "StorageError: The storage cannot take a file"}
    note(tale, **failed)
    browser.sign_in(tale.lead())
    item = receipt(browser, dossier_id)
    assert "Could not be made: the storage is full or cannot be reached. The Secretariat has been told." in told(item)
    assert "The storage cannot take a file" not in str(item), "the worker's own words are for the Secretariat"
    another_browser.sign_in(tale.lead("stranger@ville.example"))
    url = item.select_one("form")["action"]
    assert another_browser.post(url).status_code == 404
    assert job(tale).status == JobStatus.FAILED
    tale.story.commit()
    assert browser.post(url).status_code == 303
    assert job(tale).status == JobStatus.QUEUED
    tale.story.commit()
    assert receipt(browser, dossier_id).select_one("form") is None


def test_what_was_set_aside_is_the_secretariats_to_try(tale, browser, dossier_id):
    found = note(tale, status=JobStatus.FAILED, set_aside_at=START, deaths=3, error=queue.KILLED)
    url = f"/documents/{found.subject_id}/retry"
    tale.story.commit()
    browser.sign_in(tale.lead())
    item = receipt(browser, dossier_id)
    assert "the worker was stopped each time it tried" in told(item)
    assert item.select_one("form") is None
    assert browser.post(url).status_code == 409
    assert job(tale).set_aside_at == START


def test_a_document_whose_worker_dies_three_times_is_on_the_officers_desk(app, tale, browser, clock, dossier_id):
    tale.officer()
    tale.story.commit()
    session, work = tale.story.session, app.extensions[jobs.EXTENSION]
    session.execute(sa.update(Job).where(Job.id != job(tale).id).values(status=JobStatus.DONE))
    tale.story.commit()
    for _ in range(queue.DEATHS):
        assert queue.claim(session, clock.at)
        deadly = job(tale).id
        tale.story.commit()
        work.mourn(deadly)
        clock.forward(queue.LEASE + timedelta(seconds=1))
    assert job(tale).set_aside_at == clock.at - queue.LEASE - timedelta(seconds=1)
    tale.story.commit()
    browser.sign_in(OFFICER)
    assert "One piece of work in the background waits for you" in told(
        soup(browser.get("/desk")).select_one("#secretariat")
    )
    page = soup(browser.get("/work?state=aside"))
    (row,) = page.select("#jobs tbody tr")
    assert "Set aside" in told(row)
    assert "the worker stopped 3 times" in told(row)
    (again,) = row.select("form")
    assert browser.post(again["action"]).status_code == 303
    assert (job(tale).status, job(tale).deaths) == (JobStatus.QUEUED, 0)


def test_the_page_of_jobs_filters_and_acts(tale, browser, dossier_id):
    tale.officer()
    tale.story.commit()
    note(tale, status=JobStatus.FAILED, attempts=5, error="DocumentError: The context of RECEIPT is not of its shape")
    browser.sign_in(OFFICER)
    every = soup(browser.get("/work"))
    assert len(every.select("#jobs tbody tr")) == int(every.select_one(".tabs .count-badge").text) > 3
    failed = soup(browser.get("/work?state=failed"))
    (row,) = failed.select("#jobs tbody tr")
    assert "Reason: its content could not be laid out" in told(row)
    assert "is not of its shape" in told(row)
    messages = soup(browser.get(f"/work?kind={JobKind.MAIL}&state=queued"))
    assert {told(r.select_one("th")) for r in messages.select("#jobs tbody tr")} == {"Message"}
    assert "Nothing of this kind" in browser.get("/work?kind=pack").text
    assert browser.get("/work?page=x").status_code == 422
    retry, aside = (form["action"] for form in row.select("form"))
    assert browser.post(aside).status_code == 303
    assert job(tale).set_aside_at is not None
    assert browser.post(aside).status_code == 409
    assert browser.post(retry).status_code == 303
    assert (job(tale).status, job(tale).set_aside_at, job(tale).attempts) == (JobStatus.QUEUED, None, 0)
    assert browser.post(retry).status_code == 409
    note(tale, status=JobStatus.DONE)
    assert browser.post(aside).status_code == 409


def test_nothing_waits(tale, browser, dossier_id):
    tale.officer()
    tale.story.session.execute(sa.update(Job).values(status=JobStatus.DONE))
    tale.story.commit()
    browser.sign_in(OFFICER)
    assert "Nothing waits" in browser.get("/work").text
    assert "in the background wait" not in browser.get("/desk").text
    assert soup(browser.get("/work?state=done")).select("#jobs tbody tr")


def test_an_officer_with_a_conflict_sees_no_job_of_the_file(tale, browser, dossier_id):
    officer = tale.officer()
    tale.story.session.add(
        Conflict(dossier_id=dossier_id, account_id=officer.id, rule="declared", reason="Kin", since_at=START)
    )
    failed = note(tale, status=JobStatus.FAILED)
    address = f"/work/{failed.id}/retry"
    tale.story.commit()
    browser.sign_in(OFFICER)
    assert "RECEIPT" not in browser.get("/work").text
    assert "in the background wait" not in browser.get("/desk").text
    assert browser.post(address).status_code == 404


def test_workers_sign_ins_mails_and_autosaves_write_to_no_chain(app, tale, browser, clock, monkeypatch):
    draft, _filed = tale.draft(), tale.submitted()
    tale.officer()
    tale.story.commit()
    count = sa.select(sa.func.count()).select_from(JournalEntry)
    before = tale.story.session.scalar(count)
    tale.story.commit()
    monkeypatch.setattr(rendering.pdf, "render", lambda *_: rendering.pdf.Rendered(b"%PDF-", 1, "", ()))
    assert jobs.drain(app) > 5  # documents, mails, previews
    work = app.extensions[jobs.EXTENSION]
    for clockwork in (work.sweep, work.remind, work.write_heads):
        clockwork()
    browser.sign_in(tale.lead())
    browser.get(f"/dossiers/{draft}")
    saved = browser.post(
        f"/dossiers/{draft}/answers/reasons", {"reasons": "-", "base": 0, "tab": "a", "seq": 1}, htmx=True
    )
    assert saved.status_code == 200
    browser.post("/sign-out")
    tale.story.session.expire_all()
    assert tale.story.session.scalar(sa.select(sa.func.count()).select_from(Job).where(Job.status == "done")) > 5
    assert tale.story.session.scalar(count) == before


def test_a_document_that_cannot_be_laid_out_fails_and_tells_why(app, tale, browser, clock, dossier_id, monkeypatch):
    def broken(*_):
        raise DocumentError("The context of RECEIPT is not of its shape: 'city'")

    monkeypatch.setattr(rendering.pdf, "render", broken)
    tale.story.session.execute(sa.update(Job).where(Job.id != job(tale).id).values(status=JobStatus.DONE))
    tale.story.commit()
    for _ in range(queue.ATTEMPTS):
        with pytest.raises(DocumentError):
            jobs.do_next(app)
        clock.forward(timedelta(days=1))
    assert not jobs.do_next(app)
    browser.sign_in(tale.lead())
    assert "Could not be made: its content could not be laid out." in told(receipt(browser, dossier_id))


# --- signatures that failed, by keys and authorities that are really so ---


def wrong_password(tale) -> None:
    keys = tale.story.instance.settings.keys
    authority.init(keys.folder, signatures.ORGANISATION, signatures.now())
    keys.password_file.write_text("wrong")


def ended_certificate(tale) -> None:
    then = signatures.now() - timedelta(days=60)
    keys = tale.story.instance.settings.keys
    root = authority.new_root(signatures.ORGANISATION, then)
    certificate, key = authority.issue(root, signatures.ORGANISATION, "Office", then, 30)
    keys.folder.mkdir(parents=True)
    keys.pkcs12.write_bytes(authority.pack(certificate, key, root, signatures.PASSWORD))
    keys.password_file.write_text(signatures.PASSWORD)


def good_keys(tale) -> None:
    keys = tale.story.instance.settings.keys
    for path in keys.folder.iterdir():
        path.unlink()
    keys.folder.rmdir()
    authority.init(keys.folder, signatures.ORGANISATION, signatures.now())


def sign_job(tale) -> Job:
    query = sa.select(Job).where(Job.kind == JobKind.SIGN)
    return tale.story.session.scalars(query.execution_options(populate_existing=True)).one()


def only_the_receipt(tale) -> None:
    tale.story.session.execute(sa.update(Job).where(Job.id != job(tale).id).values(status=JobStatus.DONE))
    tale.story.commit()


@pytest.mark.parametrize(
    ("spoil", "reason", "note"),
    [
        (wrong_password, "the office’s keys cannot sign", "the password is wrong"),
        (ended_certificate, "the office’s certificate has ended", "it has to be renewed"),
    ],
)
def test_a_signature_that_failed_is_seen_with_its_reason_and_tried_again(
    spoil, reason, note, app, tale, browser, another_browser, dossier_id
):
    spoil(tale)
    only_the_receipt(tale)
    assert jobs.do_next(app)
    browser.sign_in(tale.lead())
    assert "Being signed" in told(receipt(browser, dossier_id))
    assert jobs.do_next(app), "keys that cannot sign are no accident of the worker"
    item = told(receipt(browser, dossier_id))
    assert "not signed yet: the Secretariat has been told" in item
    code = tale.story.session.scalars(sa.select(Document.code).where(Document.kind == Doc.RECEIPT)).one()
    tale.story.commit()
    assert "none yet: the office could not sign it so far" in told(soup(browser.get(f"/verify/{code}")))
    tale.officer()
    tale.story.commit()
    another_browser.sign_in(OFFICER)
    assert "One piece of work in the background waits for you" in told(
        soup(another_browser.get("/desk")).select_one("#secretariat")
    )
    (row,) = soup(another_browser.get("/work?state=failed")).select("#jobs tbody tr")
    assert told(row.select_one("th")).startswith("Signature: ")
    assert f"Reason: {reason}" in told(row)
    assert note in told(row)
    good_keys(tale)
    assert another_browser.post(row.select("form")[0]["action"]).status_code == 303
    tale.story.commit()
    assert jobs.drain(app) > 0
    assert sign_job(tale).status == JobStatus.DONE
    tale.story.commit()
    assert "not signed" not in told(receipt(browser, dossier_id))
    assert "PAdES B-B" in told(soup(browser.get(f"/verify/{code}")))


def test_an_authority_that_is_away_is_named_once_all_attempts_were_made(
    app, tale, browser, clock, dossier_id, monkeypatch
):
    """Nobody listens at the port."""
    tale.officer()
    keys = tale.story.instance.settings.keys
    authority.init(keys.folder, signatures.ORGANISATION, signatures.now())
    monkeypatch.setattr(
        tale.story.instance.office, "_keys", signatures.keys_in(keys.folder.parent, SIGN_TSA="http://127.0.0.1:9/")
    )
    only_the_receipt(tale)
    assert jobs.do_next(app)
    for _ in range(queue.ATTEMPTS):
        tale.story.commit()
        with pytest.raises(SigningLater):
            jobs.do_next(app)
        clock.forward(timedelta(hours=2))
    app.extensions[jobs.EXTENSION].sweep()
    browser.sign_in(OFFICER)
    (row,) = soup(browser.get("/work?state=failed")).select("#jobs tbody tr")
    assert "Reason: the time stamp authority does not answer" in told(row)
    assert row.select("form")
    document = tale.story.session.scalars(sa.select(Document).where(Document.kind == Doc.RECEIPT)).one()
    assert (document.ready, document.signing) == (True, Signing.FAILED)
    tale.story.commit()


def test_a_disk_that_is_full_while_a_document_is_made_is_told_and_made_good(app, tale, browser, clock, dossier_id):
    """A folder in which nothing can be written, as on a disk without room."""
    files = tale.story.instance.files
    only_the_receipt(tale)
    kept, files.folder = files.folder, Path("/dev/full")
    for _ in range(queue.ATTEMPTS):
        with pytest.raises(StorageError):
            jobs.do_next(app)
        clock.forward(timedelta(days=1))
    browser.sign_in(tale.lead())
    item = receipt(browser, dossier_id)
    assert "Could not be made: the storage is full or cannot be reached" in told(item)
    files.folder = kept
    assert browser.post(item.select_one("form")["action"]).status_code == 303
    tale.story.commit()
    assert jobs.do_next(app)
    assert "Could not be made" not in told(receipt(browser, dossier_id))
