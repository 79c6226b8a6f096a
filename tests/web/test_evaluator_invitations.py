"""An evaluator's invitation: the Secretariat's pages, and the page behind the mail's link, which changes nothing by being
opened."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from rvc_portal.models.account import Account
from rvc_portal.models.evaluator import Evaluator, EvaluatorInvitation
from rvc_portal.models.job import Mail
from rvc_portal.models.seat import Seat, SeatHolder
from tests.conftest import table_counts
from tests.web.browsing import soup

GUEST = "oyelaran@library.example"
PASSWORD = "four plain words"
SENT = {
    "name": "Adébáyọ̀ Oyèláràn", "email": GUEST, "language": "fr", "stream": "experts", "fields": ["music", "film"],
    "country": "NG", "city": "Ìbàdàn", "organisation": "University of Ibadan", "languages": ["en"], "maximum_load": "4",
}  # fmt: skip


@pytest.fixture
def officer(tale, browser):
    browser.sign_in(tale.officer())
    return browser


def invited(officer, rows, **more) -> str:
    """The address in the mail that the invited person gets."""
    answer = officer.post("/evaluators/invitations", SENT | more)
    assert answer.status_code == 303, soup(answer).select_one(".error-summary")
    return latest(rows).context["path"]


def latest(rows, template="evaluator_invitation") -> Mail:
    return rows.all(sa.select(Mail).where(Mail.template == template).order_by(Mail.created_at))[-1]


def only(rows) -> EvaluatorInvitation:
    return rows.one(sa.select(EvaluatorInvitation))


def test_opening_the_link_changes_nothing(tale, officer, another_browser, rows):
    """Mail scanners open every link, by GET and by HEAD, some of them twice."""
    path = invited(officer, rows)
    before = table_counts(tale.story.session)
    for address in (path, f"{path}/accept", f"{path}/decline", f"{path}/account"):
        for _twice in range(2):
            opened = another_browser.client.get(address).status_code
            assert opened == (200 if address == path else 405)
            assert another_browser.client.head(address).status_code == opened
    assert table_counts(tale.story.session) == before
    assert only(rows).answer is None


def test_a_stranger_reads_who_asks_makes_an_account_and_is_an_evaluator(officer, another_browser, rows):
    path = invited(officer, rows)
    mail = latest(rows)
    assert (mail.to_address, mail.language) == (GUEST, "fr")
    page = soup(another_browser.get(path))
    assert "Inès Lambert" in page.main.text
    assert "Music, Film" in page.select_one(".definition").text
    assert page.select_one("#email")["value"] == GUEST
    short = another_browser.post(f"{path}/account", {"name": "Ade", "password": "short"})
    assert short.status_code == 422
    assert soup(short).select_one("#name")["value"] == "Ade"
    answer = another_browser.post(f"{path}/account", {"name": "Ade Oyelaran", "password": PASSWORD})
    assert answer.headers["Location"] == "/interests"
    seat = rows.one(sa.select(Seat).where(Seat.name == "Ade Oyelaran"))
    assert (seat.kind, seat.fields, seat.country, seat.city) == ("expert", ("music", "film"), "NG", "Ìbàdàn")
    entry = rows.one(sa.select(Evaluator))
    assert (entry.seat_id, entry.languages, entry.maximum_load) == (seat.id, ["en"], 4)
    assert entry.organisation == "University of Ibadan"
    desk = another_browser.get("/desk")
    assert "My evaluations" in desk.text
    assert "This invitation was accepted" in another_browser.get(path).text
    assert another_browser.post(f"{path}/accept").status_code == 409
    assert another_browser.post(f"{path}/decline", {"reason": "No."}).status_code == 409
    assert soup(officer.get("/evaluators?q=oyelaran")).select("tbody th")
    told = latest(rows, "evaluator_answer").context
    assert (told["answer"], told["path"]) == ("accepted", f"/evaluators/{seat.id}")


def test_who_has_an_account_signs_in_and_presses_the_button(tale, officer, another_browser, rows):
    guest = tale.lead(GUEST, "Ade Oyelaran")
    path = invited(officer, rows, stream="members", fields=["literature"])
    page = soup(another_browser.get(path))
    assert not page.select("#password")
    assert page.select_one(f"main a[href*='{path}']")["href"].startswith("/sign-in?next=")
    assert "/sign-in" in another_browser.post(f"{path}/accept").headers["Location"]
    another_browser.sign_in(guest)
    assert another_browser.post(f"{path}/accept").status_code == 303
    seat = rows.one(sa.select(Seat).join(SeatHolder).where(SeatHolder.account_id == guest.id))
    assert (seat.kind, seat.name, seat.field) == ("member", "Ìbàdàn", "literature")


def test_another_account_is_told_to_sign_out(tale, officer, another_browser, rows):
    path = invited(officer, rows)
    another_browser.sign_in(tale.lead("other@ville.example", "Otto Autre"))
    page = soup(another_browser.get(path))
    assert "The invitation went to another address" in page.main.text
    assert not page.select(f"form[action='{path}/accept']")
    refused = another_browser.post(f"{path}/accept")
    assert refused.status_code == 409
    assert GUEST in refused.text
    assert only(rows).answer is None


def test_a_refusal_needs_a_reason_and_is_read_in_the_register(officer, another_browser, rows):
    path = invited(officer, rows)
    for wrong in ("", " \n "):
        answer = another_browser.post(f"{path}/decline", {"reason": wrong})
        assert answer.status_code == 422
        assert soup(answer).select_one(".error-summary a")["href"] == "#reason"
    assert another_browser.post(f"{path}/decline", {"reason": "I apply with my own city."}).status_code == 303
    assert "This invitation was declined" in another_browser.get(path).text
    assert another_browser.post(f"{path}/account", {"name": "A", "password": PASSWORD}).status_code == 409
    row = soup(officer.get("/evaluators/invitations?state=declined")).select_one("tbody tr")
    assert "I apply with my own city." in row.text
    assert not row.select("form")
    assert latest(rows, "evaluator_answer").context["reason"] == "I apply with my own city."
    assert rows.all(sa.select(Account).where(Account.email == GUEST)) == []
    assert not soup(officer.get("/evaluators/invitations?state=accepted")).select("tbody tr")


@pytest.mark.parametrize(
    ("sent", "target"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": "a b@c.example"}, "email"),
        ({"email": "norwich@network.example"}, "email"),
        ({"name": " "}, "name"),
        ({"language": "de"}, "language"),
        ({"stream": "judges"}, "stream"),
        ({"fields": []}, "fields"),
        ({"fields": ["chess"]}, "fields"),
        ({"country": "XX"}, "country"),
        ({"country": ""}, "country"),
        ({"maximum_load": "0"}, "maximum_load"),
        ({"maximum_load": "many"}, "maximum_load"),
        ({"stream": "members"}, "fields"),
        ({"stream": "members", "fields": ["music"], "city": ""}, "city"),
        ({"stream": "members", "fields": ["literature"], "city": "norwich", "country": "GB"}, "city"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(tale, officer, rows, sent, target):
    tale.evaluators()
    answer = officer.post("/evaluators/invitations", SENT | sent)
    assert answer.status_code == 422
    page = soup(answer)
    assert [a["href"].partition("-")[0] for a in page.select(".error-summary a")] == [f"#{target}"]
    assert page.select_one("#organisation")["value"] == SENT["organisation"]  # what was typed stays
    assert rows.all(sa.select(EvaluatorInvitation)) == []


def test_nobody_is_invited_twice_until_the_first_is_taken_back(officer, another_browser, rows):
    path = invited(officer, rows)
    twice = officer.post("/evaluators/invitations", SENT | {"email": GUEST.upper()})
    assert twice.status_code == 422
    assert "invited already" in twice.text
    assert officer.post(f"/evaluators/invitations/{only(rows).id}/withdraw").status_code == 303
    assert another_browser.get(path).status_code == 404
    assert another_browser.post(f"{path}/decline", {"reason": "No."}).status_code == 404
    assert officer.post(f"/evaluators/invitations/{only(rows).id}/again").status_code == 404
    assert another_browser.get(invited(officer, rows)).status_code == 200


def test_a_link_ends_and_is_sent_again(officer, another_browser, rows, clock, tale):
    path = invited(officer, rows)
    clock.forward(timedelta(days=22))
    assert another_browser.get(path).status_code == 404
    assert another_browser.post(f"{path}/account", {"name": "A", "password": PASSWORD}).status_code == 404
    officer.sign_in(tale.officer())
    assert "lapsed" in soup(officer.get("/evaluators/invitations")).select_one("tbody").text
    again = f"/evaluators/invitations/{only(rows).id}/again"
    assert officer.post(again).status_code == 303
    fresh = latest(rows).context["path"]
    assert another_browser.get(path).status_code == 404
    assert another_browser.get(fresh).status_code == 200
    answers = [officer.post(again).status_code for _once in range(5)]
    assert answers == [303] * 4 + [429]


def test_somebody_more_acts_for_a_seat_that_is_there(tale, officer, another_browser, rows):
    norwich = next(p for p in tale.evaluators() if p.seat.name == "Norwich")
    officer.post(f"/evaluators/{norwich.seat.id}", {"languages": ["fr"], "maximum_load": "9", "past_work": ""})
    form = soup(officer.get(f"/evaluators/invitations/new?seat={norwich.seat.id}"))
    assert "Norwich" in form.select_one("#seat-part").text
    assert not form.select("[name=stream], [name=fields]")
    sent = {"name": "Ade", "email": GUEST, "language": "en", "seat": str(norwich.seat.id)}
    assert officer.post("/evaluators/invitations", sent).status_code == 303
    path = latest(rows).context["path"]
    another_browser.post(f"{path}/account", {"name": "Ade", "password": PASSWORD})
    holders = rows.all(sa.select(SeatHolder).where(SeatHolder.seat_id == norwich.seat.id))
    assert len(holders) == 2
    assert rows.one(sa.select(Evaluator)).maximum_load == 9


def test_no_list_knows_a_state_or_a_seat_that_is_not_there(officer):
    assert officer.get("/evaluators/invitations?state=lost").status_code == 422
    for seat in ("1", "00000000-0000-4000-8000-000000000000"):
        assert officer.get(f"/evaluators/invitations/new?seat={seat}").status_code == 404


def test_the_list_asks_the_same_of_one_and_of_three(officer, rows, statements):
    counts = []
    for number in range(3):
        invited(officer, rows, email=f"a{number}@b.example")
        statements.clear()
        officer.get("/evaluators/invitations")
        counts.append(len(statements))
    assert counts[0] == counts[2] <= 8
