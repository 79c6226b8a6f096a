"""Documents: PDFs issued by transitions, kept by hash, superseded, never overwritten."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from rvc_portal.domain.codes import LENGTH, code_of
from rvc_portal.domain.vocabulary import Signing
from rvc_portal.models.base import Base, FrozenJson, new_id


def _code(row: Any) -> str:
    return code_of(row.get_current_parameters()["id"])


class Document(Base):
    """One document of a dossier, of a call, of a field of a call, of a sitting of the Steering Group (`variant`: which of its
    items are closed in it; None: all stand open), or of the Network (no call; `subject_id`: the election or the co-option
    that it tells of). `account_id`: whose it is, where it was made for one person. `context` is all that its template sees,
    frozen when it was issued; `context_sha256` covers it with the kind, the language and the images; `content_sha256` stays
    empty until the worker has rendered and stored it. A held one waits for publication. `code` leads to its public page,
    whose address begins with `base_url` as it was when the file was made. Where the office has keys the signed file is kept
    besides, as `file_sha256`: it begins with the content."""

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
    account_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("account.id"), index=True)
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
    code: Mapped[str] = mapped_column(sa.String(LENGTH), default=_code, unique=True)
    base_url: Mapped[str | None] = mapped_column(sa.Text)
    signing: Mapped[str | None] = mapped_column(sa.String(12))  # vocabulary.Signing; None: there were no keys
    file_sha256: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    file_size: Mapped[int | None]
    signed_at: Mapped[datetime | None]
    signature_level: Mapped[str | None] = mapped_column(sa.String(8))
    signing_error: Mapped[str | None] = mapped_column(sa.Text)

    ABOUT = ("call_id", "dossier_id", "evaluation_id", "field", "subject_id", "session_id", "variant", "account_id")
    """The columns that say what a document is about: those of one kind and language that agree in them replace each other."""

    @hybrid_property
    def ready(self) -> bool:
        """Whether somebody can have it: rendered, and signed where it is to be."""
        return self.content_sha256 is not None and self.signing != Signing.WAITING

    @ready.inplace.expression
    @classmethod
    def _is_ready(cls) -> sa.ColumnElement[bool]:
        return sa.and_(cls.content_sha256.is_not(None), cls.signing.is_distinct_from(Signing.WAITING))

    @property
    def stored_sha256(self) -> str | None:
        """The file that is handed out: the signed one, or the content where there is none."""
        return self.file_sha256 or self.content_sha256

    @property
    def stored_size(self) -> int | None:
        """Its bytes."""
        return self.file_size if self.file_sha256 else self.size


class DocumentPart(Base):
    """That a document holds another one whole: nobody reads the one who may not read the other."""

    __tablename__ = "document_part"
    document_id: Mapped[UUID] = mapped_column(sa.ForeignKey("document.id"), primary_key=True)
    part_id: Mapped[UUID] = mapped_column(sa.ForeignKey("document.id"), primary_key=True, index=True)
