"""`rvc journal …` and `rvc documents verify` on both engines: exit code, and what they say."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask

from rvc_portal import cli, jobs
from rvc_portal.domain.errors import PortalError
from rvc_portal.models.base import db
from rvc_portal.models.document import Document
from rvc_portal.models.journal import JournalEntry
from rvc_portal.services import journal, proof
from rvc_portal.settings import DATA_FILES, Settings
from tests.conftest import MakeApp

Run = Callable[..., Result]


@pytest.fixture
def app(either_database: Settings, make_app: MakeApp) -> Flask:
    made = make_app(either_database)
    opened = CliRunner().invoke(cli.rvc, ["call", "open", str(DATA_FILES / "candidacy-2015.yaml")], obj=lambda: made)
    assert opened.exit_code == 0, opened.output
    with made.app_context():
        for n in range(5):
            journal.append(db.session(), journal.NETWORK, f"act {n}", actor_id=None, now=cli.now(), payload={"n": n})
        db.session.commit()
    return made


@pytest.fixture
def rvc(app: Flask) -> Run:
    return lambda *arguments: CliRunner().invoke(cli.rvc, list(arguments), obj=lambda: app)


def change(app: Flask, statement: sa.Executable) -> None:
    with app.app_context():
        db.session.execute(statement)
        db.session.commit()


def test_a_journal_that_was_cut_is_found_and_named(app: Flask, rvc: Run, tmp_path: Path) -> None:
    written = rvc("journal", "heads")
    assert written.exit_code == 0, written.exception
    assert "2 chains, 6 entries" in written.output
    whole = rvc("journal", "verify")
    assert (whole.exit_code, whole.output) == (
        0, "The journal is whole: chains 2, entries 6, files of heads 1, seals 0, heads in documents 4.\n",
    )  # fmt: skip
    with app.app_context():
        ids = db.session.scalars(sa.select(JournalEntry.id).where(JournalEntry.chain == journal.NETWORK)).all()
    change(app, sa.delete(JournalEntry).where(JournalEntry.id > sorted(ids)[1]))
    cut = rvc("journal", "verify")
    assert isinstance(cut.exception, PortalError)
    assert f"the Network ({journal.NETWORK}), no. 3: the chain ends before it" in cut.output
    assert rvc("journal", "verify", "--heads", str(tmp_path)).exit_code == 0  # heads of elsewhere: there are none


def test_what_the_engine_keeps_hashes_as_it_was_written(app: Flask, rvc: Run) -> None:
    """Instants with and without a fraction; one of them altered."""
    with app.app_context():
        for at in (cli.now().replace(microsecond=0), cli.now().replace(microsecond=500_000)):
            journal.append(db.session(), journal.NETWORK, "act", actor_id=None, now=at)
        db.session.commit()
    assert rvc("journal", "verify").exit_code == 0
    change(app, sa.update(JournalEntry).where(JournalEntry.transition == "act 1").values(at=cli.now()))
    assert "no. 2: was altered" in rvc("journal", "verify").output


def test_the_worker_writes_the_heads_of_the_day(app: Flask) -> None:
    work: jobs.Jobs = app.extensions[jobs.EXTENSION]
    work.write_heads()
    work.write_heads()
    heads = app.extensions["rvc"].heads
    assert heads.names() == [cli.now().date().isoformat()]
    with app.app_context():
        assert list(proof.Check(db.session(), heads).faults()) == []


def test_documents_are_checked_and_the_altered_one_is_named(app: Flask, rvc: Run) -> None:
    jobs.drain(app)
    whole = rvc("documents", "verify", "--all")
    assert (whole.exit_code, whole.output) == (
        0, "Every document is as it was issued: 4 made again, 0 issued by another renderer, 0 not made yet.\n",
    )  # fmt: skip
    change(app, sa.update(Document).where(Document.kind == "CALL_TEXT", Document.language == "en").values(pages=99))
    found = rvc("documents", "verify")
    assert isinstance(found.exception, PortalError)
    assert "documents that were altered: 1" in str(found.exception)
    assert found.output.startswith("CANDIDACY-2015/CALL_TEXT/1 (")
