"""The pieces of a file: one upload at a time, judged by content; what is refused leaves all the rest as it was."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, g, request, url_for
from flask_babel import gettext as _

from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal
from rvc_portal.domain.team import PIECES
from rvc_portal.domain.vocabulary import N_, Permission
from rvc_portal.gateways import uploads
from rvc_portal.models.base import db
from rvc_portal.models.dossier import Attachment
from rvc_portal.queries import dossiers, previews
from rvc_portal.queries import submission as query
from rvc_portal.services import pieces
from rvc_portal.web import filing_page, labels
from rvc_portal.web.access import requires
from rvc_portal.web.forms.base import uuid_in
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, arrived_at, now
from rvc_portal.web.views.documents import send

bp = Blueprint("pieces", __name__, url_prefix="/dossiers/<uuid:dossier_id>/pieces")

PAGE = "submission/pieces.html"


@bp.get("")
@requires(Permission.READ)
def index() -> Response:
    """Every piece of the call, with what was uploaded for it."""
    return page(PAGE, **_context())


@bp.post("/<key>")
@requires(Permission.WRITE)
def add(key: str) -> Response:
    """Take in one file; a refused one is answered on its piece, with the reason."""
    sent = request.files.get("file")
    before = {a.id for a in dossiers.attachments(db.session(), g.dossier.id)}
    try:
        if sent is None or not sent.filename:
            raise InvalidInput({key: (Refusal(N_("Choose a file first.")),)})
        added = pieces.add(
            db.session(), current_app.extensions["rvc"].files, g.dossier, key, name=sent.filename, content=sent.stream,
            actor=actor(), now=now(), received_at=arrived_at(), replaces=_replaced(),
            scanner=current_app.extensions["rvc"].scanner,
        )  # fmt: skip
    except InvalidInput as error:
        wrong = {key: [labels.refusal(r) for refusals in error.problems.values() for r in refusals]}
        return form_error(PAGE, "one_piece", target=f"#piece-{key}", **_context(key, wrong))
    if added.id in before:
        return _changed(key, _("This very file is there already: it is kept once."))
    return _changed(key, _("The file is there."))


@bp.post("/<uuid:attachment_id>/remove")
@requires(Permission.WRITE)
def remove(attachment_id: UUID) -> Response:
    """Take one file out again."""
    found = next((a for a in dossiers.attachments(db.session(), g.dossier.id) if a.id == attachment_id), None)
    if found is None:
        raise NotFound
    pieces.remove(db.session(), g.dossier, attachment_id, actor=actor(), now=now(), received_at=arrived_at())
    return _changed(found.piece, _("The file is removed."))


@bp.get("/<uuid:attachment_id>/figure")
@requires(Permission.READ)
def figure(attachment_id: UUID) -> Response:
    """The place of one file's preview, asked again while that is being made."""
    found = next((a for a in dossiers.attachments(db.session(), g.dossier.id) if a.id == attachment_id), None)
    if found is None:
        raise NotFound
    return page("submission/figure.html", file=found, making=previews.being_made(db.session(), [found], now()))


@bp.get("/earlier/<uuid:attachment_id>")
@requires(Permission.WRITE)
def earlier(attachment_id: UUID) -> Response:
    """One file that was replaced or removed, for the city that gave it."""
    found = next((a for a in dossiers.earlier_attachments(db.session(), g.dossier.id) if a.id == attachment_id), None)
    if found is None:
        raise NotFound
    return send(found.sha256, found.name, found.content_type, found.size)


def _replaced() -> UUID | None:
    """The file whose place the new one takes; what is no id names none."""
    return uuid_in(request.form.get("replaces"))


def _changed(key: str, message: str) -> Response:
    url = url_for(".index", dossier_id=g.dossier.id, _anchor=f"piece-{key}")
    return done(url, PAGE, "one_piece", context=lambda: _context(key), message=message)


def _context(key: str | None = None, wrong: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """The page; `key`: the piece that htmx gets alone."""
    found = query.pieces(db.session(), g.dossier, may_change=filing_page.may_change(PIECES))
    if key is not None and all(p.piece.key != key for p in found):
        raise NotFound
    return {
        **filing_page.frame(dossiers.values(db.session(), g.dossier.id)),
        "pieces": found,
        "item": next((p for p in found if p.piece.key == key), None),
        "making": previews.being_made(db.session(), [file for p in found for file in p.files], now()),
        "earlier": _by_piece(dossiers.earlier_attachments(db.session(), g.dossier.id)),
        "scans": current_app.extensions["rvc"].scanner.is_set,
        "wrong": wrong or {},
        "errors": [(f"file-{name}", sentence) for name, sentences in (wrong or {}).items() for sentence in sentences],
        "endings": _endings,
    }


def _by_piece(files: Iterable[Attachment]) -> dict[str, list[Attachment]]:
    found: dict[str, list[Attachment]] = {}
    for file in files:
        found.setdefault(file.piece, []).append(file)
    return found


def _endings(formats: Iterable[str]) -> str:
    """What the browser's file dialog offers first; the content decides, not the name."""
    return ",".join(ending for name in formats for ending in uploads.ENDINGS.get(name, (f".{name}",)))
