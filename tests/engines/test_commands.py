"""The command line: what goes wrong is one clear line, an exit code, and nothing half-written."""

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pytest
import sqlalchemy as sa

from rvc_portal import settings
from rvc_portal.app import main
from rvc_portal.demonstration import cast
from rvc_portal.models.account import Account, RoleGrant
from rvc_portal.models.base import db
from rvc_portal.models.call import Call
from rvc_portal.models.job import Mail
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.ranking import Ranking
from rvc_portal.models.seat import Member
from rvc_portal.models.second_factor import SecondFactor
from rvc_portal.queries import results as query
from rvc_portal.services import rendering, results, screening, submission
from rvc_portal.settings import DATA_FILES, Settings
from tests import scenes
from tests.conftest import MakeApp
from tests.scenes import Shelf, shelf  # noqa: F401
from tests.servers import free_port

RVC = str(Path(sys.executable).parent / "rvc")
MEMBERS = str(DATA_FILES / "members-2015.csv")
CALL = str(DATA_FILES / "candidacy-2015.yaml")


@dataclass
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


class Command(Protocol):
    def __call__(self, *arguments: str, data: Path, **environ: str) -> Done: ...


@pytest.fixture
def rvc(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs the command as the launcher does, without the second that starting it takes."""
    for name in [name for name in os.environ if name.startswith("RVC_")]:
        monkeypatch.delenv(name)

    def run(*arguments: str, data: Path, **environ: str) -> Done:
        for name, value in ({"RVC_DATA": str(data)} | environ).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["rvc", *arguments])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        return Done(code, out, err)

    return run


def assert_one_line(done: Done, said: str) -> None:
    assert done.returncode == 1, done
    (line,) = done.stderr.splitlines()
    assert line.startswith("rvc: ")
    assert said in line
    assert done.stdout == ""


def test_members_are_imported_into_a_database_made_for_it(rvc: Command, tmp_path: Path) -> None:
    data = tmp_path / "new"
    assert rvc("members", "import", MEMBERS, data=data).stdout == "116 members added, 0 changed, 0 as before.\n"
    assert rvc("members", "import", MEMBERS, data=data).stdout == "0 members added, 0 changed, 116 as before.\n"


def test_a_bad_row_is_named_and_nothing_is_loaded(
    rvc: Command, sqlite: Settings, make_app: MakeApp, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(Path(MEMBERS).read_text() + "Nowhere,Nowhere,XX,Film,2014,Africa,0,0,yes\n")
    assert_one_line(rvc("members", "import", str(bad), data=sqlite.data), f"{bad}:118: “XX” is no country code")
    with make_app(sqlite).app_context():
        assert db.session.scalars(sa.select(Member)).all() == []


@pytest.mark.parametrize("command", [("members", "import"), ("call", "open"), ("call", "check")])
def test_an_unknown_file_is_named(rvc: Command, sqlite: Settings, command: tuple[str, ...]) -> None:
    assert_one_line(rvc(*command, "absent.csv", data=sqlite.data), "absent.csv: No such file or directory")


def test_a_call_is_opened_once(rvc: Command, sqlite: Settings, make_app: MakeApp) -> None:
    assert rvc("call", "open", CALL, data=sqlite.data).stdout == "The call “candidacy-2015” is open.\n"
    assert_one_line(rvc("call", "open", CALL, data=sqlite.data), "“candidacy-2015” exists already")
    with make_app(sqlite).app_context():
        assert db.session.scalars(sa.select(Call.key)).all() == ["candidacy-2015"]


def test_a_malformed_call_is_refused_by_line(rvc: Command, sqlite: Settings, make_app: MakeApp, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(Path(CALL).read_text().replace("timezone: ", "timezone: X", 1))
    line = bad.read_text().splitlines().index(next(x for x in bad.read_text().splitlines() if "timezone: X" in x)) + 1
    for command in ("check", "open"):
        done = rvc("call", command, str(bad), data=sqlite.data)
        assert done.returncode == 1
        assert f"rvc: {bad}:{line}: " in done.stderr
        assert "Traceback" not in done.stderr
    with make_app(sqlite).app_context():
        assert db.session.scalars(sa.select(Call.key)).all() == []


def test_an_admin_is_created_once(rvc: Command, sqlite: Settings, make_app: MakeApp) -> None:
    command = ("admin", "create", "A@example.org", "--name", "Zoé Ü")
    password = {"RVC_PASSWORD": "correct horse battery"}
    assert rvc(*command, data=sqlite.data, **password).stdout == "A@example.org can sign in.\n"
    assert_one_line(rvc(*command, data=sqlite.data, **password), "There is an account with this address already.")
    with make_app(sqlite).app_context():
        account = db.session.scalars(sa.select(Account)).one()
        assert (account.email, account.name) == ("a@example.org", "Zoé Ü")
        assert sorted(db.session.scalars(sa.select(RoleGrant.role))) == ["admin", "secretariat"]


def test_the_operator_takes_away_the_lost_factor_of_the_last_administrator(
    rvc: Command, sqlite: Settings, make_app: MakeApp
) -> None:
    create = ("admin", "create", "a@example.org", "--name", "Zoé Ü")
    rvc(*create, data=sqlite.data, RVC_PASSWORD="a river and two bridges")
    command = ("admin", "reset-factor", "a@example.org", "--reason", "Telephone lost")
    assert_one_line(rvc(*command, data=sqlite.data), "nobody with the address “a@example.org” has a second factor")
    app = make_app(sqlite)
    with app.app_context():
        account = db.session.scalars(sa.select(Account)).one()
        cast.enrol(db.session(), account, app.extensions["rvc"].settings.secret_key, datetime.now(UTC))
        db.session.commit()
    assert rvc(*command, data=sqlite.data).returncode == 0
    with app.app_context():
        assert db.session.scalars(sa.select(SecondFactor)).all() == []
        mails = sorted(str(m.context["act"]) for m in db.session.scalars(sa.select(Mail)))
        assert mails == ["enrol_second_factor", "reset_second_factor"]
        entry = db.session.scalars(sa.select(JournalEntry).where(JournalEntry.transition == mails[1])).one()
        assert (entry.actor_id, entry.reason) == (None, "Telephone lost")


@pytest.fixture
def receipts(rvc: Command, shelf: Shelf, make_app: MakeApp, tmp_path: Path) -> tuple[Path, Path]:  # noqa: F811
    """The folder of an instance in which two cities have filed, and the receipt of the first as a file."""
    data = tmp_path / "instance"
    of = settings.read({"RVC_DATA": str(data)})
    shutil.copy(shelf.database("submitted"), of.data / "portal.db")
    app = make_app(of)
    with app.app_context():
        scene = scenes.Scene(app)
        row = next(d for d in scene.documents(scene.dossier()) if d.kind == "RECEIPT")
        source = rendering.frozen(scene.session, row.id)
        assert source is not None
        stored = rendering.make(scene.story.instance.files, source)
        rendering.record(scene.session, row.id, stored, scenes.FILED)
        scene.commit()
        content = scene.story.instance.files.get(stored.sha256)
    (tmp_path / "receipt.pdf").write_bytes(content)
    return data, tmp_path / "receipt.pdf"


def test_a_receipt_is_verified_until_the_filing_is_altered(
    rvc: Command, receipts: tuple[Path, Path], make_app: MakeApp
) -> None:
    data, receipt = receipts
    done = rvc("filing", "verify", str(receipt), data=data)
    assert (done.returncode, done.stderr) == (0, "")
    assert "/RECEIPT/1 is valid: Nottingham, filing no. 1, received 2015-06-01T10:00:00Z" in done.stdout
    assert "superseded" not in done.stdout
    app = make_app(settings.read({"RVC_DATA": str(data)}))
    with app.app_context():
        scene = scenes.Scene(app)
        officer, lead = (scene.actor(p, scenes.CHECKED) for p in (scene.officer, scene.lead()))
        screening.return_file(
            scene.session, scene.dossier(), questions=["reasons"], reason="More.", actor=officer, now=scenes.CHECKED
        )
        submission.submit(scene.session, scene.dossier(), actor=lead, now=scenes.CHECKED)
        scene.commit()
    done = rvc("filing", "verify", str(receipt), data=data)
    assert done.returncode == 0
    assert "It is superseded: filing no. 2 was received 2015-08-01T10:00:00Z." in done.stdout
    with sqlite3.connect(data / "portal.db") as connection:
        connection.execute("UPDATE filing SET content = replace(content, 'literature', 'litterature')")
    connection.close()
    done = rvc("filing", "verify", str(receipt), data=data)
    assert_one_line(done, "does not have the fingerprint of this receipt")


def test_a_receipt_that_does_not_hold_is_told_why(rvc: Command, receipts: tuple[Path, Path], tmp_path: Path) -> None:
    data, receipt = receipts
    bad = tmp_path / "bad.pdf"
    for content, said in (
        (receipt.read_bytes() + b"\n", "is an altered copy of the receipt LIT-2015-001/RECEIPT/1"),
        (scenes.letter(3), "No receipt of this portal has these bytes"),
        (b"GIF89a", "This is no PDF"),
        (b"%PDF-" + bytes(5_000_000), "No receipt has more than 5 MB"),
    ):
        bad.write_bytes(content)
        assert_one_line(rvc("filing", "verify", str(bad), data=data), said)
    assert_one_line(rvc("filing", "verify", str(tmp_path / "absent.pdf"), data=data), "absent.pdf: No such file")


def test_a_ranking_is_printed_the_same_each_time_and_fails_where_something_else_is_kept(
    rvc: Command,
    shelf: Shelf,  # noqa: F811
    make_app: MakeApp,
    tmp_path: Path,
) -> None:
    of = settings.read({"RVC_DATA": str(tmp_path / "ranked")})
    shutil.copy(shelf.database("closed"), of.data / "portal.db")
    command = ("ranking", "recompute", "candidacy-2015")
    before = rvc(*command, data=of.data)
    assert (before.returncode, before.stderr) == (1, "rvc: what is kept is not what comes out: literature\n")
    with make_app(of).app_context():
        wanted = results.source(db.session(), db.session.scalars(sa.select(Ranking.id)).one())
        assert wanted is not None
        made = query.compute(wanted.call, wanted.entries)
        results.record(db.session(), query.ranking_id(wanted.call.id, "literature"), made, wanted, scenes.CLOSED)
        db.session.commit()
    done = [rvc(*command, data=of.data), rvc(*command, "--field", "literature", data=of.data)]
    assert [(d.returncode, d.stderr, d.stdout) for d in done] == [(0, "", before.stdout)] * 2
    told = json.loads(done[0].stdout)
    assert [(x["field"], len(x["inputs"])) for x in told] == [("literature", 2)]
    assert rvc(*command, "--field", "music", data=of.data).stderr.endswith("no closed sheets in the field “music”\n")
    assert_one_line(rvc("ranking", "recompute", "nowhere", data=of.data), "there is no call “nowhere”")


def test_a_locked_database_is_told(rvc: Command, sqlite: Settings) -> None:
    holder = sqlite3.connect(sqlite.data / "portal.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        url = f"{sqlite.database_url}?timeout=0.5"
        done = rvc("members", "import", MEMBERS, data=sqlite.data, RVC_DATABASE_URL=url)
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert_one_line(done, "the database refuses: the database is locked by another process")


def test_a_database_that_is_not_there_is_told(rvc: Command, tmp_path: Path) -> None:
    url = f"postgresql://rvc@127.0.0.1:{free_port()}/rvc"
    done = rvc("db", "upgrade", data=tmp_path / "x", RVC_DATABASE_URL=url)
    assert_one_line(done, "the database refuses: connection failed")


def test_a_file_that_is_no_database_is_told(rvc: Command, sqlite: Settings) -> None:
    (sqlite.data / "portal.db").write_bytes(b"no database at all" * 500)
    assert_one_line(rvc("db", "upgrade", data=sqlite.data), "file is not a database")


def test_a_folder_that_cannot_be_made_is_told(rvc: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert_one_line(rvc("db", "upgrade", data=tmp_path / "file" / "data"), "Not a directory")


def test_no_room_for_the_database_leaves_it_as_it_was(sqlite: Settings, make_app: MakeApp) -> None:
    """No file may grow beyond what the database has now, as on a full disk."""
    most = (sqlite.data / "portal.db").stat().st_size
    ended = subprocess.run(
        [RVC, "members", "import", MEMBERS], env={**os.environ, "RVC_DATA": str(sqlite.data)},
        capture_output=True, text=True, timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, most)),
    )  # fmt: skip
    done = Done(ended.returncode, ended.stdout, ended.stderr)
    assert_one_line(done, "the database refuses: ")
    with make_app(sqlite).app_context():
        assert db.session.scalars(sa.select(Member)).all() == []
        assert db.session.execute(sa.text("PRAGMA integrity_check")).scalar() == "ok"


def test_a_full_disk_is_told_in_one_line(rvc: Command, sqlite: Settings, tmp_path: Path, make_app: MakeApp) -> None:
    small = tmp_path / "small"
    small.mkdir()
    size = (sqlite.data / "portal.db").stat().st_size // 1024 + 12
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(small)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        shutil.copy(sqlite.data / "portal.db", small)
        shutil.copy(sqlite.data / "secret_key", small)
        (small / "filling").write_bytes(bytes(max(0, shutil.disk_usage(small).free - 4096)))
        done = rvc("members", "import", MEMBERS, data=small)
        (small / "filling").unlink()
        shutil.copytree(small, tmp_path / "copy")
    finally:
        subprocess.run(["umount", str(small)], check=True)
    assert_one_line(done, "the database refuses: the disk is full")
    with sqlite3.connect(tmp_path / "copy" / "portal.db") as connection:
        assert connection.execute("SELECT count(*) FROM member").fetchone() == (0,)
    connection.close()


@pytest.mark.parametrize(("arguments", "code"), [(("nonsense",), 2), (("serve", "--port", "x"), 2), (("--help",), 0)])
def test_a_wrong_use_is_told_as_such(rvc: Command, tmp_path: Path, arguments: tuple[str, ...], code: int) -> None:
    done = rvc(*arguments, data=tmp_path / "x")
    assert done.returncode == code
    assert "Traceback" not in done.stderr
