"""Servers of the tests' own: PostgreSQL, Redis, S3, SMTP, each on a free port of the loopback and gone afterwards."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

START_S = 120


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def wait_for(what: Callable[[], bool], seconds: float = START_S, step: float = 0.05) -> None:
    """Wait until it is so; fails the test when it takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(step)


@contextlib.contextmanager
def running(command: list[str], port: int, end: signal.Signals = signal.SIGTERM) -> Iterator[None]:
    """A server that is started for the while, once it accepts connections; it ends with us even if we are killed."""
    bound = ["setpriv", "--pdeathsig", end.name.removeprefix("SIG"), *command]
    process = subprocess.Popen(bound, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: process.poll() is not None or answers(port))
        assert process.poll() is None, f"{command[0]} ended at once"
        yield
    finally:
        process.send_signal(end)
        process.wait(20)


class Portal:
    """`rvc serve` over a folder: web server and worker, which can be killed and started again on the same port."""

    def __init__(self, data: Path):
        self.data, self.port = data, free_port()
        self._process: subprocess.Popen[str] | None = None
        self._family: list[psutil.Process] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        env = {k: v for k, v in os.environ.items() if not k.startswith("RVC_")}
        command = [
            str(Path(sys.executable).parent / "rvc"),
            "serve",
            "--port",
            str(self.port),
            "--data",
            str(self.data),
        ]
        self._process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True, start_new_session=True)
        assert self._process.stdout is not None
        assert "is at" in self._process.stdout.readline()
        self._family = psutil.Process(self._process.pid).children(recursive=True)

    def kill(self) -> None:
        """SIGKILL to all of it at once: no time to finish anything."""
        if self._process is None:
            return
        for one in [psutil.Process(self._process.pid), *self._family] if self._process.poll() is None else self._family:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        self._process.communicate()
        self._process = None


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL server; the URL of its database `postgres`. Its programs refuse to run as root."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        pytest.fail("PostgreSQL is not installed: ./rvc setup --test")
    folder, port = Path(tempfile.mkdtemp(prefix="rvc-postgresql-")), free_port()
    data = str(folder / "data")
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        as_user = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
    initdb = [str(programs[-1] / "initdb"), "-D", data, "-A", "trust", "-U", "rvc", "-E", "UTF8", "--locale=C.UTF-8"]
    quick = ["-c", "fsync=off", "-c", "max_connections=450"]
    serve = [str(programs[-1] / "postgres"), "-D", data, "-p", str(port), "-k", str(folder), "-h", "127.0.0.1", *quick]
    try:
        subprocess.run([*as_user, *initdb, "--no-sync"], check=True, cwd=folder, stdout=subprocess.DEVNULL)
        with running([*as_user[1:], *serve], port, end=signal.SIGQUIT):
            url = f"postgresql://rvc@127.0.0.1:{port}/postgres"
            wait_for(lambda: takes_sessions(url))
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def takes_sessions(url: str) -> bool:
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url):
        return True
    return False


def create_database(server: str, name: str, template: str = "template1") -> str:
    """A database on the server, a copy of `template`; its URL."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return server.rpartition("/")[0] + f"/{name}"


def drop_database(server: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """A Redis server that keeps nothing; its URL."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.fail("Redis is not installed: ./rvc setup --test")
    port = free_port()
    with running([program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", "/tmp"], port):
        yield f"redis://127.0.0.1:{port}/0"


@contextlib.contextmanager
def clamd(folder: Path, marker: bytes) -> Iterator[str]:
    """ClamAV's daemon with one signature of our own, which finds `marker` and is called Test.Marker; its URL."""
    base = folder / "signatures"
    base.mkdir()
    base.chmod(0o755)
    (base / "own.ndb").write_text(f"Test.Marker:0:*:{marker.hex()}\n")
    port, config = free_port(), folder / "clamd.conf"
    config.write_text(
        f"TCPSocket {port}\nTCPAddr 127.0.0.1\nDatabaseDirectory {base}\nForeground yes\nUser root\n"
        f"TemporaryDirectory {folder}\nStreamMaxLength 20M\n"
    )
    if not Path("/usr/sbin/clamd").exists():
        pytest.fail("ClamAV is not installed: ./rvc setup --test")
    with running(["/usr/sbin/clamd", "--config-file", str(config)], port):
        yield f"tcp://127.0.0.1:{port}"


@contextlib.contextmanager
def s3() -> Iterator[str]:
    """An S3 server without buckets; its address."""
    port = free_port()
    command = [str(Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    with running(command, port):
        yield f"http://127.0.0.1:{port}"
