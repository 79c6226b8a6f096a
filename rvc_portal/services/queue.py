"""Work after the commit: a job's row is written by the transaction that causes it, so that a crash loses none.

The row is the truth. A queue elsewhere only says that there is something to do: its messages may be lost or come
twice. Hence every job must be idempotent; it is done at least once, by whoever claims its row for a lease.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Session, scoped_session

from rvc_portal.domain.vocabulary import JobKind, JobStatus
from rvc_portal.models.base import new_id
from rvc_portal.models.job import Job

AnySession = Session | scoped_session[Session]

LEASE = timedelta(minutes=2)
"""Longer than the longest document takes; a worker that died gives its job up after it."""
ATTEMPTS = 5
DEATHS = 3
"""So many workers may die of a job: whatever in it kills them would kill the next one, too."""
LOSSES = 20
"""So many may be gone for reasons of their own (a machine switched off, a kill from outside) before a job is suspected after
all: one that takes its machine along leaves nobody who could say so."""
KILLED = "the worker was stopped each time it did this"
FIRST_DELAY = timedelta(seconds=10)
CANDIDATES = 20
"""As many workers may race for the head of the queue before one goes home without a job."""

Trigger = Callable[[], None]
"""Called for each job once its row is committed: there is one thing more to do."""

_triggers: WeakKeyDictionary[sa.Engine, Trigger] = WeakKeyDictionary()
_log = logging.getLogger(__name__)
_NOTED = "queued jobs"


def enqueue(
    session: AnySession,
    kind: JobKind,
    subject_id: UUID,
    *,
    now: datetime,
    priority: int = 5,
    job_id: UUID | None = None,
    not_before: datetime | None = None,
) -> Job:
    """Add to the caller's transaction the job to do the work of this kind on the subject. Lower priority runs first. `job_id`:
    where the caller has an id for it; `not_before`: when it is due, now unless it is named."""
    job = Job(
        id=job_id or new_id(), kind=kind, subject_id=subject_id, priority=priority, queued_at=now,
        not_before_at=not_before or now,
    )  # fmt: skip
    session.add(job)
    session.info.setdefault(_NOTED, []).append(job.id)
    return job


def trigger_with(engine: sa.Engine, trigger: Trigger) -> None:
    """From now on call `trigger` for each job committed through `engine`. It may fail: the sweep finds the row."""
    _triggers[engine] = trigger


def due(session: AnySession, now: datetime) -> int:
    """How many jobs a worker may take now."""
    return session.scalar(sa.select(sa.func.count()).select_from(Job).where(_due(now))) or 0


def claim(session: AnySession, now: datetime) -> Job | None:
    """Take the first job that is due, for one lease; None where there is none, or others were faster. One whose worker was gone
    comes after those that lost none, so that it holds up nobody, and that was no attempt of its own."""
    lost = sa.case((Job.status == JobStatus.RUNNING, 1), else_=0)
    order = (Job.losses + lost, Job.priority, Job.queued_at, Job.id)
    first = sa.select(Job).where(_due(now)).order_by(*order).limit(CANDIDATES)
    taken = {
        "status": JobStatus.RUNNING, "attempts": Job.attempts + 1 - lost, "lease_until_at": now + LEASE, "page": None,
        "losses": Job.losses + lost,
    }  # fmt: skip
    for job in session.scalars(first).all():
        if _change(session, sa.and_(Job.id == job.id, _due(now)), taken):
            session.refresh(job)
            return job
    return None


def prolong(session: AnySession, kind: JobKind, subject_id: UUID, now: datetime) -> None:
    """Keep a job that runs for another lease from now: it takes longer than one, and its worker lives."""
    running = sa.and_(Job.kind == kind, Job.subject_id == subject_id, Job.status == JobStatus.RUNNING)
    _change(session, running, {"lease_until_at": now + LEASE})


def at_page(session: AnySession, document_id: UUID, page: int, now: datetime) -> None:
    """Note how far the layout of a document has come, which keeps its job for another lease."""
    running = sa.and_(Job.kind == JobKind.RENDER, Job.subject_id == document_id, Job.status == JobStatus.RUNNING)
    _change(session, running, {"page": page, "lease_until_at": now + LEASE})


def complete(session: AnySession, job_id: UUID, now: datetime) -> None:
    """Note that the job is done, in the transaction that records its result."""
    _change(
        session, Job.id == job_id, {"status": JobStatus.DONE, "done_at": now, "lease_until_at": None, "error": None}
    )


def fail(session: AnySession, job_id: UUID, now: datetime, error: str) -> JobStatus:
    """Put the job back for later, each time for longer; after the last attempt it stays failed. `error`: to be seen."""
    job = session.get_one(Job, job_id)
    job.status = JobStatus.FAILED if job.attempts >= ATTEMPTS else JobStatus.QUEUED
    job.not_before_at = now + FIRST_DELAY * 4 ** (job.attempts - 1)
    job.lease_until_at, job.error, job.page = None, error, None
    return JobStatus(job.status)


def give_up(session: AnySession, job_id: UUID, now: datetime, error: str) -> None:
    """Note that the job failed and would fail again, however often: nobody tries it before somebody says so."""
    _change(
        session, Job.id == job_id, {"status": JobStatus.FAILED, "lease_until_at": None, "error": error, "page": None}
    )


def died(session: AnySession, job_id: UUID, now: datetime) -> bool:
    """A worker died of the job, which is put back, or set aside if it was the last time; whether it was."""
    running = sa.and_(Job.id == job_id, Job.status == JobStatus.RUNNING)
    told = {"deaths": Job.deaths + 1, "error": KILLED}
    if _change(session, sa.and_(running, Job.deaths + 1 >= DEATHS), {**_aside(now), **told}):
        return True
    put_back = {"status": JobStatus.QUEUED, "not_before_at": now + FIRST_DELAY, "lease_until_at": None, "page": None}
    _change(session, running, {**put_back, **told})
    return False


def give_up_lost(session: AnySession, now: datetime) -> int:
    """Set aside the jobs that no worker ever came back from; how many there were."""
    lost = sa.and_(Job.status == JobStatus.RUNNING, Job.lease_until_at < now, Job.losses + 1 >= LOSSES)
    return _change(session, lost, {**_aside(now), "losses": Job.losses + 1, "error": KILLED})


def set_aside(session: AnySession, job_id: UUID, now: datetime) -> bool:
    """Keep a job that waits, or failed, from being tried; whether there was one."""
    idle = Job.status.in_((JobStatus.QUEUED, JobStatus.FAILED))
    return bool(_change(session, sa.and_(Job.id == job_id, idle, Job.set_aside_at.is_(None)), _aside(now)))


def retry(session: AnySession, job_id: UUID, now: datetime) -> bool:
    """Give a failed job all its attempts again; whether there was one."""
    again = {
        "status": JobStatus.QUEUED,
        "attempts": 0,
        "deaths": 0,
        "losses": 0,
        "not_before_at": now,
        "set_aside_at": None,
    }
    found = _change(session, sa.and_(Job.id == job_id, Job.status == JobStatus.FAILED), again)
    if found:
        session.info.setdefault(_NOTED, []).append(job_id)
    return bool(found)


def _aside(now: datetime) -> dict[str, object]:
    return {"status": JobStatus.FAILED, "set_aside_at": now, "lease_until_at": None, "page": None}


def _due(now: datetime) -> sa.ColumnElement[bool]:
    """Rows that a worker may take: queued and ripe, or running under a lease that ran out."""
    return sa.or_(
        sa.and_(Job.status == JobStatus.QUEUED, Job.not_before_at <= now),
        sa.and_(Job.status == JobStatus.RUNNING, Job.lease_until_at < now, Job.losses + 1 < LOSSES),
    )


def _change(session: AnySession, which: sa.ColumnElement[bool], values: dict[str, object]) -> int:
    changed = session.execute(sa.update(Job).where(which).values(values).execution_options(synchronize_session=False))
    return int(changed.rowcount)  # type: ignore[attr-defined]


@sa.event.listens_for(Session, "after_commit")
def _announce(session: Session) -> None:
    if session.in_nested_transaction() or not (noted := session.info.pop(_NOTED, None)):
        return
    if (trigger := _triggers.get(session.get_bind(Job).engine)) is None:
        return
    try:
        for _ in noted:
            trigger()
    except Exception:  # whatever the queue's engine may raise: the rows are safe, and what caused them is done
        _log.exception("the queue cannot be reached; the jobs wait for the next sweep")


@sa.event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_NOTED, None)
