"""The pieces, the mayor's sign-off, and the Secretariat's check with its three ways out."""

import io
import re
from datetime import timedelta
from typing import BinaryIO

import pytest

from rvc_portal.demonstration.pieces import letter
from rvc_portal.models.dossier import SignOff
from rvc_portal.models.job import Mail
from rvc_portal.queries import calls, dossiers, facts
from rvc_portal.queries import submission as submission_query
from tests.stories import town
from tests.web.browsing import START, soup


def pdf(tale):
    return letter("mayor_letter", town(), 1, START.date())


def files(tale, dossier_id):
    tale.story.session.expire_all()
    return [(a.piece, a.name) for a in dossiers.attachments(tale.story.session, dossier_id)]


def test_a_piece_is_taken_and_removed(tale, browser):
    dossier_id = tale.draft()
    browser.sign_in(tale.lead())
    url = f"/dossiers/{dossier_id}/pieces"
    answer = browser.post(f"{url}/mayor_letter", {"file": (io.BytesIO(pdf(tale)), "lettre.pdf")})
    assert answer.status_code == 303
    assert files(tale, dossier_id) == [("mayor_letter", "lettre.pdf")]
    card = soup(browser.get(url)).select_one("#piece-mayor_letter")
    assert "1 page" in card.text
    assert not card.select("#file-mayor_letter")
    assert browser.get(card.select_one("a[download]")["href"]).data == pdf(tale)
    removal = card.select_one("form")["action"]
    answer = browser.post(removal, htmx=True)
    assert soup(answer).select_one("#piece-mayor_letter #file-mayor_letter")
    assert files(tale, dossier_id) == []
    assert browser.post(removal).status_code == 404


@pytest.mark.parametrize("htmx", [False, True])
def test_a_piece_is_judged_by_its_content(tale, browser, htmx):
    dossier_id = tale.draft()
    browser.sign_in(tale.lead())
    url = f"/dossiers/{dossier_id}/pieces/photos"
    answer = browser.post(url, {"file": (io.BytesIO(pdf(tale)), "photo.jpg")}, htmx=htmx)
    assert answer.status_code == 422
    assert "JPEG" in soup(answer).select_one("#piece-photos .error").text
    assert bool(answer.headers.get("HX-Retarget")) is htmx
    assert files(tale, dossier_id) == []
    assert browser.post(url, {}, htmx=htmx).status_code == 422
    assert browser.post(f"/dossiers/{dossier_id}/pieces/nothing", {}).status_code == 404


def test_one_file_too_many_is_refused(tale, browser):
    dossier_id = tale.draft(share=1.0)
    browser.sign_in(tale.lead())
    before = files(tale, dossier_id)
    answer = browser.post(
        f"/dossiers/{dossier_id}/pieces/mayor_letter", {"file": (io.BytesIO(pdf(tale)), "another.pdf")}
    )
    assert answer.status_code == 422
    assert "remove one first" in answer.text
    assert files(tale, dossier_id) == before


def asked_for(tale, dossier_id, browser):
    """The address in the mail that the mayor gets."""
    answer = browser.post(f"/dossiers/{dossier_id}/sign-off", {"name": "Zoé Maire", "email": "maire@ville.example"})
    assert answer.status_code == 303
    tale.story.session.expire_all()
    return tale.story.session.query(Mail).filter_by(template="sign_off").one().context["path"]


def state(tale, dossier_id):
    tale.story.session.expire_all()
    return facts.sign_off_states(tale.story.session, tale.dossier(dossier_id))["mayor"]


def test_the_mayor_reads_and_signs_off(tale, browser, another_browser):
    dossier_id = tale.draft(share=1.0)
    browser.sign_in(tale.lead())
    path = asked_for(tale, dossier_id, browser)
    page = soup(another_browser.get(path))
    assert state(tale, dossier_id) == "asked"  # opening the page answers nothing: mail scanners open links
    form = calls.definition(tale.call).form
    assert [q["id"] for q in page.select(".answer")] == [f"answer-{q.key}" for q in form.questions()]
    download = another_browser.get(page.select_one(".pieces a[download]")["href"])
    assert download.headers["Content-Disposition"].startswith("attachment")
    assert another_browser.post(path, {"answer": ""}).status_code == 422
    assert another_browser.post(path, {"answer": "given"}).status_code == 303
    assert "Thank you, Zoé Maire" in another_browser.get(path).text
    assert state(tale, dossier_id) == "given"
    assert another_browser.post(path, {"answer": "given"}).status_code == 409
    assert "Signed off" in browser.get(f"/dossiers/{dossier_id}/sections").text
    browser.post(f"/dossiers/{dossier_id}/sections/5", {"asked": "reasons", "reasons": "Autre.", "seen": "reasons:1"})
    assert "a new sign-off is needed" in browser.get(f"/dossiers/{dossier_id}/sections").text


def goes_to(answer):
    """Where an act leads: a browser by 303, htmx by its own header."""
    return answer.headers["HX-Redirect"] if answer.status_code == 200 else answer.headers["Location"]


def part(answer, selector):
    """The one part that answers htmx, beside it what is wrong at the top of the page, and nothing else of the page."""
    page = soup(answer)
    roots = [f"#{e['id']}" for e in page.find_all(id=True, recursive=False)]
    assert roots == [selector, "#part-errors"]
    assert page.select_one("#part-errors")["data-hx-swap-oob"] == "true"
    return page


@pytest.mark.parametrize("htmx", [False, True])
def test_declining_needs_a_reason(tale, browser, another_browser, htmx):
    dossier_id = tale.draft()
    browser.sign_in(tale.lead())
    path = asked_for(tale, dossier_id, browser)
    answer = another_browser.post(path, {"answer": "declined", "reason": " "}, htmx=htmx)
    assert answer.status_code == 422
    page = part(answer, "#answer") if htmx else soup(answer)
    assert page.select_one(".error-summary a")["href"] == "#reason"
    assert page.select_one("#answer [value=declined]").has_attr("checked")
    answer = another_browser.post(path, {"answer": "declined", "reason": "Pas le budget."}, htmx=htmx)
    assert goes_to(answer) == path
    page = browser.get(f"/dossiers/{dossier_id}/sections").text
    assert "Declined" in page
    assert "Pas le budget." in page


def test_htmx_asks_and_shows_that_it_did(tale, browser):
    dossier_id = tale.draft(share=1.0)
    browser.sign_in(tale.lead())
    sent = {"name": "Zoé Maire", "email": "maire@ville.example"}
    answer = browser.post(f"/dossiers/{dossier_id}/sign-off", sent, htmx=True)
    assert answer.status_code == 200
    page = soup(answer)
    roots = [e["id"] for e in page.find_all(id=True, recursive=False)]
    assert roots == ["sign-off", "part-errors", "submission", "messages"]
    assert "Asked for, not answered yet" in page.select_one("#sign-off-mayor .notice").text
    assert "on its way to Zoé Maire" in page.select_one("#messages").text


@pytest.mark.parametrize("htmx", [False, True])
def test_a_request_without_address_is_refused_and_kept(tale, browser, htmx):
    dossier_id = tale.draft()
    browser.sign_in(tale.lead())
    answer = browser.post(f"/dossiers/{dossier_id}/sign-off", {"name": "Zoé Maire", "email": "nowhere"}, htmx=htmx)
    assert answer.status_code == 422
    page = part(answer, "#sign-off") if htmx else soup(answer)
    assert page.select_one("#sign-off-mayor-name")["value"] == "Zoé Maire"
    assert page.select_one(".error-summary a")["href"] == "#sign-off-mayor-email"
    assert tale.story.session.query(SignOff).count() == 0


def test_a_code_that_is_none(tale, browser):
    assert browser.get("/sign-off/" + "0" * 32).status_code == 404
    assert browser.post("/sign-off/" + "0" * 32, {"answer": "given"}).status_code == 404


def endorsement(tale, dossier_id, browser):
    """The address in the mail that the National Commission gets."""
    sent = {"kind": "national_commission", "name": "La Commission", "email": "commission@unesco.example"}
    assert browser.post(f"/dossiers/{dossier_id}/sign-off", sent).status_code == 303
    tale.story.session.expire_all()
    mails = tale.story.session.query(Mail).filter_by(template="sign_off").all()
    return next(m.context["path"] for m in mails if m.to_address == sent["email"])


def test_the_commission_reads_and_declines_and_the_secretariat_sees_it(tale, browser, another_browser):
    dossier_id = tale.ready()
    browser.sign_in(tale.lead())
    path = endorsement(tale, dossier_id, browser)
    page = soup(another_browser.get(path))
    assert "endorse" in page.select_one("#answer").text
    assert [a["href"] for a in page.select(".contents a")][-1] == "#pieces"
    assert page.select_one("main a[href='#answer']")
    assert another_browser.client.head(path).status_code == 200
    section = soup(browser.get(f"/dossiers/{dossier_id}/sections")).select_one("#sign-off-national_commission")
    assert "Asked for, not answered yet" in section.text
    assert another_browser.post(path, {"answer": "declined", "reason": "Pas cette année."}).status_code == 303
    assert "You have declined to endorse this file." in another_browser.get(path).text
    assert "Pas cette année." in browser.get(f"/dossiers/{dossier_id}/sections").text
    tale.story.submit(tale.dossier(dossier_id), tale.lead(), START)
    browser.client.post("/sign-out", data={"csrf_token": browser.token()})
    browser.sign_in(tale.officer())
    told = soup(browser.get(f"/dossiers/{dossier_id}/screening")).select_one("#sign-offs").text
    assert "Signed off" in told
    assert "Pas cette année." in told
    assert "Declined: Endorsement by the National Commission" in browser.get(f"/dossiers/{dossier_id}").text


def test_a_request_is_sent_again_and_the_first_link_gets_a_plain_page(tale, browser, another_browser, clock):
    dossier_id = tale.draft()
    browser.sign_in(tale.lead())
    first = asked_for(tale, dossier_id, browser)
    section = soup(browser.get(f"/dossiers/{dossier_id}/sections")).select_one("#sign-off-mayor")
    again = section.select_one("form.act")
    sent = {field["name"]: field["value"] for field in again.select("input") if field["name"] != "csrf_token"}
    assert sent == {"kind": "mayor", "name": "Zoé Maire", "email": "maire@ville.example"}
    clock.forward(timedelta(hours=1))
    assert browser.post(again["action"], sent).status_code == 303
    for answer in (another_browser.get(first), another_browser.post(first, {"answer": "given"})):
        assert answer.status_code == 404
        assert "not valid any more" in answer.text
    page = soup(browser.get(f"/dossiers/{dossier_id}/sections")).select_one("#sign-off-mayor")
    assert "replaced by a later request" in page.text


def test_nobody_is_asked_for_what_the_call_does_not_want(tale, browser):
    dossier_id = tale.draft()
    browser.sign_in(tale.lead())
    sent = {"kind": "king", "name": "A", "email": "a@b.example"}
    assert browser.post(f"/dossiers/{dossier_id}/sign-off", sent).status_code == 404


# --- the Secretariat ------------------------------------------------------------------------------------------------


def verdicts(tale, value="yes"):
    return {f"{item.key}.verdict": value for item in calls.definition(tale.call).checklist}


@pytest.mark.parametrize("htmx", [False, True])
def test_the_checklist_is_kept_and_opens_admission(tale, browser, htmx):
    dossier_id = tale.submitted()
    browser.sign_in(tale.officer())
    url = f"/dossiers/{dossier_id}/screening"
    assert soup(browser.get(url)).select_one("#part-ways .refusals")
    answer = browser.post(url, {**verdicts(tale), "photos.note": "Trois vues du fleuve."}, htmx=True)
    assert answer.status_code == 200
    ways = soup(answer).select_one("#part-ways[data-hx-swap-oob]")
    assert not ways.select(".refusals")
    assert "Saved" in soup(answer).select_one("#part-saved").text
    page = soup(browser.get(url))
    assert page.select_one("[name='photos.note']").text.strip() == "Trois vues du fleuve."
    admission = page.select_one(f"form[action='{url}/admit']")
    version = admission.select_one("[name=version]")["value"]
    assert goes_to(browser.post(f"{url}/admit", {"version": version}, htmx=htmx)) == f"/dossiers/{dossier_id}"
    tale.story.session.expire_all()
    assert tale.dossier(dossier_id).state == "in_evaluation"
    assert browser.get(url).status_code == 403


def test_admission_with_something_unchecked_says_what(tale, browser):
    dossier_id = tale.submitted()
    browser.sign_in(tale.officer())
    browser.post(
        f"/dossiers/{dossier_id}/screening", {**verdicts(tale), "photos.verdict": "no", "complete.verdict": ""}
    )
    answer = browser.post(f"/dossiers/{dossier_id}/screening/admit", {"version": tale.dossier(dossier_id).version})
    assert answer.status_code == 409
    reasons = [li.text for li in soup(answer).select("main li")]
    assert [re.match("To be checked|Not in order", r)[0] for r in reasons] == ["To be checked", "Not in order"]
    version = tale.dossier(dossier_id).version
    answer = browser.post(f"/dossiers/{dossier_id}/screening/admit", {"version": version}, htmx=True)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (409, "#messages")
    assert len(soup(answer).select("li")) == 2


@pytest.mark.parametrize("htmx", [False, True])
def test_dismissing_needs_a_reason(tale, browser, htmx):
    dossier_id = tale.submitted()
    browser.sign_in(tale.officer())
    url = f"/dossiers/{dossier_id}/screening/dismiss"
    version = tale.dossier(dossier_id).version
    answer = browser.post(url, {"version": version, "reason": ""}, htmx=htmx)
    assert answer.status_code == 422
    page = part(answer, "#part-ways") if htmx else soup(answer)
    assert page.select_one("details#dismiss").has_attr("open")
    assert page.select_one(".error-summary a")["href"] == "#reason"
    answer = browser.post(url, {"version": version, "reason": "Hors délai."}, htmx=htmx)
    assert goes_to(answer) == f"/dossiers/{dossier_id}"
    tale.story.session.expire_all()
    assert tale.dossier(dossier_id).state == "dismissed"


@pytest.mark.parametrize("htmx", [False, True])
def test_a_file_is_returned_for_what_is_named(tale, browser, htmx):
    dossier_id = tale.submitted()
    browser.sign_in(tale.officer())
    browser.post(
        f"/dossiers/{dossier_id}/screening", {**verdicts(tale), "photos.verdict": "no", "photos.note": "Floues."}
    )
    url = f"/dossiers/{dossier_id}/return"
    page = soup(browser.get(url))
    assert page.select_one("#note-photo_rights").text.strip() == "Floues."
    assert [box["value"] for box in page.select("[name=questions][checked]")] == ["photo_rights"]
    version = page.select_one("main [name=version]")["value"]
    answer = browser.post(url, {"version": version, "reason": "Voir la question 5.1."}, htmx=htmx)
    assert answer.status_code == 422
    page = part(answer, "#part-form") if htmx else soup(answer)
    assert page.select_one("#reason").text.strip() == "Voir la question 5.1."
    target = page.select_one(".error-summary a")["href"]
    assert target == "#questions"
    assert page.select_one(target)
    sent = {"version": version, "questions": ["reasons", "photos"], "note.photos": " Floues. ", "note.mayor": "Rien."}
    answer = browser.post(url, sent, htmx=htmx)  # without a reason: what stands beside a question is kept
    page = part(answer, "#part-form") if htmx else soup(answer)
    assert page.select_one("#note-photos").text.strip() == "Floues."
    sent |= {"reason": "Voir la question 5.1."}
    assert goes_to(browser.post(url, sent, htmx=htmx)) == f"/dossiers/{dossier_id}"
    tale.story.session.expire_all()
    assert tale.dossier(dossier_id).questions_named == ["reasons", "photos"]
    found = submission_query.returned(tale.story.session, tale.dossier(dossier_id))
    assert (found.notes, found.language) == ({"photos": "Floues."}, "en")


def test_the_second_officer_is_told_what_the_first_did(tale, browser):
    dossier_id = tale.submitted()
    browser.sign_in(tale.officer())
    version = tale.dossier(dossier_id).version
    answer = browser.post(
        f"/dossiers/{dossier_id}/return", {"version": version - 1, "reason": "x", "questions": "reasons"}
    )
    assert answer.status_code == 409
    assert "submitted the file" in answer.text


def test_the_city_cannot_screen(tale, browser):
    dossier_id = tale.submitted()
    browser.sign_in(tale.lead())
    for path in ("screening", "return"):
        assert browser.get(f"/dossiers/{dossier_id}/{path}").status_code == 403
    for path in ("screening", "screening/admit", "screening/dismiss", "return"):
        assert browser.post(f"/dossiers/{dossier_id}/{path}", {}).status_code == 403


@pytest.mark.parametrize(("path", "most"), [("screening", 15), ("return", 12)])
def test_the_check_asks_the_database_little(tale, browser, statements, path, most):
    dossier_id = tale.screened()
    browser.sign_in(tale.officer())
    statements.clear()
    assert browser.get(f"/dossiers/{dossier_id}/{path}").status_code == 200
    assert len([s for s in statements if s.startswith(("SELECT", "WITH"))]) <= most


class Finds:
    """A scanner that finds something in every file; the real one is tried in tests/gateways."""

    is_set = True

    def scan(self, content: BinaryIO) -> str:
        return "Test.Marker"


def test_a_file_in_which_the_scanner_finds_something_is_not_taken_in(tale, browser, app):
    dossier_id = tale.draft()
    browser.sign_in(tale.lead())
    assert "no virus scanner" in browser.get(f"/dossiers/{dossier_id}/pieces").text
    app.extensions["rvc"].scanner = Finds()
    assert "no virus scanner" not in browser.get(f"/dossiers/{dossier_id}/pieces").text
    sent = {"file": (io.BytesIO(pdf(tale)), "letter.pdf")}
    answer = browser.post(f"/dossiers/{dossier_id}/pieces/mayor_letter", sent)
    assert answer.status_code == 422
    assert "Test.Marker" in answer.text
    assert files(tale, dossier_id) == []


def test_a_file_takes_the_place_of_another_and_is_not_taken_twice(tale, browser, another_browser):
    dossier_id = tale.draft()
    browser.sign_in(tale.lead())
    url = f"/dossiers/{dossier_id}/pieces"
    for name in ("lettre.pdf", "once more.pdf"):  # the second has the same bytes: an answer was lost
        answer = browser.post(f"{url}/mayor_letter", {"file": (io.BytesIO(pdf(tale)), name)})
        assert answer.status_code == 303
    assert files(tale, dossier_id) == [("mayor_letter", "lettre.pdf")]
    (first,) = dossiers.attachments(tale.story.session, dossier_id)
    other = letter("mayor_letter", town("Ailleurs"), 1, START.date())
    sent = {"file": (io.BytesIO(other), "nouvelle.pdf"), "replaces": str(first.id)}
    assert browser.post(f"{url}/mayor_letter", sent).status_code == 303
    assert files(tale, dossier_id) == [("mayor_letter", "nouvelle.pdf")]
    link = soup(browser.get(url)).select_one("#piece-mayor_letter .pieces__files a")["href"]
    download = browser.get(link)
    assert download.data == pdf(tale)
    assert download.headers["Content-Disposition"].startswith("attachment")
    another_browser.sign_in(tale.lead("stranger@ville.example", "A Stranger"))
    assert another_browser.get(link).status_code == 404
    assert browser.get(f"{url}/earlier/{first.dossier_id}").status_code == 404
