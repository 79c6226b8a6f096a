"""The Steering Group on a call: its sittings, who takes a seat and declares what, and the files before it."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, redirect, url_for
from flask_babel import gettext as _

from rvc_portal.domain.errors import NotFound
from rvc_portal.domain.vocabulary import Permission, Role
from rvc_portal.models.base import db
from rvc_portal.models.steering import SteeringSession
from rvc_portal.queries import calls, dossiers
from rvc_portal.queries import deliberation as live
from rvc_portal.queries import steering as query
from rvc_portal.services import deliberation
from rvc_portal.web import dossier_page, labels
from rvc_portal.web.access import requires, requires_role, requires_role_on_call
from rvc_portal.web.forms.base import problems
from rvc_portal.web.forms.steering import AttendanceForm
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, now

bp = Blueprint("steering", __name__)

SHOW = "steering/show.html"
PARTS = ("part_sitting", "part_agenda")


@bp.get("/steering")
@requires_role(Role.STEERING, Role.SECRETARIAT)
def index() -> Response:
    """The calls at work; where there is one, at once its page."""
    found = [c for c in calls.announced(db.session, actor()) if _reaches(c.id)]
    if len(found) == 1:
        return redirect(url_for(".show", key=found[0].key), 303)  # type: ignore[return-value]
    rows = [(labels.call_title(c), url_for(".show", key=c.key), c) for c in found]
    return page("steering/index.html", rows=rows, title=_("Steering Group"))


@bp.get("/calls/<key>/steering")
@requires_role_on_call(Role.STEERING, Role.SECRETARIAT)
def show() -> Response:
    """The sitting, who is there, the files before the group."""
    return page(SHOW, **_show())


@bp.post("/calls/<key>/steering/sittings/<uuid:sitting_id>/close")
@requires_role_on_call(Role.STEERING, Role.SECRETARIAT)
def close_sitting(sitting_id: UUID) -> Response:
    """Close the sitting."""
    deliberation.close(db.session(), _sitting(sitting_id), actor=actor(), now=now())
    return _sitting_done(_("The sitting is closed."))


@bp.post("/calls/<key>/steering/sittings/<uuid:sitting_id>/attendance")
@requires_role_on_call(Role.STEERING)
def attend(sitting_id: UUID) -> Response:
    """Take one's seat, and declare one's interests on the agenda."""
    form, sitting = AttendanceForm(), _sitting(sitting_id)
    form.read([d.id for d in query.in_review(db.session, actor(), g.call)])
    complete = form.validate_on_submit() & form.interests_complete()
    seat = next((s.id for s in actor().steering_seats if str(s.id) == form.seat.data), None)
    if not complete or seat is None:
        if seat is None and not form.seat.errors:
            form.seat.errors = [_("Choose your seat.")]
        errors = problems(form) + form.problems_of_interests()
        return form_error(SHOW, "part_sitting", target="#part-sitting", **_show(attendance=form, errors=errors))
    deliberation.attend(db.session(), sitting, seat, conflicted=form.conflicted, actor=actor(), now=now())
    message = _("You have taken your seat, and your declaration is on record.")
    return done(url_for("sittings.show", key=g.call.key, sitting_id=sitting.id), message=message)


@bp.get("/dossiers/<uuid:dossier_id>/opinion")
@requires(Permission.ADVISE)
def opinion() -> Response:
    """Where the group gives its opinion on this file: the sitting that has it on its agenda, else the group's page."""
    sitting, key = live.sitting_on(db.session(), g.dossier), g.dossier.call.key
    url = url_for("sittings.show", key=key, sitting_id=sitting.id) if sitting else url_for(".show", key=key)
    return redirect(url, 303)  # type: ignore[return-value]


def _show(**more: Any) -> dict[str, Any]:
    found = query.sittings(db.session, g.call)
    current = next((s for s in found if s.opened_at and s.closed_at is None), None)
    here = query.present(db.session, current.id) if current else []
    mine = {s.id for s in actor().steering_seats}
    member = actor().has(Role.STEERING)
    return {
        "call": g.call,
        "call_title": labels.call_title(g.call),
        "zone": calls.definition(g.call).timezone,
        "quorum": calls.definition(g.call).quorum,
        "current": current,
        "planned": [s for s in found if s.opened_at is None and s.closed_at is None],
        "past": [s for s in found if s.closed_at is not None],
        "present": here,
        "my_seats": actor().steering_seats,
        "seated": [p for p in here if p.attendance.seat_id in mine],
        "interests": query.in_review(db.session, actor(), g.call) if member and current else [],
        "agenda": [_item(item) for item in query.agenda(db.session, actor(), g.call)],
        "member": member,
        "secretariat": actor().has_on_call(Role.SECRETARIAT, g.call.id),
        "attendance": None,
        "errors": [],
    } | more


def _item(item: query.Item) -> dict[str, Any]:
    dossier = item.dossier
    return {
        "dossier": dossier,
        "field_label": dossier_page.field_label(g.call, dossier.field),
        "state": labels.state(dossiers.procedure_of(dossier), dossier.state, inside=True),
        "opinion": labels.outcome(item.opinion) if item.opinion else None,
        "report": item.report,
    }


def _sitting(sitting_id: UUID) -> SteeringSession:
    found = query.sitting(db.session, g.call, sitting_id)
    if found is None:
        raise NotFound
    return found


def _sitting_done(message: str) -> Response:
    return done(url_for(".show", key=g.call.key), SHOW, blocks=PARTS, context=_show, message=message)


def _reaches(call_id: UUID) -> bool:
    return any(actor().has_on_call(role, call_id) for role in (Role.STEERING, Role.SECRETARIAT))
