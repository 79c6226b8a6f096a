"""Counting: ties, lots that can be drawn again, and the majority of a co-option."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain import ballot, composition
from rvc_portal.domain.ballot import Outcome, TieRule
from rvc_portal.domain.composition import Host, Meeting, Rules
from rvc_portal.domain.vocabulary import SeatKind

NAMES = st.sampled_from(["Dublin, IE", "Kraków, PL", "Norwich, GB", "Reykjavík, IS"])
RULES = Rules(term_years=2, co_option_percent=50, tie_rules=("lot",), second_round_days=7)
MEETINGS = (
    Meeting(2016, (Host("Östersund", "SE"),), date(2016, 9, 16), renews=True),
    Meeting(2017, (Host("Enghien-les-Bains", "FR"),), date(2017, 7, 2)),
    Meeting(2018, (), date(2018, 6, 15), renews=True),
)


@given(st.dictionaries(NAMES, st.integers(0, 4), min_size=1), st.integers(0, 4), st.sampled_from(TieRule))
def test_who_is_elected_had_more_votes_than_none_of_them_and_no_fewer_than_anybody(votes, none, rule):
    found = ballot.count("b", votes, none, ["Prague, CZ"], rule)
    if found.elected:
        assert votes[found.elected] == max(votes.values()) > none
    elif found.outcome is Outcome.NOBODY:
        assert none >= max(votes.values()) or not any(votes.values())
    else:
        assert rule is TieRule.SECOND_ROUND
        assert len(found.equal) > 1
    assert found == ballot.count("b", dict(reversed(votes.items())), none, ["Prague, CZ"], rule)


def test_a_lot_hangs_on_who_voted_and_falls_on_each_of_the_equal():
    votes = {"Dublin, IE": 2, "Norwich, GB": 2}
    drawn = {ballot.count("b", votes, 0, [f"City {n}"], TieRule.LOT).elected for n in range(20)}
    assert drawn == set(votes)
    result = ballot.count("b", votes, 0, ["City 1"], TieRule.LOT)
    assert ballot.drawn(str(result.seed), result.equal) == result.elected


@pytest.mark.parametrize(
    ("in_favour", "voted", "sitting", "expected"),
    [(4, 4, 7, True), (3, 6, 7, None), (3, 7, 7, False), (0, 3, 7, None), (0, 4, 7, False), (3, 3, 6, None), (3, 6, 6, False)],
)  # fmt: skip
def test_a_co_option_needs_more_than_half_of_the_fields_that_sit(in_favour, voted, sitting, expected):
    assert composition.settled(in_favour, voted, sitting, 50) is expected


@pytest.mark.parametrize(
    ("kind", "city", "start", "end"),
    [
        (SeatKind.COORDINATOR, "Dublin", date(2015, 5, 28), (2016, date(2016, 9, 16))),
        (SeatKind.COORDINATOR, "Dublin", date(2016, 9, 16), (2018, date(2018, 6, 15))),
        (SeatKind.HOST, "Enghien-les-Bains", date(2016, 9, 17), (2017, date(2017, 7, 2))),
        (SeatKind.CO_OPTED, "Aswan", date(2020, 2, 29), (2022, None)),
    ],
)
def test_at_which_meeting_a_mandate_ends(kind, city, start, end):
    found = composition.end_of(kind, city, start, MEETINGS, RULES)
    assert found == end
    assert composition.last_day(start, found) == (end[1] or date(2022, 2, 28))
