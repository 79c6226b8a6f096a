"""What the tests of sittings on PostgreSQL begin from: files in review, played once, copied for each test."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from rvc_portal import settings
from rvc_portal.app import create_app
from rvc_portal.models.base import db
from tests import scenes, servers
from tests.conftest import MakeApp
from tests.scenes import Scene, SceneAt, Shelf

STAGE = "in_review"
Copied = Callable[[], Flask]


@pytest.fixture(scope="session")
def played_postgresql(
    postgresql_server: str, migrated_postgresql: str, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The name of a PostgreSQL database with the scene in it, to be copied."""
    name = f"{STAGE}_{uuid.uuid4().hex}"  # each module that takes this fixture over makes one
    url = servers.create_database(postgresql_server, name, migrated_postgresql)
    app = create_app(settings.read({"RVC_DATA": str(tmp_path_factory.mktemp("played")), "RVC_DATABASE_URL": url}))
    with app.app_context():
        scenes.play(Scene(app), STAGE)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return name


@pytest.fixture
def on_postgresql(
    postgresql_server: str, played_postgresql: str, tmp_path: Path, make_app: MakeApp
) -> Iterator[Copied]:
    """Makes an application on a copy of it."""
    name = f"test_{uuid.uuid4().hex}"

    def give() -> Flask:
        url = servers.create_database(postgresql_server, name, played_postgresql)
        return make_app(settings.read({"RVC_DATA": str(tmp_path / "instance"), "RVC_DATABASE_URL": url}))

    yield give
    servers.drop_database(postgresql_server, name)


@pytest.fixture
def scene_on_postgresql(on_postgresql: Copied) -> Iterator[SceneAt]:
    """Gives the scene, at the one stage that there is, in a transaction that is given up at the end."""
    app = on_postgresql()

    def give(stage: str) -> Scene:
        assert stage == STAGE
        assert db.engine.dialect.name == "postgresql"
        return Scene(app)

    with app.app_context():
        yield give
        db.session.rollback()


@pytest.fixture
def on_sqlite(shelf: Shelf, tmp_path: Path, make_app: MakeApp) -> Copied:
    """The same on SQLite."""

    def give() -> Flask:
        of = settings.read({"RVC_DATA": str(tmp_path / "instance"), "RVC_STORAGE_URL": shelf.storage_url})
        shutil.copy(shelf.database(STAGE), of.data / "portal.db")
        return make_app(of)

    return give
