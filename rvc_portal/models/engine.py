"""The database engine, set up so that SQLite behaves as a server would.

SQLite: a transaction that may write takes the write lock when it begins, so that it waits its turn; one that first
reads and then writes would be refused at once, whatever the timeout, if another wrote in between. PostgreSQL keeps its
own ways (READ COMMITTED and row locks).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from rvc_portal.models.base import db, migrate
from rvc_portal.settings import MIGRATIONS

LOCK_WAIT_S = 10

writing: ContextVar[bool] = ContextVar("writing", default=True)
"""Whether the next transaction of this context may write; the web says no for GET, HEAD and OPTIONS."""


@contextmanager
def reading_only() -> Iterator[None]:
    """Transactions begun inside only read, and so hold up nobody."""
    token = writing.set(False)
    try:
        yield
    finally:
        writing.reset(token)


def init_engine(app: Flask, database_url: str) -> None:
    """Give the app its database (`models.base.db`) and its migrations.

    `database_url`: sqlite:///… or postgresql+psycopg://….
    """
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", engine_options(database_url))
    db.init_app(app)
    migrate.init_app(app, db, directory=str(MIGRATIONS), render_as_batch=True, compare_type=True)
    with app.app_context():
        prepare(db.engine)


def engine_options(database_url: str) -> dict[str, Any]:
    """What SQLAlchemy's `create_engine` should be told for this URL."""
    if database_url.startswith("sqlite"):
        return {} if "timeout=" in database_url else {"connect_args": {"timeout": LOCK_WAIT_S}}
    return {"pool_pre_ping": True}  # a server may have been restarted since


def read_one_by_one(session: Session) -> None:
    """Let each statement of this session stand for itself, where that saves PostgreSQL two round trips (BEGIN, ROLLBACK). For
    questions that are asked every other second, read what tells whether anything is new first, and only read."""
    if session.get_bind().dialect.name == "postgresql" and not session.in_transaction():
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})


def prepare(engine: sa.Engine) -> None:
    """Hook the engine's connections and transactions; nothing to do but for SQLite."""
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _set_up)
        sa.event.listen(engine, "begin", _begin)


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver would begin by itself, deferred: see _begin
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")  # a filing that was acknowledged outlives a power cut


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing.get() else "BEGIN")
