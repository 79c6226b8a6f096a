"""The Network's lists that ship with the portal agree with each other."""

import csv
from statistics import fmean

import pytest

from rvc_portal.app import LARGEST_REQUEST
from rvc_portal.gateways import network, uploads
from rvc_portal.settings import DATA_FILES


def test_every_country_has_a_place_on_the_map() -> None:
    assert sorted(network.centres()) == sorted(str(country["iso2"]) for country in network.countries())


def test_the_middle_of_a_country_lies_among_its_member_cities() -> None:
    """A sign or a column that is wrong would put a country on another continent."""
    with (DATA_FILES / "members-2015.csv").open(encoding="utf-8", newline="") as file:
        members = list(csv.DictReader(file))
    for iso2 in {m["iso2"] for m in members}:
        latitude, longitude = network.centres()[iso2]
        theirs = [m for m in members if m["iso2"] == iso2]
        assert abs(latitude - fmean(float(m["lat"]) for m in theirs)) < 16, iso2
        assert abs(longitude - fmean(float(m["lon"]) for m in theirs)) < 34, iso2


def test_without_a_calendar_in_the_lists_calls_follow_no_rhythm_and_nothing_is_due(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = {key: value for key, value in network._network().items() if key != "calendar"}
    monkeypatch.setattr(network, "_network", lambda: kept)
    network.reports.cache_clear()
    try:
        assert network.rhythm().call_every_years is None
        assert network.reports() == ()
    finally:
        network.reports.cache_clear()


def test_a_city_sends_up_to_three_delegates_and_papers_have_formats_and_a_size() -> None:
    assert network.most_delegates() == 3
    formats, most = network.papers()
    assert set(formats) <= set(uploads.CONTENT_TYPES)
    assert 1_000_000 <= most < LARGEST_REQUEST
