"""Issuing documents: a row with its frozen context now, the PDF by a worker after the commit."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.vocabulary import Doc, JobKind
from rvc_portal.models.base import new_id
from rvc_portal.models.document import Document
from rvc_portal.queries.authenticity import same_subject
from rvc_portal.services import queue
from rvc_portal.services.contexts.catalogue import BUILDERS
from rvc_portal.services.contexts.parts import Draft, Occasion, iso

_RECEIPT, _HELD, _USUAL = 1, 2, 5
"""A city waits for its receipt, a publication for what is held; everything else can follow."""


def release_or_issue(kind: Doc, occasion: Occasion) -> Document:
    """Let go the held document of this kind where there is one (publication), else issue a new one."""
    held = occasion.session.scalar(
        sa.select(Document).where(
            Document.dossier_id == occasion.dossier.id,
            Document.kind == kind,
            Document.held.is_(True),
            Document.superseded_at.is_(None),
        )
    )
    if held is None:
        return issue(kind, occasion)
    held.held = False
    return held


def issue(kind: Doc, occasion: Occasion, *, held: bool = False) -> Document:
    """Issue one document of the occasion's dossier in the dossier's language; an earlier one of its kind is superseded."""
    dossier = occasion.dossier
    evaluation_id = occasion.evaluation.id if occasion.evaluation else None
    return write(
        occasion.session, kind, BUILDERS[kind](occasion), now=occasion.at, transition=occasion.transition,
        call_id=dossier.call_id, dossier_id=dossier.id, evaluation_id=evaluation_id, language=dossier.language,
        subject=dossier.reference, held=held,
    )  # fmt: skip


def write(
    session: Session, kind: Doc, draft: Draft, *, now: datetime, transition: str, call_id: UUID | None,
    dossier_id: UUID | None = None, evaluation_id: UUID | None = None, field: str | None = None,
    subject_id: UUID | None = None, session_id: UUID | None = None, variant: str | None = None, language: str,
    subject: str, held: bool = False,
) -> Document:  # fmt: skip
    """Keep a drafted document, supersede the one before it and enqueue its rendering. `subject` begins its reference."""
    about = {
        "call_id": call_id, "dossier_id": dossier_id, "evaluation_id": evaluation_id, "field": field,
        "subject_id": subject_id, "session_id": session_id, "variant": variant,
    }  # fmt: skip
    earlier = _earlier(session, kind, language, about)
    for document in earlier:
        document.superseded_at = document.superseded_at or now
    stem = f"{subject}/{kind}" + (f"/{evaluation_id.hex[:6].upper()}" if evaluation_id else "")
    facts = {
        "kind": str(kind),
        "reference": f"{stem}/{len(earlier) + 1}",
        "issued_at": iso(now),
        "transition": transition,
        "verify_url": None,
        "supersedes": f"{stem}/{len(earlier)}" if earlier else None,
    }
    context: dict[str, Any] = {**draft.context, "document": facts}
    document = Document(
        id=new_id(), kind=kind, language=language, context=context, images=dict(draft.images), issued_at=now, held=held,
        **about,
    )  # fmt: skip
    session.add(document)
    session.flush()
    urgency = _RECEIPT if kind is Doc.RECEIPT else _HELD if held else _USUAL
    queue.enqueue(session, JobKind.RENDER, document.id, now=now, priority=urgency)
    return document


def _earlier(session: Session, kind: Doc, language: str, about: Mapping[str, Any]) -> list[Document]:
    """The documents of the same kind, language and subject (`about`: its columns) that came before, oldest first."""
    query = sa.select(Document).where(same_subject(kind, language, about))
    return list(session.scalars(query.order_by(Document.issued_at, Document.id)))
