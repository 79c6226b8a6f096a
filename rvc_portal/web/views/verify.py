"""A document checked by anybody who holds it, its code, or the hash of a filing. Nothing that is sent here is kept."""

from typing import Any

from flask import Blueprint, Response, current_app, redirect, request, url_for
from flask_babel import gettext as _

from rvc_portal.domain import codes
from rvc_portal.domain.vocabulary import N_, Doc
from rvc_portal.gateways.files import Files
from rvc_portal.models.base import db
from rvc_portal.models.engine import reading_only
from rvc_portal.services import authenticity, verification
from rvc_portal.services.authenticity import Standing
from rvc_portal.services.authenticity import Verdict as Copy
from rvc_portal.services.verification import Verdict
from rvc_portal.settings import Settings
from rvc_portal.web import labels
from rvc_portal.web.access import public
from rvc_portal.web.htmx import page
from rvc_portal.web.throttle import pace

bp = Blueprint("verify", __name__)

PAGE = "verify/show.html"

RECEIPTS = {
    Verdict.CURRENT: N_("The receipt is valid"),
    Verdict.SUPERSEDED: N_("The receipt is valid, and superseded by a later filing"),
    Verdict.FILING_ALTERED: N_("The record was altered: this receipt no longer agrees with it"),
    Verdict.UNKNOWN: N_("This receipt is not known here"),
    Verdict.NO_HASH: N_("This is no SHA-256"),
}
COPIES = {
    Copy.GENUINE: N_("This copy is genuine"),
    Copy.ANOTHER: N_("This copy is genuine, but of another document"),
    Copy.UNSIGNED_COPY: N_("The content is genuine; the signature is missing"),
    Copy.STRIPPED: N_("This is no genuine copy: its signature was taken away"),
    Copy.ALTERED: N_("This is no genuine copy: the file was altered"),
    Copy.CONTINUED: N_("This is no genuine copy: something was added after the signature"),
    Copy.SIGNED_BY_ANOTHER: N_("This is no genuine copy: somebody else signed it"),
    Copy.TWO_CODES: N_("This is no genuine copy: it is put together from several documents"),
    Copy.NOT_RECORDED: N_("The office signed this file, but the record does not have it"),
    Copy.UNKNOWN: N_("This document is not known here"),
    Copy.NO_PDF: N_("This file cannot be checked"),
    Copy.TOO_BIG: N_("This file cannot be checked"),
    Copy.TOO_HARD: N_("This file cannot be checked"),
    Copy.BUSY: N_("This file cannot be checked now"),
}
STANDINGS = {
    Standing.CURRENT: N_("The document stands"),
    Standing.SUPERSEDED: N_("The document was superseded by a later one"),
    Standing.WITHDRAWN: N_("The document was withdrawn"),
}
KINDS = {
    "current": "good", "superseded": "warn", "genuine": "good", "another": "warn", "unsigned_copy": "warn", "busy": "warn",
}  # fmt: skip
"""How a verdict on a document, a copy or a filing is drawn; all others are "bad"."""


@bp.get("/verify")
@public
def ask() -> Response:
    """The page that takes a document, a code or a hash."""
    if typed := request.args.get("code", "").strip():
        return redirect(url_for(".show", document_code=typed[:40]))  # type: ignore[return-value]
    return page(PAGE, **_context())


@bp.get("/verify/<document_code>")
@public
def show(document_code: str) -> Response:
    """The public page of one document: where its QR code leads."""
    with reading_only():
        header = authenticity.of_code(db.session(), document_code)
    if header is None:
        wrong = [
            ("code", _("No document that went out has this code. Please compare it with the one that is printed."))
        ]
        return page(PAGE, status=404, **_context(code=document_code[:40], errors=wrong))
    return page(PAGE, **_context(header=header))


@bp.post("/verify")
@public
def check() -> Response:
    """Say what was found. A copy takes a processor for a while, so nobody sends too many."""
    pace("verification")
    sent, typed = request.files.get("file"), request.form.get("sha256", "").strip()
    if typed:
        with reading_only():  # a stranger's question holds up nobody
            return page(PAGE, **_context(receipt=verification.verify_hash(db.session(), typed), typed=typed))
    if sent is None or not sent.filename:
        wrong = [("file", _("Choose the PDF that you want to check, or write its code."))]
        return page(PAGE, status=422, **_context(errors=wrong))
    return page(PAGE, **_of_file(sent.stream.read(authenticity.LARGEST + 1), codes.read(request.form.get("code", ""))))


def _of_file(content: bytes, expected: str | None) -> dict[str, Any]:
    """What there is to say of a file; of a receipt also whether what it proves is still so."""
    settings: Settings = current_app.extensions["rvc"].settings
    files: Files = current_app.extensions["rvc"].files
    copy = authenticity.read(content, settings.keys.trust)
    with reading_only():
        found = authenticity.check(db.session(), files, copy, settings.keys.trust, expected)
        proves = found.header is not None and found.header.kind == Doc.RECEIPT and found.verdict is Copy.GENUINE
        receipt = verification.verify(db.session(), content) if proves else None
    return _context(header=found.header, found=found, receipt=receipt)


def _context(
    header: authenticity.Header | None = None, found: authenticity.Finding | None = None,
    receipt: verification.Finding | None = None, code: str = "", typed: str = "", errors: Any = (),
) -> dict[str, Any]:  # fmt: skip
    return {
        "header": header,
        "standing": _told(STANDINGS, header.standing, ()) if header else None,
        "found": found,
        "copy": _told(COPIES, found.verdict, found.reasons) if found else None,
        "receipt": receipt,
        "proof": _told(RECEIPTS, receipt.verdict, receipt.reasons) if receipt else None,
        "code": codes.printed(header.code) if header else code,
        "typed": typed,
        "errors": errors,
    }


def _told(titles: Any, verdict: Any, reasons: Any) -> dict[str, Any]:
    """A verdict as the page's notice shows it."""
    return {
        "title": _(titles[verdict]), "kind": KINDS.get(verdict, "bad"), "reasons": [labels.refusal(r) for r in reasons],
    }  # fmt: skip
