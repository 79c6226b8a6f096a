"""Days past a term, and the figures of evaluators: against the plain definitions."""

from datetime import UTC, datetime, timedelta
from statistics import fmean, stdev
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain.behaviour import Closed, figures
from rvc_portal.domain.progress import days_past

DUE = datetime(2026, 3, 31, 22, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("now", "days"),
    [(DUE, 1), (DUE + DAY - timedelta(seconds=1), 1), (DUE + DAY, 2), (DUE - timedelta(seconds=1), 0),
     (DUE - DAY, -1), (DUE - 5 * DAY - timedelta(hours=12), -5)],
)  # fmt: skip
def test_days_past_a_term(now, days):
    assert days_past(DUE, now) == days


def test_without_a_term_nothing_is_late():
    assert days_past(None, DUE) is None


def sheet(evaluator, file, mean, taken=timedelta(hours=3), written=100.0):
    return Closed(UUID(int=evaluator), UUID(int=1000 + file), mean, taken, written)


def test_one_evaluator_beside_the_others():
    """Means 6, 8, 10 on three files; on the first two others gave 5 and 7 (6 on average), and 8."""
    mine = [
        sheet(1, 1, 6.0, timedelta(days=1), 100), sheet(1, 2, 8.0, timedelta(days=9), 200),
        sheet(1, 3, 10.0, timedelta(days=2), 300),
    ]  # fmt: skip
    found = figures([*mine, sheet(2, 1, 5.0), sheet(3, 1, 7.0), sheet(2, 2, 8.0)], 3)
    assert set(found) == {UUID(int=1)}  # the others have closed too few
    got = found[UUID(int=1)]
    assert (got.mean, got.spread, got.distance, got.pace, got.written) == (8.0, 2.0, 0.0, timedelta(days=2), 200.0)


def test_who_judged_alone_is_at_no_distance_from_anybody():
    found = figures([sheet(1, n, 5.0 + n) for n in range(3)], 3)
    assert found[UUID(int=1)].distance is None


def test_a_minimum_of_one_still_asks_for_two():
    assert figures([sheet(1, 1, 5.0)], 1) == {}
    assert figures([sheet(1, 1, 5.0), sheet(1, 2, 6.0)], 1) != {}


@given(st.dictionaries(st.tuples(st.integers(1, 6), st.integers(1, 6)), st.integers(0, 100), max_size=36))
def test_the_figures_are_those_of_the_definition(scores):
    sheets = [sheet(who, file, mean / 10) for (who, file), mean in scores.items()]
    for who, found in figures(sheets, 2).items():
        own = {s.file: s.mean for s in sheets if s.evaluator == who}
        others = {f: [s.mean for s in sheets if s.file == f and s.evaluator != who] for f in own}
        assert found.mean == pytest.approx(fmean(own.values()))
        assert found.spread == pytest.approx(stdev(own.values()))
        apart = [own[f] - fmean(them) for f, them in others.items() if them]
        assert found.distance == (pytest.approx(fmean(apart), abs=1e-9) if apart else None)
