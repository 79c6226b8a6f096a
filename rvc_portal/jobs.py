"""The worker: it does what transitions left to be done after their commit.

Which jobs there are and who has which stands in the database (`services.queue`). Huey only wakes a worker: one message, one
job, whichever is first. Lost messages are made good by the sweep, surplus ones find nothing to do.
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any
from uuid import UUID

from flask import Flask
from huey import Huey, RedisHuey, SqliteHuey, crontab
from huey.consumer import Consumer
from sqlalchemy.orm import Session

from rvc_portal.documents import pdf
from rvc_portal.domain.vocabulary import JobKind
from rvc_portal.gateways import drafts
from rvc_portal.gateways.instance import Instance
from rvc_portal.gateways.processes import Hand
from rvc_portal.gateways.signing import KeysError
from rvc_portal.models.base import db
from rvc_portal.models.engine import writing
from rvc_portal.queries import results as results_query
from rvc_portal.queries.bundles import XLSX
from rvc_portal.services import (
    accounts,
    bundles,
    clause_reminders,
    delegates,
    interests,
    mailing,
    offline,
    previews,
    proof,
    proposals,
    publication,
    queue,
    rendering,
    results,
    signing,
    submission,
)

POLL_S = 0.5
"""Longest time between two looks at an embedded queue: a page shows its document this much later at most."""
LOOK_S = 1.0
"""Time between two looks whether a proposal is still wanted: a button to cancel it works this fast."""
MESSAGES_AT_MOST = 1000
EXTENSION = "rvc_jobs"
NEXT_JOB = "next_job"

Record = Callable[[Session, datetime], str | None]
"""Writes down what a job did; returns why trying it again would not help, where it failed for good."""

_log = logging.getLogger(__name__)


def open_queue(url: str) -> Huey:
    """The queue's engine: sqlite:///file or redis://host:port/number."""
    if url.startswith("sqlite:///"):
        return SqliteHuey("rvc", filename=url.removeprefix("sqlite:///"), results=False, timeout=10)
    return RedisHuey("rvc", url=url, results=False)


def init_jobs(app: Flask, instance: Instance) -> None:
    """Let the app's commits wake a worker, and give it the means to be one. After `models.engine.init_engine`."""
    jobs = app.extensions[EXTENSION] = Jobs(app, instance)
    with app.app_context():
        queue.trigger_with(db.engine, jobs.wake)


def drain(app: Flask, on_done: Callable[[], None] = lambda: None) -> int:
    """Do here and now all that is due, in order, calling `on_done` after each; how many jobs that was.

    Raises what a job raises, after it was put back for later.
    """
    jobs: Jobs = app.extensions[EXTENSION]
    done = 0
    while jobs.do_next():
        done += 1
        on_done()
    return done


def do_next(app: Flask) -> bool:
    """Do here and now the first job that is due; False when there is none."""
    jobs: Jobs = app.extensions[EXTENSION]
    return jobs.do_next()


def work(app: Flask, *, hand: Hand, killed_by: UUID | None, ready: Callable[[], None] = lambda: None) -> None:
    """Be the worker until a signal says otherwise: SIGTERM ends it after the job at hand, SIGINT at once. `hand`: shows which
    job that is; `killed_by`: the one that the worker before died of."""
    jobs: Jobs = app.extensions[EXTENSION]
    jobs.hold = hand.hold
    if killed_by is not None:
        jobs.mourn(killed_by)
    pdf.renderer_fingerprint()  # loads what renders now, and not while somebody waits for the first document
    jobs.huey.pending_count()  # a queue that cannot be reached is told now, and not in the log every second
    consumer = Consumer(jobs.huey, workers=1, max_delay=POLL_S, graceful_signal="TERM", shutdown_timeout=20)
    jobs.sweep()
    threading.Timer(0, ready).start()
    consumer.run()


class Jobs:
    """The means of one application's work after the commit."""

    def __init__(self, app: Flask, instance: Instance) -> None:
        self.app, self.instance = app, instance
        self.hold: Callable[[UUID | None], None] = _nothing
        """Told which job is at hand, and None after it."""
        self._does: dict[str, Callable[[UUID], Record]] = {
            JobKind.RENDER: self._render, JobKind.MAIL: self._mail, JobKind.PREVIEW: self._preview,
            JobKind.MATCH: self._match, JobKind.ASK: self._ask,
            JobKind.RANK: self._rank, JobKind.PACK: self._pack, JobKind.PUBLISH: self._publish,
            JobKind.BUNDLE: self._bundle, JobKind.SIGN: self._sign,
        }  # fmt: skip

    @cached_property
    def huey(self) -> Huey:
        """The queue, opened when something is first put into it or taken out."""
        huey = open_queue(self.instance.settings.queue_url)
        self._message = huey.task(name=NEXT_JOB)(self._next_or_log)
        huey.periodic_task(crontab(), name="sweep")(self.sweep)
        huey.periodic_task(crontab(), name="lapse")(self.lapse)
        huey.periodic_task(crontab(minute="0"), name="remind")(self.remind)
        huey.periodic_task(crontab(minute="10"), name="heads")(self.write_heads)
        huey.periodic_task(crontab(minute="20"), name="tidy")(self.tidy)
        return huey

    def wake(self) -> None:
        """Say that there is one job more to do."""
        self.huey.enqueue(self._message.s())

    def do_next(self) -> bool:
        """Do the first job that is due; False when there is none. Raises what the job raises, after it was put back."""
        with self._transaction() as session:
            job = queue.claim(session, self._now())
            claimed = (job.id, job.kind, job.subject_id) if job else None
        if claimed is None:
            return False
        job_id, kind, subject_id = claimed
        self.hold(job_id)
        try:
            self._do(job_id, kind, subject_id)
        except Exception as error:
            with self._transaction() as session:
                queue.fail(session, job_id, self._now(), f"{type(error).__name__}: {error}")
            raise
        finally:
            self.hold(None)
        return True

    def _do(self, job_id: UUID, kind: str, subject_id: UUID) -> None:
        record = self._does[kind](subject_id)
        with self._transaction() as session:
            if hopeless := record(session, self._now()):
                queue.give_up(session, job_id, self._now(), hopeless)
            else:
                queue.complete(session, job_id, self._now())

    def mourn(self, job_id: UUID) -> None:
        """Note that a worker died of this job."""
        with self._transaction() as session:
            if queue.died(session, job_id, self._now()):
                _log.error("a job was set aside: %d workers died of it", queue.DEATHS)
            else:
                _log.error("a worker died of a job, which is tried again")

    def tidy(self) -> None:
        """Take away what killed processes left half-written, and addresses that no limit counts any more."""
        for folder in filter(None, (self.instance.files.folder, self.instance.heads.folder)):
            drafts.forget(folder)
        with self._transaction() as session:
            accounts.forget_old_attempts(session, self._now())

    def sweep(self) -> None:
        """Send the messages that got lost, and close the jobs that no worker survived."""
        with self._transaction() as session:
            if lost := queue.give_up_lost(session, self._now()):
                _log.error("%d jobs were set aside: no worker came back from them", lost)
            mailing.let_go_lost(session, self._now())
            signing.give_up_lost(session, self._now())
            waiting = queue.due(session, self._now())
        if waiting:
            messages = sum(
                message.name == NEXT_JOB for message in self.huey.pending()
            )  # the clock's own stand there too
            for _ in range(min(waiting, MESSAGES_AT_MOST) - messages):
                self.wake()

    def lapse(self) -> None:
        """Let the files lapse whose window has closed."""
        with self._transaction() as session:
            submission.lapse_due(session, self._now())

    def remind(self) -> None:
        """Tell those whose declaration of interests ends soon, and cities whose delegates are awaited."""
        with self._transaction() as session:
            interests.remind(session, self._now())
            delegates.remind(session, self._now())
            delegates.close_due(session, self._now())
        """Tell those whose declaration of interests ends soon, and those who own a clause whose day comes or has passed."""
        with self._transaction() as session:
            interests.remind(session, self._now())
            clause_reminders.remind(session, self._now())

    def write_heads(self) -> None:
        """Keep outside the database where the journal's chains end, once a day, in the first hour that a worker is there."""
        with self._transaction(write=False) as session:
            sealed = proof.sealer(self.instance.office)
            proof.write_heads_of_the_day(session, self.instance.heads, self._now(), sealed)

    def _next_or_log(self) -> None:
        try:
            self.do_next()
        except Exception:
            _log.exception("a job failed and was put back")

    def _render(self, document_id: UUID) -> Record:
        with self._transaction(write=False) as session:
            source = rendering.frozen(session, document_id, self.instance.settings.base_url)
        if source is None:
            return _nothing
        stored = rendering.make(self.instance.files, source, self._pages(document_id))
        signs = self.instance.office.has_keys
        return lambda session, now: rendering.record(session, document_id, stored, now, signs=signs)

    def _sign(self, document_id: UUID) -> Record:
        """Keys that cannot sign will not in a minute either: the document goes out without a signature, and says so; the job
        waits for who mends them."""
        with self._transaction(write=False) as session:
            content = signing.unsigned(session, document_id)
        if content is None:
            return _nothing
        try:
            made = signing.make(self.instance.files, self.instance.office, content)
        except KeysError as error:
            _log.warning("a document cannot be signed: %s", error)
            return partial(signing.record_failed, document_id=document_id, error=error)
        return lambda session, now: signing.record(session, document_id, made, now)

    def _pages(self, document_id: UUID) -> Callable[[int], None]:
        """Tells the database where the layout is, once in a while: a short document is done before."""
        told_at = time.monotonic()

        def tell(page: int) -> None:
            nonlocal told_at
            if time.monotonic() - told_at >= LOOK_S:
                told_at = time.monotonic()
                with self._transaction() as session:
                    queue.at_page(session, document_id, page, self._now())

        return tell

    def _mail(self, mail_id: UUID) -> Record:
        with self._transaction(write=False) as session:
            message = mailing.unsent(session, mail_id, self.instance.settings.base_url, self.instance.files)
        if message is None:
            return _nothing
        self.instance.mailer.send(message)
        return lambda session, now: mailing.record_sent(session, mail_id, now)

    def _preview(self, attachment_id: UUID) -> Record:
        with self._transaction(write=False) as session:
            wanted = previews.source(session, attachment_id)
        made = previews.make(self.instance.files, wanted) if wanted else None
        if made is None:
            return _nothing
        return lambda session, now: previews.record(session, attachment_id, made)

    def _match(self, proposal_id: UUID) -> Record:
        from rvc_portal.gateways import solver  # only here: its libraries never come into a process that serves pages

        with self._transaction(write=False) as session:
            wanted = proposals.source(session, proposal_id)
        if wanted is None:
            return _nothing
        problem, seed = wanted
        try:
            found = solver.solve(problem, seed, _seldom(partial(self._go_on, proposal_id)))
        except solver.Cancelled:
            return _nothing
        return lambda session, now: proposals.record(session, proposal_id, problem, found, now)

    def _go_on(self, proposal_id: UUID, progress: float) -> bool:
        with self._transaction() as session:
            return proposals.go_on(session, proposal_id, progress, self._now())

    def _ask(self, proposal_id: UUID) -> Record:
        """A portion in each transaction, so that nobody waits long; a worker that dies loses none and repeats none."""
        with self._transaction(write=False) as session:
            left = every = proposals.left_to_ask(session, proposal_id)
        while left:
            with self._transaction() as session:
                left = proposals.ask_portion(session, proposal_id, every, self._now())
        return _nothing

    def _rank(self, ranking_id: UUID) -> Record:
        with self._transaction(write=False) as session:
            wanted = results.source(session, ranking_id)
            made = results_query.compute(wanted.call, wanted.entries) if wanted else None
        if wanted is None or made is None:
            return _nothing
        return lambda session, now: results.record(session, ranking_id, made, wanted, now)

    def _pack(self, pack_id: UUID) -> Record:
        with self._transaction(write=False) as session:
            wanted = offline.source(session, pack_id, self._now())
        if wanted is None:
            return _nothing
        stored = offline.make(self.instance.files, wanted, _seldom(partial(self._pack_goes_on, pack_id)))
        return lambda session, now: offline.record(session, pack_id, stored)

    def _pack_goes_on(self, pack_id: UUID, progress: float) -> bool:
        with self._transaction() as session:
            return offline.go_on(session, pack_id, progress, self._now())

    def _bundle(self, bundle_id: UUID) -> Record:
        """A portion in each transaction: a worker that dies loses one, and whoever cancels waits for one."""
        with self._transaction(write=False) as session:
            wanted = bundles.pending(session, bundle_id)
        if wanted is None:
            return _nothing
        form, left = wanted
        if form == XLSX:
            return self._answers(bundle_id)
        for first in range(0, len(left), bundles.PORTION):
            found = [bundles.measure(self.instance.files, sha256) for sha256 in left[first : first + bundles.PORTION]]
            with self._transaction() as session:
                if not bundles.measured(session, bundle_id, found, self._now()):
                    return _nothing
        with self._transaction(write=False) as session:
            listed, at, whole = bundles.listed(session, bundle_id)
        if not whole:
            return lambda session, now: bundles.come_back(session, bundle_id, now)
        sealed = bundles.seal(self.instance.files, listed, at)
        return lambda session, now: bundles.record(session, bundle_id, sealed, now)

    def _answers(self, bundle_id: UUID) -> Record:
        try:
            with self._transaction(write=False) as session:
                go = _seldom(partial(self._bundle_goes_on, bundle_id))
                sealed = bundles.write_answers(session, self.instance.files, bundle_id, go)
        except bundles.Unwanted:
            return _nothing
        return lambda session, now: bundles.record(session, bundle_id, sealed, now)

    def _bundle_goes_on(self, bundle_id: UUID, progress: float) -> bool:
        with self._transaction() as session:
            return bundles.go_on(session, bundle_id, progress, self._now())

    def _publish(self, plan_id: UUID) -> Record:
        """All of it in the transaction that notes the job as done: a worker that dies has published nothing."""
        return lambda session, now: publication.carry_out(session, plan_id, now)

    def _now(self) -> datetime:
        clock: Callable[[], datetime] = self.app.config.get("CLOCK") or (lambda: datetime.now(UTC))
        return clock()

    @contextmanager
    def _transaction(self, write: bool = True) -> Iterator[Session]:
        """A session of its own, committed at the end, rolled back by any exception."""
        token = writing.set(write)
        try:
            with self.app.app_context():
                yield db.session()
                if write:
                    db.session.commit()
        finally:
            writing.reset(token)


def _seldom(ask: Callable[[float], bool]) -> Callable[[float], bool]:
    """The same question, put to the database no more than once in a while; the first time at once."""
    asked_at = -math.inf

    def go(done: float) -> bool:
        nonlocal asked_at
        if time.monotonic() - asked_at < LOOK_S:
            return True
        asked_at = time.monotonic()
        return ask(done)

    return go


def _nothing(*_: Any) -> None:
    """It was done before, or cannot be done."""
