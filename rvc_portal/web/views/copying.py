"""Answers and pieces copied from one's own earlier file: which file, what of it fits, and then the copy."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from rvc_portal.domain.copying import Offer, left_out, offers
from rvc_portal.domain.errors import InvalidInput, NotFound, Overtaken, Refusal
from rvc_portal.domain.form import Question
from rvc_portal.domain.vocabulary import Permission
from rvc_portal.models.base import db
from rvc_portal.models.dossier import Dossier
from rvc_portal.queries import calls, copying, dossiers
from rvc_portal.services import copying as service
from rvc_portal.services.contexts import answers as printed
from rvc_portal.web import filing_page, labels
from rvc_portal.web.access import open_dossier, requires
from rvc_portal.web.forms.base import uuid_in
from rvc_portal.web.forms.submission import seen, wording
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, now

bp = Blueprint("copying", __name__, url_prefix="/dossiers/<uuid:dossier_id>")

PAGE = "submission/copy.html"


@bp.get("/copy")
@requires(Permission.WRITE)
def show() -> Response | AnyResponse:
    """The earlier files to choose from; with one chosen (`source`), what of it fits this draft."""
    if g.dossier.state != "draft":
        return redirect(url_for("submission.sections", dossier_id=g.dossier.id))
    return page(PAGE, **_context(request.args.get("source"), errors=[]))


@bp.post("/copy")
@requires(Permission.WRITE)
def copy() -> Response:
    """Copy what is ticked; what the draft says already is replaced only where that was ticked too."""
    sent = request.form
    source_id = uuid_in(sent.get("source"))
    if source_id is None:
        raise NotFound
    session, files = db.session(), current_app.extensions["rvc"].files
    try:
        changed = service.copy(
            session, g.dossier, source_id, sent.getlist("take"), actor=actor(), now=now(), seen=seen(sent)
        )  # fmt: skip
        wanted = {found for text in sent.getlist("piece") if (found := uuid_in(text))}
        taken = service.copy_pieces(session, files, g.dossier, source_id, wanted, actor=actor(), now=now())
    except Overtaken as error:
        told = [labels.refusal(refusal, filing_page.definition().timezone) for refusal in error.refusals]
        return _again(source_id, 409, told)
    except InvalidInput as error:
        return _again(
            source_id, 422, [_in_piece(key, refusal) for key, found in error.problems.items() for refusal in found]
        )
    if not changed and not taken:
        return _again(source_id, 422, [_("Nothing is ticked: choose what to copy.")])
    if changed:
        flash(ngettext("One answer is copied.", "%(num)s answers are copied.", len(changed)), "success")
    if taken:
        flash(ngettext("One piece is copied.", "%(num)s pieces are copied.", len(taken)), "success")
    return done(url_for("submission.sections", dossier_id=g.dossier.id))


def _again(source_id: UUID, status: int, sentences: Sequence[str]) -> Response:
    """The preview once more, and why nothing was copied."""
    db.session().rollback()
    open_dossier(g.dossier.id)
    return form_error(
        PAGE, status=status, **_context(str(source_id), errors=[(None, sentence) for sentence in sentences])
    )


def _in_piece(key: str, refusal: Refusal) -> str:
    return wording(filing_page.definition().piece(key).label) + _(": ") + labels.refusal(refusal)


def _context(source: str | None, errors: Sequence[tuple[str | None, str]]) -> dict[str, Any]:
    session = db.session()
    found = copying.earlier(session, actor(), g.dossier)
    chosen = next((d for d in found if str(d.id) == source), None)
    if source and chosen is None:
        raise NotFound
    kept = dossiers.answers(session, g.dossier.id)
    values = {key: answer.value for key, answer in kept.items()}
    return {
        **filing_page.frame(values),
        "earlier": [_file(d) for d in found],
        "chosen": _file(chosen) if chosen else None,
        "other_language": labels.language(chosen.language)
        if chosen and chosen.language != g.dossier.language
        else None,
        "errors": errors,
        "revisions": {key: answer.revision for key, answer in kept.items()},
        **(_preview(chosen, values) if chosen else {"offers": [], "pieces": [], "left_out": []}),
    }


def _preview(chosen: Dossier, values: dict[str, Any]) -> dict[str, Any]:
    old, new = calls.definition(chosen.call).form, filing_page.definition().form
    earlier = dossiers.values(db.session(), chosen.id)
    return {
        "offers": [
            _offer(offer, values, chosen.language) for offer in offers(old, new, earlier, values, g.dossier.language)
        ],
        "pieces": [
            {"file": file, "room": room, "label": wording(filing_page.definition().piece(file.piece).label)}
            for file, room in copying.pieces(db.session(), g.dossier, chosen)
        ],
        "left_out": [
            {"label": filing_page.question_label(item.question), "reason": _(item.reason)}
            for item in left_out(old, new, earlier)
        ],
    }


def _offer(offer: Offer, values: dict[str, Any], language: str) -> dict[str, Any]:
    form, question = filing_page.definition().form, offer.question
    return {
        "key": question.key,
        "label": filing_page.question_label(question),
        "printed": printed.question(form, question, offer.value, language),
        "present": _present(question, values[question.key]) if offer.present else None,
        "problems": list(dict.fromkeys(labels.problem(problem) for problem in offer.problems)),
        "lost": [wording(label) for label in offer.lost],
    }


def _present(question: Question, value: Any) -> dict[str, Any]:
    """The answer of this file; its key differs, since it becomes an id on the page."""
    shown = printed.question(filing_page.definition().form, question, value, g.dossier.language)
    return {**shown, "key": f"{question.key}-now"}


def _file(dossier: Dossier) -> dict[str, Any]:
    told = calls.definition(dossier.call)
    procedure = dossiers.procedure_of(dossier)
    return {
        "id": dossier.id,
        "city": dossier.lead_city,
        "reference": dossier.reference,
        "call": wording(told.title),
        "state": labels.state(procedure, dossier.state, inside=False),
        "state_key": labels.state_key(procedure, dossier.state, inside=False),
        "url": url_for(".show", dossier_id=g.dossier.id, source=dossier.id),
    }
