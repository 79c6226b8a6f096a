"""What the processes of test_transactions do: they count up one row together."""

import os
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from rvc_portal.models.engine import engine_options, prepare

PROCESSES, THREADS, EACH = 2, 10, 20
COUNTER = sa.table("counter", sa.column("n", sa.Integer))


def new_engine(url: str) -> sa.Engine:
    """An engine set up as the app's."""
    engine = sa.create_engine(url, **engine_options(url))
    prepare(engine)
    return engine


def count_up(engine: sa.Engine) -> None:
    """Read, then write what follows from it, as every act of the portal does."""
    for _ in range(EACH):
        with engine.begin() as connection:
            n = connection.scalar(sa.select(COUNTER.c.n).with_for_update())
            connection.execute(sa.update(COUNTER).values(n=n + 1))


def count_up_in_threads(url: str) -> None:
    engine = new_engine(url)
    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(count_up, engine) for _ in range(THREADS)]:
            done.result()
    engine.dispose()


def first_use(url: str) -> None:
    """Be one of those who open a database that is not there yet."""
    engine = new_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS counter (n INTEGER NOT NULL)")
        connection.execute(sa.insert(COUNTER).values(n=os.getpid()))
    engine.dispose()
