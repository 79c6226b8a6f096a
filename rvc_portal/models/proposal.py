"""Assignments that are proposed and not made yet: by the solver, or by a file that the Secretariat uploads."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from rvc_portal.models.base import Base, FrozenJson, new_id
from rvc_portal.models.call import Call


class Proposal(Base):
    """`inputs`: the problem (`domain.matching.Problem`) or the lines of the file (`domain.assigning.Line`), with their hash;
    `result`: what the solver found. Only the solver has a `seed`. `asking`: the pairs that the worker still has to ask for,
    on behalf of `asking_by`; `progress`: from 0 to 1, of the working out and then of the asking."""

    __tablename__ = "proposal"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[UUID] = mapped_column(sa.ForeignKey("call.id"), index=True)
    source: Mapped[str] = mapped_column(sa.String(12))
    created_at: Mapped[datetime]
    created_by: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"))
    seed: Mapped[int | None]
    inputs: Mapped[dict[str, Any]] = mapped_column(FrozenJson, deferred=True)
    inputs_sha256: Mapped[str] = mapped_column(sa.String(64))
    progress: Mapped[float] = mapped_column(default=0.0)
    cancelled_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(FrozenJson, deferred=True)
    asking: Mapped[list[Any] | None] = mapped_column(FrozenJson)
    asking_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"))
    call: Mapped[Call] = relationship()
