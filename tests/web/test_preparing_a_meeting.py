"""The pages of a meeting's preparation: who opens which, what they show, and what is refused without losing what was typed."""

import io
from datetime import UTC, datetime, timedelta

import pikepdf
import pytest
import sqlalchemy as sa
from icalendar import Calendar

from rvc_portal.demonstration import pieces
from rvc_portal.demonstration.cities import cities
from rvc_portal.domain.agenda import Kind, Readers
from rvc_portal.domain.vocabulary import OwnerKind
from rvc_portal.models.agenda import MeetingItem, MeetingPaper, WorkshopReport
from rvc_portal.models.base import db
from rvc_portal.models.document import Document
from rvc_portal.models.meeting import Delegate, Meeting, MeetingTask
from rvc_portal.queries import accounts as people
from rvc_portal.queries import conclusions
from rvc_portal.services import accounts, agenda, delegates, preparation
from rvc_portal.services.agenda import Paper
from rvc_portal.services.delegates import Person
from rvc_portal.services.preparation import Duty
from tests.preparing import EDITION, FIRST, HOST, LAST, LITERATURE, OTHER, Preparing
from tests.web.browsing import PASSWORD, START, Browser, soup

PAGE = f"/meetings/{EDITION}"
PEOPLE = {
    "secretariat": "officer@network.example", "host": f"focal@{HOST.lower()}.example",
    "coordinator": f"focal@{LITERATURE.lower()}.example", "city": f"focal@{OTHER.lower()}.example",
    "expert": "expert@network.example", "stranger": "stranger@network.example",
}  # fmt: skip


@pytest.fixture
def play(app, clock):
    """Lets a story happen in the database: `play(lambda it, meeting: …)`; ids of what it returns come back."""

    def play(story=lambda it, meeting: None):
        with app.app_context():
            it = found.get("it") or Preparing(db.session(), START, PASSWORD)
            it.session = db.session()
            if "it" not in found:
                _others(it)
                it.meeting()
                it.coordinates(LITERATURE)
            else:
                it.officer = it.actor(people.by_email(it.session, "officer@network.example"))
                it.members = {m.city: m for m in it.session.scalars(sa.select(type(next(iter(it.members.values())))))}
            found["it"] = it
            made = story(it, conclusions.of_edition(it.session, EDITION))
            it.session.flush()
            name = getattr(made, "id", None)
            it.session.commit()
            return name

    found = {}
    play()
    return play


def _others(it):
    expert = it.account(PEOPLE["expert"], "An expert")
    accounts.give_seat(
        it.session, accounts.create_seat(it.session, kind="expert", name="Expert", field="crafts"), expert, now=START
    )
    it.account(PEOPLE["stranger"], "A stranger")


@pytest.fixture
def enter(app, clock):
    """A browser of its own for each who asks."""

    def enter(who):
        browser = Browser(app.test_client())
        if who in PEOPLE:
            browser.sign_in(PEOPLE[who])
        return browser

    return enter


def publish(it, meeting):
    agenda.publish(it.session, meeting, actor=it.officer, now=START)


def opened(it, meeting):
    delegates.open_registration(it.session, meeting, actor=it.officer, now=START)


def name(it, meeting, city=OTHER, **person):
    who = Person(**{"name": "Nadia", **person})
    return delegates.name(it.session, meeting, it.members[city], who, actor=it.officer, now=START)


def workshop(it, meeting):
    return it.add(meeting, kind=Kind.WORKSHOP, field="literature", title="Reading", starts="14:00", ends="15:00")


def task(it, meeting, city=None, days=5, text="Book the halls"):
    owner = OwnerKind.MEMBER if city else OwnerKind.SECRETARIAT
    due = (START + timedelta(days=days)).date()
    duty = Duty(text, "en", owner, due, it.members[city].id if city else None)
    return preparation.add_task(it.session, meeting, duty, actor=it.officer, now=START)


MATRIX = """
page                  nobody secretariat host coordinator city expert stranger
/agenda               200    200         200  200         200  200    200
/agenda.ics           404    200         404  200         404  404    404
/agenda/new           401    200         403  403         403  403    403
/agenda/{slot}        401    200         403  403         403  403    403
/papers/new           401    200         403  403         403  403    403
/delegates            401    200         200  200         200  200    403
/delegates.csv        401    200         403  403         403  403    403
/delegates/new?member={city} 401 200     404  404         200  404    403
/delegates/{delegate} 401    200         404  404         200  404    403
/delegates/{delegate}/withdraw 401 200   404  404         200  404    403
/workshops            200    200         200  200         200  200    200
/workshops/{slot}/report 401 200         404  200         404  404    404
/tasks                401    200         200  200         200  200    403
/tasks/new            401    200         403  403         403  403    403
/tasks/{task}         401    200         403  403         403  403    403
/change               401    200         403  403         403  403    403
"""
"""What each gets, by hand, of a meeting whose agenda is not published; the delegate is the city's."""


@pytest.mark.parametrize("who", MATRIX.split()[1:8])
def test_who_opens_which_page(play, enter, app, who):
    values = {
        "slot": play(workshop), "delegate": play(name), "task": play(task), "city": play(lambda it, m: it.members[OTHER])
    }  # fmt: skip
    browser = enter(who)
    column = MATRIX.split("\n")[1].split().index(who)
    for line in MATRIX.strip().split("\n")[1:]:
        path, expected = line.split()[0], int(line.split()[column])
        answer = browser.get(PAGE + path.format(**values))
        got = 401 if "/sign-in" in answer.headers.get("Location", "") else answer.status_code
        assert (path, got) == (path, expected)


class TestTheAgenda:
    def test_it_is_read_by_all_once_it_is_published(self, play, browser):
        play(workshop)
        assert "The agenda is not published yet" in browser.get(PAGE + "/agenda").text
        assert browser.get(PAGE + "/agenda.ics").status_code == 404
        play(publish)
        page = soup(browser.get(PAGE + "/agenda"))
        (item,) = page.select(".agenda__item")
        assert item.select_one(".agenda__title").text == "Reading"
        assert item["data-field"] == "literature"
        assert f"In the chair: {LITERATURE}, United Kingdom" in item.text
        assert not page.select(f"a[href*='{PAGE}/agenda/']")  # nobody but the Secretariat changes it

    def test_what_begins_at_one_time_stands_together_hall_by_hall(self, play, enter):
        play(lambda it, m: (workshop(it, m), it.add(m, starts="14:00", ends="15:00", hall="Hall B"))[0])
        play(lambda it, m: it.add(m, day=LAST))
        page = soup(enter("secretariat").get(PAGE + "/agenda"))
        days = page.select(".agenda-day")
        assert [d.h2.text for d in days] == ["Wednesday 10 June 2026", "Friday 12 June 2026"]
        assert [h.text for h in days[0].select(".agenda__time strong")] == ["Hall A", "Hall B"]
        assert len(days[0].select(".agenda__time")) == 1

    def test_its_calendar_file_tells_the_hours_of_the_place(self, play, browser):
        item = play(workshop)
        play(publish)
        answer = browser.get(PAGE + "/agenda.ics")
        assert answer.mimetype == "text/calendar"
        (event,) = Calendar.from_ical(answer.data).events
        assert event["dtstart"].dt == datetime(2026, 6, 10, 5, tzinfo=UTC)
        assert (str(event["summary"]), str(event["location"])) == ("Reading", f"Hall A, {HOST}")
        assert str(event["uid"]) == f"{item}@localhost"

    def test_a_point_is_added_and_changed_by_its_form(self, play, enter, rows):
        browser = enter("secretariat")
        form = {
            "day": FIRST.isoformat(), "starts": "09:00", "ends": "10:30", "hall": "Great Hall", "kind": "plenary",
            "title_en": "Opening", "title_fr": "Ouverture",
        }  # fmt: skip
        assert browser.post(PAGE + "/agenda/new", form).status_code == 303
        (item,) = rows.all(sa.select(MeetingItem))
        changed = form | {"version": "1", "ends": "11:00"}
        assert browser.post(f"{PAGE}/agenda/{item.id}", changed).status_code == 303
        (item,) = rows.all(sa.select(MeetingItem))
        assert (f"{item.ends:%H:%M}", item.version, item.title_fr) == ("11:00", 2, "Ouverture")
        late = browser.post(f"{PAGE}/agenda/{item.id}", changed | {"title_en": "Welcome"})
        assert late.status_code == 422
        assert "Somebody else has changed this point meanwhile" in late.text
        assert soup(late).select_one("#title_en")["value"] == "Welcome"

    @pytest.mark.parametrize(
        ("wrong", "field", "sentence"),
        [
            (
                {"day": (LAST + timedelta(days=1)).isoformat()},
                "day",
                "The meeting is from 10 June 2026 to 12 June 2026",
            ),
            ({"day": "yesterday"}, "day", "Choose a day."),
            ({"ends": "09:00"}, "ends", "This would end before it begins."),
            ({"starts": "nine"}, "starts", "Give a time, such as 09:30."),
            (
                {"starts": "14:30", "ends": "16:00"},
                "starts",
                "“Reading” is in Hall A at this time, from 14:00 to 15:00.",
            ),
            ({"kind": "workshop"}, "field", "Choose the creative field of the workshop."),
            ({"kind": "dance"}, "kind", "Choose one of those"),
            ({"title_fr": ""}, "title_fr", "Give the title in French."),
        ],
    )
    def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
        self, play, enter, rows, wrong, field, sentence
    ):
        play(workshop)
        form = {
            "day": FIRST.isoformat(), "starts": "09:00", "ends": "10:30", "hall": "Hall A", "kind": "plenary",
            "title_en": "A long title that nobody types twice", "title_fr": "Un long titre",
        }  # fmt: skip
        answer = enter("secretariat").post(PAGE + "/agenda/new", form | wrong)
        page = soup(answer)
        assert answer.status_code == 422
        assert sentence in page.select_one(f"#{field}-error").text
        assert page.select_one(f"#error-summary a[href='#{field}']")
        assert page.select_one("#title_en")["value"] == form["title_en"]
        assert len(rows.all(sa.select(MeetingItem))) == 1

    def test_it_asks_as_much_for_three_points_as_for_one(self, play, enter, statements):
        browser, counted = enter("secretariat"), []
        for number in range(3):
            play(lambda it, m, hour=9 + number: it.add(
                m, kind=Kind.WORKSHOP, field="literature", starts=f"{hour:02}:00", ends=f"{hour:02}:30"
            ))  # fmt: skip
            statements.clear()
            shown = soup(browser.get(PAGE + "/agenda")).select(".agenda__item")
            counted.append((len(shown), len(statements)))
        assert [shown for shown, _ in counted] == [1, 2, 3]
        assert counted[0][1] == counted[2][1]

    def test_publishing_is_told_and_issues_the_documents(self, play, enter, rows):
        play(workshop)
        browser = enter("secretariat")
        assert browser.post(PAGE + "/agenda/publish").status_code == 303
        assert len(rows.all(sa.select(Document).where(Document.kind == "AGENDA"))) == 2
        again = browser.post(PAGE + "/agenda/publish")
        assert again.status_code == 409
        assert "nothing has changed since" in again.text


class TestPapers:
    def file(self):
        writer = next(iter(cities().values()))
        return io.BytesIO(pieces.letter("note", writer, 1, FIRST)), "Note.pdf"

    def test_a_file_comes_in_by_content_and_goes_out_to_its_readers(self, play, enter, rows, another_browser):
        browser = enter("secretariat")
        form = {"title": "Note", "language": "fr", "readers": "network", "file": self.file()}
        assert browser.post(PAGE + "/papers/new", form).status_code == 303
        (paper,) = rows.all(sa.select(MeetingPaper))
        url = f"{PAGE}/papers/{paper.id}"
        assert another_browser.get(url).status_code == 404
        another_browser.sign_in(PEOPLE["city"])
        answer = another_browser.get(url)
        with pikepdf.open(io.BytesIO(answer.data)) as document:
            assert len(document.pages) == 1
        assert "attachment" in answer.headers["Content-Disposition"]
        browser.post(f"{url}/remove")
        assert another_browser.get(url).status_code == 404

    @pytest.mark.parametrize(
        ("more", "field", "sentence"),
        [
            ({}, "file", "Choose a file, or give a link."),
            ({"url": "ftp://a.example/"}, "url", "Give an address that begins with https://."),
            ({"file": (io.BytesIO(b"MZ\x90"), "a.pdf")}, "file", "The content of this file is none of these formats"),
            (
                {"url": "https://a.example/", "item": "0"},
                "item",
                "Choose a point of this agenda, or the whole meeting.",
            ),
        ],
    )
    def test_what_cannot_be_taken_is_refused_in_words(self, play, enter, rows, more, field, sentence):
        form = {"title": "A note that is kept", "language": "fr", "readers": "group"}
        answer = enter("secretariat").post(PAGE + "/papers/new", form | more)
        assert answer.status_code == 422
        assert sentence in soup(answer).select_one(f"#{field}-error").text
        assert soup(answer).select_one("#title")["value"] == "A note that is kept"
        assert rows.all(sa.select(MeetingPaper)) == []

    def test_a_link_of_the_group_is_on_nobody_elses_page(self, play, enter):
        paper = Paper("For the group", "en", Readers.GROUP, "https://paper.example/")
        play(lambda it, m: agenda.add_link(it.session, m, paper, actor=it.officer, now=START))
        assert "For the group" not in enter("city").get(PAGE + "/agenda").text
        assert "For the group" in enter("secretariat").get(PAGE + "/agenda").text


class TestDelegates:
    def url(self, play):
        return f"{PAGE}/delegates/new?member={play(lambda it, m: it.members[OTHER])}"

    def test_a_focal_point_names_changes_and_withdraws(self, play, enter, rows):
        play(opened)
        browser = enter("city")
        form = {"name": "Nadia Hassan", "title": "Mayor", "email": "nadia@aswan.example", "mayor": "1"}
        assert browser.post(self.url(play), form).status_code == 303
        (found,) = rows.all(sa.select(Delegate))
        assert (found.name, found.mayor) == ("Nadia Hassan", True)
        url = f"{PAGE}/delegates/{found.id}"
        assert soup(browser.get(url)).select_one("#name")["value"] == "Nadia Hassan"
        browser.post(url, form | {"name": "Lina Hassan", "mayor": ""})
        assert "Lina Hassan" in browser.get(PAGE + "/delegates").text
        assert browser.post(f"{url}/withdraw").status_code == 303
        assert "Lina Hassan" not in soup(browser.get(PAGE + "/delegates")).select_one("#own").text
        assert browser.get(url).status_code == 404

    def test_a_fourth_is_refused_with_what_was_typed(self, play, enter):
        play(opened)
        for who in ("Nadia", "Karim", "Lina"):
            play(lambda it, m, who=who: name(it, m, name=who))
        browser = enter("city")
        answer = browser.post(self.url(play), {"name": "Omar", "title": "Head of culture"})
        page = soup(answer)
        assert answer.status_code == 422
        assert f"{OTHER} has named 3 delegates" in page.select_one("#name-error").text
        assert page.select_one("#title")["value"] == "Head of culture"
        assert "Name a delegate" not in soup(browser.get(PAGE + "/delegates")).select_one("#own").text

    def test_after_the_closing_date_the_city_is_told_and_the_secretariat_asked_why(self, play, enter, clock):
        play(opened)
        clock.at = datetime(2026, 5, 1, 15, 0, tzinfo=UTC)  # midnight in Tokyo
        answer = enter("city").post(self.url(play), {"name": "Omar"})
        page = soup(answer)
        assert answer.status_code == 422
        assert "The closing date for delegates was" in page.select_one("#error-summary").text
        assert page.select_one("#name")["value"] == "Omar"
        browser = enter("secretariat")
        assert (
            "give the reason" in soup(browser.post(self.url(play), {"name": "Omar"})).select_one("#reason-error").text
        )
        assert browser.post(self.url(play), {"name": "Omar", "reason": "The mayor is ill"}).status_code == 303

    def test_the_secretariat_has_the_whole_list_and_takes_it_along(self, play, enter):
        play(name)
        play(lambda it, m: name(it, m, city=HOST, name="=HYPERLINK()", mayor=True))
        browser = enter("secretariat")
        assert len(soup(browser.get(PAGE + "/delegates")).select("#delegates tbody tr")) == 2
        answer = browser.get(PAGE + "/delegates.csv")
        assert answer.mimetype == "text/csv"
        lines = answer.get_data(as_text=True).splitlines()
        assert lines[1].startswith(f"{OTHER},Egypt,Crafts and Folk Art,Nadia")
        assert ",'=HYPERLINK()," in lines[2]  # no spreadsheet calculates it

    def test_the_list_asks_as_much_for_three_as_for_one(self, play, enter, statements):
        browser, counted = enter("secretariat"), []
        for city in (OTHER, HOST, LITERATURE):
            play(lambda it, m, city=city: name(it, m, city=city))
            statements.clear()
            shown = soup(browser.get(PAGE + "/delegates")).select("#delegates tbody tr")
            counted.append((len(shown), len(statements)))
        assert [shown for shown, _ in counted] == [1, 2, 3]
        assert counted[0][1] == counted[2][1]


class TestWorkshops:
    def test_the_chair_writes_and_issues_and_others_read(self, play, enter, rows, another_browser):
        url = f"{PAGE}/workshops/{play(workshop)}"
        browser = enter("coordinator")
        assert browser.post(f"{url}/report", {"revision": "0", "text_en": "We read."}).status_code == 303
        report = rows.one(sa.select(WorkshopReport))
        assert (report.text_en, report.revision) == ("We read.", 1)
        assert browser.post(f"{url}/issue").status_code == 303
        play(publish)
        another_browser.sign_in(PEOPLE["city"])
        assert len(soup(another_browser.get(PAGE + "/workshops")).select(".document")) == 2
        assert "Write the report" not in another_browser.get(PAGE + "/workshops").text

    def test_what_somebody_else_saved_meanwhile_stands_beside_ones_own(self, play, enter):
        url = f"{PAGE}/workshops/{play(workshop)}/report"
        browser = enter("coordinator")
        browser.post(url, {"revision": "0", "text_en": "First."})
        answer = browser.post(url, {"revision": "0", "text_en": "Other."})
        page = soup(answer)
        assert answer.status_code == 422
        assert page.select_one("#text_en").text.strip() == "Other."
        assert "First." in page.select_one("#saved").text
        assert (
            browser.post(url, {"revision": page.select_one("[name=revision]")["value"], "text_en": "Both."}).status_code
            == 303
        )

    def test_the_list_asks_as_much_for_three_as_for_one(self, play, enter, statements):
        browser, counted = enter("secretariat"), []
        for hour in (9, 10, 11):
            play(lambda it, m, hour=hour: it.add(
                m, kind=Kind.WORKSHOP, field="literature", starts=f"{hour:02}:00", ends=f"{hour:02}:30"
            ))  # fmt: skip
            statements.clear()
            shown = soup(browser.get(PAGE + "/workshops")).select(".card")
            counted.append((len(shown), len(statements)))
        assert [shown for shown, _ in counted] == [1, 2, 3]
        assert counted[0][1] == counted[2][1]


class TestTasks:
    def test_the_host_says_that_it_is_done(self, play, enter, rows):
        found = play(lambda it, m: task(it, m, HOST, days=-1))
        browser = enter("host")
        assert "Book the halls" in soup(browser.get(PAGE + "/tasks")).select_one("#late").text
        assert browser.post(f"{PAGE}/tasks/{found}/done").status_code == 303
        assert "Focal point of" in soup(browser.get(PAGE + "/tasks")).select_one("#done").text
        assert browser.post(f"{PAGE}/tasks/{found}/reopen").status_code == 303
        assert rows.one(sa.select(MeetingTask)).done_at is None

    def test_what_is_not_ones_own_is_not_there(self, play, enter):
        found = play(lambda it, m: task(it, m, HOST))
        browser = enter("city")
        assert "Book the halls" not in browser.get(PAGE + "/tasks").text
        assert browser.post(f"{PAGE}/tasks/{found}/done").status_code == 404

    def test_a_task_is_written_by_the_secretariat(self, play, enter, rows):
        browser = enter("secretariat")
        host = str(play(lambda it, m: it.members[HOST]))
        form = {"text": "Hang the flags", "language": "en", "owner": host, "due_on": "2026-06-01"}
        assert browser.post(PAGE + "/tasks/new", form).status_code == 303
        found = rows.one(sa.select(MeetingTask))
        assert (found.owner, str(found.member_id)) == ("member", host)
        wrong = browser.post(f"{PAGE}/tasks/{found.id}", form | {"owner": "nobody", "text": "Hang all flags"})
        assert wrong.status_code == 422
        assert soup(wrong).select_one("#owner-error")
        assert "Hang all flags" in soup(wrong).select_one("#text").text
        assert browser.post(f"{PAGE}/tasks/{found.id}", form | {"owner": "steering"}).status_code == 303
        assert rows.one(sa.select(MeetingTask)).member_id is None

    def test_the_list_asks_as_much_for_three_as_for_one(self, play, enter, statements):
        browser, counted = enter("secretariat"), []
        for number in range(3):
            play(lambda it, m, number=number: task(it, m, HOST, text=f"Task {number}"))
            statements.clear()
            shown = soup(browser.get(PAGE + "/tasks")).select("#waiting-tasks tbody tr")
            counted.append((len(shown), len(statements)))
        assert [shown for shown, _ in counted] == [1, 2, 3]
        assert counted[0][1] == counted[2][1]


class TestTheDesk:
    def test_the_host_and_the_secretariat_see_what_is_late_and_what_comes_next(self, play, enter):
        play(lambda it, m: task(it, m, HOST, days=-1, text="Name the halls"))
        play(lambda it, m: task(it, m, days=5, text="Send the draft"))
        for who in ("host", "secretariat"):
            part = soup(enter(who).get("/desk")).select_one("#meetings")
            assert "Name the halls" in part.select_one(".notice").text
            assert "Send the draft" in part.text
        assert soup(enter("city").get("/desk")).select_one("#meetings") is None

    def test_a_focal_point_sees_until_when_delegates_are_awaited(self, play, enter, clock):
        play(opened)
        play(name)
        part = soup(enter("city").get("/desk")).select_one("#meetings")
        assert "1 May 2026, 24:00" in part.text
        assert "Named so far: 1 of at most 3." in part.text
        clock.at = datetime(2026, 5, 1, 15, 0, tzinfo=UTC)
        assert soup(enter("city").get("/desk")).select_one("#meetings") is None


class TestTheMeeting:
    def form(self, play, **more):
        host = str(play(lambda it, m: it.members[HOST]))
        return {
            "edition": "15", "host": host, "starts_on": "2027-05-10", "ends_on": "2027-05-12", "zone": "Asia/Tokyo",
            "delegates_until": "2027-04-01", **more,
        }  # fmt: skip

    def test_the_secretariat_makes_one_and_changes_it(self, play, enter, rows):
        browser = enter("secretariat")
        answer = browser.post("/meetings/new", self.form(play))
        assert answer.location.endswith("/meetings/15/agenda")
        form = self.form(play, ends_on="2027-05-13")
        assert soup(browser.get("/meetings/15/change")).select_one("#delegates_until")["value"] == "2027-04-01"
        assert browser.post("/meetings/15/change", form).status_code == 303
        made = rows.one(sa.select(Meeting).where(Meeting.edition == 15))
        assert str(made.ends_on) == "2027-05-13"

    @pytest.mark.parametrize(
        ("wrong", "field", "sentence"),
        [
            ({"host": "6f2d3c58-41a7-4f0e-9b1d-5a7c0e2b9d10"}, "host", "This city is no member of the Network"),
            ({"host": "Atlantis"}, "host", "This city is no member of the Network"),
            ({"ends_on": "2027-05-09"}, "ends_on", "The last day comes before the first."),
            ({"ends_on": "tomorrow"}, "ends_on", "Give a day that exists"),
            ({"edition": str(EDITION)}, "edition", "Meeting no. 14 is there already"),
            ({"edition": "fifteen"}, "edition", "Give the number of the meeting"),
            ({"zone": "Tokyo time"}, "zone", "is no time zone"),
            ({"delegates_until": "2027-06-01"}, "delegates_until", "Cities name their delegates before"),
        ],
    )
    def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
        self, play, enter, rows, wrong, field, sentence
    ):
        answer = enter("secretariat").post("/meetings/new", self.form(play, **wrong))
        page = soup(answer)
        assert answer.status_code == 422
        assert sentence in page.select_one(f"#{field}-error").text
        assert page.select_one("#starts_on")["value"] == "2027-05-10"
        assert len(rows.all(sa.select(Meeting))) == 1

    def test_a_known_one_is_begun_with_what_is_known(self, play, enter):
        browser = enter("secretariat")
        links = soup(browser.get("/meetings/new")).select("#known a")
        assert links[0]["href"] == "/meetings/new?edition=9"
        page = soup(browser.get("/meetings/new?edition=9"))
        assert page.select_one("#ends_on")["value"] == "2015-05-28"
        assert page.select_one("#zone")["value"] == "Asia/Tokyo"
        assert page.select_one("#host option[selected]").text.startswith("Kanazawa")

    def test_where_a_sealed_meeting_was_stays_as_it_is(self, play, enter, rows):
        rows.change("UPDATE meeting SET sealed_at = '2026-07-01 10:00:00.000000'")
        browser = enter("secretariat")
        answer = browser.get(PAGE + "/change")
        assert answer.status_code == 409
        assert "The conclusions of meeting 14 were sealed on" in answer.text
        assert f"{PAGE}/change" not in browser.get(PAGE + "/agenda").text

    def test_nobody_else_finds_the_form(self, play, enter):
        assert enter("city").get("/meetings/new").status_code == 403
