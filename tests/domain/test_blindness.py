"""The redaction's rules: from whom names are hidden, what stands in their place, and in what order."""

from uuid import UUID

import pytest

from rvc_portal.domain.blindness import Blind, Names, free_numbers, hides, hides_in_print
from rvc_portal.domain.vocabulary import Role

R = Role
NORWICH, GRANADA, EXPERT = UUID(int=1), UUID(int=2), UUID(int=3)


@pytest.mark.parametrize(
    ("mode", "kept_from"),
    [
        ("open", set()),
        ("evaluators", {R.EVALUATOR}),
        ("cities", {R.LEAD, R.EDITOR, R.READER, R.STEERING}),
        ("evaluators_and_cities", {R.EVALUATOR, R.LEAD, R.EDITOR, R.READER, R.STEERING}),
    ],
)
def test_each_mode_keeps_names_from_whom_it_says(mode: str, kept_from: set[Role]) -> None:
    assert {role for role in Role if hides(mode, {role})} == kept_from
    assert not hides(mode, {R.SECRETARIAT, R.EVALUATOR, R.STEERING})
    assert hides(mode, {R.DIRECTION, R.EVALUATOR}) is (R.EVALUATOR in kept_from)


@pytest.mark.parametrize("mode", Blind)
def test_print_carries_names_only_where_the_secretariat_reads_alone(mode: Blind) -> None:
    assert not hides_in_print(mode, {R.SECRETARIAT})
    assert hides_in_print(mode, {R.SECRETARIAT, R.DIRECTION}) is (mode != "open")


def test_what_an_evaluator_is_called() -> None:
    numbers = {NORWICH: 37, EXPERT: 4}
    open_call, staff = Names(True, str), Names(True, str, numbers)
    peer = Names(False, str, numbers, frozenset({NORWICH}))
    assert open_call.of(NORWICH, "Norwich", "members") == "Norwich"
    assert staff.of(NORWICH, "Norwich", "members") == "Norwich (Member 37)"
    assert peer.of(NORWICH, "Norwich", "members") == "Norwich (Member 37)"  # one's own
    assert peer.of(EXPERT, "Ada", "experts") == "Expert 4"
    assert peer.of(GRANADA, "Granada", "members") == "A member"  # never asked for this file


def test_the_order_follows_numbers_where_names_are_hidden() -> None:
    by_name = [NORWICH, GRANADA, EXPERT]
    numbers = {NORWICH: 37, GRANADA: 90, EXPERT: 4}
    assert sorted(by_name, key=Names(False, str, numbers).order) == [EXPERT, NORWICH, GRANADA]
    assert sorted(by_name, key=Names(True, str, numbers).order) == by_name


def test_numbers_are_drawn_from_more_than_there_are() -> None:
    assert free_numbers([]) == list(range(1, 100))
    assert 5 not in free_numbers([5])
    assert len(free_numbers(range(1, 60))) == 990 - 59
