"""The pages of the composition: who may see and change what, and what wrong input is answered."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from rvc_portal.models.ballot import Ballot, Voter
from rvc_portal.models.base import db
from rvc_portal.models.document import Document
from rvc_portal.models.job import Mail
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.mandate import CoOption, Mandate
from rvc_portal.models.seat import Member, SeatHolder
from rvc_portal.services import members
from rvc_portal.settings import DATA_FILES
from tests.web.browsing import START, soup


@pytest.fixture
def cities(tale, rows):
    """The member cities of 2015: their ids by name, those of literature."""
    members.load(db.session, (DATA_FILES / "members-2015.csv").read_bytes(), START)
    tale.officer()
    tale.evaluators()
    tale.story.commit()
    return {m.city: str(m.id) for m in rows.all(sa.select(Member).where(Member.field == "literature"))}


def recorded(browser, member, kind="coordinator", start="2026-03-01", last=""):
    return browser.post("/steering-group/mandates", {"kind": kind, "member": member, "start": start, "last": last})


def test_a_mandate_is_recorded_and_shown_to_anybody(tale, browser, another_browser, rows, cities):
    browser.sign_in(tale.officer())
    assert recorded(browser, cities["Norwich"]).status_code == 303
    shown = another_browser.get("/steering-group").text
    assert "Norwich" in shown
    assert "annual meeting of 2028" in shown
    assert "Norwich, person" not in shown  # names are for those who have signed in
    assert "Norwich, person" in browser.get("/steering-group").text
    assert "Nobody sits on this day" in another_browser.get("/steering-group?on=2020-01-01").text
    documents = rows.all(sa.select(Document).where(Document.kind == "STEERING_COMPOSITION"))
    assert {d.language for d in documents} == {"en", "fr"}
    assert another_browser.get(f"/documents/{documents[0].id}.pdf").status_code == 409  # being made, but anybody's


def test_what_is_wrong_with_a_mandate_is_said_and_what_was_typed_stays(tale, browser, rows, cities):
    browser.sign_in(tale.officer())
    recorded(browser, cities["Norwich"])
    answer = recorded(browser, cities["Dublin"], start="2027-01-01")
    assert answer.status_code == 422
    page = soup(answer)
    assert (
        "overlaps the mandate of Norwich (Coordinator of a sub-network, Literature)"
        in page.select_one(".error-summary").text
    )
    assert page.select_one("#start")["value"] == "2027-01-01"
    assert page.select_one("#member option[selected]")["value"] == cities["Dublin"]
    wrong = (
        ({"kind": "pope"}, "#kind"), ({"member": "nowhere"}, "#member"), ({"start": "2026-02-30"}, "#start"),
        ({"start": "9999-12-31"}, "#start"), ({"last": "2026-02-01"}, "#last"),
    )  # fmt: skip
    for changed, target in wrong:
        answer = recorded(browser, **({"member": cities["Dublin"], "kind": "deputy"} | changed))
        assert answer.status_code == 422, changed
        assert soup(answer).select_one(".error-summary a")["href"] == target
    assert len(rows.all(sa.select(Mandate))) == 1


def test_a_mandate_ends_early_with_a_reason(tale, browser, rows, cities):
    browser.sign_in(tale.officer())
    recorded(browser, cities["Norwich"])
    url = f"/steering-group/mandates/{rows.one(sa.select(Mandate)).id}/end"
    assert browser.post(url, {"reason": ""}).status_code == 422
    assert browser.post(url, {"reason": "The city has left."}).status_code == 303
    assert browser.post(url, {"reason": "Again."}).status_code == 409
    assert "Ended early: The city has left." in browser.get("/steering-group/mandates").text


def test_the_coordinator_says_to_be_away_and_comes_back(tale, browser, another_browser, rows, cities):
    browser.sign_in(tale.officer())
    recorded(browser, cities["Norwich"])
    recorded(browser, cities["Dublin"], "deputy")
    found = rows.one(sa.select(Mandate).where(Mandate.kind == "coordinator"))
    another_browser.sign_in("norwich@network.example")
    url = f"/steering-group/mandates/{found.id}"
    day = START.date().isoformat()
    answer = another_browser.post(f"{url}/away", {"away_first": day, "away_last": "2020-01-01"})
    assert answer.status_code == 422
    assert soup(answer).select_one("#away_first")["value"] == day
    assert another_browser.post(f"{url}/away", {"away_first": day, "away_last": day}).status_code == 303
    assert "stands in until" in another_browser.get("/steering-group").text
    own = soup(another_browser.get("/steering-group")).select_one("#own")
    assert "You announced it on" in own.text
    assert "Your deputy sits: Dublin." in own.text
    assert another_browser.post(f"{url}/back").status_code == 404
    absence = own.select_one("input[name=absence]")["value"]
    assert another_browser.post(f"{url}/back", {"absence": absence}).status_code == 303
    assert "stands in until" not in another_browser.get("/steering-group").text
    assert "You announced it on" not in another_browser.get("/steering-group").text


def test_absences_to_come_are_shown_and_taken_back_one_by_one(tale, browser, another_browser, rows, cities):
    browser.sign_in(tale.officer())
    recorded(browser, cities["Norwich"])
    found = rows.one(sa.select(Mandate))
    another_browser.sign_in("norwich@network.example")
    url = f"/steering-group/mandates/{found.id}"
    for later in (3, 9):
        day = (START.date() + timedelta(days=later)).isoformat()
        assert another_browser.post(f"{url}/away", {"away_first": day, "away_last": day}).status_code == 303
    own = soup(another_browser.get("/steering-group")).select_one("#own")
    first, second = (field["value"] for field in own.select("input[name=absence]"))
    assert own.text.count("Nobody sits in your stead") == 2
    assert browser.post(f"{url}/back", {"absence": second}).status_code == 303  # the Secretariat may, too
    left = soup(another_browser.get("/steering-group")).select("#own input[name=absence]")
    assert [field["value"] for field in left] == [first]


def test_an_election_warns_of_the_mandate_that_still_runs(tale, browser, rows, cities):
    browser.sign_in(tale.officer())
    recorded(browser, cities["Norwich"])
    sent = {
        "field": "literature", "kind": "coordinator", "opens_on": "2026-03-10", "closes_on": "2026-03-20",
        "term_from": "2026-04-01", "tie_rule": "lot",
    }  # fmt: skip
    assert browser.post("/elections/new", sent).status_code == 303
    shown = browser.get(f"/elections/{rows.one(sa.select(Ballot)).id}").text
    assert "As things stand, this mandate could not begin" in shown
    assert "This overlaps the mandate of Norwich" in shown


def test_an_election_is_announced_and_its_page_gives_no_count(tale, browser, another_browser, rows, cities, clock):
    browser.sign_in(tale.officer())
    sent = {
        "field": "literature", "kind": "coordinator", "opens_on": "2026-03-10", "closes_on": "2026-03-20",
        "term_from": "2026-04-01", "tie_rule": "lot",
    }  # fmt: skip
    answer = browser.post("/elections/new", sent | {"closes_on": "2026-03-01"})
    assert answer.status_code == 422
    assert soup(answer).select_one("#opens_on")["value"] == "2026-03-10"
    assert browser.post("/elections/new", sent).status_code == 303
    ballot = rows.one(sa.select(Ballot))
    url = f"/elections/{ballot.id}"
    assert browser.post(f"{url}/candidates", {"member": cities["Dublin"], "language": "en"}).status_code == 303
    assert browser.post(f"{url}/candidates", {"member": cities["Dublin"], "language": "en"}).status_code == 422
    clock.at = ballot.opens_at + timedelta(hours=1)
    another_browser.sign_in("norwich@network.example")
    vote = {"member": cities["Norwich"], "choice": cities["Dublin"]}
    assert another_browser.post(f"{url}/vote", vote | {"choice": ""}).status_code == 422
    assert another_browser.post(f"{url}/vote", vote | {"choice": "nonsense"}).status_code == 422
    assert another_browser.post(f"{url}/vote", vote | {"member": cities["Granada"]}).status_code == 409
    assert "Cast the vote of Norwich" in another_browser.get("/elections").text
    assert another_browser.post(f"{url}/vote", vote).status_code == 303
    answer = another_browser.post(f"{url}/vote", vote)
    assert answer.status_code == 409
    assert "has voted already" in answer.text
    assert "Cast the vote of Norwich" not in another_browser.get("/elections").text
    assert soup(another_browser.get(url)).select(".chart") == []
    browser.sign_in(tale.officer())
    assert browser.post(f"{url}/count").status_code == 409
    clock.at = ballot.closes_at
    browser.sign_in(tale.officer())
    recorded(browser, cities["Granada"], start="2026-03-15")
    answer = browser.post(f"{url}/count")
    assert answer.status_code == 409
    assert "overlaps the mandate of Granada" in answer.text
    held = rows.one(sa.select(Mandate))
    browser.post(f"/steering-group/mandates/{held.id}/end", {"reason": "Its term is over."})
    assert browser.post(f"{url}/count").status_code == 303
    assert soup(browser.get(url)).select_one("#result .chart__value").text == "1"


def test_a_vote_that_arrived_in_time_counts_however_long_it_waited(app, tale, browser, rows, cities, clock):
    browser.sign_in(tale.officer())
    sent = {
        "field": "literature", "kind": "deputy", "opens_on": "2026-03-10", "closes_on": "2026-03-20",
        "term_from": "2026-04-01", "tie_rule": "lot",
    }  # fmt: skip
    assert browser.post("/elections/new", sent).status_code == 303
    ballot = rows.one(sa.select(Ballot))
    url = f"/elections/{ballot.id}"
    browser.post(f"{url}/candidates", {"member": cities["Dublin"], "language": "en"})
    browser.post("/sign-out")
    clock.at = ballot.closes_at - timedelta(minutes=1)
    browser.sign_in("norwich@network.example")
    token = browser.token()
    waits = iter([ballot.closes_at - timedelta(milliseconds=1)])
    app.config["CLOCK"] = lambda: next(waits, ballot.closes_at + timedelta(seconds=5))
    vote = {"csrf_token": token, "member": cities["Norwich"], "choice": cities["Dublin"]}
    assert browser.client.post(f"{url}/vote", data=vote).status_code == 303
    late = browser.client.post(f"{url}/vote", data=vote | {"member": cities["Granada"]})
    assert late.status_code == 409
    assert [v.member_id for v in rows.all(sa.select(Voter))] == [UUID(cities["Norwich"])]


def test_the_secretariat_lets_another_person_act_for_a_seat(tale, browser, another_browser, rows, cities):
    browser.sign_in(tale.officer())
    recorded(browser, cities["Norwich"], last="2026-12-31")
    seat = rows.one(sa.select(Mandate)).seat_id
    url = f"/seats/{seat}"
    assert url in browser.get("/steering-group/mandates").text
    person = tale.lead("stand-in@norwich.example", "Zoé Núñez", language="fr")
    tale.story.commit()
    another_browser.sign_in(person)
    assert another_browser.get("/steering-group/co-options").status_code == 403
    sent = {"email": "Stand-In@norwich.example ", "first": "2026-03-02", "last": "2026-04-30"}
    wrong = (
        ({"email": ""}, "#email", "Write the person’s email address."),
        ({"email": "nobody@norwich.example"}, "#email", "Nobody with this address has an account yet."),
        ({"first": "2026-02-30"}, "#first", "Give a day that exists"),
        ({"first": "2027-01-01", "last": ""}, "#first", "No mandate of this seat runs on 1 January 2027."),
        ({"last": "2026-03-01"}, "#last", "The last day comes before the first, or has passed."),
        ({"last": "2027-01-01"}, "#last", "The mandate of Norwich ends on 31 December 2026."),
    )
    for changed, target, said in wrong:
        answer = browser.post(url, sent | changed)
        assert answer.status_code == 422, changed
        assert said in answer.text
        assert soup(answer).select_one(".error-summary a")["href"] == target
        assert soup(answer).select_one("#last")["value"] == changed.get("last", "2026-04-30")
    assert browser.post(url, sent).headers["Location"] == url
    answer = browser.post(url, sent)
    assert "Zoé Núñez acts for this seat already, from 2 March 2026 to 30 April 2026." in answer.text
    assert another_browser.get("/steering-group/co-options").status_code == 200
    assert "Zoé Núñez" in browser.get("/steering-group").text
    entry = rows.one(sa.select(JournalEntry).where(JournalEntry.transition == "let_act"))
    assert (entry.payload["seat"], entry.payload["account"]) == (str(seat), str(person.id))
    holder = rows.one(sa.select(SeatHolder).where(SeatHolder.account_id == person.id))
    end = f"{url}/persons/{holder.id}/end"
    assert browser.post(end, {"reason": " "}).status_code == 422
    assert browser.post(end, {"reason": "Another office has taken over."}).headers["Location"] == url
    assert browser.post(end, {"reason": "Again."}).status_code == 409
    assert another_browser.get("/steering-group/co-options").status_code == 403
    mails = sorted(rows.all(sa.select(Mail).where(Mail.template == "seat")), key=lambda m: m.context["act"])
    assert [(m.to_address, m.language, m.context["act"]) for m in mails] == [
        (person.email, "fr", "let_act"), (person.email, "fr", "stop_acting"),
    ]  # fmt: skip
    assert mails[0].context["seat"] == {"en": "Literature", "fr": "Littérature"}
    assert (mails[0].context["first"], mails[0].context["last"]) == ("2026-03-02", "2026-04-30")


def test_a_term_ends_by_itself_and_an_empty_one_with_the_mandate(tale, browser, another_browser, rows, cities, clock):
    browser.sign_in(tale.officer())
    recorded(browser, cities["Norwich"], last="2026-12-31")
    url = f"/seats/{rows.one(sa.select(Mandate)).seat_id}"
    person = tale.lead("stand-in@norwich.example", "Zoé Núñez")
    tale.story.commit()
    assert browser.post(url, {"email": person.email, "first": "2026-03-10", "last": "2026-03-12"}).status_code == 303
    shown = soup(browser.get(url)).select_one("#holders").text
    assert "acts later" in shown
    for day, status in ((9, 403), (10, 200), (12, 200), (13, 403)):
        clock.at = START.replace(day=day, hour=12)
        another_browser.sign_in(person)
        assert another_browser.get("/steering-group/co-options").status_code == status, day
    browser.sign_in(tale.officer())
    assert browser.post(url, {"email": person.email, "first": "2026-03-13", "last": ""}).status_code == 303
    latest = rows.all(sa.select(SeatHolder).where(SeatHolder.account_id == person.id).order_by(SeatHolder.from_at))[-1]
    assert latest.until_at == rows.one(sa.select(Mandate)).until_at


def test_one_person_judges_for_one_seat_and_a_term_there_needs_no_end(tale, browser, rows, cities):
    browser.sign_in(tale.officer())
    seats = {p.seat.name: p.seat.id for p in tale.evaluators()}
    tale.story.commit()
    sent = {"email": "norwich@network.example", "first": "2026-03-02", "last": ""}
    answer = browser.post(f"/seats/{seats['Dublin']}", sent)
    assert "is an evaluator already: Norwich." in answer.text
    person = tale.lead("second@dublin.example", "Second of Dublin")
    tale.story.commit()
    assert browser.post(f"/seats/{seats['Dublin']}", sent | {"email": person.email}).status_code == 303
    assert rows.one(sa.select(SeatHolder).where(SeatHolder.account_id == person.id)).until_at is None
    answer = browser.post(f"/seats/{seats['Dublin']}", sent | {"email": person.email})
    assert "Second of Dublin acts for this seat already, since 2 March 2026." in answer.text


def test_a_co_option_is_proposed_and_adopted(tale, browser, rows, cities):
    browser.sign_in(tale.officer())
    recorded(browser, cities["Norwich"])
    browser.post("/sign-out")
    browser.sign_in("norwich@network.example")
    page = soup(browser.get("/steering-group/co-options?region=africa"))
    offered = [row.text for row in page.select("#cities tbody th")]
    africa = rows.all(sa.select(Member).where(Member.region == "africa").order_by(Member.year, Member.city))
    assert offered == [m.city for m in africa]
    propose = "/steering-group/co-options/propose"
    assert browser.post(propose, {"member": str(africa[0].id), "reason": "", "language": "en"}).status_code == 422
    assert browser.post(propose, {"member": cities["Dublin"], "reason": "Why.", "language": "en"}).status_code == 422
    sent = {"member": str(africa[0].id), "reason": "Nobody of Africa sits.", "language": "en"}
    assert browser.post(propose, sent).status_code == 303
    url = f"/steering-group/co-options/{rows.one(sa.select(CoOption)).id}/vote"
    assert browser.post(url, {"choice": ""}).status_code == 422
    assert browser.post(url, {"choice": "for"}).status_code == 303
    assert browser.post(url, {"choice": "for"}).status_code == 409
    assert africa[0].city in browser.get("/steering-group").text
