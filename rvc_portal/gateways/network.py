"""The network's own lists, kept as data files: creative fields, regions, countries."""

import csv
from functools import cache

from rvc_portal.gateways import yamlfile
from rvc_portal.settings import DATA_FILES

Entry = dict[str, object]


@cache
def _network() -> dict[str, list[Entry]]:
    data, _ = yamlfile.read(DATA_FILES / "network.yaml")
    assert isinstance(data, dict)
    return data


def fields() -> list[Entry]:
    """Every creative field: {key, label {en, fr}, hue, since}, in alphabetical order of the key."""
    return _network()["fields"]


def regions() -> list[Entry]:
    """The five regions: {key, label {en, fr}}."""
    return _network()["regions"]


def languages() -> list[Entry]:
    """The working languages: {key, label {en, fr}}."""
    return _network()["languages"]


def days(name: str) -> int:
    """A period of the network's life in days, such as "interests_valid". KeyError for one it does not know."""
    found: dict[str, int] = _network()["days"]  # type: ignore[assignment]
    return found[name]


def minutes(name: str) -> int:
    """A period in minutes, such as "second_factor". KeyError for one it does not know."""
    found: dict[str, int] = _network()["minutes"]  # type: ignore[assignment]
    return found[name]


@cache
def countries() -> tuple[Entry, ...]:
    """Every country of ISO 3166: {iso2, label {en, fr}, region}, in order of the code."""
    with (DATA_FILES / "countries.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            {"iso2": row["iso2"], "label": {"en": row["en"], "fr": row["fr"]}, "region": row["region"]}
            for row in csv.DictReader(file)
        )
