"""Workers killed at random moments; and work that kills its worker, which is another thing."""

import contextlib
import os
import random
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psutil
import pytest
import sqlalchemy as sa
from flask import Flask

from rvc_portal import jobs
from rvc_portal.domain.vocabulary import JobKind, JobStatus, Signing
from rvc_portal.gateways import authority
from rvc_portal.gateways.drafts import LEFT_S
from rvc_portal.gateways.files import Files
from rvc_portal.models.base import db, new_id
from rvc_portal.models.call import Call
from rvc_portal.models.document import Document
from rvc_portal.models.job import Job, Mail
from rvc_portal.services import mailing, queue
from rvc_portal.settings import Settings
from tests import signatures
from tests.conftest import MakeApp
from tests.documents import samples
from tests.engines.working import CONTEXT, RVC, SlowInbox, worker
from tests.servers import wait_for

KILLS = {"sqlite": 30, "postgresql": 10}
"""How many, unless RVC_KILLS names another number: a hundred take several minutes. What differs between the engines, who may claim
a job, shows on either in a few."""
AT_ONCE = 2
"""Workers beside each other: each dies on its own."""
EARLY_S = 2.0
"""So long one lives at most that is to die before."""
KINDS = ("RECEIPT", "WITHDRAWAL_NOTE", "RETURN_LETTER", "CERTIFICATE")


class Office:
    """An instance whose documents are signed and sent by mail, and what is asked of it."""

    def __init__(self, app: Flask, of: Settings) -> None:
        self.app, self.of = app, of
        self.documents: list[UUID] = []
        self.mails: list[UUID] = []
        authority.init(of.keys.folder, signatures.ORGANISATION, signatures.now())
        with app.app_context():
            call = Call(
                id=new_id(), key="c", procedure="candidacy", status="open", definition={}, definition_sha256="",
                opens_at=now(), closes_at=now(), created_at=now(),
            )  # fmt: skip
            db.session.add(call)
            db.session.commit()
            self.call_id = call.id

    def issue(self) -> None:
        """One document more, a mail that carries it, and one that waits for nothing."""
        number = len(self.documents)
        kind, language = KINDS[number % len(KINDS)], ("en", "fr")[number % 2]
        with self.app.app_context():
            document = Document(
                kind=kind, call_id=self.call_id, language=language, context=samples.SAMPLES[kind](), images={},
                issued_at=now(), subject_id=new_id(),
            )  # fmt: skip
            db.session.add(document)
            db.session.flush()
            queue.enqueue(db.session, JobKind.RENDER, document.id, now=now())
            mails = [
                mailing.queue_mail(db.session, "a@b.example", "en", "dossier_act", CONTEXT, now=now(), document=carried)
                for carried in (document, None)
            ]
            db.session.commit()
            self.documents.append(document.id)
            self.mails += [mail.id for mail in mails]

    def let_leases_run_out(self) -> None:
        """As if their time had gone by; a living worker's too, so that two are at one job now and then."""
        with self.app.app_context():
            past = now() - timedelta(seconds=1)
            running = sa.update(Job).where(Job.status == JobStatus.RUNNING)
            db.session.execute(running.values(lease_until_at=past))
            db.session.execute(sa.update(Job).where(Job.status == JobStatus.QUEUED).values(not_before_at=past))
            db.session.commit()

    def left(self) -> int:
        with self.app.app_context():
            return db.session.scalar(sa.select(sa.func.count()).where(Job.status != JobStatus.DONE)) or 0

    def all_done(self) -> bool:
        self.let_leases_run_out()
        return self.left() == 0


def now() -> datetime:
    return datetime.now(UTC)


def environment(of: Settings) -> dict[str, str]:
    return {"RVC_DATA": str(of.data), "RVC_DATABASE_URL": of.database_url}


class Doomed:
    """A worker that is to be killed at a random moment: most once they have begun, some before."""

    def __init__(self, office: Office, chance: random.Random, at_work_s: float = 0) -> None:
        command, environ = [RVC, "worker"], {**os.environ, **environment(office.of)}
        self._process = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)
        early = chance.random() < 0.2
        self._life = chance.uniform(0, EARLY_S if early else at_work_s)
        self._dies_at = time.monotonic() + self._life if early else None

    def is_due(self) -> bool:
        assert self._process.poll() is None, "a worker ended by itself"
        if self._dies_at is None and self.has_begun():
            self._dies_at = time.monotonic() + self._life
        return self._dies_at is not None and time.monotonic() >= self._dies_at

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def has_begun(self) -> bool:
        """Its child has the threads that take jobs from the queue."""
        with contextlib.suppress(psutil.NoSuchProcess):
            return any(child.num_threads() > 1 for child in psutil.Process(self._process.pid).children())
        return False


def time_of_a_job(office: Office) -> float:
    """Seconds from the beginning of a worker until its first job is done, on this machine now."""
    first, left = Doomed(office, random.Random(0)), office.left()
    try:
        wait_for(first.has_begun)
        begun = time.monotonic()
        wait_for(lambda: office.left() < left)
        return time.monotonic() - begun
    finally:
        first.kill()
        office.let_leases_run_out()


def kill_at_random(office: Office, kills: int, chance: random.Random) -> None:
    """So many workers, two at a time, none of which ends by itself."""
    at_work_s = 2 * time_of_a_job(office)
    living: list[Doomed] = []
    started = 0
    try:
        while started < kills or living:
            if started < kills and len(living) < AT_ONCE:
                living.append(Doomed(office, chance, at_work_s))
                started += 1
                if started % 3 == 0:
                    office.issue()
            for doomed in [one for one in living if one.is_due()]:
                doomed.kill()
                living.remove(doomed)
                office.let_leases_run_out()
            time.sleep(0.02)
    finally:
        for doomed in living:
            doomed.kill()


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_kills_lose_nothing_issue_nothing_twice_and_suspect_nobody(
    either_database: Settings, make_app: MakeApp
) -> None:
    seed = int(os.environ.get("RVC_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
    print(f"RVC_SEED={seed}")
    office = Office(make_app(either_database), either_database)
    for _ in range(10):
        office.issue()
    before = time.monotonic()
    kills = int(os.environ.get("RVC_KILLS", "0")) or KILLS[sa.make_url(either_database.database_url).get_backend_name()]
    kill_at_random(office, kills, random.Random(seed))
    print(f"{kills} kills in {time.monotonic() - before:.0f} s, {office.left()} jobs left")
    with worker(environment(office.of)):
        wait_for(office.all_done, 900, step=1)
    everything_is_there_once(office, kills)


def everything_is_there_once(office: Office, kills: int) -> None:
    files = Files(office.of.storage_url)
    with office.app.app_context():
        every_job = db.session.scalars(sa.select(Job)).all()
        assert {(job.status, job.deaths, job.set_aside_at) for job in every_job} == {(JobStatus.DONE, 0, None)}
        per_kind = {
            kind: sorted(j.subject_id for j in every_job if j.kind == kind) for kind in {j.kind for j in every_job}
        }
        assert per_kind == {
            JobKind.RENDER: sorted(office.documents), JobKind.SIGN: sorted(office.documents), JobKind.MAIL: sorted(office.mails),
        }  # fmt: skip
        losses = [job.losses for job in every_job]
        print(f"{sum(losses)} killed at work, {max(losses)} at one job")
        assert sum(losses) > kills / 10, "hardly anybody was killed at work"
        rows = db.session.scalars(sa.select(Document)).all()
        assert sorted(row.id for row in rows) == sorted(office.documents)
        for row in rows:
            assert row.signing == Signing.SIGNED
            content, signed = (
                files.get(str(row.content_sha256)),
                files.get(str(row.file_sha256)),
            )  # equal to their hashes
            assert signed.startswith(content)
            assert (len(content), len(signed)) == (row.size, row.file_size)
        assert {mail.id for mail in db.session.scalars(sa.select(Mail)) if mail.sent_at} == set(office.mails)
        sent = sorted(path.name[-40:-4] for path in (office.of.data / "mail").iterdir())
        assert sent == sorted(map(str, office.mails)), "each is there, and nothing half-written"
    nothing_half_written_stays(office, files)


def nothing_half_written_stays(office: Office, files: Files) -> None:
    assert files.folder is not None
    drafts = [path for path in files.folder.rglob(".*") if path.is_file()]
    print(f"{len(drafts)} drafts of killed workers")
    for path in drafts:
        long_ago = time.time() - LEFT_S - 1
        os.utime(path, (long_ago, long_ago))
    office.app.extensions[jobs.EXTENSION].tidy()
    assert [path for path in files.folder.rglob(".*") if path.is_file()] == []


def the_one_at_work(process: subprocess.Popen[str]) -> psutil.Process:
    (child,) = psutil.Process(process.pid).children()
    return child


def test_a_job_that_kills_its_worker_is_set_aside_and_the_worker_goes_on(
    sqlite: Settings, make_app: MakeApp, inbox: tuple[SlowInbox, str]
) -> None:
    """As the system ends a process that asks for too much memory: the one at work, and not the one that watches it."""
    slow, app = inbox[0], make_app(sqlite)
    environ = {"RVC_DATA": str(sqlite.data), "RVC_MAIL_URL": inbox[1]}

    def one(job_id: UUID) -> Job:
        with app.app_context():
            return db.session.get_one(Job, job_id)

    def add() -> UUID:
        with app.app_context():
            mail = mailing.queue_mail(db.session, "a@b.example", "en", "dossier_act", CONTEXT, now=now())
            db.session.commit()
            return db.session.scalars(sa.select(Job.id).where(Job.subject_id == mail.id)).one()

    deadly = add()
    with worker(environ) as process:
        for deaths in range(1, queue.DEATHS + 1):
            assert slow.came.wait(60)
            slow.came.clear()
            os.kill(the_one_at_work(process).pid, signal.SIGKILL)
            wait_for(lambda deaths=deaths: one(deadly).deaths == deaths)  # type: ignore[misc]
            with app.app_context():  # as if the time of its pause had gone by
                db.session.execute(sa.update(Job).values(not_before_at=now() - timedelta(seconds=1)))
                db.session.commit()
                app.extensions[jobs.EXTENSION].wake()
        assert process.poll() is None
        assert one(deadly).status == JobStatus.FAILED
        assert one(deadly).error == queue.KILLED
        slow.held = False
        innocent = add()
        wait_for(lambda: one(innocent).status == JobStatus.DONE)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert one(deadly).set_aside_at is not None


def test_a_kill_from_outside_takes_the_one_at_work_along_and_blames_nobody(
    sqlite: Settings, make_app: MakeApp, inbox: tuple[SlowInbox, str]
) -> None:
    slow, app = inbox[0], make_app(sqlite)
    with app.app_context():
        mailing.queue_mail(db.session, "a@b.example", "en", "dossier_act", CONTEXT, now=now())
        db.session.commit()
    with worker({"RVC_DATA": str(sqlite.data), "RVC_MAIL_URL": inbox[1]}) as process:
        assert slow.came.wait(60)
        at_work = the_one_at_work(process)
        process.kill()
        at_work.wait(10)
    with app.app_context():
        row = db.session.scalars(sa.select(Job)).one()
        assert (row.status, row.deaths) == (JobStatus.RUNNING, 0), "its lease will run out"
