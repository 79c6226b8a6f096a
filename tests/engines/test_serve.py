"""`rvc serve`: web server and worker begin together and end together, and nothing of them is left."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.servers import free_port, wait_for

RVC = str(Path(sys.executable).parent / "rvc")


@contextlib.contextmanager
def serving(data: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """The command in a session of its own; whatever is left of it afterwards is killed."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("RVC_")}
    command = [RVC, "serve", "--port", str(port), "--data", str(data)]
    process = subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    family: list[psutil.Process] = []
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == f"The portal is at http://127.0.0.1:{port} (Ctrl-C ends it).\n"
        family = descendants(process)
        yield process
    finally:
        for one in [*family, *([process] if process.poll() is None else [])]:
            with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
                one.kill()
        process.communicate()


def descendants(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def gone(family: list[psutil.Process]) -> bool:
    return not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in family)


def health(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize(
    "number", [signal.SIGINT, *(pytest.param(n, marks=pytest.mark.slow) for n in (signal.SIGTERM, signal.SIGHUP))]
)
def test_a_signal_ends_it_all(tmp_path: Path, number: signal.Signals) -> None:
    port = free_port()
    with serving(tmp_path / "data", port) as process:
        family = descendants(process)
        assert len(family) >= 4  # the web server with its workers, and ours
        assert health(port) == 200
        process.send_signal(number)
        assert process.wait(30) == 0
        wait_for(lambda: gone(family), 1)
        assert process.stderr is not None
        assert process.stderr.read() == ""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))


@pytest.mark.slow
def test_killed_without_a_word_it_leaves_nothing_either(tmp_path: Path) -> None:
    with serving(tmp_path / "data", free_port()) as process:
        family = descendants(process)
        process.kill()
        wait_for(lambda: gone(family), 30)


@pytest.mark.parametrize("name", ["worker", pytest.param("granian", marks=pytest.mark.slow)])
def test_when_one_dies_all_end_and_it_is_said(tmp_path: Path, name: str) -> None:
    with serving(tmp_path / "data", free_port()) as process:
        family = descendants(process)
        victim = next(one for one in psutil.Process(process.pid).children() if name in one.cmdline())
        victim.kill()
        assert process.wait(40) == 1
        wait_for(lambda: gone(family), 5)
        assert process.stderr is not None
        assert "ended by itself (signal 9); everything is stopped" in process.stderr.read()


def test_a_port_in_use_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [RVC, "serve", "--port", str(port), "--data", str(tmp_path / "data")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"rvc: cannot serve on 127.0.0.1 port {port}: Address already in use\n"
