"""Issuing documents: a row with its frozen context now, the PDF by a worker after the commit."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import rfc8785
import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, undefer

from rvc_portal.domain.vocabulary import Doc, JobKind
from rvc_portal.models.base import new_id
from rvc_portal.models.document import Document
from rvc_portal.models.steering import AgendaItem
from rvc_portal.queries.authenticity import same_subject
from rvc_portal.services import journal, queue
from rvc_portal.services.contexts.catalogue import BUILDERS
from rvc_portal.services.contexts.parts import Draft, Occasion, iso

_RECEIPT, _HELD, _USUAL = 1, 2, 5
"""A city waits for its receipt, a publication for what is held; everything else can follow."""


def release_or_issue(kind: Doc, occasion: Occasion) -> Document:
    """Let go the held document of this kind where there is one (publication) and it says what is to be said, the day too;
    else issue a new one."""
    held = occasion.session.scalar(
        sa.select(Document)
        .where(
            Document.dossier_id == occasion.dossier.id,
            Document.kind == kind,
            Document.held.is_(True),
            Document.superseded_at.is_(None),
        )
        .options(undefer(Document.context))
    )
    if held is None or not says(held, BUILDERS[kind](occasion).context):
        return issue(kind, occasion)
    held.held, held.issued_at = False, occasion.at  # when it was drafted would tell in which order decisions were taken
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
    subject_id: UUID | None = None, session_id: UUID | None = None, variant: str | None = None,
    account_id: UUID | None = None, language: str, subject: str, held: bool = False, tells_head: bool = True,
) -> Document:  # fmt: skip
    """Keep a drafted document, supersede the one before it and enqueue its rendering. `subject` begins its reference. The
    act that issues it stands in the journal already: the document prints where its chain ended then, unless its reader is
    not to know (`tells_head`)."""
    about = {
        "call_id": call_id, "dossier_id": dossier_id, "evaluation_id": evaluation_id, "field": field,
        "subject_id": subject_id, "session_id": session_id, "variant": variant, "account_id": account_id,
    }  # fmt: skip
    earlier = _earlier(session, kind, language, about)
    for document in earlier:
        document.superseded_at = document.superseded_at or now
    whose = evaluation_id or account_id
    stem = f"{subject}/{kind}" + (f"/{whose.hex[:6].upper()}" if whose else "")
    number = sum(not document.held for document in earlier)  # a held one that was replaced has been told to nobody
    facts: dict[str, Any] = {
        "kind": str(kind),
        "reference": f"{stem}/{number + 1}",
        "issued_at": iso(draft.dated or now),
        "transition": transition,
        "verify_url": None,
        "supersedes": f"{stem}/{number}" if number else None,
    }
    ends = journal.head(session, dossier_id or call_id or journal.NETWORK)
    if (
        ends and variant is None and tells_head
    ):  # whoever may not know of an item is not told of its acts by a hash, either
        facts["journal"] = asdict(ends)
    context: dict[str, Any] = {**draft.context, "document": facts}
    images = dict(draft.images)
    document = Document(
        id=new_id(), kind=kind, language=language, context=context, images=images, issued_at=now, held=held,
        context_sha256=context_sha256(kind, language, context, images), **about,
    )  # fmt: skip
    session.add(document)
    session.flush()
    urgency = _RECEIPT if kind is Doc.RECEIPT else _HELD if held else _USUAL
    queue.enqueue(session, JobKind.RENDER, document.id, now=now, priority=urgency)
    return document


def says(document: Document, context: Mapping[str, Any]) -> bool:
    """Whether the document says just this, whatever its own facts are."""
    kept = {key: value for key, value in document.context.items() if key != "document"}
    return json.dumps(kept, sort_keys=True) == json.dumps(context, sort_keys=True)


def withdraw_papers(session: Session, which: sa.ColumnElement[bool], now: datetime) -> None:
    """Take away the papers of sittings that are still to come or at work: those in which one of the agenda's items that
    meet `which` stands open. Who has the item closed keeps theirs, and learns nothing."""
    changed = sa.select(AgendaItem).where(which).options(joinedload(AgendaItem.sitting))
    for item in session.scalars(changed):
        if item.sitting.closed_at is not None:
            continue
        shut = [name for name, closed in item.sitting.variants.items() if str(item.id) in closed]
        session.execute(
            sa.update(Document)
            .where(
                Document.session_id == item.session_id, Document.kind == Doc.SESSION_PAPERS,
                Document.superseded_at.is_(None),
                sa.or_(Document.variant.is_(None), Document.variant.not_in(shut)),
            )
            .values(superseded_at=now)
        )  # fmt: skip


def context_sha256(kind: str, language: str, context: Mapping[str, Any], images: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON (RFC 8785) of all that a document is made of. Raises ValueError where it has none."""
    made_of = {"kind": str(kind), "language": language, "context": context, "images": images}
    return hashlib.sha256(rfc8785.dumps(json.loads(json.dumps(made_of)))).hexdigest()  # as the database gives it back


def _earlier(session: Session, kind: Doc, language: str, about: Mapping[str, Any]) -> list[Document]:
    """The documents of the same kind, language and subject (`about`: its columns) that came before, oldest first."""
    query = sa.select(Document).where(same_subject(kind, language, about))
    return list(session.scalars(query.order_by(Document.issued_at, Document.id)))
