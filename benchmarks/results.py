"""The results of a call: do they open as quickly with 1,000 dossiers as with the 50 of one page?"""

import time
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from benchmarks.figures import Figure, medians
from benchmarks.instances import Instance, instance, statements
from benchmarks.visits import visitor
from rvc_portal.models.base import db
from rvc_portal.models.call import Call
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.ranking import Ranking
from rvc_portal.queries import results as query
from rvc_portal.services import results

PAGE, FEW, MANY, TIMES = "/calls/candidacy-2015/results", 50, 1000, 20
FIGURES = (
    "results_growth",
    "results_queries",
    "results_50_ms",
    "results_1000_ms",
    "rank_1000_s",
    "results_barred_1000_ms",
)


def measure(folder: Path) -> Iterator[Figure]:
    """On SQLite; the ranking is made as the worker makes it, before anybody looks."""
    with instance(folder / "results-few", FEW) as few, instance(folder / "results-many", MANY) as many:
        _rank(few.app)
        ranked = _rank(many.app)
        visits = {name: visitor(one.app, one.filled.secretariat, PAGE) for name, one in (("few", few), ("many", many))}
        taken = medians(visits, TIMES)
        yield Figure("results_growth", taken["many"] / taken["few"], "times", 3)
        yield Figure("results_queries", _count(many), "queries")
        yield Figure("results_50_ms", taken["few"] * 1000, "ms")
        yield Figure("results_1000_ms", taken["many"] * 1000, "ms")
        yield Figure("rank_1000_s", ranked, "s")
        _bar(many.app)
        barred = medians({"barred": visitor(many.app, many.filled.secretariat, PAGE)}, 5)
        yield Figure("results_barred_1000_ms", barred["barred"] * 1000, "ms")


def _rank(app: Flask) -> float:
    """Rank all dossiers in one field anew; the seconds from the order to what is kept."""
    with app.app_context():
        session = db.session()
        call, field = session.scalars(sa.select(Call)).one(), "literature"
        now = call.opens_at
        session.execute(sa.delete(Ranking))
        session.execute(sa.update(Dossier).values(field=field))
        # One dossier is kept from the officer, who would see a ranking without it: that is the other figure.
        session.execute(sa.update(Conflict).where(Conflict.account_id.is_not(None)).values(dismissed_at=now))
        begun = time.perf_counter()
        results.order(session, call, field, now)
        wanted = results.source(session, query.ranking_id(call.id, field))
        assert wanted is not None
        made = query.compute(wanted.call, wanted.entries)
        results.record(session, query.ranking_id(call.id, field), made, wanted, now)
        session.commit()
        return time.perf_counter() - begun


def _bar(app: Flask) -> None:
    """Keep one dossier from the officer: the ranking of the others is made when it is first asked for, and remembered."""
    with app.app_context():
        session = db.session()
        session.execute(sa.update(Conflict).where(Conflict.account_id.is_not(None)).values(dismissed_at=None))
        session.commit()


def _count(one: Instance) -> int:
    visit = visitor(one.app, one.filled.secretariat, PAGE)
    with statements(one.app) as seen:
        visit()
    return len(seen)
