"""The page of a dossier, the file itself, and the acts that need no page of their own."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, g, url_for
from flask_babel import gettext as _

from rvc_portal.domain.errors import NotFound
from rvc_portal.domain.vocabulary import APPLICANTS, Permission
from rvc_portal.models.base import db
from rvc_portal.models.dossier import Attachment
from rvc_portal.queries import calls, filed
from rvc_portal.services import complete_dossier, evaluation, screening, submission
from rvc_portal.services.contexts import answers
from rvc_portal.web import dossier_page, labels
from rvc_portal.web.access import may, requires
from rvc_portal.web.forms.dossier import ActForm, ReasonedActForm
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, now
from rvc_portal.web.views.documents import send, send_preview

bp = Blueprint("dossier", __name__, url_prefix="/dossiers/<uuid:dossier_id>")

VERBS: dict[str, Callable[..., Any]] = {
    "dismiss": screening.dismiss,
    "admit": screening.admit,
    "refer": evaluation.refer,
    "reopen": evaluation.reopen,
    "withdraw": submission.withdraw,
}
"""The acts of this page; all others have pages of their own, or are nobody's to press."""

SHOW = "dossier/show.html"


@bp.get("")
@requires(Permission.KNOW)
def show() -> Response:
    """Where the dossier stands, what waits for whom, its documents, its history."""
    return page(SHOW, **dossier_page.page())


@bp.get("/documents")
@requires(Permission.KNOW)
def documents() -> Response:
    """The list of documents alone, asked again while one is being made; a browser gets the page."""
    return page(SHOW, "document_list", **dossier_page.page())


@bp.post("/complete")
@requires(Permission.READ)
def complete() -> Response:
    """Have the complete dossier made for this person: a document that appears in the list."""
    files = current_app.extensions["rvc"].files
    complete_dossier.order(db.session(), files, g.dossier, actor=actor(), now=now())
    return done(
        url_for(".show", dossier_id=g.dossier.id), SHOW, "part_documents", context=dossier_page.page,
        message=_("The complete dossier is in the list of documents as soon as it is made."),
    )  # fmt: skip


@bp.post("/act/<name>")
@requires(Permission.KNOW)
def act(name: str) -> Response:
    """Carry out a transition, and answer with all that it changed on the page."""
    if name not in VERBS or name not in g.procedure.transitions:
        raise NotFound
    reasoned = g.procedure.transitions[name].needs_reason
    form = ReasonedActForm() if reasoned else ActForm()
    if not form.validate_on_submit():
        wrong = {name: [str(error) for errors in form.errors.values() for error in errors]}
        typed = {name: form.data.get("reason") or ""}
        return form_error(SHOW, "part_actions", target="#part-actions", **dossier_page.page(wrong=wrong, typed=typed))
    more = {"reason": form.data["reason"]} if reasoned else {}
    label = labels.transition(g.procedure.transitions[name])
    VERBS[name](db.session, g.dossier, actor=actor(), now=now(), seen_version=form.data["version"], **more)
    message = _("Done: %(act)s.", act=label)
    if not may(Permission.KNOW):  # the act took the file out of the person's sight
        return done(url_for("desk.index"), message=message)
    return done(
        url_for(".show", dossier_id=g.dossier.id), SHOW, blocks=dossier_page.PARTS, context=dossier_page.page,
        message=message,
    )  # fmt: skip


@bp.get("/file")
@requires(Permission.READ)
def file() -> Response:
    """All answers as they print, and the pieces."""
    told = calls.definition(g.dossier.call)
    found = filed.content(db.session, g.dossier, as_filed=_as_filed())
    sections = answers.sections(told, found.answers, g.dossier.language)
    return page(
        "dossier/file.html", sections=sections, pieces=told.pieces, content=found, contents=dossier_page.contents(sections),
        download=_download, small=_preview_url, **dossier_page.head(),
    )  # fmt: skip


@bp.get("/pieces/<uuid:piece_id>")
@requires(Permission.READ)
def piece(piece_id: UUID) -> Response:
    """One uploaded file, never opened by the browser itself."""
    found = filed.piece(db.session, g.dossier, piece_id, as_filed=_as_filed())
    if found is None:
        raise NotFound
    return send(found.sha256, found.name, found.content_type, found.size)


@bp.get("/pieces/<uuid:piece_id>/preview")
@requires(Permission.READ)
def preview(piece_id: UUID) -> Response:
    """The small picture of one uploaded file, for whoever may read the file."""
    return send_preview(filed.piece(db.session, g.dossier, piece_id, as_filed=_as_filed()))


def _download(attachment: Attachment) -> str:
    return url_for(".piece", dossier_id=g.dossier.id, piece_id=attachment.id)


def _preview_url(attachment: Attachment) -> str:
    return url_for(".preview", dossier_id=g.dossier.id, piece_id=attachment.id)


def _as_filed() -> bool:
    """The city's own people see the work in hand, everybody else what was filed last."""
    return not g.roles & APPLICANTS
