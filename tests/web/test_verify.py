"""The public page of a document, as a stranger opens it: what it says, what it does not say, and a copy checked there."""

import hashlib
import io
import re
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from rvc_portal import jobs
from rvc_portal.domain import codes
from rvc_portal.gateways import authority, inspection, network
from rvc_portal.models.account import SignInAttempt
from rvc_portal.models.document import Document
from rvc_portal.services import rendering, screening
from tests import signatures
from tests.conftest import table_counts
from tests.web.browsing import soup


def receipt(tale, dossier_id):
    tale.story.session.expire_all()
    return tale.story.session.query(Document).filter_by(dossier_id=dossier_id, kind="RECEIPT", superseded_at=None).one()


def made(tale, dossier_id):
    """The dossier's latest receipt, as the worker leaves it; the bytes that go out."""
    tale.story.commit()
    while not receipt(tale, dossier_id).ready:
        tale.story.commit()
        assert jobs.do_next(tale.story.app)
    return tale.story.instance.files.get(receipt(tale, dossier_id).stored_sha256)


def address(tale, dossier_id):
    return f"/verify/{codes.printed(receipt(tale, dossier_id).code)}"


def finding(answer):
    return " ".join(soup(answer).select_one("#finding").text.split())


def sent(browser, content, **more):
    return browser.post("/verify", {"file": (io.BytesIO(content), "copy.pdf"), **more})


def with_keys(tale):
    authority.init(tale.story.instance.settings.keys.folder, signatures.ORGANISATION, signatures.now())


def test_the_code_printed_in_a_document_leads_to_what_it_is(tale, browser):
    with_keys(tale)
    dossier_id = tale.submitted()
    content = made(tale, dossier_id)
    (code,) = inspection.inspect(content, Path("none")).codes
    url = address(tale, dossier_id)
    assert url == f"/verify/{codes.printed(code)}"
    answer = browser.get(url)
    assert answer.status_code == 200
    said = finding(answer)
    row = receipt(tale, dossier_id)
    for fact in (
        "The document stands",
        row.context["document"]["reference"],
        tale.dossier(dossier_id).lead_city,
        "PAdES B-B",
    ):
        assert fact in said
    for private in (tale.lead().name, tale.lead().email, str(dossier_id), str(row.id)):
        assert private not in answer.text
    found = browser.get(f"/verify?code=+{code.lower()}+")
    assert (found.status_code, found.headers["Location"]) == (302, f"/verify/{code.lower()}")
    assert finding(browser.get(found.headers["Location"])) == said


def test_a_copy_is_checked_and_not_kept(tale, browser):
    with_keys(tale)
    dossier_id = tale.submitted()
    content = made(tale, dossier_id)
    folder = tale.story.instance.settings.data / "files"
    files = sorted(folder.rglob("*"))
    before = table_counts(tale.story.session)
    tale.story.commit()
    answer = sent(browser, content, code=codes.printed(receipt(tale, dossier_id).code))
    said = finding(answer)
    for words in (
        "This copy is genuine",
        "The receipt is valid",
        "trusted",
        f"{signatures.ORGANISATION}: Secretariat",
    ):
        assert words in said
    answer = sent(browser, signatures.flipped(content, 3_000))
    assert "This is no genuine copy" in soup(answer).select_one("#finding .notice--bad").text
    assert "What was issued under this code" in finding(answer)
    assert sorted(folder.rglob("*")) == files
    counted = table_counts(tale.story.session)
    assert counted.pop("sign_in_attempt") - before.pop("sign_in_attempt") == 2, "how often this address asked"
    assert counted == before


def test_who_sends_too_many_copies_is_told_when_to_come_back(tale, browser, another_browser, clock):
    often, within = network.limit("verification")
    asked = {"sha256": "0" * 64}
    assert {browser.post("/verify", asked).status_code for _ in range(often)} == {200}
    clock.forward(timedelta(minutes=1))
    refused = sent(browser, b"%PDF-1.7 one more")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, str(14 * 60))
    assert "Try again in 14 minutes." in refused.text
    french = browser.client.post(
        "/verify", data=asked | {"csrf_token": browser.token()}, headers={"Accept-Language": "fr"}
    )
    assert french.status_code == 429
    assert "Réessayez dans 14" in " ".join(french.text.split())
    elsewhere = another_browser.post("/verify", asked, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert elsewhere.status_code == 200
    assert browser.get("/verify").status_code == 200, "a page is read as often as one likes"
    clock.forward(within)
    assert browser.post("/verify", asked).status_code == 200


def test_addresses_that_never_come_back_are_forgotten(tale, browser, clock, rows):
    browser.post("/verify", {"sha256": "0" * 64})
    tidy = tale.story.app.extensions[jobs.EXTENSION].tidy
    tidy()
    assert len(rows.all(sa.select(SignInAttempt))) == 1
    clock.forward(timedelta(days=1))
    tidy()
    assert rows.all(sa.select(SignInAttempt)) == []


def test_a_superseded_document_names_the_one_in_its_place(tale, browser):
    dossier_id = tale.submitted()
    made(tale, dossier_id)
    url, first = address(tale, dossier_id), receipt(tale, dossier_id)
    officer = tale.story.actor(tale.officer(), tale.now)
    screening.return_file(
        tale.story.session, tale.dossier(dossier_id), questions=["reasons"], reason="More.", actor=officer, now=tale.now
    )
    tale.story.sign_off(tale.dossier(dossier_id), tale.lead(), tale.now)
    tale.story.submit(tale.dossier(dossier_id), tale.lead(), tale.now)
    tale.story.commit()
    second = receipt(tale, dossier_id)
    assert second.id != first.id
    answer = browser.get(url)
    assert soup(answer).select_one("#finding .notice--warn")
    assert second.context["document"]["reference"] in finding(answer)
    second.superseded_at = tale.now
    tale.story.commit()
    answer = browser.get(url)
    assert "was withdrawn" in soup(answer).select_one("#finding .notice--bad").text
    assert second.context["document"]["reference"] not in answer.text


def test_what_is_held_does_not_exist(tale, browser):
    dossier_id = tale.submitted()
    content = made(tale, dossier_id)
    url, row = address(tale, dossier_id), receipt(tale, dossier_id)
    row.held = True
    tale.story.commit()
    held, unknown = browser.get(url), browser.get("/verify/0000-0000-0000")
    assert held.status_code == unknown.status_code == 404
    assert "No document that went out has this code" in held.text
    assert soup(held).select_one(".error-summary a")["href"] == "#code"
    assert tale.dossier(dossier_id).lead_city not in held.text
    assert "is not known here" in finding(sent(browser, content))


@pytest.mark.parametrize("code", ["x", "a" * 300, "..%2f..", "‮0000-0000-0000"])
def test_any_other_code_is_answered_plainly(code, tale, browser):
    answer = browser.get(f"/verify/{code}")
    assert answer.status_code == 404


def test_the_page_speaks_french(tale, browser):
    dossier_id = tale.submitted()
    made(tale, dossier_id)
    answer = browser.client.get(address(tale, dossier_id), headers={"Accept-Language": "fr"})
    assert "Le document est en vigueur" in finding(answer)
    assert re.search(r"Signature\s*néant", finding(answer))


@pytest.mark.parametrize(
    ("raised", "words"),
    [(inspection.TooHard("30 s"), "more time or memory"), (inspection.Busy("2"), "try again in a minute")],
)
def test_a_file_that_cannot_be_read_in_time_is_told_so(raised, words, tale, browser, monkeypatch):
    def stall(*_):
        raise raised

    monkeypatch.setattr(inspection, "inspect", stall)
    assert words in finding(sent(browser, b"%PDF-1.7 a bomb"))
    dossier_id = tale.submitted()
    assert "This copy is genuine" in finding(sent(browser, made(tale, dossier_id))), "its bytes say enough"


def test_a_bomb_ends_within_its_limits(tale, browser):
    """A page that unpacks to more than there is memory for is not unpacked."""
    once = zlib.compressobj(9)
    layer = b"".join(once.compress(bytes(10_000_000)) for _ in range(130)) + once.flush()
    packed = zlib.compress(layer, 9)
    body = (
        b"%%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj\n"
        b"4 0 obj<</Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n%s\nendstream endobj\ntrailer<</Root 1 0 R>>\n"
        % (len(packed), packed)
    )
    assert "is not known here" in finding(sent(browser, body))


def test_the_address_of_its_page_stands_in_the_record(tale, browser):
    """So that the same file can be made again."""
    dossier_id = tale.submitted()
    content = made(tale, dossier_id)
    row = receipt(tale, dossier_id)
    assert row.base_url == tale.story.instance.settings.base_url
    again = rendering.make(tale.story.instance.files, rendering.source_of(row, row.base_url))
    assert again.sha256 == hashlib.sha256(content).hexdigest() == row.content_sha256
