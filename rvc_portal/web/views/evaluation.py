"""The evaluator at work: the declaration, the sheet, its closing; and what all closed sheets say together."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _

from rvc_portal.domain.errors import InvalidInput, NotFound
from rvc_portal.domain.progress import ENDINGS
from rvc_portal.domain.vocabulary import Permission, Role
from rvc_portal.models.base import db
from rvc_portal.models.evaluation import Assignment
from rvc_portal.queries import calibration, calls, progress, sheets
from rvc_portal.queries import evaluation as query
from rvc_portal.services import evaluation
from rvc_portal.web import dossier_page, labels, sheet_page
from rvc_portal.web.access import requires, requires_role
from rvc_portal.web.forms.base import problems, uuid_in
from rvc_portal.web.forms.dossier import ReasonedActForm
from rvc_portal.web.forms.evaluation import DeclarationForm
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, now

bp = Blueprint("evaluation", __name__)

SHEET, DECLARATION, RESULTS = "evaluation/sheet.html", "evaluation/declaration.html", "evaluation/results.html"


@bp.get("/assignments/<uuid:assignment_id>")
@requires_role(Role.EVALUATOR)
def sheet(assignment_id: UUID) -> Response:
    """The declaration first; then the sheet beside the file; once closed, the sheet to read; once ended, why."""
    try:
        found = sheet_page.open_assignment(assignment_id)
    except sheet_page.Ended as over:
        return page("evaluation/ended.html", **_ended(over.assignment))
    if kept := calibration.shut(db.session, found):
        return page("evaluation/shut.html", first=kept.first, **_asked(found))
    if found.declared_at is None:
        return page(DECLARATION, form=DeclarationForm(), errors=[], **_asked(found))
    if sheet_page.is_closed(found):
        return page("evaluation/closed.html", **sheet_page.closed(found))
    return page(SHEET, **sheet_page.page(found, sheet_page.sheet_form(found)))


@bp.post("/assignments/<uuid:assignment_id>/declaration")
@requires_role(Role.EVALUATOR)
def declare(assignment_id: UUID) -> Response:
    """Free of conflicts: the file opens. Tied: the assignment ends."""
    found, form = sheet_page.open_assignment(assignment_id), DeclarationForm()
    if form.validate_on_submit():
        try:
            evaluation.declare(
                db.session, found, free=form.free, reason=form.reason.data or "", actor=actor(), now=now()
            )
        except InvalidInput as error:
            form.take(error)
        else:
            return _declared(found, form.free)
    return form_error(DECLARATION, form=form, errors=problems(form), **_asked(found))


@bp.get("/assignments/<uuid:assignment_id>/close")
@requires_role(Role.EVALUATOR)
def review(assignment_id: UUID) -> Response:
    """The whole sheet once more, and what is still missing, before it is closed for good."""
    found = sheet_page.open_assignment(assignment_id, declared=True)
    return page("evaluation/close.html", **sheet_page.review(found))


@bp.post("/assignments/<uuid:assignment_id>/close")
@requires_role(Role.EVALUATOR)
def close(assignment_id: UUID) -> Response:
    """Close the sheet: from now on it counts, and nobody changes it."""
    found = sheet_page.open_assignment(assignment_id, declared=True)
    evaluation.close_sheet(db.session, found, actor=actor(), now=now())
    return done(url_for(".sheet", assignment_id=found.id), message=_("Your sheet is closed. Thank you for your work."))


@bp.get("/assignments/<uuid:assignment_id>/documents")
@requires_role(Role.EVALUATOR)
def sheet_documents(assignment_id: UUID) -> Response:
    """The closed sheet's document alone, asked again while it is being made; a browser gets the page."""
    found = sheet_page.open_assignment(assignment_id, declared=True)
    if not sheet_page.is_closed(found):
        raise NotFound
    return page("evaluation/closed.html", "document_list", **sheet_page.closed(found))


@bp.get("/dossiers/<uuid:dossier_id>/evaluation")
@requires(Permission.SEE_RESULTS)
def results() -> Response:
    """Means, charts and every closed sheet with its reasons."""
    return page(RESULTS, **_results())


@bp.post("/dossiers/<uuid:dossier_id>/evaluation/conflicts")
@requires(Permission.SEE_RESULTS)
def conflict_found() -> Response:
    """The Secretariat sets a closed sheet aside, since its author turns out to be tied to the city."""
    form, sheet_id = ReasonedActForm(), uuid_in(request.form.get("sheet"))
    if sheet_id is None:
        raise NotFound
    if not form.validate_on_submit():
        return form_error(RESULTS, **_results(wrong=str(sheet_id), errors=problems(form)))
    evaluation.conflict_found(db.session, g.dossier, sheet_id, reason=form.reason.data or "", actor=actor(), now=now())
    url = url_for(".results", dossier_id=g.dossier.id)
    return done(url, message=_("The sheet is set aside; the means are computed without it."))


def _results(wrong: str = "", errors: Sequence[tuple[str | None, str]] = ()) -> dict[str, Any]:
    """`wrong`: the sheet that could not be set aside, `errors`: why."""
    rubric = calls.definition(g.dossier.call).rubric
    return {
        "results": query.results(db.session, g.dossier, rubric, dossier_page.evaluators_told()),
        "rubric": rubric,
        "words": labels.reader_language(),
        "sets_aside": Role.SECRETARIAT in g.roles,
        "asked_again": sheets.asked_again(db.session(), g.dossier) if Role.SECRETARIAT in g.roles else (),
        "opened_again": sheets.opened_again(db.session(), g.dossier) if Role.SECRETARIAT in g.roles else (),
        "wrong": wrong,
        "errors": [(f"reason-{wrong}", sentence) for _id, sentence in errors],
        **dossier_page.head(),
    }


def _ended(found: Assignment) -> dict[str, Any]:
    """Why the person is asked for this file no more."""
    return {
        "city": found.dossier.lead_city,
        "call_title": labels.call_title(found.dossier.call),
        "because": labels.message(ENDINGS[found.ended_because or ""], {}),
        "draft": found.evaluation is not None,
    }


def _asked(found: Assignment) -> dict[str, Any]:
    """As much of the dossier as an evaluator may know before the declaration."""
    dossier = found.dossier
    return {
        "assignment": found,
        "due_at": progress.due_at(found),
        "zone": labels.call_zone(dossier.call),
        "city": dossier.lead_city,
        "country": labels.country(dossier.lead_country),
        "field": dossier.field,
        "field_label": dossier_page.field_label(dossier.call, dossier.field),
        "call_title": labels.call_title(dossier.call),
    }


def _declared(found: Assignment, free: bool) -> Response:
    if free:
        return done(url_for(".sheet", assignment_id=found.id), message=_("Thank you. The file is open to you now."))
    return done("/desk", message=_("Thank you. You have stepped aside, and the Secretariat has been told."))
