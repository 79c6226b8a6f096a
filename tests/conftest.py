"""What all tests share: applications on fresh, migrated databases, and the servers behind the engines."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType

import pytest
import redis
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from hypothesis import settings as hypothesis
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from playwright.sync_api import Browser
from sqlalchemy.orm import Session

from rvc_portal import settings
from rvc_portal.app import create_app
from rvc_portal.models.base import db
from rvc_portal.settings import MIGRATIONS, Settings
from tests import servers
from tests.chromium import chromium as start_chromium

MakeApp = Callable[[Settings], Flask]

# How long something takes is measured by the bench; a busy machine fails no test of a rule.
hypothesis.register_profile("untimed", deadline=None)
hypothesis.load_profile("untimed")


class Compiled(BytecodeCache):
    """What templates compile to, for all applications of this process: each test has one of its own, and compiling the pages
    took a third of the tests' time."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, CodeType | None]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self.kept.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.checksum, bucket.code


Flask.jinja_options = {"bytecode_cache": Compiled()}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Stories and files with slow tests begin first: at the end, one of two processes would be left alone with them."""
    long = {item.path for item in items if item.get_closest_marker("slow") or "journeys" in item.path.parts}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture
def make_app() -> Iterator[MakeApp]:
    """Makes applications for tests: with quick passwords, and closed at the end."""
    made: list[Flask] = []

    def make(of: Settings) -> Flask:
        app = create_app(of)
        app.config["TESTING"] = True
        app.extensions["security"].pwd_context.update(argon2__time_cost=1, argon2__memory_cost=8, argon2__parallelism=1)
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The one browser of this process."""
    with start_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with all migrations, to be copied."""
    of = settings.read({"RVC_DATA": str(tmp_path_factory.mktemp("migrated"))})
    app = create_app(of)
    with app.app_context():
        upgrade(str(MIGRATIONS))
        db.engine.dispose()
    return of.data / "portal.db"


@pytest.fixture
def sqlite(tmp_path: Path, migrated: Path) -> Settings:
    """An instance of its own on SQLite, all engines embedded."""
    of = settings.read({"RVC_DATA": str(tmp_path / "instance")})
    shutil.copy(migrated, of.data / "portal.db")
    return of


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    with servers.postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a PostgreSQL database with all migrations, to be copied."""
    url = servers.create_database(postgresql_server, "migrated")
    app = create_app(settings.read({"RVC_DATA": str(tmp_path_factory.mktemp("pg")), "RVC_DATABASE_URL": url}))
    with app.app_context():
        upgrade(str(MIGRATIONS))
        db.engine.dispose()
    return "migrated"


@pytest.fixture
def postgresql(tmp_path: Path, postgresql_server: str, migrated_postgresql: str) -> Iterator[Settings]:
    """An instance of its own on PostgreSQL, the other engines embedded."""
    name = f"test_{uuid.uuid4().hex}"
    url = servers.create_database(postgresql_server, name, migrated_postgresql)
    yield settings.read({"RVC_DATA": str(tmp_path / "instance"), "RVC_DATABASE_URL": url})
    servers.drop_database(postgresql_server, name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def either_database(request: pytest.FixtureRequest) -> Settings:
    """The test runs twice: on SQLite and on PostgreSQL."""
    of: Settings = request.getfixturevalue(request.param)
    return of


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    with servers.redis() as url:
        yield url


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """A Redis database with nothing in it."""
    with redis.Redis.from_url(redis_server) as connection:
        connection.flushall()
    return redis_server


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    with servers.s3() as address:
        yield address


@pytest.fixture
def app(sqlite: Settings, make_app: MakeApp) -> Flask:
    """The application on SQLite."""
    return make_app(sqlite)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session of that application, rolled back at the end."""
    with app.app_context():
        yield db.session()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def table_counts(session: Session) -> dict[str, int]:
    """How many rows each table has: to see that nothing was written."""
    tables = db.metadata.sorted_tables
    return {table.name: session.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in tables}
