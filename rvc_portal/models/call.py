"""A call: one dated run of a procedure."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from rvc_portal.models.base import Base, FrozenJson, new_id


class Call(Base):
    """`definition` is what the call's file said when it opened; from then on nothing rewrites it. It is long and read once
    in a process (queries.calls.definition), so it does not come along with the row. A `test` is the Secretariat's own:
    nobody else learns of it, and it is thrown away. `replies_opened_at`: since when cities may answer on facts."""

    __tablename__ = "call"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    procedure: Mapped[str] = mapped_column(sa.String(40))
    status: Mapped[str] = mapped_column(sa.String(20))
    definition: Mapped[dict[str, Any]] = mapped_column(FrozenJson, deferred=True)
    definition_sha256: Mapped[str] = mapped_column(sa.String(64))
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    replies_opened_at: Mapped[datetime | None]
    demonstration: Mapped[bool] = mapped_column(default=False)
    test: Mapped[bool] = mapped_column(default=False)
    next_number: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column(default=1)
