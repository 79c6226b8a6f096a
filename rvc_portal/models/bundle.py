"""Bundles: documents or answers chosen by one person, to be fetched as one file, today and later."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from rvc_portal.models.base import Base, FrozenJson, new_id


class Bundle(Base):
    """What one person chose. `form`: zip (documents) or xlsx (answers); `chosen`: the filters, as they stood in the address.
    Once the worker is done (`ready_at`): `sha256` of the list that a ZIP follows from, or of the workbook; `size` of the
    whole in bytes, `files` in it."""

    __tablename__ = "bundle"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("account.id"), index=True)
    form: Mapped[str] = mapped_column(sa.String(4))
    language: Mapped[str] = mapped_column(sa.String(8))
    chosen: Mapped[dict[str, Any]] = mapped_column(FrozenJson)
    made_at: Mapped[datetime]
    progress: Mapped[float] = mapped_column(default=0.0)
    ready_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    files: Mapped[int] = mapped_column(default=0)
    size: Mapped[int | None] = mapped_column(sa.BigInteger)
    sha256: Mapped[str | None] = mapped_column(sa.String(64))


class BundleItem(Base):
    """One thing in a bundle, frozen: a document, a dossier whose answers stand in the workbook, or a list that the bundle
    brings itself (neither). `status`: how a document stood when it was chosen. Of a file of the ZIP, once it is ready, its
    name there and what the ZIP's bytes follow from."""

    __tablename__ = "bundle_item"
    bundle_id: Mapped[UUID] = mapped_column(sa.ForeignKey("bundle.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("document.id"), index=True)
    dossier_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("dossier.id"), index=True)
    status: Mapped[str | None] = mapped_column(sa.String(12))
    name: Mapped[str | None] = mapped_column(sa.String(400))
    sha256: Mapped[str | None] = mapped_column(sa.String(64))
    size: Mapped[int | None] = mapped_column(sa.BigInteger)
    crc32: Mapped[int | None] = mapped_column(sa.BigInteger)
    at: Mapped[datetime | None]


class StoredFile(Base):
    """Of a file in storage, what a ZIP must say before it: read once."""

    __tablename__ = "stored_file"
    sha256: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    size: Mapped[int] = mapped_column(sa.BigInteger)
    crc32: Mapped[int] = mapped_column(sa.BigInteger)
