"""Real worker processes on one queue: the memory that one takes for dossiers of 60 pages, and how much two do over one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import undefer

from benchmarks.documents import forget, long_dossier
from benchmarks.figures import Figure
from rvc_portal import jobs, settings
from rvc_portal.app import create_app
from rvc_portal.models.base import db
from rvc_portal.models.document import Document
from tests import servers

DOCUMENTS, WARM = 8, 4
"""Dossiers of a round that is timed, and of the one before it, so that each worker has made some."""
FIGURES = ("workers_scaling", "worker_peak_mb", "worker_pages_per_s", "two_workers_pages_per_s")


def measure(folder: Path) -> Iterator[Figure]:
    """On PostgreSQL, which two workers are for; their queue is the embedded one."""
    with servers.postgresql() as server:
        database = servers.create_database(server, "working")
        environ = {
            "RVC_DATA": str(folder / "working"),
            "RVC_DATABASE_URL": database,
            "RVC_SECRET_KEY": "benchmark",
        }
        app = create_app(settings.read(environ))
        documents = _copies(app, DOCUMENTS)
        with app.app_context():
            pages = sum(db.session.scalars(sa.select(Document.pages).where(Document.id.in_(documents))))
        one, peak = _timed(app, environ, documents, 1)
        two, _ = _timed(app, environ, documents, 2)
        with app.app_context():
            db.engine.dispose()
    yield Figure("workers_scaling", one / two, "times", 1.7, "min")
    yield Figure("worker_peak_mb", peak, "MB", 600)
    yield Figure("worker_pages_per_s", pages / one, "pages/s", None, "min")
    yield Figure("two_workers_pages_per_s", pages / two, "pages/s", None, "min")


def _copies(app: Flask, count: int) -> list[UUID]:
    """So many documents that each say what one long dossier says, rendered once."""
    document_id, _ = long_dossier(app)
    with app.app_context():
        row = db.session.get_one(Document, document_id, options=[undefer(Document.context)])
        told = {
            column.key: getattr(row, column.key)
            for column in sa.inspect(Document).column_attrs
            if column.key not in ("id", "code", "content_sha256")
        }
        made = [Document(**told) for _ in range(count)]
        db.session.add_all(made)
        db.session.flush()
        found = [document.id for document in made]
        forget(app, found)
    jobs.drain(app)
    return found


def _timed(app: Flask, environ: dict[str, str], documents: list[UUID], count: int) -> tuple[float, float]:
    """Seconds in which so many workers, warm, render the documents; the highest memory of one of them, in megabytes."""
    with ExitStack() as stack:
        workers = [stack.enter_context(worker(environ)) for _ in range(count)]
        _rendered(app, documents[:WARM])
        seconds = _rendered(app, documents)
        return seconds, max(highest(process.pid) for process in workers)


def _rendered(app: Flask, documents: list[UUID]) -> float:
    """Seconds from the commit that asks for the documents to that of the last one."""
    with app.app_context():
        forget(app, documents)
        begun = time.perf_counter()
        servers.wait_for(lambda: _left(documents) == 0, 600, step=0.1)
        return time.perf_counter() - begun


def _left(documents: list[UUID]) -> int:
    unrendered = sa.and_(Document.id.in_(documents), Document.content_sha256.is_(None))
    left = db.session.scalar(sa.select(sa.func.count()).select_from(Document).where(unrendered))
    db.session.rollback()
    return int(left or 0)


@contextmanager
def worker(environ: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """`rvc worker` of an instance for the while."""
    command = [sys.executable, "-c", "from rvc_portal.app import main; main()", "worker"]
    process = subprocess.Popen(command, env=os.environ | environ, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def highest(number: int) -> float:
    """Megabytes that the one at work below a process held at its highest: the worker that was started waits for its child."""
    (child,) = Path(f"/proc/{number}/task/{number}/children").read_text().split()
    told = dict(line.split(":", 1) for line in Path(f"/proc/{child}/status").read_text().splitlines())
    return int(told["VmHWM"].split()[0]) / 1024
