"""The Steering Group at work: the sitting, who takes a seat and declares what, and the opinion on each file."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, redirect, url_for
from flask_babel import gettext as _

from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal, Refused
from rvc_portal.domain.facts import OpinionFacts
from rvc_portal.domain.vocabulary import OpinionOutcome, Permission, Role
from rvc_portal.models.base import db
from rvc_portal.models.steering import SteeringSession
from rvc_portal.queries import calls, dossiers, replies
from rvc_portal.queries import deliberation as live
from rvc_portal.queries import evaluation as sheets
from rvc_portal.queries import steering as query
from rvc_portal.services import deliberation, steering
from rvc_portal.web import dossier_page, labels
from rvc_portal.web.access import requires, requires_role, requires_role_on_call
from rvc_portal.web.forms.base import problems
from rvc_portal.web.forms.steering import AttendanceForm, OpinionForm, SittingForm
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, now

bp = Blueprint("steering", __name__)

SHOW, OPINION = "steering/show.html", "steering/opinion.html"
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


@bp.post("/calls/<key>/steering/sittings")
@requires_role_on_call(Role.STEERING, Role.SECRETARIAT)
def open_sitting() -> Response:
    """Open a sitting."""
    form = SittingForm()
    if form.validate_on_submit():
        try:
            steering.open_session(db.session, g.call, title=form.title.data or "", actor=actor(), now=now())
        except InvalidInput as error:
            form.take(error)
        else:
            return _sitting_done(_("The sitting is open."))
    return form_error(SHOW, "part_sitting", target="#part-sitting", **_show(sitting_form=form, errors=problems(form)))


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
    if live.items(db.session(), sitting):
        return done(url_for("sittings.show", key=g.call.key, sitting_id=sitting.id), message=message)
    return _sitting_done(message)


@bp.route("/dossiers/<uuid:dossier_id>/opinion", methods=["GET", "POST"])
@requires(Permission.ADVISE)
def opinion() -> Response:
    """What the group advises on this file; where it is on the agenda of the open sitting, that is done there."""
    at_work = steering.current_session(db.session(), g.dossier.call_id)
    if at_work and live.item_of(db.session(), at_work, g.dossier.id):
        return redirect(url_for("sittings.show", key=g.dossier.call.key, sitting_id=at_work.id), 303)  # type: ignore[return-value]
    form = OpinionForm()
    refusals: tuple[Refusal, ...] = ()
    if form.sent(calls.definition(g.dossier.call).publish_languages):
        outcome = OpinionOutcome(form.outcome.data)
        try:
            steering.record_opinion(
                db.session, g.dossier, outcome=outcome, texts=form.texts, actor=actor(), now=now(),
                seen_version=form.version.data,
            )  # fmt: skip
        except Refused as error:
            refusals = error.refusals
        else:
            return done(url_for(".show", key=g.dossier.call.key), message=_said(outcome))
    status = 409 if refusals else 422 if form.is_submitted() else 200
    return page(OPINION, status=status, form=form, errors=problems(form), **_opinion(refusals))


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
        "planned": [s for s in found if s.opened_at is None],
        "has_agenda": bool(current and live.items(db.session(), current)),
        "past": [s for s in found if s.closed_at is not None],
        "present": here,
        "my_seats": actor().steering_seats,
        "seated": [p for p in here if p.attendance.seat_id in mine],
        "interests": query.in_review(db.session, actor(), g.call) if member and current else [],
        "agenda": [_item(item) for item in query.agenda(db.session, actor(), g.call)],
        "member": member,
        "sitting_form": SittingForm(),
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


def _said(outcome: OpinionOutcome) -> str:
    if outcome is OpinionOutcome.DEFER:
        return str(_("The opinion is deferred: the file stays in review."))
    return str(_("The opinion is on record."))


def _opinion(refusals: Sequence[Refusal]) -> dict[str, Any]:
    """The sitting as the guards will see it, so that the page says beforehand what stands against an opinion."""
    told = calls.definition(g.dossier.call)
    sitting = steering.current_session(db.session, g.dossier.call_id)
    facts = (
        steering.opinion_facts(db.session, g.dossier, sitting, OpinionOutcome.DEFER, {}, actor())
        if sitting
        else OpinionFacts(OpinionOutcome.DEFER, 0)
    )
    here = query.present(db.session, sitting.id) if sitting else []
    return {
        **dossier_page.head(),
        "refusals": [labels.refusal(r, told.timezone) for r in refusals],
        "sitting": sitting,
        "present": here,
        "recused": query.recused(db.session, g.dossier),
        "voting": facts.voting,
        "undeclared": facts.undeclared,
        "quorum": told.quorum,
        "given": query.given(db.session, g.dossier),
        "results": sheets.results(db.session, g.dossier, told.rubric, dossier_page.evaluators_told()),
        "words": labels.reader_language(),
        "version": g.dossier.version,
        **_answer(),
    }


def _answer() -> dict[str, Any]:
    """What the city says of the facts, where the call lets it and it has sent its answer."""
    sent = replies.sent(db.session(), g.dossier.id) if replies.rules(g.dossier.call) else None
    return {"sent": sent, "drafts": False, "passages": replies.passages(db.session(), g.dossier.id) if sent else []}


def _sitting(sitting_id: UUID) -> SteeringSession:
    found = query.sitting(db.session, g.call, sitting_id)
    if found is None:
        raise NotFound
    return found


def _sitting_done(message: str) -> Response:
    return done(url_for(".show", key=g.call.key), SHOW, blocks=PARTS, context=_show, message=message)


def _reaches(call_id: UUID) -> bool:
    return any(actor().has_on_call(role, call_id) for role in (Role.STEERING, Role.SECRETARIAT))
