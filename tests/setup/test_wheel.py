"""The wheel carries all it needs: built here, installed into an empty environment elsewhere, started there."""

import os
import re
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
import venv
import zipfile
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The console script of an environment that holds the wheel; its dependencies are lent, the checkout is not."""
    folder = tmp_path_factory.mktemp("elsewhere") / "env"
    venv.create(folder, with_pip=False, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    # A plain path line: .pth files found there, such as the checkout's own, are not followed.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    script = folder / "bin" / "rvc"
    script.write_text(f"#!{folder}/bin/python\nimport sys\nfrom rvc_portal.app import main\nsys.exit(main())\n")
    script.chmod(0o755)
    return script


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_every_file_of_the_portal(wheel: Path) -> None:
    names = contents(wheel)
    wanted = {"rvc_portal/web/static/vendor/htmx.min.js", "rvc_portal/translations/fr/LC_MESSAGES/messages.mo"}
    for folder, place in (
        ("rvc_portal", "rvc_portal"),
        ("templates", "rvc_portal/templates"),
        ("migrations", "rvc_portal/migrations"),
    ):
        for path in (ROOT / folder).rglob("*"):
            unshipped = (
                path.suffix in {".po", ".pot", ".pyc"} or "__pycache__" in path.parts or path.name.startswith(".")
            )
            if path.is_file() and not unshipped:
                wanted.add(f"{place}/{path.relative_to(ROOT / folder)}")
    assert sorted(wanted - names) == []


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in contents(wheel)}
    assert {top for top in tops if top != "rvc_portal" and not top.endswith(".dist-info")} == set()
    assert [name for name in contents(wheel) if name.endswith((".po", ".pot", ".pyc"))] == []


def test_the_wheel_declares_its_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (entry,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
        assert re.search(r"^rvc = rvc_portal\.app:main$", archive.read(entry).decode(), re.MULTILINE)


def answer(port: int, process: subprocess.Popen[bytes], seconds: float) -> int:
    """The status of the front page, as soon as somebody answers."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert process.poll() is None, "the portal ended by itself"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as page:
                return int(page.status)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
    raise AssertionError(f"nobody answered within {seconds} s")


def test_the_installed_portal_comes_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    command = [
        str(installed.parent / "python"),
        "-c",
        "import rvc_portal.settings as s; print(s.TEMPLATES, s.MIGRATIONS)",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    places = [Path(place) for place in done.stdout.split()]
    assert [place.is_relative_to(installed.parents[1]) and place.is_dir() for place in places] == [True, True]


def test_the_demonstration_starts_elsewhere_and_leaves_nothing_running(
    installed: Path, tmp_path: Path, free_port: int
) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("RVC_", "PYTHON"))}
    data = tmp_path / "data"
    log = tmp_path / "log"
    command = [str(installed), "demo", "--port", str(free_port), "--data", str(data)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=output, stderr=output)
    try:
        assert answer(free_port, process, seconds=300) == 200
        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        process.wait(60)
        _, left = psutil.wait_procs(family, timeout=20)
        assert left == []
    except BaseException:
        print(log.read_text(errors="replace"))
        raise
    finally:
        for child in [*psutil.Process(process.pid).children(recursive=True)] if process.poll() is None else []:
            child.kill()
        if process.poll() is None:
            process.kill()
            process.wait()
    assert any(data.iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "log"]
