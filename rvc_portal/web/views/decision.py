"""From the slate to publication: what is put forward, what the Direction decides, and the one act that makes it so."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, redirect, url_for
from flask_babel import gettext as _

from rvc_portal.domain.errors import InvalidInput, Refusal, Refused
from rvc_portal.domain.policy import RESULTS
from rvc_portal.domain.vocabulary import CallStatus, DecisionOutcome, Doc, Permission, Role
from rvc_portal.models.base import db
from rvc_portal.queries import calls, documents, dossiers, feedback
from rvc_portal.queries import decision as query
from rvc_portal.queries import evaluation as sheets
from rvc_portal.queries import steering as opinions
from rvc_portal.services import decision
from rvc_portal.services import publication as planning
from rvc_portal.web import dossier_page, labels, second_factor
from rvc_portal.web.access import requires, requires_role, requires_role_on_call
from rvc_portal.web.forms.base import problems
from rvc_portal.web.forms.decision import DecisionForm, PublicationForm
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, now

bp = Blueprint("decision", __name__)

SHOW, DECIDE, PUBLISH = "decision/show.html", "decision/decide.html", "decision/publication.html"


@bp.get("/decisions")
@requires_role(Role.DIRECTION, Role.SECRETARIAT)
def index() -> Response:
    """The calls at work; where there is one, at once its page."""
    found = [c for c in calls.announced(db.session, actor()) if _reaches(c.id)]
    if len(found) == 1:
        return redirect(url_for(".show", key=found[0].key), 303)  # type: ignore[return-value]
    rows = [(labels.call_title(c), url_for(".show", key=c.key), c) for c in found]
    return page("steering/index.html", rows=rows, title=_("Decisions"))


@bp.get("/calls/<key>/decisions")
@requires_role_on_call(Role.DIRECTION, Role.SECRETARIAT)
def show() -> Response:
    """The slate, the opinions, the decisions held and their letters."""
    return page(SHOW, "part_lines", **_show())


@bp.post("/calls/<key>/decisions/slate")
@requires_role_on_call(Role.SECRETARIAT)
def put_forward() -> Response:
    """Put every file that awaits a decision on a new slate."""
    decision.put_forward(db.session, g.call, actor=actor(), now=now())
    message = _("The slate is put forward to the Director-General.")
    url = url_for(".show", key=g.call.key)
    return done(url, SHOW, blocks=("part_slate", "part_lines"), context=_show, message=message)


def _withdrawn(dossier_id: UUID) -> None:
    decision.refuse_withdrawn(db.session(), dossier_id, actor=actor())


@bp.route("/dossiers/<uuid:dossier_id>/decision", methods=["GET", "POST"])
@requires(Permission.DECIDE, gone=_withdrawn)
def decide() -> Response:
    """Designate or decline; held until publication."""
    standing = query.held(db.session, g.dossier)
    form = DecisionForm(obj=standing)
    refusals: tuple[Refusal, ...] = ()
    if form.sent(calls.definition(g.dossier.call).publish_languages) and second_factor.is_shown(form):
        try:
            decision.decide(
                db.session, g.dossier, outcome=DecisionOutcome(form.outcome.data), reasons=form.texts,
                actor=actor(), now=now(), seen_version=form.version.data,
            )  # fmt: skip
        except Refused as error:
            refusals = error.refusals
        else:
            message = _("The decision on %(city)s is taken and held until publication.", city=g.dossier.lead_city)
            return done(url_for(".show", key=g.dossier.call.key), message=message)
    status = 409 if refusals else 422 if form.is_submitted() else 200
    return page(DECIDE, status=status, form=form, errors=problems(form), held=standing, **_decide(refusals))


@bp.get("/calls/<key>/publication")
@requires_role_on_call(Role.SECRETARIAT)
def publication() -> Response:
    """What stands against publication, or what it will do."""
    return page(PUBLISH, "part_publication", form=_publication_form(when="now"), errors=[], **_publication())


@bp.post("/calls/<key>/publication")
@requires_role_on_call(Role.SECRETARIAT)
def publish() -> Response:
    """Make every held decision so, at once or at a set time."""
    form = _publication_form()
    url = url_for(".publication", key=g.call.key)
    if form.validate_on_submit() and second_factor.is_shown(form):
        if form.due_at is None:
            decision.publish(db.session, g.call, actor=actor(), now=now())
            return done(url, message=_("The call is published. The cities are being told."))
        try:
            planning.plan(db.session(), g.call, due_at=form.due_at, actor=actor(), now=now())
        except InvalidInput as error:
            form.take(error)
        else:
            return done(url, message=_("The publication is planned."))
    return form_error(PUBLISH, form=form, errors=problems(form), **_publication())


@bp.post("/calls/<key>/publication/cancel")
@requires_role_on_call(Role.SECRETARIAT)
def cancel_publication() -> Response:
    """Take the set time back."""
    planning.cancel(db.session(), g.call, actor=actor(), now=now())
    return done(url_for(".publication", key=g.call.key), message=_("No publication is planned any more."))


def _publication_form(**data: Any) -> PublicationForm:
    form = PublicationForm(data=data)
    form.zone = calls.definition(g.call).timezone
    return form


def _show() -> dict[str, Any]:
    found = query.lines(db.session, actor(), g.call)
    awaiting = [line for line in found if line.dossier.state == "awaiting_decision"]
    return {
        **_call(),
        "slate": query.slate(db.session, g.call),
        "papers": [
            dossier_page.document_item(shown)
            for shown in documents.of_whole_call(db.session(), actor(), g.call, Doc.SLATE)
        ],
        "lines": [_line(line) for line in found],
        "count": query.count(found, deferred := query.deferred(db.session(), actor(), g.call)),
        "deferred": deferred,
        "awaiting": len(awaiting),
        "left_out": sum(not line.on_slate for line in awaiting),
        "preparing": any(line.letters.ready < line.letters.wanted for line in found),
        "secretariat": actor().has_on_call(Role.SECRETARIAT, g.call.id, whole=True),
        "direction": actor().has_on_call(Role.DIRECTION, g.call.id),
    }


def _line(line: query.Line) -> dict[str, Any]:
    dossier = line.dossier
    return {
        "line": line,
        "dossier": dossier,
        "field_label": dossier_page.field_label(g.call, dossier.field),
        "opinion": labels.outcome(line.opinion) if line.opinion else None,
        "decision": labels.outcome(line.decision) if line.decision else None,
        "state": labels.state(dossiers.procedure_of(dossier), dossier.state, inside=True),
    }


def _decide(refusals: Sequence[Refusal]) -> dict[str, Any]:
    told = calls.definition(g.dossier.call)
    rubric = told.rubric
    return {
        **dossier_page.head(),
        "factor": second_factor.asked(),
        "refusals": [labels.refusal(r, told.timezone) for r in refusals],
        "given": opinions.given(db.session, g.dossier),
        "feedback": [
            {"label": line.criterion.label.of(labels.reader_language()), "texts": line.texts}
            for line in feedback.sealed(db.session(), g.dossier)
        ],
        "results": sheets.results(db.session, g.dossier, rubric, dossier_page.evaluators_told()),
        "rubric": rubric,
        "words": labels.reader_language(),
        "entry": query.entry(db.session, g.dossier),
        "reports": [dossier_page.document_item(shown) for shown in _reports()],
        "version": g.dossier.version,
    }


def _reports() -> list[documents.Shown]:
    """What was written on the file for the Direction: the evaluation's report and the Steering Group's opinion."""
    kinds = (Doc.EVALUATION_REPORT, Doc.STEERING_OPINION)
    return [
        shown
        for shown in documents.of_dossier(
            db.session(), g.dossier, dossier_page.reader(), dossier_page.evaluators_told()
        )
        if shown.document.kind in kinds and shown.document.superseded_at is None
    ]


def _publication() -> dict[str, Any]:
    found = query.lines(db.session, actor(), g.call)
    zone = calls.definition(g.call).timezone
    published = g.call.status == CallStatus.PUBLISHED
    refusals = () if published else decision.refusals_of_publication(db.session, g.call, actor=actor())
    lists = documents.of_call(db.session, g.call, RESULTS)
    lists += documents.of_whole_call(db.session(), actor(), g.call, Doc.CALL_REPORT)
    failed = query.last_failed(db.session, g.call)
    because = planning.refusals(failed) if failed else []
    return {
        **_call(),
        "factor": second_factor.asked(),
        "published": published,
        "refusals": [labels.refusal(r, zone) for r in query.told(db.session, actor(), g.call, refusals)],
        "planned": query.planned(db.session, g.call),
        "failed": failed,
        "failed_because": [labels.refusal(r, zone) for r in query.told(db.session, actor(), g.call, because)],
        "count": query.count(found, deferred := query.deferred(db.session(), actor(), g.call)),
        "deferred": deferred,
        "documents": [dossier_page.document_item(shown) for shown in lists],
        "preparing": documents.preparing(lists) or any("kind" in r.params for r in refusals),
    }


def _call() -> dict[str, Any]:
    return {
        "call": g.call,
        "call_title": labels.call_title(g.call),
        "zone": calls.definition(g.call).timezone,
    }


def _reaches(call_id: Any) -> bool:
    return any(actor().has_on_call(role, call_id) for role in (Role.DIRECTION, Role.SECRETARIAT))
