"""The pages on which a meeting amends its text: who reads them, what each may do, and how cheap the question is that every
screen asks again and again."""

import pytest
import sqlalchemy as sa

from rvc_portal.domain.vocabulary import Role, SeatKind
from rvc_portal.models.account import SignInSession
from rvc_portal.models.amendment import Amendment, CityVote, Seconding
from rvc_portal.models.base import db
from rvc_portal.queries import accounts as people
from rvc_portal.services import accounts
from tests.meetings import CITIES, EDITION, address, assemble
from tests.web.browsing import START, Browser, soup

URL = f"/meetings/{EDITION}"
NEW, NEUF = "The network meets twice a year.", "Le réseau se réunit deux fois par an."


@pytest.fixture
def assembly(app, clock):
    """Told in the test's own context; `commit` lets the browsers see it."""
    with app.app_context():
        found = assemble(db.session(), START)
        found.session.commit()
        yield found


def commit(assembly):
    assembly.session.commit()
    return assembly


def asked(browser, tag=None):
    return browser.client.get(f"{URL}/floor/live", headers={"If-None-Match": tag} if tag else {}, buffered=True)


def selects(statements):
    return [s for s in statements if not s.startswith(("BEGIN", "PRAGMA"))]


# --- who ---


@pytest.mark.parametrize("page", ["floor", "floor/live", "amendments", "amendments/new"])
@pytest.mark.parametrize(
    ("who", "status"),
    [("nobody", 303), ("member", 200), ("secretariat", 200), ("steering", 200), ("expert", 403), ("direction", 403)],
)
def test_cities_the_secretariat_and_the_steering_group_follow(assembly, browser, make_account, page, who, status):
    if who == "member":
        browser.sign_in(address("Norwich"))
    elif who in ("steering", "expert"):
        kind = SeatKind.COORDINATOR if who == "steering" else SeatKind.EXPERT
        account = people.by_email(assembly.session, make_account("seat@network.example").email)
        seat = accounts.create_seat(assembly.session, kind=kind, name="Literature", field="literature")
        accounts.give_seat(assembly.session, seat, account, now=START)
        commit(assembly)
        browser.sign_in("seat@network.example")
    elif who != "nobody":
        browser.sign_in(make_account("who@network.example", Role(who)))
    assert browser.client.get(f"{URL}/{page}").status_code == status


def test_a_meeting_that_is_not_there_is_not_found(assembly, browser):
    browser.sign_in(address("Norwich"))
    for page in ("floor", "floor/live", "amendments", "amendments/new"):
        assert browser.client.get(f"/meetings/99/{page}").status_code == 404


def test_the_page_of_the_meeting_leads_there_for_whom_it_is_open(assembly, browser):
    assert not soup(browser.get(URL)).select(f"a[href='{URL}/floor']")
    browser.sign_in(address("Norwich"))
    assert soup(browser.get(URL)).select(f"a[href='{URL}/floor'], a[href='{URL}/amendments']")


# --- proposing ---


@pytest.mark.parametrize(
    "page", ["", "/agenda", "/delegates", "/tasks", "/workshops", "/draft", "/amendments", "/floor"]
)
def test_every_page_of_a_meeting_is_of_the_annual_meetings_in_the_head(assembly, browser, page):
    browser.sign_in(assembly.officer.email)
    (here,) = soup(browser.get(URL + page)).select("nav.site-nav a[aria-current]")
    assert here["href"] == "/meetings"


def test_a_city_proposes_from_the_text_as_it_reads_and_everybody_sees_the_difference(assembly, browser, rows):
    browser.sign_in(address("Norwich"))
    link = soup(browser.get(f"{URL}/amendments")).select_one("#clause-1 > p > a")["href"]
    form = soup(browser.get(link))
    assert form.select_one("#text_en").text.strip() == "The network meets once a year."
    clause = form.select_one("input[name=clause]")["value"]
    sent = {
        "clause": clause,
        "text_en": NEW,
        "text_fr": form.select_one("#text_fr").text,
        "reason": "Once is too rare.",
        "language": "en",
    }
    answer = browser.post(f"{URL}/amendments/new", sent)
    row = rows.one(sa.select(Amendment))
    assert (answer.status_code, answer.location) == (303, f"{URL}/amendments#amendment-{row.id}")
    assert (row.text_en, row.text_fr) == (NEW, "")
    shown = soup(browser.get(f"{URL}/amendments")).select_one(f"#amendment-{row.id}")
    assert [gone.text for gone in shown.select("del")] == ["[removed: once]"]
    assert [new.text for new in shown.select("ins")] == ["[added: twice]"]
    assert [block["lang"] for block in shown.select(".amendment__text")] == ["en"]


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"text_en": "", "text_fr": "", "reason": "So."}, "Write how the text is to read"),
        ({"text_en": "The network meets once a year.", "reason": "So."}, "This is how the text reads now"),
        ({"text_en": NEW, "reason": ""}, "Give the reason"),
        ({"text_en": "a" * 8001, "reason": "So."}, "Use at most 8000 characters."),
        ({"text_en": NEW, "reason": "So.", "language": "la"}, "Choose one of those that are offered."),
    ],
)
def test_what_cannot_be_proposed_is_told_and_what_was_typed_stays(assembly, browser, rows, sent, told):
    browser.sign_in(address("Norwich"))
    answer = browser.post(
        f"{URL}/amendments/new", {"clause": str(assembly.piece("1").id), "language": "en", **sent}
    )  # fmt: skip
    assert answer.status_code == 422
    page = soup(answer)
    assert told in page.select_one(".error-summary").text
    assert page.select_one("#text_en").text.strip() == sent["text_en"]
    assert rows.all(sa.select(Amendment)) == []


def test_who_goes_on_without_a_clause_is_told_to_choose_one(assembly, browser):
    browser.sign_in(address("Norwich"))
    told = "Choose the clause that is to be amended."
    assert told not in browser.get(f"{URL}/amendments/new").text
    page = soup(browser.get(f"{URL}/amendments/new?clause="))
    assert [told in page.select_one(where).text for where in (".error-summary", "#clause-error")] == [True, True]


def test_a_text_that_cannot_stand_is_asked_for_again_at_its_clause_alone(assembly, browser):
    rows = [assembly.propose("Norwich", name, en=NEW) for name in ("1", "2")]
    assembly.begin()
    for name, row in zip(("1", "2"), rows, strict=True):
        assembly.take(name, row)
        assembly.decide(row, adopted=True)
    commit(assembly)
    browser.sign_in(assembly.officer.email)
    sent = {"clause": str(assembly.piece("1").id), "text": " "}
    answer = browser.post(f"{URL}/amendments/alignment", sent)
    assert answer.status_code == 422
    forms = [soup(answer).select_one(f"#align-{assembly.piece(name).id}") for name in ("1", "2")]
    assert [form.has_attr("open") for form in forms] == [True, False]


def test_a_vote_on_a_clause_that_nobody_amended_is_told_on_the_floor(assembly, browser):
    assembly.begin(*CITIES[:4])
    assembly.take("2")
    assembly.open_vote()
    assembly.leave(CITIES[0])
    assembly.close_vote()
    commit(assembly)
    browser.sign_in(assembly.officer.email)
    told = soup(browser.get(f"{URL}/floor")).select_one("#floor-hand").text
    assert "The vote counts for nothing: the quorum was lost (3 of 4 cities)." in told


def test_a_text_that_is_all_adopted_leads_to_its_seal(assembly, browser, another_browser):
    assembly.begin()
    commit(assembly)
    browser.sign_in(assembly.officer.email)
    seal = f"a[href='{URL}/draft/seal']"
    assert not soup(browser.get(f"{URL}/floor")).select("#live " + seal)
    for piece in assembly.meeting.clauses:
        piece.adopted_at = START
    commit(assembly)
    assert soup(browser.get(f"{URL}/floor")).select_one("#live " + seal).text == "Seal the text"
    another_browser.sign_in(address("Norwich"))
    assert not soup(another_browser.get(f"{URL}/floor")).select("#live " + seal)


def test_an_amendment_to_an_adopted_clause_is_refused_and_what_was_typed_stays(assembly, browser):
    assembly.piece("1").adopted_at = START
    commit(assembly)
    browser.sign_in(address("Norwich"))
    sent = {"clause": str(assembly.piece("1").id), "text_en": NEW, "reason": "So.", "language": "en"}
    answer = browser.post(f"{URL}/amendments/new", sent)
    assert answer.status_code == 409
    assert "This clause is adopted: it is not amended any more." in answer.text
    assert NEW in soup(answer).select_one("#text_en").text
    assert browser.post(f"{URL}/amendments/new", {**sent, "clause": str(assembly.meeting.id)}).status_code == 404


def test_seconding_and_withdrawing(assembly, browser, another_browser, rows):
    row = assembly.propose("Norwich", "1", en=NEW)
    commit(assembly)
    browser.sign_in(address("Norwich"))
    another_browser.sign_in(address("Dublin"))
    sent = {"amendment": str(row.id)}
    assert browser.post(f"{URL}/amendments/second", sent).status_code == 409
    assert another_browser.post(f"{URL}/amendments/second", sent).status_code == 303
    again = another_browser.post(f"{URL}/amendments/second", sent)
    assert (again.status_code, "Dublin has seconded this amendment already." in again.text) == (409, True)
    assert len(rows.all(sa.select(Seconding))) == 1
    assert another_browser.post(f"{URL}/amendments/withdraw", sent).status_code == 409
    assert browser.post(f"{URL}/amendments/withdraw", sent).status_code == 303
    assert rows.one(sa.select(Amendment)).state == "withdrawn"


# --- the floor ---


def test_nothing_new_is_304_and_three_queries(assembly, browser, statements):
    assembly.begin(*CITIES)
    commit(assembly)
    browser.sign_in(address("Norwich"))
    first = asked(browser)
    assert first.status_code == 200
    statements.clear()
    again = asked(browser, first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert len(selects(statements)) <= 3
    assembly.leave("Dublin")
    commit(assembly)
    changed = asked(browser, first.headers["ETag"])
    assert "Cities present: 6 of 7 registered." in changed.text


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.propose("Lyon", "2", en="All."),
        lambda a: a.second("Dublin", a.row),
        lambda a: a.arrive("Prague"),
        lambda a: a.take("2"),
        lambda a: a.decide(a.row, adopted=True),
        lambda a: a.open_vote(),
    ],
)
def test_every_act_reaches_the_screens(assembly, browser, change):
    assembly.row = assembly.propose("Norwich", "1", en=NEW)
    assembly.begin("Norwich", "Dublin", "Granada", "Lyon")
    assembly.take("1", assembly.row)
    commit(assembly)
    browser.sign_in(address("Heidelberg"))
    tag = asked(browser).headers["ETag"]
    assert asked(browser, tag).status_code == 304
    change(assembly)
    commit(assembly)
    assert asked(browser, tag).status_code == 200


def test_the_page_asks_as_much_for_seven_cities_as_for_three(assembly, browser, statements):
    assembly.begin("Norwich", "Dublin", "Granada")
    rows = [assembly.propose(city, "1", en=f"{NEW} {city}") for city in ("Norwich", "Dublin")]
    assembly.second("Granada", rows[0])
    assembly.take("1", rows[0])
    commit(assembly)
    browser.sign_in(address("Norwich"))
    asked(browser)
    counted = []
    for more in ((), ("Lyon", "Prague", "Heidelberg", "Reykjavík")):
        for city in more:
            assembly.arrive(city)
            assembly.second(city, rows[0])
            assembly.propose(city, "1", en=f"{NEW} {city}")
        commit(assembly)
        statements.clear()
        assert asked(browser).status_code == 200
        counted.append(len(selects(statements)))
    assert counted[0] == counted[1] <= 16
    statements.clear()
    browser.get(f"{URL}/amendments")
    assert len(selects(statements)) <= 16


def test_how_a_city_votes_is_its_own_until_the_vote_is_closed(assembly, browser, another_browser, rows):
    row = assembly.propose("Norwich", "1", en=NEW, fr=NEUF)
    assembly.begin("Norwich", "Dublin", "Granada", "Lyon")
    assembly.take("1", row)
    assembly.open_vote()
    commit(assembly)
    browser.sign_in(address("Dublin"))
    another_browser.sign_in(assembly.officer.email)
    assert browser.post(f"{URL}/floor/ballot", {"choice": "against"}).status_code == 303
    assert rows.one(sa.select(CityVote)).choice == "against"
    assert "Vote of Dublin, United Kingdom: Against." in browser.get(f"{URL}/floor").text
    while_open = another_browser.get(f"{URL}/floor").text
    assert "Votes so far: 1 of 4." in while_open
    assert "Against" not in while_open
    assert "Against" not in another_browser.get(f"{URL}/amendments").text
    assert another_browser.post(f"{URL}/floor/vote/close").status_code == 303
    for page in ("floor", "amendments"):
        assert "Dublin, United Kingdom – Against" in another_browser.get(f"{URL}/{page}").text


def test_a_second_vote_one_after_the_end_and_no_choice_are_told(assembly, browser):
    row = assembly.propose("Norwich", "1", en=NEW, fr=NEUF)
    assembly.begin("Norwich", "Dublin", "Granada", "Lyon")
    assembly.take("1", row)
    assembly.open_vote()
    commit(assembly)
    browser.sign_in(address("Dublin"))
    assert browser.post(f"{URL}/floor/ballot", {"choice": "perhaps"}).status_code == 422
    assert browser.post(f"{URL}/floor/ballot", {"choice": "against"}).status_code == 303
    again = browser.post(f"{URL}/floor/ballot", {"choice": "in_favour"})
    assert (again.status_code, "Dublin has voted already" in again.text) == (409, True)
    assembly.close_vote()
    commit(assembly)
    late = browser.post(f"{URL}/floor/ballot", {"choice": "in_favour"})
    assert (late.status_code, "No vote is running: it may be closed already." in late.text) == (409, True)


def test_two_screens_of_the_secretariat_decide_one_amendment(assembly, browser, another_browser):
    row = assembly.propose("Norwich", "1", en=NEW, fr=NEUF)
    assembly.begin()
    assembly.take("1", row)
    commit(assembly)
    for one in (browser, another_browser):
        one.sign_in(assembly.officer.email)
        assert "Adopt by consensus" in one.get(f"{URL}/floor").text
    sent = {"amendment": str(row.id)}
    assert browser.post(f"{URL}/floor/decision", {**sent, "outcome": "rejected"}).status_code == 303
    second = another_browser.post(f"{URL}/floor/decision", {**sent, "outcome": "adopted"})
    assert second.status_code == 409
    assert "This amendment is decided already: it was rejected." in second.text
    assert "once a year" in another_browser.get(f"{URL}/floor").text


def test_the_secretariat_runs_it_to_an_adopted_clause(assembly, browser):
    row = assembly.propose("Norwich", "1", en=NEW)
    commit(assembly)
    browser.sign_in(assembly.officer.email)
    clause = {"clause": str(assembly.piece("1").id)}
    for act, sent in (
        ("begin", {}), ("clause", clause), ("amendment", {"amendment": str(row.id)}),
        ("decision", {"amendment": str(row.id), "outcome": "adopted"}),
    ):  # fmt: skip
        assert browser.post(f"{URL}/floor/{act}", sent).status_code == 303
    page = browser.get(f"{URL}/floor")
    assert "To be brought into line: French" in page.text
    assert browser.post(f"{URL}/floor/adoption", clause).status_code == 409
    form = soup(browser.get(f"{URL}/amendments")).select_one(f"#align-{clause['clause']}")
    assert form.select_one("textarea").text.strip() == "Le réseau se réunit une fois par an."
    assert browser.post(f"{URL}/amendments/alignment", {**clause, "text": " "}).status_code == 422
    assert browser.post(f"{URL}/amendments/alignment", {**clause, "text": NEUF}).status_code == 303
    assert browser.post(f"{URL}/floor/adoption", clause).status_code == 303
    line = soup(browser.get(f"{URL}/floor")).select_one("#floor-lines tbody tr:nth-child(3)")
    assert "adopted" in line.select_one("td[data-label=State]").text
    assert browser.post(f"{URL}/floor/end").status_code == 303
    assert "The floor is closed" in browser.get(f"{URL}/floor").text


def test_a_city_checks_in_and_leaves_and_one_that_is_not_registered_is_told(app, clock, browser, another_browser):
    with app.app_context():
        assembly = commit(assemble(db.session(), START, registered=6))
        assembly.begin()
        commit(assembly)
        browser.sign_in(address("Norwich"))
        another_browser.sign_in(address("Reykjavík"))
        assert "Check in: Norwich, United Kingdom" in browser.get(f"{URL}/floor").text
        assert browser.post(f"{URL}/floor/presence").status_code == 303
        assert "Cities present: 1 of 6 registered." in browser.get(f"{URL}/floor").text
        assert "it has no delegate" in another_browser.get(f"{URL}/floor").text
        assert another_browser.post(f"{URL}/floor/presence").status_code == 409
        assert browser.post(f"{URL}/floor/presence", {"leave": "1"}).status_code == 303
        assert "Cities present: 0 of 6 registered." in browser.get(f"{URL}/floor").text


def test_whoever_acts_for_two_cities_votes_for_each(assembly, browser, rows):
    person = assembly.persons["Dublin"]
    seat = accounts.create_seat(
        assembly.session, kind=SeatKind.MEMBER, name="Lyon", member_id=assembly.members["Lyon"].id
    )
    accounts.give_seat(assembly.session, seat, person, now=START)
    assembly.begin("Norwich", "Granada", "Lyon", "Prague")
    assembly.take("2")
    assembly.open_vote()
    commit(assembly)
    browser.sign_in(person)
    member = str(assembly.members["Dublin"].id)
    assert browser.post(f"{URL}/floor/ballot", {"choice": "against"}).status_code == 409  # for which of them?
    assert browser.post(f"{URL}/floor/presence", {"member": member}).status_code == 303
    for city in ("Dublin", "Lyon"):
        sent = {"choice": "against", "member": str(assembly.members[city].id)}
        assert browser.post(f"{URL}/floor/ballot", sent).status_code == 303
    assert len(rows.all(sa.select(CityVote))) == 2


def test_a_session_that_ended_is_told_by_the_page_itself(assembly, browser):
    browser.sign_in(address("Norwich"))
    page = soup(browser.get(f"{URL}/floor"))
    told = page.select_one("#live-told")
    assert told["data-signed-out"]
    assert page.select_one("#live")["data-every"] == "2000"
    assembly.session.execute(sa.update(SignInSession).values(ended_at=START))
    commit(assembly)
    assert asked(browser).status_code == 303  # static/live.js takes a way to the sign-in for a session that ended
    assert "Your session has ended" not in browser.get(told.select_one("a")["href"]).text


def test_who_loses_the_seat_follows_no_more(assembly, app):
    browser = Browser(app.test_client())
    browser.sign_in(address("Norwich"))
    tag = asked(browser).headers["ETag"]
    assembly.session.execute(sa.text("UPDATE seat_holder SET until_at = from_at"))
    commit(assembly)
    assert asked(browser, tag).status_code == 403
