"""From scores to means: one sheet, one stream, one dossier.

A sheet's mean is weighted by criterion; a stream's mean is the plain mean of its sheets; the overall mean is weighted by
stream, over the streams that have sheets. All on the rubric's scale.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev

LONGEST_REASON = 20_000
"""Characters of one reason."""


@dataclass(frozen=True)
class Given:
    """What an evaluator gives one criterion: a score (None: none yet) or that they cannot judge it, and why."""

    value: float | None
    reason: str
    cannot_judge: bool = False

    def tidy(self) -> "Given":
        """The same without white space around the reason."""
        return replace(self, reason=self.reason.strip())


def sheet_mean(scores: Mapping[str, float], weights: Mapping[str, float]) -> float | None:
    """Weighted mean of one sheet over the criteria that have a score, by their weights among themselves; None without any."""
    scored = [k for k in scores if k in weights]
    total = sum(weights[k] for k in scored)
    return sum(scores[k] * weights[k] for k in scored) / total if total else None


@dataclass(frozen=True)
class Result:
    """A dossier's standing: means and sheet counts by stream, overall mean, spread (sample standard deviation of all sheets)."""

    by_stream: Mapping[str, float]
    sheets: Mapping[str, int]
    overall: float | None
    spread: float | None


def result(means: Mapping[str, Sequence[float]], stream_weights: Mapping[str, float]) -> Result:
    """Combine the sheets' means, by stream, into the dossier's result."""
    by_stream = {stream: fmean(values) for stream, values in means.items() if values}
    weight = sum(stream_weights[s] for s in by_stream)
    overall = sum(by_stream[s] * stream_weights[s] for s in by_stream) / weight if weight else None
    everything = [value for values in means.values() for value in values]
    return Result(
        by_stream=by_stream,
        sheets={stream: len(values) for stream, values in means.items()},
        overall=overall,
        spread=stdev(everything) if len(everything) > 1 else None,
    )
