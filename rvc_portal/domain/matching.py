"""Which evaluators to ask for which files: the question, what an answer costs, and what no answer can meet.

The rule has two ranks. First, as many as possible of the sheets that the call wants at least. Then, among all answers that
give as many, the one in which the wishes cost least. Prices are whole numbers, so that two answers can be told apart.
Streams are chosen one after the other, in the order of their keys: what an earlier one got on a file, and what stands
already, is there when the next is chosen, so that regions are spread over the whole file.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

Pair = tuple[str, str]
"""The keys of a file and of an evaluator."""


@dataclass(frozen=True)
class File:
    """A dossier to be judged: its creative field, and the language in which it is written."""

    key: str
    field: str | None
    language: str


@dataclass(frozen=True)
class Evaluator:
    """`fields`: those that the evaluator may judge, none: all. `languages`: those read; none: nobody knows. `most`: files
    that the evaluator takes at most; `load`: those in hand besides the pairs of the problem."""

    key: str
    stream: str
    fields: tuple[str, ...]
    languages: tuple[str, ...]
    region: str | None
    most: int
    load: int = 0


@dataclass(frozen=True)
class Limits:
    """Sheets of one stream on each file: at least, and at most where there is a limit."""

    minimum: int
    maximum: int | None = None


@dataclass(frozen=True)
class Weights:
    """What each breach of a wish costs: a file in a language that its evaluator does not read; a second evaluator
    from the same region on one file; an uneven load (an evaluator's n-th file costs n times as much); an unwanted pair; and what
    each sheet beyond the minimum is worth."""

    language: int = 10
    regions: int = 6
    load: int = 1
    preferences: int = 8
    sheets: int = 0


USUAL = Weights()
WISHES = tuple(Weights.__dataclass_fields__)


@dataclass(frozen=True)
class Problem:
    """The whole question. `limits` by stream; `barred`: pairs with a conflict of interest; `fixed`: pairs that stand and are
    kept; `preferences`: from -1 (rather not) to 1 (gladly)."""

    files: tuple[File, ...]
    evaluators: tuple[Evaluator, ...]
    limits: Mapping[str, Limits]
    weights: Weights = USUAL
    barred: frozenset[Pair] = frozenset()
    fixed: frozenset[Pair] = frozenset()
    preferences: Mapping[Pair, int] = field(default_factory=dict)

    @cached_property
    def kept(self) -> frozenset[Pair]:
        """The fixed pairs that count: one with a conflict gives no sheet."""
        return self.fixed - self.barred

    def of_stream(self, stream: str) -> list[Evaluator]:
        return [e for e in self.evaluators if e.stream == stream]

    def capacity(self, evaluator: Evaluator) -> int:
        """How many files of this problem the evaluator may have; what stands already is never too much."""
        standing = sum(key == evaluator.key for _, key in self.kept)
        return max(evaluator.most - evaluator.load, standing)

    def to_json(self) -> dict[str, Any]:
        """The problem as JSON-able data, in one order whatever the order of its parts."""
        return {
            "files": [asdict(f) for f in sorted(self.files, key=lambda f: f.key)],
            "evaluators": [
                asdict(e) | {"fields": sorted(e.fields), "languages": sorted(e.languages)}
                for e in sorted(self.evaluators, key=lambda e: e.key)
            ],
            "limits": {key: asdict(self.limits[key]) for key in sorted(self.limits)},
            "weights": asdict(self.weights),
            "barred": sorted([*pair] for pair in self.barred),
            "fixed": sorted([*pair] for pair in self.fixed),
            "preferences": sorted([*pair, liked] for pair, liked in self.preferences.items()),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Problem":
        """The problem that `to_json` wrote."""
        return cls(
            files=tuple(File(**f) for f in data["files"]),
            evaluators=tuple(
                Evaluator(**e | {"fields": tuple(e["fields"]), "languages": tuple(e["languages"])})
                for e in data["evaluators"]
            ),
            limits={key: Limits(**found) for key, found in data["limits"].items()},
            weights=Weights(**data["weights"]),
            barred=frozenset((f, e) for f, e in data["barred"]),
            fixed=frozenset((f, e) for f, e in data["fixed"]),
            preferences={(f, e): liked for f, e, liked in data["preferences"]},
        )

    @property
    def sha256(self) -> str:
        """The fingerprint of the inputs: equal for equal questions."""
        written = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(written.encode()).hexdigest()


LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True)
class Solution:
    """An answer: its pairs, the fixed ones among them; `engine`: what solved it, with its version."""

    pairs: tuple[Pair, ...]
    engine: str


def fits(file: File, evaluator: Evaluator) -> bool:
    """Whether the evaluator is one of the file's field."""
    return not evaluator.fields or file.field in evaluator.fields


def possible(problem: Problem) -> list[tuple[File, Evaluator]]:
    """Every pair that an answer may hold, by file and evaluator; the fixed ones among them."""
    evaluators = sorted(problem.evaluators, key=lambda e: e.key)
    return [
        (f, e)
        for f in sorted(problem.files, key=lambda f: f.key)
        for e in evaluators
        if (f.key, e.key) in problem.kept or (fits(f, e) and (f.key, e.key) not in problem.barred)
    ]


def reads(file: File, evaluator: Evaluator) -> bool:
    """Whether the evaluator reads the file's language, or nothing is known of it."""
    return not evaluator.languages or file.language in evaluator.languages


def pair_cost(problem: Problem, file: File, evaluator: Evaluator) -> int:
    """What the pair costs by itself, whatever others there are."""
    weights = problem.weights
    unread = 0 if reads(file, evaluator) else weights.language
    liked = problem.preferences.get((file.key, evaluator.key), 0)
    return unread - weights.preferences * liked - weights.sheets


@dataclass(frozen=True)
class Price:
    """Sheets lacking to the minimum, and what the wishes cost; compared in this order."""

    lacking: int
    cost: int


def price(problem: Problem, pairs: Collection[Pair]) -> Price:
    """What an answer costs. `pairs`: all of it, the fixed ones among them."""
    files, evaluators = {f.key: f for f in problem.files}, {e.key: e for e in problem.evaluators}
    chosen = [(files[f], evaluators[e]) for f, e in pairs]
    sheets = Counter((f.key, e.stream) for f, e in chosen)
    lacking = sum(
        max(0, limit.minimum - sheets[key, stream]) for key in files for stream, limit in problem.limits.items()
    )
    regions = Counter((f.key, e.region) for f, e in chosen if e.region)
    repeated = sum(count - 1 for count in regions.values())
    loads = Counter(e.key for _, e in chosen)
    uneven = sum(load_cost(evaluators[key].load, count) for key, count in loads.items())
    weights = problem.weights
    own = sum(pair_cost(problem, f, e) for f, e in chosen)
    return Price(lacking, own + weights.regions * repeated + weights.load * uneven)


def load_cost(load: int, more: int) -> int:
    """The sum of load + 1 … load + more: what so many further files weigh on somebody who has `load`."""
    return sum(range(load + 1, load + more + 1))


@dataclass(frozen=True)
class Unmet:
    """A file that gets fewer sheets of a stream than the call wants. Of the evaluators of its field (`fit`), `barred` have a
    conflict and `full` have as many files as they take; the others are the ones given."""

    file: str
    stream: str
    wanted: int
    given: int
    fit: int
    barred: int
    full: int


def unmet(problem: Problem, pairs: Collection[Pair]) -> Iterator[Unmet]:
    """What the answer leaves unmet, by file and stream, and why."""
    loads = Counter(key for _, key in pairs)
    full = {e.key for e in problem.evaluators if loads[e.key] >= problem.capacity(e)}
    chosen = set(pairs)
    for stream, limit in sorted(problem.limits.items()):
        everybody = problem.of_stream(stream)
        for file in sorted(problem.files, key=lambda f: f.key):
            given = sum((file.key, e.key) in chosen for e in everybody)
            if given < limit.minimum:
                fit = {e.key for e in everybody if fits(file, e)}
                barred = {key for key in fit if (file.key, key) in problem.barred}
                busy = {key for key in fit - barred if key in full and (file.key, key) not in chosen}
                yield Unmet(file.key, stream, limit.minimum, given, len(fit), len(barred), len(busy))


@dataclass(frozen=True)
class Exceeded:
    """What stands already is more than a limit allows: of a file in a stream, or of an evaluator (`stream` None)."""

    key: str
    stream: str | None
    count: int
    limit: int


def exceeded(problem: Problem) -> Iterator[Exceeded]:
    """The limits that the fixed pairs alone exceed; they are kept all the same."""
    streams = {e.key: e.stream for e in problem.evaluators}
    for (key, stream), count in sorted(Counter((f, streams[e]) for f, e in problem.kept).items()):
        limit = problem.limits[stream].maximum
        if limit is not None and count > limit:
            yield Exceeded(key, stream, count, limit)
    loads = Counter(e for _, e in problem.kept)
    for evaluator in sorted(problem.evaluators, key=lambda e: e.key):
        count = evaluator.load + loads[evaluator.key]
        if count > evaluator.most:
            yield Exceeded(evaluator.key, None, count, evaluator.most)
