"""What made-up evaluators, officers, the Steering Group and the Direction say of a city: scores, reasons, opinions."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rvc_portal.demonstration import bank
from rvc_portal.demonstration.bank import Prose
from rvc_portal.demonstration.cities import CityFacts
from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.definition import LANGUAGES, Wording
from rvc_portal.domain.feedback import PARTS

# How far, on the rubric's scale from 0 to 1, files that end well and files that do not lie.
_PROMISE = {True: 0.76, False: 0.44}


@dataclass(frozen=True)
class Score:
    """A score on the rubric's scale, with its reason in the evaluator's language."""

    value: int
    reason: str


@dataclass(frozen=True)
class Expert:
    """An invented independent expert, who writes in `language`."""

    title: Wording
    first_name: str
    family_name: str
    institution: Wording
    language: str


def scores_for(
    definition: CallDefinition, city: CityFacts, promising: bool, language: str, rng: random.Random
) -> dict[str, Score]:
    """One evaluator's sheet: a score and a reason for each criterion of the rubric, by its key.

    A promising file scores about three quarters of the scale, another less than half, each evaluator a little otherwise.
    """
    rubric, voice = definition.rubric, _voice(city, language, rng)
    reasons = bank.load(f"verdicts-{language}")["scores"]
    span = rubric.scale_maximum - rubric.scale_minimum
    mood = rng.gauss(0, 0.05)
    found = {}
    for criterion in rubric.criteria:
        share = min(1.0, max(0.0, _PROMISE[promising] + mood + rng.gauss(0, 0.09)))
        band = "high" if share >= 0.66 else "middle" if share >= 0.46 else "low"
        ways = reasons.get(criterion.key) or reasons["assets"]
        found[criterion.key] = Score(rubric.scale_minimum + round(share * span), voice.sentence(rng.choice(ways[band])))
    return found


def opinion_for(city: CityFacts, favourable: bool, rng: random.Random) -> Wording:
    """The Steering Group's opinion on the city, in both languages."""
    return _both(city, bank.load("opinions")["opinions"]["favourable" if favourable else "unfavourable"], rng)


def feedback_for(definition: CallDefinition, city: CityFacts, rng: random.Random) -> dict[str, dict[str, str]]:
    """What the city is told by criterion, in both languages, by the names of `domain.feedback.TEXTS`."""
    bank_of = bank.load("opinions")["feedback"]
    found = {}
    for criterion in definition.rubric.criteria:
        said = bank_of.get(criterion.key) or bank_of["assets"]
        told = {part: _both(city, said[part], rng) for part in PARTS}
        found[criterion.key] = {
            f"{part}_{language}": told[part].of(language) for part in PARTS for language in LANGUAGES
        }
    return found


def condition(rng: random.Random) -> Wording:
    """A condition on which the Steering Group recommends a city."""
    return Wording(**rng.choice(bank.load("opinions")["conditions"]))


def dissent(rng: random.Random) -> Wording:
    """What a member of the Steering Group wants on record against an opinion."""
    return Wording(**rng.choice(bank.load("opinions")["dissents"]))


def sitting_text() -> Wording:
    """What the record says of a sitting as a whole."""
    return Wording(**bank.load("opinions")["sitting"])


def decision_reason_for(city: CityFacts, designated: bool, rng: random.Random) -> Wording:
    """The reason of the Director-General's decision, in both languages."""
    return _both(city, bank.load("opinions")["decisions"]["designate" if designated else "decline"], rng)


def screening_notes_for(definition: CallDefinition, language: str) -> dict[str, str]:
    """A note on each item of the screening checklist, by its key."""
    notes: Mapping[str, str] = bank.load(f"verdicts-{language}")["screening"]
    return {item.key: notes.get(item.key, "") for item in definition.checklist}


def letter_text(name: str, language: str) -> str:
    """The reason in a letter or note: `name` is "return", "dismiss" or "withdraw". KeyError for another name."""
    found: Any = bank.load(f"verdicts-{language}")[name]
    return str(found["reason"] if isinstance(found, dict) else found)


RETURNED_FOR = ("natcom_letter", "plan_budget")
"""The piece and the question that the return letter names."""


def experts() -> tuple[Expert, ...]:
    """The invented independent experts of the round."""
    return tuple(
        Expert(
            title=Wording(**entry["title"]),
            first_name=entry["first_name"],
            family_name=entry["family_name"],
            institution=Wording(**entry["institution"]),
            language=entry["language"],
        )
        for entry in bank.load("opinions")["experts"]
    )


def _both(city: CityFacts, ways: list[dict[str, str]], rng: random.Random) -> Wording:
    way = rng.choice(ways)
    return Wording(**{language: _voice(city, language, rng).sentence(way[language]) for language in ("en", "fr")})


def _voice(city: CityFacts, language: str, rng: random.Random) -> Prose:
    """Somebody writing about the city, in a language that need not be the city's: only what both name is named."""
    return Prose(language, {"city": city.name_in(language), "district2": city.district2}, rng)
