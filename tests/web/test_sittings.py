"""The page of a sitting: cheap to ask again, the same for everybody in the room, and one sentence for who is recused."""

import random
import shutil
from datetime import timedelta

import pytest
import sqlalchemy as sa

from benchmarks.visits import cookie
from rvc_portal.domain.deliberation import Choice, DeliberationRules, MotionKind, Tally
from rvc_portal.domain.errors import InvalidInput, Refused
from rvc_portal.models.base import db
from rvc_portal.models.document import Document
from rvc_portal.models.steering import AgendaItem, Motion, SteeringSession, Vote
from rvc_portal.queries import deliberation as query
from rvc_portal.services import accounts, conflicts, deliberation, record, voting
from tests.judging import QUORUM, database
from tests.stories import redefine, town
from tests.web.browsing import START, soup
from tests.worlds import world

GROUP = QUORUM + 2
HIDDEN, OPEN = "Cachée-la-Ville", "Ouverte-les-Bains"
RECUSED = 2
"""Which of the group may not judge the first city: Coordinator 3."""


def tell(tale):
    """Two files on the agenda; everybody is there, Coordinator 1 in the chair."""
    redefine(tale.call, steering=DeliberationRules(correction_days=0))
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
    changed = asked(browser, sitting.url, first.headers["ETag"])
    assert changed.status_code == 200
    assert "a vote is running" in changed.text


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
    assert "Word the conditions in this language too." in answer.text
    assert "The council votes the budget." in soup(answer).select_one("#conditions_en").text
    assert rows.all(sa.select(Motion)) == []
    assert browser.post(f"{url}/texts", {"text_en": "First.", "seen": "0"}).status_code == 303
    late = browser.post(f"{url}/texts", {"text_en": "Mine.", "text_fr": "La mienne.", "seen": "0"})
    assert late.status_code == 409
    assert "Mine." in soup(late).select_one("#text_en").text
    assert "First." in late.text
    assert rows.one(sa.select(AgendaItem).where(AgendaItem.at_hand)).text_en == "First."


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
    second = next(i for i in rows.all(sa.select(AgendaItem)) if there.endswith(str(i.session_id)) and i.position == 2)
    assert browser.post(f"{there}/agenda", {"item": str(second.id), "by": "-1"}).status_code == 303
    assert [row.text for row in soup(browser.get(there)).select("#agenda tbody th a")] == [OPEN, HIDDEN]
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


def told_in_a_world(folder, beginning, acts):
    """What the recused person is answered while the hidden item is worked on so, when the group goes on, when the sitting
    is closed; and the record that is theirs."""
    folder.mkdir()
    shutil.copy(beginning, folder / "portal.db")
    with world(folder) as made:
        sitting = Sitting(made.tale)
        sent = cookie(made.app, accounts.start_session(db.session(), sitting.group[RECUSED].account, START).id.hex)
        sitting.take_up(HIDDEN)
        urls = [sitting.url, f"{sitting.url}/live", f"/calls/{made.tale.call.key}/steering", "/desk", "/board"]
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
    record.seal(session, row, **sitting.by(later=60))
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


def test_the_comparison_can_fail(sitting, browser, another_browser):
    """To who is not recused the page changes with the very same acts."""
    sitting.take_up(HIDDEN)
    browser.sign_in("coordinator-2@network.example")
    before = asked(browser, sitting.url)
    perform(sitting, "words", 1)
    assert asked(browser, sitting.url, before.headers["ETag"]).status_code == 200
