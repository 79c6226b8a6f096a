"""How migrations run: on the app's own engine, each whole or not at all, on SQLite and PostgreSQL alike."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrationScript
from alembic.runtime.migration import MigrationContext
from flask import current_app

from rvc_portal.models.base import Base, Instant, Json

LOCK = 7_203_115_511
"""Any number, the same for all: two servers that start at once migrate one after the other."""


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """A migration stands by itself: it names what is in the database, not our types, which may change."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, sa.JSON) and item is Json:
        autogen.imports.add("from sqlalchemy.dialects.postgresql import JSONB")
        return 'sa.JSON().with_variant(JSONB(), "postgresql")'
    return False


def number(migration: MigrationContext, revision: Any, directives: list[MigrationScript]) -> None:
    """Revisions are numbered: 0001, 0002 …."""
    head = context.script.get_current_head()
    directives[0].rev_id = f"{int(head or 0) + 1:04d}"


def run() -> None:
    """Bring the database to the revision asked for, in one transaction."""
    engine: sa.Engine = current_app.extensions["migrate"].db.engine
    options = {**current_app.extensions["migrate"].configure_args, "process_revision_directives": number}
    with engine.connect() as connection:
        connection.detach()  # with settings of its own it must not serve anybody else afterwards
        _let_tables_be_rebuilt(connection)
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
            # SQLite keeps definitions in transactions as well as rows, whatever the tool thinks of it.
            context.configure(
                connection, target_metadata=Base.metadata, render_item=render_item, transactional_ddl=True, **options
            )
            context.run_migrations()
            _check_references(connection)


def _let_tables_be_rebuilt(connection: sa.Connection) -> None:
    """SQLite changes a table by making it anew: rows of other tables that refer to it must not mind meanwhile."""
    if connection.dialect.name == "sqlite":
        connection.connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[attr-defined]


def _check_references(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite" and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
        raise RuntimeError(f"the migration would leave {len(broken)} rows without what they refer to")


run()
