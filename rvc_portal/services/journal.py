"""The journal's only writer, and the check that nobody rewrote it."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import rfc8785
import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.models.journal import JournalEntry

BEGINNING = "0" * 64
"""What the first entry of a chain has for a predecessor."""


def append(
    session: Session, chain: UUID, transition: str, *, actor_id: UUID | None, now: datetime, reason: str = "",
    payload: Mapping[str, Any] | None = None,
) -> JournalEntry:  # fmt: skip
    """Add one act to a chain; the caller holds the lock of the dossier or the call that the chain belongs to."""
    last = session.scalar(
        sa.select(JournalEntry.hash).where(JournalEntry.chain == chain).order_by(JournalEntry.id.desc()).limit(1)
    )
    entry = JournalEntry(
        chain=chain, at=now, actor_id=actor_id, transition=transition, reason=reason, payload=dict(payload or {}),
        previous=last or BEGINNING,
    )  # fmt: skip
    entry.hash = entry_hash(entry)
    session.add(entry)
    session.flush()
    return entry


def entry_hash(entry: JournalEntry) -> str:
    """SHA-256 of the entry's canonical JSON (RFC 8785), the hash before it included."""
    stated = {
        "chain": str(entry.chain),
        "at": entry.at.astimezone(UTC).isoformat(),  # in whatever zone it came, it is read back in UTC
        "actor_id": str(entry.actor_id) if entry.actor_id else None,
        "transition": entry.transition,
        "reason": entry.reason,
        "payload": entry.payload,
        "previous": entry.previous,
    }
    return hashlib.sha256(rfc8785.dumps(stated)).hexdigest()


def first_broken(session: Session, chain: UUID) -> JournalEntry | None:
    """The first entry of the chain that does not follow from the one before it or was altered; None when all is well."""
    previous = BEGINNING
    for entry in session.scalars(sa.select(JournalEntry).where(JournalEntry.chain == chain).order_by(JournalEntry.id)):
        if entry.previous != previous or entry.hash != entry_hash(entry):
            return entry
        previous = entry.hash
    return None
