"""Work in the background as people steer it: tried again, or set aside."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import NotFound, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Role
from rvc_portal.models.document import Document
from rvc_portal.models.job import Job
from rvc_portal.queries import work as query
from rvc_portal.services import queue


def retry(session: Session, job_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Have a job that failed, or was set aside, tried again. Raises NotFound, Refused."""
    job = _mine(session, job_id, actor)
    if not queue.retry(session, job.id, now):
        raise Refused([Refusal(N_("Only work that failed or was set aside can be tried again."))])


def set_aside(session: Session, job_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Keep a job that waits, or failed, from being tried. Raises NotFound, Refused."""
    job = _mine(session, job_id, actor)
    if not queue.set_aside(session, job.id, now):
        raise Refused([Refusal(N_("Only work that waits or failed can be set aside."))])


def retry_document(session: Session, document: Document, *, actor: Actor, now: datetime) -> None:
    """Have a document tried again for one who may read it; nothing where it is made, or waits to be. Raises Refused for one
    that was set aside."""
    job = query.of_document(session, document.id)
    if job is None:
        return
    if job.set_aside_at is not None and not actor.has(Role.SECRETARIAT):
        raise Refused([Refusal(N_("This document was set aside: the Secretariat has it made again."))])
    queue.retry(session, job.id, now)


def _mine(session: Session, job_id: UUID, actor: Actor) -> Job:
    if not actor.has(Role.SECRETARIAT):
        raise Refused([Refusal(N_("Your role does not allow this."))])
    found = query.find(session, actor, job_id)
    if found is None:
        raise NotFound
    return found
