"""The worker as a process of its own: what it is killed at is done all the same, on both queues."""

import datetime as dt
import os
import signal
import subprocess
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from rvc_portal import jobs, settings
from rvc_portal.domain.vocabulary import JobKind, JobStatus
from rvc_portal.gateways.files import Files
from rvc_portal.models.base import db
from rvc_portal.models.job import Job, Mail
from rvc_portal.services import mailing, queue
from rvc_portal.settings import Settings
from tests.conftest import MakeApp
from tests.engines.working import CONTEXT, RVC, SlowInbox, worker
from tests.servers import free_port, wait_for

NOW = dt.datetime(2015, 7, 15, 12, tzinfo=dt.UTC)


@pytest.fixture(params=["sqlite", "redis"])
def instance(request: pytest.FixtureRequest, sqlite: Settings, inbox: tuple[SlowInbox, str]) -> dict[str, str]:
    """The environment of an instance on either queue."""
    environ = {"RVC_DATA": str(sqlite.data), "RVC_MAIL_URL": inbox[1]}
    if request.param == "redis":
        environ["RVC_QUEUE_URL"] = request.getfixturevalue("redis_url")
    return environ


def queue_mail(app: Flask) -> UUID:
    with app.app_context():
        mail = mailing.queue_mail(db.session, "a@b.example", "en", "dossier_act", CONTEXT, now=dt.datetime.now(dt.UTC))
        db.session.commit()
        return mail.id


def job(app: Flask) -> tuple[str, int]:
    with app.app_context():
        row = db.session.execute(sa.select(Job.status, Job.attempts)).one()
        return row[0], row[1]


def test_a_worker_killed_at_work_loses_nothing(
    instance: dict[str, str], inbox: tuple[SlowInbox, str], make_app: MakeApp
) -> None:
    app, slow = make_app(settings.read(instance)), inbox[0]
    mail_id = queue_mail(app)
    with worker(instance) as first:
        assert slow.came.wait(60)
        assert job(app) == (JobStatus.RUNNING, 1)
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert job(app) == (JobStatus.RUNNING, 1)
    with app.app_context():  # as if the time of its lease had gone by
        past = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
        db.session.execute(sa.update(Job).values(lease_until_at=past))
        db.session.commit()
    slow.held = False
    with worker(instance):
        wait_for(lambda: job(app)[0] == JobStatus.DONE)
    assert job(app) == (JobStatus.DONE, 1), "that a worker was killed is no attempt of the job's"
    with app.app_context():
        assert db.session.get_one(Mail, mail_id).sent_at is not None
    # At least once, and each time the same message.
    assert set(slow.taken) == {f"<{mail_id}@creative-cities.invalid>"}


@pytest.mark.slow
def test_a_worker_is_woken_and_ends_after_the_job_at_hand(
    instance: dict[str, str], inbox: tuple[SlowInbox, str], make_app: MakeApp
) -> None:
    app, slow = make_app(settings.read(instance)), inbox[0]
    slow.held = False
    queue_mail(app)
    with worker(instance) as process:
        wait_for(lambda: job(app)[0] == JobStatus.DONE)
        with app.app_context():
            db.session.execute(sa.delete(Job))
            db.session.commit()
        slow.held = True
        slow.came.clear()
        queue_mail(app)
        assert slow.came.wait(5), "the worker was not woken"
        process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        slow.held = False
        assert process.wait(20) == 0
    assert job(app) == (JobStatus.DONE, 1)


def test_a_queue_that_is_not_there_is_told_in_one_line(sqlite: Settings) -> None:
    environ = {**os.environ, "RVC_DATA": str(sqlite.data), "RVC_QUEUE_URL": f"redis://127.0.0.1:{free_port()}/0"}
    done = subprocess.run([RVC, "worker"], env=environ, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("rvc: ")
    assert "Connection refused" in line


# --- in this process ---------------------------------------------------------------------------------------------


def test_all_that_is_due_is_done_in_order(app: Flask, sqlite: Settings) -> None:
    for _ in range(3):
        queue_mail(app)
    done: list[int] = []
    assert jobs.drain(app, on_done=lambda: done.append(1)) == 3 == len(done)
    assert len(list((sqlite.data / "mail").glob("*.eml"))) == 3
    assert jobs.drain(app) == 0


def test_a_job_that_fails_is_put_back_and_leaves_nothing(app: Flask, sqlite: Settings) -> None:
    mail_id = queue_mail(app)
    with app.app_context():
        db.session.execute(sa.update(Mail).values(template="unheard_of"))
        db.session.commit()
    with pytest.raises(Exception, match="unheard_of"):
        jobs.drain(app)
    with app.app_context():
        row = db.session.scalars(sa.select(Job)).one()
        assert (row.status, row.attempts) == (JobStatus.QUEUED, 1)
        assert row.error is not None
        assert "unheard_of" in row.error
        assert row.not_before_at > dt.datetime.now(dt.UTC)
        assert db.session.get_one(Mail, mail_id).sent_at is None
    assert not (sqlite.data / "mail").exists()


def test_the_sweep_wakes_for_what_nobody_was_told_of(app: Flask) -> None:
    work: jobs.Jobs = app.extensions[jobs.EXTENSION]
    for _ in range(3):
        queue_mail(app)
    work.huey.flush()  # the messages are lost
    for name in ("sweep", "lapse"):  # what the clock put in while nobody worked is no such message
        work.huey.enqueue(next(t for t in work.huey._registry.periodic_tasks if t.name == name))
    for _ in range(2):
        work.sweep()
        assert sorted(message.name for message in work.huey.pending()) == ["lapse", *["next_job"] * 3, "sweep"]


def add_document(app: Flask, sample: Callable[[], dict[str, Any]], images: dict[str, str]) -> UUID:
    """A document of a call that has no more than what its row needs."""
    from rvc_portal.models.base import new_id
    from rvc_portal.models.call import Call
    from rvc_portal.models.document import Document

    with app.app_context():
        call = Call(
            id=new_id(), key="c", procedure="candidacy", status="open", definition={}, definition_sha256="",
            opens_at=NOW, closes_at=NOW, created_at=NOW,
        )  # fmt: skip
        document = Document(
            id=new_id(), kind="RECEIPT", call_id=call.id, language="fr", context=sample(), images=images, issued_at=NOW
        )
        db.session.add(call)
        db.session.flush()
        db.session.add(document)
        queue.enqueue(db.session, JobKind.RENDER, document.id, now=NOW)
        db.session.commit()
        return document.id


def test_a_document_is_rendered_once_and_stored_by_its_content(app: Flask, sqlite: Settings) -> None:
    from rvc_portal.models.document import Document
    from tests.documents.samples import SAMPLES

    document_id = add_document(app, SAMPLES["RECEIPT"], {})
    assert jobs.drain(app) == 1
    with app.app_context():
        row = db.session.get_one(Document, document_id)
        assert row.content_sha256 is not None
        stored = Files(sqlite.storage_url).get(row.content_sha256)
        assert stored.startswith(b"%PDF")
        assert (row.size, row.ready) == (len(stored), True)
        assert row.pages
        assert row.renderer
        first = row.rendered_at
        queue.enqueue(db.session, JobKind.RENDER, document_id, now=NOW)  # the same job once more
        db.session.commit()
    assert jobs.drain(app) == 1
    with app.app_context():
        assert db.session.get_one(Document, document_id).rendered_at == first
