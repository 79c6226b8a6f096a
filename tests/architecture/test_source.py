"""Rules about the code itself that no linter knows."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "rvc_portal"
MODULES = sorted(PACKAGE.rglob("*.py"))
# Floors that are told the time and their ids, so that a replay is the same twice.
TOLD_THE_TIME = ("domain", "models", "queries", "services", "documents")


MADE = {".venv", ".git", "instance", "vendor", "node_modules", "dist", "build", "pictures", "__pycache__"}
MADE |= {".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache"}


def tracked_files() -> list[Path]:
    """Files that git knows or would add; on a machine without git, all but what the set-up and the tools make."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        command = [
            "git",
            "-c",
            f"safe.directory={ROOT}",
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]
        listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
        return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]
    return [path for path in ROOT.rglob("*") if path.is_file() and not MADE & set(path.relative_to(ROOT).parts)]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported(path: Path) -> Iterator[str]:
    """The full name of every module that a file imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)} imports relatively"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_there_is_code_to_look_at() -> None:
    assert len(MODULES) > 20
    assert len(tracked_files()) > 50


def test_no_file_names_a_registry() -> None:
    """Where packages come from is the machine's affair: a mirror must be enough."""
    hosts = (
        "pypi" + ".org",
        "python" + "hosted",
        "registry." + "npmjs",
        "deb." + "debian",
        "unpkg" + ".com",
        "js" + "delivr",
    )
    pattern = re.compile("|".join(map(re.escape, hosts)).encode())
    assert [name_of(path) for path in tracked_files() if pattern.search(path.read_bytes())] == []


def test_no_minified_script_is_kept() -> None:
    assert [name_of(path) for path in tracked_files() if path.name.endswith((".min.js", ".min.css"))] == []


def test_lock_files_carry_hashes_only() -> None:
    for lock in ROOT.glob("requirements*.txt"):
        text = lock.read_text()
        assert "://" not in text
        assert "--index" not in text
        assert "--find-links" not in text
        pinned = re.findall(r"^[a-z0-9][^ ]*==", text, re.MULTILINE)
        assert pinned
        for entry in re.split(r"\n(?=[a-z0-9])", text.strip()):
            assert "--hash=sha256:" in entry, f"{lock.name}: {entry.splitlines()[0]} has no hash"


def test_the_lock_files_agree_with_the_project() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    tests = project["dependencies"] + project["optional-dependencies"]["test"]
    for lock, wanted in (("requirements.txt", project["dependencies"]), ("requirements-test.txt", tests)):
        locked = {line.split(" ")[0] for line in (ROOT / lock).read_text().lower().splitlines() if "==" in line}
        assert [pin for pin in wanted if re.sub(r"\[.*?]", "", pin.lower()) not in locked] == []


def test_packages_are_empty() -> None:
    """A package that does something on import hides an edge of the import graph."""
    assert [name_of(path) for path in MODULES if path.name == "__init__.py" and path.read_text().strip()] == []


def test_every_folder_with_modules_is_a_package() -> None:
    """Without `__init__.py` the floors would not be checked there."""
    folders = {path.parent for path in MODULES}
    assert [name_of(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_no_module_is_a_drawer() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
    assert [name_of(path) for path in MODULES if {path.stem, *path.relative_to(PACKAGE).parts} & drawers] == []


def test_modules_stay_readable() -> None:
    longest = 500
    sizes = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    # Shapes alone, in a row: a long list is no long module.
    sizes.pop("rvc_portal/documents/contexts.py", None)
    assert {name: size for name, size in sizes.items() if size > longest} == {}


def test_nobody_imports_the_top() -> None:
    assert [name_of(path) for path in MODULES if "rvc_portal.app" in set(imported(path))] == []


def test_rules_know_the_standard_library_only() -> None:
    foreign = {
        f"{name_of(path)}: {name}"
        for path in (PACKAGE / "domain").rglob("*.py")
        for name in imported(path)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not name.startswith(("rvc_portal.domain", "rvc_portal"))
    }
    assert foreign == set()
    assert {
        f"{name_of(path)}: {name}"
        for path in (PACKAGE / "domain").rglob("*.py")
        for name in imported(path)
        if name.startswith("rvc_portal.") and not name.startswith(("rvc_portal.domain", "rvc_portal.settings"))
    } == set()


def clock_calls(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = ast.unparse(node.func.value)
            call = f"{owner.rsplit('.', 1)[-1]}.{node.func.attr}"
            if call in {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "uuid.uuid4"}:
                yield f"{name_of(path)}:{node.lineno}: {call}"


@pytest.mark.parametrize("floor", TOLD_THE_TIME)
def test_the_time_and_ids_are_arguments(floor: str) -> None:
    # models.base holds the one place where ids are made.
    looked_at = [path for path in (PACKAGE / floor).rglob("*.py") if path != PACKAGE / "models" / "base.py"]
    assert looked_at
    assert [call for path in looked_at for call in clock_calls(path)] == []


def commits(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
            yield f"{name_of(path)}:{node.lineno}"


@pytest.mark.parametrize("floor", ["domain", "models", "queries", "services", "documents", "web/views", "web/forms"])
def test_only_the_top_commits(floor: str) -> None:
    assert [place for path in (PACKAGE / floor).rglob("*.py") for place in commits(path)] == []


def test_the_clock_rule_sees_a_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules above must be able to fail."""
    sample = ROOT / "rvc_portal" / "sample.py"
    text = "import datetime as dt\nx = dt.datetime.now(dt.UTC)\ndb.session.commit()\n"
    monkeypatch.setattr(Path, "read_text", lambda self, *_: text)
    assert list(clock_calls(sample)) == ["rvc_portal/sample.py:2: datetime.now"]
    assert list(commits(sample)) == ["rvc_portal/sample.py:3"]
    assert list(imported(sample)) == ["datetime"]
