"""How evaluators go about their sheets, one against the other: for the Secretariat, which looks whether somebody needs a word.

No figure is made of fewer sheets than the call's minimum sample: two sheets say nothing of a person.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean, median, stdev
from uuid import UUID


@dataclass(frozen=True)
class Closed:
    """A sheet that counts. `taken`: from the declaration to the closing; `written`: characters of its reasons, on average."""

    evaluator: UUID
    file: UUID
    mean: float
    taken: timedelta
    written: float


@dataclass(frozen=True)
class Figures:
    """One evaluator. `spread`: sample standard deviation of the sheets' means; `distance`: how far these lie above (or below)
    the mean of the others on the same files, on average, None where nobody else has judged any of them."""

    means: tuple[float, ...]
    mean: float
    spread: float
    distance: float | None
    pace: timedelta
    written: float


def figures(sheets: Iterable[Closed], minimum: int) -> dict[UUID, Figures]:
    """The figures of whoever has closed at least `minimum` sheets (two, whatever the call says: one has no spread)."""
    by_evaluator: Mapping[UUID, list[Closed]] = defaultdict(list)
    by_file: Mapping[UUID, list[float]] = defaultdict(list)
    for sheet in sheets:
        by_evaluator[sheet.evaluator].append(sheet)
        by_file[sheet.file].append(sheet.mean)
    least = max(minimum, 2)
    return {who: _of_one(theirs, by_file) for who, theirs in by_evaluator.items() if len(theirs) >= least}


def _of_one(theirs: list[Closed], by_file: Mapping[UUID, list[float]]) -> Figures:
    means = tuple(sorted(sheet.mean for sheet in theirs))
    apart = [sheet.mean - _others(by_file[sheet.file], sheet.mean) for sheet in theirs if len(by_file[sheet.file]) > 1]
    return Figures(
        means=means,
        mean=fmean(means),
        spread=stdev(means),
        distance=fmean(apart) if apart else None,
        pace=timedelta(seconds=median(sheet.taken.total_seconds() for sheet in theirs)),
        written=fmean(sheet.written for sheet in theirs),
    )


def _others(all_of_file: list[float], own: float) -> float:
    return (sum(all_of_file) - own) / (len(all_of_file) - 1)
