"""`./rvc bench`: measure, print a table, write the figures as JSON. The rules of measuring stand in docs/benchmark.md."""

import argparse
import json
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks import (
    answering,
    assigning,
    board,
    bundling,
    calendar,
    documents,
    following,
    meeting,
    replay,
    results,
    rush,
    scoring,
    serving,
    verifying,
    working,
)  # fmt: skip
from benchmarks.figures import Figure, table


@dataclass(frozen=True)
class Part:
    """One group of figures that are measured together."""

    name: str
    figures: tuple[str, ...]
    measure: Callable[[Path], Iterator[Figure]]

    def answers_to(self, wanted: str) -> bool:
        return wanted == self.name or wanted.startswith(self.figures)


PARTS = (
    Part("board", board.FIGURES, board.measure),
    Part("results", results.FIGURES, results.measure),
    Part("answering", answering.FIGURES, answering.measure),
    Part("scoring", scoring.FIGURES, scoring.measure),
    Part("http", serving.FIGURES, serving.measure),
    Part("assign", assigning.FIGURES, assigning.measure),
    Part("pdf", documents.FIGURES, documents.measure),
    Part("workers", working.FIGURES, working.measure),
    Part("verify", verifying.FIGURES, verifying.measure),
    Part("bundle", bundling.FIGURES, bundling.measure),
    Part("calendar", calendar.FIGURES, calendar.measure),
    Part("following", following.FIGURES, following.measure),
    Part("meeting", meeting.FIGURES, meeting.measure),
    Part("rush", rush.FIGURES, rush.measure),
    Part("replay", replay.FIGURES, replay.measure),
)


def main() -> int:
    """Run what is asked for. Returns 1 when a part failed, or when a limit is missed and --strict says that this matters."""
    asked = _arguments()
    parts = [p for p in PARTS if not asked.only or any(p.answers_to(name) for name in asked.only)]
    figures: list[Figure] = []
    failed: list[str] = []
    with ExitStack() as stack:
        folder = asked.data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rvc-bench-")))
        folder.mkdir(parents=True, exist_ok=True)
        for part in parts:
            print(f"measuring: {part.name}", file=sys.stderr, flush=True)
            try:
                figures += [f for f in part.measure(folder) if _is_wanted(f, asked.only)]
            except Exception:  # what the other parts say is worth having all the same
                traceback.print_exc()
                failed.append(part.name)
    print(table(figures))
    if asked.json:
        asked.json.write_text(json.dumps([f.to_json() for f in figures], indent=1) + "\n", encoding="utf-8")
    if failed:
        print(f"could not be measured: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed) or (asked.strict and not all(f.kept for f in figures)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="rvc bench", description="Measure the portal against its limits.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here as well")
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", default=[],
        help=f"figures (or beginnings of their names), or parts: {', '.join(p.name for p in PARTS)}",
    )  # fmt: skip
    parser.add_argument("--data", type=Path, metavar="DIR", help="keep the data here, for a quicker second run")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a limit is missed")
    asked = parser.parse_args()
    for name in asked.only:
        if not any(part.answers_to(name) for part in PARTS):
            parser.error(f"no figure and no part is called {name!r}")
    return asked


def _is_wanted(figure: Figure, only: list[str]) -> bool:
    parts = {p.name for p in PARTS}
    return not only or any(name in parts or figure.name.startswith(name) for name in only)


if __name__ == "__main__":
    sys.exit(main())
