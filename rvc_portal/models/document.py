"""Documents: PDFs issued by transitions, kept by hash, superseded, never overwritten."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from rvc_portal.models.base import Base, FrozenJson, new_id


class Document(Base):
    """One document of a dossier, of a call, of a field of a call, of a sitting of the Steering Group (`variant`: which of its
    items are closed in it; None: all stand open), or of the Network (no call; `subject_id`: the election or the co-option
    that it tells of). `context` is all that its template sees, frozen when it was issued; `context_sha256` covers it with the
    kind, the language and the images; `content_sha256` stays empty until the worker has rendered and stored it. A held one
    waits for publication."""

    __tablename__ = "document"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(sa.String(40))
    call_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("call.id"), index=True)
    dossier_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("dossier.id"), index=True)
    field: Mapped[str | None] = mapped_column(sa.String(40))
    subject_id: Mapped[UUID | None] = mapped_column(index=True)
    evaluation_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("evaluation.id"), index=True)
    session_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("steering_session.id"), index=True)
    variant: Mapped[str | None] = mapped_column(sa.String(64))
    language: Mapped[str] = mapped_column(sa.String(8))
    context: Mapped[dict[str, Any]] = mapped_column(FrozenJson, deferred=True)
    context_sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    images: Mapped[dict[str, Any]] = mapped_column(FrozenJson, default=dict)  # key in the template → storage key
    issued_at: Mapped[datetime]
    held: Mapped[bool] = mapped_column(default=False)
    superseded_at: Mapped[datetime | None]
    content_sha256: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    pages: Mapped[int | None]
    size: Mapped[int | None]
    renderer: Mapped[str | None] = mapped_column(sa.String(64))
    rendered_at: Mapped[datetime | None]

    @property
    def ready(self) -> bool:
        return self.content_sha256 is not None
