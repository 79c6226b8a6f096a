"""The results of a call: who sees which figures, sorted and filtered by the address, and the synthesis of a field."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from rvc_portal.domain.vocabulary import JobKind
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment, Evaluation, Score
from rvc_portal.models.job import Job, Mail
from rvc_portal.models.journal import JournalEntry
from rvc_portal.queries import results as query
from rvc_portal.services import results
from tests.judging import database
from tests.stories import LONG_NAME, town
from tests.web.browsing import START, soup

OTHER, BARE = "Port-Royal-des-Champs", "Vieux-Bourg"


def judged(tale):
    """Three files: one whose evaluators agree, one over which they quarrel, one that nobody has judged yet."""
    tale.evaluators()
    for name, values in ((LONG_NAME, (7, 7, 7)), (OTHER, (2, 10, 6)), (BARE, ())):
        dossier_id = tale.admitted(town(name))
        for assignment_id, value in zip(tale.asked(dossier_id).values(), values, strict=False):
            tale.closed(assignment_id, value)
    rank(tale)


def rank(tale):
    """Do what the worker does, without its documents."""
    session = tale.story.session
    for job in session.scalars(sa.select(Job).where(Job.kind == JobKind.RANK, Job.status == "queued")):
        wanted = results.source(session, job.subject_id)
        if wanted is not None:
            results.record(session, job.subject_id, query.compute(wanted.call, wanted.entries), wanted, tale.now)
        job.status = "done"
    session.commit()


@pytest.fixture(scope="module")
def migrated(migrated, tmp_path_factory):
    return database(migrated, tmp_path_factory, START, judged)


@pytest.fixture
def url(tale):
    return f"/calls/{tale.call.key}/results"


def cities(answer):
    return [link.text for link in soup(answer).select("#ranking tbody th a")]


def cells(answer, city):
    """A file's figures by the names of their columns."""
    row = next(r for r in soup(answer).select("#ranking tbody tr") if r.select_one("th a").text == city)
    return {cell["data-label"]: " ".join(cell.text.split()) for cell in row.select("td")}


def token_of(answer):
    """What each answer has of its own: the token of its forms."""
    return soup(answer).select_one("input[name=csrf_token]")["value"]


def bar(tale, account, city):
    dossier = tale.story.session.scalars(sa.select(Dossier).where(Dossier.lead_city == city)).one()
    tale.story.session.add(
        Conflict(dossier_id=dossier.id, account_id=account.id, rule="declared", reason="", since_at=START)
    )
    tale.story.session.commit()
    return dossier


def test_the_files_stand_by_rank_with_their_figures(tale, browser, url):
    browser.sign_in(tale.officer())
    answer = browser.get(url)
    assert cities(answer) == [LONG_NAME, OTHER, BARE]
    found = cells(answer, LONG_NAME)
    assert (found["Rank"], found["Mean"], found["Sheets"], found["Disagreement"]) == ("1", "7.00", "3", "—")
    assert "provisional" in next(r for r in soup(answer).select("#ranking tbody tr") if LONG_NAME in r.text).text
    assert found["Interval of the rank"] in ("1 – 1", "1 – 2")
    assert "wide spread" in cells(answer, OTHER)["Disagreement"]
    assert cells(answer, BARE)["Rank"] == "—"


def test_how_the_figures_come_about_stands_in_words_with_the_seed(tale, browser, url):
    browser.sign_in(tale.officer())
    method = soup(browser.get(url)).select_one(".method").text
    assert "Seed: 2026." in method
    assert "Z = n / (n + 4)" in method
    assert "20 %" in method.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("asked", "first"),
    [("sort=spread", OTHER), ("sort=spread&dir=asc", LONG_NAME), ("sort=city&dir=desc", LONG_NAME), ("sort=city", OTHER),
     ("sort=mean", LONG_NAME), ("sort=mean&dir=asc", OTHER), ("sort=normalised", LONG_NAME), ("sort=rank&dir=desc", OTHER),
     ("flagged=1", OTHER)],
)  # fmt: skip
def test_the_address_sorts_and_filters(tale, browser, url, asked, first):
    browser.sign_in(tale.officer())
    found = cities(browser.get(f"{url}?{asked}"))
    assert found[0] == first
    assert (BARE in found[:-1], OTHER in found) == (False, True)


@pytest.mark.parametrize("asked", ["sort=luck", "field=astrology", "page=0", "page=x"])
def test_what_the_list_does_not_know_is_said(tale, browser, url, asked):
    browser.sign_in(tale.officer())
    answer = browser.get(f"{url}?{asked}")
    assert answer.status_code == 422
    assert soup(answer).select_one(".error-summary")
    assert cities(answer)[0] == LONG_NAME


def test_a_page_beyond_the_last_is_empty_and_leads_back(tale, browser, url):
    browser.sign_in(tale.officer())
    answer = browser.get(f"{url}?page=7")
    assert cities(answer) == []
    assert soup(answer).select_one("a[rel=prev]")


def test_before_the_first_closed_sheet_the_page_says_so(tale, browser, url):
    for statement in ("UPDATE evaluation SET closed_at = NULL", "UPDATE dossier SET closed_sheets = 0"):
        tale.story.session.execute(sa.text(statement))
    tale.story.session.commit()
    browser.sign_in(tale.officer())
    assert "No sheet is closed yet" in browser.get(url).text


def test_who_is_barred_sees_the_same_whatever_the_hidden_scores_are(tale, browser, url, statements):
    """Two worlds: byte for byte, and by the number of queries."""
    hidden = bar(tale, tale.officer(), OTHER)
    browser.sign_in(tale.officer())
    pages = []
    session = tale.story.session
    for value in (1, 10):
        sheets = sa.select(Evaluation.id).where(Evaluation.dossier_id == hidden.id)
        session.execute(sa.update(Score).where(Score.evaluation_id.in_(sheets)).values(value=value))
        session.execute(sa.update(Evaluation).where(Evaluation.id.in_(sheets)).values(mean=value))
        results.changed(session, tale.dossier(hidden.id), START)
        session.commit()
        rank(tale)
        statements.clear()
        told = browser.get(f"{url}?sort=normalised")
        pages.append((told.text.replace(token_of(told), ""), len(statements)))
    assert pages[0] == pages[1]
    answer = browser.get(url)
    assert cities(answer) == [LONG_NAME, BARE]
    assert OTHER not in answer.text
    assert "Issue the synthesis" not in answer.text


def test_the_secretariat_is_told_that_figures_are_on_their_way(tale, browser, url):
    waiting = next(
        a
        for a in tale.story.session.scalars(sa.select(Assignment))
        if a.dossier.lead_city == LONG_NAME and not a.evaluation
    )
    tale.closed(waiting.id, 3)
    browser.sign_in(tale.officer())
    assert "being computed anew" in browser.get(url).text
    rank(tale)
    answer = browser.get(url)
    assert "being computed anew" not in answer.text
    assert cells(answer, LONG_NAME)["Sheets"].split()[0] == "4"


def test_the_synthesis_is_issued_and_listed_and_stays_inside(tale, browser, another_browser, url, rows):
    browser.sign_in(tale.officer())
    answer = browser.post(f"{url}/synthesis", {"field": "literature"})
    assert answer.headers["Location"] == f"{url}?field=literature#documents-part"
    made = rows.all(sa.select(Document).where(Document.kind == "FIELD_SYNTHESIS"))
    assert sorted(d.language for d in made) == ["en", "fr"]
    assert rows.one(sa.select(JournalEntry).where(JournalEntry.transition == "synthesise")).chain == tale.call.id
    listed = soup(browser.get(url)).select("#documents li")
    assert len(listed) == 2
    address = f"/documents/{made[0].id}.pdf"
    assert browser.client.get(address).status_code == 409  # theirs, and still being prepared
    assert another_browser.client.get(address).status_code == 303
    for other in (tale.lead(), tale.direction(), tale.group()[0].account, tale.evaluators()[0].account):
        another_browser.sign_in(other)
        assert another_browser.client.get(address).status_code == 404
        assert "Synthesis" not in another_browser.client.get(f"/calls/{tale.call.key}").text
        another_browser.post("/sign-out")
    assert "<html" not in browser.get(f"{url}/documents?field=literature", htmx=True).text


def test_a_synthesis_of_a_field_without_sheets_is_refused_in_words(tale, browser, url):
    browser.sign_in(tale.officer())
    answer = browser.post(f"{url}/synthesis", {"field": "music"})
    assert answer.status_code == 409
    assert "No sheet of this field is closed yet." in answer.text


def test_the_steering_group_ranks_what_is_before_it(tale, browser, url):
    """Files still in evaluation are not theirs to see: the one that was referred is first among one."""
    dossier = tale.story.session.scalars(sa.select(Dossier).where(Dossier.lead_city == OTHER)).one()
    for assignment in tale.story.session.scalars(
        sa.select(Assignment).where(Assignment.dossier_id == dossier.id)
    ).all():
        if assignment.evaluation is None:
            tale.closed(assignment.id, 8)
    tale.story.refer(tale.dossier(dossier.id), tale.officer(), START)
    browser.sign_in(tale.group()[0].account)
    answer = browser.get(url)
    assert cities(answer) == [OTHER]
    assert (cells(answer, OTHER)["Rank"], cells(answer, OTHER)["Interval of the rank"]) == ("1", "1 – 1")


def test_the_secretariat_sets_a_sheet_aside_on_the_files_page(tale, browser, another_browser, rows):
    sheet = tale.story.session.scalars(sa.select(Evaluation).where(Evaluation.closed_at.is_not(None)).limit(1)).one()
    url = f"/dossiers/{sheet.dossier_id}/evaluation"
    name = sheet.assignment.seat.name
    tale.letters_stored()
    browser.sign_in(tale.officer())
    sent = {"sheet": str(sheet.id), "reason": "A cousin of the mayor's."}
    wrong = browser.post(f"{url}/conflicts", sent | {"reason": " "})
    assert wrong.status_code == 422
    assert soup(wrong).select_one(f"#conflict-{sheet.id}").has_attr("open")
    assert soup(wrong).select_one(".error-summary a")["href"] == f"#reason-{sheet.id}"
    assert browser.post(f"{url}/conflicts", sent | {"sheet": "x"}).status_code == 404
    assert browser.post(f"{url}/conflicts", sent).headers["Location"] == url
    page = soup(browser.get(url))
    assert f"{name} – found by the Secretariat" in page.select_one("#set-aside").text
    assert "Set aside: counts no more" in browser.get(f"/dossiers/{sheet.dossier_id}").text
    assert name not in page.select_one("#sheets").text
    assert browser.post(f"{url}/conflicts", sent).status_code == 404
    evaluator = next(p.account for p in tale.evaluators() if p.seat.name == name)
    another_browser.sign_in(evaluator)
    assert another_browser.client.get(f"/dossiers/{sheet.dossier_id}").status_code == 404
    told = rows.all(sa.select(Mail).where(Mail.template == "request_ended", Mail.to_address == evaluator.email))
    assert [(mail.context["because"], mail.context["path"]) for mail in told] == [("set_aside", "/desk")]
    assert LONG_NAME not in another_browser.client.get("/desk").text


def test_the_history_says_that_a_sheet_was_set_aside(tale, browser):
    from rvc_portal.services import conflicts

    found = tale.story.session.scalars(sa.select(Evaluation).where(Evaluation.closed_at.is_not(None)).limit(1)).one()
    seat, dossier = found.assignment.seat, found.assignment.dossier
    conflicts.declare(
        tale.story.session, dossier, seat.id, actor_id=tale.officer().id, reason="A cousin.", now=datetime.now(UTC)
    )
    tale.story.session.commit()
    browser.sign_in(tale.officer())
    page = browser.get(f"/dossiers/{dossier.id}")
    assert f"A closed sheet was set aside: {seat.name}" in page.text
    assert seat.name in soup(browser.get(f"/dossiers/{dossier.id}/evaluation")).select_one("#set-aside").text
