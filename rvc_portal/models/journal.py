"""The journal: append-only history in hash chains, one per dossier, one per call and one of the Network."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from rvc_portal.models.base import Base, FrozenJson


class JournalEntry(Base):
    """One act. People stand here by id alone. `hash` covers the entry and the hash before it, so that a change of the
    past shows; the pair (chain, previous) is unique, so that a chain cannot fork."""

    __tablename__ = "journal_entry"
    id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)
    chain: Mapped[UUID]
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    transition: Mapped[str] = mapped_column(sa.String(40))
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    payload: Mapped[dict[str, Any]] = mapped_column(FrozenJson)
    previous: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))
    __table_args__ = (sa.UniqueConstraint("chain", "previous"), sa.Index(None, "chain", "id"))
