"""The cities of the demonstration and what the sentences need to know of each."""

import random
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any

from rvc_portal.demonstration import bank
from rvc_portal.demonstration.bank import Prose

# Member cities of the field in 2015, and others with names in many scripts; none of them has agreed to anything.
MEMBERS = {
    "en": ("Dublin", "Dunedin", "Edinburgh", "Granada", "Heidelberg", "Iowa City", "Kraków", "Melbourne", "Reykjavík"),
    "fr": (
        "Dublin",
        "Dunedin",
        "Édimbourg",
        "Grenade",
        "Heidelberg",
        "Iowa City",
        "Cracovie",
        "Melbourne",
        "Reykjavik",
    ),
}
FAR = {
    "en": ("Seoul (서울)", "Shanghai (上海)", "Delhi (दिल्ली)", "Tokyo (東京)", "Cairo (القاهرة)", "Tbilisi (თბილისი)"),
    "fr": (
        "Séoul (서울)",
        "Shanghai (上海)",
        "Delhi (दिल्ली)",
        "Tokyo (東京)",
        "Le Caire (القاهرة)",
        "Tbilissi (თბილისი)",
    ),
}


@dataclass(frozen=True)
class CityFacts:
    """`name` as in the list of the round; `city` as the city writes itself in its file's `language` ("fr" or "en");
    `local` in its own script. `hundreds` of inhabitants, `area` in square kilometres."""

    name: str
    country_iso2: str
    language: str
    city: str
    local: str
    place: str
    river: str
    district: str
    district2: str
    author: str
    hundreds: int
    area: int
    currency: str
    phone: str
    street: str
    local_house: str
    mayor_gender: str
    mayor_family_name: str
    mayor_first_name: str
    invented: bool = False
    fr: str = ""

    def name_in(self, language: str) -> str:
        """The city's name in "fr" or "en", whatever language it files in."""
        return (self.fr or self.city) if language == "fr" else self.name

    @property
    def slug(self) -> str:
        """ASCII, for addresses under the reserved domain .example."""
        plain = unicodedata.normalize("NFKD", self.name).encode("ascii", "ignore").decode()
        return plain.lower().replace(" ", "-")


@cache
def cities() -> dict[str, CityFacts]:
    """By name, the twelve of the round first, then the two invented towns."""
    return {entry["name"]: _facts(entry) for entry in bank.load("cities")}


def city(name: str) -> CityFacts:
    """The facts of one city. KeyError for a name that the demonstration does not know."""
    return cities()[name]


def prose(facts: CityFacts, rng: random.Random) -> Prose:
    """The voice in which this city writes: its names drawn once, so that a dossier does not contradict itself."""
    members, far = rng.sample(MEMBERS[facts.language], 2), rng.sample(FAR[facts.language], 2)
    voice = Prose(facts.language, {}, rng, size=min(1.0, max(0.1, facts.hundreds / 2500)))
    people = facts.hundreds * 100
    aside = "" if facts.local == facts.city else f" ({facts.local})"
    voice.slots |= {
        "city": facts.city,
        "local_aside": aside,
        "place": facts.place,
        "river": facts.river,
        "river_name": facts.river.removeprefix("the "),
        "district": facts.district,
        "district2": facts.district2,
        "author": facts.author,
        "population": voice.number(people),
        "population_words": voice.number(people),
        "area": voice.number(facts.area),
        "local_house": facts.local_house,
        "member": members[0],
        "member2": members[1],
        "far": far[0],
        "far2": far[1],
    }
    for name, ways in bank.load(f"answers-{facts.language}")["names"].items():
        voice.slots[name] = voice.say(rng.choice(ways))
    return voice


def _facts(entry: dict[str, Any]) -> CityFacts:
    known = {key: value for key, value in entry.items() if key not in ("iso2", "mayor", "city")}
    mayor = entry["mayor"]
    return CityFacts(
        **known,
        country_iso2=entry["iso2"],
        city=entry.get("city", entry["name"]),
        mayor_gender=mayor["gender"],
        mayor_family_name=mayor["family_name"],
        mayor_first_name=mayor["first_name"],
    )
