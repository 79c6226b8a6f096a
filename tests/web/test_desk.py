"""Desks, calls, members and kept mails: what waits for whom, and what anybody may read."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask

from rvc_portal import settings
from rvc_portal.domain.vocabulary import CallStatus, Role, SeatKind
from rvc_portal.gateways.instance import Instance
from rvc_portal.models.base import db
from rvc_portal.models.call import Call
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.seat import Member
from rvc_portal.queries import calls
from rvc_portal.services import accounts, evaluation
from tests.judging import Judging
from tests.stories import OFFICER, Tale, town
from tests.web.browsing import START, Browser, soup

LEAD, JUDGE, CHAIR = "lead@ville.example", "judge@network.example", "chair@network.example"


def main(browser: Browser, url: str = "/desk") -> str:
    answer = browser.get(url)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser").main.get_text(" ", strip=True)


def tell(app: Flask, how: str) -> UUID:
    with app.app_context():
        tale = Tale(app, START)
        tale.officer()
        dossier_id: UUID = getattr(tale, how)()
        db.session.commit()
        return dossier_id


def key(app: Flask) -> str:
    with app.app_context():
        return str(db.session.scalars(sa.select(Call.key)).one())


def test_everybody_signs_in_first(browser):
    assert browser.get("/desk").status_code == 303


def test_a_city_finds_its_file_and_the_open_call(app, browser, clock):
    dossier_id = tell(app, "draft")
    browser.sign_in(LEAD)
    page = browser.get("/desk").text
    assert f"/dossiers/{dossier_id}" in page
    assert f"/calls/{key(app)}/apply" in page


def test_a_citys_desk_hides_where_its_file_is(app, browser):
    dossier_id = tell(app, "admitted")
    browser.sign_in(LEAD)
    before = main(browser)
    assert "Under examination" in before
    with app.app_context():
        dossier = db.session.get_one(Dossier, dossier_id)
        dossier.state, dossier.state_since_at = "awaiting_decision", START
        db.session.commit()
    assert main(browser) == before


def test_the_secretariat_counts_and_screens(app, browser):
    tell(app, "submitted")
    browser.sign_in(OFFICER)
    text = main(browser)
    assert "To be screened 1" in text
    assert "One file in all" in text


def test_an_evaluator_declares_before_anything_else(app, browser, make_account):
    dossier_id = tell(app, "admitted")
    judge = make_account(JUDGE)
    with app.app_context():
        tale = Tale(app, START)
        seat = accounts.create_seat(db.session, kind=SeatKind.EXPERT, name="Dr Weiß", field="literature")
        accounts.give_seat(db.session, seat, judge, now=START)
        found = evaluation.assign(
            db.session, tale.dossier(dossier_id), [seat.id], actor=tale.story.actor(tale.officer(), START), now=START
        )
        db.session.commit()
        assignment_id, reference = found[0].id, tale.dossier(dossier_id).reference
    browser.sign_in(JUDGE)
    page = browser.get("/desk").text
    assert f"/assignments/{assignment_id}" in page
    assert "Declare your interests first" in page
    assert reference not in page


def test_the_steering_group_and_the_direction_see_their_own(app, browser, another_browser, make_account):
    dossier_id = tell(app, "admitted")
    chair = make_account(CHAIR)
    make_account("dg@network.example", Role.DIRECTION)
    with app.app_context():
        seat = accounts.create_seat(db.session, kind=SeatKind.COORDINATOR, name="Music", field="music")
        accounts.give_seat(db.session, seat, chair, now=START)
        db.session.get_one(Dossier, dossier_id).state = "in_review"
        db.session.commit()
    browser.sign_in(CHAIR)
    another_browser.sign_in("dg@network.example")
    assert "In review" in main(browser)
    assert "No file awaits your decision" in main(another_browser)
    with app.app_context():
        db.session.get_one(Dossier, dossier_id).state = "awaiting_decision"
        db.session.commit()
    assert "not on the slate yet" in main(another_browser)


def test_a_call_is_public_and_its_outcome_is_not_before_publication(app, browser, rows):
    dossier_id = tell(app, "admitted")
    url = f"/calls/{key(app)}"
    with app.app_context():
        call = db.session.scalars(sa.select(Call)).one()
        db.session.get_one(Dossier, dossier_id).state = "designated"
        sha256 = app.extensions["rvc"].files.put(b"%PDF-list")
        listed = Document(
            kind="DESIGNATION_LIST", call_id=call.id, language="en", context={}, issued_at=START, content_sha256=sha256
        )
        db.session.add(listed)
        db.session.commit()
        name, document = db.session.get_one(Dossier, dossier_id).lead_city, f"/documents/{listed.id}.pdf"
    assert name not in browser.get(url).text
    assert document not in browser.get(f"{url}/documents").text
    assert browser.client.get(document).status_code == 303, "sign in first"
    with app.app_context():
        call = db.session.scalars(sa.select(Call)).one()
        call.status, call.published_at = CallStatus.PUBLISHED, START
        db.session.commit()
    assert name in browser.get(url).text
    assert document in browser.get(f"{url}/documents", htmx=True).text
    assert browser.client.get(document).data == b"%PDF-list"


def test_a_call_that_is_none_is_404(browser):
    assert browser.get("/calls/candidacy-1815").status_code == 404


@pytest.fixture
def members(app: Flask):
    def add(*cities: tuple[str, str]) -> None:
        with app.app_context():
            for name, field in cities:
                db.session.add(
                    Member(city=name, country="FR", field=field, year=2014, region="europe_north_america",
                           latitude=45.76, longitude=4.84, verified=True)
                )  # fmt: skip
            db.session.commit()

    return add


def test_members_stand_on_the_map_and_in_the_table(members, browser):
    members(("Lyon", "media_arts"), ("Saint-Étienne", "design"))
    page = BeautifulSoup(browser.get("/members").text, "html.parser")
    assert [cell.text for cell in page.select("#members tbody th")] == ["Lyon", "Saint-Étienne"]
    assert len(page.select("circle.map__dot")) == 2
    narrowed = BeautifulSoup(browser.get("/members?field=design&region=nowhere").text, "html.parser")
    assert [cell.text for cell in narrowed.select("#members tbody th")] == ["Saint-Étienne"]
    assert "No city matches" in browser.get("/members?q=Zzz").text


@pytest.mark.parametrize("path", ["/members", "/calls", "/desk"])
def test_no_more_queries_for_three_than_for_one(app, members, browser, statements, path):
    members(("Lyon", "media_arts"))
    tell(app, "draft")
    browser.sign_in(LEAD)
    counted = []
    for more in ((), (("Pau", "music"), ("Gap", "film"))):
        members(*more)
        if more:
            tell(app, "draft")
        browser.get(path)
        statements.clear()
        browser.get(path)
        counted.append(len([s for s in statements if s.lstrip().startswith("SELECT")]))
    assert counted[0] == counted[1] <= 15


MAIL = """From: portal@x.example\r\nTo: mayor@ville.example\r\nSubject: Sign-off\r\nDate: Mon, 02 Mar 2026 09:00:00 +0000
Content-Type: text/plain; charset=utf-8\r\n\r\nSee http://127.0.0.1:8000/sign-off/abc. Not <b>http://evil.example/x</b>\r\n"""


def test_kept_mails_are_shown_in_a_demonstration_only(app, browser, another_browser, make_account, tmp_path):
    make_account(LEAD)
    folder = tmp_path / "mail"
    folder.mkdir()
    name = f"{datetime(2026, 3, 2, tzinfo=UTC):%Y%m%dT%H%M%S}-ab.eml"
    (folder / name).write_bytes(MAIL.encode())
    assert browser.get("/mail").status_code == 303
    browser.sign_in(LEAD)
    assert browser.get("/mail").status_code == 404
    app.extensions["rvc"] = Instance(settings.read({"RVC_DATA": str(tmp_path), "RVC_DEMONSTRATION": "1"}))
    assert name not in browser.get("/mail").text  # a mail to somebody else
    assert browser.get(f"/mail/{name}").status_code == 404
    make_account("mayor@ville.example")
    another_browser.sign_in("mayor@ville.example")
    assert name in another_browser.get("/mail").text
    another_browser.post("/sign-out")
    make_account("secretary@network.example", Role.SECRETARIAT)
    browser = another_browser
    browser.sign_in("secretary@network.example")
    assert name in browser.get("/mail").text
    text = browser.get(f"/mail/{name}").text
    assert '<a href="/sign-off/abc">' in text
    assert "&lt;b&gt;http://evil.example/x" in text
    assert browser.get("/mail/..%2Fsecret_key").status_code == 404


def test_an_evaluators_queue_says_what_is_next_filters_and_sorts(app, browser, statements):
    with app.app_context():
        tale = Judging(app, START)
        first, second, third = (tale.admitted(town(name)) for name in ("Arles", "Bourges", "Cahors"))
        asked = {
            name: tale.asked(i)["Norwich"] for name, i in (("Cahors", third), ("Arles", first), ("Bourges", second))
        }
        tale.declared(asked["Bourges"])
        player = tale.scored(asked["Cahors"])
        reference = tale.dossier(first).reference
        email, seat_id, criteria = (
            player.account.email,
            player.seat.id,
            len(calls.definition(tale.call).rubric.criteria),
        )
        db.session.commit()
    browser.sign_in(email)
    page = soup(browser.get("/desk"))
    assert reference not in page.text  # not declared: the city, its country and field alone
    assert [th.contents[0] for th in page.select("#queue tbody th")] == ["Cahors", "Bourges", "Arles"]
    assert page.select_one("#evaluator .button--primary")["href"] == f"/assignments/{asked['Cahors']}"
    assert f"{criteria} of {criteria} criteria scored" in page.text
    assert "44 days left" in page.text
    for query, shown in (
        ("sort=city", ["Arles", "Bourges", "Cahors"]), ("status=begin", ["Bourges"]), ("status=closed", []),
        ("status=declare&sort=deadline", ["Arles"]), ("field=literature&status=begun", ["Cahors"]),
    ):  # fmt: skip
        page = soup(browser.get(f"/desk?{query}"))
        assert [th.contents[0] for th in page.select("#queue tbody th")] == shown, query
        assert bool(page.select("#evaluator .empty")) is not bool(shown)
    for wrong in ("status=lost", "field=chess", "call=none", "sort=mean"):
        answer = browser.get(f"/desk?{wrong}")
        assert answer.status_code == 422
        assert soup(answer).select_one(".error-summary a")["href"] == f"#{wrong.partition('=')[0]}"
    counts = []
    for query in ("status=begin", ""):
        statements.clear()
        browser.get(f"/desk?{query}")
        counts.append(len(statements))
    with app.app_context():
        tale = Judging(app, START)
        for assignment in (asked["Arles"], asked["Bourges"]):
            tale.closed(assignment)
        evaluation.unassign(
            db.session, tale.dossier(third), seat_id, actor=tale.story.actor(tale.officer(), START), now=START
        )
        db.session.commit()
    statements.clear()
    page = soup(browser.get("/desk"))
    asked_now = len(statements)
    assert "All your sheets are closed" in page.text
    assert not page.select("#queue, #evaluator .empty")
    closed = soup(browser.get("/desk?status=closed"))
    assert [th.contents[0] for th in closed.select("#queue tbody th")] == ["Arles", "Bourges"]
    assert counts == [asked_now] * 2


def test_a_desk_reminds_of_the_declaration_that_is_missing_or_ends(app, browser, clock):
    with app.app_context():
        tale = Judging(app, START)
        email = next(p for p in tale.evaluators() if p.seat.name == "Norwich").account.email
        db.session.commit()
    browser.sign_in(email)
    assert "no declaration of interests yet" in main(browser)
    browser.post("/interests", {"nothing": "1"})
    assert "declaration of interests" not in soup(browser.get("/desk")).select_one("#evaluator").text
    for days, said in ((340, "ends on"), (30, "expired on")):
        clock.forward(timedelta(days=days))
        browser.sign_in(email)
        assert f"Your declaration of interests {said}" in main(browser)


def test_a_decision_that_is_held_is_awaited_no_more(app, browser):
    with app.app_context():
        tale = Judging(app, START)
        tale.decided(facts=town("Décidée"))
        tale.awaiting(town("Attendue"), tale.lead("other@ville.example"))
        db.session.commit()
    browser.sign_in(OFFICER)
    part = soup(browser.get("/desk")).select_one("#secretariat")
    counted = {
        h.text.rpartition(" ")[0]: h.text.rpartition(" ")[2] for h in part.select("h3") if h.select_one(".count-badge")
    }
    assert (counted["Decisions awaited"], counted["Decided, held until publication"]) == ("1", "1")
    titles = {h.get_text(" ", strip=True).rpartition(" ")[0]: h.find_next_sibling() for h in part.select("h3")}
    assert "Attendue" in titles["Decisions awaited"].text
    assert "Décidée" not in titles["Decisions awaited"].text
    assert "Décidée" in titles["Decided, held until publication"].text
