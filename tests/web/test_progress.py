"""Who is late, and what the Secretariat does about it: reminders, more time, somebody else; and who sees it."""

import csv
import io
from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import sqlalchemy as sa

from rvc_portal.models.conflict import Conflict
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment, Evaluation
from rvc_portal.models.job import Mail
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.reminder import Reminder
from rvc_portal.models.seat import Seat
from rvc_portal.queries import calls
from rvc_portal.services import submission
from tests.judging import database
from tests.stories import LONG_NAME, town
from tests.web.browsing import START, soup

OTHER = "Port-Royal-des-Champs"
CLOSED, BEGUN, DECLARED = "Expert 1", "Expert 2", "Norwich"


def under_way(tale):
    """Two files: on the first everybody is asked and some are further; on the second Norwich and Dublin alone."""
    players = {p.seat.name: p for p in tale.evaluators()}
    asked = tale.asked(tale.admitted())
    tale.closed(asked[CLOSED], 8)
    tale.scored(asked[BEGUN])
    tale.declared(asked[DECLARED])
    tale.asked(tale.admitted(town(OTHER), tale.lead("other@ville.example")), [players["Norwich"], players["Dublin"]])
    tale.direction()
    tale.group()
    tale.officer()


@pytest.fixture(scope="module")
def migrated(migrated, tmp_path_factory):
    return database(migrated, tmp_path_factory, START, under_way)


@pytest.fixture
def secretariat(tale, browser):
    browser.sign_in(tale.officer())
    return browser


@pytest.fixture
def url(tale):
    return f"/calls/{tale.call.key}/progress"


@pytest.fixture
def term(tale):
    return calls.definition(tale.call).windows["evaluation"].closes_at


def listed(answer):
    """Evaluator, city and standing of each row."""
    rows = soup(answer).select("#awaited tbody tr")
    return [
        (r.select_one("th").text.split(",")[0].strip(), r.select("td")[1].a.text, r.select("td")[2].text) for r in rows
    ]


def ids_of(tale, *names, city=LONG_NAME):
    query = sa.select(Assignment.id).join(Seat).join(Dossier, Dossier.id == Assignment.dossier_id)
    found = [
        tale.story.session.scalars(query.where(Seat.name == name, Dossier.lead_city == city)).one() for name in names
    ]
    tale.story.commit()
    return [str(i) for i in found]


def prepared(secretariat, url, **query):
    """What the page that asks would send."""
    page = soup(secretariat.get(f"{url}/remind", query_string=query))
    sent = page.select_one("input[name=a]")
    return {"sending": page.select_one("input[name=sending]")["value"], "a": sent["value"]} if sent else None


def mails(rows, template="reminder"):
    return rows.all(sa.select(Mail).where(Mail.template == template).order_by(Mail.to_address))


def test_everybody_who_is_asked_stands_there_the_least_far_first(secretariat, url):
    found = listed(secretariat.get(url))
    assert [standing for _seat, _city, standing in found] == ["Not declared"] * 6 + ["Not begun", "Begun", "Closed"]
    assert found[6:] == [(DECLARED, LONG_NAME, "Not begun"), (BEGUN, LONG_NAME, "Begun"), (CLOSED, LONG_NAME, "Closed")]
    assert found[0] == ("Dublin", OTHER, "Not declared")


def test_days_past_the_term_are_counted(secretariat, url, clock, term):
    clock.at = term - timedelta(hours=3)
    secretariat.sign_in("officer@network.example")
    page = secretariat.get(url)
    assert "less than a day left" in page.text
    assert "late</span>" not in page.text
    clock.at = term
    secretariat.sign_in("officer@network.example")
    page = soup(secretariat.get(url))
    assert len(page.select("#awaited .flagged")) == 8  # whoever has closed is not late
    assert "1 day late" in page.text
    clock.at = term + timedelta(days=4, hours=1)
    secretariat.sign_in("officer@network.example")
    assert "5 days late" in secretariat.get(url).text


@pytest.mark.parametrize(
    ("asked", "count"),
    [("standing=asked", 6), ("standing=closed", 1), ("late=1", 0), ("stream=experts", 2), ("field=literature", 9),
     ("field=music", 0), ("q=norwich", 2), ("q=port-royal", 2), ("q=norwich&standing=declared", 1)],
)  # fmt: skip
def test_the_address_filters(secretariat, url, asked, count):
    answer = secretariat.get(f"{url}?{asked}")
    assert len(listed(answer)) == count
    table = list(csv.reader(io.StringIO(secretariat.get(f"{url}.csv?{asked}").text.lstrip("\ufeff"))))
    assert len(table) == 1 + count


@pytest.mark.parametrize(
    ("sort", "first"),
    [("evaluator", "Dublin"), ("evaluator&dir=desc", "Prague"), ("city", "Dublin"), ("standing&dir=desc", CLOSED),
     ("urgency&dir=desc", CLOSED), ("reminded", "Dublin")],
)  # fmt: skip
def test_the_address_sorts(secretariat, url, sort, first):
    assert listed(secretariat.get(f"{url}?sort={sort}"))[0][0] == first


@pytest.mark.parametrize("asked", ["standing=asleep", "stream=x", "field=x", "late=2", "sort=luck", "page=0"])
def test_what_the_list_does_not_know_is_said(secretariat, url, asked):
    answer = secretariat.get(f"{url}?{asked}")
    assert answer.status_code == 422
    assert len(listed(answer)) == 9


def test_the_workbook_says_the_same(secretariat, url):
    book = openpyxl.load_workbook(io.BytesIO(secretariat.get(f"{url}.xlsx?standing=closed").data))
    head, row = list(book.active.iter_rows(values_only=True))
    assert dict(zip(head, row, strict=True))["Evaluator"] == CLOSED
    assert dict(zip(head, row, strict=True))["Days late"] is None


def test_a_sheet_that_has_time_is_no_days_late(secretariat, url):
    table = csv.DictReader(io.StringIO(secretariat.get(f"{url}.csv?standing=asked").text.lstrip("\ufeff")))
    assert {row["Days late"] for row in table} == {"0"}


def test_a_file_that_is_kept_from_the_officer_is_in_no_list(tale, secretariat, url):
    dossier = tale.dossier(tale.told())
    tale.story.session.add(
        Conflict(dossier_id=dossier.id, account_id=tale.officer().id, rule="declared", since_at=START)
    )
    tale.story.commit()
    ids = ids_of(tale, DECLARED)
    for path in ("", ".csv", "/files", "/evaluators", f"/remind?a={ids[0]}", f"/extend?a={ids[0]}"):
        assert LONG_NAME not in secretariat.get(url + path).text
    assert {city for _seat, city, _standing in listed(secretariat.get(url))} == {OTHER}
    assert "Nobody is chosen" in secretariat.get(f"{url}/remind?a={ids[0]}").text


def test_the_lists_cost_the_same_for_more_rows(tale, secretariat, url, statements):
    def cost(path):
        tale.story.commit()
        statements.clear()
        assert secretariat.get(url + path).status_code == 200
        return len(statements)

    paths = ("", "/files", "/evaluators", "/remind?scope=all")
    few = [cost(path) for path in paths]
    for name in ("Beaumont", "Clairvaux"):
        asked = tale.asked(tale.admitted(town(name), tale.lead(f"{name.lower()}@ville.example")))
        tale.closed(asked[CLOSED], 5)
    assert [cost(path) for path in paths] == few
    assert max(few) <= 14


def test_a_reminder_shows_whom_and_what_before_it_is_sent(tale, secretariat, url, rows):
    norwich = ids_of(tale, "Norwich") + ids_of(tale, "Norwich", city=OTHER)
    page = soup(secretariat.get(f"{url}/remind", query_string={"a": norwich}))
    assert [v.text for v in page.select(".stat__value")] == ["1", "2"]  # one mail about two files
    texts = {pre.parent["lang"]: pre.text for pre in page.select("pre.letter")}
    assert set(texts) == {"en", "fr"}
    assert all(LONG_NAME in text and OTHER in text for text in texts.values())
    assert mails(rows) == []  # looking sends nothing


def test_one_mail_a_person_lists_all_their_late_files(tale, secretariat, url, rows):
    sent = prepared(secretariat, url, a=ids_of(tale, "Norwich", BEGUN) + ids_of(tale, "Norwich", city=OTHER))
    answer = secretariat.post(f"{url}/remind", sent)
    assert answer.headers["Location"].startswith(f"{url}/reminders/")
    found = {mail.to_address: mail.context["sheets"] for mail in mails(rows)}
    assert {to: len(sheets) for to, sheets in found.items()} == {
        "norwich@network.example": 2, "expert-2@network.example": 1
    }  # fmt: skip
    opened = {sheet["city"]: sheet["reference"] for sheet in found["norwich@network.example"]}
    assert (opened[OTHER], bool(opened[LONG_NAME])) == (None, True)  # not declared yet: no reference
    assert len(rows.all(sa.select(Assignment).where(Assignment.reminded_at == START))) == 3
    entry = rows.one(sa.select(JournalEntry).where(JournalEntry.transition == "remind"))
    assert (entry.payload["sheets"], entry.payload["mails"]) == (3, 2)
    page = soup(secretariat.get(url))
    reminded = [r for r in page.select("#awaited tbody tr") if r.select_one("td[data-label='Reminded last'] time")]
    assert len(reminded) == 3


def test_a_second_click_sends_nothing_more(tale, secretariat, url, rows):
    sent = prepared(secretariat, url, a=ids_of(tale, "Norwich"))
    first, second = (secretariat.post(f"{url}/remind", sent) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert len(mails(rows)) == 1
    assert len(rows.all(sa.select(Reminder))) == 1
    assert len(rows.all(sa.select(JournalEntry).where(JournalEntry.transition == "remind"))) == 1


@pytest.mark.parametrize("chosen", [{}, {"a": "nonsense"}, {"a": str(uuid4())}, {"scope": "some"}])
def test_an_empty_selection_is_nobody(secretariat, url, rows, chosen):
    page = secretariat.get(f"{url}/remind", query_string=chosen)
    assert "Nobody is chosen" in page.text
    assert soup(page).select_one("input[name=sending]") is None
    answer = secretariat.post(f"{url}/remind", {"sending": str(uuid4()), **chosen})
    assert answer.status_code == 409
    assert "Nobody is chosen" in answer.text
    assert mails(rows) == []
    assert "Nobody is chosen" in secretariat.get(f"{url}/extend", query_string=chosen).text


def test_all_of_the_list_is_all_of_the_filter_and_no_closed_sheet(secretariat, url):
    assert "For all 8 of this list that are open:" in secretariat.get(url).text
    assert "of this list" not in secretariat.get(f"{url}?standing=closed").text
    assert len(prepared(secretariat, url, scope="all")["a"].split()) == 8
    assert len(prepared(secretariat, url, scope="all", stream="experts")["a"].split()) == 1
    assert prepared(secretariat, url, scope="all", standing="closed") is None


def test_who_closed_ended_or_lost_the_file_meanwhile_is_left_out_and_named(tale, secretariat, url, rows):
    ids = ids_of(tale, BEGUN, "Norwich", "Dublin") + ids_of(tale, "Dublin", city=OTHER)
    sent = prepared(secretariat, url, a=ids)
    session = tale.story.session
    tale.closed(assignment_of(tale, BEGUN))
    secretariat.post(f"/dossiers/{tale.told()}/evaluators/{_seat(tale, 'Norwich')}/unassign")
    other = session.scalars(sa.select(Dossier).where(Dossier.lead_city == OTHER)).one()
    lead = tale.story.actor(tale.lead("other@ville.example"), START)
    submission.withdraw(session, other, actor=lead, now=START, reason="We reconsider.")
    tale.story.commit()
    page = secretariat.get(secretariat.post(f"{url}/remind", sent).headers["Location"])
    told = [item.text for item in soup(page).select("#left-out li")]
    assert sorted(told) == sorted([
        f"{BEGUN}, {LONG_NAME}: the sheet is closed",
        f"Norwich, {LONG_NAME}: the evaluator is not asked for it any more",
        f"Dublin, {OTHER}: the file was withdrawn",
    ])  # fmt: skip
    assert [mail.to_address for mail in mails(rows)] == ["dublin@network.example"]
    assert [s["city"] for s in mails(rows)[0].context["sheets"]] == [LONG_NAME]


def assignment_of(tale, name):
    return tale.assignments(tale.told())[name]


def _seat(tale, name):
    return next(p.seat.id for p in tale.evaluators() if p.seat.name == name)


def test_more_time_is_given_told_and_counted(tale, secretariat, another_browser, url, rows, clock, term):
    until = (term + timedelta(days=10)).astimezone(ZoneInfo(calls.definition(tale.call).timezone))
    sent = {"a": " ".join(ids_of(tale, DECLARED)), "until": until.strftime("%Y-%m-%dT%H:%M"), "reason": "A fair."}
    assert secretariat.post(f"{url}/extend", sent).status_code == 303
    assert mails(rows, "more_time")[0].context["reason"] == "A fair."
    entry = rows.one(sa.select(JournalEntry).where(JournalEntry.transition == "extend_sheet"))
    assert entry.reason == "A fair."
    again = secretariat.post(f"{url}/extend", sent)
    assert again.status_code == 422
    assert "Nobody is left whose time this would prolong." in again.text
    assert len(mails(rows, "more_time")) == 1
    clock.at = term + timedelta(days=1)
    secretariat.sign_in("officer@network.example")
    late = listed(secretariat.get(f"{url}?late=1"))
    assert len(late) == 7
    assert (DECLARED, LONG_NAME, "Not begun") not in late
    another_browser.sign_in("norwich@network.example")
    day = soup(another_browser.get(f"/assignments/{sent['a']}")).select_one("#part-sheet .hint").text
    assert str(until.day if until.hour else (until - timedelta(days=1)).day) in day
    assert "prolonged" in secretariat.get(url).text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"until": "2020-01-01T10:00"}, "Give an instant that lies ahead."), ({"until": "soon"}, "Give a date and a time"),
     ({"reason": "  "}, "Give the reason.")],
)  # fmt: skip
def test_more_time_that_is_none_is_refused(tale, secretariat, url, rows, wrong, said):
    sent = {"a": " ".join(ids_of(tale, DECLARED)), "until": "2099-01-01T10:00", "reason": "A fair."} | wrong
    answer = secretariat.post(f"{url}/extend", sent)
    assert answer.status_code == 422
    assert said in answer.text
    assert rows.all(sa.select(Assignment).where(Assignment.due_at.is_not(None))) == []


@pytest.fixture
def one_asked(tale):
    """On the other file only Norwich and Dublin are asked: Heidelberg, Granada and Prague are free."""
    session = tale.story.session
    return session.scalars(sa.select(Dossier.id).where(Dossier.lead_city == OTHER)).one()


def test_somebody_else_is_asked_and_both_are_told(tale, secretariat, another_browser, rows, one_asked):
    page_url = f"/dossiers/{one_asked}/evaluators/{_seat(tale, 'Norwich')}/reassign"
    page = soup(secretariat.get(page_url))
    offered = [label.text.strip() for label in page.select("input[name=seat] + label")]
    assert {"Granada", "Heidelberg", "Prague"} <= {text.split("\n")[0].strip() for text in offered}
    assert "Lyon – same country" in page.select_one("#kept-away").text
    before = ids_of(tale, "Norwich", city=OTHER)[0]
    answer = secretariat.post(page_url, {"seat": str(_seat(tale, "Granada")), "reason": "Ill until June."})
    assert answer.status_code == 303
    ended = rows.one(sa.select(Assignment).where(Assignment.ended_at.is_not(None)))
    assert (str(ended.id), ended.ended_because) == (before, "reassigned")
    assert [m.to_address for m in mails(rows, "request_ended")] == ["norwich@network.example"]
    assert "granada@network.example" in {m.to_address for m in mails(rows, "assign") if m.context["city"] == OTHER}
    entry = rows.one(sa.select(JournalEntry).where(JournalEntry.transition == "unassign"))
    assert entry.reason == "Ill until June."
    another_browser.sign_in("norwich@network.example")
    told = another_browser.get(f"/assignments/{before}")
    assert told.status_code == 200
    assert "somebody else" in told.text
    refused = another_browser.post(f"/assignments/{before}/declaration", {"declaration": "free"})
    assert refused.status_code == 409
    assert "somebody else" in refused.text


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [({"seat": "Lyon", "reason": "So."}, 422, "Choose one of those"), ({"seat": "Dublin", "reason": "So."}, 422, ""),
     ({"seat": "Granada", "reason": " "}, 422, "Give the reason."), ({"reason": "So."}, 422, "Choose an evaluator.")],
)  # fmt: skip
def test_a_place_is_not_freed_for_nobody(tale, secretariat, rows, one_asked, sent, status, said):
    page_url = f"/dossiers/{one_asked}/evaluators/{_seat(tale, 'Norwich')}/reassign"
    sent = sent | ({"seat": str(_seat(tale, sent["seat"]))} if "seat" in sent else {})
    answer = secretariat.post(page_url, sent)
    assert answer.status_code == status
    assert said in answer.text
    assert rows.all(sa.select(Assignment).where(Assignment.ended_at.is_not(None))) == []
    assert mails(rows, "request_ended") == []


def test_where_nobody_is_free_the_page_says_why(tale, secretariat):
    page = soup(secretariat.get(f"/dossiers/{tale.told()}/evaluators/{_seat(tale, 'Norwich')}/reassign"))
    notice = page.select_one(".notice--warn").text
    assert "Asked already, this one included: 5" in notice
    assert "conflict of interest or a warning: 1" in notice
    assert page.select_one("form.form") is None


def test_a_draft_of_the_one_taken_off_is_kept_and_not_the_others(tale, secretariat, another_browser, rows):
    session = tale.story.session
    extra = tale._player("expert", "Expert 3", None, None)
    tale.story.commit()
    page_url = f"/dossiers/{tale.told()}/evaluators/{_seat(tale, BEGUN)}/reassign"
    assert secretariat.post(page_url, {"seat": str(extra.seat.id), "reason": "Ill."}).status_code == 303
    draft = rows.one(sa.select(Evaluation).join(Assignment).where(Assignment.ended_at.is_not(None)))
    assert draft.closed_at is None
    session.expire_all()
    new = session.scalars(sa.select(Assignment).where(Assignment.seat_id == extra.seat.id)).one()
    assert new.evaluation is None
    tale.story.commit()
    another_browser.sign_in(f"{BEGUN.lower().replace(' ', '-')}@network.example")
    assert "What you have written is kept" in another_browser.get(f"/assignments/{draft.assignment_id}").text


def test_files_that_lack_sheets_say_how_many(secretariat, url):
    page = soup(secretariat.get(f"{url}/files"))
    cities = [row.select_one("th").text for row in page.select("#lacking tbody tr")]
    assert cities == [OTHER, LONG_NAME]  # nobody asked there closes enough
    short = page.select("#lacking tbody tr")[0].select("td")
    assert "even if everybody closes" in short[-1].text
    assert "1 of" in page.select("#lacking tbody tr")[1].text


def test_a_withdrawn_file_ends_its_evaluations_and_tells_once(tale, secretariat, another_browser, url, rows):
    dossier = tale.dossier(tale.told())
    both = tale.assignments(dossier.id)
    session = tale.story.session
    lead = tale.story.actor(tale.lead(), START)
    submission.withdraw(session, dossier, actor=lead, now=START, reason="We reconsider.")
    tale.story.commit()
    assert len(mails(rows, "request_ended")) == len(both) == 7
    assert {m.context["because"] for m in mails(rows, "request_ended")} == {"withdrawn"}
    assert LONG_NAME not in secretariat.get(url).text
    assert len(rows.all(sa.select(Evaluation).where(Evaluation.dossier_id == dossier.id))) == 2  # kept
    results = secretariat.get(f"/calls/{tale.call.key}/results")
    assert soup(results).select("#ranking tbody tr") == []
    assert "Expert 1" in secretariat.get(f"/dossiers/{dossier.id}").text  # its sheet stays with the Secretariat
    another_browser.sign_in("expert-1@network.example")
    assert LONG_NAME not in another_browser.get("/desk").text
    assert "withdrawn its file" in another_browser.get(f"/assignments/{both['Expert 1']}").text
    assert another_browser.get(f"/dossiers/{dossier.id}").status_code == 404
    answer = another_browser.post(f"/assignments/{both['Expert 1']}/close")
    assert answer.status_code == 409
    assert "withdrawn its file" in answer.text


WAYS = ("", ".csv", ".xlsx", "/files", "/evaluators", "/remind", "/extend")


@pytest.mark.parametrize(
    "who",
    ["lead@ville.example", "norwich@network.example", "coordinator-1@network.example", "direction@network.example"],
)
def test_nobody_else_sees_any_of_it(tale, browser, url, who):
    browser.sign_in(who)
    assert [browser.get(url + path).status_code for path in WAYS] == [403] * len(WAYS)


def test_evaluators_are_shown_beside_each_other_from_enough_sheets_on(tale, secretariat, url):
    page = secretariat.get(f"{url}/evaluators")
    assert "No figures from fewer than 3 sheets." in page.text
    for n, name in enumerate(("Beaumont", "Clairvaux"), 1):
        asked = tale.asked(tale.admitted(town(name), tale.lead(f"{name.lower()}@ville.example")))
        tale.closed(asked[CLOSED], 8 - n)
        tale.closed(asked[BEGUN], 4)
    row = soup(secretariat.get(f"{url}/evaluators?q=expert+1")).select_one("#judging tbody tr")
    cells = {c["data-label"]: " ".join(c.text.split()) for c in row.select("td")}
    assert cells["Closed sheets"] == "3"
    assert cells["Mean and spread"].endswith("7.00")
    assert cells["Spread"] == "1.00"
    assert cells["Distance from the others"].endswith("+2.50")  # 7 and 6 beside 4 and 4
    assert row.select_one("svg title").text == "Mean 7.00, spread 1.00 to either side"
    assert "3 of" not in cells["Mean and spread"]
