"""The content of a dossier as a person may read it: its city the work in hand, everybody else what was filed last."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from rvc_portal.domain.vocabulary import Doc
from rvc_portal.models.account import Account
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Attachment, Dossier, Filing
from rvc_portal.models.journal import JournalEntry
from rvc_portal.queries import dossiers


@dataclass(frozen=True)
class Content:
    """Answers by question, the files by piece in the order of their arrival, and when this was filed (None: not yet)."""

    answers: Mapping[str, Any]
    pieces: Mapping[str, Sequence[Attachment]]
    filed_at: datetime | None
    number: int | None


def content(session: Session, dossier: Dossier, *, as_filed: bool) -> Content:
    """What can be read of the dossier; with `as_filed`, what was filed last: a city at work on corrections shows none
    of them before it files again. Two queries, three with `as_filed`."""
    filing = dossiers.latest_filing(session, dossier.id)
    if not as_filed or filing is None:
        answers = {} if as_filed else dossiers.values(session, dossier.id)
        files = [] if as_filed else dossiers.attachments(session, dossier.id)
        return Content(
            answers, _by_piece(files), filing.filed_at if filing else None, filing.number if filing else None
        )
    frozen = json.loads(filing.content)
    kept: dict[tuple[str, str, str], Attachment | None]
    kept = {(p["piece"], p["name"], p["sha256"]): None for p in frozen["pieces"]}
    for attachment in _all_attachments(session, dossier.id):
        key = (attachment.piece, attachment.name, attachment.sha256)
        if key in kept and kept[key] is None:
            kept[key] = attachment
    files = [a for a in kept.values() if a is not None]
    return Content(frozen["answers"], _by_piece(files), filing.filed_at, filing.number)


def filings(session: Session, dossier_id: UUID) -> Sequence[tuple[Filing, str]]:
    """Every filing of the dossier with the name of who submitted it, the first first."""
    query = sa.select(Filing, Account.name).join(Account, Account.id == Filing.author_id)
    rows = session.execute(query.where(Filing.dossier_id == dossier_id).order_by(Filing.number))
    return [(filing, name) for filing, name in rows]


def receipt_of(session: Session, filing: Filing) -> Document | None:
    """The receipt that was issued for the filing."""
    query = sa.select(Document).where(Document.dossier_id == filing.dossier_id, Document.kind == Doc.RECEIPT)
    found = session.scalars(query.options(undefer(Document.context)).order_by(Document.issued_at, Document.id))
    return next((d for d in found if d.context["filing"]["version"] == filing.number), None)


def filed_from(session: Session, dossier_id: UUID, version: int) -> int | None:
    """The number of the filing that was made from this version of the file, or None: where a request that comes again
    finds its receipt."""
    query = sa.select(JournalEntry.payload).where(
        JournalEntry.chain == dossier_id, JournalEntry.transition.in_(("submit", "resubmit"))
    )
    return next((p["filing"] for p in session.scalars(query) if p.get("version") == version), None)


def piece(session: Session, dossier: Dossier, attachment_id: UUID, *, as_filed: bool) -> Attachment | None:
    """One uploaded file out of what can be read of the dossier, or None."""
    files = content(session, dossier, as_filed=as_filed).pieces.values()
    return next((a for group in files for a in group if a.id == attachment_id), None)


def _all_attachments(session: Session, dossier_id: UUID) -> Sequence[Attachment]:
    """Those that were removed since, too: the filing still has them."""
    query = sa.select(Attachment).where(Attachment.dossier_id == dossier_id)
    return session.scalars(query.order_by(Attachment.at, Attachment.name, Attachment.id)).all()


def _by_piece(files: Sequence[Attachment]) -> dict[str, list[Attachment]]:
    found: dict[str, list[Attachment]] = {}
    for attachment in files:
        found.setdefault(attachment.piece, []).append(attachment)
    return found
