"""Means: against cases worked by hand, and against the properties of a mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain.scoring import result, sheet_mean

SCORES = st.floats(1, 10, allow_nan=False)


def test_a_sheet_weighs_its_criteria() -> None:
    assert sheet_mean({"plan": 8, "means": 5}, {"plan": 30, "means": 10}) == pytest.approx(7.25)


def test_a_criterion_without_a_score_does_not_count() -> None:
    assert sheet_mean({"plan": 8}, {"plan": 30, "means": 70}) == 8
    assert sheet_mean({}, {"plan": 30}) is None


def test_streams_weigh_alike_however_many_sheets_they_have() -> None:
    found = result({"experts": [9, 7], "members": [4, 4, 4, 4]}, {"experts": 50, "members": 50})
    assert found.by_stream == {"experts": 8, "members": 4}
    assert found.overall == 6
    assert found.sheets == {"experts": 2, "members": 4}
    assert found.spread == pytest.approx(2.1602, abs=1e-4)


def test_a_stream_without_sheets_leaves_the_overall_mean_to_the_other() -> None:
    found = result({"experts": [], "members": [6]}, {"experts": 50, "members": 50})
    assert (found.overall, found.spread) == (6, None)


def test_no_sheet_no_mean() -> None:
    found = result({"experts": [], "members": []}, {"experts": 50, "members": 50})
    assert (found.overall, found.by_stream) == (None, {})


@given(st.lists(SCORES, min_size=1), st.lists(SCORES, min_size=1), st.integers(1, 99))
def test_the_overall_mean_lies_between_the_streams(experts: list[float], members: list[float], weight: int) -> None:
    found = result({"experts": experts, "members": members}, {"experts": weight, "members": 100 - weight})
    low, high = sorted(found.by_stream.values())
    assert found.overall is not None
    assert low - 1e-9 <= found.overall <= high + 1e-9
