"""How far scores lie apart, on known cases."""

import pytest

from rvc_portal.domain.calibration import spread


def test_known_scores() -> None:
    found = spread([2, 4, 4, 4, 5, 5, 7, 9])
    assert found is not None
    assert (found.minimum, found.mean, found.maximum, len(found.values)) == (2, 5, 9, 8)
    assert found.deviation == pytest.approx(2.138089935, abs=1e-9)  # the sum of squares, 32, over n − 1 = 7


def test_one_score_has_no_deviation_and_none_has_nothing() -> None:
    found = spread([3])
    assert found is not None
    assert found.deviation is None
    assert spread([]) is None
