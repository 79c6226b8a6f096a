"""Is this receipt ours, unchanged, and is the filing that it proves still the one that is kept?

The command and the public page ask here, so that both say the same. Whoever asks holds the receipt or the hash; they are
told what stands at the head of the receipt and nothing of the file's content.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from rvc_portal.documents import identity
from rvc_portal.domain.errors import Refusal
from rvc_portal.domain.vocabulary import N_, Doc
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier, Filing
from rvc_portal.models.journal import JournalEntry
from rvc_portal.queries import filed
from rvc_portal.queries.authenticity import has_bytes
from rvc_portal.services import journal
from rvc_portal.services.contexts.parts import iso

LARGEST = 5_000_000
"""Bytes; a receipt of a hundred pieces has a tenth of it."""


class Verdict(StrEnum):
    """What was found. The first two hold; all others are no proof."""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    FILING_ALTERED = "filing_altered"
    ALTERED_COPY = "altered_copy"
    UNKNOWN = "unknown"
    NO_PDF = "no_pdf"
    TOO_BIG = "too_big"
    NO_HASH = "no_hash"


HOLDS = frozenset({Verdict.CURRENT, Verdict.SUPERSEDED})


@dataclass(frozen=True)
class Header:
    """What may be told to whoever holds the receipt or the hash. `receipt`: its reference; `later`: the number of the
    latest filing and when it was received, where there is one after this; `call`: in English and French."""

    receipt: str
    reference: str
    city: str
    call: dict[str, str]
    timezone: str
    number: int
    received_at: datetime
    filed_at: datetime
    sha256: str
    demonstration: bool
    later: tuple[int, datetime] | None = None


@dataclass(frozen=True)
class Finding:
    """A verdict with its reasons, as sentences; `header` where a receipt or a filing of ours was found."""

    verdict: Verdict
    header: Header | None = None
    reasons: tuple[Refusal, ...] = ()

    @property
    def holds(self) -> bool:
        return self.verdict in HOLDS


def verify(session: Session, content: bytes) -> Finding:
    """Judge a receipt by its bytes. Reads only, keeps nothing."""
    if len(content) > LARGEST:
        limit = {"limit": f"{LARGEST / 1_000_000:g}"}
        return Finding(Verdict.TOO_BIG, reasons=(Refusal(N_("No receipt has more than %(limit)s MB."), limit),))
    try:
        says = identity.read(content)
    except identity.NoPdf:
        return Finding(Verdict.NO_PDF, reasons=(Refusal(N_("This is no PDF, or one that cannot be opened.")),))
    found = _receipt(session, has_bytes(hashlib.sha256(content).hexdigest()))
    if found is not None:
        return _judged(session, found, says.filing)
    copied = _named(session, says.document)
    if copied is None:
        reason = Refusal(
            N_("No receipt of this portal has these bytes, and the file names none that it could be a copy of.")
        )
        return Finding(Verdict.UNKNOWN, reasons=(reason,))
    named = {"receipt": copied.context["document"]["reference"]}
    reason = Refusal(
        N_("The file is an altered copy of the receipt %(receipt)s: its bytes are not those that were issued."), named
    )
    return Finding(Verdict.ALTERED_COPY, _header(session, copied), (reason,))


def verify_hash(session: Session, typed: str) -> Finding:
    """Judge the SHA-256 of a filing, or of a receipt's file, as it was typed or pasted: white space does not count."""
    sha256 = re.sub(r"\s", "", typed).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        return Finding(Verdict.NO_HASH, reasons=(Refusal(N_("A SHA-256 has 64 digits, from 0 to 9 and from a to f.")),))
    query = sa.select(Filing).where(Filing.sha256 == sha256).order_by(Filing.filed_at.desc(), Filing.id).limit(1)
    filing = session.scalar(query)
    receipt = filed.receipt_of(session, filing) if filing else _receipt(session, has_bytes(sha256))
    if receipt is None:
        return Finding(
            Verdict.UNKNOWN, reasons=(Refusal(N_("No filing and no receipt of this portal has this SHA-256.")),)
        )
    return _judged(session, receipt, None)


def _judged(session: Session, receipt: Document, printed: str | None) -> Finding:
    header = _header(session, receipt)
    reasons = tuple(_altered(session, receipt, printed))
    if reasons:
        return Finding(Verdict.FILING_ALTERED, header, reasons)
    return Finding(Verdict.SUPERSEDED if header.later else Verdict.CURRENT, header)


def _altered(session: Session, receipt: Document, printed: str | None) -> Iterator[Refusal]:
    """What does not agree: the content that is kept, its hash, the receipt's, and the journal's. `printed`: the hash that
    the file itself carries."""
    stated = receipt.context["filing"]
    filing = _filing(session, receipt)
    if filing is None:
        yield Refusal(N_("The filing that this receipt proves is no longer kept."))
        return
    hashes = {hashlib.sha256(filing.content.encode()).hexdigest(), filing.sha256, stated["content_sha256"]}
    if len(hashes | ({printed} if printed else set())) > 1:
        yield Refusal(N_("The filing that is kept does not have the fingerprint of this receipt: it was altered."))
    if iso(filing.filed_at) != stated["filed_at"] or iso(filing.received_at) != receipt.context.get(
        "received_at", iso(filing.received_at)
    ):
        yield Refusal(N_("The filing that is kept does not have the time of this receipt: it was altered."))
    entry = _entry(session, filing)
    if entry is None or entry.payload.get("sha256") != stated["content_sha256"]:
        yield Refusal(N_("The journal does not have this filing with this fingerprint."))
    elif journal.first_broken(session, filing.dossier_id) is not None:
        yield Refusal(N_("The journal of this file was altered: its entries do not follow from one another."))


def _header(session: Session, receipt: Document) -> Header:
    told = receipt.context
    stated = told["filing"]
    filing = _filing(session, receipt)
    query = sa.select(Filing).where(Filing.dossier_id == receipt.dossier_id, Filing.number > stated["version"])
    latest = session.scalar(query.order_by(Filing.number.desc()).limit(1))
    filed_at = datetime.fromisoformat(stated["filed_at"])
    return Header(
        receipt=told["document"]["reference"],
        reference=told["dossier"]["reference"],
        city=told["dossier"]["city"],
        call=told["call"]["title"],
        timezone=told["call"]["timezone"],
        number=stated["version"],
        received_at=datetime.fromisoformat(told["received_at"]) if "received_at" in told else filed_at,
        filed_at=filing.filed_at if filing else filed_at,
        sha256=stated["content_sha256"],
        demonstration=told["demonstration"],
        later=(latest.number, latest.received_at) if latest else None,
    )


def _entry(session: Session, filing: Filing) -> JournalEntry | None:
    query = sa.select(JournalEntry).where(
        JournalEntry.chain == filing.dossier_id, JournalEntry.transition.in_(("submit", "resubmit"))
    )
    return next((e for e in session.scalars(query) if e.payload.get("filing") == filing.number), None)


def _filing(session: Session, receipt: Document) -> Filing | None:
    number = receipt.context["filing"]["version"]
    return session.scalar(sa.select(Filing).where(Filing.dossier_id == receipt.dossier_id, Filing.number == number))


def _receipt(session: Session, which: sa.ColumnElement[bool]) -> Document | None:
    query = sa.select(Document).where(Document.kind == Doc.RECEIPT, which)
    return session.scalar(query.options(undefer(Document.context)).order_by(Document.issued_at, Document.id).limit(1))


def _named(session: Session, reference: str | None) -> Document | None:
    """The receipt with this reference, which begins with its dossier's."""
    dossier = session.scalar(sa.select(Dossier).where(Dossier.reference == (reference or "").partition("/")[0]))
    if dossier is None:
        return None
    query = sa.select(Document).where(Document.kind == Doc.RECEIPT, Document.dossier_id == dossier.id)
    found = session.scalars(query.options(undefer(Document.context)))
    return next((d for d in found if d.context["document"]["reference"] == reference), None)
