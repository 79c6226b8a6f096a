"""Downloads of documents: by hash, private, never opened by the browser itself."""

from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, current_app, g, make_response, render_template, request, url_for
from flask_babel import gettext as _

from rvc_portal.domain.errors import NotFound
from rvc_portal.gateways import previews
from rvc_portal.models.base import db
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Attachment
from rvc_portal.queries import documents as query
from rvc_portal.services import work
from rvc_portal.web.access import public, signed_in
from rvc_portal.web.errors import way_back
from rvc_portal.web.htmx import done
from rvc_portal.web.labels import document as document_label
from rvc_portal.web.session import actor, now

bp = Blueprint("documents", __name__)

SANDBOX = "default-src 'none'; sandbox"


@bp.get("/documents/<uuid:document_id>.pdf")
@public
def download(document_id: UUID) -> Response:
    """One document: anybody's who may know of the call where it is the call's own, else its readers'."""
    found, subject = _found(document_id)
    if not found.ready or found.stored_sha256 is None:
        response = make_response(render_template("dossier/preparing.html", name=document_label(found.kind)), 409)
        response.headers["Retry-After"] = "5"
        return response
    return send(found.stored_sha256, _name(found, subject), "application/pdf", found.stored_size)


@bp.post("/documents/<uuid:document_id>/retry")
@signed_in
def retry(document_id: UUID) -> Response:
    """Have a document tried again that could not be made: whoever may read it waits for it."""
    found, _subject = _found(document_id)
    work.retry_document(db.session(), found, actor=actor(), now=now())
    return done(way_back() or url_for("desk.index"), message=_("The document is being made again."))


def _found(document_id: UUID) -> tuple[Document, str]:
    return (
        query.public(db.session(), g.actor, document_id)
        or query.readable_of_network(db.session(), g.actor, document_id)
        or _readable(document_id)
    )


def send(sha256: str, name: str, content_type: str, size: int | None, *, inline: bool = False) -> Response:
    """A file of the storage as a download: what a city uploaded must never run in the portal's own origin. `inline`: to be
    shown; for what the portal itself has drawn."""
    etag = f'"{sha256}"'
    if sha256 in request.if_none_match:
        response = make_response("", 304)
    else:
        response = Response(current_app.extensions["rvc"].files.stream(sha256), mimetype=content_type)
        if size is not None:
            response.headers["Content-Length"] = str(size)
        response.headers["Content-Disposition"] = "inline" if inline else attachment(name)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Security-Policy"] = SANDBOX
    return response


def send_preview(of: Attachment | None) -> Response:
    """The small picture of an uploaded file. Raises NotFound where there is no file, or no picture of it (yet)."""
    if of is None or of.preview_sha256 is None:
        raise NotFound
    return send(of.preview_sha256, "preview.jpg", previews.CONTENT_TYPE, None, inline=True)


def _readable(document_id: UUID) -> tuple[Document, str]:
    ways = (query.readable, query.readable_inside, query.readable_of_sitting)
    found = next(filter(None, (way(db.session(), actor(), document_id) for way in ways)), None)
    if found is None:
        raise NotFound
    return found


def _name(document: Document, subject: str) -> str:
    """Of what, what, in which language, and enough of its hash to tell two versions apart."""
    return f"{subject}-{document.kind}-{document.language}-{(document.stored_sha256 or '')[:8]}.pdf"


def attachment(name: str) -> str:
    """The header that makes a browser keep an answer under this name."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " ._-()") else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
