"""Proposing evaluators for 1,000 files, of 200, three each: how long, and how much memory, in a process of its own.

All are of one field and one stream, so that nothing falls apart into smaller problems. Once there is room for all, and once
not: then the answer is the best that can be done, and takes its own way.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure
from rvc_portal.domain import matching
from rvc_portal.domain.matching import Evaluator, File, Limits, Problem
from rvc_portal.gateways import solver

FIGURES = ("assign_seconds", "assign_peak_mb", "assign_lacking", "assign_short_seconds")
FILES, EVALUATORS, EACH = 1000, 200, 3
ROOM, SHORT = 20, 14
"""Files that each evaluator takes: enough for all, and 200 too few."""
COUNTRIES, REGIONS, SEED = 60, 6, 2015


def problem(most: int) -> Problem:
    """The problem; whoever is of a file's country is barred from it."""
    chance = random.Random(SEED)
    homes = [chance.randrange(COUNTRIES) for _ in range(FILES)]
    places = [chance.randrange(COUNTRIES) for _ in range(EVALUATORS)]
    files = tuple(File(f"file-{n:04}", "literature", chance.choice(("en", "fr"))) for n in range(FILES))
    languages = (("en",), ("fr",), ("en", "fr"))
    evaluators = tuple(
        Evaluator(
            f"seat-{n:03}", "experts", ("literature",), chance.choice(languages), f"region-{place % REGIONS}", most
        )
        for n, place in enumerate(places)
    )
    barred = frozenset(
        (f.key, e.key)
        for f, home in zip(files, homes, strict=True)
        for e, place in zip(evaluators, places, strict=True)
        if home == place
    )
    return Problem(files, evaluators, {"experts": Limits(EACH, EACH)}, barred=barred)


def measure(folder: Path) -> Iterator[Figure]:
    """Each once; the peak is the larger of the two."""
    room, room_peak = _apart(ROOM)
    short, short_peak = _apart(SHORT)
    if room["lacking"] or short["lacking"] != FILES * EACH - EVALUATORS * SHORT:
        raise AssertionError(f"not the best answers: {room}, {short}")
    yield Figure("assign_seconds", max(room["seconds"], short["seconds"]), "s", 60)
    yield Figure("assign_peak_mb", max(room_peak, short_peak), "MB", 1000)
    yield Figure("assign_short_seconds", short["seconds"], "s")
    yield Figure("assign_lacking", short["lacking"], "sheets")


def _apart(most: int) -> tuple[dict[str, float], float]:
    """What the process says of itself, and its peak memory in MB."""
    started = subprocess.Popen([sys.executable, "-m", __name__, str(most)], stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    said = started.stdout.read().splitlines()
    _, status, usage = os.wait4(started.pid, 0)
    started.returncode = os.waitstatus_to_exitcode(status)
    if started.returncode:
        raise RuntimeError(f"the solver ended with {started.returncode}")
    return json.loads(said[-1]), usage.ru_maxrss / 1024


def main(most: int) -> None:
    """The work of the worker's job: the inputs read, solved, and all that the proposal keeps."""
    written = problem(most).to_json()
    begun = time.perf_counter()
    read = Problem.from_json(written)
    found = solver.solve(read, SEED)
    cost = matching.price(read, found.pairs)
    unmet = list(matching.unmet(read, found.pairs))
    print(json.dumps({"seconds": time.perf_counter() - begun, "lacking": cost.lacking, "files": len(unmet)}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
