"""Migrations lead to exactly the models, on both databases, and back; each whole or not at all."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask_migrate import check, downgrade, upgrade

from rvc_portal.domain.codes import code_of
from rvc_portal.models.base import db
from rvc_portal.models.document import Document
from rvc_portal.services import documents
from rvc_portal.settings import MIGRATIONS, Settings
from tests.conftest import MakeApp

RVC = str(Path(sys.executable).parent / "rvc")


def tables() -> set[str]:
    return set(sa.inspect(db.engine).get_table_names())


def test_there_is_one_head_and_revisions_are_numbered() -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    revisions = sorted(revision.revision for revision in script.walk_revisions())
    assert revisions == [f"{number:04d}" for number in range(1, len(revisions) + 1)]
    assert script.get_heads() == [revisions[-1]]


def test_migrations_lead_to_the_models(either_database: Settings, make_app: MakeApp) -> None:
    with make_app(either_database).app_context():
        check(str(MIGRATIONS))  # exits if the models have what the database has not
        assert tables() == {"alembic_version", *db.metadata.tables}


def test_down_and_up_again(either_database: Settings, make_app: MakeApp) -> None:
    with make_app(either_database).app_context():
        downgrade(str(MIGRATIONS), revision="base")
        assert tables() <= {"alembic_version"}
        upgrade(str(MIGRATIONS))
        assert tables() == {"alembic_version", *db.metadata.tables}


def test_a_migration_that_fails_midway_leaves_nothing(either_database: Settings, make_app: MakeApp) -> None:
    with make_app(either_database).app_context():
        downgrade(str(MIGRATIONS), revision="base")
        with db.engine.begin() as connection:  # stands in the way of one of the last tables
            connection.exec_driver_sql("CREATE TABLE slate_entry (n INTEGER)")
        with pytest.raises(sa.exc.DBAPIError, match="slate_entry"):
            upgrade(str(MIGRATIONS))
        assert tables() <= {"alembic_version", "slate_entry"}


def test_a_document_of_before_takes_the_hash_of_its_context(either_database: Settings, make_app: MakeApp) -> None:
    context = {"document": {"reference": "É/1"}, "number": 1.5, "none": None}
    made = {"kind": "STEERING_COMPOSITION", "language": "en", "context": context, "images": {"a": "0" * 64}}
    with make_app(either_database).app_context():
        document = Document(issued_at=datetime(2015, 7, 15, tzinfo=UTC), **made)
        db.session.add(document)
        db.session.commit()
        downgrade(str(MIGRATIONS), revision="0023")
        upgrade(str(MIGRATIONS))
        db.session.refresh(document)
        assert document.context_sha256 == documents.context_sha256(**made)


def test_foreign_keys_are_on_again_after_a_migration(sqlite: Settings, make_app: MakeApp) -> None:
    with make_app(sqlite).app_context():
        downgrade(str(MIGRATIONS), revision="base")
        upgrade(str(MIGRATIONS))
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


@pytest.mark.slow
def test_two_first_starts_at_once(tmp_path: Path) -> None:
    command = [RVC, "db", "upgrade", "--data", str(tmp_path)]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    said = [process.communicate(timeout=120)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said


def test_documents_from_before_there_were_codes_get_theirs(either_database: Settings, make_app: MakeApp) -> None:
    with make_app(either_database).app_context():
        before = ScriptDirectory(str(MIGRATIONS)).get_revision("0026").down_revision
        downgrade(str(MIGRATIONS), revision=str(before))
        ids = [uuid4() for _ in range(3)]
        old = sa.table(
            "document", sa.column("id", sa.Uuid()), *map(sa.column, ("kind", "language")),
            sa.column("context", sa.JSON()), sa.column("images", sa.JSON()), sa.column("issued_at", sa.DateTime()),
            sa.column("held", sa.Boolean()), sa.column("context_sha256"),
        )  # fmt: skip
        row = {
            "kind": "RECEIPT",
            "language": "en",
            "context": {},
            "images": {},
            "issued_at": datetime(2015, 6, 1),
            "held": False,
            "context_sha256": "0" * 64,
        }
        with db.engine.begin() as connection:
            connection.execute(old.insert(), [row | {"id": document_id} for document_id in ids])
        upgrade(str(MIGRATIONS))
        codes = {d.id: d.code for d in db.session.scalars(sa.select(Document))}
        assert codes == {document_id: code_of(document_id) for document_id in ids}
