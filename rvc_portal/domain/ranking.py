"""From the sheets of a field to its ranking: normalised scores, ranks, how sure they are, and where evaluators disagree.

Everything follows from the sheets, the rubric and the call's rules alone: no clock, no order of rows, no state. Figures are
kept to six decimals, and what is compared is compared as it is kept.

Normalised scores. Evaluators differ in how high they score and how widely. Each sheet's mean x is put on a common scale by
its evaluator's own mean m and standard deviation s over their n sheets, drawn towards the whole field's mean M and standard
deviation S, since few sheets say little of their author:

    Z = n / (n + k), or 0 where n is less than the minimum sample
    m' = Z m + (1 - Z) M        s' = Z s + (1 - Z) S
    x' = M + S (x - m') / s'    (x, where Z is 0; M + x - m', where s' is 0)

with k the call's `shrinkage`. Z is Bühlmann's credibility factor (H. Bühlmann, "Experience rating and credibility", ASTIN
Bulletin 4, 1967, 199-207); the rest is the usual standard score. x' is not cut off at the ends of the scale.

Intervals. Each dossier's sheets are drawn anew with replacement within their stream, as many as there are, and its mean is
taken again; this many times over, and all dossiers are ranked by each draw (the percentile bootstrap: B. Efron, R. Tibshirani,
"An Introduction to the Bootstrap", 1993, ch. 13). A dossier draws from `random.Random(f"{seed}:{reference}")` over its values
in rising order, stream by stream: so nothing but its own sheets decides its draws.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import ceil, floor, fsum
from statistics import fmean, stdev
from typing import Any

from rvc_portal.domain import results, scoring
from rvc_portal.domain.results import Disagreement, Normalisation, ResultRules
from rvc_portal.domain.rubric import Rubric

DECIMALS = 6
Interval = tuple[float, float]


@dataclass(frozen=True)
class Sheet:
    """A closed sheet that counts: who wrote it, for which stream, and its scores as (criterion, score)."""

    evaluator: str
    stream: str
    scores: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Entry:
    """A dossier with its sheets."""

    reference: str
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True)
class Evaluator:
    """An evaluator's own scale: sheets, mean, standard deviation (None for one sheet) and the trust Z that it gets."""

    evaluator: str
    sheets: int
    mean: float
    deviation: float | None
    trust: float


@dataclass(frozen=True)
class Line:
    """A dossier's result. `raw`, `normalised`: overall means; `low`, `high`: the interval of the mean that ranks;
    `disagreement`: the rules of the call that flag it."""

    reference: str
    rank: int
    rank_low: int
    rank_high: int
    raw: float
    normalised: float
    low: float
    high: float
    spread: float | None
    by_stream: Mapping[str, float]
    normalised_by_stream: Mapping[str, float]
    sheets: Mapping[str, int]
    disagreement: tuple[str, ...]


@dataclass(frozen=True)
class Ranking:
    """The whole field: mean and standard deviation over all sheets, the evaluators' scales, the dossiers by rank."""

    sheets: int
    mean: float | None
    deviation: float | None
    evaluators: tuple[Evaluator, ...] = ()
    lines: tuple[Line, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """JSON-able data that `read` reads back into an equal ranking."""
        return asdict(self)


@dataclass(frozen=True)
class _Judged:
    """A dossier on its way: the sheets' values by stream, raw and normalised."""

    reference: str
    raw: Mapping[str, Sequence[float]]
    normalised: Mapping[str, Sequence[float]]


def read(data: Mapping[str, Any]) -> Ranking:
    """The ranking that `Ranking.to_json` wrote."""
    lines = (Line(**{**line, "disagreement": tuple(line["disagreement"])}) for line in data["lines"])
    evaluators = (Evaluator(**one) for one in data["evaluators"])
    return Ranking(data["sheets"], data["mean"], data["deviation"], tuple(evaluators), tuple(lines))


def rank(entries: Iterable[Entry], rubric: Rubric, rules: ResultRules) -> Ranking:
    """Rank the dossiers that have a sheet with a score; the others are left out."""
    means = {e.reference: _means(e, rubric) for e in sorted(entries, key=lambda entry: entry.reference)}
    everything = sorted(value for sheets in means.values() for _, _, value in sheets)
    if not everything:
        return Ranking(0, None, None)
    mean, deviation = fmean(everything), _deviation(everything)
    scales = _scales((s for sheets in means.values() for s in sheets), rules.normalisation)
    judged = [_judge(reference, sheets, mean, deviation, scales) for reference, sheets in means.items() if sheets]
    return Ranking(
        len(everything), _kept(mean), None if deviation is None else _kept(deviation),
        tuple(Evaluator(e.evaluator, e.sheets, _kept(e.mean), None if e.deviation is None else _kept(e.deviation),
                        _kept(e.trust)) for e in scales.values()),
        tuple(_ranked(judged, rubric, rules)),
    )  # fmt: skip


def mean_interval(sheets: Iterable[Sheet], reference: str, rubric: Rubric, rules: ResultRules) -> Interval | None:
    """The interval of one dossier's raw mean: it hangs on nothing but its own sheets. None without any."""
    by_stream = _by_stream((s.stream, mean) for s in sheets if (mean := _mean(s, rubric)) is not None)
    if not by_stream:
        return None
    return _interval(sorted(_draws(reference, by_stream, rubric, rules)), rules.bootstrap.level)


def disagreements(values: Mapping[str, Sequence[float]], rubric: Rubric, rules: ResultRules) -> tuple[str, ...]:
    """The rules of the call that flag a dossier with these sheets' means by stream."""
    width = rubric.scale_maximum - rubric.scale_minimum
    return tuple(d.rule for d in rules.disagreement if _flagged(d, values, width))


def _means(entry: Entry, rubric: Rubric) -> list[tuple[str, str, float]]:
    """(evaluator, stream, mean) of each sheet, in a fixed order."""
    found = ((s.evaluator, s.stream, _mean(s, rubric)) for s in entry.sheets)
    return sorted((evaluator, stream, mean) for evaluator, stream, mean in found if mean is not None)


def _mean(sheet: Sheet, rubric: Rubric) -> float | None:
    given = dict(sheet.scores)
    ordered = {c.key: given[c.key] for c in rubric.criteria if c.key in given}
    return scoring.sheet_mean(ordered, {c.key: c.weight for c in rubric.criteria})


def _deviation(values: Sequence[float]) -> float | None:
    return stdev(values) if len(values) > 1 else None


def _scales(sheets: Iterable[tuple[str, str, float]], rule: Normalisation) -> dict[str, Evaluator]:
    """Each evaluator's own scale, by evaluator."""
    given: dict[str, list[float]] = {}
    for evaluator, _, mean in sheets:
        given.setdefault(evaluator, []).append(mean)
    return {who: _scale(who, sorted(given[who]), rule) for who in sorted(given)}


def _scale(evaluator: str, values: Sequence[float], rule: Normalisation) -> Evaluator:
    count = len(values)
    trust = count / (count + rule.shrinkage) if count >= rule.minimum_sample else 0.0
    return Evaluator(evaluator, count, fmean(values), _deviation(values), trust)


def _judge(
    reference: str, sheets: Sequence[tuple[str, str, float]], mean: float, deviation: float | None,
    scales: Mapping[str, Evaluator],
) -> _Judged:  # fmt: skip
    return _Judged(
        reference,
        _by_stream((stream, value) for _, stream, value in sheets),
        _by_stream((stream, _normal(value, scales[who], mean, deviation)) for who, stream, value in sheets),
    )


def _by_stream(values: Iterable[tuple[str, float]]) -> dict[str, list[float]]:
    """The values of each stream in rising order."""
    found: dict[str, list[float]] = {}
    for stream, value in sorted(values):
        found.setdefault(stream, []).append(value)
    return found


def _normal(value: float, scale: Evaluator, mean: float, deviation: float | None) -> float:
    """One sheet's mean on the common scale: the formula at the head of this file."""
    if not scale.trust or deviation is None or scale.deviation is None:
        return value
    own_mean = scale.trust * scale.mean + (1 - scale.trust) * mean
    own_deviation = scale.trust * scale.deviation + (1 - scale.trust) * deviation
    stretch = deviation / own_deviation if own_deviation > 10**-DECIMALS else 1.0
    return mean + stretch * (value - own_mean)


def _ranked(judged: Sequence[_Judged], rubric: Rubric, rules: ResultRules) -> Iterator[Line]:
    normalised = rules.rank_by == results.NORMALISED
    draws = {j.reference: _draws(j.reference, j.normalised if normalised else j.raw, rubric, rules) for j in judged}
    places = _places(draws)
    lines = [_line(j, draws[j.reference], places[j.reference], rubric, rules) for j in judged]
    for place, line in enumerate(sorted(lines, key=lambda found: _order(found, rules)), 1):
        yield replace(line, rank=place)


def _line(judged: _Judged, draws: Sequence[float], places: Sequence[int], rubric: Rubric, rules: ResultRules) -> Line:
    raw, normal = (_overall(values, rubric) for values in (judged.raw, judged.normalised))
    low, high = _interval(sorted(draws), rules.bootstrap.level)
    first, last = _interval(sorted(places), rules.bootstrap.level)
    return Line(
        reference=judged.reference, rank=0, rank_low=int(first), rank_high=int(last),
        raw=_kept(raw.overall), normalised=_kept(normal.overall), low=low, high=high,
        spread=None if raw.spread is None else _kept(raw.spread),
        by_stream={k: _kept(v) for k, v in raw.by_stream.items()},
        normalised_by_stream={k: _kept(v) for k, v in normal.by_stream.items()},
        sheets=raw.sheets, disagreement=disagreements(judged.raw, rubric, rules),
    )  # fmt: skip


def _overall(values: Mapping[str, Sequence[float]], rubric: Rubric) -> scoring.Result:
    return scoring.result(
        {s.key: values.get(s.key, ()) for s in rubric.streams}, {s.key: s.weight for s in rubric.streams}
    )


def _order(line: Line, rules: ResultRules) -> tuple[Any, ...]:
    """By the mean that ranks, then by the rules for ties; a smaller spread and more sheets come first."""
    keys = {
        results.RAW: -line.raw,
        results.NORMALISED: -line.normalised,
        results.SPREAD: float("inf") if line.spread is None else line.spread,
        results.SHEETS: -sum(line.sheets.values()),
    }
    return (keys[rules.rank_by], *(keys[tie] for tie in rules.ties), line.reference)


def _draws(reference: str, values: Mapping[str, Sequence[float]], rubric: Rubric, rules: ResultRules) -> list[float]:
    """The dossier's mean, taken anew from sheets drawn with replacement within each stream."""
    chance = random.Random(f"{rules.bootstrap.seed}:{reference}")
    samples = rules.bootstrap.samples
    streams = [(values[s.key], s.weight) for s in rubric.streams if values.get(s.key)]
    total = sum(weight for _, weight in streams)
    if not total:  # streams of no weight at all: as for the mean itself, there is nothing to weigh
        return [0.0] * samples
    drawn = [(_drawn_means(chance, found, samples), weight) for found, weight in streams]
    return [
        _kept(fsum(mean * weight for mean, weight in zip(means, (w for _, w in drawn), strict=True)) / total)
        for means in zip(*(found for found, _ in drawn), strict=True)
    ]


def _drawn_means(chance: random.Random, values: Sequence[float], samples: int) -> list[float]:
    count = len(values)
    drawn = chance.choices(values, k=count * samples)
    return [fsum(drawn[at : at + count]) / count for at in range(0, count * samples, count)]


def _places(draws: Mapping[str, Sequence[float]]) -> dict[str, list[int]]:
    """The rank of each dossier in each draw; equal means share the better one."""
    places: dict[str, list[int]] = {reference: [] for reference in draws}
    for column in zip(*draws.values(), strict=True):
        first: dict[float, int] = {}
        for place, value in enumerate(sorted(column, reverse=True), 1):
            first.setdefault(value, place)
        for found, value in zip(places.values(), column, strict=True):
            found.append(first[value])
    return places


def _interval(ordered: Sequence[float], level: int) -> Interval:
    """The percentiles that hold `level` percent of the values, which stand in rising order."""
    outside = len(ordered) * (100 - level) / 200
    return ordered[floor(outside)], ordered[ceil(len(ordered) - outside) - 1]


def _flagged(rule: Disagreement, values: Mapping[str, Sequence[float]], width: float) -> bool:
    everything = [value for found in values.values() for value in found]
    means = [fmean(found) for found in values.values() if found]
    measured = {
        results.SPREAD: _deviation(everything) or 0.0,
        results.RANGE: max(everything) - min(everything) if everything else 0.0,
        results.STREAMS: max(means) - min(means) if means else 0.0,
    }[rule.rule]
    return _kept(measured) >= _kept(width * rule.percent / 100)


def _kept(value: float | None) -> float:
    """To six decimals: what is printed, compared and kept. A stream of no weight leaves no mean: 0."""
    return round(value or 0.0, DECIMALS)
