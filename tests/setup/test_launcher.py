"""The launcher, without a network: each test gives it a checkout of its own and a machine that lacks what it says."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted(path.name for path in ROOT.glob("requirements*.txt"))
ESSENTIAL = [
    "basename",
    "cat",
    "cmp",
    "cp",
    "cut",
    "dirname",
    "env",
    "find",
    "flock",
    "mkdir",
    "mktemp",
    "mv",
    "readlink",
]
ESSENTIAL += ["rm", "sh", "sha256sum", "tee", "chmod"]


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of programs: Debian's essential ones, and an `id` that says that this is no root."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ESSENTIAL:
        found = shutil.which(name)
        assert found, name
        (programs / name).symlink_to(found)
    script(programs / "id", "echo 1000")
    script(programs / "apt-get", 'echo "apt-get $*"')
    return programs


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the launcher reads, in a folder with a space in its name."""
    folder = tmp_path / "a checkout"
    folder.mkdir()
    for name in ["rvc", "package.json", "package-lock.json", ".npmrc", "pyproject.toml", *LOCKS]:
        shutil.copy2(ROOT / name, folder / name)
    return folder


def make_ready(checkout: Path, level: str = "run") -> None:
    """What a finished set-up leaves, with a portal that tells how it was called."""
    (checkout / ".venv/bin").mkdir(parents=True)
    script(checkout / ".venv/bin/python", 'echo "python $*"')
    script(checkout / ".venv/bin/rvc", 'printf "%s\\n" "$$" "$PWD" "$@"; exit 7')
    names = ["rvc", *LOCKS, "package-lock.json", "pyproject.toml"]
    content = b"".join((checkout / name).read_bytes() for name in names)
    digest = hashlib.sha256(content).hexdigest()[:16]
    (checkout / ".venv/.ready").write_text(f"{digest} {checkout} {level}\n")


def run(
    checkout: Path, *arguments: str, path: Path | str | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(path or os.environ["PATH"]), **more}
    return subprocess.run(
        [str(checkout / "rvc"), *arguments],
        env=environment,
        cwd=checkout.parent,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_is_posix_shell() -> None:
    checker = shutil.which("dash") or "sh"
    assert subprocess.run([checker, "-n", str(ROOT / "rvc")], check=False).returncode == 0


def test_it_becomes_the_command(checkout: Path) -> None:
    """Arguments arrive as they were, in the folder of the caller, and the exit code is the command's."""
    make_ready(checkout)
    done = run(checkout, "members", "import", "a file.csv", "*", "")
    assert done.stdout.split("\n")[1:] == [str(checkout.parent), "members", "import", "a file.csv", "*", "", ""]
    assert done.returncode == 7


def test_signals_reach_the_command(checkout: Path) -> None:
    """The process that was started is the command itself: Ctrl-C and `kill` need no forwarding."""
    make_ready(checkout)
    with subprocess.Popen([str(checkout / "rvc"), "serve"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == str(process.pid)


def test_a_second_start_costs_little(checkout: Path) -> None:
    make_ready(checkout)
    took = []
    for _ in range(5):
        start = time.perf_counter()
        run(checkout, "--help")
        took.append(time.perf_counter() - start)
    assert min(took) < 0.5


def test_it_is_found_through_a_link(checkout: Path, tmp_path: Path) -> None:
    make_ready(checkout)
    (tmp_path / "rvc").symlink_to(checkout / "rvc")
    done = subprocess.run([str(tmp_path / "rvc"), "x"], capture_output=True, text=True, check=False)
    assert done.returncode == 7


def test_without_root_or_sudo_it_lists_what_to_install(checkout: Path, machine: Path) -> None:
    done = run(checkout, "demo", path=machine)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "please install: " in done.stderr
    assert "python3 python3-venv" in done.stderr
    assert not (checkout / ".venv/.ready").exists()


def test_a_sudo_that_refuses_is_no_sudo(checkout: Path, machine: Path) -> None:
    script(machine / "sudo", 'echo "a password is required" >&2; exit 1')
    done = run(checkout, "demo", path=machine)
    assert done.returncode == 1
    assert "please install: " in done.stderr


def test_the_tests_need_more(checkout: Path, machine: Path) -> None:
    demo, tests = (run(checkout, command, path=machine).stderr.splitlines()[0] for command in ("demo", "test"))
    assert "chromium" not in demo
    assert "chromium" in tests
    assert "redis-server" in tests


def test_on_another_distribution_it_names_equivalents(checkout: Path, machine: Path) -> None:
    (machine / "apt-get").unlink()
    done = run(checkout, "demo", path=machine)
    assert done.returncode == 1
    assert "equivalents" in done.stderr


def test_with_sudo_it_installs_by_it(checkout: Path, machine: Path, tmp_path: Path) -> None:
    """The installer runs by sudo; that python3 is still missing afterwards is one clear line."""
    log = tmp_path / "calls"
    # The guard against starting services is written to /usr/sbin: only noted here.
    script(machine / "sudo", f'echo "$*" >>"{log}"; case $1 in tee) cat >/dev/null ;; env) exit 0 ;; esac')
    done = run(checkout, "demo", path=machine)
    calls = log.read_text()
    assert "apt-get" in calls
    assert "install --no-install-recommends" in calls
    assert "python3-venv" in calls
    assert done.returncode == 1
    assert "set-up failed" in done.stderr


def test_a_failed_installation_shows_why(checkout: Path, machine: Path) -> None:
    script(
        machine / "sudo", 'case $1 in tee) cat >/dev/null ;; env) echo "no space left on device" >&2; exit 100 ;; esac'
    )
    done = run(checkout, "demo", path=machine)
    assert done.returncode == 1
    assert "no space left on device" in done.stderr
    assert "could not install" in done.stderr


def test_a_changed_lock_is_set_up_again(checkout: Path, machine: Path) -> None:
    """Not ready any more: it tries, and without network or packages says so instead of running the old portal."""
    make_ready(checkout)
    with (checkout / "requirements.txt").open("a") as lock:
        lock.write("# changed\n")
    script(checkout / ".venv/bin/python", 'echo "no network" >&2; exit 1')
    done = run(checkout, "demo", PATH=os.environ["PATH"])
    assert done.returncode == 1
    assert "set-up failed" in done.stderr
    assert "no network" in done.stderr


def test_catalogues_are_compiled_when_newer(checkout: Path) -> None:
    make_ready(checkout)
    folder = checkout / "rvc_portal/translations/fr/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text('msgid "Call"\nmsgstr "Appel"\n')
    script(
        checkout / ".venv/bin/pybabel",
        f'echo "$*" >>"{checkout}/compiled"; while [ "$1" != -o ]; do shift; done; : >"$2"',
    )
    for _ in range(2):
        run(checkout, "x")
    assert len((checkout / "compiled").read_text().splitlines()) == 1
    later = time.time() + 5
    os.utime(folder / "messages.po", (later, later))
    run(checkout, "x")
    assert len((checkout / "compiled").read_text().splitlines()) == 2


def test_without_a_home_caches_go_beside_the_packages(checkout: Path) -> None:
    make_ready(checkout)
    script(checkout / ".venv/bin/rvc", 'echo "$HOME"')
    assert run(checkout, "x").stdout.strip() == str(checkout / ".venv/home")
    assert run(checkout, "x", HOME=str(checkout)).stdout.strip() == str(checkout)


@pytest.mark.skipif(sys.platform != "linux", reason="Debian's script")
def test_the_runner_of_continuous_integration_passes_the_exit_code(checkout: Path) -> None:
    (checkout / ".ci").mkdir()
    shutil.copy2(ROOT / ".ci/run", checkout / ".ci/run")
    script(checkout / "rvc", 'echo "$@"; read -r line || echo "no input"; exit 3')
    done = subprocess.run([str(checkout / ".ci/run")], capture_output=True, text=True, check=False, cwd="/")
    assert done.stdout == "test --all\nno input\n"
    assert done.returncode == 3
