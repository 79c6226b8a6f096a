"""The Secretariat's board: does it stay as quick with 10,000 dossiers as with 100, and how does it stand to a bare page?"""

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.figures import Figure, medians
from benchmarks.instances import REFERENCE, Instance, instance, statements
from benchmarks.visits import visitor
from tests import servers

BOARD = "/board?sort=mean"
FEW, MANY, TIMES = 100, 10_000, 20
FIGURES = (
    "board_growth", "board_queries", "board_over_reference", "reference_ms", "board_100_ms", "board_10000_ms",
)  # fmt: skip


def measure(folder: Path) -> Iterator[Figure]:
    """On SQLite and on PostgreSQL; the plain names are the worse of the two."""
    found = {"sqlite": _on_one("sqlite", folder, lambda name: None)}
    yield from found["sqlite"].values()
    with servers.postgresql() as server:
        found["postgresql"] = _on_one("postgresql", folder, lambda name: servers.create_database(server, name))
    yield from found["postgresql"].values()
    for name in ("board_growth", "board_queries", "board_queries_difference", "board_over_reference", "reference_ms"):
        worst = max((figures[name] for figures in found.values()), key=lambda figure: figure.value)
        limits = {
            "board_growth": 1.5, "board_queries": 15, "board_queries_difference": 0, "board_over_reference": 6,
            "reference_ms": 10,
        }  # fmt: skip
        yield Figure(name, worst.value, worst.unit, limits[name])


def _on_one(engine: str, folder: Path, database: Callable[[str], str | None]) -> dict[str, Figure]:
    with contextlib.ExitStack() as stack:
        few, many = (
            stack.enter_context(instance(folder / f"{engine}-{count}", count, database(f"board_{count}")))
            for count in (FEW, MANY)
        )
        return {figure.name.removesuffix(f"_{engine}"): figure for figure in _compare(engine, few, many)}


def _compare(engine: str, few: Instance, many: Instance) -> Iterator[Figure]:
    pages = ((few, BOARD), (many, BOARD), (many, REFERENCE))
    board_few, board_many, reference = (visitor(one.app, one.filled.secretariat, path) for one, path in pages)
    taken = medians({"few": board_few, "many": board_many, "reference": reference}, TIMES)
    cpu = medians({"reference": reference}, TIMES, clock=time.process_time)
    queries = [_count(few, board_few), _count(many, board_many)]
    yield Figure(f"board_growth_{engine}", taken["many"] / taken["few"], "times", 1.5)
    yield Figure(f"board_over_reference_{engine}", taken["many"] / taken["reference"], "times", 6)
    yield Figure(f"board_queries_{engine}", max(queries), "queries", 15)
    yield Figure(f"board_queries_difference_{engine}", abs(queries[0] - queries[1]), "queries", 0)
    yield Figure(f"reference_ms_{engine}", cpu["reference"] * 1000, "ms CPU", 10)
    yield Figure(f"board_100_ms_{engine}", taken["few"] * 1000, "ms")
    yield Figure(f"board_10000_ms_{engine}", taken["many"] * 1000, "ms")


def _count(one: Instance, run: Callable[[], object]) -> int:
    with statements(one.app) as seen:
        run()
    return len(seen)
