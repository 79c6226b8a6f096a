"""Receipts, canonical content, versions side by side, and the public check, as browsers see them."""

import hashlib
import io
import json
from datetime import timedelta

from rvc_portal import jobs
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Filing
from rvc_portal.queries import calls, dossiers
from rvc_portal.services import authenticity, screening, submission
from tests.web.browsing import soup

NOTE = "Dites plutôt d’où vient l’argent.\n\nEt pour combien d’années."


def filing(tale, dossier_id, number=1):
    tale.story.session.expire_all()
    return tale.story.session.query(Filing).filter_by(dossier_id=dossier_id, number=number).one()


def rendered(tale, dossier_id):
    """The bytes of the dossier's latest receipt, made by the worker."""
    tale.story.commit()
    while jobs.do_next(tale.story.app):
        found = (
            tale.story.session.query(Document)
            .filter_by(dossier_id=dossier_id, kind="RECEIPT", superseded_at=None)
            .one()
        )
        sha256 = found.content_sha256
        tale.story.commit()  # or the worker would wait for this test
        if sha256:
            return tale.story.instance.files.get(sha256)
    raise AssertionError("no receipt was made")


def returned(tale, dossier_id, *keys, notes=None):
    officer = tale.story.actor(tale.officer(), tale.now)
    screening.return_file(
        tale.story.session, tale.dossier(dossier_id), questions=keys, reason="Voir ci-dessous.", actor=officer,
        now=tale.now, notes=notes,
    )  # fmt: skip
    tale.story.commit()


def write(tale, dossier_id, **values):
    lead = tale.story.actor(tale.lead(), tale.now)
    submission.save_answers(tale.story.session, tale.dossier(dossier_id), values, actor=lead, now=tale.now)
    tale.story.commit()


def submit(tale, dossier_id):
    tale.story.sign_off(tale.dossier(dossier_id), tale.lead(), tale.now)
    tale.story.submit(tale.dossier(dossier_id), tale.lead(), tale.now + timedelta(hours=1))


# --- the receipt ---


def test_the_receipt_says_what_was_received_and_waits_for_its_pdf(tale, browser):
    dossier_id = tale.submitted()
    kept = filing(tale, dossier_id)
    browser.sign_in(tale.lead())
    url = f"/dossiers/{dossier_id}/filings/1"
    page = soup(browser.get(url))
    told = " ".join(page.select_one("main").text.split())
    assert "28 February 2026, 10:00:00 Europe/Paris (UTC+01:00)" in told
    assert "28 February 2026, 09:00:00 UTC" in told
    assert kept.sha256 in told
    assert tale.lead().name in told
    pieces = json.loads(kept.content)["pieces"]
    assert pieces
    for piece in pieces:
        assert piece["sha256"] in told
    assert "Being prepared" in told
    assert page.select_one("#receipt-documents")["data-hx-get"] == url
    rendered(tale, dossier_id)
    part = browser.get(url, htmx=True)
    assert "Being prepared" not in part.text
    link = soup(part).select_one("#receipt-documents a")["href"]
    assert browser.get(link).data.startswith(b"%PDF")
    assert browser.get(f"/dossiers/{dossier_id}/filings/2").status_code == 404


def test_an_earlier_receipt_says_that_a_later_one_took_its_place(tale, browser):
    dossier_id = tale.submitted()
    returned(tale, dossier_id, "reasons")
    submit(tale, dossier_id)
    browser.sign_in(tale.officer())
    page = soup(browser.get(f"/dossiers/{dossier_id}/filings/1"))
    assert page.select_one(".notice--warn a")["href"] == f"/dossiers/{dossier_id}/filings/2"
    assert not soup(browser.get(f"/dossiers/{dossier_id}/filings/2")).select(".notice--warn")


def test_anybody_can_compute_the_fingerprint_of_the_content_again(tale, browser):
    dossier_id = tale.submitted()
    browser.sign_in(tale.officer())
    page = soup(browser.get(f"/dossiers/{dossier_id}/filings/1"))
    assert "sha256sum" in page.text
    answer = browser.get(page.select_one("a[download]")["href"])
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert hashlib.sha256(answer.data).hexdigest() == filing(tale, dossier_id).sha256
    assert json.loads(answer.data)["reference"] == tale.dossier(dossier_id).reference
    assert browser.get(f"/dossiers/{dossier_id}/filings/2.json").status_code == 404


def test_an_answer_that_was_lost_is_found_again_whatever_happened_since(tale, browser):
    dossier_id = tale.ready()
    browser.sign_in(tale.lead())
    url = f"/dossiers/{dossier_id}/submit"
    first = {"version": tale.dossier(dossier_id).version}
    assert browser.post(url, first).status_code == 303
    tale.story.session.expire_all()
    returned(tale, dossier_id, "reasons")
    for _ in range(2):  # the page of the first submission, from the browser's history: it files nothing again
        answer = browser.post(url, first)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/dossiers/{dossier_id}/filings/1")
    tale.story.session.expire_all()
    assert tale.dossier(dossier_id).state == "returned"
    second = {"version": tale.dossier(dossier_id).version}
    for sent, number in ((second, 2), (first, 1), (second, 2)):
        assert browser.post(url, sent).headers["Location"] == f"/dossiers/{dossier_id}/filings/{number}"
    assert tale.story.session.query(Filing).filter_by(dossier_id=dossier_id).count() == 2
    assert browser.post(url, {"version": 99}).status_code == 409


# --- the public check ---


def check(browser, **sent):
    return browser.post("/verify", sent)


def test_everybody_can_check_a_receipt_and_reads_its_head_alone(tale, browser, another_browser):
    dossier_id = tale.submitted()
    content = rendered(tale, dossier_id)
    assert soup(browser.get("/verify")).select("form input[type=file]")
    answer = check(browser, file=(io.BytesIO(content), "receipt.pdf"))
    page = soup(answer)
    assert answer.status_code == 200
    assert page.select_one("#finding .notice--good")
    told = page.select_one("#finding").text
    for fact in (
        tale.dossier(dossier_id).reference,
        tale.dossier(dossier_id).lead_city,
        filing(tale, dossier_id).sha256,
    ):
        assert fact in told
    for private in (tale.lead().name, tale.lead().email, str(dossier_id), "Submitted by"):
        assert private not in page.text
    returned(tale, dossier_id, "reasons")
    submit(tale, dossier_id)
    page = soup(check(browser, file=(io.BytesIO(content), "receipt.pdf")))
    assert "superseded" in page.select_one("#finding .notice--warn").text
    assert "Filing no. 2" in page.select_one("#finding").text


def test_what_does_not_hold_is_said_with_the_reason(tale, browser, monkeypatch):
    monkeypatch.setattr(authenticity, "LARGEST", 400_000)
    dossier_id = tale.submitted()
    content = rendered(tale, dossier_id)
    for sent, words in (
        (content[:-1] + b" ", "was altered"),
        (b"GIF89a", "This is no PDF"),
        (b"%PDF-" + bytes(authenticity.LARGEST), "more than 48 MB"),
    ):
        answer = check(browser, file=(io.BytesIO(sent), "receipt.pdf"))
        assert answer.status_code == 200
        assert words in soup(answer).select_one("#finding .notice--bad").text or "cannot be opened" in answer.text
    kept = filing(tale, dossier_id)
    kept.content = kept.content.replace("literature", "litterature")
    tale.story.commit()
    page = soup(check(browser, file=(io.BytesIO(content), "receipt.pdf")))
    assert "does not have the fingerprint" in page.select_one("#finding .notice--bad").text


def test_a_hash_can_be_pasted(tale, browser):
    dossier_id = tale.submitted()
    sha256 = filing(tale, dossier_id).sha256
    page = soup(check(browser, sha256=f" {sha256[:32]} {sha256[32:]} "))
    assert tale.dossier(dossier_id).reference in page.select_one("#finding").text
    assert "No filing" in check(browser, sha256="0" * 64).text
    assert "64 digits" in check(browser, sha256="abc").text
    answer = check(browser)
    assert answer.status_code == 422
    assert soup(answer).select_one(".error-summary a")["href"] == "#file"


# --- the return, and what changed ---


def test_the_reason_stands_beside_each_question_and_in_the_letter(tale, browser):
    dossier_id = tale.submitted()
    returned(tale, dossier_id, "reasons", "mayor_letter", notes={"reasons": NOTE, "urls": "Not named."})
    form = calls.definition(tale.call).form
    browser.sign_in(tale.lead())
    url = f"/dossiers/{dossier_id}/sections/{form.section_of('reasons').number}"
    ask = soup(browser.get(url)).select_one("#ask-reasons .correction")
    assert [p.text.strip() for p in ask.select("p")][-2:] == NOTE.split("\n\n")
    assert "Not changed yet" in ask.text
    overview = soup(browser.get(f"/dossiers/{dossier_id}/sections")).select_one("#corrections")
    assert len(overview.select("li")) == 2
    assert "Dites plutôt" in overview.text
    assert (
        "Not changed yet" in soup(browser.get(f"/dossiers/{dossier_id}/pieces")).select_one("#piece-mayor_letter").text
    )
    write(tale, dossier_id, reasons="Une autre réponse.")
    assert "Changed since" in soup(browser.get(url)).select_one("#ask-reasons .correction").text
    items = soup(browser.get(f"/dossiers/{dossier_id}/sections")).select("#corrections li")
    assert ["Not changed yet" in li.text for li in items] == [False, True]
    letter = tale.story.session.query(Document).filter_by(dossier_id=dossier_id, kind="RETURN_LETTER").one()
    assert [r["remark"] for r in letter.context["remarks"]] == [{"text": NOTE, "language": "en"}, None]


def test_two_filings_are_told_apart_word_by_word(tale, browser):
    dossier_id = tale.submitted()
    before = dossiers.values(tale.story.session, dossier_id)["reasons"]
    returned(tale, dossier_id, "reasons", "culture_budget")
    rows = dossiers.values(tale.story.session, dossier_id)["culture_budget"]
    write(tale, dossier_id, reasons=before + " Encore un mot.", culture_budget=rows[1:])
    submit(tale, dossier_id)
    browser.sign_in(tale.officer())
    url = f"/dossiers/{dossier_id}/filings/compare?a=1&b=2"
    page = soup(browser.get(url))
    assert [c["id"] for c in page.select(".compared")] == ["compared-reasons", "compared-culture_budget"]
    text = page.select_one("#compared-reasons")
    assert [" ".join(i.text.split()) for i in text.select("ins")] == ["[added: Encore un mot.]"]
    assert not text.select("del")
    gone = page.select("#compared-culture_budget .compared__row--gone")
    assert len(gone) == 1
    assert "Removed" in gone[0].text
    assert len(soup(browser.get(url + "&show=all")).select("main .compared")) > 45
    swapped = soup(browser.get(f"/dossiers/{dossier_id}/filings/compare?a=2&b=1"))
    assert swapped.select("#compared-reasons del")
    for wrong in ("a=1&b=9", "a=x&b=2", "a=1&b=work"):
        assert browser.get(f"/dossiers/{dossier_id}/filings/compare?{wrong}").status_code == 404


def test_the_work_in_hand_is_for_its_city_alone(tale, browser, another_browser):
    dossier_id = tale.submitted()
    returned(tale, dossier_id, "reasons")
    write(tale, dossier_id, reasons="Un secret bien gardé.")
    browser.sign_in(tale.lead())
    page = soup(browser.get(f"/dossiers/{dossier_id}/filings/compare"))
    assert "Un secret bien gardé" in " ".join(i.text for i in page.select("ins"))
    assert page.select_one("select[name=b] option[selected]")["value"] == "work"
    another_browser.sign_in(tale.officer())
    answer = another_browser.get(f"/dossiers/{dossier_id}/filings/compare")
    assert answer.status_code == 200
    assert "nothing to compare" in answer.text
    for path in (
        "filings/compare?a=1&b=work",
        "filings/compare?a=work&b=1",
        "filings/compare",
        "filings/1",
        "file",
        "",
    ):
        answer = another_browser.get(f"/dossiers/{dossier_id}/{path}".rstrip("/"))
        assert "secret" not in answer.text
        assert (answer.status_code == 404) == ("work" in path)


def test_the_pages_ask_the_database_little(tale, browser, statements):
    dossier_id = tale.submitted()
    returned(tale, dossier_id, "reasons")
    submit(tale, dossier_id)
    browser.sign_in(tale.lead())
    for path, most in (("filings/1", 12), ("filings/compare?a=1&b=2", 10)):
        statements.clear()
        assert browser.get(f"/dossiers/{dossier_id}/{path}").status_code == 200
        asked = [s for s in statements if s.startswith(("SELECT", "WITH"))]
        assert len(asked) <= most, f"{path}: {len(asked)}"
