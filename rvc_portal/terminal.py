"""What every command of `rvc` begins with: the folder of the instance, the application on its database, the clock."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor, Grant
from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.base import db
from rvc_portal.settings import MIGRATIONS

CreateApp = Callable[[], Flask]

OPERATOR = Actor(account_id=None, name="rvc", grants=(Grant(Role.SECRETARIAT),))
"""Whoever has the terminal: no person of the portal, with the Secretariat's power over calls and meetings."""


def use_folder(folder: Path) -> None:
    """The processes that this one starts find the folder in their environment as well."""
    os.environ["RVC_DATA"] = str(folder.resolve())


def _take_folder(_context: click.Context, _option: click.Parameter, folder: Path | None) -> None:
    if folder is not None:
        use_folder(folder)


data_option = click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), callback=_take_folder, expose_value=False, is_eager=True,
    help="Folder of the embedded database, files, queue and mail (RVC_DATA, else ./instance).",
)  # fmt: skip


def now() -> datetime:
    """The instant of this command's act."""
    return datetime.now(UTC)


def application(create_app: CreateApp) -> Flask:
    """The app on a database that is there and up to date."""
    app = create_app()
    with app.app_context():
        if not _is_current():
            upgrade(str(MIGRATIONS))
    return app


@contextmanager
def committing(create_app: CreateApp) -> Iterator[Session]:
    """A session, committed when all went well and rolled back otherwise."""
    with application(create_app).app_context():
        session = db.session()
        yield session
        session.commit()


def _is_current() -> bool:
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head
