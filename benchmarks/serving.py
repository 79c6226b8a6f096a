"""The portal as `rvc serve` starts it, two workers and all, over HTTP with 10,000 dossiers: for orientation."""

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from benchmarks.board import BOARD, MANY, TIMES
from benchmarks.figures import Figure, medians
from benchmarks.instances import Instance, instance
from benchmarks.scoring import first_criterion, typed
from benchmarks.visits import cookie
from tests import servers

FIGURES = ("board_http_ms", "score_http_ms")
Ask = Callable[[], None]


def measure(folder: Path) -> Iterator[Figure]:
    """The board, and an evaluator's score saved with its reason."""
    with instance(folder / f"sqlite-{MANY}", MANY) as filled, served(filled.environ) as port:
        board = _asker(port, "GET", BOARD, cookie(filled.app, filled.filled.secretariat))
        taken = medians({"board": board, "score": _scorer(filled, port)}, TIMES)
    yield Figure("board_http_ms", taken["board"] * 1000, "ms")
    yield Figure("score_http_ms", taken["score"] * 1000, "ms")


@contextmanager
def served(environ: dict[str, str]) -> Iterator[int]:
    """`rvc serve` for an instance; its port."""
    port = servers.free_port()
    command = [sys.executable, "-c", "from rvc_portal.app import main; main()", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=os.environ | environ, stdout=subprocess.DEVNULL)
    try:
        servers.wait_for(lambda: process.poll() is not None or _is_well(port))
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _is_well(port: int) -> bool:
    if not servers.answers(port):
        return False
    _asker(port, "GET", "/health", "")()
    return True


def _scorer(one: Instance, port: int) -> Ask:
    assignment = UUID(one.filled.draft)
    criterion, _revision = first_criterion(one.app, assignment)
    sent, forms = cookie(one.app, one.filled.evaluator), typed(one)
    path = f"/assignments/{assignment}/scores/{criterion}"
    return lambda: _asker(port, "POST", path, sent, next(forms))()


def _asker(port: int, method: str, path: str, sent: str, body: str | None = None) -> Ask:
    """A function that asks over a connection of its own, as a browser's first request does."""
    headers = {"Cookie": sent, "HX-Request": "true"} if body else {"Cookie": sent}
    if body:
        headers["Content-Type"] = "application/x-www-form-urlencoded"

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{path} answers {answer.status}")

    return ask
