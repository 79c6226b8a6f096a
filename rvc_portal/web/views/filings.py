"""What a city filed: the receipt of each filing, its canonical content, and two versions side by side."""

from flask import Blueprint, Response, g, request

from rvc_portal.domain.errors import NotFound
from rvc_portal.domain.vocabulary import Permission
from rvc_portal.models.base import db
from rvc_portal.queries import filed
from rvc_portal.web import filings_page
from rvc_portal.web.access import requires
from rvc_portal.web.htmx import page
from rvc_portal.web.views.documents import attachment

bp = Blueprint("filings", __name__, url_prefix="/dossiers/<uuid:dossier_id>/filings")

SHOW = "filings/show.html"


@bp.get("/<int:filing>")
@requires(Permission.READ_FILINGS)
def show(filing: int) -> Response:
    """The receipt on a page of its own; htmx asks for its list of documents while the PDF is being made."""
    return page(SHOW, "document_list", **filings_page.receipt(filing))


@bp.get("/<int:filing>.json")
@requires(Permission.READ_FILINGS)
def canonical(filing: int) -> Response:
    """The content as it was filed, byte for byte what the fingerprint was taken of."""
    for found, _who in filed.filings(db.session(), g.dossier.id):
        if found.number == filing:
            response = Response(found.content.encode(), mimetype="application/json")
            response.headers["Content-Disposition"] = attachment(f"{g.dossier.reference}-{filing}.json")
            response.headers["Cache-Control"] = "private, no-cache"
            return response
    raise NotFound


@bp.get("/compare")
@requires(Permission.READ_FILINGS)
def compare() -> Response:
    """Two filings, or for the city the last filing and the work in hand, word by word."""
    sent = request.args
    return page(
        "filings/compare.html",
        **filings_page.comparison(sent.get("a"), sent.get("b"), all_of=sent.get("show") == "all"),
    )
