"""Conflicts by rule, on the real round."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain.conflicts import RULES, PartyTies, SeatTies, found
from rvc_portal.settings import DATA_FILES


def test_the_2015_round_has_five_conflicts_by_country_and_no_other() -> None:
    with (DATA_FILES / "literature-round-2015.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    members = [r for r in rows if r["part"] == "evaluating member"]
    candidates = [r for r in rows if r["part"] == "candidate"]
    assert (len(members), len(candidates)) == (11, 12)
    pairs = {
        (m["city"], c["city"], rule)
        for m in members
        for c in candidates
        for rule in found(RULES, SeatTies(m["iso2"], m["city"]), [PartyTies(c["iso2"], c["city"])])
    }
    assert pairs == {
        ("Norwich", "Nottingham", "country"),
        ("Edinburgh", "Nottingham", "country"),
        ("Granada", "Barcelona", "country"),
        ("Granada", "Salamanca", "country"),
        ("Iowa City", "Seattle", "country"),
    }


def test_a_city_of_the_same_name_elsewhere_is_no_conflict() -> None:
    assert list(found(RULES, SeatTies("US", "Dublin"), [PartyTies("IE", "Dublin")])) == []


def test_case_and_blanks_hide_no_conflict() -> None:
    assert list(found(RULES, SeatTies("ie", "dublin "), [PartyTies("IE", "Dublin")])) == ["city", "country"]


def test_one_partner_of_several_is_enough() -> None:
    parties = [PartyTies("PL", "Kraków"), PartyTies("CZ", "Prague")]
    assert list(found(["country"], SeatTies("CZ", None), parties)) == ["country"]


def test_only_rules_switched_on_are_applied_and_unknown_ones_refused() -> None:
    assert list(found([], SeatTies("IE", "Dublin"), [PartyTies("IE", "Dublin")])) == []
    with pytest.raises(KeyError):
        list(found(["stars"], SeatTies("IE", "Dublin"), [PartyTies("IE", "Dublin")]))


@given(st.none() | st.sampled_from(["Dublin", "Cork"]))
def test_a_seat_without_a_country_has_no_conflict_by_rule(city: str | None) -> None:
    assert list(found(RULES, SeatTies(None, city), [PartyTies("IE", "Dublin")])) == []
