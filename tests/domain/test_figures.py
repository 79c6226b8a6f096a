"""Figures as they are typed in French and in English."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain.figures import figure, kept


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1250", "1250"),
        ("1 250", "1250"),
        ("1\u202f250\u00a0000", "1250000"),
        ("1,250", "1250"),
        ("1,250,000.50", "1250000.5"),
        ("12,5", "12.5"),
        ("1 250,75", "1250.75"),
        ("-3", "-3"),
        ("0.10", "0.1"),
        ("1'250'000", "1250000"),
    ],
)
def test_read(typed: str, meant: str) -> None:
    assert figure(typed) == Decimal(meant)
    assert kept(typed) == meant


@pytest.mark.parametrize("typed", ["", "many", "12%", "1,2,3", "1.2.3", "--1", "1e9", "٣", "²", "9" * 40, "NaN", "1_0"])
def test_no_figure_stays_as_typed(typed: str) -> None:
    assert figure(typed) is None
    assert kept(typed) == typed


@given(st.text())
def test_keeping_twice_changes_nothing(typed: str) -> None:
    assert kept(kept(typed)) == kept(typed)


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_what_is_kept_is_the_same_number(number: Decimal) -> None:
    assert figure(kept(str(number))) == number
