"""Before the files are judged, evaluators judge the same few and speak about them: how far their scores lie apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev


@dataclass(frozen=True)
class Spread:
    """Scores given to one criterion. `deviation`: the sample standard deviation, None of fewer than two."""

    values: tuple[float, ...]
    minimum: float
    mean: float
    maximum: float
    deviation: float | None


def spread(values: Sequence[float]) -> Spread | None:
    """How far these scores lie apart; None without any."""
    if not values:
        return None
    deviation = stdev(values) if len(values) > 1 else None
    return Spread(tuple(sorted(values)), min(values), fmean(values), max(values), deviation)
