"""What a benchmark says, and how it measures: medians, with the things compared taken in turn."""

import gc
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

Clock = Callable[[], float]


@dataclass(frozen=True)
class Figure:
    """One measured value. `limit` None: for orientation only; `sense`: which side of the limit is good."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    sense: str = "max"

    @property
    def kept(self) -> bool:
        """Whether the value is on the good side of its limit."""
        if self.limit is None:
            return True
        return self.value <= self.limit if self.sense == "max" else self.value >= self.limit

    def to_json(self) -> dict[str, object]:
        return {
            "name": self.name, "value": round(self.value, 4), "limit": self.limit, "unit": self.unit, "sense": self.sense,
        }  # fmt: skip


def on_engines(found: Mapping[str, Mapping[str, Figure]], limits: Mapping[str, float]) -> Iterator[Figure]:
    """The figures of each engine, then under its plain name the worse of each that has a limit."""
    for figures in found.values():
        yield from figures.values()
    for name, limit in limits.items():
        worst = max((figures[name] for figures in found.values()), key=lambda figure: figure.value)
        yield Figure(name, worst.value, worst.unit, limit)


def cpu_seconds() -> float:
    """Seconds that the processor has spent on this process and on those that it waited for, in the system, too."""
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def medians(
    what: Mapping[str, Callable[[], object]], times: int, *, warm_up: int = 3, clock: Clock = time.perf_counter
) -> dict[str, float]:
    """The median seconds of each, taken in turn, so that a busy moment of the machine falls on all alike."""
    for _ in range(warm_up):
        for run in what.values():
            run()
    taken: dict[str, list[float]] = {name: [] for name in what}
    for _ in range(times):
        for name, run in what.items():
            gc.collect()
            begun = clock()
            run()
            taken[name].append(clock() - begun)
    return {name: statistics.median(values) for name, values in taken.items()}


def table(figures: Sequence[Figure]) -> str:
    """The figures for eyes: value, unit, limit, and whether it is kept."""
    rows = [("figure", "value", "limit", "")]
    for figure in figures:
        limit = "" if figure.limit is None else f"{'≤' if figure.sense == 'max' else '≥'} {figure.limit:g}"
        verdict = "" if figure.limit is None else ("ok" if figure.kept else "MISSED")
        rows.append((figure.name, f"{figure.value:,.2f} {figure.unit}".rstrip(), limit, verdict))
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    return "\n".join(
        f"{name:<{widths[0]}}  {value:>{widths[1]}}  {limit:<{widths[2]}}  {verdict}".rstrip()
        for name, value, limit, verdict in rows
    )
