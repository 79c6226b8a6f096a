"""Conflicts by rule, on the real round."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain.conflicts import RULES, PartyTies, SeatTies, Tie, found
from rvc_portal.settings import DATA_FILES


def rules(seat: SeatTies, *parties: PartyTies) -> list[str]:
    return [one.rule for one in found(RULES, seat, parties)]


def test_the_2015_round_has_five_conflicts_by_country_and_no_other() -> None:
    with (DATA_FILES / "literature-round-2015.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    members = [r for r in rows if r["part"] == "evaluating member"]
    candidates = [r for r in rows if r["part"] == "candidate"]
    assert (len(members), len(candidates)) == (11, 12)
    pairs = {
        (m["city"], c["city"], one.rule)
        for m in members
        for c in candidates
        for one in found(RULES, SeatTies(m["iso2"], m["city"]), [PartyTies(c["iso2"], c["city"])])
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
    assert rules(SeatTies("ie", "dublin "), PartyTies("IE", "Dublin")) == ["city", "country"]


def test_one_partner_of_several_is_enough() -> None:
    parties = [PartyTies("PL", "Kraków"), PartyTies("CZ", "Prague")]
    assert [one.rule for one in found(["country"], SeatTies("CZ", None), parties)] == ["country"]


def test_only_rules_switched_on_are_applied_and_unknown_ones_refused() -> None:
    assert list(found([], SeatTies("IE", "Dublin"), [PartyTies("IE", "Dublin")])) == []
    with pytest.raises(KeyError):
        list(found(["stars"], SeatTies("IE", "Dublin"), [PartyTies("IE", "Dublin")]))


@given(st.none() | st.sampled_from(["Dublin", "Cork"]))
def test_a_seat_without_a_country_has_no_conflict_by_rule(city: str | None) -> None:
    assert list(found(RULES, SeatTies(None, city), [PartyTies("IE", "Dublin")])) == []


LYON = PartyTies("FR", "Lyon", ("Musée du livre, direction", "Ville de Lyon"))


@pytest.mark.parametrize(
    ("tie", "rule"),
    [
        (Tie("twin", city="lyon"), ["twin"]),
        (Tie("twin", city="Lyon", country="FR"), ["twin"]),
        (Tie("twin", city="Lyon", country="CA"), []),
        (Tie("letter", city="Lyon"), ["letter"]),
        (Tie("tie", city="Lyon", note="A cousin sits on the council."), ["tie"]),
        (Tie("tie", city="Lyons"), []),
        (Tie("employer", organisation="musée du livre"), ["employer"]),
        (Tie("employer", organisation="Livre du musée"), []),
        (Tie("employer", organisation="Ville"), ["employer"]),
        (Tie("employer", organisation=" . "), []),
        (Tie("employer", city="Lyon"), []),
    ],
)
def test_what_was_declared_ties_by_its_kind(tie: Tie, rule: list[str]) -> None:
    assert rules(SeatTies("US", "Iowa City", (tie,)), LYON) == rule


def test_a_finding_says_what_was_declared() -> None:
    declared = (
        Tie("tie", city="Lyon", note="A cousin."),
        Tie("tie", city="Lyon", note="A house."),
        Tie("twin", city="Lyon"),
    )
    told = {one.rule: one.note for one in found(RULES, SeatTies(None, None, declared), [LYON])}
    assert told == {"tie": "Lyon – A cousin.; Lyon – A house.", "twin": "Lyon"}
