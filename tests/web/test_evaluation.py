"""The Secretariat asks evaluators; they declare, score and close; what their sheets say."""

import pytest
import sqlalchemy as sa

from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.document import Document
from rvc_portal.models.evaluation import Assignment, Evaluation, Reopening, Score
from rvc_portal.models.journal import JournalEntry
from rvc_portal.services import accounts
from tests.judging import MEMBERS, REASON, database
from tests.stories import town
from tests.web.browsing import START, soup


def admitted(tale):
    tale.evaluators()
    tale.admitted()


@pytest.fixture(scope="module")
def migrated(migrated, tmp_path_factory):
    return database(migrated, tmp_path_factory, START, admitted)


@pytest.fixture
def dossier_id(tale):
    return tale.told()


def sheet_data(tale, **changes):
    data = {}
    for c in tale.story.session.get_one(type(tale.call), tale.call.id).definition["rubric"]["criteria"]:
        data[f"{c['key']}-score"], data[f"{c['key']}-reason"] = "8", REASON
    return data | changes


def scores(rows, assignment_id):
    query = sa.select(Score).join(Evaluation).where(Evaluation.assignment_id == assignment_id)
    return {s.criterion: (s.value, s.reason) for s in rows.all(query)}


# --- the Secretariat asks ---


def test_the_seats_are_listed_with_what_bars_them(tale, browser, dossier_id):
    browser.sign_in(tale.officer())
    page = soup(browser.get(f"/dossiers/{dossier_id}/evaluators"))
    lyon = next(row for row in page.select("tr.seat-row--conflict") if "Lyon" in row.text)
    assert "same country" in lyon.text
    assert lyon.select_one("input[type=checkbox]") is None
    assert len(page.select("tr.seat-row--free")) == len(MEMBERS) - 1 + 2


def test_evaluators_are_asked_and_no_longer_asked(tale, browser, rows, dossier_id):
    browser.sign_in(tale.officer())
    seats = [p.seat.id for p in tale.evaluators()[:2]]
    url = f"/dossiers/{dossier_id}/evaluators"
    assert browser.post(url, {"seat": seats}).headers["Location"] == url
    assert {a.seat_id for a in rows.all(sa.select(Assignment))} == set(seats)
    again = browser.post(f"{url}/{seats[0]}/unassign", htmx=True)
    assert again.status_code == 200
    assert "<html" not in again.text
    assert len(soup(again).select("tr.seat-row--asked")) == 1
    assert rows.one(sa.select(Assignment).where(Assignment.seat_id == seats[0])).ended_at is not None


def test_asking_answers_htmx_with_the_seats_alone(tale, browser, dossier_id):
    browser.sign_in(tale.officer())
    seat = tale.evaluators()[0].seat.id
    answer = browser.post(f"/dossiers/{dossier_id}/evaluators", {"seat": str(seat)}, htmx=True)
    assert answer.text.lstrip().startswith('<div id="part-seats"')
    assert "1 evaluator was asked." in answer.text


def test_a_seat_with_a_conflict_is_refused_by_name_and_rule(tale, browser, rows, dossier_id):
    browser.sign_in(tale.officer())
    lyon = next(p for p in tale.evaluators() if p.seat.name == "Lyon")
    answer = browser.post(f"/dossiers/{dossier_id}/evaluators", {"seat": str(lyon.seat.id)})
    assert answer.status_code == 409
    assert "Lyon has a conflict of interest (same country)." in answer.text
    assert rows.all(sa.select(Assignment)) == []


def test_nothing_ticked_is_said(tale, browser, dossier_id):
    browser.sign_in(tale.officer())
    for htmx in (False, True):
        answer = browser.post(f"/dossiers/{dossier_id}/evaluators", {"seat": "no-seat"}, htmx=htmx)
        assert answer.status_code == 422
        assert "Tick at least one evaluator." in answer.text


def test_all_free_evaluators_are_asked_after_a_preview(tale, browser, rows, dossier_id):
    browser.sign_in(tale.officer())
    url = f"/calls/{tale.call.key}/assignments"
    preview = soup(browser.get(f"{url}/all"))
    assert [cell.text.strip() for cell in preview.select("#wanting tbody td")] == ["1", "8", "1", "7"]
    assert rows.all(sa.select(Assignment)) == []
    assert browser.post(f"{url}/all").headers["Location"] == url
    assert len(rows.all(sa.select(Assignment))) == 7
    matrix = soup(browser.get(url))
    assert len(matrix.select("#matrix .matrix__sign--asked")) == 7
    assert len(matrix.select("#matrix .matrix__sign--conflict")) == 1
    assert "There is nobody left to ask." in browser.get(f"{url}/all").text


def test_the_overview_asks_the_database_no_more_for_more_files(tale, browser, statements, dossier_id):
    browser.sign_in(tale.officer())
    url = f"/calls/{tale.call.key}/assignments"

    def cost():
        statements.clear()
        assert browser.get(url).status_code == 200
        return len(statements)

    tale.asked(dossier_id)
    one = cost()
    for name in ("Aubervilliers-les-Bains", "Beaumont"):
        tale.asked(tale.admitted(town(name), tale.lead(f"{name.lower()}@ville.example")))
    assert cost() == one <= 15


# --- the declaration ---


def test_before_the_declaration_nothing_of_the_file_is_told(tale, browser, dossier_id):
    assignment_id = tale.asked(dossier_id)["Norwich"]
    browser.sign_in("norwich@network.example")
    page = browser.get(f"/assignments/{assignment_id}")
    assert "I have no conflict of interest" in page.text
    assert tale.dossier(dossier_id).reference not in page.text
    assert browser.get(f"/dossiers/{dossier_id}").status_code == 404
    assert browser.get(f"/assignments/{assignment_id}/close").status_code == 404
    assert browser.post(f"/assignments/{assignment_id}/scores", sheet_data(tale)).status_code in (404, 409)


def test_who_is_free_gets_the_sheet_and_the_file(tale, browser, dossier_id):
    assignment_id = tale.asked(dossier_id)["Norwich"]
    browser.sign_in("norwich@network.example")
    url = f"/assignments/{assignment_id}"
    assert browser.post(f"{url}/declaration", {"declaration": "free"}).headers["Location"] == url
    page = soup(browser.get(url))
    assert len(page.select(".criterion")) == 5
    links = [a["href"] for a in page.select(".criterion__read a")]
    assert len(links) > 5
    assert all(page.select_one(link) for link in links)
    assert browser.get(f"/dossiers/{dossier_id}").status_code == 200


def test_a_tie_needs_its_reason_and_ends_the_assignment(tale, browser, rows, dossier_id):
    assignment_id = tale.asked(dossier_id)["Norwich"]
    browser.sign_in("norwich@network.example")
    url = f"/assignments/{assignment_id}"
    answer = browser.post(f"{url}/declaration", {"declaration": "tied", "reason": " "})
    assert answer.status_code == 422
    assert "Say what ties you to this city." in answer.text
    assert browser.post(f"{url}/declaration", {}).status_code == 422
    assert (
        browser.post(f"{url}/declaration", {"declaration": "tied", "reason": "My sister works there."}).status_code
        == 303
    )
    assert rows.one(sa.select(Conflict).where(Conflict.rule == "declared")).reason == "My sister works there."
    for path in (url, f"{url}/close", f"/dossiers/{dossier_id}"):
        assert browser.get(path).status_code == 404
    assert browser.post(f"{url}/declaration", {"declaration": "free"}).status_code == 404


def test_anothers_assignment_is_one_that_does_not_exist(tale, browser, dossier_id):
    ids = tale.asked(dossier_id)
    tale.scored(ids["Norwich"])
    browser.sign_in("granada@network.example")
    url = f"/assignments/{ids['Norwich']}"
    for path in (url, f"{url}/close", f"{url}/documents"):
        assert browser.get(path).status_code == 404
    for path in ("declaration", "scores", "scores/assets", "close"):
        assert browser.post(f"{url}/{path}", {"declaration": "free"}).status_code == 404


# --- the sheet ---


def test_a_criterion_is_saved_alone_and_the_reply_says_how_it_stands(tale, browser, rows, dossier_id):
    assignment_id = tale.asked(dossier_id)["Norwich"]
    tale.declared(assignment_id)
    browser.sign_in("norwich@network.example")
    data = sheet_data(tale, **{"local_plan-score": "3"})
    answer = browser.post(f"/assignments/{assignment_id}/scores/assets", data, htmx=True)
    assert answer.status_code == 200
    page = soup(answer)
    assert page.select_one("#status-assets")["data-state"] == "saved"
    assert page.select_one("#status-assets")["data-complete"] == "true"
    assert "1 of 5" in page.select_one("#part-progress").text
    assert scores(rows, assignment_id) == {"assets": (8, REASON)}


def test_the_sheet_is_saved_whole_without_javascript(tale, browser, rows, dossier_id):
    assignment_id = tale.asked(dossier_id)["Norwich"]
    tale.declared(assignment_id)
    browser.sign_in("norwich@network.example")
    data = sheet_data(tale, **{"assets-score": "", "local_plan-reason": "Too short."})
    assert browser.post(f"/assignments/{assignment_id}/scores", data).status_code == 303
    kept = scores(rows, assignment_id)
    assert kept["assets"] == (None, REASON)
    assert kept["cooperation"] == (8, REASON)
    page = browser.get(f"/assignments/{assignment_id}").text
    assert "The score is missing." in page
    assert "The reason has 2 of at least 8 words." in page


@pytest.mark.parametrize("mark", ["11", "0", "eight", "-1", "٣"])
def test_a_score_off_the_scale_is_refused_and_nothing_typed_is_lost(tale, browser, rows, dossier_id, mark):
    assignment_id = tale.asked(dossier_id)["Norwich"]
    tale.declared(assignment_id)
    browser.sign_in("norwich@network.example")
    data = sheet_data(tale, **{"assets-score": mark, "assets-reason": "What I had written so far."})
    answer = browser.post(f"/assignments/{assignment_id}/scores", data)
    assert answer.status_code == 422
    page = soup(answer)
    assert [a["href"] for a in page.select(".error-summary a")] == ["#assets-score"]
    assert "What I had written so far." in page.select_one("#assets-reason").text
    assert scores(rows, assignment_id) == {}
    alone = browser.post(f"/assignments/{assignment_id}/scores/assets", data, htmx=True)
    assert alone.status_code == 409
    assert soup(alone).select_one("#status-assets")["data-state"] == "refused"
    assert scores(rows, assignment_id) == {}


def test_not_judging_is_chosen_in_the_place_of_a_score(tale, browser, rows, dossier_id):
    assignment_id = tale.asked(dossier_id)["Norwich"]
    tale.declared(assignment_id)
    browser.sign_in("norwich@network.example")
    url = f"/assignments/{assignment_id}"
    assert browser.post(f"{url}/scores", sheet_data(tale, **{"assets-score": "none"})).status_code == 303
    assert scores(rows, assignment_id)["assets"] == (None, REASON)
    assert rows.one(sa.select(Score).where(Score.criterion == "assets")).cannot_judge
    page = soup(browser.get(url))
    assert page.select_one("#criterion-assets input[checked]")["value"] == "none"
    assert "5 of 5" in page.select_one("#part-progress").text
    assert browser.post(f"{url}/close").status_code == 303
    assert "Cannot judge" in soup(browser.get(url)).select_one("#sheet").text


def test_an_incomplete_sheet_is_not_closed(tale, browser, rows, dossier_id):
    assignment_id = tale.asked(dossier_id)["Norwich"]
    tale.declared(assignment_id)
    browser.sign_in("norwich@network.example")
    browser.post(f"/assignments/{assignment_id}/scores", sheet_data(tale, **{"assets-reason": ""}))
    review = soup(browser.get(f"/assignments/{assignment_id}/close"))
    assert [a["href"].partition("#")[2] for a in review.select(".notice a")] == ["criterion-assets"]
    answer = browser.post(f"/assignments/{assignment_id}/close")
    assert answer.status_code == 409
    assert "Score and reason missing: Assets in the field." in answer.text
    assert rows.one(sa.select(Evaluation)).closed_at is None


def test_a_closed_sheet_stands(tale, browser, rows, dossier_id):
    assignment_id = tale.asked(dossier_id)["Norwich"]
    tale.scored(assignment_id)
    browser.sign_in("norwich@network.example")
    url = f"/assignments/{assignment_id}"
    assert browser.post(f"{url}/close").headers["Location"] == url
    page = soup(browser.get(url))
    assert page.select_one("form[action$='/scores']") is None
    assert "Being prepared" in page.select_one("#documents").text
    assert "Being prepared" in browser.get(f"{url}/documents", htmx=True).text
    rows.change("UPDATE job SET status = 'failed', error = 'StorageError: full' WHERE kind = 'render'")
    assert "the storage is full" in browser.get(f"{url}/documents", htmx=True).text
    assert browser.post(f"{url}/scores", sheet_data(tale)).status_code == 409
    assert browser.post(f"{url}/close").status_code == 409
    assert scores(rows, assignment_id)["assets"] == (7, REASON)


def test_an_unknown_criterion_is_nowhere(tale, browser, dossier_id):
    assignment_id = tale.asked(dossier_id)["Norwich"]
    tale.declared(assignment_id)
    browser.sign_in("norwich@network.example")
    assert browser.post(f"/assignments/{assignment_id}/scores/beauty", {"beauty-score": "3"}).status_code == 404


# --- results ---


def test_the_results_show_means_formula_and_reasons(tale, browser, dossier_id):
    ids = tale.asked(dossier_id)
    tale.closed(ids["Expert 1"], 6)
    tale.closed(ids["Norwich"], 8)
    tale.scored(ids["Granada"], 1)
    browser.sign_in(tale.officer())
    page = soup(browser.get(f"/dossiers/{dossier_id}/evaluation"))
    figures = [dd.text for dd in page.select(".stat__value")]
    assert figures[:3] == ["7.00", "6.00", "8.00"]
    assert "6.00 × 50 % + 8.00 × 50 % = 7.00" in " ".join(page.select_one(".formula").text.split())
    assert "Granada" not in page.select_one("#sheets").text
    assert REASON in page.text
    assert "Lyon – same country" in page.text


def test_results_are_for_those_who_may_see_them(tale, browser, another_browser, dossier_id):
    tale.closed(tale.asked(dossier_id)["Norwich"])
    browser.sign_in("norwich@network.example")
    assert browser.get(f"/dossiers/{dossier_id}/evaluation").status_code == 403
    another_browser.sign_in(tale.lead())
    assert another_browser.get(f"/dossiers/{dossier_id}/evaluation").status_code == 403
    assert another_browser.get(f"/dossiers/{dossier_id}/evaluators").status_code == 403


def test_the_results_ask_the_database_no_more_for_more_sheets(tale, browser, statements, dossier_id):
    ids = tale.asked(dossier_id)
    browser.sign_in(tale.officer())

    def cost():
        statements.clear()
        browser.get(f"/dossiers/{dossier_id}/evaluation")
        return len(statements)

    tale.closed(ids["Norwich"])
    one = cost()
    tale.closed(ids["Granada"])
    tale.closed(ids["Expert 1"])
    assert cost() == one <= 15


# --- two windows, earlier texts, private notes, the next file ---


def at_work(tale, browser, dossier_id, name="Norwich"):
    """The address of a declared assignment, its evaluator signed in."""
    assignment_id = tale.asked(dossier_id)[name]
    tale.declared(assignment_id)
    browser.sign_in(f"{name.lower()}@network.example")
    return f"/assignments/{assignment_id}", assignment_id


def typed(reason, tab, seq=1, base=0, mark="8"):
    return {"assets-score": mark, "assets-reason": reason, "base": base, "tab": tab, "seq": seq}


def test_two_windows_are_told_and_neither_text_is_lost(tale, browser, rows, dossier_id):
    url, assignment_id = at_work(tale, browser, dossier_id)
    assert browser.post(f"{url}/scores/assets", typed("In the first window.", "one"), htmx=True).status_code == 200
    late = browser.post(f"{url}/scores/assets", typed("In the second window.", "two", mark="3"), htmx=True)
    assert late.status_code == 409
    status = soup(late).select_one("#status-assets")
    assert status["data-state"] == "conflict"
    texts = [" ".join(x.text.split()) for x in status.select(".two-texts__text")]
    assert texts == ["Score: 3 In the second window.", "Score: 8 In the first window."]
    assert '["assets-score", "8"]' in status["data-fields"]
    assert scores(rows, assignment_id) == {"assets": (8, "In the first window.")}
    kept = browser.post(
        f"{url}/scores/assets", typed("In the second window.", "two", 2, int(status["data-revision"]), "3"), htmx=True
    )
    assert kept.status_code == 200
    assert scores(rows, assignment_id) == {"assets": (3, "In the second window.")}


def test_without_a_script_a_stale_window_chooses_too(tale, browser, rows, dossier_id):
    url, assignment_id = at_work(tale, browser, dossier_id)
    browser.post(f"{url}/scores/assets", typed("In the first window.", "one"), htmx=True)
    stale = {"assets-score": "3", "assets-reason": "In the second window.", "seen": "assets:0"}
    answer = browser.post(f"{url}/scores", stale)
    assert answer.status_code == 409
    page = soup(answer)
    assert page.select_one("#assets-reason").text.strip() == "In the second window."
    assert page.select_one("#criterion-assets input[name=seen]")["value"] == "assets:1"
    assert scores(rows, assignment_id)["assets"] == (8, "In the first window.")
    browser.post(f"{url}/scores", {**stale, "seen": "assets:1", "take": "assets"})
    assert scores(rows, assignment_id)["assets"] == (8, "In the first window.")
    browser.post(f"{url}/scores", {**stale, "seen": "assets:1", "keep": "assets"})
    assert scores(rows, assignment_id)["assets"] == (3, "In the second window.")


def test_an_earlier_text_of_a_reason_is_brought_back(tale, browser, rows, dossier_id):
    url, assignment_id = at_work(tale, browser, dossier_id)
    browser.post(f"{url}/scores/assets", typed("A river, three bridges, one library.", "one"), htmx=True)
    answer = browser.post(f"{url}/scores/assets", typed("Nothing.", "two", base=1), htmx=True)
    assert "A river, three bridges" in soup(answer).select_one("#earlier-assets").text
    page = soup(browser.get(url))
    button = page.select_one("#earlier-assets [name=bring_back]")
    data = {"assets-score": "8", "assets-reason": "Nothing.", "seen": "assets:2", "bring_back": button["value"]}
    assert browser.post(f"{url}/scores", data).status_code == 303
    assert scores(rows, assignment_id)["assets"] == (8, "A river, three bridges, one library.")


def test_private_notes_are_seen_by_nobody_else(tale, browser, another_browser, rows, dossier_id):
    url, _assignment_id = at_work(tale, browser, dossier_id)
    secret = "Ask whether the library was ever built."
    sent = {"private-notes": secret, "base": 0, "tab": "one", "seq": 1}
    assert browser.post(f"{url}/notes", sent, htmx=True).status_code == 200
    assert browser.post(f"{url}/notes", {**sent, "private-notes": "Else.", "tab": "two"}, htmx=True).status_code == 409
    assert secret in soup(browser.get(url)).select_one("[name=private-notes]").text
    browser.post(f"{url}/scores", sheet_data(tale))
    browser.post(f"{url}/close")
    assert secret in browser.get(url).text
    assert (
        browser.post(f"{url}/notes", {"private-notes": secret + " Yes.", "seen": "private-notes:1"}).status_code == 303
    )
    sheet = rows.one(sa.select(Evaluation))
    another_browser.sign_in(tale.officer())
    for path in ("", "/evaluation", f"/evaluation/sheets/{sheet.id}", "/evaluators"):
        assert secret not in another_browser.get(f"/dossiers/{dossier_id}{path}").text
    assert another_browser.post(f"{url}/notes", sent).status_code in (403, 404)
    printed, journaled = rows.all(sa.select(Document.context)), rows.all(sa.select(JournalEntry.payload))
    assert printed
    assert "library was ever" not in repr((printed, journaled))


def test_save_and_next_goes_to_the_next_file_of_the_own_queue(tale, browser, dossier_id):
    other = tale.admitted(town("Beaumont"), tale.lead("beaumont@ville.example"))
    url, _assignment_id = at_work(tale, browser, dossier_id)
    following = tale.asked(other)["Norwich"]
    assert soup(browser.get(url)).select_one("button[name=then]")["value"] == "next"
    answer = browser.post(f"{url}/scores", {**sheet_data(tale), "then": "next"})
    assert answer.headers["Location"] == f"/assignments/{following}"
    tale.closed(following)
    assert browser.post(f"{url}/scores", {**sheet_data(tale), "then": "next"}).headers["Location"] == "/desk"


def test_the_own_scores_are_ones_own_alone(tale, browser, dossier_id):
    ids = tale.asked(dossier_id)
    tale.closed(ids["Granada"], 2)
    tale.scored(ids["Norwich"], 9)
    browser.sign_in("norwich@network.example")
    page = soup(browser.get(f"/assignments/{ids['Norwich']}"))
    assert page.select_one("#own-marks svg")["aria-label"] == "9: 5 times"


def test_sheet_and_answers_are_linked_both_ways(tale, browser, dossier_id):
    url, _assignment_id = at_work(tale, browser, dossier_id)
    page = soup(browser.get(url))
    there = {(c["id"], a["href"]) for c in page.select(".criterion") for a in c.select(".criterion__read a")}
    back = {(a["href"][1:], f"#{d['id']}") for d in page.select(".answer") for a in d.select(".answer__bears a")}
    assert there == back != set()


def test_the_sheet_and_a_save_ask_the_database_little(tale, browser, statements, dossier_id):
    url, _assignment_id = at_work(tale, browser, dossier_id)
    browser.post(f"{url}/scores", sheet_data(tale))
    statements.clear()
    browser.get(url)
    shown = len(statements)
    csrf = browser.token()
    statements.clear()
    browser.client.post(
        f"{url}/scores/assets",
        data={**typed("Another.", "one", base=1), "csrf_token": csrf},
        headers={"HX-Request": "true"},
    )
    beginning = 1
    assert shown - beginning <= 12
    assert len(statements) - beginning <= 12


# --- opening a closed sheet again ---


def test_a_sheet_is_opened_again_and_every_version_is_kept_for_the_secretariat(
    tale, browser, another_browser, rows, dossier_id
):
    ids = tale.asked(dossier_id)
    tale.closed(ids["Norwich"], 9)
    browser.sign_in("norwich@network.example")
    url = f"/assignments/{ids['Norwich']}"
    blank = browser.post(f"{url}/reopening", {"reason": "  "})
    assert blank.status_code == 422
    assert "Say why the sheet has to be opened again." in blank.text
    assert browser.post(f"{url}/reopening", {"reason": "I misread the budget."}).status_code == 303
    assert browser.post(f"{url}/reopening", {"reason": "Again."}).status_code == 409
    another_browser.sign_in(tale.officer())
    sheet = rows.one(sa.select(Evaluation))
    results = soup(another_browser.get(f"/dossiers/{dossier_id}/evaluation"))
    address = f"/dossiers/{dossier_id}/evaluation/sheets/{sheet.id}"
    assert results.select_one(f".notice a[href='{address}']")
    assert "I misread the budget." in another_browser.get(address).text
    asked = rows.one(sa.select(Reopening))
    silent = another_browser.post(address, {"request": str(asked.id), "answer": "decline", "reason": " "})
    assert silent.status_code == 422
    assert "Say why the sheet stays closed." in silent.text
    assert another_browser.post(address, {"request": str(asked.id), "answer": "give"}).status_code == 303
    assert another_browser.post(address, {"request": str(asked.id), "answer": "give"}).status_code == 409
    page = soup(browser.get(url))
    assert page.select_one("#assets-reason").text.strip() == REASON
    assert "No sheet is closed yet" in another_browser.get(f"/dossiers/{dossier_id}/evaluation").text
    browser.post(f"{url}/scores", sheet_data(tale, **{"assets-score": "4", "assets-reason": REASON + " Less so."}))
    assert "Less so." not in another_browser.get(address).text  # a draft is seen by its author alone
    browser.post(f"{url}/close")
    versions = soup(another_browser.get(address))
    assert [s["id"] for s in versions.select("section[id^=version-]")] == ["version-2", "version-1"]
    assert "Less so." in versions.select_one("#version-2 ins").text
    assert "before: 9 / 10" in versions.select_one("#version-2").text


def test_versions_are_the_secretariats_alone(tale, browser, another_browser, rows, dossier_id):
    ids = tale.asked(dossier_id)
    tale.closed(ids["Norwich"])
    sheet = rows.one(sa.select(Evaluation))
    address = f"/dossiers/{dossier_id}/evaluation/sheets/{sheet.id}"
    browser.sign_in("norwich@network.example")
    assert browser.get(address).status_code == 403
    another_browser.sign_in(tale.officer())
    assert another_browser.get(f"/dossiers/{dossier_id}/evaluation/sheets/{dossier_id}").status_code == 404
    assert another_browser.post(address, {"request": "no", "answer": "give"}).status_code == 404
    assert another_browser.post(address, {"request": str(sheet.id), "answer": "give"}).status_code == 404


def test_an_officer_who_judges_the_file_reads_nobodys_scores_before_closing(tale, browser, rows, dossier_id):
    """Whatever else the person is: by page, list, export and document, the own sheet comes first."""
    asked = tale.asked(dossier_id)
    tale.closed(asked["Dublin"], 3)
    tale.letters_stored()
    heidelberg = next(p for p in tale.evaluators() if p.seat.name == "Heidelberg")
    accounts.grant_role(tale.story.session, heidelberg.account, Role.SECRETARIAT, now=START)
    tale.story.commit()
    document = rows.one(sa.select(Document).where(Document.kind == "EVALUATION_SHEET"))
    address = f"/documents/{document.id}.pdf"
    browser.sign_in(heidelberg.account)
    answer = browser.get(f"/dossiers/{dossier_id}/evaluation")
    assert answer.status_code == 409
    assert "Your own sheet comes first" in answer.text
    assert "3.00" not in browser.get("/board").text
    assert ",3.0" not in browser.get("/board.csv").text
    assert browser.get(f"/calls/{tale.call.key}/results").text.count("3.00") == 0
    assert browser.client.get(address).status_code == 404
    assert address not in browser.get(f"/dossiers/{dossier_id}").text
    tale.closed(asked["Heidelberg"], 7)
    assert browser.get(f"/dossiers/{dossier_id}/evaluation").status_code == 200
    assert address in browser.get(f"/dossiers/{dossier_id}").text
    assert "5.00" in browser.get("/board").text
