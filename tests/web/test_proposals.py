"""Proposed assignments as the Secretariat meets them: ordered, worked out by the worker, looked at, applied in part or whole."""

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa

from rvc_portal import jobs
from rvc_portal.domain.vocabulary import JobKind, JobStatus
from rvc_portal.gateways import solver
from rvc_portal.models.account import RoleGrant
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.evaluation import Assignment
from rvc_portal.models.job import Job, Mail
from rvc_portal.models.proposal import Proposal
from rvc_portal.services import accounts, evaluation, proposals
from rvc_portal.web.sheets import xlsx_bytes
from tests.judging import database
from tests.stories import town
from tests.web.browsing import START, soup


def admitted(tale):
    tale.evaluators()
    tale.admitted()
    tale.admitted(town("Aubervilliers-les-Bains"), tale.lead("aubervilliers@ville.example"))
    tale.officer()
    tale.nothing_waits()


@pytest.fixture(scope="module")
def migrated(migrated, tmp_path_factory):
    return database(migrated, tmp_path_factory, START, admitted)


@pytest.fixture
def secretariat(tale, browser):
    browser.sign_in(tale.officer())
    tale.story.commit()
    return browser


def asked_for(**changes):
    usual = {
        "fields": "literature", "least_experts": "2", "most_experts": "", "least_members": "3", "most_members": "4",
        "maximum_load": "20", "seed": "7",
    }  # fmt: skip
    return usual | changes


def order(tale, browser, **changes):
    """Order a proposal; where it is shown."""
    answer = browser.post(f"/calls/{tale.call.key}/assignments/proposals", asked_for(**changes))
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def worked_out(tale, browser, app, **changes):
    """The address of a proposal that is ready."""
    url = order(tale, browser, **changes)
    assert jobs.drain(app) == 1
    return url


def pairs(page):
    return [box["value"] for box in page.select("#proposed input[name=pair]")]


def test_a_proposal_is_worked_out_by_the_worker_and_asks_nobody(tale, secretariat, app, rows):
    url = order(tale, secretariat)
    waiting = soup(secretariat.get(url))
    assert waiting.select_one("#part-progress")["data-hx-get"] == url
    assert waiting.select_one("progress")["value"] == "0.0"
    assert secretariat.get(url, htmx=True).text.lstrip().startswith('<div id="part-progress"')
    jobs.drain(app)
    assert secretariat.get(url, htmx=True).headers["HX-Redirect"] == url
    page = soup(secretariat.get(url))
    assert len(pairs(page)) == 2 * (2 + 3)
    assert "Lyon" not in page.select_one("#proposed").text  # of the towns' country
    assert rows.all(sa.select(Assignment)) == []
    text = page.get_text(" ", strip=True)
    kept = rows.one(sa.select(Proposal))
    assert kept.inputs_sha256 in text
    assert "HiGHS" in text
    seed = next(dt for dt in page.select("dt") if dt.text == "Seed")
    assert seed.find_next_sibling("dd").text == "7"


def test_the_same_inputs_and_seed_give_the_same_proposal(tale, secretariat, app):
    one, other = worked_out(tale, secretariat, app), worked_out(tale, secretariat, app)
    assert one != other
    assert pairs(soup(secretariat.get(one))) == pairs(soup(secretariat.get(other)))


def test_what_is_ticked_is_asked_with_its_mail(tale, secretariat, app, rows):
    url = worked_out(tale, secretariat, app)
    chosen = pairs(soup(secretariat.get(url)))[:3]
    answer = secretariat.post(f"{url}/apply", {"which": "ticked", "pair": chosen})
    assert answer.headers["Location"] == url
    made = rows.all(sa.select(Assignment))
    assert {f"{a.dossier_id}:{a.seat_id}" for a in made} == set(chosen)
    assert len(rows.all(sa.select(Mail).where(Mail.template == "assign"))) == 3
    page = soup(secretariat.get(url))
    assert "3 requests were sent." in page.text
    assert len(page.select("tr.proposed--present")) == 3
    assert len(pairs(page)) == 7


def test_the_whole_is_asked_and_what_changed_meanwhile_is_told(tale, secretariat, app, rows):
    url = worked_out(tale, secretariat, app)
    every = pairs(soup(secretariat.get(url)))
    (first, barred), (second, asked) = (value.split(":") for value in (every[0], every[-1]))
    rows.change(
        "INSERT INTO conflict (id, dossier_id, seat_id, rule, severity, reason, since_at) VALUES "
        f"('{'ab' * 16}', '{first.replace('-', '')}', '{barred.replace('-', '')}', 'declared', 'hard', 'Kin','2026-03-01 00:00')"
    )
    assert len(rows.all(sa.select(Conflict).where(Conflict.rule == "declared"))) == 1
    secretariat.post(f"/dossiers/{second}/evaluators", {"seat": asked})
    page = soup(secretariat.get(url))
    assert "declared" in page.select_one("tr.proposed--conflict").text
    assert len(page.select("tr.proposed--present")) == 1
    secretariat.post(f"{url}/apply", {"which": "all"})
    page = soup(secretariat.get(url))
    assert "8 requests were sent. 2 pairs were passed over: see beside each why." in page.text
    found = {(str(a.dossier_id), str(a.seat_id)) for a in rows.all(sa.select(Assignment))}
    assert (first, barred) not in found
    assert len(found) == 9


@pytest.fixture
def by_threes(monkeypatch):
    monkeypatch.setattr(proposals, "PORTION", 3)


def test_many_requests_are_sent_by_the_worker_in_portions(tale, secretariat, app, rows, by_threes):
    url = worked_out(tale, secretariat, app)
    assert secretariat.post(f"{url}/apply", {"which": "all"}).headers["Location"] == url
    assert rows.all(sa.select(Assignment)) == []
    waiting = soup(secretariat.get(url))
    assert "The requests are being sent" in waiting.text
    assert not waiting.select("#proposed")
    assert secretariat.post(f"{url}/apply", {"which": "all"}).status_code == 409
    tale.story.session.rollback()  # the page of the refusal was made in the test's own session
    seen = []
    ask = proposals.ask_portion

    def look(session, *more):
        seen.append(len(rows.all(sa.select(Assignment))))
        return ask(session, *more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proposals, "ask_portion", look)
        jobs.do_next(app)
    assert seen == [0, 3, 6, 9]  # each portion is there for everybody before the next begins
    assert len(rows.all(sa.select(Assignment))) == 10
    assert {a.assigned_by for a in rows.all(sa.select(Assignment))} == {tale.officer().id}
    assert secretariat.get(url, htmx=True).headers["HX-Redirect"] == url
    assert pairs(soup(secretariat.get(url))) == []


def test_requests_that_are_stopped_go_no_further(tale, secretariat, app, rows, by_threes):
    url = worked_out(tale, secretariat, app)
    secretariat.post(f"{url}/apply", {"which": "all"})
    ask = proposals.ask_portion

    def stopped(session, *more):
        left = ask(session, *more)
        session.commit()
        secretariat.post(f"{url}/cancel")
        return left

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proposals, "ask_portion", stopped)
        jobs.do_next(app)
    assert len(rows.all(sa.select(Assignment))) == 3
    assert len(pairs(soup(secretariat.get(url)))) == 7


def test_a_worker_that_dies_between_two_portions_asks_nobody_twice(tale, secretariat, app, clock, rows, by_threes):
    url = worked_out(tale, secretariat, app)
    secretariat.post(f"{url}/apply", {"which": "all"})
    ask, times = proposals.ask_portion, []

    def dies(session, *more):
        times.append(1)
        if len(times) == 2:
            raise KeyboardInterrupt
        return ask(session, *more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proposals, "ask_portion", dies)
        with pytest.raises(KeyboardInterrupt):
            jobs.do_next(app)
    clock.forward(timedelta(minutes=10))  # its lease is over
    jobs.drain(app)
    assert len(rows.all(sa.select(Assignment))) == 10
    assert len(rows.all(sa.select(Mail).where(Mail.template == "assign"))) == 10


def test_who_is_no_longer_of_the_secretariat_asks_nobody(tale, secretariat, app, rows, by_threes):
    url = worked_out(tale, secretariat, app)
    secretariat.post(f"{url}/apply", {"which": "all"})
    tale.story.session.execute(sa.delete(RoleGrant))
    tale.story.commit()
    jobs.do_next(app)
    assert rows.all(sa.select(Assignment)) == []
    assert rows.one(sa.select(Proposal)).asking == []


def test_a_file_that_left_evaluation_is_passed_over(tale, secretariat, app, rows):
    url = worked_out(tale, secretariat, app)
    gone = pairs(soup(secretariat.get(url)))[0].split(":")[0]
    rows.change(f"UPDATE dossier SET state = 'in_review' WHERE id = '{gone.replace('-', '')}'")
    page = soup(secretariat.get(url))
    assert len(page.select("tr.proposed--moved")) == 5
    secretariat.post(f"{url}/apply", {"which": "all"})
    assert gone not in {str(a.dossier_id) for a in rows.all(sa.select(Assignment))}


def test_nothing_ticked_is_said(tale, secretariat, app, rows):
    url = worked_out(tale, secretariat, app)
    answer = secretariat.post(f"{url}/apply", {"which": "ticked", "pair": "nonsense"})
    assert answer.status_code == 422
    assert "Tick at least one pair." in answer.text
    assert rows.all(sa.select(Assignment)) == []


def test_who_is_asked_already_stays_and_is_not_proposed_again(tale, secretariat, app):
    dossier_id = tale.told()
    tale.asked(dossier_id, tale.evaluators()[2:4])
    tale.nothing_waits()
    page = soup(secretariat.get(worked_out(tale, secretariat, app)))
    assert len(pairs(page)) == 2 * (2 + 3) - 2
    assert [v.text for v in page.select(".stat__value")][2] == "2"


def test_what_cannot_be_met_is_said_with_its_reason(tale, secretariat, app):
    page = soup(
        secretariat.get(worked_out(tale, secretariat, app, least_members="6", most_members="", maximum_load="1"))
    )
    told = " ".join(page.select_one("#unmet").text.split())
    assert "Member cities of the field: 2 of 6 sheets." in told or "Member cities of the field: 3 of 6 sheets." in told
    assert "The field has 6 evaluators in this stream. 1 is barred by a conflict of interest." in told
    loads = [cell.text for cell in page.select("#proposed td.number")]
    assert set(loads) == {"1 / 1"}


def test_a_form_that_cannot_be_taken_says_why_and_keeps_what_was_typed(tale, secretariat, rows):
    url = f"/calls/{tale.call.key}/assignments/proposals"
    wrong = asked_for(least_members="5", most_members="2", seed="-4", maximum_load="many")
    for htmx in (False, True):
        answer = secretariat.post(url, wrong, htmx=htmx)
        assert answer.status_code == 422
        assert "The most is less than the least." in answer.text
        assert soup(answer).select_one("#seed")["value"] == "-4"
        assert soup(answer).select_one("#maximum_load")["value"] == "many"
    assert rows.all(sa.select(Proposal)) == []


def test_one_that_is_cancelled_is_not_worked_out(tale, secretariat, app, rows):
    url = order(tale, secretariat)
    secretariat.post(f"{url}/cancel")
    assert "This proposal was cancelled." in secretariat.get(url).text
    jobs.drain(app)
    assert rows.one(sa.select(Proposal)).done_at is None
    assert rows.one(sa.select(Job).where(Job.kind == JobKind.MATCH)).status == JobStatus.DONE
    assert secretariat.post(f"{url}/apply", {"which": "all"}).status_code == 404


def test_one_that_is_cancelled_while_it_is_worked_out_is_given_up(tale, secretariat, app, rows, monkeypatch):
    url = order(tale, secretariat)
    solve, told = solver.solve, []

    def slow(problem, seed, go):
        told.append(go(0.25))
        assert rows.one(sa.select(Proposal)).progress == 0.25
        secretariat.post(f"{url}/cancel")
        return solve(problem, seed, go)

    monkeypatch.setattr(jobs, "LOOK_S", 0)
    monkeypatch.setattr(solver, "solve", slow)
    jobs.drain(app)
    assert told == [True]
    assert rows.one(sa.select(Proposal)).done_at is None


def test_a_long_solve_keeps_its_job_and_is_not_begun_twice(tale, secretariat, app, clock, rows, monkeypatch):
    order(tale, secretariat)
    solve = solver.solve

    def slow(problem, seed, go):
        clock.forward(timedelta(minutes=10))
        assert go(0.5)
        assert rows.one(sa.select(Job).where(Job.kind == JobKind.MATCH)).lease_until_at > clock()
        return solve(problem, seed, go)

    monkeypatch.setattr(solver, "solve", slow)
    assert jobs.drain(app) == 1


def test_one_that_fails_for_good_says_so(tale, secretariat, rows):
    url = order(tale, secretariat)
    rows.change("UPDATE job SET status = 'failed' WHERE kind = 'match'")
    assert "This proposal could not be worked out." in secretariat.get(url).text


def test_an_officer_with_a_conflict_sees_nothing_of_that_file(tale, secretariat, another_browser, app):
    url = worked_out(tale, secretariat, app)
    dossier_id = tale.told()
    officer = tale.lead("second@network.example", "Second Officer")
    tale.story.session.add(
        Conflict(dossier_id=dossier_id, account_id=tale.officer().id, rule="declared", since_at=START)
    )
    tale.story.commit()
    assert officer
    page = soup(secretariat.get(url))
    assert len(pairs(page)) == 5
    assert str(dossier_id) not in page.decode()
    assert [v.text for v in page.select(".stat__value")][:2] == ["5", "1"]


def test_a_test_call_proposes_nobody(tale, secretariat, rows):
    rows.change("UPDATE call SET test = 1")
    answer = secretariat.post(f"/calls/{tale.call.key}/assignments/proposals", asked_for())
    assert answer.status_code == 409
    assert "A test asks no evaluators" in answer.text


def test_the_page_asks_the_database_no_more_for_more_pairs(tale, secretariat, app, statements):
    def cost(url):
        statements.clear()
        assert secretariat.get(url).status_code == 200
        return len(statements)

    few = cost(worked_out(tale, secretariat, app, least_members="0", least_experts="1"))
    assert cost(worked_out(tale, secretariat, app)) == few <= 20


def test_it_is_asked_for_through_the_service_alone(tale, secretariat, app, monkeypatch):
    """Conflicts, journal and mails hang on `evaluation.assign`."""
    url = worked_out(tale, secretariat, app)
    seen = []
    assign = evaluation.assign
    monkeypatch.setattr(evaluation, "assign", lambda *a, **k: seen.append(a[1].id) or assign(*a, **k))
    secretariat.post(f"{url}/apply", {"which": "all"})
    assert len(seen) == 2


# --- from a file ---


def send(tale, browser, content, name="assignments.csv"):
    data = {"file": (io.BytesIO(content if isinstance(content, bytes) else content.encode()), name)}
    return browser.post(f"/calls/{tale.call.key}/assignments/proposals/file", data, content_type="multipart/form-data")


def effects(page):
    return [tr["class"][1].removeprefix("line--") for tr in page.select("#lines tbody tr")]


def test_each_line_is_told_apart_before_anything_is_done(tale, secretariat, rows):
    first = tale.dossier(tale.told()).reference
    norwich = next(p.seat.id for p in tale.evaluators() if p.seat.name == "Norwich")
    secretariat.post(f"/dossiers/{tale.told()}/evaluators", {"seat": str(norwich)})
    before = rows.all(sa.select(Assignment))
    lines = [
        "Référence;Ville;Évaluateur;Collège", f"{first};;Granada;", f"{first.lower()};;prague;Villes membres du domaine",
        f"{first};;Norwich;", f"{first};;Lyon;", "NOBODY-1;;Granada;", f"{first};;Nobody;", f"{first};;Granada;",
        f"{first};;=HYPERLINK();", f"{first};;Dublin;experts",
    ]  # fmt: skip
    answer = send(tale, secretariat, "\n".join(lines))
    page = soup(secretariat.get(answer.headers["Location"]))
    wanted = "open open present conflict no_file no_evaluator twice formula no_evaluator"
    assert effects(page) == wanted.split()
    assert "same country" in page.select_one("tr.line--conflict").text
    assert [v.text for v in page.select(".stat__value")] == ["9", "2", "1", "6"]
    assert rows.all(sa.select(Assignment.id)) == [a.id for a in before]
    secretariat.post(f"{answer.headers['Location']}/apply", {"which": "all"})
    assert len(rows.all(sa.select(Assignment))) == 3
    page = soup(secretariat.get(answer.headers["Location"]))
    assert effects(page)[:3] == ["present"] * 3
    assert not page.select("#apply button[value=all]")


def test_lines_of_an_xlsx_are_asked_one_by_one(tale, secretariat, rows):
    reference = tale.dossier(tale.told()).reference
    table = [(reference, name) for name in ("Granada", "Dublin")]
    url = send(tale, secretariat, xlsx_bytes("T", ["reference", "evaluator"], table), "a.xlsx").headers["Location"]
    box = soup(secretariat.get(url)).select_one("#lines input[name=pair]")
    secretariat.post(f"{url}/apply", {"which": "ticked", "pair": box["value"]})
    assert len(rows.all(sa.select(Assignment))) == 1


def test_an_evaluator_of_another_field_and_a_name_of_two_are_told(tale, secretariat, app):
    reference = tale.dossier(tale.told()).reference
    for kind, name, field in (("member", "Dakar", "music"), ("expert", "Dublin", "literature")):
        accounts.create_seat(tale.story.session, kind=kind, name=name, field=field)
    tale.story.commit()
    text = f"reference,evaluator,stream\n{reference},Dakar,\n{reference},Dublin,\n{reference},Dublin,members\n"
    page = soup(secretariat.get(send(tale, secretariat, text).headers["Location"]))
    assert effects(page) == ["other_field", "several", "open"]


def test_what_is_no_table_of_assignments_is_refused_in_words(tale, secretariat, rows):
    for content, reason in (
        ("city;mark\nMetz;8\n", "not found: reference, evaluator."),
        (b"\x00\xff\xfe", "UTF-8"),
        ("a,b\n" * 30_000, "more than"),
    ):
        answer = send(tale, secretariat, content)
        assert answer.status_code == 422
        assert reason in answer.text
    assert "Choose a file." in send(tale, secretariat, "", name="").text
    assert rows.all(sa.select(Proposal)) == []


def test_the_present_assignments_come_as_a_file_that_changes_nothing(tale, secretariat):
    tale.asked(tale.told())
    tale.story.commit()
    answer = secretariat.client.get(f"/calls/{tale.call.key}/assignments/proposals/assignments.csv")
    page = soup(secretariat.get(send(tale, secretariat, answer.data).headers["Location"]))
    assert effects(page) == ["present"] * 7


def test_a_file_out_of_sight_is_as_if_it_were_not_there(tale, secretariat):
    dossier = tale.dossier(tale.told())
    tale.story.session.add(
        Conflict(dossier_id=dossier.id, account_id=tale.officer().id, rule="declared", since_at=START)
    )
    tale.story.commit()
    url = send(tale, secretariat, f"reference,evaluator\n{dossier.reference},Granada\n").headers["Location"]
    page = soup(secretariat.get(url))
    assert effects(page) == ["no_file"]
    assert dossier.lead_city not in page.select_one("#lines").text
