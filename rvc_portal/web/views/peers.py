"""What the other evaluators of a dossier wrote, for one whose own sheet is closed."""

from uuid import UUID

from flask import Blueprint, Response, g
from flask_babel import gettext as _

from rvc_portal.domain.errors import NotFound
from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.base import db
from rvc_portal.queries import calls, dossiers, peers
from rvc_portal.queries import evaluation as query
from rvc_portal.web import dossier_page, labels
from rvc_portal.web.access import requires_role
from rvc_portal.web.htmx import page
from rvc_portal.web.session import actor

bp = Blueprint("peers", __name__)


@bp.get("/assignments/<uuid:assignment_id>/sheets")
@requires_role(Role.EVALUATOR)
def sheets(assignment_id: UUID) -> Response:
    """The others' closed sheets with their reasons, where the call lets evaluators read each other."""
    found = query.own_assignment(db.session, actor(), assignment_id)
    if found is None or not peers.may_read(db.session, actor(), found.dossier):
        raise NotFound
    g.dossier, g.procedure, g.roles = found.dossier, dossiers.procedure_of(found.dossier), frozenset({Role.EVALUATOR})
    told = calls.definition(found.dossier.call)
    own = found.evaluation.id if found.evaluation else None
    names = dossier_page.evaluators_told()
    return page(
        "evaluation/peers.html",
        assignment=found,
        rubric=told.rubric,
        words=labels.reader_language(),
        sheets=[sheet for sheet in query.sheets_of(db.session, found.dossier, names) if sheet.id != own],
        redacted=None if names.shown else _("The call hides names among evaluators: everybody has a number."),
        **dossier_page.head(),
    )
