"""The pages of the follow-up: what anybody reads, what those inside read besides, who may say what, and wrong input."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from rvc_portal.domain.following import State
from rvc_portal.models.base import db
from rvc_portal.models.clause import ClauseLink, ClauseOwner
from rvc_portal.models.document import Document
from rvc_portal.models.follow_up import ClauseNote, ClauseState
from rvc_portal.models.meeting import Meeting, MeetingTask
from rvc_portal.services import follow_up
from tests.followed import ALL, GROUP, NOW, OFFICE, Followed, agreed, followed
from tests.web.browsing import soup

PAGE = "/meetings/9/follow-up"
DUE = date(2016, 2, 1)


@pytest.fixture
def world(app, clock):
    """Clause 1 is Kanazawa's and late, 2 that of all cities, 3 the Group's; nobody owns 4."""
    with app.app_context():
        made = followed(db.session())
        made.owned("1", made.city("Kanazawa"), due_on=DUE)
        made.owned("2", ALL)
        made.owned("3", GROUP)
        db.session.commit()
        yield made


def commit(world: Followed) -> None:
    world.session.commit()


def names(page) -> list[str]:
    return [item["id"].removeprefix("clause-") for item in page.select(".follow__item")]


def test_anybody_reads_clause_by_clause_and_those_inside_read_more(world, browser, another_browser):
    world.note("1", "For anybody.", ["https://ville.example/proof"], by=world.kanazawa)
    world.note("1", "For those inside.", public=False)
    world.set("3a", State.UNDER_WAY, world.coordinator)
    commit(world)
    page = soup(browser.get(PAGE))
    assert names(page) == ["1", "2", "3", "3a", "3b", "4"]
    first = page.select_one("#clause-1").text
    assert "Kanazawa" in first
    assert "1 February 2016" in first
    assert "late" in first
    assert "For anybody." in first
    assert "For those inside." not in page.text
    assert page.select_one("#clause-1 .follow__evidence a")["href"] == "https://ville.example/proof"
    assert "nobody yet" in page.select_one("#clause-4").text
    assert [badge["data-state"] for badge in page.select("#clause-3 .state, #clause-3a .state")] == [
        "clause_under_way", "clause_under_way",
    ]  # fmt: skip
    assert not page.select("form[action*='/issue']")
    another_browser.sign_in(world.dublin)
    assert "For those inside." in another_browser.get(PAGE).text
    assert "Officer Person" in another_browser.get(PAGE).text
    assert "Officer Person" not in browser.get(PAGE).text


def test_figures_and_picture_say_the_same(world, browser):
    world.set("2", State.DONE)
    commit(world)
    page = soup(browser.get(PAGE))
    stats = {dt.text: dt.find_next("dd").text for dt in page.select("#figures .stat dt")}
    assert stats == {
        "Nothing more expected": "1 / 5", "To do": "4", "Under way": "0", "Carried out": "1", "Dropped": "0", "Late": "1",
    }  # fmt: skip
    bars = [(row.select_one("th").text, row.select_one(".chart__value").text) for row in page.select(".chart tbody tr")]
    assert ("All member cities, nothing more is expected", "1") in bars
    assert ("Steering Group, still expected", "2") in bars
    assert ("Nobody yet, still expected", "1") in bars


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("state=late", ["1"]), ("state=done", ["2"]), ("state=pending&owner=steering", ["3a", "3b"]), ("owner=nobody", ["4"]),
        ("owner=members", ["2"]), ("owner=KANAZAWA", ["1"]), ("state=dropped", []),
    ],
)  # fmt: skip
def test_the_list_is_narrowed_by_state_and_owner(world, browser, query, shown):
    world.set("2", State.DONE)
    commit(world)
    page = soup(browser.get(f"{PAGE}?{query.replace('KANAZAWA', str(world.cities['Kanazawa'].id))}"))
    assert names(page) == shown
    assert ("No clause matches" in page.text) == (shown == [])


def test_a_filter_that_there_is_not_is_told(world, browser):
    answer = browser.get(f"{PAGE}?state=foo")
    assert answer.status_code == 422
    assert "foo" in soup(answer).select_one(".error-summary").text


def test_nothing_is_followed_before_the_text_is_sealed_and_what_is_not_there_is_not_found(world, browser):
    world.session.add(Meeting(edition=10, year=2016))
    commit(world)
    assert "nothing to follow up yet" in browser.get("/meetings/10/follow-up").text
    for url in ("/meetings/10/follow-up/1", "/meetings/11/follow-up", f"{PAGE}/9", f"{PAGE}/3z"):
        assert browser.get(url).status_code == 404, url


def test_an_owner_sets_the_state_and_writes_a_note_with_evidence(world, browser, rows):
    browser.sign_in(world.kanazawa)
    page = soup(browser.get(f"{PAGE}/1"))
    assert page.select_one("#set-state input[name=seen]")["value"] == "0"
    assert not page.select("#set-owners, #link")
    assert browser.post(f"{PAGE}/1/state", {"seen": "0", "state": "under_way"}).status_code == 303
    sent = {"text": "We began.", "language": "fr", "audience": "public", "evidence": "https://ville.example\r\n"}
    assert browser.post(f"{PAGE}/1/notes", sent).status_code == 303
    page = soup(browser.get(f"{PAGE}/1"))
    assert "Kanazawa" in page.select_one("#history").text
    assert page.select_one("#notes [lang=fr]").text == "We began."
    assert rows.one(sa.select(ClauseNote)).public is True


def test_two_who_set_a_state_at_once_the_second_is_told_and_sees_it(world, browser, another_browser):
    browser.sign_in(world.kanazawa)
    another_browser.sign_in(world.officer)
    assert browser.post(f"{PAGE}/1/state", {"seen": "0", "state": "done"}).status_code == 303
    answer = another_browser.post(f"{PAGE}/1/state", {"seen": "0", "state": "dropped"})
    assert answer.status_code == 409
    page = soup(answer)
    assert "Kanazawa Person set clause 1 to “Carried out”" in page.select_one(".error-summary").text
    assert page.select_one("#set-state input[name=seen]")["value"] == "1"
    assert page.select_one("#set-state")["open"] == ""
    assert another_browser.post(f"{PAGE}/1/state", {"seen": "1", "state": "dropped"}).status_code == 303


@pytest.mark.parametrize("sent", [{}, {"state": "pope"}, {"seen": "x", "state": ""}])
def test_a_state_that_there_is_not_is_told(world, browser, rows, sent):
    browser.sign_in(world.officer)
    answer = browser.post(f"{PAGE}/1/state", sent)
    assert answer.status_code == 422
    assert soup(answer).select_one(".error-summary a")
    assert rows.all(sa.select(ClauseState)) == []


def test_wrong_evidence_is_told_beside_its_field_and_the_note_stays_typed(world, browser, rows):
    browser.sign_in(world.dublin)
    sent = {"text": "Ours.", "language": "en", "audience": "inside", "evidence": "https://ok.example\nnowhere"}
    answer = browser.post(f"{PAGE}/2/notes", sent)
    assert answer.status_code == 422
    page = soup(answer)
    assert page.select_one(".error-summary a")["href"] == "#evidence"
    assert "“nowhere” is no web address" in page.select_one("#evidence-error").text
    assert page.select_one("#text").text.strip() == "Ours."
    assert browser.post(f"{PAGE}/2/notes", sent | {"text": "", "evidence": ""}).status_code == 422
    assert rows.all(sa.select(ClauseNote)) == []


@pytest.mark.parametrize(
    ("who", "status"), [("dublin", 409), ("coordinator", 409), ("kanazawa", 303), ("officer", 303)]
)
def test_who_owns_nothing_of_it_sees_no_form_and_is_refused(world, browser, who, status):
    browser.sign_in(getattr(world, who))
    page = soup(browser.get(f"{PAGE}/1"))
    assert bool(page.select("#say")) == (status == 303)
    sent = {"text": "So.", "language": "en", "audience": "public", "evidence": ""}
    assert browser.post(f"{PAGE}/1/notes", sent).status_code == status


def test_a_note_is_taken_back_from_the_page(world, browser, another_browser, rows):
    note_id = world.note("2", "Too early.", by=world.dublin)
    commit(world)
    address = f"{PAGE}/2/notes/{note_id}/take-back"
    another_browser.sign_in(world.kanazawa)
    assert not soup(another_browser.get(f"{PAGE}/2")).select("form[action$='take-back']")
    assert another_browser.post(address).status_code == 409
    browser.sign_in(world.dublin)
    assert browser.post(address).status_code == 303
    assert "Too early." not in browser.get(f"{PAGE}/2").text
    assert browser.post(address).status_code == 404


def test_the_secretariat_sets_owners_and_day_of_a_sealed_clause(world, browser, rows):
    browser.sign_in(world.officer)
    dublin = str(world.cities["Dublin"].id)
    sent = {"owners": ["steering", dublin], "city": "", "due_on": "2016-03-31"}
    assert browser.post(f"{PAGE}/4/owners", sent).status_code == 303
    page = soup(browser.get(f"{PAGE}/4"))
    assert {box["value"] for box in page.select("#set-owners input[checked]")} == {"steering", dublin}
    assert page.select_one("#due_on")["value"] == "2016-03-31"
    assert "Steering Group" in page.select_one("#agreed").text
    assert browser.post(f"{PAGE}/4/owners", {"city": dublin}).status_code == 303
    assert [row.owner for row in rows.all(sa.select(ClauseOwner)) if row.clause_id == world.clause("4").id] == [
        "member"
    ]


@pytest.mark.parametrize(
    ("sent", "target"),
    [
        ({"owners": ["steering"], "due_on": "2015-05-27"}, "#due_on"), ({"due_on": "2016-02-30"}, "#due_on"),
        ({"due_on": "2016-03-01", "owners": ["pope"]}, "#city"), ({"city": "nowhere"}, "#city"),
        ({"city": "6f2d3c58-41a7-4f0e-9b1d-5a7c0e2b9d10", "owners": ["steering"]}, "#city"),
    ],
)  # fmt: skip
def test_wrong_owners_and_days_are_told_and_nothing_is_half_kept(world, browser, rows, sent, target):
    browser.sign_in(world.officer)
    answer = browser.post(f"{PAGE}/4/owners", sent)
    assert answer.status_code == 422
    page = soup(answer)
    assert page.select_one(".error-summary a")["href"] == target
    assert "nobody yet" in page.select_one("#agreed").text
    with world.session.no_autoflush:
        world.session.rollback()
    assert (world.at("4").owners, world.at("4").due_on) == ((), None)


def test_a_clause_is_linked_and_shows_how_what_it_launched_stands(world, browser, another_browser, rows):
    coming = Meeting(edition=10, year=2016, ends_on=date(2016, 9, 16))
    world.session.add(coming)
    world.session.flush()
    task = MeetingTask(meeting_id=coming.id, text="The inner words", language="en", owner="steering", due_on=DUE)
    world.session.add(task)
    commit(world)
    browser.sign_in(world.officer)
    for target in (f"meeting:{coming.id}", f"task:{task.id}"):
        assert target in {o["value"] for o in soup(browser.get(f"{PAGE}/3a")).select("#target option")}
        assert browser.post(f"{PAGE}/3a/links", {"target": target}).status_code == 303
    assert "The inner words – was due on 1 February 2016" in " ".join(browser.get(f"{PAGE}/3a").text.split())
    public = another_browser.get(f"{PAGE}/3a").text
    assert "A task in preparing the annual meeting of 2016" in public
    assert "The inner words" not in public
    for wrong in ("", "meeting:nowhere", f"dossier:{task.id}", f"task:{task.id}", f"meeting:{world.meeting.id}"):
        answer = browser.post(f"{PAGE}/3a/links", {"target": wrong})
        assert answer.status_code == 422, wrong
        assert soup(answer).select_one(".error-summary a")["href"] == "#target"
    assert browser.post(f"{PAGE}/3a/links/remove", {"target": f"task:{task.id}"}).status_code == 303
    assert browser.post(f"{PAGE}/3a/links/remove", {"target": "task:nowhere"}).status_code == 404
    assert [link.kind for link in rows.all(sa.select(ClauseLink))] == ["meeting"]


def test_the_document_is_issued_and_the_next_meeting_opens_with_it(world, browser, another_browser, rows):
    world.session.add(Meeting(edition=10, year=2016))
    commit(world)
    browser.sign_in(world.officer)
    assert "It has not been issued yet" in browser.get(PAGE).text
    assert browser.post(f"{PAGE}/issue").status_code == 303
    issued = rows.all(sa.select(Document).where(Document.kind == "FOLLOW_UP"))
    assert {d.language for d in issued} == {"en", "fr"}
    assert len(soup(another_browser.get("/meetings/10")).select("#opens-with .document")) == 2
    assert another_browser.get(f"/documents/{issued[0].id}.pdf").status_code == 409  # being made, but anybody's


def test_late_clauses_stand_first_on_the_desk_of_whoever_owns_them(world, browser, clock):
    world.owned("2", ALL, OFFICE, due_on=DUE + timedelta(days=60))
    commit(world)
    browser.sign_in(world.kanazawa)
    found = [row.select_one("th a").text for row in soup(browser.get("/desk")).select("#follow-up tbody tr")]
    assert found == ["Clause 1 of 2015", "Clause 2 of 2015"]
    world.set("1", State.DONE)
    commit(world)
    found = [row.select_one("th a").text for row in soup(browser.get("/desk")).select("#follow-up tbody tr")]
    assert found == ["Clause 2 of 2015"]


def test_a_desk_without_clauses_says_nothing_of_them(world, browser, make_account):
    browser.sign_in(make_account("lead@ville.example"))
    assert not soup(browser.get("/desk")).select("#follow-up")


def counted(statements, browser, url: str) -> int:
    statements.clear()
    assert browser.get(url).status_code == 200
    return len(statements)


@pytest.mark.parametrize("who", [None, "officer"])
def test_the_page_asks_as_much_for_forty_clauses_as_for_three(world, browser, statements, who):
    if who:
        browser.sign_in(getattr(world, who))
    by = world.actor(world.officer)
    for edition, clauses in ((10, 3), (11, 40)):
        meeting = world.meeting = agreed(world.session, by, clauses, edition)
        for number in range(1, clauses + 1):
            world.owned(str(number), ALL, world.city("Dublin"))
            world.note(str(number), evidence=["https://ville.example"])
            target = sa.select(Meeting.id).where(Meeting.id != meeting.id).limit(1)
            link = ClauseLink(
                clause_id=world.clause(str(number)).id, kind="meeting", target_id=world.session.scalars(target).one(),
                linked_at=NOW, linked_by=world.officer.id,
            )  # fmt: skip
            world.session.add(link)
    follow_up.issue(world.session, world.meeting, actor=by, now=NOW)
    commit(world)
    few, many = (counted(statements, browser, f"/meetings/{edition}/follow-up") for edition in (10, 11))
    assert few == many
    assert many <= 30
    assert counted(statements, browser, "/meetings/10") == counted(statements, browser, "/meetings/11")
    assert counted(statements, browser, "/desk") < 40 if who else True
