"""An evaluator's sheet beside the file, and a criterion saved by itself: how they stand to a bare page, and what they ask
of the database."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import Flask

from benchmarks.figures import Figure, medians
from benchmarks.instances import REFERENCE, Instance, instance, statements
from benchmarks.visits import ask, cookie, token, visitor
from rvc_portal.models.base import db
from rvc_portal.models.evaluation import Evaluation, Score
from tests import servers

FIGURES = ("sheet_over_reference", "score_over_reference", "sheet_queries", "score_queries", "sheet_ms", "score_ms")
LIMITS = {"sheet_over_reference": 3, "score_over_reference": 2, "sheet_queries": 12, "score_queries": 12}
FILES, TIMES = 50, 60
"""As many sheets of one evaluator as a member city of a large field has."""


def measure(folder: Path) -> Iterator[Figure]:
    """On SQLite and on PostgreSQL; the plain names are the worse of the two."""
    found = {"sqlite": _on_one(folder / "scoring-sqlite", None)}
    with servers.postgresql() as server:
        found["postgresql"] = _on_one(folder / "scoring-postgresql", servers.create_database(server, "scoring"))
    for engine, values in found.items():
        for name, value in values.items():
            yield Figure(f"{name}_{engine}", value, _unit(name), LIMITS.get(name))
    for name, limit in LIMITS.items():
        yield Figure(name, max(values[name] for values in found.values()), _unit(name), limit)


def _unit(name: str) -> str:
    return {"reference": "times", "queries": "queries", "ms": "ms"}[name.rpartition("_")[2]]


def _on_one(folder: Path, database: str | None) -> dict[str, float]:
    with instance(folder, FILES, database) as one:
        sign_in, path = one.filled.evaluator, f"/assignments/{UUID(one.filled.draft)}"
        sheet, save = visitor(one.app, sign_in, path), saver(one, path)
        taken = medians({"reference": visitor(one.app, sign_in, REFERENCE), "sheet": sheet, "score": save}, TIMES)
        counted = {}
        for name, act in (("sheet", sheet), ("score", save)):
            with statements(one.app) as seen:
                act()
            counted[f"{name}_queries"] = float(len(seen))
        return {
            "sheet_over_reference": taken["sheet"] / taken["reference"],
            "score_over_reference": taken["score"] / taken["reference"],
            **counted,
            "sheet_ms": taken["sheet"] * 1000,
            "score_ms": taken["score"] * 1000,
        }


def saver(one: Instance, path: str) -> Callable[[], None]:
    """A function that saves another score and reason of the first criterion each time, as a page does while somebody types."""
    sent, forms = cookie(one.app, one.filled.evaluator), typed(one)
    criterion = first_criterion(one.app, UUID(one.filled.draft))[0]

    def save() -> None:
        status = ask(one.app, f"{path}/scores/{criterion}", sent, next(forms).encode())[0]
        if not status.startswith("200"):
            raise RuntimeError(f"a score is answered {status}")

    return save


def typed(one: Instance) -> Iterator[str]:
    """The bodies of one save after the other."""
    criterion, standing = first_criterion(one.app, UUID(one.filled.draft))
    tab = uuid4().hex
    for number in itertools.count(1):
        reason = "The plan is sober and costed, its people and dates are named. " * 8 + "And more. " * number
        form = {f"{criterion}-score": number % 10 + 1, f"{criterion}-reason": reason, "base": standing, "tab": tab}
        yield urlencode({**form, "seq": number, "csrf_token": token(one.app)})


def first_criterion(app: Flask, assignment_id: UUID) -> tuple[str, int]:
    """The key of a criterion of the sheet and the revision that stands."""
    with app.app_context():
        query = sa.select(Score.criterion, Score.revision).join(Evaluation)
        row = (
            db.session()
            .execute(query.where(Evaluation.assignment_id == assignment_id).order_by(Score.criterion))
            .first()
        )
        db.session.rollback()
        assert row is not None
        return row.criterion, row.revision
