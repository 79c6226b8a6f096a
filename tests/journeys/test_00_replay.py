"""The real round of 2015, through the command: what comes out is complete, true, and the same each time."""

import hashlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest

from rvc_portal.demonstration.cast import round_2015
from tests.servers import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

RVC = str(Path(sys.executable).parent / "rvc")
SEED = 7
INVENTED = 2
CONFLICTS = {
    ("Edinburgh", "Nottingham"), ("Norwich", "Nottingham"), ("Granada", "Barcelona"), ("Granada", "Salamanca"),
    ("Iowa City", "Seattle"),
}  # fmt: skip
MARKS = ("Demonstration: answers and scores are made up", "Démonstration")


def command(out: Path, data: Path, *, seed: int = SEED, signed: Path | None = None) -> tuple[list[str], dict[str, str]]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("RVC_")}
    more = ["--signed", str(signed)] if signed else []
    return [RVC, "replay", "--out", str(out), "--seed", str(seed), *more], environ | {"RVC_DATA": str(data)}


def replay(out: Path, data: Path, signed: Path | None = None) -> bytes:
    """Run the command; the manifest as it was written."""
    arguments, environ = command(out, data, signed=signed)
    done = subprocess.run(arguments, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return (out / "manifest.json").read_bytes()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("replay") / "data"


@pytest.fixture(scope="module")
def out(data: Path) -> Path:
    """The folder that a replay filled; `signed` beside it has the files as the office signed them."""
    folder = data.parent / "out"
    replay(folder, data, folder.with_name("signed"))
    return folder


@pytest.fixture(scope="module")
def manifest(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "manifest.json").read_text("utf-8"))
    return found


def of_kind(manifest: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [d for d in manifest["documents"] if d["kind"] == kind]


def cities(part: str, outcome: str | None = None) -> set[str]:
    return {r.city for r in round_2015() if r.part == part and outcome in (None, r.outcome)}


def test_each_document_is_written_as_it_was_signed_too(out: Path, manifest: dict[str, Any]) -> None:
    for told in manifest["documents"]:
        content = (out / told["file"]).read_bytes()
        signed = (out.with_name("signed") / told["file"]).read_bytes()
        assert signed.startswith(content)
        assert b"/ETSI.CAdES.detached" in signed[len(content) :]


def test_it_ends_as_the_real_round_did(manifest: dict[str, Any]) -> None:
    designated, declined = cities("candidate", "designated"), cities("candidate", "not designated")
    assert (len(designated), len(declined)) == (9, 3)
    for kind in ("DESIGNATION_LETTER", "CERTIFICATE"):
        assert sorted(d["city"] for d in of_kind(manifest, kind)) == sorted(designated)
    assert sorted(d["city"] for d in of_kind(manifest, "DECISION_LETTER")) == sorted(declined)
    lists = of_kind(manifest, "DESIGNATION_LIST")
    assert [(d["city"], d["author_city"], d["language"]) for d in sorted(lists, key=lambda d: str(d["language"]))] == [
        (None, None, "en"), (None, None, "fr"),
    ]  # fmt: skip


def test_every_evaluator_judged_every_file_but_the_conflicts(manifest: dict[str, Any]) -> None:
    sheets, members = of_kind(manifest, "EVALUATION_SHEET"), cities("evaluating member")
    assert len(sheets) == 12 * 14 - 5 == 163
    by_members = Counter((d["author_city"], d["city"]) for d in sheets if d["author_city"])
    expected = {(member, city) for member in members for city in cities("candidate")} - CONFLICTS
    assert by_members == Counter(expected)
    by_experts = Counter(d["city"] for d in sheets if not d["author_city"])
    assert by_experts == dict.fromkeys(cities("candidate"), 3)


def test_the_conflicts_are_the_five(manifest: dict[str, Any]) -> None:
    assert len(manifest["conflicts"]) == 5
    assert {(c["author_city"], c["city"]) for c in manifest["conflicts"]} == CONFLICTS
    assert {c["rule"] for c in manifest["conflicts"]} == {"country"}
    assert manifest["seed"] == SEED


def test_every_step_left_its_document(manifest: dict[str, Any]) -> None:
    found = Counter(d["kind"] for d in manifest["documents"])
    files = 12 + INVENTED
    assert found == {
        "DOSSIER": files + 1, "RECEIPT": files + 1, "RETURN_LETTER": 1, "INELIGIBILITY_NOTICE": 1,
        "WITHDRAWAL_NOTE": 1, "SCREENING_NOTE": files - 1, "EVALUATION_SHEET": 163, "EVALUATION_REPORT": 12,
        "STEERING_OPINION": 12, "DESIGNATION_LETTER": 9, "CERTIFICATE": 9, "DECISION_LETTER": 3, "DESIGNATION_LIST": 2,
        "CALL_REPORT": 2, "CALL_TEXT": 2, "BLANK_FORM": 2, "SESSION_PAPERS": 2, "SESSION_RECORD": 2,
        "COMPLETE_DOSSIER": 2,
    }  # fmt: skip
    candidates = [d for d in of_kind(manifest, "DOSSIER") if d["city"] in cities("candidate")]
    languages = {d["city"]: d["language"] for d in candidates}
    assert Counter(languages.values()) == {"fr": 5, "en": 7}
    assert all(d["pages"] >= 15 for d in candidates)
    assert set(languages) == cities("candidate")


def test_a_complete_dossier_opens_with_its_bookmarks_and_attachments(manifest: dict[str, Any], out: Path) -> None:
    """The Secretariat's, and the city's own: of the one that was returned, corrected and designated."""
    smaller, larger = sorted(of_kind(manifest, "COMPLETE_DOSSIER"), key=lambda d: int(d["pages"]))
    found = {}
    for told in (smaller, larger):
        with pikepdf.open(out / told["file"]) as pdf, pdf.open_outline() as outline:
            found[told["file"]] = {one.title for one in outline.root}
            inside = {a.filename: a.get_file().read_bytes() for a in pdf.attachments.values()}
        assert len(inside) >= 3
        assert all(content.startswith(b"%PDF") for content in inside.values())
    assert found[smaller["file"]] < found[larger["file"]]
    assert larger["pages"] > 40


def test_every_line_of_the_manifest_is_true(manifest: dict[str, Any], out: Path) -> None:
    names = [d["file"] for d in manifest["documents"]]
    assert len(names) == len(set(names))
    for document in manifest["documents"]:
        assert set(document) == {"kind", "city", "author_city", "language", "pages", "sha256", "file"}
        assert re.fullmatch(r"[A-Za-z0-9._/-]+", document["file"])
        assert not Path(document["file"]).is_absolute()
        content = (out / document["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == document["sha256"], document["file"]
        with pikepdf.open(out / document["file"]) as pdf:
            assert len(pdf.pages) == document["pages"], document["file"]
            assert str(pdf.Root.Lang) == document["language"]
    written = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert written == {*names, "manifest.json"}


def test_every_page_says_that_it_is_made_up(manifest: dict[str, Any], out: Path) -> None:
    pages = 0
    for document in manifest["documents"]:
        with closing(pypdfium2.PdfDocument(out / document["file"])) as pdf:
            texts = [page.get_textpage().get_text_range() for page in pdf]
        assert len(texts) == document["pages"]
        unmarked = [n for n, text in enumerate(texts, 1) if not any(mark in " ".join(text.split()) for mark in MARKS)]
        assert unmarked == [], document["file"]
        pages += len(texts)
    assert pages > 800


def test_the_journal_of_the_round_holds(out: Path, data: Path, make_app: Any) -> None:
    import sqlalchemy as sa

    from rvc_portal import settings
    from rvc_portal.models.base import db
    from rvc_portal.models.journal import JournalEntry
    from rvc_portal.services import journal

    app = make_app(settings.read({"RVC_DATA": str(data)}))
    with app.app_context():
        chains = db.session.scalars(sa.select(JournalEntry.chain).distinct()).all()
        assert len(chains) == 12 + INVENTED + 2  # the files, the call, the Network
        assert [journal.first_broken(db.session(), chain) for chain in chains] == [None] * len(chains)


def test_a_replay_that_is_killed_leaves_no_manifest_and_the_next_one_there_writes_the_same(
    out: Path, tmp_path: Path
) -> None:
    """Half-way, without warning. What is there afterwards says nothing false; another place, with what the dead one left in it,
    and another process give the same bytes."""
    arguments, environ = command(tmp_path / "out", tmp_path / "data")
    process = subprocess.Popen(arguments, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: process.poll() is not None or _documents(tmp_path / "data") > 5, 600)
        assert process.poll() is None, "it was over before it could be killed"
    finally:
        process.kill()
    assert process.wait(60) == -signal.SIGKILL
    assert not (tmp_path / "out" / "manifest.json").exists()
    with closing(sqlite3.connect(tmp_path / "data" / "portal.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert replay(tmp_path / "out", tmp_path / "data") == (out / "manifest.json").read_bytes()


def _documents(data: Path) -> int:
    """How many documents are stored so far."""
    if not (data / "portal.db").exists():
        return 0
    database = sqlite3.connect(data / "portal.db")
    try:
        return int(database.execute("SELECT count(*) FROM document WHERE content_sha256 IS NOT NULL").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        database.close()
