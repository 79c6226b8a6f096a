"""Transactions that read and then write, many at once: none is lost and none is refused."""

import datetime as dt
import multiprocessing
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from rvc_portal.models.account import SignInAttempt
from rvc_portal.models.base import db
from rvc_portal.models.engine import read_one_by_one, reading_only
from rvc_portal.settings import Settings
from tests.conftest import MakeApp
from tests.engines.counting import COUNTER, EACH, PROCESSES, THREADS, count_up_in_threads, first_use, new_engine

NOW = dt.datetime(2015, 7, 15, tzinfo=dt.UTC)


@pytest.fixture
def counter(either_database: Settings) -> Iterator[sa.Engine]:
    """An engine as the app's, with a table `counter` of one row, n = 0."""
    engine = new_engine(either_database.database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE counter (n INTEGER NOT NULL)")
        connection.execute(sa.insert(COUNTER).values(n=0))
    yield engine
    engine.dispose()


def test_400_concurrent_transactions_lose_nothing(either_database: Settings, counter: sa.Engine) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=count_up_in_threads, args=(either_database.database_url,)) for _ in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0] * PROCESSES
    with counter.connect() as connection:
        assert connection.scalar(sa.select(COUNTER.c.n)) == PROCESSES * THREADS * EACH == 400


def test_without_the_lock_at_its_beginning_a_writer_would_be_refused(app: Flask) -> None:
    """What the engine's set-up is for: a transaction that began by reading cannot write once another has."""
    with app.app_context(), db.engine.connect() as reader:
        with reading_only():
            reader.execute(sa.select(SignInAttempt)).all()
        with db.engine.begin() as writer:
            writer.execute(sa.insert(SignInAttempt).values(key="a", at=NOW))
        with pytest.raises(sa.exc.OperationalError, match="locked"):
            reader.execute(sa.insert(SignInAttempt).values(key="b", at=NOW))


def test_readers_wait_for_nobody(sqlite: Settings, make_app: MakeApp) -> None:
    with make_app(sqlite).app_context(), db.engine.connect() as writer, db.engine.connect() as reader:
        writer.execute(sa.insert(SignInAttempt).values(key="a", at=NOW))
        with reading_only():
            assert reader.execute(sa.select(SignInAttempt)).all() == []


def test_what_reads_one_by_one_holds_no_transaction_on_postgresql_and_the_next_one_does(
    either_database: Settings, make_app: MakeApp
) -> None:
    with make_app(either_database).app_context():
        postgresql = db.engine.dialect.name == "postgresql"
        read_one_by_one(db.session())
        reader = db.session.connection()
        reader.execute(sa.select(SignInAttempt)).all()
        if postgresql:
            assert reader.connection.driver_connection.info.transaction_status.name == "IDLE"
        db.session.rollback()
        db.session.add(SignInAttempt(key="a", at=NOW))
        db.session.flush()  # over the same connection of the pool
        if postgresql:
            assert db.session.connection().connection.driver_connection.info.transaction_status.name == "INTRANS"
        db.session.rollback()
        assert db.session.scalars(sa.select(SignInAttempt)).all() == []


def test_sqlite_is_set_up_as_a_server_would_be(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 10_000}


def test_a_reference_to_nothing_is_refused(either_database: Settings, make_app: MakeApp) -> None:
    from rvc_portal.models.account import RoleGrant
    from rvc_portal.models.base import new_id

    with make_app(either_database).app_context():
        db.session.add(RoleGrant(account_id=new_id(), role="admin", from_at=NOW))
        with pytest.raises(sa.exc.IntegrityError):
            db.session.flush()
        db.session.rollback()


def test_instants_come_back_in_utc(either_database: Settings, make_app: MakeApp) -> None:
    paris = dt.timezone(dt.timedelta(hours=2))
    with make_app(either_database).app_context():
        db.session.add(SignInAttempt(key="a", at=dt.datetime(2015, 7, 16, 0, 0, 0, 123456, tzinfo=paris)))
        db.session.commit()
        db.session.expire_all()
        at = db.session.scalars(sa.select(SignInAttempt.at)).one()
    assert at.isoformat() == "2015-07-15T22:00:00.123456+00:00"


@pytest.mark.slow
def test_opening_the_database_in_many_processes_at_once_works(sqlite: Settings) -> None:
    """The first of them turns the journal to WAL; the others wait."""
    (sqlite.data / "portal.db").unlink()
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=first_use, args=(sqlite.database_url,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 4
