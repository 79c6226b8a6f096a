"""A draft is written by two bodies at once, and nothing that anybody wrote is lost; what is adopted or sealed stays as it is."""

import datetime as dt
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor, Grant, SeatHeld
from rvc_portal.domain.errors import InvalidInput, NotFound, Overtaken, Refused
from rvc_portal.domain.following import Owner
from rvc_portal.domain.outline import Place
from rvc_portal.domain.vocabulary import Doc, DraftAct, LinkKind, OwnerKind, Role, SeatKind
from rvc_portal.models.account import Account
from rvc_portal.models.amendment import Amendment
from rvc_portal.models.base import db
from rvc_portal.models.clause import Clause, ClauseText
from rvc_portal.models.document import Document
from rvc_portal.models.drafting import DraftChange
from rvc_portal.models.meeting import Meeting
from rvc_portal.models.seat import Member
from rvc_portal.queries import conclusions as texts
from rvc_portal.queries import drafting as query
from rvc_portal.queries import follow_up
from rvc_portal.services import accounts, adoption, clause_links, clause_owners, conclusions, drafting, errata
from rvc_portal.services.errata import Correction
from rvc_portal.settings import Settings
from tests.conftest import MakeApp
from tests.services.test_conclusions import ENGLISH, FRENCH, take

NOW = dt.datetime(2026, 11, 26, 10, tzinfo=dt.UTC)
PLACE = {"latitude": 45.0, "longitude": 4.0, "verified": True}


def person(session: Session, name: str) -> Account:
    email = f"{name.lower()}@network.example"
    return accounts.create_account(session, email=email, name=name, now=NOW, password=None)


@pytest.fixture
def officer(session: Session) -> Actor:
    return Actor(person(session, "Officer").id, "Officer", grants=(Grant(Role.SECRETARIAT),))


@pytest.fixture
def coordinator(session: Session) -> Actor:
    seat = SeatHeld(uuid4(), SeatKind.COORDINATOR, "Literature", "literature")
    return Actor(person(session, "Coordinator").id, "Coordinator", seats=(seat,))


@pytest.fixture
def norwich(session: Session) -> Member:
    city = Member(city="Norwich", country="GB", field="literature", year=2012, region="europe_north_america", **PLACE)
    session.add(city)
    session.flush()
    return city


@pytest.fixture
def focal(session: Session) -> Actor:
    place = {"field": "literature", "country": "GB", "city": "Norwich"}
    seat = accounts.create_seat(session, kind=SeatKind.MEMBER, name="Norwich", **place)
    held = SeatHeld(seat.id, SeatKind.MEMBER, "Norwich", **place)
    return Actor(person(session, "Focal").id, "Focal", seats=(held,))


@pytest.fixture
def meeting(session: Session, officer: Actor) -> Meeting:
    """A draft with three clauses, the second with two sub-clauses."""
    found = Meeting(edition=14, year=2027)
    session.add(found)
    session.flush()
    drafting.begin(session, found, copied=False, actor=officer, now=NOW)
    for name in ("one", "two", "three"):
        drafting.add(session, found, pair(name), under=None, after=None, actor=officer, now=NOW)
    for name in ("first", "second"):
        drafting.add(session, found, pair(name), under=clause(session, found, "2"), after=None, actor=officer, now=NOW)
    return found


def pair(name: str) -> dict[str, str]:
    return {"en": f"Clause {name} stands here.", "fr": f"La clause {name} est ici."}


def clause(session: Session, meeting: Meeting, name: str) -> Clause:
    return dict(texts.of(session, meeting).named())[name]


def reads(session: Session, meeting: Meeting, language: str = "en") -> list[tuple[str, str]]:
    session.expire_all()
    return [(n, p.text(language)) for n, p in texts.of(session, meeting).named() if p.kind == texts.CLAUSE]


def last(session: Session, meeting: Meeting) -> int:
    return query.last_change(session, meeting)


def said(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [r.message % dict(r.params) for r in refusal.value.refusals]


def test_a_draft_begins_with_the_text_of_the_last_meeting_that_has_one(session: Session, officer: Actor) -> None:
    take(session, FRENCH, "fr")
    take(session, ENGLISH, "en")
    meeting = Meeting(edition=14, year=2027)
    session.add(meeting)
    session.flush()
    drafting.begin(session, meeting, copied=True, actor=officer, now=NOW)
    assert reads(session, meeting) == [
        ("1", "The first."),
        ("2", "The second:"),
        ("2a", "one part;"),
        ("2b", "another."),
    ]
    there = texts.of(session, meeting)
    assert there.head["title"].text("fr") == "Accords de Kanazawa"
    assert [piece.adopted_at for piece in there.pieces()] == [None] * 6
    with pytest.raises(Refused, match="has begun already"):
        drafting.begin(session, meeting, copied=False, actor=officer, now=NOW)


def test_there_may_be_nothing_to_copy(session: Session, officer: Actor) -> None:
    meeting = Meeting(edition=8, year=2014)
    session.add(meeting)
    session.flush()
    with pytest.raises(Refused, match="No earlier meeting has a text"):
        drafting.begin(session, meeting, copied=True, actor=officer, now=NOW)


def test_each_text_has_its_own_revisions_with_author_and_time(
    session: Session, meeting: Meeting, officer: Actor, coordinator: Actor
) -> None:
    one, before = clause(session, meeting, "1"), meeting.version
    typed = {"en": " A better\n  first. ", "fr": one.text("fr")}
    later = NOW + dt.timedelta(hours=1)
    assert drafting.save(session, one, typed, {"en": 1, "fr": 1}, actor=coordinator, now=later) == ["en"]
    told = [(t.language, t.revision, t.text, t.written_by, t.written_at) for t in one.texts if t.language == "en"]
    assert told == [
        ("en", 1, "Clause one stands here.", officer.account_id, NOW),
        ("en", 2, "A better first.", coordinator.account_id, later),
    ]
    assert meeting.version == before + 1
    assert drafting.save(session, one, typed, {"en": 2, "fr": 1}, actor=officer, now=later) == []


def test_a_text_that_somebody_else_revised_is_not_written_over(
    session: Session, meeting: Meeting, officer: Actor, coordinator: Actor
) -> None:
    one, seen = clause(session, meeting, "1"), {"en": 1, "fr": 1}
    french = one.text("fr")
    drafting.save(session, one, {"en": "Theirs.", "fr": french}, seen, actor=coordinator, now=NOW)
    with pytest.raises(drafting.Revised) as revised:
        drafting.save(session, one, {"en": "Mine.", "fr": "À moi."}, seen, actor=officer, now=NOW)
    assert [(c.language, c.theirs.text, c.typed) for c in revised.value.clashes] == [("en", "Theirs.", "Mine.")]
    assert (one.text("en"), one.text("fr")) == ("Theirs.", french)  # none of both is written
    drafting.save(session, one, {"en": "Mine.", "fr": "À moi."}, {"en": 2, "fr": 1}, actor=officer, now=NOW)
    assert [t.text for t in one.texts if t.language == "en"] == ["Clause one stands here.", "Theirs.", "Mine."]


def test_who_left_a_text_alone_does_not_undo_what_somebody_else_made_of_it(
    session: Session, meeting: Meeting, officer: Actor, coordinator: Actor
) -> None:
    one, seen = clause(session, meeting, "1"), {"en": 1, "fr": 1}
    drafting.save(session, one, {"en": "Theirs."}, seen, actor=coordinator, now=NOW)
    typed = {"en": "Clause one stands here.", "fr": "À moi."}
    assert drafting.save(session, one, typed, seen, actor=officer, now=NOW) == ["fr"]
    assert (one.text("en"), one.text("fr")) == ("Theirs.", "À moi.")


def test_numbers_follow_wherever_a_clause_goes(session: Session, meeting: Meeting, officer: Actor) -> None:
    def move(name: str, place: Place) -> list[str]:
        found = clause(session, meeting, name)
        drafting.move(session, found, place, seen=last(session, meeting), actor=officer, now=NOW)
        return [f"{n} {t.split()[1]}" for n, t in reads(session, meeting)]

    assert move("3", Place(None, 0)) == ["1 three", "2 one", "3 two", "3a first", "3b second"]
    two = clause(session, meeting, "3").id
    assert move("2", Place(two, 1)) == ["1 three", "2 two", "2a first", "2b one", "2c second"]
    assert move("2b", Place(None, 2)) == ["1 three", "2 two", "2a first", "2b second", "3 one"]
    change = query.changes(session, meeting)[0]
    assert (change.act, change.before, change.after, change.person.name) == (DraftAct.MOVE, "2b", "3", "Officer")


def test_an_order_that_somebody_else_changed_is_not_moved_in(
    session: Session, meeting: Meeting, officer: Actor, coordinator: Actor
) -> None:
    seen, one = last(session, meeting), clause(session, meeting, "1")
    drafting.move(session, clause(session, meeting, "3"), Place(None, 0), seen=seen, actor=coordinator, now=NOW)
    before = reads(session, meeting)
    for act in (
        lambda: drafting.move(session, one, Place(None, 2), seen=seen, actor=officer, now=NOW),
        lambda: drafting.remove(session, one, seen=seen, actor=officer, now=NOW),
        lambda: drafting.merge(session, one, seen=seen, actor=officer, now=NOW),
    ):
        with pytest.raises(Overtaken) as overtaken:
            act()
        assert said(overtaken) == [f"Coordinator moved clause 3, which is 1 since, on {NOW}."]
    assert reads(session, meeting) == before


def test_a_clause_is_split_in_both_languages_and_its_sub_clauses_follow_the_text(
    session: Session, meeting: Meeting, officer: Actor
) -> None:
    two = clause(session, meeting, "2")
    typed = {"en": "Clause two\nstands here.", "fr": "La clause\n\ntwo est ici."}
    drafting.split(session, two, typed, {"en": 1, "fr": 1}, actor=officer, now=NOW)
    assert reads(session, meeting)[1:4] == [
        ("2", "Clause two"), ("3", "stands here."), ("3a", "Clause first stands here."),
    ]  # fmt: skip
    assert dict(reads(session, meeting, "fr"))["3"] == "two est ici."


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"en": "Clause one\nstands here."}, {"fr"}),
        ({"en": "Clause one stands here.", "fr": "La clause one\nest ici."}, {"en"}),
        ({"en": "Clause one\nstands there.", "fr": "La clause one\nest ici."}, {"en"}),
    ],
)
def test_a_split_says_in_each_language_where_and_changes_nothing_else(
    session: Session, meeting: Meeting, officer: Actor, typed: dict[str, str], wrong: set[str]
) -> None:
    before = reads(session, meeting)
    with pytest.raises(InvalidInput) as problem:
        drafting.split(session, clause(session, meeting, "1"), typed, {"en": 1, "fr": 1}, actor=officer, now=NOW)
    assert set(problem.value.problems) == wrong
    assert reads(session, meeting) == before


def test_a_text_that_was_revised_is_not_split_where_it_read_otherwise(
    session: Session, meeting: Meeting, officer: Actor, coordinator: Actor
) -> None:
    one, seen = clause(session, meeting, "1"), {"en": 1, "fr": 1}
    drafting.save(session, one, {"en": "Theirs."}, seen, actor=coordinator, now=NOW)
    typed = {"en": "Clause one\nstands here.", "fr": "La clause one\nest ici."}
    with pytest.raises(drafting.Revised):
        drafting.split(session, one, typed, seen, actor=officer, now=NOW)


def test_two_clauses_become_one_with_all_that_hangs_on_them(
    session: Session, meeting: Meeting, officer: Actor, focal: Actor, norwich: Member
) -> None:
    one, two = clause(session, meeting, "1"), clause(session, meeting, "2")
    drafting.comment(session, two, "Why?", "en", member=norwich, actor=focal, now=NOW)
    other = Meeting(edition=meeting.edition + 1, year=meeting.year + 1)
    session.add(other)
    session.flush()
    clause_owners.set_owners(session, two, [Owner(OwnerKind.STEERING)], actor=officer, now=NOW)
    clause_owners.set_due(session, two, dt.date(2027, 5, 1), actor=officer, now=NOW)
    clause_links.link(session, two, LinkKind.MEETING, other.id, actor=officer, now=NOW)
    drafting.merge(session, one, seen=last(session, meeting), actor=officer, now=NOW)
    assert reads(session, meeting) == [
        ("1", "Clause one stands here. Clause two stands here."), ("1a", "Clause first stands here."),
        ("1b", "Clause second stands here."), ("2", "Clause three stands here."),
    ]  # fmt: skip
    assert [thread[0].text for thread in query.comments(session, one)] == ["Why?"]
    assert [owner.owner for owner in one.owners] == ["steering"]
    assert one.due_on == dt.date(2027, 5, 1)
    assert [found.meeting for found in follow_up.launched(session, [one.id])[one.id]] == [other]
    assert two.removed_at == NOW
    assert two.text("en") == "Clause two stands here."


def test_what_is_removed_stays_in_the_record_and_comes_back_with_its_sub_clauses(
    session: Session, meeting: Meeting, officer: Actor
) -> None:
    two = clause(session, meeting, "2")
    written = session.scalar(sa.select(sa.func.count()).select_from(ClauseText))
    drafting.remove(session, two, seen=last(session, meeting), actor=officer, now=NOW)
    assert [n for n, _ in reads(session, meeting)] == ["1", "2"]
    assert [c.id for c in query.removed(session, meeting)] == [two.id]
    assert session.scalar(sa.select(sa.func.count()).select_from(ClauseText)) == written
    with pytest.raises(Refused, match="was removed on"):
        drafting.save(session, two, {"en": "x"}, {"en": 1}, actor=officer, now=NOW)
    drafting.restore(session, two, actor=officer, now=NOW)
    assert [f"{n} {t.split()[1]}" for n, t in reads(session, meeting)] == [
        "1 one",
        "2 three",
        "3 two",
        "3a first",
        "3b second",
    ]
    with pytest.raises(Refused, match="was not removed"):
        drafting.restore(session, two, actor=officer, now=NOW)


def test_a_sub_clause_comes_back_as_a_clause_of_its_own(session: Session, meeting: Meeting, officer: Actor) -> None:
    part = clause(session, meeting, "2a")
    for name in ("2a", "2"):
        found = clause(session, meeting, name)
        drafting.remove(session, found, seen=last(session, meeting), actor=officer, now=NOW)
    drafting.restore(session, part, actor=officer, now=NOW)
    assert [f"{n} {t.split()[1]}" for n, t in reads(session, meeting)] == ["1 one", "2 three", "3 first"]


def test_an_adopted_clause_is_never_changed_by_drafting(session: Session, meeting: Meeting, officer: Actor) -> None:
    two, version = clause(session, meeting, "2"), meeting.version
    adoption.adopt(session, two, actor=officer, now=NOW)
    assert [p.adopted_at for p in (two, clause(session, meeting, "2a"))] == [NOW, NOW]
    assert meeting.version == version + 1
    before, seen = reads(session, meeting), last(session, meeting)
    one, part = clause(session, meeting, "1"), clause(session, meeting, "2a")
    more = {"actor": officer, "now": NOW}
    for act in (
        lambda: drafting.save(session, two, {"en": "x"}, {"en": 1}, **more),
        lambda: drafting.move(session, two, Place(None, 0), seen=seen, **more),
        lambda: drafting.move(session, one, Place(two.id, 0), seen=seen, **more),
        lambda: drafting.remove(session, two, seen=seen, **more),
        lambda: drafting.merge(session, one, seen=seen, **more),
        lambda: drafting.split(session, two, {"en": "Clause\ntwo"}, {"en": 1}, **more),
        lambda: drafting.add(session, meeting, pair("new"), under=two, after=None, **more),
        lambda: drafting.comment(session, two, "Too late", "en", **more),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert said(refusal) == ["Clause 2 is adopted: drafting does not change it any more."]
    with pytest.raises(Refused, match="Clause 2a is adopted"):
        drafting.move(session, part, Place(None, 0), seen=seen, **more)
    assert reads(session, meeting) == before


def test_adoption_is_said_once_by_the_secretariat_and_taken_back_with_a_reason(
    session: Session, meeting: Meeting, officer: Actor, coordinator: Actor
) -> None:
    two, empty = clause(session, meeting, "2"), texts.of(session, meeting).head["title"]
    with pytest.raises(Refused, match="Your role does not allow this"):
        adoption.adopt(session, two, actor=coordinator, now=NOW)
    with pytest.raises(Refused, match="A sub-clause is adopted with its clause"):
        adoption.adopt(session, clause(session, meeting, "2a"), actor=officer, now=NOW)
    with pytest.raises(Refused, match="The title has no text yet"):
        adoption.adopt(session, empty, actor=officer, now=NOW)
    with pytest.raises(Refused, match="Clause 2 is not adopted"):
        adoption.reopen(session, two, reason="Too early", actor=officer, now=NOW)
    adoption.adopt(session, two, actor=officer, now=NOW)
    with pytest.raises(Refused, match="Clause 2 is adopted already"):
        adoption.adopt(session, two, actor=officer, now=NOW)
    with pytest.raises(Refused, match="Say why"):
        adoption.reopen(session, two, reason=" ", actor=officer, now=NOW)
    adoption.reopen(session, two, reason="Too early", actor=officer, now=NOW)
    assert [p.adopted_at for p in (two, clause(session, meeting, "2a"))] == [None, None]


def seal(session: Session, officer: Actor) -> list[Document]:
    return conclusions.seal(session, edition=14, actor=officer, now=NOW)


def test_sealing_names_every_gap_by_its_clause_and_language(session: Session, meeting: Meeting, officer: Actor) -> None:
    drafting.add(session, meeting, {"en": "English alone."}, under=None, after=None, actor=officer, now=NOW)
    for name in ("1", "2", "4"):
        adoption.adopt(session, clause(session, meeting, name), actor=officer, now=NOW)
    with pytest.raises(Refused) as refusal:
        seal(session, officer)
    assert said(refusal) == ["Clause 3 is not adopted.", "Clause 4 is not written in this language: fr."]
    assert meeting.sealed_at is None


def test_a_sealed_text_is_never_changed_by_drafting(session: Session, meeting: Meeting, officer: Actor) -> None:
    for name in ("1", "2", "3"):
        adoption.adopt(session, clause(session, meeting, name), actor=officer, now=NOW)
    issued = seal(session, officer)
    assert [(d.kind, d.language) for d in issued] == [
        (Doc.CONCLUSIONS, "en"), (Doc.CONCLUSIONS, "fr"), (Doc.CONCLUSIONS_BILINGUAL, "fr"),
    ]  # fmt: skip
    one = clause(session, meeting, "1")
    for act in (
        lambda: drafting.save(session, one, {"en": "x"}, {"en": 1}, actor=officer, now=NOW),
        lambda: drafting.add(session, meeting, pair("new"), under=None, after=None, actor=officer, now=NOW),
        lambda: adoption.reopen(session, one, reason="No", actor=officer, now=NOW),
        lambda: drafting.comment(session, one, "Too late", "en", actor=officer, now=NOW),
    ):
        with pytest.raises(Refused, match="were sealed on"):
            act()


def test_a_city_comments_for_itself_and_the_drafters_answer(
    session: Session, meeting: Meeting, officer: Actor, focal: Actor, norwich: Member
) -> None:
    one = clause(session, meeting, "1")
    asked = drafting.comment(session, one, " Why? ", "en", member=norwich, actor=focal, now=NOW)
    drafting.comment(session, one, "Because.", "en", answer_to=asked, actor=officer, now=NOW)
    ((found, answers),) = query.comments(session, one)
    assert (found.text, found.member, [a.text for a in answers]) == ("Why?", norwich, ["Because."])
    assert query.open_comments(session, meeting) == {one.id: 1}
    drafting.resolve(session, found, actor=officer, now=NOW)
    assert query.open_comments(session, meeting) == {}
    with pytest.raises(Refused, match="Your role does not allow this"):
        drafting.resolve(session, found, actor=focal, now=NOW)
    with pytest.raises(NotFound):  # for the Secretariat
        drafting.comment(session, one, "As if", "en", actor=focal, now=NOW)
    with pytest.raises(NotFound):  # for a city of somebody else's
        drafting.comment(session, one, "As if", "en", member=norwich, actor=officer, now=NOW)
    with pytest.raises(InvalidInput):
        drafting.comment(session, one, " \n", "en", member=norwich, actor=focal, now=NOW)


def test_who_only_comments_does_not_draft(session: Session, meeting: Meeting, focal: Actor) -> None:
    with pytest.raises(Refused, match="Your role does not allow this"):
        drafting.save(session, clause(session, meeting, "1"), {"en": "x"}, {"en": 1}, actor=focal, now=NOW)
    with pytest.raises(Refused, match="Your role does not allow this"):
        clause_owners.set_owners(session, clause(session, meeting, "1"), [], actor=focal, now=NOW)


def test_owners_and_day_are_replaced_as_they_are_said(
    session: Session, meeting: Meeting, coordinator: Actor, norwich: Member
) -> None:
    one = clause(session, meeting, "1")
    both = [Owner(OwnerKind.SECRETARIAT), Owner(OwnerKind.MEMBER, norwich.id), Owner(OwnerKind.SECRETARIAT)]
    clause_owners.set_owners(session, one, both, actor=coordinator, now=NOW)
    assert sorted(o.owner for o in one.owners) == ["member", "secretariat"]
    clause_owners.set_owners(session, one, [Owner(OwnerKind.MEMBERS)], actor=coordinator, now=NOW)
    assert [o.owner for o in one.owners] == ["members"]
    for wrong in (Owner(OwnerKind.MEMBER), Owner(OwnerKind.MEMBER, uuid4())):
        with pytest.raises(InvalidInput):
            clause_owners.set_owners(session, one, [wrong], actor=coordinator, now=NOW)


def test_nothing_is_hung_on_a_clause_that_was_removed(session: Session, meeting: Meeting, officer: Actor) -> None:
    two = clause(session, meeting, "2")
    drafting.remove(session, two, seen=last(session, meeting), actor=officer, now=NOW)
    with pytest.raises(Refused, match="bring it back first"):
        clause_owners.set_owners(session, two, [Owner(OwnerKind.MEMBERS)], actor=officer, now=NOW)
    with pytest.raises(Refused, match="bring it back first"):
        clause_links.link(session, two, LinkKind.MEETING, meeting.id, actor=officer, now=NOW)


@pytest.fixture
def sealed(session: Session, officer: Actor) -> Meeting:
    meeting = take(session, FRENCH, "fr").meeting
    take(session, ENGLISH, "en")
    conclusions.seal(session, edition=9, actor=officer, now=NOW)
    return meeting


def test_an_erratum_corrects_beside_the_sealed_text(session: Session, sealed: Meeting, officer: Actor) -> None:
    part = clause(session, sealed, "2a")
    wanted = Correction("fr", "une  partie", "deux parties", "A slip.", "en")
    for number in (1, 2):
        found, issued = errata.issue(session, part, wanted, actor=officer, now=NOW)
        assert found.number == number
        assert sorted((d.language, d.context["document"]["reference"]) for d in issued) == [
            ("en", f"NETWORK/2015/{number}/ERRATUM/1"), ("fr", f"NETWORK/2015/{number}/ERRATUM/1"),
        ]  # fmt: skip
        assert issued[0].context["piece"] == {"kind": "clause", "name": "2a"}
    assert part.text("fr") == "une partie ;"
    assert session.scalars(sa.select(Document).where(Document.superseded_at.is_not(None))).all() == []


@pytest.mark.parametrize(
    ("wanted", "wrong"),
    [
        (Correction("fr", "une partir", "deux", "A slip.", "en"), {"reads"}),
        (Correction("en", "une partie", "deux", "A slip.", "en"), {"reads"}),
        (Correction("fr", "une partie", "une partie", " ", "en"), {"should_read", "reason"}),
        (Correction("fr", " ", "", "A slip.", "en"), {"reads", "should_read"}),
    ],
)
def test_an_erratum_says_what_stands_in_the_text_and_why(
    session: Session, sealed: Meeting, officer: Actor, wanted: Correction, wrong: set[str]
) -> None:
    with pytest.raises(InvalidInput) as problem:
        errata.issue(session, clause(session, sealed, "2a"), wanted, actor=officer, now=NOW)
    assert set(problem.value.problems) == wrong
    assert query.errata(session, sealed) == []


def test_a_draft_has_no_errata(session: Session, meeting: Meeting, officer: Actor) -> None:
    wanted = Correction("en", "Clause", "Article", "A slip.", "en")
    with pytest.raises(Refused, match="not sealed"):
        errata.issue(session, clause(session, meeting, "1"), wanted, actor=officer, now=NOW)


def acts_of(session: Session) -> list[str]:
    from tests.services.test_conclusions import acts

    return acts(session)


def test_it_is_the_same_on_each_engine(either_database: Settings, make_app: MakeApp) -> None:
    """Begun, written, split, merged, commented on, removed, adopted, sealed and corrected: what refers to what is there."""
    with make_app(either_database).app_context():
        session = db.session()
        officer = Actor(person(session, "Officer").id, "Officer", grants=(Grant(Role.SECRETARIAT),))
        more = {"actor": officer, "now": NOW}
        meeting = Meeting(edition=14, year=2027)
        session.add(meeting)
        session.flush()
        drafting.begin(session, meeting, copied=False, **more)
        for name in ("one", "two", "three"):
            drafting.add(session, meeting, pair(name), under=None, after=None, **more)
        session.commit()
        one = clause(session, meeting, "1")
        typed = {"en": "Clause one\nstands here.", "fr": "La clause one\nest ici."}
        drafting.comment(session, drafting.split(session, one, typed, {"en": 1, "fr": 1}, **more), "Why?", "en", **more)
        drafting.merge(session, one, seen=last(session, meeting), **more)
        drafting.remove(session, clause(session, meeting, "3"), seen=last(session, meeting), **more)
        drafting.move(session, one, Place(None, 1), seen=last(session, meeting), **more)
        for name in ("1", "2"):
            adoption.adopt(session, clause(session, meeting, name), **more)
        assert len(conclusions.seal(session, edition=14, **more)) == 3
        errata.issue(session, one, Correction("en", "stands here", "stays here", "A slip.", "en"), **more)
        session.commit()
        assert [text for _, text in reads(session, meeting)] == ["Clause two stands here.", "Clause one stands here."]


def test_changes_are_counted_for_each_meeting(session: Session, meeting: Meeting) -> None:
    numbers = session.scalars(sa.select(DraftChange.number).order_by(DraftChange.number)).all()
    assert numbers == [1, 2, 3, 4, 5, 6]


def test_a_clause_with_an_open_amendment_neither_goes_nor_is_merged_away(
    session: Session, meeting: Meeting, officer: Actor, norwich: Member
) -> None:
    one, two = clause(session, meeting, "1"), clause(session, meeting, "2")
    proposed = Amendment(
        clause_id=two.id, text_en="Otherwise.", reason="-", language="en", member_id=norwich.id, proposed_at=NOW,
        proposed_by=officer.account_id, state="open",
    )  # fmt: skip
    session.add(proposed)
    session.flush()
    with pytest.raises(Refused, match="still open: 1"):
        drafting.remove(session, two, seen=last(session, meeting), actor=officer, now=NOW)
    with pytest.raises(Refused, match="still open: 1"):
        drafting.merge(session, one, seen=last(session, meeting), actor=officer, now=NOW)
    proposed.state = "rejected"
    drafting.remove(session, two, seen=last(session, meeting), actor=officer, now=NOW)
    assert two.removed_at == NOW
