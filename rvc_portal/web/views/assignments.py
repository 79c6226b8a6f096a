"""The Secretariat asks evaluators: for one dossier, and for a whole call at once."""

from collections.abc import Sequence
from math import ceil
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from rvc_portal.domain.errors import NotFound
from rvc_portal.domain.vocabulary import STREAM_OF_SEAT, Permission, Role, SeatKind
from rvc_portal.models.base import db
from rvc_portal.models.seat import Seat
from rvc_portal.queries import assignments as query
from rvc_portal.queries import calls, dossiers, supervision
from rvc_portal.services import assignments, evaluation
from rvc_portal.web import dossier_page, labels
from rvc_portal.web.access import requires, requires_role_on_call
from rvc_portal.web.forms.base import uuid_in
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, now

bp = Blueprint("assignments", __name__)

SEATS, SEAT = "evaluation/evaluators.html", "evaluation/evaluator.html"


@bp.get("/dossiers/<uuid:dossier_id>/evaluators")
@requires(Permission.ASSIGN)
def evaluators() -> Response:
    """The seats of the field: who is asked, how far they are, who is kept away."""
    return page(SEATS, **_seats())


@bp.post("/dossiers/<uuid:dossier_id>/evaluators")
@requires(Permission.ASSIGN)
def assign() -> Response:
    """Ask the seats that were ticked."""
    wanted = [seat_id for value in request.form.getlist("seat") if (seat_id := uuid_in(value))]
    if not wanted:
        error = _("Tick at least one evaluator.")
        return form_error(SEATS, "part_seats", target="#part-seats", **_seats(errors=[("free", error)]))
    made = evaluation.assign(db.session, g.dossier, wanted, actor=actor(), now=now())
    message = ngettext("%(num)s evaluator was asked.", "%(num)s evaluators were asked.", len(made))
    return _seats_done(message)


@bp.post("/dossiers/<uuid:dossier_id>/evaluators/<uuid:seat_id>/unassign")
@requires(Permission.ASSIGN)
def unassign(seat_id: UUID) -> Response:
    """Take a seat off the dossier again."""
    evaluation.unassign(db.session, g.dossier, seat_id, actor=actor(), now=now())
    return _seats_done(_("The request was withdrawn."))


@bp.get("/calls/<key>/assignments")
@requires_role_on_call(Role.SECRETARIAT)
def overview() -> Response:
    """Every file of a field against every seat."""
    fields = query.fields(db.session, actor(), g.call)
    keys = [key for key, _count in fields]
    asked = request.args.get("field", "")
    field = asked if asked in keys else (keys[0] if keys else None)
    number = max(1, request.args.get("page", 1, type=int))
    found = query.overview(db.session, actor(), g.call, field, number, now())
    return page(
        "evaluation/overview.html",
        overview=found,
        field=field,
        fields=[(key, _field_label(key), count) for key, count in fields],
        number=number,
        pages=ceil(found.total / query.ROWS),
        calibrates=calls.definition(g.call).calibration_files is not None,
        **_call(),
    )


@bp.get("/calls/<key>/assignments/all")
@requires_role_on_call(Role.SECRETARIAT)
def preview() -> Response:
    """What asking everybody would do, before it is done."""
    found = query.wanting(db.session, actor(), g.call, now())
    rows = [(_field_label(w.field), w) for w in found]
    return page("evaluation/assign_all.html", rows=rows, new=sum(w.new for w in found), **_call())


@bp.post("/calls/<key>/assignments/all")
@requires_role_on_call(Role.SECRETARIAT)
def assign_all() -> Response:
    """Ask every free seat of the field for every file in evaluation."""
    made = assignments.assign_all(db.session, g.call, actor=actor(), now=now())
    message = ngettext("%(num)s request was sent.", "%(num)s requests were sent.", made)
    return done(url_for(".overview", key=g.call.key), message=message)


@bp.get("/calls/<key>/evaluators/<uuid:seat_id>")
@requires_role_on_call(Role.SECRETARIAT)
def seat(seat_id: UUID) -> Response:
    """One evaluator: the files they are asked for, and those they could take."""
    return page(SEAT, **_files(_seat(seat_id)))


@bp.post("/calls/<key>/evaluators/<uuid:seat_id>")
@requires_role_on_call(Role.SECRETARIAT)
def assign_files(seat_id: UUID) -> Response:
    """Ask this evaluator for the files that were ticked."""
    found = _seat(seat_id)
    wanted = [dossier_id for value in request.form.getlist("file") if (dossier_id := uuid_in(value))]
    if not wanted:
        errors = [("free", _("Tick at least one file."))]
        return form_error(SEAT, "part_files", target="#part-files", **_files(found, errors))
    made = assignments.assign_seat(db.session(), g.call, found.id, wanted, actor=actor(), now=now())
    return _files_done(found, ngettext("%(num)s request was sent.", "%(num)s requests were sent.", made))


@bp.post("/calls/<key>/evaluators/<uuid:seat_id>/unassign")
@requires_role_on_call(Role.SECRETARIAT)
def unassign_file(seat_id: UUID) -> Response:
    """Take this evaluator off one file again."""
    found = _seat(seat_id)
    dossier_id = uuid_in(request.form.get("file", ""))
    known = dossiers.find(db.session(), actor(), dossier_id) if dossier_id else None
    if known is None or known[0].call_id != g.call.id:
        raise NotFound
    evaluation.unassign(db.session(), known[0], found.id, actor=actor(), now=now())
    return _files_done(found, _("The request was withdrawn."))


def _seat(seat_id: UUID) -> Seat:
    found = query.evaluating_seat(db.session(), seat_id)
    if found is None:
        raise NotFound
    return found


def _files(found: Seat, errors: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    rows = query.before_seat(db.session(), actor(), g.call, found, now())
    stream = STREAM_OF_SEAT[SeatKind(found.kind)]
    return {
        "seat": found,
        "field_label": _field_label(found.field) if found.field else _("All fields"),
        "stream_label": next(
            (s.label.of(labels.reader_language()) for s in calls.definition(g.call).rubric.streams if s.key == stream),
            "",
        ),
        "rows": rows,
        "load": rows[0][1].load if rows else 0,
        "free": any(standing.status == "free" for _dossier, standing, _asked in rows),
        "errors": list(errors),
        "ticked": request.form.getlist("file") if errors else [],
        "zone": labels.call_zone(g.call),
        **_call(),
    }


def _files_done(found: Seat, message: str) -> Response:
    url = url_for(".seat", key=g.call.key, seat_id=found.id)
    return done(url, SEAT, "part_files", context=lambda: _files(found), message=message)


def _seats(errors: list[tuple[str, str]] | None = None) -> dict[str, Any]:
    found = query.standings(db.session, actor(), g.dossier, now())
    rubric = calls.definition(g.dossier.call).rubric
    language = labels.reader_language()
    return {
        **dossier_page.head(),
        "streams": [(s, s.label.of(language), [x for x in found if x.stream == s.key]) for s in rubric.streams],
        "errors": errors or [],
        "ticked": request.form.getlist("seat"),
        "free": sum(x.status == "free" for x in found),
        "wished": supervision.waiting(db.session(), g.dossier) is not None,
    }


def _seats_done(message: str) -> Response:
    url = url_for(".evaluators", dossier_id=g.dossier.id)
    return done(url, SEATS, "part_seats", context=lambda: _seats() | {"ticked": []}, message=message)


def _call() -> dict[str, Any]:
    return {"call": g.call, "call_title": labels.call_title(g.call)}


def _field_label(key: str | None) -> str:
    return dossier_page.field_label(g.call, key) or _("Without a field")
