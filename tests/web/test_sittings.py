"""The page of a sitting: cheap to ask again, the same for everybody in the room, and one sentence for who is recused."""

import random
import shutil
from datetime import timedelta

import pytest
import sqlalchemy as sa

from benchmarks.visits import cookie
from rvc_portal.domain.deliberation import Choice, DeliberationRules, MotionKind, Tally
from rvc_portal.domain.errors import InvalidInput, Refused
from rvc_portal.models.account import SignInSession
from rvc_portal.models.base import db
from rvc_portal.models.document import Document
from rvc_portal.models.job import Mail
from rvc_portal.models.seat import Member
from rvc_portal.models.steering import AgendaItem, Motion, SteeringSession, Vote
from rvc_portal.queries import deliberation as query
from rvc_portal.services import accounts, conflicts, deliberation, record, voting
from tests.judging import QUORUM, database
from tests.stories import PASSWORD, redefine, town
from tests.web.browsing import START, soup
from tests.worlds import world

GROUP = QUORUM + 2
HIDDEN, OPEN = "Cachée-la-Ville", "Ouverte-les-Bains"
RECUSED = 2
"""Which of the group may not judge the first city: Coordinator 3."""


MEMBERS = (("Heidelberg", "DE", "literature", 49.4, 8.7), ("Iowa City", "US", "literature", 41.7, -91.5),
           ("Lyon", "FR", "media_arts", 45.8, 4.8))  # fmt: skip


def tell(tale):
    """Two files on the agenda; everybody is there, Coordinator 1 in the chair."""
    redefine(tale.call, steering=DeliberationRules(correction_days=0))
    for city, country, field, latitude, longitude in MEMBERS:
        tale.story.session.add(
            Member(city=city, country=country, field=field, year=2014, region="europe_north_america",
                   latitude=latitude, longitude=longitude, verified=True)
        )  # fmt: skip
    group = tale.group(GROUP)
    hidden = tale.in_review(town(HIDDEN))
    tale.in_review(town(OPEN))
    conflicts.declare(
        tale.story.session, tale.dossier(hidden), group[RECUSED].seat.id, actor_id=group[0].account.id, reason="Kin",
        now=START,
    )  # fmt: skip
    tale.story.convene(tale.call, "Winter sitting", "Paris", tale.officer(), group, group[0], START)


@pytest.fixture(scope="module")
def migrated(migrated, tmp_path_factory):
    return database(migrated, tmp_path_factory, START, tell)


class Sitting:
    """Acts at the sitting, through the services."""

    def __init__(self, tale):
        self.tale, self.session = tale, tale.story.session
        self.group = tale.group(GROUP)
        self.row = self.session.scalars(sa.select(SteeringSession)).one()

    @property
    def url(self):
        return f"/calls/{self.tale.call.key}/steering/sittings/{self.row.id}"

    def item(self, city):
        return next(i for i in query.items(self.session, self.row) if i.dossier.lead_city == city)

    def by(self, number=0, later=0):
        at = START + timedelta(minutes=later)
        return {"actor": self.tale.story.actor(self.group[number].account, at), "now": at}

    def take_up(self, city):
        deliberation.take_up(self.session, self.row, self.item(city), **self.by())
        self.session.commit()

    def motion(self, city, kind=MotionKind.RECOMMEND):
        item = self.item(city)
        voting.put_motion(self.session, self.row, item, kind=kind, by_name=True, conditions={}, **self.by())
        self.session.commit()


@pytest.fixture
def sitting(tale):
    return Sitting(tale)


def asked(browser, url, tag=None):
    headers = {"If-None-Match": tag} if tag else {}
    return browser.client.get(f"{url}/live", headers=headers, buffered=True)


def test_nothing_new_is_304_and_cheap(sitting, browser, statements):
    sitting.take_up(OPEN)
    browser.sign_in("coordinator-2@network.example")
    url = sitting.url
    first = asked(browser, url)
    assert first.status_code == 200
    statements.clear()
    again = asked(browser, url, first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert len([s for s in statements if s.startswith("SELECT")]) <= 6  # who asks, the call, the sitting, its pulse
    sitting.motion(OPEN)
    statements.clear()
    changed = asked(browser, url, first.headers["ETag"])
    assert changed.status_code == 200
    assert "a vote is running" in changed.text
    assert len([s for s in statements if s.startswith("SELECT")]) <= 32


def test_a_vote_by_name_on_ones_own_screen(sitting, browser, rows):
    sitting.take_up(OPEN)
    sitting.motion(OPEN)
    browser.sign_in("coordinator-2@network.example")
    url = f"{sitting.url}/items/{sitting.item(OPEN).id}"
    data = {"seat": str(sitting.group[1].seat.id), "choice": "against"}
    assert browser.post(f"{url}/vote", data).headers["Location"] == sitting.url
    second = browser.post(f"{url}/vote", data | {"choice": "in_favour"})
    assert second.status_code == 409
    assert "Your seat has voted on this motion already." in soup(second).select_one("main .notice").text
    assert browser.post(f"{url}/vote", {"choice": "yes"}).status_code == 422
    assert browser.post(f"{url}/vote", data | {"seat": str(sitting.group[3].seat.id)}).status_code == 404
    assert rows.one(sa.select(Vote)).choice == "against"
    assert "Your vote: Against." in browser.get(sitting.url).text


def test_what_is_refused_keeps_what_was_typed(sitting, browser, rows):
    sitting.take_up(OPEN)
    browser.sign_in("coordinator-1@network.example")
    url = f"{sitting.url}/items/{sitting.item(OPEN).id}"
    data = {"kind": "conditions", "how": "name", "conditions_en": "The council votes the budget."}
    answer = browser.post(f"{url}/motion", data)
    assert answer.status_code == 422
    assert "The conditions are missing in this language: French." in answer.text
    assert "The council votes the budget." in soup(answer).select_one("#conditions_en").text
    assert rows.all(sa.select(Motion)) == []
    assert browser.post(f"{url}/texts", {"text_en": "First.", "seen": "0"}).status_code == 303
    late = browser.post(f"{url}/texts", {"text_en": "Mine.", "text_fr": "La mienne.", "seen": "0"})
    assert late.status_code == 409
    assert "Mine." in soup(late).select_one("#text_en").text
    assert "First." in late.text
    assert rows.one(sa.select(AgendaItem).where(AgendaItem.at_hand)).text_en == "First."


def balance(page):
    """The balance as the page tells it: figures by their labels, marks of the map, rows of the tables by their names."""
    part = soup(page).select_one("#sitting-around")
    figures = {s.dt.text: s.select_one(".stat__value").text for s in part.select(".stat")}
    marks = [mark.text for mark in part.select("svg.map__sheet title")][1:]
    rows = {tr.th.text: [td.text for td in tr.select("td")] for tr in part.select("#balance-1 tr, #balance-2 tr")[1:]}
    return figures, marks, rows


def test_map_and_balance_of_the_item_at_hand(sitting, browser):
    sitting.take_up(HIDDEN)
    for number, act in enumerate(("motion", "favour", "close", "words", "conclude")):
        perform(sitting, act, number)
    sitting.take_up(OPEN)
    browser.sign_in("coordinator-2@network.example")
    figures, marks, rows = balance(browser.get(sitting.url))
    assert list(figures.values()) == ["3", "2", "1", "0"]  # members, files, recommended, countries that are new
    assert marks == [
        "Heidelberg, Germany, 2014",
        "Iowa City, United States, 2014",
        f"{HIDDEN}, France",
        f"{OPEN}, France",
    ]
    assert rows["Europe and North America"] == ["3", "2", "1", "2", "1"]
    assert rows["Literature"] == ["2", "2", "1"]
    assert rows["Media Arts"] == ["1", "0", "0"]


def test_who_is_recused_from_a_file_finds_it_in_no_figure_of_another(sitting, browser):
    sitting.take_up(HIDDEN)
    for number, act in enumerate(("motion", "favour", "close", "words", "conclude")):
        perform(sitting, act, number)
    sitting.take_up(OPEN)
    browser.sign_in(f"coordinator-{RECUSED + 1}@network.example")
    page = browser.get(sitting.url)
    figures, marks, rows = balance(page)
    assert list(figures.values()) == ["3", "1", "0", "0"]
    assert len(marks) == 3
    assert rows["Europe and North America"] == ["3", "1", "0", "2", "0"]
    assert HIDDEN not in page.text


def test_a_country_without_a_member_is_said_to_be_so(sitting, browser):
    item = sitting.item(OPEN)
    item.dossier.lead_country = "KZ"
    sitting.take_up(OPEN)
    browser.sign_in("coordinator-2@network.example")
    page = browser.get(sitting.url)
    assert "Kazakhstan has no member city yet." in page.text
    assert balance(page)[2]["Asia and the Pacific"] == ["0", "1", "0", "0", "0"]


def test_the_quorum_in_words_and_who_is_waited_for(sitting, browser, another_browser):
    sitting.take_up(HIDDEN)
    for number, act in enumerate(("motion", "favour", "close", "words")):
        perform(sitting, act, number)
    sitting.tale.group(GROUP + 1)  # one more seat, that has not come
    sitting.session.commit()
    browser.sign_in("coordinator-1@network.example")
    part = soup(browser.get(sitting.url)).select_one("#sitting-vote")
    assert "Seats that count for this file: 6. Recused, not counted: 1. The quorum of 5 is reached." in part.text
    assert "Coordinator 8 – not here yet" in part.text
    for number in (4, 5):
        seat = sitting.group[number].seat.id
        deliberation.step_out(sitting.session, sitting.row, seat, **sitting.by(number))
    sitting.session.commit()
    page = soup(browser.get(sitting.url))
    assert "The quorum of 5 is not reached; lacking: 1." in page.select_one("#sitting-vote").text
    refusal = "No quorum for this file: 4 seats of 5."
    assert refusal in page.select_one("#sitting-vote .act--refused").text
    assert refusal in page.select_one("#sitting-motion .act--refused").text
    assert browser.post(f"{sitting.url}/items/{sitting.item(HIDDEN).id}/conclude").status_code == 409
    assert "Coordinator 8" in page.select_one("#sitting-head").text
    another_browser.sign_in("coordinator-2@network.example")
    assert "Coordinator 8" not in soup(another_browser.get(sitting.url)).select_one("#sitting-head").text


def test_the_wall_of_the_room_shows_nothing_to_press_and_nobodys_own_matters(sitting, browser):
    sitting.take_up(OPEN)
    sitting.motion(OPEN)
    browser.sign_in("coordinator-1@network.example")
    assert f"{sitting.url}?view=room" in [a["href"] for a in soup(browser.get(sitting.url)).select("#sitting-head a")]
    page = soup(browser.get(f"{sitting.url}?view=room")).select_one("main")
    assert page.select("form, button") == []
    assert OPEN in page.select_one(".room__city").text
    assert "Votes so far: 0 of 7." in page.text
    assert "Your" not in page.text
    told = page.select_one("#live")["data-url"]
    assert told == f"{sitting.url}/live?view=room"
    tag = browser.client.get(told).headers["ETag"]
    assert browser.client.get(told, headers={"If-None-Match": tag}).status_code == 304
    assert asked(browser, sitting.url, tag).status_code == 200  # another page, another name


def test_a_session_that_ended_leads_back_to_the_sitting(sitting, browser):
    sitting.take_up(OPEN)
    browser.sign_in("coordinator-2@network.example")
    link = soup(browser.get(sitting.url)).select_one("#live-told a")["href"]
    sitting.session.execute(sa.update(SignInSession).values(ended_at=START))
    sitting.session.commit()
    assert asked(browser, sitting.url).status_code == 303
    page = browser.get(link)
    assert "Your session has ended" not in page.text  # the sitting's own page says it, with since when
    data = {"email": "coordinator-2@network.example", "password": PASSWORD}
    next_ = soup(page).select_one("input[name=next]")["value"]
    assert browser.post("/sign-in", data | {"next": next_}).headers["Location"].endswith(sitting.url)


def test_the_second_in_the_chair_is_told(sitting, browser):
    browser.sign_in("coordinator-2@network.example")
    answer = browser.post(f"{sitting.url}/chair", {"seat": str(sitting.group[1].seat.id)})
    assert answer.status_code == 409
    assert "Coordinator 1 has the chair already." in answer.text
    assert browser.post(f"{sitting.url}/pause").status_code == 409


def test_a_sitting_is_called_and_its_agenda_moved(tale, browser, rows):
    browser.sign_in(tale.officer())
    url = f"/calls/{tale.call.key}/steering/plan"
    wrong = browser.post(url, {"title": "Spring", "starts": "2026-03-31 25:00", "link": "ftp://here"})
    assert wrong.status_code == 422
    assert "Give a date and a time that exist once" in wrong.text
    wrong = browser.post(url, {"title": "Spring", "starts": "2026-06-01T10:00", "link": "ftp://here"})
    assert "A link begins with https://." in wrong.text
    called = browser.post(url, {"title": "Spring", "starts": "2026-06-01T10:00", "place": "Fabriano"})
    assert called.status_code == 303
    there = called.headers["Location"]
    page = soup(browser.get(there))
    cities = [row.text for row in page.select("#agenda tbody th a")]
    assert cities == [HIDDEN, OPEN]  # one goes out once, whichever comes first: by name
    assert len(page.select("#papers .document--queued")) == 2
    assert len(page.select("#attendance tbody tr")) == GROUP
    second = next(i for i in rows.all(sa.select(AgendaItem)) if there.endswith(str(i.session_id)) and i.position == 2)
    assert browser.post(f"{there}/agenda", {"item": str(second.id), "by": "-1"}).status_code == 303
    page = soup(browser.get(there))
    assert [row.text for row in page.select("#agenda tbody th a")] == [OPEN, HIDDEN]
    assert page.select("#papers .document") == []
    assert "Your papers do not stand at present" in page.select_one("#sitting-papers").text
    assert browser.post(f"{there}/papers").status_code == 303
    part = browser.client.get(f"{there}/papers", headers={"HX-Request": "true"})
    assert len(soup(part).select(".document")) == 2
    assert soup(browser.get(f"{there}/papers")).select_one("h1").text.strip() == "Papers of a sitting"
    assert "Another sitting is still open." in browser.post(f"{there}/begin").text


def test_who_is_recused_gets_no_further_by_address(sitting, browser):
    sitting.take_up(HIDDEN)
    browser.sign_in(f"coordinator-{RECUSED + 1}@network.example")
    page = browser.get(sitting.url).text
    assert "This item is closed to you" in page
    assert HIDDEN not in page
    url = f"{sitting.url}/items/{sitting.item(HIDDEN).id}"
    for act in ("vote", "motion", "texts", "dissent", "interest", "conclude", "close-vote", "take-up"):
        assert browser.post(f"{url}/{act}", {"choice": "in_favour", "kind": "recommend"}).status_code == 404, act


def test_a_declared_interest_closes_the_item_at_once(sitting, browser):
    sitting.take_up(OPEN)
    browser.sign_in("coordinator-5@network.example")
    url, item = sitting.url, f"{sitting.url}/items/{sitting.item(OPEN).id}"
    assert browser.post(f"{item}/interest", {"reason": " "}).status_code == 422
    answer = browser.post(f"{item}/interest", {"reason": "My sister works for the city."})
    assert answer.status_code == 303
    page = browser.get(url).text
    assert "This item is closed to you" in page
    assert OPEN not in page


ACTS = ("motion", "reject", "favour", "against", "close", "words", "dissent", "draft", "conclude")


def perform(sitting, act, number):
    """One act on the hidden item, by whoever may; what is refused changes nothing."""
    item, session, row = sitting.item(HIDDEN), sitting.session, sitting.row
    voter = (0, 1, 3, 4, 5, 6)[number % 6]
    seat = sitting.group[voter].seat.id
    try:
        if act in ("motion", "reject"):
            kind = MotionKind.RECOMMEND if act == "motion" else MotionKind.REJECT
            voting.put_motion(session, row, item, kind=kind, by_name=number % 2 == 0, conditions={}, **sitting.by())
        elif act in ("favour", "against"):
            choice = Choice.IN_FAVOUR if act == "favour" else Choice.AGAINST
            voting.cast(session, row, item, seat, choice, **sitting.by(voter))
        elif act == "close":
            voting.close_vote(session, row, item, counted=Tally(5), **sitting.by())
        elif act == "words":
            texts = {"en": f"Text {number}.", "fr": f"Texte {number}."}
            deliberation.save_texts(session, row, item, texts, seen=item.text_revision, **sitting.by())
        elif act == "dissent":
            deliberation.dissent(session, row, item, seat, text=f"No {number}.", language="en", **sitting.by(voter))
        elif act == "draft":
            typed = {"en": item.text_en, "fr": item.text_fr}
            deliberation.draft_reason(session, row, item, typed, seen=item.text_revision, **sitting.by())
        else:
            voting.conclude(session, row, item, **sitting.by())
        session.commit()
    except (Refused, InvalidInput):
        session.rollback()


def hear(made, sent, urls):
    client = made.app.test_client(use_cookies=False)
    for url in urls:
        client.get(url, headers={"Cookie": sent}, buffered=True)


def another_file(sitting):
    """The hidden file comes from elsewhere and is rated otherwise: another region, a country without a member."""
    dossier = sitting.item(HIDDEN).dossier
    dossier.lead_country, dossier.mean_overall = "KZ", 2.0
    sitting.session.commit()


def told_in_a_world(folder, beginning, acts, differs=lambda sitting: None):
    """What the recused person is answered while the hidden item is worked on so, when the group goes on, when the sitting
    is closed; and the record that is theirs."""
    folder.mkdir()
    shutil.copy(beginning, folder / "portal.db")
    with world(folder) as made:
        sitting = Sitting(made.tale)
        differs(sitting)
        sent = cookie(made.app, accounts.start_session(db.session(), sitting.group[RECUSED].account, START).id.hex)
        sitting.take_up(HIDDEN)
        views = [f"{sitting.url}{part}{view}" for part in ("", "/live") for view in ("", "?view=room")]
        urls = [*views, f"/calls/{made.tale.call.key}/steering", "/desk", "/board"]
        hear(made, sent, urls)  # what a process reads once is read
        made.listen()
        hear(made, sent, urls)
        for number, act in enumerate(acts):
            perform(sitting, act, number)
            hear(made, sent, urls)
        during = made.silenced()
        perform(sitting, "close", 0)
        sitting.take_up(OPEN)
        hear(made, sent, urls)
        after = made.silenced()
        deliberation.close(sitting.session, sitting.row, **sitting.by(later=30))
        sitting.session.commit()
        hear(made, sent, urls)
        closed = made.silenced()
        return during, after, closed, _their_record(sitting)


def _their_record(sitting):
    session, row = sitting.session, sitting.row
    row.text_en, row.text_fr = "We met.", "Réunis."
    record.approve(session, row, **sitting.by(later=60))
    record.seal(session, row, **sitting.by(1, later=60))
    session.commit()
    shut = session.scalars(sa.select(Document).where(Document.variant.is_not(None)).order_by(Document.language)).all()
    return [document.context for document in shut]


@pytest.fixture(scope="module")
def nothing_happens(migrated, tmp_path_factory):
    return told_in_a_world(tmp_path_factory.mktemp("still") / "world", migrated, ())


WHOLE = ("words", "motion", "favour", "against", "favour", "favour", "favour", "close", "dissent", "conclude")


def drawn(seed):
    """Ten acts, in whatever order: most of them are refused, some begin, double or end a vote."""
    return tuple(random.Random(seed).choices(ACTS, k=10))


@pytest.mark.parametrize("acts", [WHOLE, *map(drawn, range(4))], ids="-".join)
def test_two_worlds_are_one_to_who_is_recused(migrated, tmp_path_factory, nothing_happens, acts):
    """Whatever is put, voted and concluded on the hidden item: byte for byte and query by query the same answers."""
    still_during, still_after, still_closed, still_record = nothing_happens
    during, after, closed, theirs = told_in_a_world(tmp_path_factory.mktemp("acts") / "world", migrated, acts)
    assert [what for what, answers in during.items() if len(answers) > 1] == []
    assert during == still_during
    assert after == still_after
    assert closed == still_closed
    assert theirs == still_record
    assert HIDDEN not in str(theirs)


def test_where_the_hidden_file_comes_from_moves_no_figure(migrated, tmp_path_factory, nothing_happens):
    """Map and balance of the other item are the same to the byte, wherever the hidden one lies and whatever became of it."""
    told = told_in_a_world(tmp_path_factory.mktemp("elsewhere") / "world", migrated, WHOLE, another_file)
    assert told == nothing_happens


def test_the_comparison_can_fail(sitting, browser, another_browser):
    """To who is not recused the page changes with the very same acts."""
    sitting.take_up(HIDDEN)
    browser.sign_in("coordinator-2@network.example")
    before = asked(browser, sitting.url)
    perform(sitting, "words", 1)
    assert asked(browser, sitting.url, before.headers["ETag"]).status_code == 200


def test_what_stays_open_at_the_end_is_not_to_come_any_more(browser, sitting):
    sitting.take_up(HIDDEN)
    browser.sign_in("coordinator-2@network.example")
    states = "#agenda tbody td[data-label=State]"
    assert [cell.text.split()[0] for cell in soup(browser.get(sitting.url)).select(states)] == ["at", "to"]
    deliberation.close(sitting.session, sitting.row, **sitting.by(later=30))
    sitting.session.commit()
    page = soup(browser.get(sitting.url))
    assert [cell.text.strip() for cell in page.select(states)] == ["left open", "not taken up"]
    labels = page.select("#sitting-record textarea[name^=text_]")
    assert len(labels) == 2
    told = page.select_one("#sitting-record form").text
    assert "(optional)" not in told
    assert told.count("Needed before the record is approved") == 2


def test_place_and_link_say_what_is_needed(tale, browser):
    browser.sign_in(tale.officer())
    form = soup(browser.get(f"/calls/{tale.call.key}/steering/plan")).select_one("main form")
    assert "(optional)" not in form.text
    assert "A place or a link is needed" in form.text


def test_the_draft_counts_who_did_not_vote(browser, sitting):
    sitting.take_up(OPEN)
    sitting.motion(OPEN)
    for number in (0, 1):
        voting.cast(
            sitting.session, sitting.row, sitting.item(OPEN), sitting.group[number].seat.id, Choice.AGAINST,
            **sitting.by(number),
        )  # fmt: skip
    voting.close_vote(sitting.session, sitting.row, sitting.item(OPEN), counted=None, **sitting.by())
    deliberation.close(sitting.session, sitting.row, **sitting.by(later=30))
    sitting.session.commit()
    browser.sign_in("coordinator-2@network.example")
    assert f"2 against, 0 abstaining · {GROUP - 2} seats did not vote" in browser.get(f"{sitting.url}/draft").text


def test_the_record_is_read_as_a_draft_before_it_is_sealed(browser, sitting):
    browser.sign_in(f"coordinator-{RECUSED + 1}@network.example")
    assert (
        browser.get(f"{sitting.url}/draft").headers["Location"].endswith(sitting.url)
    )  # it sits: nothing is to be read yet
    deliberation.close(sitting.session, sitting.row, **sitting.by(later=30))
    sitting.session.commit()
    page = browser.get(f"{sitting.url}/draft")
    assert page.status_code == 200
    told = [section.get_text() for section in soup(page).select("main section[id^='item-']")]
    assert len(told) == 2
    assert OPEN in "".join(told)
    assert HIDDEN not in page.text
    assert sum("closed to you" in text for text in told) == 1


@pytest.fixture
def planned(tale):
    """A sitting that is called for next week, at a path of its own."""
    made = deliberation.plan(
        tale.story.session, tale.call, title="Spring sitting", starts_at=START + timedelta(days=7), place="Paris",
        actor=tale.story.actor(tale.officer(), START), now=START,
    )  # fmt: skip
    url = f"/calls/{tale.call.key}/steering/sittings/{made.id}"
    tale.story.commit()
    return url


def told(rows, act):
    found = rows.all(sa.select(Mail).where(Mail.template == "sitting"))
    return {mail.to_address for mail in found if mail.context["act"] == act}


def test_a_sitting_moves_and_its_form_begins_with_what_was_called(tale, planned, browser, rows):
    browser.sign_in(tale.officer())
    assert f"{planned}/plan" in browser.get(planned).text
    form = soup(browser.get(f"{planned}/plan"))
    assert form.select_one("#place")["value"] == "Paris"
    assert form.select_one("input[name=starts]")["value"] == "2026-03-09T10:00"  # in the zone of the call
    sent = {"title": "Spring sitting", "starts": "2026-03-10T10:00", "place": "", "link": ""}
    wrong = browser.post(f"{planned}/plan", sent)
    assert wrong.status_code == 422
    assert "Say where the group meets" in wrong.text
    assert browser.post(f"{planned}/plan", sent | {"link": "https://meet.example/a"}).headers["Location"] == planned
    assert len(told(rows, "moved")) == GROUP
    assert "https://meet.example/a" in browser.get(planned).text


def test_a_sitting_is_cancelled_on_its_page(tale, planned, browser, rows):
    browser.sign_in(tale.officer())
    blank = browser.post(f"{planned}/cancellation", {"reason": " "})
    assert blank.status_code == 422
    assert "Say why the sitting does not take place." in blank.text
    assert browser.post(f"{planned}/cancellation", {"reason": "No room."}).headers["Location"] == planned
    page = browser.get(planned)
    assert "This sitting is cancelled" in page.text
    assert soup(page).select_one("#sitting-record") is None
    assert browser.get(f"{planned}/plan").status_code == 303
    assert browser.get(f"{planned}/draft").status_code == 303
    assert browser.post(f"{planned}/begin").status_code == 409
    group = browser.get(f"/calls/{tale.call.key}/steering")
    assert "cancelled" in group.text
    assert len(told(rows, "cancelled")) == GROUP


def test_a_sitting_that_is_open_is_not_moved(sitting, browser):
    browser.sign_in(sitting.tale.officer())
    assert browser.get(f"{sitting.url}/plan").headers["Location"] == sitting.url
    assert browser.post(f"{sitting.url}/cancellation", {"reason": "Late"}).status_code == 409


def test_the_chair_reads_who_has_not_voted(sitting, browser, another_browser):
    sitting.take_up(OPEN)
    sitting.motion(OPEN)
    browser.sign_in("coordinator-1@network.example")
    assert "Not voted yet: Coordinator 1, Coordinator 2" in browser.get(sitting.url).text
    another_browser.sign_in("coordinator-2@network.example")
    assert "Not voted yet" not in another_browser.get(sitting.url).text
