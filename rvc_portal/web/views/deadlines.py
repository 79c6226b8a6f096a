"""The Secretariat gives one city time: an extension, or a late admission after its file has lapsed."""

from typing import Any

from flask import Blueprint, Response, g, url_for
from flask_babel import gettext as _

from rvc_portal.domain.errors import InvalidInput
from rvc_portal.domain.vocabulary import Permission
from rvc_portal.models.base import db
from rvc_portal.queries import calls
from rvc_portal.queries import deadlines as query
from rvc_portal.services import deadlines
from rvc_portal.web import dossier_page, labels
from rvc_portal.web.access import requires
from rvc_portal.web.forms.base import problems
from rvc_portal.web.forms.deadlines import TimeForm
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, now

bp = Blueprint("deadlines", __name__, url_prefix="/dossiers/<uuid:dossier_id>")

PAGE = "deadlines/give_time.html"


@bp.get("/deadline")
@requires(Permission.GIVE_TIME)
def ask() -> Response:
    """The file's present deadline, and the form that moves it."""
    return page(PAGE, **_context(_form(version=g.dossier.version)))


@bp.post("/deadline")
@requires(Permission.GIVE_TIME)
def give() -> Response:
    """Move it."""
    form = _form()
    if form.validate_on_submit():
        try:
            deadlines.give_time(
                db.session(), g.dossier, until=form.instant, reason=form.reason.data, actor=actor(), now=now(),
                seen_version=form.version.data,
            )  # fmt: skip
        except InvalidInput as error:
            form.take(error)
        else:
            until = labels.instant(query.of_dossier(g.dossier).shown, _zone())
            message = _("The file is taken until %(instant)s; the city is told by mail.", instant=until)
            return done(url_for("dossier.show", dossier_id=g.dossier.id), message=message)
    return form_error(PAGE, "part_form", blocks=("part_errors",), **_context(form))


def _form(**data: Any) -> TimeForm:
    form = TimeForm(data=data)
    form.zone = _zone()
    return form


def _zone() -> str:
    return calls.definition(g.dossier.call).timezone


def _context(form: TimeForm) -> dict[str, Any]:
    return {
        **dossier_page.head(),
        "form": form,
        "errors": problems(form),
        "act": labels.transition(g.procedure.transitions[deadlines.act_of(g.dossier)]),
        "lapsed": g.dossier.state == "lapsed",
        "at": query.of_dossier(g.dossier).shown,
    }
