"""A city at work in the browser's terms: opening, sections of every type, rows, two people at once, submitting."""

from datetime import timedelta

import pytest

from rvc_portal.domain import answers as rules
from rvc_portal.models.dossier import Dossier, Filing
from rvc_portal.queries import calls, dossiers
from tests.stories import ELIGIBLE, LONG_NAME
from tests.web.browsing import START, soup


def sent_by(page, form="section-form"):
    """What a browser would send of the page's form, without any button."""
    found: dict[str, list[str]] = {}
    for field in page.select(f"#{form} input, #{form} textarea, #{form} select"):
        if field.find_parent("template") or not field.get("name"):
            continue
        if field.name == "select":
            chosen = field.select_one("option[selected]") or field.select_one("option")
            found.setdefault(field["name"], []).append(chosen["value"])
        elif field.get("type") in ("radio", "checkbox"):
            if field.has_attr("checked"):
                found.setdefault(field["name"], []).append(field["value"])
        else:
            # html.parser keeps the newline after <textarea> that browsers drop
            value = field.text.removeprefix("\n") if field.name == "textarea" else field.get("value", "")
            found.setdefault(field["name"], []).append(value)
    return found


def kept(tale, dossier_id):
    tale.story.session.expire_all()
    return dict(dossiers.values(tale.story.session, dossier_id))


def test_a_file_is_opened(tale, browser):
    browser.sign_in(tale.lead())
    url = f"/calls/{tale.call.key}/apply"
    page = soup(browser.get(url, query_string=ELIGIBLE))
    carried = {field["name"]: field["value"] for field in page.select("#part-form input[name^=asked-]")}
    assert carried == ELIGIBLE
    answer = browser.post(
        url, {"city": LONG_NAME, "country": "FR", "field": "literature", "language": "fr", "city_local": "بغداد",
              "local_language": "ar", **carried},
    )  # fmt: skip
    assert answer.status_code == 303
    page = browser.get(answer.headers["Location"])
    assert LONG_NAME in page.text
    found = tale.story.session.query(Dossier).one()
    assert (found.parties[0].city_local, found.parties[0].local_language) == ("بغداد", "ar")


def test_what_names_no_file_is_refused_and_kept(tale, browser):
    browser.sign_in(tale.lead())
    url, opening = f"/calls/{tale.call.key}/apply", {"city": "Éauze", "country": "XX", "language": "fr"} | ELIGIBLE
    answer = browser.post(url, opening)
    assert answer.status_code == 422
    page = soup(answer)
    assert page.select_one("#city")["value"] == "Éauze"
    targets = [link["href"] for link in page.select(".error-summary a")]
    assert targets == ["#country", "#field"]
    assert all(page.select_one(target) for target in targets)
    answer = browser.post(url, opening, htmx=True)
    assert answer.status_code == 422
    part = soup(answer)
    assert not part.select("header")
    assert part.select_one("#part-form #city")["value"] == "Éauze"
    assert part.select_one("#part-errors[data-hx-swap-oob] .error-summary a")["href"] == "#country"


def test_nobody_opens_a_file_in_a_call_that_is_not_there_or_closed(tale, browser, clock):
    browser.sign_in(tale.lead())
    assert browser.get("/calls/nowhere/apply").status_code == 404
    clock.at = tale.call.closes_at
    browser.sign_in(tale.lead())
    assert "not open" in browser.get(f"/calls/{tale.call.key}/apply", query_string=ELIGIBLE).text
    opening = {"city": "A", "country": "FR", "field": "music", "language": "fr"} | ELIGIBLE
    answer = browser.post(f"/calls/{tale.call.key}/apply", opening)
    assert answer.status_code == 409


@pytest.mark.parametrize("number", [str(n) for n in range(1, 12)])
def test_each_section_gives_back_what_it_shows(tale, browser, number):
    """Every question type: what the page shows, sent unchanged, changes nothing."""
    dossier_id = tale.draft(share=1.0)
    form = calls.definition(tale.call).form
    browser.sign_in(tale.lead())
    url = f"/dossiers/{dossier_id}/sections/{number}"
    states = [kept(tale, dossier_id)]
    for _ in range(2):
        answer = browser.post(url, {**sent_by(soup(browser.get(url))), "save": "1"})
        assert answer.status_code == 303
        states.append(kept(tale, dossier_id))
    assert states[1] == states[2]
    # The first save may put ticks into the order of the form and runs of spaces into one, no more.
    for question in form.questions():
        first, after = (rules.word_count(question, state[question.key]) for state in states[:2])
        assert first == after
    assert rules.check(form, states[1]) == ()


def test_an_empty_section_shows_every_question(tale, browser):
    dossier_id = tale.draft()
    browser.sign_in(tale.lead())
    for section in calls.definition(tale.call).form.sections:
        page = soup(browser.get(f"/dossiers/{dossier_id}/sections/{section.number}"))
        assert [f["value"] for f in page.select("input[name=asked]")] == [q.key for q in section.questions]


def test_what_is_wrong_is_kept_and_told(tale, browser):
    dossier_id = tale.draft()
    browser.sign_in(tale.lead())
    url = f"/dossiers/{dossier_id}/sections/5"
    page = soup(browser.get(url))
    long = " ".join(["mot"] * 151)
    answer = browser.post(url, {**sent_by(page), "reasons": long, "save": "1"})
    assert answer.status_code == 303
    again = soup(browser.get(answer.headers["Location"]))
    assert again.select_one("#reasons").text.strip() == long
    assert again.select_one(".error-summary a")["href"] == "#reasons"
    assert "151" in again.select_one("#reasons-error").text


def test_a_row_is_added_and_taken_away_without_script(tale, browser):
    dossier_id = tale.draft()
    browser.sign_in(tale.lead())
    url = f"/dossiers/{dossier_id}/sections/6"
    page = soup(browser.get(url))
    assert len(page.select("#prep_partners [data-repeat-items] tr")) == 3
    typed = {"prep_partners.0.partner": "A", "prep_partners.1.partner": "B", "prep_partners.2.partner": "C"}
    answer = browser.post(url, {**sent_by(page), **typed, "prep_partners.add": "1"})
    page = soup(browser.get(answer.headers["Location"]))
    assert len(page.select("#prep_partners [data-repeat-items] tr")) == 4
    answer = browser.post(url, {**sent_by(page), "prep_partners.remove": "1"})
    assert [row["partner"] for row in kept(tale, dossier_id)["prep_partners"]] == ["A", "C"]
    assert len(soup(browser.get(answer.headers["Location"])).select("#prep_partners [data-repeat-items] tr")) == 3


def test_nothing_to_report_is_an_answer(tale, browser):
    dossier_id = tale.draft()
    browser.sign_in(tale.lead())
    url = f"/dossiers/{dossier_id}/sections/7"
    browser.post(url, {"asked": "public_spaces", "public_spaces": "", "public_spaces.nothing": "1", "save": "1"})
    form = calls.definition(tale.call).form
    value = kept(tale, dossier_id)["public_spaces"]
    assert rules.says_nothing(form, form.question("public_spaces"), value)
    page = soup(browser.get(url))
    assert page.select_one("[name='public_spaces.nothing']").has_attr("checked")
    assert page.select_one("#public_spaces").text.strip() == ""
    browser.post(url, {**sent_by(page), "public_spaces": "Un parc."})
    assert kept(tale, dossier_id)["public_spaces"] == "Un parc."


def test_questions_that_were_not_asked_stay_as_they_are(tale, browser):
    dossier_id = tale.draft(share=1.0)
    before = kept(tale, dossier_id)
    browser.sign_in(tale.lead())
    browser.post(f"/dossiers/{dossier_id}/sections/5", {"asked": "reasons", "reasons": "Autre.", "seen": "reasons:1"})
    assert kept(tale, dossier_id) == {**before, "reasons": "Autre."}


def test_a_colleague_is_not_overwritten_unseen(tale, browser, another_browser):
    dossier_id = tale.draft()
    colleague = tale.lead("colleague@ville.example", "Benoît Tremblay")
    from rvc_portal.domain.vocabulary import Role
    from rvc_portal.models.dossier import Membership

    tale.story.session.add(
        Membership(dossier_id=dossier_id, account_id=colleague.id, role=Role.EDITOR, since_at=START - timedelta(days=1))
    )
    tale.story.commit()
    browser.sign_in(tale.lead())
    another_browser.sign_in(colleague)
    url = f"/dossiers/{dossier_id}/sections/5"
    mine, theirs = soup(browser.get(url)), soup(another_browser.get(url))
    another_browser.post(url, {**sent_by(theirs), "reasons": "Theirs."})
    answer = browser.post(url, {**sent_by(mine), "reasons": "Mine."})
    assert answer.status_code == 409
    page = soup(answer)
    assert "Benoît Tremblay" in page.select_one(".error-summary").text
    assert page.select_one("#status-reasons del").text == "[removed: Theirs]"
    assert page.select_one("#reasons").text.strip() == "Mine."
    assert kept(tale, dossier_id)["reasons"] == "Theirs."
    assert browser.post(url, sent_by(page)).status_code == 303
    assert kept(tale, dossier_id)["reasons"] == "Mine."
    answer = another_browser.post(url, {**sent_by(theirs), "seen": "reasons:1", "reasons": "Theirs again."})
    page = soup(answer)
    assert another_browser.post(url, {**sent_by(page), "take": "reasons"}).status_code == 303
    assert kept(tale, dossier_id)["reasons"] == "Mine."


def test_a_returned_file_opens_only_what_was_named(tale, browser):
    dossier_id = tale.returned()
    named = tale.dossier(dossier_id).questions_named
    form = calls.definition(tale.call).form
    key = next(k for k in named if k in {q.key for q in form.questions()})
    section = form.section_of(key)
    browser.sign_in(tale.lead())
    url = f"/dossiers/{dossier_id}/sections/{section.number}"
    page = soup(browser.get(url))
    assert [f["value"] for f in page.select("input[name=asked]")] == [
        q.key for q in section.questions if q.key in named
    ]
    shut = next(q.key for q in form.questions() if q.key not in named)
    answer = browser.post(f"/dossiers/{dossier_id}/sections/{form.section_of(shut).number}", {"asked": shut, shut: "x"})
    assert answer.status_code == 409
    assert "To be corrected" in browser.get(f"/dossiers/{dossier_id}/sections").text


def test_the_task_list_tells_what_is_missing_and_links_there(tale, browser):
    dossier_id = tale.draft(share=0.3)
    browser.sign_in(tale.lead())
    page = soup(browser.get(f"/dossiers/{dossier_id}/sections"))
    links = [a["href"] for a in page.select("#submission li a")]
    assert f"/dossiers/{dossier_id}/pieces#piece-photos" in links
    assert any("/sections/10?check=all" in link for link in links)
    assert any(link.endswith("#sign-off-mayor") for link in links)
    for link in links:
        assert browser.get(link).status_code == 200


def test_submitting_is_refused_with_every_reason(tale, browser):
    dossier_id = tale.draft()
    browser.sign_in(tale.lead())
    page = soup(browser.get(f"/dossiers/{dossier_id}/submit"))
    assert not page.select("button[type=submit].button--primary")
    link = page.select_one(".error-summary a")["href"]
    assert link.endswith("#ask-mayor") or "#ask-" in link
    version = tale.dossier(dossier_id).version
    answer = browser.post(f"/dossiers/{dossier_id}/submit", {"version": version})
    assert answer.status_code == 409
    assert len(soup(answer).select("main li")) > 40


def test_htmx_submits_and_leaves_for_the_receipt(tale, browser):
    dossier_id = tale.ready()
    browser.sign_in(tale.lead())
    there = f"/dossiers/{dossier_id}"
    answer = browser.post(f"{there}/submit", {"version": tale.dossier(dossier_id).version - 1}, htmx=True)
    assert answer.status_code == 409
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#messages", "innerHTML")
    answer = browser.post(f"{there}/submit", {"version": tale.dossier(dossier_id).version}, htmx=True)
    receipt = f"{there}/filings/1"
    assert (answer.status_code, answer.headers["HX-Redirect"], answer.text) == (200, receipt, "")
    assert "This is its receipt" in browser.get(receipt).text


@pytest.mark.parametrize("htmx", [False, True])
def test_a_corrected_file_is_submitted_again(tale, browser, htmx):
    dossier_id = tale.returned()
    browser.sign_in(tale.lead())
    there = f"/dossiers/{dossier_id}"
    page = soup(browser.get(f"{there}/submit"))
    assert "Submit the corrected file" in page.select_one("h1").text
    answer = browser.post(f"{there}/submit", {"version": page.select_one("main [name=version]")["value"]}, htmx=htmx)
    receipt = f"{there}/filings/2"
    went = (200, receipt, None) if htmx else (303, None, receipt)
    assert (answer.status_code, answer.headers.get("HX-Redirect"), answer.headers.get("Location")) == went
    assert tale.story.session.query(Filing).filter_by(dossier_id=dossier_id).count() == 2


def test_a_double_click_submits_once(tale, browser):
    dossier_id = tale.ready()
    browser.sign_in(tale.lead())
    page = soup(browser.get(f"/dossiers/{dossier_id}/submit"))
    sent = {"version": page.select_one("main [name=version]")["value"]}
    for text in ("This is its receipt", "done once", "done once"):
        answer = browser.post(f"/dossiers/{dossier_id}/submit", sent)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/dossiers/{dossier_id}/filings/1")
        assert text in browser.get(answer.headers["Location"]).text
    assert tale.story.session.query(Filing).filter_by(dossier_id=dossier_id).count() == 1
    assert browser.get(f"/dossiers/{dossier_id}/submit").status_code == 302


def test_the_request_counts_from_its_arrival(tale, browser, clock, app, monkeypatch):
    """However long a request waits for its turn, the deadline is measured when it came in."""
    dossier_id = tale.ready()
    closes = tale.call.closes_at
    clock.at = closes - timedelta(minutes=30)
    browser.sign_in(tale.lead())
    token, version = browser.token(), tale.dossier(dossier_id).version
    ticks = iter([closes - timedelta(seconds=1)])
    app.config["CLOCK"] = lambda: next(ticks, closes + timedelta(seconds=4))
    answer = browser.client.post(f"/dossiers/{dossier_id}/submit", data={"csrf_token": token, "version": version})
    assert answer.status_code == 303
    tale.story.session.expire_all()
    assert tale.story.session.query(Filing).one().received_at == closes - timedelta(seconds=1)


def test_who_may_not(tale, browser):
    dossier_id = tale.draft()
    browser.sign_in(tale.lead("stranger@elsewhere.example", "Stranger"))
    for path in ("sections", "sections/5", "submit", "pieces"):
        assert browser.get(f"/dossiers/{dossier_id}/{path}").status_code == 404
    browser.post("/sign-out")
    browser.sign_in(tale.officer())
    assert browser.get(f"/dossiers/{dossier_id}/sections/5").status_code == 403
    assert browser.post(f"/dossiers/{dossier_id}/sections/5", {"asked": "reasons", "reasons": "x"}).status_code == 403
    browser.post("/sign-out")
    browser.sign_in(tale.lead())
    assert browser.get(f"/dossiers/{dossier_id}/sections/77").status_code == 404


def test_pages_ask_the_database_little(tale, browser, statements):
    dossier_id = tale.draft(share=1.0)
    browser.sign_in(tale.lead())
    for path, most in (("sections", 15), ("sections/7", 12), ("submit", 15), ("pieces", 12)):
        statements.clear()
        assert browser.get(f"/dossiers/{dossier_id}/{path}").status_code == 200
        asked = [s for s in statements if s.startswith(("SELECT", "WITH"))]
        assert len(asked) <= most, f"{path}: {len(asked)}"
