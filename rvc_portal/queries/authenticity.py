"""Reads of documents by what a stranger may hold of them: a code, or the bytes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from rvc_portal.models.document import Document

_OUT = Document.held.is_(False)


def same_subject(kind: str, language: str, about: Mapping[str, Any]) -> sa.ColumnElement[bool]:
    """The documents of a kind and language on one subject (`about`: the columns Document.ABOUT)."""
    agree = [
        getattr(Document, column).is_(None) if value is None else getattr(Document, column) == value
        for column, value in about.items()
    ]
    return sa.and_(Document.kind == kind, Document.language == language, *agree)


def has_bytes(sha256: str) -> sa.ColumnElement[bool]:
    """The documents whose content, or whose signed file, has this SHA-256."""
    return sa.or_(Document.content_sha256 == sha256, Document.file_sha256 == sha256)


def by_bytes(session: Session, sha256: str) -> Document | None:
    """The document that went out with these bytes."""
    return _first(session, has_bytes(sha256))


def by_code(session: Session, code: str) -> Document | None:
    """The document that went out with this code."""
    return session.scalar(_known().where(Document.code == code))


def by_codes(session: Session, codes: Sequence[str]) -> list[Document]:
    """The documents that went out with these codes, the first named first."""
    found = {d.code: d for d in session.scalars(_known().where(Document.code.in_(list(codes))))}
    return [found[code] for code in codes if code in found]


def successor(session: Session, document: Document) -> tuple[str, datetime] | None:
    """Reference and instant of the document that stands in this one's place today, where it is out. The context of a dossier
    is a hundred times as long as its reference: the database reads it out of there."""
    about = {column: getattr(document, column) for column in Document.ABOUT}
    reference = Document.context["document"]["reference"].as_string()
    query = sa.select(reference, Document.issued_at).where(
        _OUT, same_subject(document.kind, document.language, about), Document.issued_at >= document.issued_at,
        Document.id != document.id, Document.superseded_at.is_(None),
    )  # fmt: skip
    row = session.execute(query.order_by(Document.issued_at.desc()).limit(1)).first()
    return (row[0], row[1]) if row else None


def _first(session: Session, which: sa.ColumnElement[bool]) -> Document | None:
    return session.scalars(_known().where(which).order_by(Document.issued_at, Document.id).limit(1)).first()


def _known() -> sa.Select[Document]:
    """What is held has not gone out: to a stranger it does not exist."""
    return sa.select(Document).where(_OUT).options(undefer(Document.context))
