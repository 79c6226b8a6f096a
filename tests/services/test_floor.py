"""A meeting amends its text: who may propose and second, how the cities present decide, and what becomes of the text."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, Refused
from rvc_portal.domain.vocabulary import Doc
from rvc_portal.models.amendment import CityVote
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.meeting import Delegate
from rvc_portal.queries import conclusions as texts
from rvc_portal.queries import floor as query
from rvc_portal.queries import members
from rvc_portal.services import adoption, amending, conclusions, journal
from rvc_portal.services import floor as acts
from tests.meetings import EDITION, Assembly, assemble
from tests.web.browsing import START

NEW = "The network meets twice a year."
NEUF = "Le réseau se réunit deux fois par an."


@pytest.fixture
def assembly(session: Session) -> Assembly:
    return assemble(session, START)


def entries(assembly: Assembly, act: str) -> list[JournalEntry]:
    found = sa.select(JournalEntry).where(JournalEntry.chain == journal.NETWORK, JournalEntry.transition == act)
    return list(assembly.session.scalars(found))


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refusal:
        act()
    return "; ".join(r.message % dict(r.params) for r in refusal.value.refusals)


def wrong(act: Callable[[], object]) -> dict[str, str]:
    with pytest.raises(InvalidInput) as error:
        act()
    return {name: str(refusals[0].message) for name, refusals in error.value.problems.items()}


# --- proposing and seconding ---


def test_what_is_proposed_gives_the_languages_that_it_changes(assembly: Assembly) -> None:
    before = assembly.meeting.version
    row = assembly.propose("Norwich", "1", en="  The network\n meets twice a year. ")
    assert row.texts() == {"en": NEW}
    assert assembly.meeting.version == before + 1
    assert entries(assembly, "propose_amendment")[0].payload["languages"] == ["en"]


@pytest.mark.parametrize(
    ("texts", "reason", "said"),
    [
        ({"en": "", "fr": " "}, "So.", {"texts": "Write how the text is to read, in one language or in both."}),
        ({}, "So.", {"texts": "This is how the text reads now: change it in one language or in both."}),
        (
            {"en": "The network  meets once a year."},
            "So.",
            {"texts": "This is how the text reads now: change it in one language or in both."},
        ),
        ({"en": NEW}, "  ", {"reason": "Give the reason: the other cities read it."}),
    ],
)
def test_an_empty_text_one_that_is_the_present_one_and_no_reason_are_refused(
    assembly: Assembly, texts: dict[str, str], reason: str, said: dict[str, str]
) -> None:
    assert wrong(lambda: assembly.propose("Norwich", "1", reason, **texts)) == said


def test_only_who_acts_for_a_member_city_proposes_and_seconds(assembly: Assembly) -> None:
    row = assembly.propose("Norwich", "1", en=NEW)
    assembly.persons["nobody"] = assembly.officer
    for act in (lambda: assembly.propose("nobody", "1", en=NEW), lambda: assembly.second("nobody", row)):
        assert refused(act) == "Only a person who acts for a member city may do this."


def test_nobody_proposes_for_another_city(assembly: Assembly) -> None:
    def act() -> object:
        return amending.propose(
            assembly.session, assembly.meeting, assembly.piece("1").id, {"en": NEW}, reason="So.", language="en",
            member_id=assembly.members["Dublin"].id, actor=assembly.actor("Norwich"), now=START,
        )  # fmt: skip

    assert refused(act) == "You do not act for this city: choose one of yours."


def test_an_adopted_clause_and_a_sealed_text_are_not_amended(assembly: Assembly) -> None:
    assembly.begin()
    assembly.take("1")
    assembly.adopt("1")
    assert refused(lambda: assembly.propose("Norwich", "1", en=NEW)).startswith("This clause is adopted")
    assembly.meeting.sealed_at = START
    assert refused(lambda: assembly.propose("Norwich", "2", en="All.")).startswith("This text is sealed")


def test_another_city_seconds_once_and_nobody_their_own(assembly: Assembly) -> None:
    row = assembly.propose("Norwich", "1", en=NEW)
    assembly.second("Dublin", row)
    assert refused(lambda: assembly.second("Dublin", row)) == "Dublin has seconded this amendment already."
    assert refused(lambda: assembly.second("Norwich", row)) == "A city does not second its own amendment."
    assembly.session.expire_all()
    assert [second.member.city for second in row.seconds] == ["Dublin"]


def test_its_own_city_withdraws_it_and_then_nothing_more_happens_to_it(assembly: Assembly) -> None:
    row = assembly.propose("Norwich", "1", en=NEW)

    def withdraw(city: str) -> None:
        amending.withdraw(assembly.session, assembly.meeting, row.id, actor=assembly.actor(city), now=START)

    assert refused(lambda: withdraw("Dublin")) == "Only the city that proposed an amendment withdraws it."
    withdraw("Norwich")
    assert row.state == "withdrawn"
    told = "This amendment is decided already: its city has withdrawn it."
    assert refused(lambda: withdraw("Norwich")) == told
    assert refused(lambda: assembly.second("Dublin", row)) == told


# --- the floor ---


def test_only_registered_cities_are_present(session: Session) -> None:
    assembly = assemble(session, START, registered=6)
    assert refused(lambda: assembly.arrive("Norwich")) == "The floor is not open."
    assembly.begin("Norwich")
    assert refused(lambda: assembly.arrive("Reykjavík")) == "Reykjavík is not registered: it has no delegate."


def test_only_the_secretariat_runs_the_floor(assembly: Assembly) -> None:
    city = assembly.actor("Norwich")
    row = assembly.propose("Norwich", "1", en=NEW)
    given = {"actor": city, "now": START}
    for act in (
        lambda: acts.begin(assembly.session, assembly.meeting, **given),
        lambda: acts.end(assembly.session, assembly.meeting, **given),
        lambda: acts.take_clause(assembly.session, assembly.meeting, None, actor=city),
        lambda: acts.take_amendment(assembly.session, assembly.meeting, row.id, actor=city),
        lambda: acts.decide(assembly.session, assembly.meeting, row.id, adopted=True, **given),
        lambda: acts.put_to_vote(assembly.session, assembly.meeting, **given),
        lambda: acts.close_vote(assembly.session, assembly.meeting, **given),
        lambda: acts.adopt(assembly.session, assembly.meeting, row.clause_id, **given),
        lambda: adoption.adopt(assembly.session, assembly.piece("1"), **given),
    ):
        assert refused(act) == "Your role does not allow this."


def test_an_adopted_amendment_becomes_the_text_and_the_others_are_shown_against_it(assembly: Assembly) -> None:
    first = assembly.propose("Norwich", "1", en=NEW, fr=NEUF)
    assembly.propose("Dublin", "1", en="The network meets once a year, in spring.")
    assembly.begin()
    assembly.take("1", first)
    assembly.decide(first, adopted=True)
    piece = assembly.piece("1")
    assert (piece.text("en"), piece.text("fr")) == (NEW, NEUF)
    assert [t.revision for t in piece.texts if t.language == "en"] == [1, 2]
    assert first.before() == {"en": "The network meets once a year.", "fr": "Le réseau se réunit une fois par an."}
    assert entries(assembly, "decide_amendment")[0].payload["state"] == "adopted"


def test_who_decides_second_is_told_what_was_decided(assembly: Assembly) -> None:
    row = assembly.propose("Norwich", "1", en=NEW, fr=NEUF)
    assembly.begin()
    assembly.take("1", row)
    assembly.decide(row, adopted=False)
    told = "This amendment is decided already: it was rejected."
    assert refused(lambda: assembly.decide(row, adopted=True)) == told
    assert assembly.piece("1").text("en") == "The network meets once a year."


def test_only_what_is_at_hand_is_decided(assembly: Assembly) -> None:
    row = assembly.propose("Norwich", "1", en=NEW, fr=NEUF)
    assembly.begin()
    assembly.take("2")
    assert refused(lambda: assembly.decide(row, adopted=True)) == "The meeting is not at this amendment."
    assert refused(lambda: assembly.take("2", row)) == "The meeting is not at the clause of this amendment."
    assert refused(lambda: assembly.adopt("1")) == "The meeting is not at this clause."


def test_a_clause_waits_for_its_amendments_and_takes_its_sub_clauses_with_it(assembly: Assembly) -> None:
    row = assembly.propose("Norwich", "3b", en="publish the conclusions at once.", fr="de publier aussitôt.")
    assembly.begin()
    assembly.take("3", row)
    assert refused(lambda: assembly.adopt("3")).startswith("Amendments on this clause are still open: 1.")
    assembly.decide(row, adopted=True)
    assembly.adopt("3")
    assert all(assembly.piece(name).adopted_at == START for name in ("3", "3a", "3b"))
    assert refused(lambda: assembly.take("3")) == "This clause is adopted already."
    assert entries(assembly, "adopt_clause")[0].payload["name"] == "3"


def test_a_language_that_an_adopted_amendment_left_is_brought_into_line_before_the_clause_is_adopted(
    assembly: Assembly,
) -> None:
    row = assembly.propose("Norwich", "1", en=NEW)
    assembly.begin()
    assembly.take("1", row)
    assembly.decide(row, adopted=True)
    assert row.lagging == "fr"
    assert refused(lambda: assembly.adopt("1")).endswith("bring the other one into line first: fr.")

    def align(text: str) -> None:
        amending.align(
            assembly.session, assembly.meeting, assembly.piece("1").id, text, actor=assembly.actor("officer"), now=START
        )

    assert wrong(lambda: align(" ")) == {"text": "Write how the text is to read."}
    align(NEUF)
    assert refused(lambda: align(NEUF)) == "Both languages of this clause are in line."
    assembly.adopt("1")
    assert assembly.piece("1").text("fr") == NEUF


def test_a_revision_by_anybody_brings_it_into_line(assembly: Assembly) -> None:
    row = assembly.propose("Norwich", "1", fr=NEUF)
    assembly.begin()
    assembly.take("1", row)
    assembly.decide(row, adopted=True)
    piece = assembly.piece("1")
    assert query.lagging(piece, [row]) == "en"
    conclusions.write(assembly.session, piece, "en", NEW, assembly.actor("officer"), START)
    assert query.lagging(piece, [row]) is None
    assembly.adopt("1")


# --- votes by name ---


@pytest.fixture
def voting(assembly: Assembly) -> Assembly:
    """A vote runs on an amendment of Norwich; five cities of seven are present."""
    row = assembly.propose("Norwich", "1", en=NEW, fr=NEUF)
    assembly.begin("Norwich", "Dublin", "Granada", "Lyon", "Prague")
    assembly.take("1", row)
    assembly.open_vote()
    return assembly


def amendment_of(assembly: Assembly):  # type: ignore[no-untyped-def]
    return query.amendments(assembly.session, assembly.meeting)[assembly.piece("1").id][0]


@pytest.mark.parametrize(
    ("choices", "state"),
    [
        (("in_favour", "in_favour", "against"), "adopted"),
        (("in_favour", "against"), "rejected"),  # a tie carries nothing
        (("abstaining",), "rejected"),
    ],
)
def test_the_cities_present_decide_by_name(voting: Assembly, choices: tuple[str, ...], state: str) -> None:
    for city, choice in zip(("Norwich", "Dublin", "Granada"), choices, strict=False):
        voting.vote(city, choice)
    voting.close_vote()
    assert amendment_of(voting).state == state
    assert voting.piece("1").text("en") == (NEW if state == "adopted" else "The network meets once a year.")
    told = entries(voting, "close_floor_vote")[0].payload
    assert sorted(told["votes"].values()) == sorted(choices)
    assert set(told["votes"]) <= {str(member.id) for member in voting.members.values()}
    assert (told["present"], told["quorum"]) == (5, 4)


def test_one_city_one_vote_of_those_present_while_it_is_open(voting: Assembly) -> None:
    voting.vote("Dublin", "in_favour")
    assert refused(lambda: voting.vote("Dublin", "against")) == "Dublin has voted already; a vote is not changed."
    assert refused(lambda: voting.vote("Heidelberg", "against")).startswith("Heidelberg is not present")
    voting.persons["nobody"] = voting.officer
    assert refused(lambda: voting.vote("nobody", "against")).startswith("Only a person who acts for a member city")
    voting.close_vote()
    for late in (lambda: voting.vote("Granada", "against"), voting.close_vote):
        assert refused(late) == "No vote is running: it may be closed already."
    assert len(voting.session.scalars(sa.select(CityVote)).all()) == 1


def test_a_city_whose_delegates_were_withdrawn_votes_no_more(voting: Assembly) -> None:
    gone = sa.update(Delegate).where(Delegate.member_id == voting.members["Lyon"].id)
    voting.session.execute(gone.values(withdrawn_at=START))
    assert refused(lambda: voting.vote("Lyon", "against")).startswith("Lyon is not present")


def test_without_a_quorum_no_vote_is_opened(assembly: Assembly) -> None:
    row = assembly.propose("Norwich", "1", en=NEW, fr=NEUF)
    assembly.begin("Norwich", "Dublin", "Granada")
    assembly.take("1", row)
    assert refused(assembly.open_vote) == "No quorum; cities present: 3, needed: 4."


def test_where_the_quorum_is_lost_the_vote_counts_for_nothing(voting: Assembly) -> None:
    voting.vote("Norwich", "in_favour")
    voting.leave("Prague")
    voting.leave("Lyon")
    voting.close_vote()
    assert amendment_of(voting).state == "open"
    (vote,) = query.votes(voting.session, voting.meeting)
    assert (vote.carried, vote.in_favour, vote.present) == (None, None, 3)
    assert "votes" not in entries(voting, "close_floor_vote")[0].payload


def test_while_a_vote_runs_nothing_else_is_done(voting: Assembly) -> None:
    row = amendment_of(voting)
    for act in (
        voting.open_vote, lambda: voting.take("2"), lambda: voting.decide(row, adopted=True), lambda: voting.adopt("1"),
        lambda: acts.end(voting.session, voting.meeting, actor=voting.actor("officer"), now=START),
    ):  # fmt: skip
        assert refused(act) == "A vote is running: close it first."
    withdrawal = refused(
        lambda: amending.withdraw(voting.session, voting.meeting, row.id, actor=voting.actor("Norwich"), now=START)
    )
    assert withdrawal == "The meeting is voting on this amendment."


def test_a_vote_that_is_called_off_decides_nothing(voting: Assembly) -> None:
    voting.vote("Norwich", "in_favour")
    acts.call_off_vote(voting.session, voting.meeting, actor=voting.actor("officer"), now=START)
    assert amendment_of(voting).state == "open"
    voting.open_vote()
    voting.vote("Norwich", "against")  # another vote: one vote in each


def test_a_clause_is_adopted_by_vote(assembly: Assembly) -> None:
    assembly.begin("Norwich", "Dublin", "Granada", "Lyon")
    assembly.take("2")
    assembly.open_vote()
    assert refused(lambda: assembly.propose("Norwich", "2", en="All.")) == "The meeting is voting on this clause."
    assembly.vote("Norwich", "in_favour")
    assembly.close_vote()
    assert assembly.piece("2").adopted_at == START


def test_a_text_that_was_amended_and_adopted_is_sealed_with_the_amended_words(assembly: Assembly) -> None:
    row = assembly.propose("Norwich", "1", en=NEW, fr=NEUF)
    assembly.begin()
    assembly.take("1", row)
    assembly.decide(row, adopted=True)
    for name in ("title", "preamble", "1", "2", "3"):
        assembly.take(name)
        assembly.adopt(name)
    issued = conclusions.seal(assembly.session, edition=EDITION, actor=assembly.actor("officer"), now=START)
    each = [d for d in issued if d.kind == Doc.CONCLUSIONS]
    texts = {d.language: d.context["clauses"][0]["text"]["text"] for d in each}
    assert texts == {"en": NEW, "fr": NEUF}
    assert refused(assembly.begin) == "This text is sealed: the meeting has nothing left to decide."


def test_the_floor_closes_and_opens_again_with_nobody_present(assembly: Assembly) -> None:
    assembly.begin("Norwich")
    acts.end(assembly.session, assembly.meeting, actor=assembly.actor("officer"), now=START)
    assert refused(lambda: assembly.take("1")) == "The floor is not open."
    assembly.begin()
    assert query.present(assembly.session, assembly.meeting, [assembly.members["Norwich"].id]) == []


def test_an_actor_of_the_secretariat_has_no_city(assembly: Assembly) -> None:
    assert members.own_cities(assembly.session, assembly.actor("officer")) == []
    assert not texts.takes_part(Actor(account_id=None))
