"""The journal's only writer, and the check of one chain; `services.proof` checks them all."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import rfc8785
import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.models.journal import JournalEntry

BEGINNING = "0" * 64
"""What the first entry of a chain has for a predecessor."""
NETWORK = UUID("6f2d3c58-41a7-4f0e-9b1d-5a7c0e2b9d10")
"""The Network's chain: there is one Network, so its name is a constant."""


@dataclass(frozen=True)
class Head:
    """Where a chain ends: the number of its last entry, counted from 1, and the hash of that entry."""

    number: int
    hash: str


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


def head(session: Session, chain: UUID) -> Head | None:
    """Where the chain ends now; None before its first entry."""
    counted = sa.select(sa.func.count()).where(JournalEntry.chain == chain).scalar_subquery()
    query = sa.select(counted, JournalEntry.hash).where(JournalEntry.chain == chain)
    found = session.execute(query.order_by(JournalEntry.id.desc()).limit(1)).one_or_none()
    return Head(*found) if found else None


def entry_hash(entry: JournalEntry) -> str:
    """What `stated_hash` makes of the entry."""
    return stated_hash(
        entry.chain, entry.at, entry.actor_id, entry.transition, entry.reason, entry.payload, entry.previous
    )


def stated_hash(
    chain: UUID, at: datetime, actor_id: UUID | None, transition: str, reason: str, payload: Any, previous: str
) -> str:
    """SHA-256 of an entry's canonical JSON (RFC 8785), the hash before it included. Raises ValueError for a payload that
    has no canonical form."""
    stated = {
        "chain": str(chain),
        "at": at.astimezone(UTC).isoformat(),  # in whatever zone it came, it is read back in UTC
        "actor_id": str(actor_id) if actor_id else None,
        "transition": transition,
        "reason": reason,
        "payload": payload,
        "previous": previous,
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
