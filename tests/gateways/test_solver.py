"""The solver against every answer there is, on small problems; its limits, its seed, and how it is stopped."""

from collections import Counter
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rvc_portal.domain.matching import (
    LARGEST_SEED,
    Evaluator,
    File,
    Limits,
    Problem,
    Weights,
    pair_cost,
    possible,
    unmet,
)
from rvc_portal.gateways import solver

STREAMS = ("experts", "members")
MOST_FREE = 11
"""Pairs that may or may not be chosen: every answer of so many is tried in a moment."""


@st.composite
def problems(draw) -> Problem:
    """Up to four files and five evaluators, with all that a problem may hold."""
    files = tuple(
        File(f"f{n}", draw(st.sampled_from(["music", "film"])), draw(st.sampled_from(["en", "fr"])))
        for n in range(draw(st.integers(1, 4)))
    )
    fields, languages = st.sampled_from([(), ("music",), ("film", "music")]), st.sampled_from([(), ("en",), ("fr",)])
    evaluators = tuple(
        Evaluator(
            f"e{n}", draw(st.sampled_from(STREAMS)), draw(fields), draw(languages),
            draw(st.sampled_from([None, "africa", "europe"])), draw(st.integers(0, 4)), draw(st.integers(0, 2)),
        )
        for n in range(draw(st.integers(1, 5)))
    )  # fmt: skip
    pairs = st.tuples(st.sampled_from([f.key for f in files]), st.sampled_from([e.key for e in evaluators]))
    weight = st.integers(0, 9)
    problem = Problem(
        files, evaluators, {s: Limits(draw(st.integers(0, 2)), draw(st.sampled_from([None, 2, 3]))) for s in STREAMS},
        Weights(draw(weight), draw(weight), draw(weight), draw(weight), draw(weight)),
        barred=draw(st.frozensets(pairs, max_size=6)), fixed=draw(st.frozensets(pairs, max_size=3)),
        preferences=draw(st.dictionaries(pairs, st.integers(-1, 1), max_size=4)),
    )  # fmt: skip
    free = [(f.key, e.key) for f, e in possible(problem) if (f.key, e.key) not in problem.kept]
    return replace(problem, barred=problem.barred | frozenset(free[MOST_FREE:]))


def allowed(problem: Problem, pairs: list[tuple[str, str]]) -> bool:
    """Whether the pairs keep every limit, as far as what stands leaves room; written apart from the solver's rows."""
    stream = {e.key: e.stream for e in problem.evaluators}
    standing = Counter((f, stream[e]) for f, e in problem.kept)
    for key, count in Counter((f, stream[e]) for f, e in pairs).items():
        most = problem.limits[key[1]].maximum
        if most is not None and count > max(most, standing[key]):
            return False
    held = Counter(e for _, e in problem.kept)
    loads = Counter(e for _, e in pairs)
    return all(loads[e.key] <= max(e.most - e.load, held[e.key]) for e in problem.evaluators)


def price_of(
    problem: Problem, stream: str, own: list[tuple[str, str]], others: set[tuple[str, str]]
) -> tuple[int, int]:
    """What a stream's pairs cost beside those of other streams: sheets lacking, then wishes. Apart from the solver."""
    files, evaluators = {f.key: f for f in problem.files}, {e.key: e for e in problem.evaluators}
    sheets = Counter(f for f, _ in own)
    lacking = sum(max(0, problem.limits[stream].minimum - sheets[key]) for key in files)
    taken = {(f, evaluators[e].region) for f, e in others}
    regions = Counter((f, evaluators[e].region) for f, e in own if evaluators[e].region)
    repeated = sum(count - (place not in taken) for place, count in regions.items())
    loads = Counter(e for _, e in own)
    uneven = sum(sum(range(evaluators[e].load + 1, evaluators[e].load + n + 1)) for e, n in loads.items())
    alone = sum(pair_cost(problem, files[f], evaluators[e]) for f, e in own)
    return lacking, alone + problem.weights.regions * repeated + problem.weights.load * uneven


def least_by_trying(problem: Problem, stream: str, others: set[tuple[str, str]]) -> tuple[int, int]:
    """The least price of all answers of a stream beside what the others have, by trying each."""
    streams = {e.key: e.stream for e in problem.evaluators}
    here = [(f.key, e.key) for f, e in possible(problem) if e.stream == stream]
    kept, free = [p for p in here if p in problem.kept], [p for p in here if p not in problem.kept]
    answers = (
        [*kept, *(p for p, on in zip(free, choice, strict=True) if on)] for choice in product((0, 1), repeat=len(free))
    )
    elsewhere = [p for p in others if streams[p[1]] != stream]
    return min(price_of(problem, stream, own, others) for own in answers if allowed(problem, [*own, *elsewhere]))


@given(problems())
@settings(max_examples=150)
def test_no_answer_is_better(problem):
    """Stream by stream: beside what stands and what the streams before it got, none has a better one."""
    streams = {e.key: e.stream for e in problem.evaluators}
    pairs = solver.solve(problem, 1).pairs
    assert allowed(problem, list(pairs))
    assert problem.kept <= set(pairs)
    assert not problem.barred & set(pairs)
    for stream in sorted(problem.limits):
        own = [p for p in pairs if streams[p[1]] == stream]
        before = {p for p in pairs if streams[p[1]] < stream} | {p for p in problem.kept if streams[p[1]] > stream}
        assert price_of(problem, stream, own, before) == least_by_trying(problem, stream, before)


def test_regions_are_spread_over_the_whole_file():
    """The expert is of Africa, so the member is not, though Africa's reads as well and has less to do."""
    problem = Problem(
        (File("f", "music", "en"),),
        (
            Evaluator("expert", "experts", (), ("en",), "africa", 5),
            Evaluator("african", "members", (), ("en",), "africa", 5),
            Evaluator("arab", "members", (), ("en",), "arab", 5, load=1),
        ),
        {"experts": Limits(1, 1), "members": Limits(1, 1)},
    )
    assert solver.solve(problem, 1).pairs == (("f", "arab"), ("f", "expert"))
    standing = replace(problem, fixed=frozenset({("f", "african")}), weights=Weights(regions=6))
    assert solver.solve(standing, 1).pairs == (("f", "african"), ("f", "expert"))  # who stands stays


@given(problems())
@settings(max_examples=100)
def test_whoever_could_still_help_is_asked(problem):
    """A file that lacks sheets has nobody left: each evaluator of its field is on it, barred, or has no room."""
    problem = replace(problem, fixed=frozenset())
    for lack in unmet(problem, solver.solve(problem, 1).pairs):
        assert lack.fit == lack.given + lack.barred + lack.full


@given(problems(), st.integers(0, LARGEST_SEED), st.randoms())
@settings(max_examples=50)
def test_the_same_question_and_seed_give_the_same_answer(problem, seed, chance):
    files, evaluators = list(problem.files), list(problem.evaluators)
    chance.shuffle(files)
    chance.shuffle(evaluators)
    turned = replace(problem, files=tuple(files), evaluators=tuple(evaluators))
    found = solver.solve(problem, seed)
    assert solver.solve(turned, seed) == found
    assert found.engine.startswith("HiGHS 1.")


def crowd(files: int = 40, evaluators: int = 12) -> Problem:
    return Problem(
        tuple(File(f"f{n:02}", "music", ("en", "fr")[n % 2]) for n in range(files)),
        tuple(Evaluator(f"e{n:02}", "experts", (), ("fr",), f"r{n % 4}", 20) for n in range(evaluators)),
        {"experts": Limits(3)},
    )


def test_who_asks_is_told_how_far_it_is_and_can_stop_it():
    told = []
    solver.solve(crowd(), 1, lambda done: not told.append(done))
    assert told[0] == 0
    assert all(0 <= done < 1 for done in told)
    assert told == sorted(told)
    assert told[-1] > 0.1
    for stop_at in (1, len(told) // 2 + 1):
        calls = iter(range(1, len(told) + 2))
        with pytest.raises(solver.Cancelled):
            solver.solve(crowd(), 1, lambda done, calls=calls, last=stop_at: next(calls) < last)


def test_an_error_of_who_asks_comes_through():
    calls = iter(range(100))

    def fail(done: float) -> bool:
        if next(calls):
            raise OSError("the database is gone")
        return True

    with pytest.raises(OSError, match="is gone"):
        solver.solve(crowd(), 1, fail)


def test_nobody_to_ask_is_an_answer():
    assert solver.solve(Problem((File("f", "music", "en"),), (), {"experts": Limits(1)}), 1).pairs == ()
