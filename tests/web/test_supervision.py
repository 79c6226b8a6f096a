"""How the evaluation goes, as the Steering Group sees it: less what each is recused from, names as the call lets them be told;
and the wish for one more evaluator, until it is answered."""

import csv
import io
import random
import shutil
from datetime import timedelta

import pytest
import sqlalchemy as sa

from benchmarks.visits import cookie
from rvc_portal.domain.blindness import Blind
from rvc_portal.domain.deliberation import MotionKind
from rvc_portal.domain.vocabulary import SeatKind
from rvc_portal.models.base import db
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import EvaluatorRequest
from rvc_portal.models.job import Mail
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.steering import Opinion
from rvc_portal.queries import calls
from rvc_portal.services import accounts, conflicts, more_evaluators
from tests.judging import database
from tests.stories import LONG_NAME, redefine, town
from tests.web.browsing import START, soup
from tests.worlds import world

HIDDEN, OTHER = "Cachée-la-Ville", "Port-Royal-des-Champs"
RECUSED = 2
"""Which of the group may not judge the first of the two: Coordinator 3."""
WHY = "The two sheets could not be further apart."


def tell(tale):
    """Three files in evaluation: one with sheets that differ, one with two evaluators asked, one hidden from a coordinator."""
    players = {p.seat.name: p for p in tale.evaluators()}
    group = tale.group()
    asked = tale.asked(tale.admitted())
    tale.closed(asked["Expert 1"], 8)
    tale.closed(asked["Expert 2"], 4)
    tale.closed(asked["Norwich"], 7)
    tale.declared(asked["Dublin"])
    tale.asked(tale.admitted(town(OTHER), tale.lead("other@ville.example")), [players["Norwich"], players["Dublin"]])
    hidden = tale.admitted(town(HIDDEN), tale.lead("hidden@ville.example"))
    tale.asked(hidden)
    conflicts.declare(
        tale.story.session, tale.dossier(hidden), group[RECUSED].seat.id, actor_id=group[0].account.id, reason="Kin",
        now=START,
    )  # fmt: skip
    tale.officer()
    tale.story.commit()


@pytest.fixture(scope="module")
def migrated(migrated, tmp_path_factory):
    return database(migrated, tmp_path_factory, START, tell)


@pytest.fixture
def url(tale):
    return f"/calls/{tale.call.key}/supervision"


@pytest.fixture
def member(browser):
    browser.sign_in("coordinator-1@network.example")
    return browser


def id_of(tale, name):
    found = tale.story.session.scalars(sa.select(Dossier.id).where(Dossier.lead_city == name)).one()
    tale.story.commit()
    return found


def cities(answer):
    return [row.select_one("th a").text for row in soup(answer).select("#files tbody tr")]


def figures(answer):
    """By stream: asked, declared, closed, late, spread."""
    rows = soup(answer).select("#sums tbody tr")
    return {row.select_one("th").text: [cell.get_text(strip=True) for cell in row.select("td")] for row in rows}


def test_by_file_and_in_sum(member, url):
    page = member.get(url)
    assert cities(page) == [HIDDEN, LONG_NAME, OTHER]  # seven sheets open, then four, then two
    told = figures(page)
    assert told["Independent experts"] == ["4", "2", "2", "0", "2.83"]  # 8 and 4
    assert told["Member cities of the field"] == ["12", "2", "1", "0", "—"]
    row = soup(page).select("#files tbody tr")[1]
    assert "2 of 2 closed" in row.text
    assert "spread: 2.83" in row.text


def test_who_is_recused_counts_without_the_file(browser, url):
    browser.sign_in(f"coordinator-{RECUSED + 1}@network.example")
    page = browser.get(url)
    assert HIDDEN not in page.text
    assert cities(page) == [LONG_NAME, OTHER]
    assert figures(page)["Independent experts"][0] == "2"
    assert "In sum, over 2 files" in page.text


def test_the_desk_tells_the_same(member, url, tale):
    desk = soup(member.get("/desk"))
    part = desk.select_one("#steering")
    assert "over 3 files in evaluation" in part.text
    assert part.select_one(f"a[href='{url}']")
    assert [row.select_one("th a").text for row in part.select("table[id^=files-] tbody tr")] == [
        HIDDEN,
        LONG_NAME,
        OTHER,
    ]


def test_late_after_the_term(member, url, tale, clock):
    clock.at = calls.definition(tale.call).windows["evaluation"].closes_at
    member.sign_in("coordinator-1@network.example")
    assert figures(member.get(url))["Member cities of the field"][3] == "11"  # twelve asked, one closed
    assert cities(member.get(f"{url}?late=1&q=royal")) == [OTHER]


@pytest.mark.parametrize(
    ("asked", "found"),
    [("q=royal", [OTHER]), ("field=music", []), ("late=1", []), ("state=in_review", []), ("sort=city", [HIDDEN, OTHER, LONG_NAME]),
     ("sort=city&dir=desc", [LONG_NAME, OTHER, HIDDEN]), ("sort=spread&q=a", None), ("sort=sheets", None)],
)  # fmt: skip
def test_the_address_filters_and_sorts(member, url, asked, found):
    page = member.get(f"{url}?{asked}")
    assert page.status_code == 200
    shown = cities(page)
    assert shown[0] == LONG_NAME if found is None else shown == found


def test_what_no_list_knows_is_said(member, url):
    page = member.get(f"{url}?state=draft&sort=age")
    assert page.status_code == 422
    assert cities(page) == [HIDDEN, LONG_NAME, OTHER]


def test_csv(member, url):
    answer = member.get(f"{url}.csv?q=royal")
    head, line = csv.reader(io.StringIO(answer.text.lstrip("\ufeff")))
    found = dict(zip(head, line, strict=True))
    assert (found["City"], found["Member cities of the field – Asked"], found["Independent experts – Asked"]) == (
        OTHER,
        "2",
        "0",
    )


def test_as_many_queries_for_one_file_as_for_three(member, url, statements):
    counts = []
    for query in ("?q=royal", ""):
        member.get(url + query)
        statements.clear()
        member.get(url + query)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_only_the_group(browser, another_browser, url, tale):
    browser.sign_in(tale.officer())
    assert (
        browser.get(url).headers["Location"] == f"/calls/{tale.call.key}/progress"
    )  # a page of its own, which knows more
    assert browser.get(f"/calls/{tale.call.key}/progress").status_code == 200
    another_browser.sign_in("norwich@network.example")
    assert another_browser.get(url).status_code == 403


# --- one file ---


def test_evaluators_by_name_only_where_the_call_tells_them(member, url, tale):
    there = f"{url}/files/{id_of(tale, LONG_NAME)}"
    assert "Heidelberg" in member.get(there).text
    redefine(tale.call, blind=Blind.CITIES)
    tale.story.commit()
    page = member.get(there)
    assert "Heidelberg" not in page.text
    assert "Norwich" not in page.text
    assert "An expert" in page.text  # numbers are drawn when somebody is asked


def test_who_judges_the_file_learns_no_spread_before_the_own_sheet(browser, url, tale):
    session = tale.story.session
    dublin = next(p for p in tale.evaluators() if p.seat.name == "Dublin")
    seat = accounts.create_seat(session, kind=SeatKind.HOST, name="Host of 2027")
    accounts.give_seat(session, seat, dublin.account, now=START)
    tale.story.commit()
    browser.sign_in("dublin@network.example")
    page = browser.get(url)
    assert "2.83" not in page.text
    assert figures(page)["Independent experts"][-1] == "—"
    assert "after your own sheet" in page.text


def test_the_file_is_not_there_for_who_is_recused(browser, url, tale):
    browser.sign_in(f"coordinator-{RECUSED + 1}@network.example")
    there = f"{url}/files/{id_of(tale, HIDDEN)}"
    assert browser.get(there).status_code == 404
    assert browser.post(there, {"reason": WHY}).status_code == 404
    assert (
        browser.get(f"/dossiers/{id_of(tale, LONG_NAME)}").status_code == 404
    )  # the file itself opens with the review


# --- one more evaluator ---


def ask(member, url, tale, name=LONG_NAME, reason=WHY, **more):
    return member.post(f"{url}/files/{id_of(tale, name)}", {"reason": reason, **more})


def mails(rows, template):
    return rows.all(sa.select(Mail).where(Mail.template == template))


def acts(rows):
    return [e.transition for e in rows.all(sa.select(JournalEntry))]


def test_asked_for_and_given(member, another_browser, url, tale, rows):
    blank = ask(member, url, tale, OTHER, "  ")
    assert blank.status_code == 422
    assert "Say why the file needs one more evaluator." in blank.text
    assert ask(member, url, tale, OTHER, language="fr").status_code == 303
    (mail,) = mails(rows, "evaluator_wished")
    assert mail.to_address == "officer@network.example"
    again = ask(member, url, tale, OTHER)
    assert again.status_code == 409
    assert "asked for already" in again.text
    officer = another_browser
    officer.sign_in(tale.officer())
    link = soup(officer.get("/desk")).select_one(f"a[href='/dossiers/{id_of(tale, OTHER)}/evaluators/wished']")
    assert link.text == OTHER
    page = officer.get(link["href"])
    assert WHY in page.text
    assert soup(page).find(lang="fr", string=lambda text: text and WHY in text)
    request = rows.one(sa.select(EvaluatorRequest))
    granada = next(p for p in tale.evaluators() if p.seat.name == "Granada")
    seat_id = str(granada.seat.id)
    tale.story.commit()
    assert f'value="{seat_id}"' in page.text
    nobody = officer.post(link["href"], {"request": str(request.id), "answer": "give"})
    assert nobody.status_code == 422
    sent = {"request": str(request.id), "answer": "give", "seat": seat_id}
    assert officer.post(link["href"], sent).status_code == 303
    assert officer.post(link["href"], sent).status_code == 409
    answered = rows.one(sa.select(EvaluatorRequest))
    assert (answered.given, answered.assignment_id is not None) == (True, True)
    assert [m.to_address for m in mails(rows, "evaluator_wish_answered")] == ["coordinator-1@network.example"]
    assert {"ask_evaluator", "give_evaluator"} <= set(acts(rows))
    told = member.get(f"{url}/files/{id_of(tale, OTHER)}")
    assert "Asked in answer: Granada" in told.text
    assert figures(told)["Member cities of the field"][0] == "3"


def test_declined_with_a_reason(member, another_browser, url, tale, rows):
    ask(member, url, tale)
    officer, there = another_browser, f"/dossiers/{id_of(tale, LONG_NAME)}/evaluators/wished"
    officer.sign_in(tale.officer())
    request = str(rows.one(sa.select(EvaluatorRequest)).id)
    blank = officer.post(there, {"request": request, "answer": "decline", "reason": ""})
    assert blank.status_code == 422
    assert (
        officer.post(there, {"request": request, "answer": "decline", "reason": "No time is left."}).status_code == 303
    )
    (mail,) = mails(rows, "evaluator_wish_answered")
    assert mail.context["reason"] == "No time is left."
    answer = soup(member.get(f"{url}/files/{id_of(tale, LONG_NAME)}"))
    assert answer.find(lang="en", string=lambda text: text and "No time is left." in text)
    assert ask(member, url, tale).status_code == 303  # another wish may follow


def test_who_was_recused_meanwhile_is_told_nothing(member, another_browser, url, tale, rows):
    ask(member, url, tale)
    dossier_id = id_of(tale, LONG_NAME)
    group = tale.group()
    conflicts.declare(
        tale.story.session, tale.dossier(dossier_id), group[0].seat.id, actor_id=group[0].account.id, reason="Kin",
        now=START,
    )  # fmt: skip
    tale.story.commit()
    officer = another_browser
    officer.sign_in(tale.officer())
    request = str(rows.one(sa.select(EvaluatorRequest)).id)
    sent = {"request": request, "answer": "decline", "reason": "No time is left."}
    assert officer.post(f"/dossiers/{dossier_id}/evaluators/wished", sent).status_code == 303
    assert mails(rows, "evaluator_wish_answered") == []


def test_not_once_the_review_has_begun(member, url, tale):
    dossier_id = id_of(tale, LONG_NAME)
    for assignment_id in tale.assignments(dossier_id).values():
        if tale._of(assignment_id)[0].evaluation is None:
            tale.closed(assignment_id)
    tale.story.refer(tale.dossier(dossier_id), tale.officer(), START)
    tale.story.commit()
    answer = ask(member, url, tale)
    assert answer.status_code == 409
    assert "The review of this file has begun" in answer.text
    page = soup(member.get(f"{url}/files/{dossier_id}"))
    assert "The review of this file has begun" in page.select_one("#one-more").text
    assert page.select_one("#one-more form") is None


def test_what_is_deferred_is_said(member, url, tale, rows):
    dossier_id = id_of(tale, LONG_NAME)
    for assignment_id in tale.assignments(dossier_id).values():
        if tale._of(assignment_id)[0].evaluation is None:
            tale.closed(assignment_id)
    tale.story.refer(tale.dossier(dossier_id), tale.officer(), START)
    group = tale.sitting()
    tale.story.advise(tale.dossier(dossier_id), group[0], True, START, MotionKind.DEFER)
    tale.story.commit()
    assert rows.one(sa.select(Opinion)).outcome == "defer"
    assert "opinion deferred" in member.get(f"{url}?state=in_review").text
    assert "The opinion was deferred" in member.get("/desk").text


# --- two worlds ---


def heard(folder, beginning, seed):
    """All that the recused member is answered while the hidden file is judged so, and reminded of, and wished for."""
    folder.mkdir()
    shutil.copy(beginning, folder / "portal.db")
    chance = random.Random(seed)
    with world(folder) as made:
        tale = made.tale
        group = tale.group()
        sent = cookie(made.app, accounts.start_session(db.session(), group[RECUSED].account, START).id.hex)
        hidden = tale.story.session.scalars(sa.select(Dossier.id).where(Dossier.lead_city == HIDDEN)).one()
        tale.story.commit()
        base, client = f"/calls/{tale.call.key}/supervision", made.app.test_client(use_cookies=False)
        orders = [f"?sort={sort}" for sort in ("urgency", "city", "state", "sheets", "spread")]
        urls = ["/desk", base, f"{base}.csv", f"{base}?late=1", f"{base}?q=ville", f"{base}/files/{hidden}",
                *(base + order for order in orders)]  # fmt: skip

        def listen():
            db.session.commit()  # what the tale has read is read anew in either world
            for url in urls:
                client.get(url, headers={"Cookie": sent}, buffered=True)

        listen()
        made.listen()
        term = calls.definition(tale.call).windows["evaluation"].closes_at
        for name, assignment_id in sorted(tale.assignments(hidden).items()):
            if seed and chance.random() < 0.7:
                tale.closed(assignment_id, chance.randint(1, 10))
            elif seed and name != "Granada":
                tale.declared(assignment_id)
        if seed:
            member = tale.story.actor(group[0].account, START)
            more_evaluators.ask(
                tale.story.session, tale.dossier(hidden), group[0].seat.id, reason=WHY, actor=member, now=START
            )
            tale.story.commit()
        listen()
        made.clock.at = term + timedelta(days=1)
        sent = cookie(made.app, accounts.start_session(db.session(), group[RECUSED].account, made.clock.at).id.hex)
        tale.story.commit()
        listen()
        return made.silenced()


@pytest.fixture(scope="module")
def nothing_happens(migrated, tmp_path_factory):
    return heard(tmp_path_factory.mktemp("still") / "world", migrated, 0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_worlds_are_one_to_who_is_recused(migrated, tmp_path_factory, nothing_happens, seed):
    """However the hidden file is judged, whether it is late, whoever wishes for more: byte for byte and query by query the
    same."""
    assert heard(tmp_path_factory.mktemp("judged") / "world", migrated, seed) == nothing_happens


def test_the_comparison_can_fail(member, url, tale):
    """To who is not recused the very same acts are told."""
    before = member.get(url).data
    hidden = id_of(tale, HIDDEN)
    tale.closed(tale.assignments(hidden)["Granada"], 3)
    assert member.get(url).data != before
