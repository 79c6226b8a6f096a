"""Acts of the Network itself: its own chain of the journal, the lock that keeps the chain one, and its documents.

What is recorded here belongs to no call and no dossier, so that a chain of theirs could not hold it (ADR 33).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Doc, Role
from rvc_portal.language import LANGUAGES
from rvc_portal.models.document import Document
from rvc_portal.services import documents, journal
from rvc_portal.services.contexts.parts import Draft

CHAIN = journal.NETWORK
NAME = "NETWORK"
"""How references of its documents begin."""


def hold(session: Session) -> None:
    """Let one act of the Network happen at a time, until the transaction ends. SQLite's writers queue as it is."""
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(CHAIN.int >> 66)))


def note(
    session: Session, act: str, *, actor: Actor, now: datetime, reason: str = "", payload: Mapping[str, Any]
) -> None:  # fmt: skip
    """Write the act into the Network's chain; the caller holds it."""
    journal.append(session, CHAIN, act, actor_id=actor.account_id, now=now, reason=reason, payload=payload)


def issue(
    session: Session, kind: Doc, draft: Draft, *, now: datetime, act: str, subject_id: UUID | None = None
) -> list[Document]:  # fmt: skip
    """Issue a document of the Network in each of its languages; an earlier one on the same subject is superseded."""
    subject = f"{NAME}/{subject_id.hex[:6].upper()}" if subject_id else NAME
    return [
        documents.write(
            session, kind, draft, now=now, transition=act, call_id=None, subject_id=subject_id, language=language,
            subject=subject,
        )
        for language in LANGUAGES
    ]  # fmt: skip


def require_secretariat(actor: Actor) -> None:
    """Raises Refused for anybody else."""
    if not actor.has(Role.SECRETARIAT):
        raise Refused([Refusal(N_("Your role does not allow this."))])
