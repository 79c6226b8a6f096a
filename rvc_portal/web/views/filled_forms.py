"""A form filled in away from the portal: where to take it, where it comes back, and what it would change before it does."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from rvc_portal.domain import comparison
from rvc_portal.domain.blank_form import Offer
from rvc_portal.domain.errors import InvalidInput, NotFound, Overtaken, Refusal
from rvc_portal.domain.vocabulary import N_, Doc, Permission
from rvc_portal.models.base import db
from rvc_portal.models.filled_form import FilledForm
from rvc_portal.queries import documents, dossiers
from rvc_portal.queries import filled_forms as query
from rvc_portal.services import answer_tables
from rvc_portal.services import filled_forms as service
from rvc_portal.web import filing_page, labels
from rvc_portal.web.access import may, open_dossier, requires
from rvc_portal.web.dossier_page import document_item
from rvc_portal.web.forms.submission import asked, seen
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, arrived_at, now

bp = Blueprint("filled_forms", __name__, url_prefix="/dossiers/<uuid:dossier_id>/blank-form")

INDEX, PREVIEW = "submission/bring_in.html", "submission/filled.html"


@bp.get("")
@requires(Permission.READ)
def index() -> Response | AnyResponse:
    """The blank form to take, and the place to bring it back."""
    if not may(Permission.WRITE):
        return redirect(url_for("dossier.show", dossier_id=g.dossier.id))
    return page(INDEX, **_index())


@bp.post("")
@requires(Permission.READ)
def upload() -> Response:
    """Take a form back, and show what it would change."""
    sent = request.files.get("form")
    try:
        if sent is None or not sent.filename:
            raise InvalidInput({"file": (Refusal(N_("Choose a file first.")),)})
        kept = service.take_in(
            db.session(), g.dossier, sent.stream, sent.filename, actor=actor(), now=now(), received_at=arrived_at()
        )
    except InvalidInput as error:
        zone = filing_page.definition().timezone
        wrong = [labels.refusal(refusal, zone) for found in error.problems.values() for refusal in found]
        return form_error(INDEX, **_index(wrong))
    return done(url_for(".preview", dossier_id=g.dossier.id, filled_id=kept.id))


@bp.get("/<uuid:filled_id>")
@requires(Permission.READ)
def preview(filled_id: UUID) -> Response | AnyResponse:
    """Question by question what the form would change now."""
    if not may(Permission.WRITE):
        return redirect(url_for("dossier.show", dossier_id=g.dossier.id))
    return page(PREVIEW, **_preview(_filled(filled_id)))


@bp.post("/<uuid:filled_id>")
@requires(Permission.READ)
def take(filled_id: UUID) -> Response:
    """Save what is ticked; every other answer stays as it is."""
    filled, sent = _filled(filled_id), request.form
    try:
        changed = service.take(
            db.session(), g.dossier, filled, sent.getlist("take"), seen=seen(sent), actor=actor(), now=now(),
            received_at=arrived_at(),
        )  # fmt: skip
    except Overtaken as error:
        told = [labels.refusal(refusal, filing_page.definition().timezone) for refusal in error.refusals]
        return _again(filled_id, 409, [*told, _("Nothing was saved. Look at the difference again before you save it.")])
    if not changed:
        return _again(filled_id, 422, [_("Nothing is ticked: choose what to take.")])
    message = ngettext("One answer is taken from the form.", "%(num)s answers are taken from the form.", len(changed))
    return done(url_for("submission.sections", dossier_id=g.dossier.id), message=message)


def _again(filled_id: UUID, status: int, sentences: Sequence[str]) -> Response:
    """The difference as it is now, and why nothing was saved."""
    db.session().rollback()
    open_dossier(g.dossier.id)
    return form_error(PREVIEW, status=status, **_preview(_filled(filled_id), sentences))


def _filled(filled_id: UUID) -> FilledForm:
    found = query.find(db.session(), actor(), g.dossier, filled_id)
    if found is None:
        raise NotFound
    return found


def _index(wrong: Sequence[str] = ()) -> dict[str, Any]:
    forms = documents.of_call(db.session(), g.dossier.call, frozenset({Doc.BLANK_FORM}))
    return {
        **filing_page.frame(dossiers.values(db.session(), g.dossier.id)),
        "forms": [document_item(shown) for shown in forms],
        "wrong": wrong,
        "errors": [("form", sentence) for sentence in wrong],
    }


def _preview(filled: FilledForm, sentences: Sequence[str] = ()) -> dict[str, Any]:
    kept = dossiers.answers(db.session(), g.dossier.id)
    values, form = {key: answer.value for key, answer in kept.items()}, filing_page.definition().form
    offers, left_out = query.effects(db.session(), actor(), g.dossier, filled)
    after = {**values, **{offer.question.key: offer.value for offer in offers}}
    say = answer_tables.worded(labels.reader_language())
    told = {answer.question.key: answer for answer in comparison.answers(form, values, after, say)}
    revisions = {key: answer.revision for key, answer in kept.items()}
    shown = {o.question.key: _offer(o, told[o.question.key], revisions.get(o.question.key, 0)) for o in offers}
    return {
        **filing_page.frame(values),
        "filled": filled,
        "parts": [(s, [shown[q.key] for q in s.questions if q.key in shown]) for s in form.sections],
        "changes": len(shown),
        "left_out": [
            {"label": filing_page.question_label(item.question), "reason": _(item.reason)} for item in left_out
        ],
        "errors": [(None, sentence) for sentence in sentences],
    }


def _offer(offer: Offer, told: comparison.ComparedAnswer, revision: int) -> dict[str, Any]:
    form, question = filing_page.definition().form, offer.question
    wrong = asked(form, question, None, {}, is_open=True, value=offer.value).sentences if offer.problems else []
    return {
        "key": question.key,
        "label": filing_page.question_label(question),
        "told": told,
        "revision": revision,
        "present": offer.present,
        "take": offer.take,
        "problems": wrong,
    }
