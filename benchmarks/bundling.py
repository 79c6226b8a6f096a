"""Bundles of ready documents beside the same files sent as static downloads; tables of a thousand files with all answers."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import Flask
from werkzeug.test import create_environ

from benchmarks.figures import Figure, medians
from benchmarks.instances import REFERENCE, Instance, instance, statements
from benchmarks.serving import served
from benchmarks.visits import cookie, visitor
from benchmarks.working import highest, worker
from rvc_portal import jobs
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.vocabulary import Doc
from rvc_portal.models.account import Account, SignInSession
from rvc_portal.models.base import db
from rvc_portal.models.bundle import Bundle
from rvc_portal.models.call import Call
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Answer, Dossier, Filing
from rvc_portal.models.job import Job
from rvc_portal.queries import accounts as people
from rvc_portal.queries import board
from rvc_portal.queries.catalogue import Filters
from rvc_portal.services import bundles
from tests import servers

DOSSIERS, BUNDLED, TIMES = 1000, 100, 7
SIZE = 1_500_000
"""Bytes of a dossier as PDF, with its photographs."""
CHUNK = 1 << 16
FEW = "BENCH-0000"
"""In the references of ten files: a worker that has written their workbook has loaded all that it needs."""
FIGURES = (
    "bundle_first_byte_over_reference", "bundle_memory_mb", "bundle_over_static", "answers_csv_queries",
    "answers_xlsx_queries", "answers_csv_first_row", "answers_csv_memory_mb", "answers_xlsx_memory_mb", "answers_csv_s",
    "answers_xlsx_s",
)  # fmt: skip


def measure(folder: Path) -> Iterator[Figure]:
    """On SQLite: the ZIP in process for its first byte, over HTTP for memory and throughput."""
    with instance(folder / f"bundles-{DOSSIERS}", DOSSIERS) as filled:
        with filled.app.app_context():
            call, stored = _prepared(filled)
            bundle_id = _ordered(filled)
        jobs.drain(filled.app)
        yield _first_byte(filled, bundle_id)
        yield from _tables(filled, call)
        yield from _served(filled, bundle_id, stored, call)


def _prepared(filled: Instance) -> tuple[str, list[str]]:
    """A filing for each dossier, and a stored document for a hundred of them; the call's key and the documents' hashes."""
    session, at = db.session(), datetime.now(UTC)
    if not session.scalar(sa.select(sa.func.count()).select_from(Filing)):
        author = session.scalars(sa.select(Account.id)).first()
        session.execute(sa.insert(Filing), [
            {"id": uuid4(), "dossier_id": dossier_id, "number": 1, "content": _content(dossier_id), "sha256": "0" * 64,
             "received_at": at, "filed_at": at, "author_id": author}
            for dossier_id in session.scalars(sa.select(Dossier.id)).all()
        ])  # fmt: skip
        _documents(filled, at)
    session.commit()
    stored = session.scalars(sa.select(Document.content_sha256).where(Document.kind == Doc.DOSSIER)).all()
    return session.scalars(sa.select(Call.key)).one(), [sha256 for sha256 in stored if sha256]


def _content(dossier_id: UUID) -> str:
    rows = db.session.execute(sa.select(Answer.key, Answer.value).where(Answer.dossier_id == dossier_id))
    return json.dumps({"answers": {row[0]: row[1] for row in rows}, "pieces": []})


def _documents(filled: Instance, at: datetime) -> None:
    files, session = filled.app.extensions["rvc"].files, db.session()
    for dossier in session.scalars(sa.select(Dossier).order_by(Dossier.reference).offset(1).limit(BUNDLED)):
        content = b"%PDF-1.7\n" + os.urandom(SIZE)
        session.add(Document(
            kind=Doc.DOSSIER, call_id=dossier.call_id, dossier_id=dossier.id, language=dossier.language, context={},
            issued_at=at, content_sha256=files.put(content), pages=60, size=len(content), renderer="none", rendered_at=at,
        ))  # fmt: skip


def _officer(filled: Instance) -> Actor:
    signed_in = db.session.get_one(SignInSession, UUID(filled.filled.secretariat))
    account = db.session.get_one(Account, signed_in.account_id)
    return people.actor_of(db.session(), account, datetime.now(UTC))


def _ordered(filled: Instance) -> UUID:
    """A bundle of the hundred, ordered by the Secretariat."""
    db.session.execute(sa.delete(Job))
    now, chosen = datetime.now(UTC), Filters(kinds=(Doc.DOSSIER,))
    made = bundles.order_documents(db.session(), chosen, {}, actor=_officer(filled), now=now)
    db.session.commit()
    return made.id


def _first_byte(filled: Instance, bundle_id: UUID) -> Figure:
    """From the request to the first piece of the answer, in this process."""
    sent = cookie(filled.app, filled.filled.secretariat)
    runs: dict[str, Callable[[], object]] = {
        "bundle": lambda: _beginning(filled, f"/bundles/{bundle_id}.zip", sent),
        "reference": visitor(filled.app, filled.filled.secretariat, REFERENCE),
    }
    taken = medians(runs, 20)
    return Figure("bundle_first_byte_over_reference", taken["bundle"] / taken["reference"], "times", 20)


def _beginning(filled: Instance, path: str, sent: str) -> bytes:
    with closing(_pieces(filled, path, sent)) as pieces:
        return next(pieces)


def _pieces(filled: Instance, path: str, sent: str) -> Generator[bytes]:
    """The answer as the application gives it to the server, piece by piece."""
    said: list[str] = []
    answer = filled.app.wsgi_app(
        create_environ(path, headers={"Cookie": sent}), lambda status, headers, _=None: said.append(status)
    )
    try:
        for piece in answer:
            if not said[0].startswith("200"):
                raise RuntimeError(f"{path} answers {said[0]}")
            yield bytes(piece)
    finally:
        with suppress(AttributeError):
            answer.close()  # type: ignore[attr-defined]


def _tables(filled: Instance, call: str) -> Iterator[Figure]:
    """How many statements the two tables take, and how long; when the first file's row of the CSV is there, as a share of it."""
    sent = cookie(filled.app, filled.filled.secretariat)
    lines, first, begun = 0, 0.0, time.perf_counter()
    with statements(filled.app) as seen:
        for piece in _pieces(filled, f"/board/answers.csv?call={call}", sent):
            lines += piece.count(b"BENCH-")
            first = first or (time.perf_counter() - begun if lines else 0.0)
    whole = time.perf_counter() - begun
    if lines < DOSSIERS - 10:
        raise RuntimeError(f"the table has {lines} rows of {DOSSIERS}")
    yield Figure("answers_csv_queries", len(seen), "queries", 20)
    yield Figure("answers_csv_first_row", first / whole, "of it", 0.25)
    yield Figure("answers_csv_s", whole, "s")
    with filled.app.app_context():
        bundle_id = _answers_ordered(filled, call)
        files = filled.app.extensions["rvc"].files
        begun = time.perf_counter()
        with statements(filled.app) as seen:
            bundles.write_answers(db.session(), files, bundle_id, lambda done: True)
        db.session.execute(sa.delete(Job))
        db.session.commit()
    yield Figure("answers_xlsx_queries", len(seen), "queries", 20)
    yield Figure("answers_xlsx_s", time.perf_counter() - begun, "s")
    with worker(filled.environ) as process:
        _written(filled, call, FEW)
        before = highest(process.pid)
        _written(filled, call)
        yield Figure("answers_xlsx_memory_mb", highest(process.pid) - before, "MB", 30)


def _written(filled: Instance, call: str, search: str = "") -> None:
    """Order the workbook and wait until a worker has written it."""
    with filled.app.app_context():
        bundle_id = _answers_ordered(filled, call, search)
        servers.wait_for(lambda: _is_ready(bundle_id), 300, step=0.2)


def _is_ready(bundle_id: UUID) -> bool:
    ready = db.session.scalar(sa.select(Bundle.ready_at).where(Bundle.id == bundle_id))
    db.session.rollback()
    return ready is not None


def _answers_ordered(filled: Instance, key: str, search: str = "") -> UUID:
    call = db.session.scalars(sa.select(Call).where(Call.key == key)).one()
    chosen, now = board.Filters(call_id=call.id, search=search), datetime.now(UTC)
    made = bundles.order_answers(db.session(), call, chosen, {}, actor=_officer(filled), now=now)
    db.session.commit()
    return made.id


def _served(filled: Instance, bundle_id: UUID, stored: Sequence[str], call: str) -> Iterator[Figure]:
    """`rvc serve`: its memory while it sends, and its pace beside the same server that sends the same files as they lie."""
    sent = cookie(filled.app, filled.filled.secretariat)
    folder = filled.app.extensions["rvc"].settings.data / "files"
    with served(filled.environ) as port, _static(folder) as other:
        bundle = f"/bundles/{bundle_id}.zip"
        paths = [f"/files/{sha256[:2]}/{sha256[2:]}" for sha256 in stored]

        def one_by_one() -> None:
            for path in paths:
                _fetched(other, path)

        for _ in range(8):  # both workers are warm, and neither has sent a bundle yet
            _fetched(port, f"/bundles/{bundle_id}", sent)
        before = _memory(port)
        taken = medians({"bundle": lambda: _fetched(port, bundle, sent), "static": one_by_one}, TIMES, warm_up=1)
        yield Figure("bundle_over_static", taken["static"] / taken["bundle"], "times", 0.5, "min")
        yield Figure("bundle_memory_mb", _memory(port) - before, "MB", 30)
        answers = f"/board/answers.csv?call={call}"
        for _ in range(4):
            _fetched(port, "/board?sort=city", sent)
        before = _memory(port)
        _fetched(port, answers, sent)
        yield Figure("answers_csv_memory_mb", _memory(port) - before, "MB", 30)


@contextmanager
def _static(folder: Path) -> Iterator[int]:
    """The server of the portal with an application that only sends files; its port."""
    port = servers.free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "2", "--blocking-threads",
        "4", "--no-ws", "--log-level", "warning", "--factory", "benchmarks.bundling:static_files",
    ]  # fmt: skip
    process = subprocess.Popen(command, env=os.environ | {"BENCH_FILES": str(folder)}, stdout=subprocess.DEVNULL)
    try:
        servers.wait_for(lambda: servers.answers(port))
        yield port
    finally:
        process.terminate()
        process.wait(60)


def static_files() -> Flask:
    """An application that sends the files of a folder, as Flask does."""
    return Flask("bench", static_folder=os.environ["BENCH_FILES"], static_url_path="/files")


def _fetched(port: int, path: str, sent: str = "") -> int:
    """Fetch it over a connection of its own and forget it; how many bytes there were."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", path, headers={"Cookie": sent} if sent else {})
    answer = connection.getresponse()
    if answer.status != http.HTTPStatus.OK:
        raise RuntimeError(f"{path} answers {answer.status}")
    count = 0
    while piece := answer.read(CHUNK):
        count += len(piece)
    connection.close()
    return count


def _memory(port: int) -> float:
    """Megabytes that the web server's workers held at their highest, all together."""
    processes = {int(path.name): path for path in Path("/proc").iterdir() if path.name.isdigit()}
    parents, highest, masters = {}, {}, set()
    for number, path in processes.items():
        with suppress(OSError):  # it has ended meanwhile
            told = dict(line.split(":", 1) for line in (path / "status").read_text().splitlines())
            parents[number], highest[number] = int(told["PPid"]), int(told.get("VmHWM", "0 kB").split()[0]) / 1024
            words = (path / "cmdline").read_bytes().split(b"\0")
            if b"granian" in words and str(port).encode() in words:
                masters.add(number)
    return sum(highest[number] for number, parent in parents.items() if parent in masters)
