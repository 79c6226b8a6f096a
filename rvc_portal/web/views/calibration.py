"""Calibration: the Secretariat marks the files that all judge first; evaluators see how far their scores lie apart."""

from typing import Any

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from rvc_portal.domain.calibration import spread
from rvc_portal.domain.errors import NotFound
from rvc_portal.domain.vocabulary import Permission, Role
from rvc_portal.models.base import db
from rvc_portal.queries import assignments, calls, discussion
from rvc_portal.queries import calibration as query
from rvc_portal.queries import evaluation as sheets
from rvc_portal.services import assignments as asking
from rvc_portal.services import calibration
from rvc_portal.web import dossier_page, labels
from rvc_portal.web.access import requires, requires_role_on_call
from rvc_portal.web.htmx import done, page
from rvc_portal.web.session import actor, now

bp = Blueprint("calibration", __name__)


@bp.get("/calls/<key>/calibration")
@requires_role_on_call(Role.SECRETARIAT)
def index() -> Response:
    """A field's files: which are for calibration, how far their sheets are, and whether the others are open."""
    fields = assignments.fields(db.session, actor(), g.call)
    field = request.args.get("field") or next((key for key, _count in fields), None)
    if fields and field not in dict(fields):
        raise NotFound
    return page("evaluation/calibration.html", **_of_field(field), fields=_tabs(fields, field))


@bp.post("/calls/<key>/calibration")
@requires_role_on_call(Role.SECRETARIAT)
def open_rest() -> Response:
    """Open the other files of a field to their evaluators."""
    field = request.form.get("field") or None
    calibration.open_rest(db.session, g.call, field, actor=actor(), now=now())
    return done(_url(g.call.key, field), message=_("The other files of this field are open to their evaluators."))


@bp.post("/dossiers/<uuid:dossier_id>/calibration/mark")
@requires(Permission.ASSIGN)
def mark() -> Response:
    """Mark the file for calibration; every evaluator of the field is asked for it."""
    asked = asking.calibrate(db.session, g.dossier, actor=actor(), now=now())
    message = ngettext("Marked. %(num)s evaluator was asked.", "Marked. %(num)s evaluators were asked.", asked)
    return done(_url(g.dossier.call.key, g.dossier.field), message=message)


@bp.post("/dossiers/<uuid:dossier_id>/calibration/unmark")
@requires(Permission.ASSIGN)
def unmark() -> Response:
    """Take the mark off again."""
    calibration.unmark(db.session, g.dossier, actor=actor(), now=now())
    return done(_url(g.dossier.call.key, g.dossier.field), message=_("The file is not for calibration any more."))


@bp.get("/dossiers/<uuid:dossier_id>/calibration")
@requires(Permission.READ_DISCUSSION)
def show() -> Response:
    """How far the scores of the closed sheets lie apart, for whoever takes part in the discussion of the file."""
    if not query.is_marked(db.session, g.dossier.id):
        raise NotFound
    to = discussion.standing(db.session, actor(), g.dossier, g.roles)
    return page("evaluation/spread.html", waits=not to.roles, **_spread() if to.roles else {}, **dossier_page.head())


def _of_field(field: str | None) -> dict[str, Any]:
    return {
        "call": g.call,
        "call_title": labels.call_title(g.call),
        "field": field,
        "wanted": calls.definition(g.call).calibration_files,
        "zone": calls.definition(g.call).timezone,
        "files": query.candidates(db.session, actor(), g.call, field),
        "opening": query.opening(db.session, g.call, field),
        "refusals": [labels.refusal(r) for r in calibration.refusals(db.session, g.call, field)],
    }


def _tabs(fields: list[tuple[str | None, int]], field: str | None) -> list[dict[str, Any]]:
    return [
        {"label": dossier_page.field_label(g.call, key), "url": _url(g.call.key, key), "current": key == field}
        for key, _count in fields
    ]


def _url(key: str, field: str | None) -> str:
    return url_for(".index", key=key, field=field)


def _spread() -> dict[str, Any]:
    """Each criterion with how far its scores lie apart, over the closed sheets."""
    rubric, language = calls.definition(g.dossier.call).rubric, labels.reader_language()
    found = sheets.sheets_of(db.session, g.dossier, dossier_page.evaluators_told())
    given = {
        c.key: [it.value for s in found if (it := s.scores.get(c.key)) and it.value is not None]
        for c in rubric.criteria
    }
    rows = [(c.label.of(language), spread(given[c.key])) for c in rubric.criteria]
    return {"rubric": rubric, "rows": [(label, apart) for label, apart in rows if apart is not None]}
