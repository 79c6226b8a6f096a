"""A draft in the browser: who sees it, who writes it, and what two people at once are told."""

import pytest
import sqlalchemy as sa

from rvc_portal.domain.vocabulary import Role, SeatKind
from rvc_portal.models.base import db
from rvc_portal.models.clause import ClauseOwner, ClauseText
from rvc_portal.models.drafting import ClauseComment, Erratum
from rvc_portal.models.meeting import Meeting
from rvc_portal.models.seat import Member
from rvc_portal.queries import accounts as query_accounts
from rvc_portal.queries import conclusions as texts
from rvc_portal.queries import drafting as query
from rvc_portal.services import accounts, adoption, conclusions, drafting
from tests.web.browsing import START, soup

DRAFT = "/meetings/14/draft"
PLACE = {"latitude": 45.0, "longitude": 4.0, "verified": True}


def pair(number: int) -> dict[str, str]:
    return {"en": f"The cities see to matter number {number}.", "fr": f"Les villes veillent à la question {number}."}


@pytest.fixture
def people(app, make_account):
    """The Secretariat, a coordinator, the focal point of Norwich, and an expert."""
    make_account("officer@network.example", Role.SECRETARIAT, name="Officer")
    seats = {
        "coordinator": {"kind": SeatKind.COORDINATOR, "name": "Literature", "field": "literature"},
        "focal": {
            "kind": SeatKind.MEMBER,
            "name": "Norwich",
            "field": "literature",
            "country": "GB",
            "city": "Norwich",
        },
        "expert": {"kind": SeatKind.EXPERT, "name": "Expert", "field": "literature"},
    }
    for who in seats:
        make_account(f"{who}@network.example", name=who.title())
    with app.app_context():
        session = db.session
        session.add(Member(city="Norwich", country="GB", field="literature", year=2012, region="africa", **PLACE))
        for who, seat in seats.items():
            account = query_accounts.by_email(session(), f"{who}@network.example")
            accounts.give_seat(session, accounts.create_seat(session, **seat), account, now=START)
        session.commit()


def _actor(email):
    account = query_accounts.by_email(db.session(), email)
    return query_accounts.actor_of(db.session(), account, START)


@pytest.fixture
def draft(app, people):
    """Begins the draft of meeting 14 with so many clauses; the second has a sub-clause."""

    def begin(clauses: int = 3, *, sealed: bool = False):
        with app.app_context():
            officer = _actor("officer@network.example")
            meeting = Meeting(edition=14, year=2027)
            db.session.add(meeting)
            db.session.flush()
            session, more = db.session(), {"actor": officer, "now": START}
            drafting.begin(session, meeting, copied=False, **more)
            made = [
                drafting.add(session, meeting, pair(n), under=None, after=None, **more) for n in range(1, clauses + 1)
            ]
            drafting.add(session, meeting, pair(0), under=made[1], after=None, **more)
            if sealed:
                for clause in made:
                    adoption.adopt(session, clause, **more)
                conclusions.seal(session, edition=14, **more)
            db.session.commit()

    return begin


def clause_id(app, name):
    with app.app_context():
        meeting = texts.of_edition(db.session(), 14)
        return dict(texts.of(db.session(), meeting).named())[name].id


def reads(app):
    with app.app_context():
        meeting = texts.of_edition(db.session(), 14)
        return [(n, p.text("en")) for n, p in texts.of(db.session(), meeting).named() if p.kind == "clause"]


def seen(app):
    with app.app_context():
        return query.last_change(db.session(), texts.of_edition(db.session(), 14))


def enter(browser, who):
    browser.sign_in(f"{who}@network.example")
    return browser


@pytest.mark.parametrize(
    ("who", "sees", "writes"),
    [("officer", 200, True), ("coordinator", 200, True), ("focal", 200, False), ("expert", 404, False)],
)
def test_a_draft_is_there_for_who_writes_it_and_for_the_member_cities(app, draft, browser, who, sees, writes):
    draft()
    enter(browser, who)
    page = browser.get(DRAFT)
    assert page.status_code == sees
    one = f"{DRAFT}/{clause_id(app, '1')}"
    for url in (one, f"{one}/revisions"):
        assert browser.get(url).status_code == sees
    assert (soup(page).find(id="add") is not None) == writes
    before = reads(app)
    answer = browser.post(one, {"en": "Changed.", "fr": "Changé.", "seen_en": 1, "seen_fr": 1})
    assert (answer.status_code == 303) == writes
    assert (reads(app) != before) == writes


def test_a_draft_begins_and_grows_without_a_script(app, people, browser):
    with app.app_context():
        db.session.add(Meeting(edition=14, year=2027))
        db.session.commit()
    enter(browser, "officer")
    assert "A draft begins empty" in browser.get(DRAFT).text
    assert browser.post(f"{DRAFT}/begin", {}).status_code == 303
    browser.post(f"{DRAFT}/add", {**pair(1), "where": ""})
    browser.post(f"{DRAFT}/add", {**pair(2), "where": ""})
    browser.post(f"{DRAFT}/add", {**pair(3), "where": f"under:{clause_id(app, '1')}"})
    browser.post(f"{DRAFT}/add", {**pair(4), "where": f"after:{clause_id(app, '1')}"})
    page = soup(browser.get(DRAFT))
    shown = [(li["id"], li.find("p", lang="fr").text) for li in page.select("li.draft__piece")]
    assert shown == [
        ("clause-1", pair(1)["fr"]), ("clause-1a", pair(3)["fr"]), ("clause-2", pair(4)["fr"]), ("clause-3", pair(2)["fr"]),
    ]  # fmt: skip


def test_the_draft_asks_as_much_for_forty_clauses_as_for_three(app, draft, browser, statements):
    draft(3)
    enter(browser, "officer")
    counted = []
    for more in (0, 37):
        with app.app_context():
            meeting = texts.of_edition(db.session(), 14)
            for n in range(more):
                made = drafting.add(
                    db.session(),
                    meeting,
                    pair(n),
                    under=None,
                    after=None,
                    actor=_actor("officer@network.example"),
                    now=START,
                )
                db.session.add(ClauseOwner(clause_id=made.id, owner="steering"))
            db.session.commit()
        statements.clear()
        pieces = soup(browser.get(DRAFT)).select("ol > li.draft__piece")
        counted.append((len(pieces), len(statements)))
    assert [pieces for pieces, _ in counted] == [4, 41]
    assert counted[0][1] == counted[1][1]


def test_a_sub_clause_that_has_no_letter_is_refused_and_what_was_typed_stays(app, draft, browser):
    draft()
    one = clause_id(app, "1")
    with app.app_context():
        session, more = db.session(), {"actor": _actor("officer@network.example"), "now": START}
        meeting = texts.of_edition(session, 14)
        for number in range(26):
            above = query.piece(session, meeting, one)
            drafting.add(session, meeting, pair(number), under=above, after=None, **more)
        session.commit()
    answer = enter(browser, "officer").post(f"{DRAFT}/add", {"en": "One more", "fr": "", "where": f"under:{one}"})
    assert answer.status_code == 409
    assert "Clause 1 has 26 sub-clauses: there is no letter for one more." in answer.text
    assert soup(answer).find("textarea", id="en").text.strip() == "One more"
    assert "One more" not in dict(reads(app)).values()


@pytest.mark.parametrize("text", ["", " \n "])
def test_a_clause_that_says_nothing_is_not_added(app, draft, browser, text):
    draft()
    before = reads(app)
    answer = enter(browser, "officer").post(f"{DRAFT}/add", {"en": text, "fr": text, "where": ""})
    assert answer.status_code == 422
    assert "Write the clause, in one language at least." in soup(answer).select_one("#en-error").text
    assert reads(app) == before


def test_buttons_move_a_clause_and_the_numbers_follow(app, draft, browser):
    draft()
    enter(browser, "coordinator")
    form = next(
        f for f in soup(browser.get(DRAFT)).select("#clause-3 form") if "Up" in f.button.get_text()
    )  # fmt: skip
    sent = {field["name"]: field["value"] for field in form.select("input")}
    assert browser.post(form["action"], sent).status_code == 303
    assert [text for _, text in reads(app)][:2] == [pair(1)["en"], pair(3)["en"]]


def test_who_moves_on_an_order_of_yesterday_is_told_what_was_changed(app, draft, browser, another_browser):
    draft()
    one, three, since = clause_id(app, "1"), clause_id(app, "3"), seen(app)
    enter(another_browser, "coordinator").post(f"{DRAFT}/{three}/place", {"to": ":0", "seen": since})
    before = reads(app)
    answer = enter(browser, "officer").post(f"{DRAFT}/{one}/place", {"to": ":2", "seen": since})
    assert answer.status_code == 409
    assert "Coordinator moved clause 3, which is 1 since" in answer.text
    assert reads(app) == before


def test_who_saves_a_text_that_was_revised_sees_both_and_loses_nothing(app, draft, browser, another_browser):
    draft()
    url = f"{DRAFT}/{clause_id(app, '1')}"
    sent = {"fr": pair(1)["fr"], "seen_en": 1, "seen_fr": 1}
    enter(another_browser, "coordinator").post(url, {**sent, "en": "The cities see to matter number nine."})
    answer = enter(browser, "officer").post(url, {**sent, "en": "All cities see to matter number 1."})
    assert answer.status_code == 409
    page = soup(answer)
    assert "Coordinator has revised this text meanwhile: English" in page.text
    assert page.find("textarea", id="en").text.strip() == "All cities see to matter number 1."
    assert [d.text for d in page.select(".notice ins")] != []
    assert "The cities see to matter number nine." in page.text
    assert ("1", "The cities see to matter number nine.") in reads(app)
    again = {name: page.find("input", {"name": name})["value"] for name in ("seen_en", "seen_fr")}
    browser.post(url, {**again, "fr": sent["fr"], "en": "All cities see to matter number 1."})
    assert ("1", "All cities see to matter number 1.") in reads(app)


def test_a_clause_is_split_and_merged_again(app, draft, browser):
    draft()
    enter(browser, "officer")
    url = f"{DRAFT}/{clause_id(app, '1')}"
    sent = {"split-en": "The cities see\nto matter number 1.", "split-fr": "Les villes\nveillent à la question 1."}
    wrong = browser.post(f"{url}/split", {**sent, "split-fr": pair(1)["fr"], "split-seen_en": 1, "split-seen_fr": 1})
    assert wrong.status_code == 422
    assert "Break the line where the second half begins" in wrong.text
    assert soup(wrong).find("textarea", id="split-en").text.strip() == "The cities see\nto matter number 1."
    assert browser.post(f"{url}/split", {**sent, "split-seen_en": 1, "split-seen_fr": 1}).status_code == 303
    assert reads(app)[:2] == [("1", "The cities see"), ("2", "to matter number 1.")]
    assert browser.post(f"{url}/merge", {"seen": seen(app)}).status_code == 303
    assert reads(app)[0] == ("1", pair(1)["en"])


def test_a_removed_clause_can_be_brought_back(app, draft, browser):
    draft()
    enter(browser, "officer")
    one = clause_id(app, "1")
    browser.post(f"{DRAFT}/{one}/remove", {"seen": seen(app)})
    page = soup(browser.get(DRAFT))
    assert pair(1)["en"] in page.select_one(".draft__removed").text
    assert "This clause was removed" in browser.get(f"{DRAFT}/{one}").text
    browser.post(f"{DRAFT}/{one}/restore", {})
    assert reads(app)[-1] == ("3", pair(1)["en"])


def test_a_city_comments_and_the_drafters_deal_with_it(app, draft, browser, another_browser):
    draft()
    url = f"{DRAFT}/{clause_id(app, '1')}"
    enter(browser, "focal")
    assert browser.post(f"{url}/comments", {"text": "", "language": "en"}).status_code == 422
    browser.post(f"{url}/comments", {"text": "Why all of them?", "language": "en"})
    enter(another_browser, "officer")
    assert "One open comment" in another_browser.get(DRAFT).text
    thread = soup(another_browser.get(url)).select_one(".draft__thread")
    assert "Norwich" in thread.text
    with app.app_context():
        asked = db.session.scalars(sa.select(ClauseComment.id)).one()
    another_browser.post(f"{url}/comments", {"text": "Most of them.", "language": "en", "answer_to": str(asked)})
    another_browser.post(f"{url}/comments/{asked}/resolve", {})
    page = soup(browser.get(url))
    assert page.select_one(".draft__answer").text.strip().endswith("Most of them.")
    assert "dealt with" in page.select_one(".draft__thread").text


def test_owners_and_what_it_launches_are_said_on_the_clause(app, draft, browser):
    draft()
    enter(browser, "officer")
    url = f"{DRAFT}/{clause_id(app, '1')}"
    with app.app_context():
        norwich = str(db.session.scalars(sa.select(Member.id)).one())
        db.session.add(other := Meeting(edition=90, year=2028))
        db.session.commit()
        meeting = str(other.id)
    sent = {"owners": ["steering"], "city": norwich, "due_on": "2027-05-01"}
    assert browser.post(f"{url}/owners", sent).status_code == 303
    assert browser.post(f"{url}/links", {"target": f"meeting:{meeting}"}).status_code == 303
    text = browser.get(DRAFT).text
    assert "Owners: " in text
    assert "Norwich" in text
    assert "1 May 2027" in text
    assert "Annual meeting of 2028" in soup(browser.get(url)).select_one(".draft__links").text
    assert browser.post(f"{url}/owners", {"due_on": "yesterday"}).status_code == 422
    assert browser.post(f"{url}/owners", {"due_on": "2001-01-01"}).status_code == 422
    assert browser.post(f"{url}/links", {"target": f"meeting:{meeting}"}).status_code == 422, "twice"
    browser.post(f"{url}/links/remove", {"target": f"meeting:{meeting}"})
    assert soup(browser.get(url)).select_one(".draft__links") is None


def test_every_revision_is_shown_against_the_one_before(app, draft, browser):
    draft()
    enter(browser, "coordinator")
    url = f"{DRAFT}/{clause_id(app, '1')}"
    browser.post(url, {"en": "Some cities see to matter number 1.", "fr": pair(1)["fr"], "seen_en": 1, "seen_fr": 1})
    rows = soup(browser.get(f"{url}/revisions")).select("#revisions-en .draft__revision")
    assert ["Coordinator" in rows[0].text, "Officer" in rows[1].text] == [True, True]
    assert "The" in rows[0].find("del").text
    assert "Some" in rows[0].find("ins").text


def test_adopted_it_is_no_longer_written_and_the_page_says_so(app, draft, browser):
    draft()
    enter(browser, "officer")
    url = f"{DRAFT}/{clause_id(app, '1')}"
    assert browser.post(f"{url}/adopt", {}).status_code == 303
    page = soup(browser.get(url))
    assert page.find("textarea", id="en") is None
    assert "The meeting has adopted this" in page.text
    for where, sent in (
        ("", {"en": "Typed for long", "fr": "y", "seen_en": 1, "seen_fr": 1}),
        ("/split", {"split-en": "Typed for long", "split-fr": "y", "split-seen_en": 1, "split-seen_fr": 1}),
        ("/comments", {"text": "Typed for long", "language": "en"}),
    ):
        answer = browser.post(f"{url}{where}", sent)
        assert answer.status_code == 409
        assert "Clause 1 is adopted: drafting does not change it any more." in answer.text
        assert "Typed for long" in soup(answer).select_one(".notice--warn").text
    assert browser.post(f"{url}/reopen", {"reason": ""}).status_code == 422
    assert browser.post(f"{url}/reopen", {"reason": "Too early"}).status_code == 303
    assert soup(browser.get(url)).find("textarea", id="en") is not None


def test_sealing_shows_every_gap_first_and_asks_before_it_closes(app, draft, browser, another_browser):
    draft()
    enter(browser, "officer")
    page = soup(browser.get(f"{DRAFT}/seal"))
    assert "Clause 1 is not adopted." in page.text
    assert page.select_one("main form button.button--danger") is None
    answer = browser.post(f"{DRAFT}/seal", {})
    assert answer.status_code == 409
    assert "Clause 3 is not adopted." in answer.text
    for name in ("1", "2", "3"):
        browser.post(f"{DRAFT}/{clause_id(app, name)}/adopt", {})
    assert "This cannot be undone" in browser.get(f"{DRAFT}/seal").text
    assert browser.post(f"{DRAFT}/seal", {}).status_code == 303
    assert len(soup(another_browser.get("/meetings/14")).select("#papers .document")) == 3


def test_an_erratum_stands_beside_the_sealed_text(app, draft, browser, another_browser):
    draft(sealed=True)
    enter(browser, "officer")
    sent = {
        "piece": str(clause_id(app, "2a")), "language": "en", "reads": "matter nummer 0", "should_read": "matter number 12",
        "reason": "A slip.", "reason_language": "en",
    }  # fmt: skip
    wrong = browser.post("/meetings/14/errata", sent)
    assert wrong.status_code == 422
    assert "These words do not stand in the sealed text" in wrong.text
    assert soup(wrong).find("textarea", id="should_read").text.strip() == "matter number 12"
    assert browser.post("/meetings/14/errata", {**sent, "reads": "matter number 0"}).status_code == 303
    assert "matter number 12" in browser.get("/meetings/14/errata").text
    page = soup(another_browser.get("/meetings/14"))
    assert len(page.select("#errata .document")) == 2
    assert pair(0)["en"] in page.select_one("#clause-2a").text
    with app.app_context():
        assert db.session.scalars(sa.select(Erratum.number)).all() == [1]
        assert {t.revision for t in db.session.scalars(sa.select(ClauseText))} == {1}
