"""Instances to measure on: migrated, filled in bulk, with a reference page that the product does not have."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from benchmarks import bulk
from rvc_portal import settings
from rvc_portal.app import create_app
from rvc_portal.models.base import db
from rvc_portal.settings import MIGRATIONS
from rvc_portal.web import access
from rvc_portal.web.htmx import page

REFERENCE = "/bench/reference"


@dataclass(frozen=True)
class Instance:
    """One portal of the benchmark: its app, what it was filled with, and where its database is."""

    app: Flask
    filled: bulk.Filled
    environ: dict[str, str]


@contextmanager
def instance(folder: Path, dossiers: int, database_url: str | None = None) -> Iterator[Instance]:
    """An instance with so many dossiers, on SQLite or on `database_url`. On SQLite it is made once for each folder."""
    environ = {"RVC_DATA": str(folder), "RVC_SECRET_KEY": "benchmark"}
    if database_url:
        environ["RVC_DATABASE_URL"] = database_url
    app = create_app(settings.read(environ))
    add_reference(app)
    with app.app_context():
        upgrade(str(MIGRATIONS))
        filled = _filled(folder, dossiers, database_url is None)
        engine = db.engine
    yield Instance(app, filled, environ)
    engine.dispose()


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The queries that reach the database meanwhile; what only begins a transaction is none."""
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def _filled(folder: Path, dossiers: int, kept: bool) -> bulk.Filled:
    """Fill the database, unless it stands in this folder from before."""
    note = folder / "filled.json"
    if kept and note.exists():
        return bulk.Filled(**json.loads(note.read_text()))
    filled = bulk.fill(db.session(), dossiers)
    if kept:
        note.write_text(json.dumps(asdict(filled)))
    return filled


def add_reference(app: Flask) -> None:
    """The reference page: the base template for a signed-in person and nothing else. Not a page of the product."""
    app.add_url_rule(REFERENCE, "bench_reference", access.signed_in(lambda: page("base.html")))
