"""Jobs are written with their cause, done by one worker at a time, and never lost."""

import datetime as dt
from collections.abc import Iterator
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.vocabulary import JobKind, JobStatus
from rvc_portal.models.base import db
from rvc_portal.models.job import Job
from rvc_portal.services import queue
from rvc_portal.settings import Settings
from tests.conftest import MakeApp

NOW = dt.datetime(2015, 7, 15, 12, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def session(either_database: Settings, make_app: MakeApp) -> Iterator[Session]:
    with make_app(either_database).app_context():
        yield db.session()


@pytest.fixture
def woken(session: Session) -> list[int]:
    """How often a worker was woken."""
    calls: list[int] = []
    queue.trigger_with(db.engine, lambda: calls.append(1))
    return calls


def add(session: Session, number: int = 1, priority: int = 5, now: dt.datetime = NOW) -> Job:
    return queue.enqueue(session, JobKind.RENDER, UUID(int=number), now=now, priority=priority)


def states(session: Session) -> dict[int, str]:
    session.expire_all()
    return {job.subject_id.int: job.status for job in session.scalars(sa.select(Job))}


def test_a_worker_is_woken_after_the_commit_only(session: Session, woken: list[int]) -> None:
    add(session, 1)
    add(session, 2)
    session.flush()
    assert woken == []
    session.commit()
    assert len(woken) == 2
    session.commit()
    assert len(woken) == 2


def test_a_savepoint_wakes_nobody(session: Session, woken: list[int]) -> None:
    with session.begin_nested():
        add(session)
    assert woken == []
    session.commit()
    assert len(woken) == 1


def test_what_is_rolled_back_is_no_job(session: Session, woken: list[int]) -> None:
    add(session)
    session.rollback()
    session.commit()
    assert woken == []
    assert queue.due(session, NOW) == 0


def test_a_queue_that_is_down_does_not_undo_the_act(session: Session, caplog: pytest.LogCaptureFixture) -> None:
    def down() -> None:
        raise ConnectionError("no queue")

    queue.trigger_with(db.engine, down)
    add(session)
    session.commit()
    assert queue.due(session, NOW) == 1
    assert "wait for the next sweep" in caplog.text


def test_jobs_are_taken_by_priority_then_age(session: Session) -> None:
    add(session, 1, now=NOW - SECOND)
    add(session, 2, priority=1)
    add(session, 3, now=NOW - 2 * SECOND)
    session.commit()
    taken = [queue.claim(session, NOW) for _ in range(4)]
    assert [job.subject_id.int for job in taken if job] == [2, 3, 1]
    assert taken[3] is None


def test_a_claimed_job_is_nobody_elses_until_its_lease_ends(session: Session) -> None:
    add(session)
    session.commit()
    assert queue.claim(session, NOW)
    assert queue.claim(session, NOW + queue.LEASE) is None
    again = queue.claim(session, NOW + queue.LEASE + SECOND)
    assert again is not None
    assert (again.attempts, again.losses, again.deaths) == (1, 1, 0), "a worker that is gone is no attempt"


def test_a_job_that_lost_its_worker_comes_after_those_that_lost_none(session: Session) -> None:
    add(session, 1, priority=1)
    add(session, 2)
    session.commit()
    lost = queue.claim(session, NOW)
    assert lost is not None
    assert lost.subject_id.int == 1
    later = NOW + queue.LEASE + SECOND
    assert [job.subject_id.int for job in (queue.claim(session, later) for _ in range(2)) if job] == [2, 1]


def test_a_done_job_is_done(session: Session) -> None:
    job = add(session)
    session.commit()
    queue.claim(session, NOW)
    queue.complete(session, job.id, NOW + SECOND)
    session.commit()
    assert states(session) == {1: JobStatus.DONE}
    assert job.done_at == NOW + SECOND
    assert queue.claim(session, NOW + dt.timedelta(days=1)) is None


def test_a_failed_job_waits_longer_each_time_and_then_stays_failed(session: Session) -> None:
    job = add(session)
    session.commit()
    waits, at = [], NOW
    for _ in range(queue.ATTEMPTS):
        assert queue.claim(session, at - SECOND) is None
        assert queue.claim(session, at)
        queue.fail(session, job.id, at, "the disk is full")
        session.commit()
        waits.append(job.not_before_at - at)
        at = job.not_before_at
    assert waits == sorted(set(waits))
    assert states(session) == {1: JobStatus.FAILED}
    assert job.error == "the disk is full"
    assert queue.claim(session, at + dt.timedelta(days=9)) is None


def test_a_failed_job_can_be_tried_again(session: Session, woken: list[int]) -> None:
    job = add(session)
    session.commit()
    woken.clear()
    queue.retry(session, job.id, NOW)  # it has not failed: nothing to do
    session.commit()
    assert woken == []
    job.status, job.attempts = JobStatus.FAILED, queue.ATTEMPTS
    session.commit()
    queue.retry(session, job.id, NOW)
    session.commit()
    assert len(woken) == 1
    assert queue.claim(session, NOW)


def test_a_job_that_kills_its_worker_three_times_is_set_aside(session: Session) -> None:
    job = add(session)
    session.commit()
    at = NOW
    for deaths in range(1, queue.DEATHS + 1):
        assert queue.claim(session, at)
        assert queue.died(session, job.id, at) is (deaths == queue.DEATHS)
        session.commit()
        session.refresh(job)
        assert (job.deaths, job.lease_until_at, job.error) == (deaths, None, queue.KILLED)
        at += queue.LEASE
    assert (job.status, job.set_aside_at) == (JobStatus.FAILED, at - queue.LEASE)
    assert queue.claim(session, at) is None
    assert not queue.died(session, job.id, at), "nobody is at it"
    assert queue.retry(session, job.id, at)
    session.commit()
    session.refresh(job)
    assert (job.status, job.deaths, job.set_aside_at) == (JobStatus.QUEUED, 0, None)


def test_a_job_whose_worker_is_only_gone_is_tried_many_times_and_not_for_ever(session: Session) -> None:
    job = add(session)
    session.commit()
    at = NOW
    for losses in range(queue.LOSSES):
        assert queue.give_up_lost(session, at) == 0
        assert queue.claim(session, at)
        session.refresh(job)
        assert (job.losses, job.attempts, job.deaths) == (losses, 1, 0)
        session.commit()
        at += queue.LEASE + SECOND
    assert queue.claim(session, at) is None
    assert queue.give_up_lost(session, at) == 1
    session.commit()
    session.refresh(job)
    assert (job.status, job.set_aside_at, job.error) == (JobStatus.FAILED, at, queue.KILLED)
    assert queue.give_up_lost(session, at) == 0
    assert queue.retry(session, job.id, at)
    session.refresh(job)
    assert job.losses == 0


def test_failures_are_no_deaths(session: Session) -> None:
    job = add(session)
    session.commit()
    at = NOW
    for _ in range(queue.ATTEMPTS - 1):
        assert queue.claim(session, at)
        queue.fail(session, job.id, at, "the disk is full")
        at = job.not_before_at
    assert (job.deaths, job.losses, job.status) == (0, 0, JobStatus.QUEUED)


def test_what_would_fail_again_is_given_up_at_once(session: Session) -> None:
    job = add(session)
    session.commit()
    assert queue.claim(session, NOW)
    queue.give_up(session, job.id, NOW, "KeysError: the password is wrong")
    session.commit()
    session.refresh(job)
    assert (job.status, job.attempts, job.set_aside_at) == (JobStatus.FAILED, 1, None)
    assert queue.claim(session, NOW + dt.timedelta(days=1)) is None
    assert queue.retry(session, job.id, NOW)
    assert queue.claim(session, NOW)


def test_what_waits_or_failed_can_be_set_aside_and_taken_up_again(session: Session, woken: list[int]) -> None:
    job = add(session)
    session.commit()
    assert queue.set_aside(session, job.id, NOW)
    assert not queue.set_aside(session, job.id, NOW + SECOND)
    session.commit()
    session.refresh(job)
    assert (job.status, job.set_aside_at) == (JobStatus.FAILED, NOW)
    assert queue.claim(session, NOW + dt.timedelta(days=1)) is None
    assert queue.retry(session, job.id, NOW)
    session.commit()
    assert queue.claim(session, NOW)
    assert not queue.set_aside(session, job.id, NOW)  # somebody is at it
    queue.complete(session, job.id, NOW)
    assert not queue.set_aside(session, job.id, NOW)
    assert not queue.retry(session, job.id, NOW)


def test_the_page_that_is_laid_out_is_noted_and_keeps_the_lease(session: Session) -> None:
    job = add(session)
    session.commit()
    queue.at_page(session, job.subject_id, 3, NOW)  # nobody is at it
    session.refresh(job)
    assert job.page is None
    assert queue.claim(session, NOW)
    queue.at_page(session, job.subject_id, 7, NOW + queue.LEASE)
    session.refresh(job)
    assert (job.page, job.lease_until_at) == (7, NOW + 2 * queue.LEASE)
    queue.fail(session, job.id, NOW, "the disk is full")
    assert job.page is None
