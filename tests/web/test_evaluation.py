"""The Secretariat asks evaluators; they declare, score and close; what their sheets say."""

import pytest
import sqlalchemy as sa

from rvc_portal.models.conflict import Conflict
from rvc_portal.models.evaluation import Assignment, Evaluation, Score
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


def test_a_criterion_is_saved_alone_and_comes_back_as_its_row(tale, browser, rows, dossier_id):
    assignment_id = tale.asked(dossier_id)["Norwich"]
    tale.declared(assignment_id)
    browser.sign_in("norwich@network.example")
    data = sheet_data(tale, **{"local_plan-score": "3"})
    answer = browser.post(f"/assignments/{assignment_id}/scores/assets", data, htmx=True)
    assert answer.status_code == 200
    page = soup(answer)
    assert [c["id"] for c in page.select(".criterion")] == ["criterion-assets"]
    assert page.select_one("#part-progress")["data-hx-swap-oob"] == "true"
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
    row = browser.post(f"/assignments/{assignment_id}/scores/assets", data, htmx=True)
    assert row.status_code == 422
    assert [c["id"] for c in soup(row).select(".criterion")] == ["criterion-assets"]


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
