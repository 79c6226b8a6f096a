"""The network's own lists, kept as data files: creative fields, regions, countries, annual meetings."""

import csv
from datetime import date, timedelta
from functools import cache

from rvc_portal.domain.amending import MeetingRules
from rvc_portal.domain.calendar import Report
from rvc_portal.domain.composition import Host, Meeting, Rules
from rvc_portal.domain.deliberation import MAJORITIES
from rvc_portal.domain.rhythm import Rhythm
from rvc_portal.domain.vocabulary import Role
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


def limit(name: str) -> tuple[int, timedelta]:
    """How often one address may ask a public page such as "verification", and within what time. KeyError for one it does
    not know."""
    told: dict[str, dict[str, int]] = _network()["limits"]  # type: ignore[assignment]
    return told[name]["attempts"], timedelta(minutes=told[name]["minutes"])


def second_factor_required() -> tuple[Role, ...]:
    """The roles that need a second factor. ValueError for one that there is not."""
    told: dict[str, list[str]] = _network()["second_factor"]  # type: ignore[assignment]
    return tuple(Role(role) for role in told["required_of"])


def timezone() -> str:
    """The zone in which the network's own dates are meant."""
    return str(_network()["timezone"])


@cache
def meetings() -> tuple[Meeting, ...]:
    """The annual meetings that are known, by year."""
    return tuple(
        Meeting(
            year=int(str(m["year"])),
            hosts=tuple(Host(h["city"], h["country"]) for h in m.get("hosts", ())),  # type: ignore[attr-defined]
            day=date.fromisoformat(str(m["date"])) if m.get("date") else None,
            renews=m.get("renews") is True,
            edition=int(str(m["edition"])),
        )
        for m in sorted(_network()["meetings"], key=lambda m: int(str(m["year"])))
    )


def steering() -> Rules:
    """How the Steering Group is composed: terms, the majority of a co-option, ties."""
    told: dict[str, object] = _network()["steering"]  # type: ignore[assignment]
    return Rules(
        term_years=int(str(told["term_years"])),
        co_option_percent=int(str(told["co_option_percent"])),
        tie_rules=tuple(str(rule) for rule in told["tie_rules"]),  # type: ignore[attr-defined]
        second_round_days=int(str(told["second_round_days"])),
    )


def most_delegates() -> int:
    """How many delegates a member city may send to an annual meeting."""
    told: dict[str, int] = _network()["delegates"]  # type: ignore[assignment]
    return told["most"]


def papers() -> tuple[tuple[str, ...], int]:
    """The formats in which papers of a meeting are taken in, and the most bytes that one may have."""
    told: dict[str, object] = _network()["papers"]  # type: ignore[assignment]
    return tuple(map(str, told["formats"])), int(str(told["max_mb"])) * 1_000_000  # type: ignore[call-overload]


def rhythm() -> Rhythm:
    """In which years calls and renewals of the Steering Group follow each other."""
    every = _calendar().get("call_every_years")
    return Rhythm(int(str(every)) if every else None, steering().term_years)


@cache
def reports() -> tuple[Report, ...]:
    """What member cities owe, and by when."""
    told: list[Entry] = _calendar().get("reports", [])  # type: ignore[assignment]
    return tuple(
        Report(str(r["key"]), r["label"], date.fromisoformat(str(r["due"])))  # type: ignore[arg-type]
        for r in told
    )


def _calendar() -> Entry:
    found: Entry = _network().get("calendar", {})  # type: ignore[assignment]
    return found


def meeting_rules() -> MeetingRules:
    """How a meeting decides on its text. ValueError for a majority that there is not."""
    told: dict[str, object] = _network().get("meeting", {})  # type: ignore[assignment]
    usual = MeetingRules()
    majority = str(told.get("majority", usual.majority))
    if majority not in MAJORITIES:
        raise ValueError(f"meeting: {majority} is no majority")
    return MeetingRules(int(str(told.get("quorum_percent", usual.quorum_percent))), majority)


@cache
def centres() -> dict[str, tuple[float, float]]:
    """Latitude and longitude of about the middle of each country, by its code: where a map draws what has no place of its
    own."""
    with (DATA_FILES / "country-centres.csv").open(encoding="utf-8", newline="") as file:
        return {row["iso2"]: (float(row["lat"]), float(row["lon"])) for row in csv.DictReader(file)}


@cache
def countries() -> tuple[Entry, ...]:
    """Every country of ISO 3166: {iso2, label {en, fr}, region}, in order of the code."""
    with (DATA_FILES / "countries.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            {"iso2": row["iso2"], "label": {"en": row["en"], "fr": row["fr"]}, "region": row["region"]}
            for row in csv.DictReader(file)
        )
