"""A receipt checked by anybody who holds it, or by its hash. Nothing that is sent here is kept."""

from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from rvc_portal.domain.vocabulary import N_
from rvc_portal.models.base import db
from rvc_portal.models.engine import reading_only
from rvc_portal.services import verification
from rvc_portal.services.verification import Finding, Verdict
from rvc_portal.web import labels
from rvc_portal.web.access import public
from rvc_portal.web.htmx import page

bp = Blueprint("verify", __name__)

PAGE = "verify/show.html"

TITLES = {
    Verdict.CURRENT: N_("The receipt is valid"),
    Verdict.SUPERSEDED: N_("The receipt is valid, and superseded by a later filing"),
    Verdict.FILING_ALTERED: N_("The record was altered: this receipt no longer agrees with it"),
    Verdict.ALTERED_COPY: N_("This is no valid receipt: the file was altered"),
    Verdict.UNKNOWN: N_("This receipt is not known here"),
    Verdict.NO_PDF: N_("This file cannot be checked"),
    Verdict.TOO_BIG: N_("This file cannot be checked"),
    Verdict.NO_HASH: N_("This is no SHA-256"),
}
KINDS = {Verdict.CURRENT: "good", Verdict.SUPERSEDED: "warn"}
"""How a verdict is drawn; all others are "bad"."""


@bp.get("/verify")
@public
def ask() -> Response:
    """The page that takes a receipt or a hash."""
    return page(PAGE, **_context())


@bp.post("/verify")
@public
def check() -> Response:
    """Say what was found."""
    sent, typed = request.files.get("receipt"), request.form.get("sha256", "").strip()
    with reading_only():  # a stranger's question holds up nobody
        if typed:
            found = verification.verify_hash(db.session(), typed)
        elif sent is not None and sent.filename:
            found = verification.verify(db.session(), sent.stream.read(verification.LARGEST + 1))
        else:
            wrong = [("receipt", _("Choose the receipt's PDF, or write a SHA-256."))]
            return page(PAGE, status=422, **_context(errors=wrong))
    return page(PAGE, **_context(found=found, typed=typed))


def _context(found: Finding | None = None, typed: str = "", errors: Any = ()) -> dict[str, Any]:
    return {
        "found": found,
        "title": _(TITLES[found.verdict]) if found else "",
        "kind": KINDS.get(found.verdict, "bad") if found else "",
        "reasons": [labels.refusal(r) for r in found.reasons] if found else [],
        "typed": typed,
        "errors": errors,
    }
