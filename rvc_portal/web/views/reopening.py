"""A closed sheet opened again: asked for by its evaluator, answered by the Secretariat, who see every version."""

from uuid import UUID

from flask import Blueprint, Response, abort, g, request, url_for
from flask_babel import gettext as _

from rvc_portal.domain.errors import InvalidInput, NotFound
from rvc_portal.domain.vocabulary import Permission, Role
from rvc_portal.models.base import db
from rvc_portal.services import reopening
from rvc_portal.web import labels, sheet_page
from rvc_portal.web.access import requires, requires_role
from rvc_portal.web.forms.base import uuid_in
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, now

bp = Blueprint("reopening", __name__)

VERSIONS = "evaluation/versions.html"


@bp.post("/assignments/<uuid:assignment_id>/reopening")
@requires_role(Role.EVALUATOR)
def ask(assignment_id: UUID) -> Response:
    """Ask the Secretariat to open the closed sheet again."""
    found = sheet_page.open_assignment(assignment_id, declared=True)
    reason = request.form.get("reason", "")
    try:
        reopening.ask(db.session(), found, reason=reason, actor=actor(), now=now())
    except InvalidInput as error:
        return form_error("evaluation/closed.html", **sheet_page.closed(found, reason=reason, errors=_sentences(error)))
    message = _("The Secretariat has been asked. Until it answers, your sheet counts as it stands.")
    return done(url_for("evaluation.sheet", assignment_id=found.id), message=message)


@bp.get("/dossiers/<uuid:dossier_id>/evaluation/sheets/<uuid:sheet_id>")
@requires(Permission.SEE_RESULTS)
def versions(sheet_id: UUID) -> Response:
    """Every version of a sheet with what changed, for the Secretariat alone."""
    _secretariat()
    return page(VERSIONS, **sheet_page.versions(sheet_id))


@bp.post("/dossiers/<uuid:dossier_id>/evaluation/sheets/<uuid:sheet_id>")
@requires(Permission.SEE_RESULTS)
def answer(sheet_id: UUID) -> Response:
    """Open the sheet again, or decline with a reason."""
    _secretariat()
    given = request.form.get("answer") == "give"
    asked_id = uuid_in(request.form.get("request"))
    if asked_id is None:
        raise NotFound
    try:
        reopening.answer(
            db.session(),
            g.dossier,
            asked_id,
            given=given,
            reason=request.form.get("reason", ""),
            actor=actor(),
            now=now(),
        )
    except InvalidInput as error:
        return form_error(VERSIONS, **sheet_page.versions(sheet_id, wrong=str(asked_id), errors=_sentences(error)))
    url = url_for(".versions", dossier_id=g.dossier.id, sheet_id=sheet_id)
    if given:
        return done(url, message=_("The sheet is open again and counts no more; the evaluator is told by mail."))
    return done(url, message=_("The sheet stays closed; the evaluator is told by mail."))


def _secretariat() -> None:
    if Role.SECRETARIAT not in g.roles:
        abort(403)


def _sentences(error: InvalidInput) -> list[str]:
    return [labels.refusal(refusal) for refusals in error.problems.values() for refusal in refusals]
