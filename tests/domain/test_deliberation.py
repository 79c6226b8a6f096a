"""Who counts, who votes, what is carried, and in which order the agenda comes: rules that hold for any group."""

import itertools
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain.deliberation import (
    ABSOLUTE,
    SIMPLE,
    TWO_THIRDS,
    Choice,
    Sitter,
    Tally,
    against_count,
    against_quorum,
    against_vote,
    arranged,
    entitled,
    is_carried,
    missing,
    passages,
    reason_drafted,
    tally,
)
from rvc_portal.domain.vocabulary import SeatKind

FIELDS = ("crafts", "film", "music", None)


@st.composite
def groups(draw: st.DrawFn) -> list[Sitter]:
    return [
        Sitter(
            UUID(int=n), f"Seat {n}", draw(st.sampled_from(list(SeatKind)[2:])), draw(st.sampled_from(FIELDS)),
            *(draw(st.booleans()) for _ in range(3)),
        )
        for n in range(draw(st.integers(0, 9)))
    ]  # fmt: skip


@given(groups())
def test_who_counts_is_here_declared_and_not_recused(group: list[Sitter]) -> None:
    assert all(s.here and s.declared and not s.recused for s in entitled(group))
    others = [s for s in group if s.able and s not in entitled(group)]
    assert all(s.kind == SeatKind.DEPUTY for s in others)


@given(groups(), st.data())
def test_a_field_has_one_side_whoever_comes_and_goes(group: list[Sitter], data: st.DataObject) -> None:
    """Seats try to vote in any order, people come and go between them: a coordinator and a deputy never both vote, and
    nobody does twice."""
    voted: list[UUID] = []
    for _ in range(3 * len(group)):
        moving = data.draw(st.sampled_from(group))
        group = [Sitter(s.seat, s.name, s.kind, s.field, s.here != (s is moving), True, s.recused) for s in group]
        seat = data.draw(st.sampled_from(group))
        if not list(against_vote(group, seat.seat, voted)):
            voted.append(seat.seat)
            assert seat.here
            assert not seat.recused
    assert len(voted) == len(set(voted))
    for field in FIELDS[:3]:
        sides = {s.kind for s in group if s.seat in voted and s.pair == field}
        assert len(sides) <= 1


def sitter(number: int, kind: SeatKind = SeatKind.COORDINATOR, **more: bool) -> Sitter:
    return Sitter(UUID(int=number), f"Seat {number}", kind, "film", **more)


@pytest.mark.parametrize("away", [{"here": False}, {"recused": True}])
def test_the_deputy_stands_in(away: dict[str, bool]) -> None:
    coordinator, deputy = sitter(1), sitter(2, SeatKind.DEPUTY)
    assert entitled([coordinator, deputy]) == (coordinator,)
    assert entitled([sitter(1, **away), deputy]) == (deputy,)


@pytest.mark.parametrize("quorum", [1, 5])
def test_a_quorum_is_reached_at_its_number(quorum: int) -> None:
    assert list(against_quorum(quorum, quorum)) == []
    (told,) = against_quorum(quorum - 1, quorum)
    assert told.params == {"voting": quorum - 1, "quorum": quorum}


def test_of_a_field_one_is_waited_for_and_nobody_who_is_recused() -> None:
    leads, stands_in = sitter(1, SeatKind.COORDINATOR), sitter(2, SeatKind.DEPUTY)
    host, barred = sitter(3, SeatKind.HOST), sitter(4, SeatKind.HOST, recused=True)
    assert missing([leads, stands_in, host, barred], []) == (leads, host)
    assert missing([stands_in], []) == (stands_in,)
    assert missing([leads, host], [stands_in]) == (host,)
    assert missing([stands_in], [leads]) == ()


@pytest.mark.parametrize(
    ("group", "voted", "why"),
    [
        ([], (), "Who is absent"),
        ([sitter(1, here=False)], (), "Who is absent"),
        ([sitter(1, recused=True)], (), "Who is recused"),
        ([sitter(1, declared=False)], (), "Declare your interests"),
        ([sitter(1)], (UUID(int=1),), "has voted on this motion already"),
        ([sitter(1), sitter(2, SeatKind.DEPUTY)], (UUID(int=2),), "has been cast already"),
        ([sitter(1, SeatKind.DEPUTY), sitter(2)], (), "The coordinator of your field is here"),
    ],
)
def test_why_a_vote_is_refused(group: list[Sitter], voted: tuple[UUID, ...], why: str) -> None:
    assert [why in refusal.message for refusal in against_vote(group, UUID(int=1), voted)] == [True]


@pytest.mark.parametrize(
    ("counted", "seats", "carried"),
    [
        ((3, 2, 4), 9, {SIMPLE}),
        ((5, 2, 2), 9, {SIMPLE, ABSOLUTE, TWO_THIRDS}),
        ((2, 2, 0), 4, set()),
        ((4, 2, 2), 8, {SIMPLE, TWO_THIRDS}),
        ((0, 0, 5), 5, set()),
        ((1, 0, 0), 9, {SIMPLE, TWO_THIRDS}),
    ],
)
def test_what_is_carried(counted: tuple[int, int, int], seats: int, carried: set[str]) -> None:
    assert {m for m in (SIMPLE, ABSOLUTE, TWO_THIRDS) if is_carried(Tally(*counted), m, seats)} == carried


@given(st.lists(st.sampled_from(list(Choice))))
def test_every_vote_is_counted_once(choices: list[Choice]) -> None:
    assert tally(choices).cast == len(choices)
    assert tally(choices).in_favour == choices.count(Choice.IN_FAVOUR)


def test_hands_are_no_more_than_seats() -> None:
    assert not list(against_count(Tally(3, 1, 1), 5))
    assert len(list(against_count(Tally(4, 1, 1), 5))) == 1
    assert len(list(against_count(Tally(-1, 1, 1), 5))) == 1


AGENDAS = st.lists(st.frozensets(st.integers(1, 4).map(lambda n: UUID(int=n)), max_size=2), max_size=12)


@given(AGENDAS)
def test_the_agenda_is_whole_and_spares_comings_and_goings(recused: list[frozenset[UUID]]) -> None:
    given_ = dict(enumerate(recused))
    order = arranged(given_)
    assert sorted(order) == sorted(given_)
    assert arranged(given_) == order
    assert passages([given_[i] for i in order]) <= passages(recused)


@given(st.lists(st.frozensets(st.integers(1, 4).map(lambda n: UUID(int=n)), max_size=3), max_size=6))
def test_no_order_of_a_small_agenda_spares_more(recused: list[frozenset[UUID]]) -> None:
    order = arranged(dict(enumerate(recused)))
    assert passages([recused[i] for i in order]) == min(map(passages, itertools.permutations(recused)))


def test_an_agenda_of_many_different_recusals_is_spared_some() -> None:
    mixed = [frozenset({UUID(int=n), UUID(int=(n * 5) % 12 + 1)}) for n in range(1, 13)]
    order = arranged(dict(enumerate(mixed)))
    assert sorted(order) == list(range(12))
    assert passages([mixed[i] for i in order]) < passages(mixed)


def test_who_is_recused_from_two_items_goes_out_once() -> None:
    norwich = frozenset({UUID(int=1)})
    items = {"Edinburgh": norwich, "Lviv": frozenset[UUID](), "Nottingham": norwich, "Tartu": frozenset[UUID]()}
    assert arranged(items) == ["Lviv", "Tartu", "Edinburgh", "Nottingham"]
    assert passages([items[name] for name in arranged(items)]) == 2


def test_the_draft_of_a_reason_names_criteria_and_tells_each_reason_once() -> None:
    drafted = reason_drafted([("Assets", ["Strong  plan.", "Strong plan.", "Few partners."]), ("Budget", ["", " "])])
    assert drafted == "Assets\n– Strong plan.\n– Few partners."
