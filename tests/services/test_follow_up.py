"""A clause is followed up by its owners and the Secretariat: states in turn, notes with evidence that holds, the document."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, undefer

from rvc_portal.domain.errors import InvalidInput, NotFound, Overtaken, Refused
from rvc_portal.domain.following import Owner, State
from rvc_portal.domain.vocabulary import Doc, LinkKind, OwnerKind
from rvc_portal.models.clause import ClauseLink, ClauseOwner
from rvc_portal.models.document import Document
from rvc_portal.models.job import Mail
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.meeting import Meeting, MeetingTask
from rvc_portal.queries import follow_up as query
from rvc_portal.services import clause_links, clause_owners, clause_reminders, follow_up, journal, mailing
from tests.followed import ALL, GROUP, NOW, OFFICE, Followed, followed
from tests.stories import Tale
from tests.web.browsing import START

DUE = date(2016, 2, 1)


@pytest.fixture
def world(session: Session) -> Followed:
    return followed(session)


def acts(session: Session) -> list[str]:
    return list(session.scalars(sa.select(JournalEntry.transition).where(JournalEntry.chain == journal.NETWORK)))


def said(error: pytest.ExceptionInfo[InvalidInput], name: str) -> list[str]:
    return [r.message % dict(r.params) for r in error.value.problems[name]]


def test_an_owner_says_how_far_it_is_and_the_history_keeps_it(world: Followed) -> None:
    world.owned("1", world.city("Kanazawa"))
    world.set("1", State.UNDER_WAY, world.kanazawa)
    world.set("1", State.DONE)
    found = [(row.number, row.state, row.owner) for row in query.history(world.session, world.clause("1").id)]
    assert found == [(2, "done", "secretariat"), (1, "under_way", "member")]
    assert world.at("1").latest.account is world.officer
    assert acts(world.session)[-2:] == ["set_clause_state", "set_clause_state"]


@pytest.mark.parametrize("who", ["dublin", "coordinator"])
def test_who_owns_nothing_of_it_is_told_so(world: Followed, who: str) -> None:
    world.owned("1", world.city("Kanazawa"))
    by = getattr(world, who)
    with pytest.raises(Refused, match="Clause 1 is not yours to follow up"):
        world.set("1", State.DONE, by)
    with pytest.raises(Refused, match="Clause 1 is not yours to follow up"):
        world.note("1", by=by)
    world.owned("1", ALL, GROUP)
    world.set("1", State.DONE, by)
    assert world.at("1").state is State.DONE


def test_the_second_of_two_at_once_is_told_what_it_is_now(world: Followed) -> None:
    world.owned("1", GROUP)
    world.set("1", State.UNDER_WAY, world.coordinator, seen=0)
    with pytest.raises(Overtaken, match="Coordinator Person set clause 1 to “Under way”"):
        world.set("1", State.DONE, seen=0)
    assert world.at("1").number == 1
    with pytest.raises(Refused, match="stands at “Under way” already"):
        world.set("1", State.UNDER_WAY)


def test_a_clause_with_sub_clauses_follows_them_and_they_have_its_owners_and_day(world: Followed) -> None:
    world.owned("3", GROUP, due_on=DUE)
    part = world.at("3a")
    assert (part.owners, part.inherited, part.due_on) == ((GROUP,), True, DUE)
    with pytest.raises(Refused, match="follows from its sub-clauses"):
        world.set("3", State.DONE)
    world.set("3a", State.DONE, world.coordinator)
    assert world.at("3").state is State.UNDER_WAY
    world.set("3b", State.DROPPED)
    assert world.at("3").state is State.DONE
    world.owned("3b", OFFICE, due_on=DUE + timedelta(days=9))
    assert (world.at("3b").owners, world.at("3b").due_on) == ((OFFICE,), DUE + timedelta(days=9))


def test_owners_and_day_are_journaled_once_and_only_by_the_secretariat_once_sealed(world: Followed) -> None:
    version = world.meeting.version
    clause = world.owned("1", GROUP, world.city("Dublin"), GROUP, due_on=DUE)
    assert sorted(world.session.scalars(sa.select(ClauseOwner.owner))) == ["member", "steering"]
    world.owned("1", world.city("Dublin"), GROUP, due_on=DUE)
    assert acts(world.session)[-2:] == ["set_clause_owners", "set_clause_due"]
    assert acts(world.session).count("set_clause_owners") == 1
    assert world.meeting.version == version + 2
    with pytest.raises(Refused, match="Your role does not allow this"):
        clause_owners.set_due(world.session, clause, None, actor=world.actor(world.coordinator), now=NOW)
    world.meeting.sealed_at = None
    clause_owners.set_due(world.session, clause, None, actor=world.actor(world.coordinator), now=NOW)
    assert clause.due_on is None


def test_a_day_before_the_meeting_and_a_city_that_is_no_member_are_refused(world: Followed) -> None:
    clause, by = world.clause("1"), world.actor(world.officer)
    with pytest.raises(InvalidInput) as refusal:
        clause_owners.set_due(world.session, clause, date(2015, 5, 27), actor=by, now=NOW)
    assert said(refusal, "due_on") == ["This is before the meeting that agreed on it, 2015-05-28."]
    clause_owners.set_due(world.session, clause, date(2015, 5, 28), actor=by, now=NOW)
    for member_id in (uuid4(), None):
        wanted = [GROUP, Owner(OwnerKind.MEMBER, member_id)]
        with pytest.raises(InvalidInput) as refusal:
            clause_owners.set_owners(world.session, clause, wanted, actor=by, now=NOW)
        assert said(refusal, "city") == ["This city is no member of the Network."]
    assert world.session.scalars(sa.select(ClauseOwner)).all() == []


def test_evidence_is_an_address_a_document_by_its_code_or_a_dossier(world: Followed) -> None:
    sealed = world.session.scalars(
        sa.select(Document).where(Document.kind == Doc.CONCLUSIONS, Document.language == "fr")
    ).one()
    code = f"{sealed.code[:4].lower()}-{sealed.code[4:]}"
    note_id = world.note("1", evidence=["https://ville.example/a", "", code, "https://ville.example/a"])
    (notes,) = query.notes(world.session, [world.clause("1").id], inside=False).values()
    cited = query.evidence(world.session, None, notes)[note_id]
    assert [c.url or c.document for c in cited] == ["https://ville.example/a", sealed]


def test_each_line_that_is_no_evidence_is_told_and_nothing_is_kept(world: Followed) -> None:
    with pytest.raises(InvalidInput) as refusal:
        world.note("1", evidence=["https://ville.example", "ftp://ville.example", "0000-0000-0000", "LIT-2015-001"])
    assert [line.split("”")[0] for line in said(refusal, "evidence")] == [
        "“ftp://ville.example", "“0000-0000-0000", "“LIT-2015-001",
    ]  # fmt: skip
    with pytest.raises(InvalidInput, match="text"):
        world.note("1", " ")
    with pytest.raises(InvalidInput, match="evidence"):
        world.note("1", evidence=[f"https://ville.example/{n}" for n in range(follow_up.MOST_EVIDENCE + 1)])
    assert query.notes(world.session, [world.clause("1").id], inside=True) == {}


def test_a_document_that_the_person_may_not_read_is_no_evidence_and_is_shown_to_readers_alone(world: Followed) -> None:
    world.owned("1", GROUP, world.city("Dublin"))
    sealed = world.session.scalars(
        sa.select(Document).where(Document.kind == Doc.CONCLUSIONS, Document.language == "fr")
    ).one()
    sealed.kind = Doc.CO_OPTION  # which is for the Secretariat, the Group and the Direction
    world.session.flush()
    with pytest.raises(InvalidInput):
        world.note("1", evidence=[sealed.code], by=world.dublin)
    note_id = world.note("1", evidence=[sealed.code], by=world.coordinator)
    notes = query.notes(world.session, [world.clause("1").id], inside=True)[world.clause("1").id]
    seen = {
        who: query.evidence(world.session, world.actor(getattr(world, who)) if who else None, notes).get(note_id, [])
        for who in (None, "dublin", "coordinator", "officer")
    }
    assert {who: len(cited) for who, cited in seen.items()} == {None: 0, "dublin": 0, "coordinator": 1, "officer": 1}


def test_a_dossier_is_evidence_for_those_who_may_know_of_it_alone(app: Flask, world: Followed) -> None:
    tale = Tale(app, START)
    reference = tale.dossier(tale.submitted()).reference
    world.owned("1", GROUP)
    with pytest.raises(InvalidInput):
        world.note("1", evidence=[reference], by=world.coordinator)  # a file under screening is none of the Group's
    note_id = world.note("1", evidence=[reference])
    notes = query.notes(world.session, [world.clause("1").id], inside=False)[world.clause("1").id]
    readers = {who: world.actor(getattr(world, who)) for who in ("coordinator", "kanazawa", "officer")} | {
        "nobody": None
    }
    seen = {who: query.evidence(world.session, reader, notes) for who, reader in readers.items()}
    assert [who for who, cited in seen.items() if cited] == ["officer"]
    assert [c.dossier.reference for c in seen["officer"][note_id] if c.dossier] == [reference]


def test_a_note_is_taken_back_by_its_author_or_the_secretariat(world: Followed) -> None:
    clause = world.owned("1", ALL)
    note = query.note(world.session, world.note("1", by=world.dublin))
    assert note is not None
    for by, error in ((world.kanazawa, Refused), (world.coordinator, Refused)):
        with pytest.raises(error):
            follow_up.take_back(world.session, clause, note, actor=world.actor(by), now=NOW)
    with pytest.raises(NotFound):
        follow_up.take_back(world.session, world.clause("2"), note, actor=world.actor(world.dublin), now=NOW)
    follow_up.take_back(world.session, clause, note, actor=world.actor(world.dublin), now=NOW)
    assert query.notes(world.session, [clause.id], inside=True) == {}
    with pytest.raises(Refused, match="taken back already"):
        follow_up.take_back(world.session, clause, note, actor=world.actor(world.officer), now=NOW)


def test_a_clause_is_linked_to_a_call_a_meeting_or_a_task_that_is_there(world: Followed) -> None:
    coming = Meeting(edition=10, year=2016, starts_on=date(2016, 9, 14), ends_on=date(2016, 9, 16))
    world.session.add(coming)
    world.session.flush()
    task = MeetingTask(meeting_id=coming.id, text="A report", language="en", owner="steering", due_on=DUE)
    world.session.add(task)
    world.session.flush()
    clause, by = world.clause("3a"), world.actor(world.officer)
    for kind, target_id in ((LinkKind.MEETING, coming.id), (LinkKind.TASK, task.id)):
        clause_links.link(world.session, clause, kind, target_id, actor=by, now=NOW)
    linked = query.launched(world.session, [clause.id])[clause.id]
    assert {it.kind: it.status(NOW, "UTC") for it in linked} == {
        "meeting": ("planned", date(2016, 9, 14)), "task": ("awaited", DUE),
    }  # fmt: skip
    later = NOW + timedelta(days=500)
    task.done_at = NOW
    assert {it.kind: it.status(later, "UTC")[0] for it in linked} == {"meeting": "held", "task": "completed"}
    wrong = (
        (LinkKind.MEETING, coming.id),
        (LinkKind.MEETING, world.meeting.id),
        (LinkKind.CALL, coming.id),
        ("dossier", task.id),
    )
    for kind, target_id in wrong:
        with pytest.raises(InvalidInput, match="target"):
            clause_links.link(world.session, clause, kind, target_id, actor=by, now=NOW)
    with pytest.raises(Refused):
        clause_links.unlink(
            world.session, clause, LinkKind.TASK, task.id, actor=world.actor(world.coordinator), now=NOW
        )
    clause_links.unlink(world.session, clause, LinkKind.TASK, task.id, actor=by, now=NOW)
    with pytest.raises(NotFound):
        clause_links.unlink(world.session, clause, LinkKind.TASK, task.id, actor=by, now=NOW)
    assert world.session.scalars(sa.select(ClauseLink.kind)).all() == ["meeting"]


def test_before_the_text_is_sealed_there_is_nothing_to_follow(world: Followed) -> None:
    clause = world.clause("1")
    world.meeting.sealed_at = None
    world.session.flush()
    by = world.actor(world.officer)
    with pytest.raises(Refused, match="before the text is sealed"):
        follow_up.set_state(world.session, clause, State.DONE, seen=0, actor=by, now=NOW)
    with pytest.raises(Refused, match="before the text is sealed"):
        follow_up.issue(world.session, world.meeting, actor=by, now=NOW)
    assert query.of_meetings(world.session) == []


def document(world: Followed, language: str) -> Document:
    query = sa.select(Document).where(
        Document.kind == Doc.FOLLOW_UP, Document.language == language, Document.superseded_at.is_(None)
    )
    return world.session.scalars(query.options(undefer(Document.context))).one()


def test_the_document_tells_clause_by_clause_what_anybody_may_read(world: Followed) -> None:
    world.owned("1", world.city("Kanazawa"), due_on=DUE)
    world.set("1", State.UNDER_WAY, world.kanazawa)
    world.note("1", "We began.", ["https://ville.example"], by=world.kanazawa)
    world.note("1", "Not yet for everybody.", public=False)
    follow_up.issue(world.session, world.meeting, actor=world.actor(world.officer), now=NOW + timedelta(days=400))
    told = document(world, "fr").context
    assert [c["name"] for c in told["clauses"]] == ["1", "2", "3", "3a", "3b", "4"]
    assert (told["total"], told["settled"], told["late"]) == (5, 0, 1)
    first = told["clauses"][0]
    assert [n["text"]["text"] for n in first["notes"]] == ["We began."]
    assert first["notes"][0]["evidence"] == [{"kind": None, "code": None, "url": "https://ville.example"}]
    assert first["by"] == {"en": "Kanazawa", "fr": "Kanazawa"}
    assert (first["late"], first["due_on"]) == (True, "2016-02-01")
    assert told["document"]["reference"] == "NETWORK/2015/FOLLOW_UP/1"


def test_issued_anew_it_replaces_the_one_before_and_only_the_secretariat_issues_it(world: Followed) -> None:
    by = world.actor(world.officer)
    follow_up.issue(world.session, world.meeting, actor=by, now=NOW)
    world.set("1", State.DONE)
    follow_up.issue(world.session, world.meeting, actor=by, now=NOW + timedelta(hours=1))
    told = document(world, "en").context
    assert (told["document"]["supersedes"], told["settled"]) == ("NETWORK/2015/FOLLOW_UP/1", 1)
    with pytest.raises(Refused):
        follow_up.issue(world.session, world.meeting, actor=world.actor(world.coordinator), now=NOW)


def reminded(world: Followed, day: date) -> dict[str, list[tuple[str, bool]]]:
    """Who was written to on a day, of which clauses, and whether these were late."""
    at = NOW.replace(year=day.year, month=day.month, day=day.day)
    world.session.execute(sa.delete(Mail))
    clause_reminders.remind(world.session, at)
    mails = world.session.scalars(sa.select(Mail).order_by(Mail.to_address))
    return {
        m.to_address.partition("@")[0]: [(c["clause"], c["late"]) for c in m.context["clauses"]] for m in mails
    }  # fmt: skip


def test_owners_are_reminded_once_before_the_day_and_once_after_it(world: Followed) -> None:
    world.owned("1", world.city("Kanazawa"), OFFICE, due_on=DUE)
    world.owned("2", ALL, due_on=DUE)
    world.owned("3", GROUP, due_on=DUE)
    world.owned("4", due_on=DUE)
    world.set("3b", State.DONE)
    assert reminded(world, DUE - timedelta(days=31)) == {}
    assert reminded(world, DUE - timedelta(days=30)) == {
        "coordinator": [("3a", False)], "dublin": [("2", False)], "kanazawa": [("1", False), ("2", False)],
        "officer": [("1", False), ("4", False)],  # what nobody owns is the Secretariat's to see to
    }  # fmt: skip
    assert reminded(world, DUE) == {}
    world.set("2", State.DONE)
    assert reminded(world, DUE + timedelta(days=1)) == {
        "coordinator": [("3a", True)], "kanazawa": [("1", True)], "officer": [("1", True), ("4", True)],
    }  # fmt: skip
    assert reminded(world, DUE + timedelta(days=2)) == {}
    world.owned("1", world.city("Kanazawa"), due_on=DUE + timedelta(days=90))
    assert reminded(world, DUE + timedelta(days=60)) == {"kanazawa": [("1", False)]}


@pytest.mark.parametrize(
    ("language", "words"), [("en", "which was due on 1 February 2016"), ("fr", "échue le 1er février 2016")]
)
def test_the_reminder_says_which_clause_and_leads_to_it(world: Followed, language: str, words: str) -> None:
    world.owned("3", GROUP, due_on=DUE)
    world.coordinator.language = language
    reminded(world, DUE + timedelta(days=3))
    (mail,) = world.session.scalars(sa.select(Mail))
    body = mailing.message(mail, "https://portal.example").body
    assert words in body
    assert "its part b;" in body
    assert "https://portal.example/meetings/9/follow-up/3a" in body


def test_what_a_person_sees_to_stands_by_day_and_the_settled_is_gone(world: Followed) -> None:
    world.owned("1", ALL, due_on=DUE)
    world.owned("2", world.city("Dublin"), due_on=DUE - timedelta(days=30))
    world.owned("4", world.city("Dublin"))
    world.owned("3", GROUP)

    def names(who: str) -> list[str]:
        standing = query.standing(world.session, world.actor(getattr(world, who)))
        return [f.name for f in query.mine(world.session, standing, DUE)]

    assert names("dublin") == ["2", "1", "4"]
    assert names("kanazawa") == ["1"]
    assert names("coordinator") == ["3a", "3b"]
    assert names("officer") == []
    world.set("2", State.DROPPED)
    assert names("dublin") == ["1", "4"]


def test_a_city_is_acted_for_by_the_seat_that_names_it(world: Followed) -> None:
    assert query.standing(world.session, world.actor(world.dublin)).cities == (world.cities["Dublin"].id,)
    assert query.standing(world.session, world.actor(world.kanazawa)).cities == (world.cities["Kanazawa"].id,)
    assert query.standing(world.session, None).inside is False
    assert isinstance(world.cities["Dublin"].id, UUID)
