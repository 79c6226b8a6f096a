"""The solver of `domain.matching`: HiGHS, a linear and integer optimiser, through highspy.

The problem is a flow: sheets go from each file in a stream, by way of the regions, to the evaluators and the steps of their
load. Each group of pairs that a row limits lies within another one of its side or apart from it; a matrix of that shape is
totally unimodular, and every corner of its linear program is whole. The simplex method ends in a corner: at the optimum,
with no gap and no tree to search, and nothing is ever stopped by seconds. One thread and a seed: the same problem gives
the same answer on a fast machine and on a slow one.

What does not touch is solved apart: fields that share no evaluator, and the streams, one after the other: a region that
an earlier stream has on a file leaves no free place there to the next.

It brings NumPy along, 30 MB of it: whoever solves imports this module, and no page does.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from importlib.metadata import version
from typing import Any

import highspy
import numpy as np

from rvc_portal.domain.errors import PortalError
from rvc_portal.domain.matching import Evaluator, File, Pair, Problem, Solution, pair_cost, possible

WHOLE = 1e-6
"""So far from a whole number may a value be that counts as one: the engine's own tolerance is a tenth of it."""


class Cancelled(PortalError):
    """Whoever asked wants no answer any more."""


class Unsolved(PortalError):
    """HiGHS ended without an answer; the message is its own word."""


Candidate = tuple[File, Evaluator]
Go = Callable[[float], bool]
"""Told, often, which part of the pairs is done (0 to 1); answers whether to go on."""


def solve(problem: Problem, seed: int, go: Go = lambda done: True) -> Solution:
    """The best answer to the problem. Raises Cancelled when `go` says so, whatever it raises, and Unsolved."""
    pairs = possible(problem)
    total, done = len(pairs), 0
    chosen: list[Pair] = []
    regions = _Regions((f, e) for f, e in pairs if (f.key, e.key) in problem.kept)
    for part in sorted(_apart(pairs), key=_stream):
        model = _Model(problem, part, regions.of_others(_stream(part)))
        run = _Run(seed, partial(_told, go, done / total, len(part) / total, len(model.rows)))
        values = run.solve(model.program())
        found = [pair for pair, value in zip(part, values, strict=False) if value > 0.5]
        regions.add(found)
        chosen += [(f.key, e.key) for f, e in found]
        done += len(part)
    return Solution(tuple(sorted(chosen)), f"HiGHS {version('highspy')}")


class _Regions:
    """Which streams have an evaluator of a region on a file."""

    def __init__(self, standing: Iterable[Candidate]) -> None:
        self._streams = defaultdict[tuple[str, str], set[str]](set)
        self.add(standing)

    def add(self, pairs: Iterable[Candidate]) -> None:
        for file, evaluator in pairs:
            if evaluator.region:
                self._streams[file.key, evaluator.region].add(evaluator.stream)

    def of_others(self, stream: str) -> set[tuple[str, str]]:
        """The regions, by file, that another stream has."""
        return {place for place, streams in self._streams.items() if streams - {stream}}


def _stream(part: Sequence[Candidate]) -> str:
    """The stream of a part: it has one, since an evaluator has one."""
    return part[0][1].stream


def _told(go: Go, before: float, share: float, usual: int, steps: int) -> bool:
    """Put the question with a guess how far this part is: how many steps it takes nobody knows, one per row is usual."""
    return go(before + share * steps / (steps + usual))


def _apart(pairs: Sequence[Candidate]) -> list[list[Candidate]]:
    """The pairs in groups that share no evaluator, and no file in the same stream; in the order of their first pairs."""
    leads: dict[object, object] = {}

    def lead(node: object) -> object:
        while (up := leads.setdefault(node, node)) != node:
            leads[node] = node = leads[up]
        return node

    for file, evaluator in pairs:
        leads[lead(evaluator.key)] = lead((file.key, evaluator.stream))
    groups: dict[object, list[Candidate]] = {}
    for pair in pairs:
        groups.setdefault(lead(pair[1].key), []).append(pair)
    return list(groups.values())


class _Model:
    """The columns, in this order: one per pair (chosen or not), the sheets lacking on a file in a stream, the evaluators
    from one region on a file beyond the first, and the steps of each evaluator's load. `taken`: the regions, by file, that
    another stream has."""

    def __init__(self, problem: Problem, pairs: Sequence[Candidate], taken: Collection[tuple[str, str]]) -> None:
        self.problem, self.pairs, self.taken = problem, pairs, taken
        count = len(self.pairs)
        self.lower = [1.0 if (f.key, e.key) in problem.kept else 0.0 for f, e in self.pairs]
        self.upper, self.costs = [1.0] * count, [float(pair_cost(problem, f, e)) for f, e in self.pairs]
        self.rows: list[tuple[float, float, list[int], list[float]]] = []
        self.by_stream, self.by_region = (
            defaultdict[tuple[str, str], list[int]](list),
            defaultdict[tuple[str, str], list[int]](list),
        )
        self.by_evaluator = defaultdict[str, list[int]](list)
        for index, (file, evaluator) in enumerate(self.pairs):
            self.by_stream[file.key, evaluator.stream].append(index)
            self.by_evaluator[evaluator.key].append(index)
            if evaluator.region:
                self.by_region[file.key, evaluator.region].append(index)
        self._limit_sheets()
        self._spread_regions()
        self._limit_loads()

    def _column(self, cost: float, upper: float) -> int:
        self.costs.append(cost)
        self.lower.append(0.0)
        self.upper.append(upper)
        return len(self.costs) - 1

    def _row(self, low: float, high: float, ones: Sequence[int], minus: Iterable[int] = ()) -> None:
        minus = list(minus)
        self.rows.append((low, high, [*ones, *minus], [1.0] * len(ones) + [-1.0] * len(minus)))

    def _limit_sheets(self) -> None:
        price = self._lacking_price()
        for (_, stream), chosen in self.by_stream.items():
            limits = self.problem.limits[stream]
            standing = sum(self.lower[i] for i in chosen)
            most = highspy.kHighsInf if limits.maximum is None else max(limits.maximum, standing, limits.minimum)
            lacks = [self._column(price, limits.minimum)] if limits.minimum else []
            self._row(limits.minimum, most, [*chosen, *lacks])

    def _spread_regions(self) -> None:
        for place, chosen in self.by_region.items():
            free = 0 if place in self.taken else 1
            if len(chosen) > free:
                beyond = self._column(self.problem.weights.regions, len(chosen) - free)
                self._row(-highspy.kHighsInf, free, chosen, [beyond])

    def _limit_loads(self) -> None:
        for evaluator in sorted(self.problem.evaluators, key=lambda e: e.key):
            chosen = self.by_evaluator[evaluator.key]
            steps = range(1, min(self.problem.capacity(evaluator), len(chosen)) + 1)
            weights = [self.problem.weights.load * (evaluator.load + n) for n in steps]
            if chosen:
                self._row(0.0, 0.0, chosen, [self._column(float(cost), 1.0) for cost in weights])

    def _lacking_price(self) -> float:
        """More than any exchange of pairs can save: one that gains a sheet passes each evaluator once, by two pairs of one
        file at most, and takes the first step of one load for the last of another."""
        weights = self.problem.weights
        dearest = max(abs(cost) for cost in self.costs[: len(self.pairs)]) + weights.regions
        passed = min(len(self.by_stream), len(self.by_evaluator)) + 1
        steps = max(self.problem.capacity(e) + e.load for e in self.problem.evaluators)
        return 1 + 2 * passed * dearest + weights.load * max(steps, 0)

    def program(self) -> highspy.HighsLp:
        """The model as the engine reads it."""
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.costs), len(self.rows)
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.array(self.costs), np.array(self.lower), np.array(self.upper)
        lp.row_lower_ = np.array([row[0] for row in self.rows], dtype=float)
        lp.row_upper_ = np.array([row[1] for row in self.rows], dtype=float)
        matrix = lp.a_matrix_
        matrix.format_ = highspy.MatrixFormat.kRowwise
        matrix.start_ = np.cumsum([0, *(len(row[2]) for row in self.rows)], dtype=np.int32)
        matrix.index_ = np.concatenate([np.array(row[2], dtype=np.int32) for row in self.rows])
        matrix.value_ = np.concatenate([np.array(row[3]) for row in self.rows])
        return lp


class _Run:
    """The engine on one part of the problem."""

    def __init__(self, seed: int, go: Callable[[int], bool]) -> None:
        self.seed, self.go = seed, go

    def solve(self, program: highspy.HighsLp) -> np.ndarray:
        """The value of each column."""
        if not self.go(0):
            raise Cancelled
        engine = self._engine()
        ended: list[BaseException] = []

        def ask(event: Any) -> None:
            """An exception must not travel through the engine, which is no Python: it stops, and then it is raised."""
            try:
                stop = bool(ended) or not self.go(event.data_out.simplex_iteration_count)
            except Exception as error:
                ended.append(error)
                stop = True
            if stop:
                event.data_in.user_interrupt = True

        engine.cbSimplexInterrupt.subscribe(ask)
        engine.passModel(program)
        engine.run()
        if ended:
            raise ended[0]
        return self._values(engine)

    def _engine(self) -> highspy.Highs:
        engine = highspy.Highs()
        for name, value in (
            ("output_flag", False), ("threads", 1), ("parallel", "off"), ("solver", "simplex"), ("random_seed", self.seed),
        ):  # fmt: skip
            engine.setOptionValue(name, value)
        return engine

    def _values(self, engine: highspy.Highs) -> np.ndarray:
        status = engine.getModelStatus()
        if status == highspy.HighsModelStatus.kInterrupt:
            raise Cancelled
        values = np.array(engine.getSolution().col_value)
        if status != highspy.HighsModelStatus.kOptimal or np.any(np.abs(values - np.round(values)) > WHOLE):
            raise Unsolved(engine.modelStatusToString(status))
        return values
