"""How a call turns its sheets into results: what counts as disagreement, how scores are normalised, what breaks a tie, and
how the intervals are drawn. A call that says nothing has the rules below, and flags no disagreement."""

from dataclasses import dataclass
from typing import Any

from rvc_portal.domain.definition import Reader

RAW, NORMALISED = "raw", "normalised"
RANK_BY = (RAW, NORMALISED)
SPREAD, RANGE, STREAMS = "spread", "range", "streams"
DISAGREEMENTS = (SPREAD, RANGE, STREAMS)
SHEETS = "sheets"
TIES = (RAW, NORMALISED, SPREAD, SHEETS)


@dataclass(frozen=True)
class Disagreement:
    """Evaluators disagree where `rule` reaches `percent` of the scale's width. spread: the standard deviation of the sheets;
    range: the highest sheet less the lowest; streams: between the means of two streams."""

    rule: str
    percent: int


@dataclass(frozen=True)
class Normalisation:
    """An evaluator with fewer sheets than `minimum_sample` is left as is; `shrinkage`: sheets' worth of trust in the whole."""

    minimum_sample: int = 3
    shrinkage: int = 4


@dataclass(frozen=True)
class Bootstrap:
    """How often the sheets are drawn anew, from which seed; the intervals hold `level` percent of what was found."""

    samples: int = 1000
    seed: int = 1
    level: int = 95


@dataclass(frozen=True)
class ResultRules:
    """`rank_by`: which mean makes the rank. `ties`: what decides between equal ones, in turn; the last is the reference."""

    rank_by: str = RAW
    disagreement: tuple[Disagreement, ...] = ()
    normalisation: Normalisation = Normalisation()
    ties: tuple[str, ...] = (NORMALISED, SPREAD)
    bootstrap: Bootstrap = Bootstrap()


def read_results(place: Reader) -> ResultRules:
    """The rules written at `place`; each that is not written is as it is for every call."""
    if place.data is None:
        return ResultRules()
    place.only("rank_by", "disagreement", "normalisation", "ties", "bootstrap")
    usual = ResultRules()
    return ResultRules(
        rank_by=place.one_of("rank_by", RANK_BY, default=usual.rank_by),
        disagreement=_disagreement(place),
        normalisation=_normalisation(place.at("normalisation")),
        ties=usual.ties if place.get("ties") is None else place.words("ties", TIES),
        bootstrap=_bootstrap(place.at("bootstrap")),
    )


def _disagreement(place: Reader) -> tuple[Disagreement, ...]:
    places = tuple(place.each("disagreement"))
    found = []
    for item in places:
        item.only("rule", "percent")
        found.append(Disagreement(item.one_of("rule", DISAGREEMENTS), item.number("percent", 1, 100, default=1)))
    place.unique(places, tuple(entry.rule for entry in found))
    return tuple(found)


def _normalisation(place: Reader) -> Normalisation:
    usual = Normalisation()
    if place.data is None:
        return usual
    place.only("minimum_sample", "shrinkage")
    return Normalisation(
        minimum_sample=_number(place, "minimum_sample", 2, usual.minimum_sample),
        shrinkage=_number(place, "shrinkage", 0, usual.shrinkage),
    )


def _bootstrap(place: Reader) -> Bootstrap:
    usual = Bootstrap()
    if place.data is None:
        return usual
    place.only("samples", "seed", "level")
    return Bootstrap(
        samples=_number(place, "samples", 100, usual.samples, 10_000),
        seed=_number(place, "seed", 0, usual.seed),
        level=_number(place, "level", 50, usual.level, 99),
    )


def _number(place: Reader, key: str, minimum: int, default: int, maximum: Any = None) -> int:
    return place.number(key, minimum, maximum, default=default, required=False)
