"""A meeting is prepared through the services: its terms, its agenda, its papers, delegates, workshops and tasks."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from rvc_portal.domain.agenda import Kind, Readers
from rvc_portal.domain.errors import InvalidInput, Refused
from rvc_portal.domain.vocabulary import Doc, OwnerKind
from rvc_portal.gateways.scanner import Scanner
from rvc_portal.models.base import db
from rvc_portal.models.document import Document
from rvc_portal.models.job import Mail
from rvc_portal.models.journal import JournalEntry
from rvc_portal.queries import agenda as query
from rvc_portal.queries import delegates as coming
from rvc_portal.queries import documents, members
from rvc_portal.services import agenda, delegates, journal, preparation, workshops
from rvc_portal.services.agenda import Paper
from rvc_portal.services.delegates import Person
from rvc_portal.services.preparation import Duty
from tests.preparing import CLOSING, FIRST, HOST, LAST, LITERATURE, OTHER, TOKYO, Preparing, point

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CLOSED = datetime(2026, 5, 2, tzinfo=TOKYO)


@pytest.fixture
def it(session):
    return Preparing(session, NOW)


@pytest.fixture
def meeting(it):
    return it.meeting()


def said(error):
    """The sentences of a refusal, by the field that they stand beside."""
    return {name: [_in_english(r) for r in found] for name, found in error.value.problems.items()}


def _in_english(refusal):
    """What is there in both languages is told in the reader's."""
    return refusal.message % {k: v["en"] if isinstance(v, dict) else v for k, v in refusal.params.items()}


def reasons(error):
    return [r.message % dict(r.params) for r in error.value.refusals]


def acts(session):
    query = sa.select(JournalEntry.transition).where(JournalEntry.chain == journal.NETWORK).order_by(JournalEntry.id)
    return list(session.scalars(query))


def standing(session, kind, subject):
    query = sa.select(Document).where(Document.kind == kind, Document.subject_id == subject.id)
    return session.scalars(query.where(Document.superseded_at.is_(None)).order_by(Document.language)).all()


class TestTheMeeting:
    def test_it_has_its_host_among_the_members_its_days_and_its_closing_instant(self, session, it, meeting):
        assert [(h.city, h.country, h.member_id) for h in meeting.hosts] == [(HOST, "JP", it.members[HOST].id)]
        assert (meeting.starts_on, meeting.ends_on, meeting.year) == (FIRST, LAST, 2026)
        assert meeting.delegates_until_at == CLOSED
        assert query.zone_of(query.plan(session, meeting)) == "Asia/Tokyo"
        assert acts(session) == ["make_meeting"]

    @pytest.mark.parametrize(
        ("more", "field", "sentence"),
        [
            ({"hosts": (None,)}, "host", "This city is no member of the Network"),
            ({"hosts": ()}, "host", "Choose the city that receives the meeting."),
            ({"ends_on": FIRST - timedelta(days=1)}, "ends_on", "The last day comes before the first."),
            ({"delegates_until": FIRST}, "delegates_until", "before the meeting begins"),
            ({"zone": "Mars/Olympus"}, "zone", "“Mars/Olympus” is no time zone"),
            ({"edition": 0}, "edition", "Give the number of the meeting"),
        ],
    )
    def test_what_stands_against_it_is_said_beside_its_field(self, it, more, field, sentence):
        with pytest.raises(InvalidInput) as error:
            it.meeting(**more)
        assert list(said(error)) == [field]
        assert sentence in said(error)[field][0]

    def test_a_number_and_a_year_are_given_once(self, it, meeting):
        with pytest.raises(InvalidInput) as error:
            it.meeting()
        assert said(error) == {"edition": ["Meeting no. 14 is there already: change it on its own page."]}
        with pytest.raises(InvalidInput) as error:
            it.meeting(edition=15)
        assert said(error) == {"ends_on": ["In 2026 there is meeting no. 14: there is one a year."]}

    def test_nobody_but_the_secretariat_makes_one(self, session, it):
        with pytest.raises(Refused):
            preparation.make(session, it.terms(), actor=it.focal(HOST), now=NOW)

    def test_its_days_cannot_leave_a_point_of_the_agenda_behind(self, session, it, meeting):
        it.add(meeting, day=LAST, title="Farewell")
        with pytest.raises(InvalidInput) as error:
            preparation.change(session, meeting, it.terms(ends_on=LAST - timedelta(days=1)), actor=it.officer, now=NOW)
        assert said(error) == {"ends_on": ["“Farewell” is on the agenda of 2026-06-12: move it first."]}

    def test_another_host_takes_the_place_of_the_first(self, session, it, meeting):
        both = (it.members[OTHER].id, it.members[HOST].id)
        preparation.change(session, meeting, it.terms(hosts=both), actor=it.officer, now=NOW)
        assert [h.city for h in meeting.hosts] == [OTHER, HOST]

    def test_what_followers_see_counts(self, session, it, meeting):
        before = meeting.version
        it.add(meeting)
        delegates.name(session, meeting, it.members[HOST], Person("Taro"), actor=it.officer, now=NOW)
        assert meeting.version == before + 2


class TestTheAgenda:
    def test_a_point_in_a_hall_that_is_taken_is_refused(self, it, meeting):
        it.add(meeting, title="Opening")
        with pytest.raises(InvalidInput) as error:
            it.add(meeting, starts="09:30", ends="11:00")
        assert said(error) == {"starts": ["“Opening” is in Hall A at this time, from 09:00 to 10:00."]}

    def test_a_workshop_needs_a_field_of_the_network(self, it, meeting):
        with pytest.raises(InvalidInput) as error:
            it.add(meeting, kind=Kind.WORKSHOP, field="poetry")
        assert list(said(error)) == ["field"]

    def test_two_who_change_a_point_at_once_are_told(self, session, it, meeting):
        item = it.add(meeting)
        agenda.change(session, meeting, item, point(title="Welcome"), seen_version=1, actor=it.officer, now=NOW)
        with pytest.raises(InvalidInput) as error:
            agenda.change(session, meeting, item, point(title="Hello"), seen_version=1, actor=it.officer, now=NOW)
        assert "Welcome, 2026-06-10, 09:00–10:00" in said(error)["version"][0]
        assert item.title_en == "Welcome"

    def test_it_is_published_in_both_languages_and_issued_anew_once_it_has_changed(self, session, it, meeting):
        with pytest.raises(Refused):
            agenda.publish(session, meeting, actor=it.officer, now=NOW)
        it.add(meeting)
        agenda.publish(session, meeting, actor=it.officer, now=NOW + timedelta(hours=1))
        first = standing(session, Doc.AGENDA, meeting)
        assert [d.language for d in first] == ["en", "fr"]
        with pytest.raises(Refused) as error:
            agenda.publish(session, meeting, actor=it.officer, now=NOW + timedelta(hours=2))
        assert reasons(error) == ["This agenda is published: nothing has changed since."]
        agenda.add(
            session, meeting, point(starts="11:00", ends="12:00"), actor=it.officer, now=NOW + timedelta(hours=3)
        )
        agenda.publish(session, meeting, actor=it.officer, now=NOW + timedelta(hours=4))
        again = standing(session, Doc.AGENDA, meeting)
        assert not {d.id for d in first} & {d.id for d in again}
        assert [len(d.context["days"][0]["points"]) for d in again] == [2, 2]

    def test_the_document_tells_only_papers_that_anybody_may_read(self, session, it, meeting):
        item = it.add(meeting)
        for readers in Readers:
            paper = Paper(f"For {readers}", "en", readers, "https://paper.example/", item.id)
            agenda.add_link(session, meeting, paper, actor=it.officer, now=NOW)
        agenda.publish(session, meeting, actor=it.officer, now=NOW)
        (printed, _) = standing(session, Doc.AGENDA, meeting)
        assert [p["title"] for p in printed.context["days"][0]["points"][0]["papers"]] == ["For anybody"]

    def test_what_is_taken_off_takes_its_papers_along(self, session, it, meeting):
        item = it.add(meeting)
        paper = Paper("Note", "en", Readers.GROUP, "https://paper.example/", item.id)
        agenda.add_link(session, meeting, paper, actor=it.officer, now=NOW)
        agenda.remove(session, meeting, item, actor=it.officer, now=NOW)
        assert query.items(session, meeting) == []
        assert query.papers(session, meeting, it.officer, query.plan(session, meeting)) == []


class TestPapers:
    @pytest.mark.parametrize("url", ["javascript:alert(1)", "paper.example", "https://", "file:///etc/passwd"])
    def test_a_link_is_an_address_of_the_web(self, session, it, meeting, url):
        with pytest.raises(InvalidInput) as error:
            agenda.add_link(session, meeting, Paper("A", "en", Readers.GROUP, url), actor=it.officer, now=NOW)
        assert list(said(error)) == ["url"]

    def test_a_file_is_judged_by_its_content(self, app, session, it, meeting):
        with pytest.raises(InvalidInput) as error:
            agenda.add_file(
                session, app.extensions["rvc"].files, meeting, Paper("A", "en", Readers.GROUP), name="a.pdf",
                content=io.BytesIO(b"#!/bin/sh\nexit 1\n"), scanner=Scanner(""), actor=it.officer, now=NOW,
            )  # fmt: skip
        assert list(said(error)) == ["file"]
        assert query.papers(session, meeting, it.officer, query.plan(session, meeting)) == []

    def test_who_reads_which(self, session, it, meeting):
        it.coordinates(LITERATURE)
        for readers in Readers:
            paper = Paper(readers, "en", readers, "https://paper.example/")
            agenda.add_link(session, meeting, paper, actor=it.officer, now=NOW)
        plan = query.plan(session, meeting)

        def read(actor):
            return sorted(p.title for p in query.papers(session, meeting, actor, plan))

        assert [read(None), read(it.focal(OTHER))] == [[], ["network"]]
        assert read(it.focal(LITERATURE)) == read(it.officer) == ["anybody", "group", "network"]
        it.add(meeting)
        agenda.publish(session, meeting, actor=it.officer, now=NOW)
        assert [read(None), read(it.focal(OTHER))] == [["anybody"], ["anybody", "network"]]


class TestDelegates:
    @pytest.fixture
    def opened(self, session, it, meeting):
        delegates.open_registration(session, meeting, actor=it.officer, now=NOW)
        return meeting

    def name(self, session, it, meeting, person, city=OTHER, actor=None, now=NOW, **more):
        return delegates.name(
            session, meeting, it.members[city], person, actor=actor or it.focal(city), now=now, **more
        )  # fmt: skip

    def test_every_focal_point_is_invited_once(self, session, it, opened):
        mails = session.scalars(sa.select(Mail).where(Mail.template == "delegates").order_by(Mail.to_address)).all()
        assert [(m.to_address, m.context["city"], m.context["act"]) for m in mails] == [
            (f"focal@{city.lower()}.example", city, "invited") for city in (OTHER, HOST, LITERATURE)
        ]
        with pytest.raises(Refused):
            delegates.open_registration(session, opened, actor=it.officer, now=NOW)

    def test_registration_needs_a_closing_date_to_come(self, session, it):
        meeting = it.meeting(delegates_until=None)
        with pytest.raises(Refused):
            delegates.open_registration(session, meeting, actor=it.officer, now=NOW)

    def test_a_city_that_names_somebody_is_registered_until_it_withdraws_the_last(self, session, it, opened):
        first = self.name(session, it, opened, Person("Nadia", mayor=True))
        second = self.name(session, it, opened, Person("Karim"))
        assert coming.registered(session, opened) == {it.members[OTHER].id}
        for delegate in (first, second):
            delegates.withdraw(session, opened, delegate, actor=it.focal(OTHER), now=NOW)
        assert coming.registered(session, opened) == set()

    def test_a_fourth_is_refused(self, session, it, opened):
        for name in ("Nadia", "Karim", "Lina"):
            self.name(session, it, opened, Person(name))
        with pytest.raises(InvalidInput) as error:
            self.name(session, it, opened, Person("Omar"))
        assert said(error) == {
            "name": [f"{OTHER} has named 3 delegates, and no more can come: withdraw one first."]
        }  # fmt: skip

    def test_nobody_is_named_twice(self, session, it, opened):
        self.name(session, it, opened, Person("Nadia"))
        with pytest.raises(InvalidInput) as error:
            self.name(session, it, opened, Person("NADIA"))
        assert said(error) == {"name": ["NADIA is named already."]}

    def test_another_city_and_an_expert_name_nobody(self, session, it, opened):
        with pytest.raises(Refused):
            self.name(session, it, opened, Person("Omar"), actor=it.focal(HOST))

    def test_before_the_registration_opens_a_city_waits(self, session, it, meeting):
        with pytest.raises(InvalidInput) as error:
            self.name(session, it, meeting, Person("Nadia"))
        assert list(said(error)) == ["closed"]

    def test_the_last_second_counts_and_the_next_one_does_not(self, session, it, opened):
        self.name(session, it, opened, Person("Nadia"), now=CLOSED - timedelta(seconds=1))
        with pytest.raises(InvalidInput) as error:
            self.name(session, it, opened, Person("Karim"), now=CLOSED)
        assert "The closing date for delegates was" in said(error)["closed"][0]

    def test_afterwards_the_secretariat_gives_its_reason(self, session, it, opened):
        with pytest.raises(InvalidInput) as error:
            self.name(session, it, opened, Person("Nadia"), actor=it.officer, now=CLOSED)
        assert list(said(error)) == ["reason"]
        delegate = self.name(session, it, opened, Person("Nadia"), actor=it.officer, now=CLOSED, reason="Ill before")
        delegates.change(
            session, opened, delegate, Person("Lina"), actor=it.officer, now=CLOSED, reason="Her deputy comes"
        )  # fmt: skip
        entries = session.scalars(sa.select(JournalEntry).order_by(JournalEntry.id.desc()).limit(2)).all()
        assert [(e.transition, e.reason) for e in entries] == [
            ("change_delegate", "Her deputy comes"), ("name_delegate", "Ill before")
        ]  # fmt: skip

    def test_who_named_nobody_is_reminded_once(self, session, it, opened):
        self.name(session, it, opened, Person("Nadia"))
        early, late = CLOSED - timedelta(days=15), CLOSED - timedelta(days=13)
        assert [delegates.remind(session, at) for at in (early, late, late)] == [0, 2, 0]
        reminded = session.scalars(sa.select(Mail).where(Mail.created_at == late).order_by(Mail.to_address)).all()
        assert [(m.to_address, m.context["act"]) for m in reminded] == [
            (f"focal@{HOST.lower()}.example", "reminded"), (f"focal@{LITERATURE.lower()}.example", "reminded")
        ]  # fmt: skip

    def test_the_list_is_issued_at_the_closing_date_and_again_by_hand(self, session, it, opened):
        self.name(session, it, opened, Person("Nadia", "Mayor", "nadia@aswan.example", mayor=True))
        self.name(session, it, opened, Person("Taro"), city=HOST)
        delegates.close_due(session, CLOSED - timedelta(seconds=1))
        assert standing(session, Doc.PARTICIPANTS, opened) == []
        delegates.close_due(session, CLOSED)
        delegates.close_due(session, CLOSED + timedelta(hours=1))
        (english, _) = standing(session, Doc.PARTICIPANTS, opened)
        assert english.issued_at == CLOSED
        assert [(c["city"], [d["name"] for d in c["delegates"]]) for c in english.context["cities"]] == [
            (OTHER, ["Nadia"]), (HOST, ["Taro"])
        ]  # fmt: skip
        assert (english.context["delegates"], english.context["mayors"]) == (2, 1)
        assert "nadia@aswan.example" not in str(english.context)
        delegates.list_participants(session, opened, actor=it.officer, now=CLOSED + timedelta(hours=2))
        assert standing(session, Doc.PARTICIPANTS, opened)[0].id != english.id

    def test_the_list_is_for_those_of_the_network(self, session, it, opened):
        self.name(session, it, opened, Person("Nadia"))
        delegates.list_participants(session, opened, actor=it.officer, now=NOW)
        reads = [
            len(documents.of_network(session, who, Doc.PARTICIPANTS, opened.id))
            for who in (None, it.focal(HOST), it.officer)
        ]
        assert reads == [0, 2, 2]


class TestWorkshops:
    @pytest.fixture
    def workshop(self, it, meeting):
        it.coordinates(LITERATURE)
        return it.add(meeting, kind=Kind.WORKSHOP, field="literature", title="Reading")

    def test_the_chair_is_who_coordinates_the_field_at_the_time(self, session, it, meeting, workshop):
        early = it.add(meeting, kind=Kind.WORKSHOP, field="crafts", hall="Hall B")
        late = it.add(meeting, kind=Kind.WORKSHOP, field="crafts", hall="Hall B", day=LAST)
        it.coordinates(HOST, start=LAST)
        chairs = query.chairs(session, [workshop, early, late], "Asia/Tokyo")
        assert {i: c.member.city for i, c in chairs.items()} == {workshop.id: LITERATURE, late.id: HOST}
        assert chairs[workshop.id].is_person(it.focal(LITERATURE))
        assert not chairs[workshop.id].is_person(it.focal(HOST))

    def test_its_chair_reports_and_issues(self, session, it, meeting, workshop):
        chair = it.focal(LITERATURE)
        workshops.write(
            session, meeting, workshop, {"en": "", "fr": "Nous avons lu."}, seen_revision=0, actor=chair, now=NOW
        )  # fmt: skip
        assert standing(session, Doc.WORKSHOP_REPORT, workshop) == []
        workshops.issue(session, meeting, workshop, actor=chair, now=NOW)
        (english, french) = standing(session, Doc.WORKSHOP_REPORT, workshop)
        assert english.context["text"] == french.context["text"] == {"en": None, "fr": "Nous avons lu."}
        assert english.context["chair"]["city"] == LITERATURE
        with pytest.raises(Refused) as error:
            workshops.issue(session, meeting, workshop, actor=chair, now=NOW)
        assert reasons(error) == ["The report is issued as it reads."]

    def test_nobody_else_writes_it(self, session, it, meeting, workshop):
        with pytest.raises(Refused):
            workshops.write(
                session, meeting, workshop, {"en": "A", "fr": ""}, seen_revision=0, actor=it.focal(HOST), now=NOW
            )  # fmt: skip

    def test_a_report_that_somebody_else_saved_meanwhile_is_not_lost(self, session, it, meeting, workshop):
        write = {"seen_revision": 0, "now": NOW}
        workshops.write(session, meeting, workshop, {"en": "First", "fr": ""}, actor=it.officer, **write)
        with pytest.raises(InvalidInput) as error:
            workshops.write(session, meeting, workshop, {"en": "Other", "fr": ""}, actor=it.focal(LITERATURE), **write)
        assert list(said(error)) == ["revision"]
        assert workshop.report.text_en == "First"

    def test_a_workshop_with_a_report_stays_on_the_agenda(self, session, it, meeting, workshop):
        workshops.write(
            session, meeting, workshop, {"en": "A", "fr": ""}, seen_revision=0, actor=it.officer, now=NOW
        )  # fmt: skip
        with pytest.raises(Refused):
            agenda.remove(session, meeting, workshop, actor=it.officer, now=NOW)


class TestTasks:
    def duty(self, owner=OwnerKind.SECRETARIAT, member=None, due=date(2026, 3, 1), text="Book the halls"):
        return Duty(text, "en", owner, due, member.id if member else None)

    @pytest.fixture
    def hosts(self, session, it, meeting):
        duty = self.duty(OwnerKind.MEMBER, it.members[HOST])
        return preparation.add_task(session, meeting, duty, actor=it.officer, now=NOW)

    def test_its_owner_says_that_it_is_done_and_that_it_is_not(self, session, it, hosts):
        owner = it.focal(HOST)
        preparation.finish_task(session, hosts, actor=owner, now=NOW)
        assert (hosts.done_at, hosts.done_by) == (NOW, owner.account_id)
        preparation.finish_task(session, hosts, actor=it.officer, now=NOW + timedelta(days=1))
        assert hosts.done_by == owner.account_id  # twice is the same as once
        preparation.reopen_task(session, hosts, actor=it.officer, now=NOW)
        assert (hosts.done_at, hosts.done_by) == (None, None)
        assert acts(session)[-3:] == ["add_task", "finish_task", "reopen_task"]

    def test_nobody_else_does(self, session, it, hosts):
        with pytest.raises(Refused):
            preparation.finish_task(session, hosts, actor=it.focal(OTHER), now=NOW)

    def test_a_city_that_is_no_member_owns_nothing(self, session, it, meeting):
        with pytest.raises(InvalidInput) as error:
            preparation.add_task(session, meeting, self.duty(OwnerKind.MEMBER), actor=it.officer, now=NOW)
        assert list(said(error)) == ["owner"]

    def test_who_sees_which(self, session, it, meeting, hosts):
        for owner, member in ((OwnerKind.SECRETARIAT, None), (OwnerKind.MEMBERS, None), (OwnerKind.MEMBER, OTHER)):
            duty = self.duty(owner, it.members[member] if member else None, text=f"{owner} {member}")
            preparation.add_task(session, meeting, duty, actor=it.officer, now=NOW)

        def seen(actor):
            own = {m.id for m in members.own_cities(session, actor)}
            hosted = query.hosted(session, sorted(own))
            return sorted(t.text for t in query.tasks(session, meeting) if query.sees_task(actor, t, own, hosted))

        everything = ["Book the halls", f"member {OTHER}", "members None", "secretariat None"]
        assert seen(it.officer) == seen(it.focal(HOST)) == everything
        assert seen(it.focal(OTHER)) == [f"member {OTHER}", "members None"]
        assert seen(it.focal(LITERATURE)) == ["members None"]


def test_a_seat_that_only_names_its_city_is_the_citys(session, it):
    session.execute(sa.text("UPDATE seat SET member_id = NULL"))
    assert [m.city for m in members.own_cities(session, it.focal(OTHER))] == [OTHER]
    assert len(coming.focal_points(session, NOW)) == 3


def test_the_closing_date_is_the_last_day_by_the_clock_of_the_place(it):
    assert it.meeting().delegates_until_at == datetime(2026, 5, 1, 15, tzinfo=UTC)
    assert CLOSING.day == 1


def test_a_whole_preparation_on_either_engine(either_database, make_app):
    """What the engines compare, order and lock in ways of their own."""
    with make_app(either_database).app_context():
        session = db.session()
        it = Preparing(session, NOW)
        meeting = it.meeting()
        it.coordinates(LITERATURE)
        workshop = it.add(meeting, kind=Kind.WORKSHOP, field="literature", starts="23:00", ends="23:59")
        agenda.publish(session, meeting, actor=it.officer, now=NOW)
        assert delegates.open_registration(session, meeting, actor=it.officer, now=NOW) == 3
        delegates.name(session, meeting, it.members[OTHER], Person("Nadia"), actor=it.focal(OTHER), now=NOW)
        delegates.close_due(session, CLOSED)
        report = {"en": "A", "fr": ""}
        workshops.write(
            session, meeting, workshop, report, seen_revision=0, actor=it.focal(LITERATURE), now=NOW
        )  # fmt: skip
        workshops.issue(session, meeting, workshop, actor=it.focal(LITERATURE), now=NOW)
        duty = Duty("Book the halls", "en", OwnerKind.MEMBER, FIRST, it.members[HOST].id)
        task = preparation.add_task(session, meeting, duty, actor=it.officer, now=NOW)
        preparation.finish_task(session, task, actor=it.focal(HOST), now=NOW)
        session.commit()
        session.expire_all()
        assert (f"{workshop.starts:%H:%M}", workshop.report.issued_revision) == ("23:00", 1)
        assert len(session.scalars(sa.select(Document).where(Document.subject_id.is_not(None))).all()) == 6
        assert [m.city for m in members.own_cities(session, it.focal(OTHER))] == [OTHER]
        assert coming.counted(session, [meeting], [it.members[OTHER].id]) == {(meeting.id, it.members[OTHER].id): 1}
        assert query.open_tasks(session) == []
