"""What is this document, does it still stand, and is this copy of it genuine? Asked by anybody who holds it or its code.

They are told what stands at its head and nothing of its content. A copy is judged by its bytes first: those that went out are
kept under their hash. What is not among them is told apart by its signature, by the codes that it bears and by its pages.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy.orm import Session

from rvc_portal.domain import codes, copies
from rvc_portal.domain.errors import Refusal
from rvc_portal.domain.vocabulary import N_
from rvc_portal.gateways import inspection
from rvc_portal.gateways.files import Files
from rvc_portal.gateways.inspection import Inspected, Signature
from rvc_portal.models.document import Document
from rvc_portal.queries import authenticity as query

LARGEST = 48_000_000
"""Bytes; a dossier with all its photographs has a fraction of it."""


class Standing(StrEnum):
    """Whether a document still stands."""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class Verdict(StrEnum):
    """What a copy is. Only the first is the document as it went out."""

    GENUINE = "genuine"
    ANOTHER = "another"
    UNSIGNED_COPY = "unsigned_copy"
    STRIPPED = "stripped"
    ALTERED = "altered"
    CONTINUED = "continued"
    SIGNED_BY_ANOTHER = "signed_by_another"
    TWO_CODES = "two_codes"
    NOT_RECORDED = "not_recorded"
    UNKNOWN = "unknown"
    NO_PDF = "no_pdf"
    TOO_BIG = "too_big"
    TOO_HARD = "too_hard"
    BUSY = "busy"


@dataclass(frozen=True)
class Header:
    """What may be told of a document. `about`: the city, or None where it is about no city; `call`: in English and French;
    `later`: reference and instant of the one in its place; `signed`: the level of the signature, None for none;
    `signing`: how far it is."""

    kind: str
    code: str
    reference: str
    about: str | None
    call: dict[str, str]
    timezone: str
    language: str
    pages: int | None
    issued_at: datetime
    standing: Standing
    ended_at: datetime | None
    later: tuple[str, datetime] | None
    signed: str | None
    signing: str | None
    sha256: str | None
    demonstration: bool


@dataclass(frozen=True)
class Copy:
    """A file that somebody sent, as it was read. `fault`: why it could not be."""

    sha256: str
    inspected: Inspected | None = None
    fault: Verdict | None = None


@dataclass(frozen=True)
class Finding:
    """What a copy is, and why, in sentences; `header`: of the document that it is, or that it names."""

    verdict: Verdict
    header: Header | None = None
    reasons: tuple[Refusal, ...] = ()
    signatures: tuple[Signature, ...] = ()


def of_code(session: Session, typed: str) -> Header | None:
    """The document with this code, None where no such document went out."""
    code = codes.read(typed)
    found = query.by_code(session, code) if code else None
    return _header(session, found) if found else None


def read(content: bytes, trust: Path) -> Copy:
    """Open what was sent; no database. `trust`: PEM of the roots at which our signatures end."""
    sha256 = hashlib.sha256(content).hexdigest()
    if len(content) > LARGEST:
        return Copy(sha256, fault=Verdict.TOO_BIG)
    try:
        return Copy(sha256, inspection.inspect(content, trust))
    except inspection.Unreadable:
        return Copy(sha256, fault=Verdict.NO_PDF)
    except inspection.TooHard:
        return Copy(sha256, fault=Verdict.TOO_HARD)
    except inspection.Busy:
        return Copy(sha256, fault=Verdict.BUSY)


def check(session: Session, files: Files, copy: Copy, trust: Path, expected: str | None = None) -> Finding:
    """Judge a copy. `expected`: the code of the document that it is said to be. Reads only, keeps nothing. Raises StorageError."""
    signatures = copy.inspected.signatures if copy.inspected else ()
    issued = query.by_bytes(session, copy.sha256)
    if issued is not None:
        verdict, reasons = _issued(issued, copy, signatures, expected)
        return Finding(verdict, _header(session, issued), tuple(reasons), signatures)
    if copy.inspected is None:
        assert copy.fault is not None
        return Finding(copy.fault, reasons=(_FAULTS[copy.fault],))
    named = query.by_codes(session, copy.inspected.codes)
    if not named:
        verdict, reason = _nameless(signatures)
        return Finding(verdict, reasons=(reason,), signatures=signatures)
    header = _header(session, named[0])
    if len(named) > 1:
        both = {"codes": ", ".join(codes.printed(d.code) for d in named)}
        reason = Refusal(N_("It bears the codes of several documents: %(codes)s. It is put together from them."), both)
        return Finding(Verdict.TWO_CODES, header, (reason, *_pages(files, named[0], copy, trust)), signatures)
    verdict, reason = _spoilt(named[0], signatures)
    return Finding(verdict, header, (reason, *_pages(files, named[0], copy, trust)), signatures)


_FAULTS = {
    Verdict.TOO_BIG: Refusal(
        N_("No document of this portal has more than %(limit)s MB."), {"limit": f"{LARGEST / 1e6:g}"}
    ),
    Verdict.NO_PDF: Refusal(N_("This is no PDF, or one that cannot be opened.")),
    Verdict.TOO_HARD: Refusal(N_("Reading this file takes more time or memory than a check may have.")),
    Verdict.BUSY: Refusal(N_("Many files are being checked at the moment. Please try again in a minute.")),
}


def _issued(
    document: Document, copy: Copy, signatures: tuple[Signature, ...], expected: str | None
) -> tuple[Verdict, list[Refusal]]:
    """These very bytes went out: what is there to say of them."""
    reasons = [Refusal(N_("Its bytes are those that the portal issued."))]
    if expected and document.code != expected:
        reasons.append(Refusal(N_("It is another document than the one whose page you opened.")))
        return Verdict.ANOTHER, reasons
    if document.file_sha256 and copy.sha256 != document.file_sha256:
        reasons = [
            Refusal(N_("Its content is that of the document, byte for byte, but the office's signature is not in it."))
        ]
        return Verdict.UNSIGNED_COPY, reasons
    if not document.file_sha256:
        reasons.append(Refusal(N_("The document was issued without an electronic signature.")))
    elif copy.inspected is not None and not any(s.holds for s in signatures):
        reasons.append(_doubt(signatures))
    return Verdict.GENUINE, reasons


def _doubt(signatures: tuple[Signature, ...]) -> Refusal:
    if any(s.intact and s.ended_at for s in signatures):
        return Refusal(N_("Its signature is intact; the certificate behind it has ended since."))
    return Refusal(
        N_("Its signature is intact; the authority behind it is not among those that the portal trusts today.")
    )


def _nameless(signatures: tuple[Signature, ...]) -> tuple[Verdict, Refusal]:
    """No document of ours has these bytes, and the file names none."""
    if any(s.holds for s in signatures):
        return Verdict.NOT_RECORDED, Refusal(_NOT_RECORDED)
    return Verdict.UNKNOWN, Refusal(
        N_("No document of this portal has these bytes, and the file names none that it could be a copy of.")
    )


def _spoilt(document: Document, signatures: tuple[Signature, ...]) -> tuple[Verdict, Refusal]:
    """The file names a document of ours and is not it."""
    if not signatures:
        if document.file_sha256:
            return Verdict.STRIPPED, Refusal(
                N_(
                    "The document was issued with a signature; this copy has none, and its bytes are not those that were issued."
                )
            )
        return Verdict.ALTERED, Refusal(N_("Its bytes are not those that were issued."))
    if any(s.holds for s in signatures):
        return Verdict.NOT_RECORDED, Refusal(_NOT_RECORDED)
    if any(s.intact and s.trusted for s in signatures):
        return Verdict.CONTINUED, Refusal(
            N_("The office's signature is intact, but the file was changed after it was signed.")
        )
    if any(s.intact for s in signatures):
        return Verdict.SIGNED_BY_ANOTHER, Refusal(
            N_("Its signature is not the office's: somebody else signed this file.")
        )
    return Verdict.ALTERED, Refusal(N_("Its signature does not hold: what it covers was changed after it was signed."))


_NOT_RECORDED = N_(
    "The office's signature is intact, but the portal's record does not have this file as one that went out."
)


def _pages(files: Files, document: Document, copy: Copy, trust: Path) -> Iterator[Refusal]:
    """What is wrong with the pages, where both files can be read."""
    if document.content_sha256 is None or copy.inspected is None:
        return
    try:
        issued = inspection.inspect(files.get(document.content_sha256), trust)
    except (inspection.TooHard, inspection.Busy):
        return
    yield from copies.differences(issued.pages, copy.inspected.pages)


def _header(session: Session, document: Document) -> Header:
    told = document.context
    later = query.successor(session, document) if document.superseded_at else None
    standing = (
        Standing.CURRENT if document.superseded_at is None else Standing.SUPERSEDED if later else Standing.WITHDRAWN
    )
    return Header(
        kind=document.kind,
        code=document.code,
        reference=told["document"]["reference"],
        about=told["dossier"]["city"] if told.get("dossier") else None,
        call=told["call"]["title"],
        timezone=told["call"]["timezone"],
        language=document.language,
        pages=document.pages,
        issued_at=document.issued_at,
        standing=standing,
        ended_at=document.superseded_at,
        later=later,
        signed=document.signature_level,
        signing=document.signing,
        sha256=document.stored_sha256,
        demonstration=told["demonstration"],
    )
