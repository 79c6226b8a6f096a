"""The ranking of a field of a call, kept so that no page computes it."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from rvc_portal.models.base import Base


class Ranking(Base):
    """`content`: canonical JSON of `domain.ranking.Ranking`, made from the sheets whose canonical JSON has `inputs_sha256`.
    `version` counts the changes of the sheets; while `stale`, a job is on its way that takes in the latest."""

    __tablename__ = "ranking"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    call_id: Mapped[UUID] = mapped_column(sa.ForeignKey("call.id"), index=True)
    field: Mapped[str | None] = mapped_column(sa.String(40))
    version: Mapped[int] = mapped_column(default=0)
    stale: Mapped[bool] = mapped_column(default=False)
    computed_at: Mapped[datetime | None]
    inputs_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    content: Mapped[str | None] = mapped_column(sa.Text)
