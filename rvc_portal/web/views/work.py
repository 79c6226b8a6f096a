"""The work in the background, for the Secretariat: what waits, runs or failed, and its two buttons."""

from collections import Counter
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from rvc_portal.domain.vocabulary import N_, JobKind, Role
from rvc_portal.models.base import db
from rvc_portal.queries import work as query
from rvc_portal.queries.board import Filters
from rvc_portal.services import work
from rvc_portal.web import labels
from rvc_portal.web.access import requires_role
from rvc_portal.web.forms import board as forms
from rvc_portal.web.htmx import done, page
from rvc_portal.web.session import actor, now

bp = Blueprint("work", __name__, url_prefix="/work")

STATES = {
    "failed": N_("Failed"), "aside": N_("Set aside: not tried"), "running": N_("At hand"), "queued": N_("Waiting"),
    "done": N_("Done"),
}  # fmt: skip
KINDS = {
    JobKind.RENDER: N_("Document"), JobKind.MAIL: N_("Message"), JobKind.PREVIEW: N_("Preview of a file"),
    JobKind.MATCH: N_("Proposal of evaluators"), JobKind.ASK: N_("Requests to evaluators"), JobKind.RANK: N_("Ranking"),
    JobKind.PACK: N_("Files to take along"), JobKind.PUBLISH: N_("Planned publication"),
    JobKind.SIGN: N_("Signature of a document"), JobKind.BUNDLE: N_("Bundle of documents"),
}  # fmt: skip


@bp.get("")
@requires_role(Role.SECRETARIAT)
def index() -> Response:
    """One page of the jobs: those that are not done, or those of one state."""
    kind = JobKind(request.args["kind"]) if request.args.get("kind") in KINDS else None
    state = request.args.get("state") if request.args.get("state") in STATES else None
    asked = {"kind": kind or "", "state": state or "", "page": request.args.get("page", "1")}
    order, errors = forms.ordered(asked, ("queued",))
    form, base = forms.BoardForm(asked, Filters(**order)), url_for(".index")
    counted = query.counts(db.session(), actor(), kind)
    total = counted[state] if state else counted.total() - counted["done"]
    found = query.rows(db.session(), actor(), kind, state, form.filters.page)
    return page(
        "work/index.html", "results", status=422 if errors else 200, base=base, here=form.url(base), errors=errors,
        states=_states(form, base, counted, state), kinds=[(key, _(KINDS[key])) for key in KINDS], kind=kind, state=state,
        rows=[_row(row) for row in found], pages=form.pages(base, total), total=total,
        moving=bool(counted["running"] or counted["queued"]) and state != "done",
    )  # fmt: skip


@bp.post("/<uuid:job_id>/retry")
@requires_role(Role.SECRETARIAT)
def retry(job_id: UUID) -> Response:
    """Have it tried again."""
    work.retry(db.session(), job_id, actor=actor(), now=now())
    return done(url_for(".index"), message=_("It is tried again."))


@bp.post("/<uuid:job_id>/set-aside")
@requires_role(Role.SECRETARIAT)
def set_aside(job_id: UUID) -> Response:
    """Keep it from being tried."""
    work.set_aside(db.session(), job_id, actor=actor(), now=now())
    return done(url_for(".index"), message=_("It is set aside: nobody tries it before you say so."))


def _states(form: forms.BoardForm, base: str, counted: Counter[str], state: str | None) -> list[dict[str, Any]]:
    every = {"label": _("Not done"), "url": form.url(base, state=None, page=None), "current": state is None,
             "count": counted.total() - counted["done"]}  # fmt: skip
    return [every] + [
        {"label": _(label), "url": form.url(base, state=key, page=None), "current": key == state, "count": counted[key]}
        for key, label in STATES.items()
    ]


def _what(row: query.Row) -> str:
    kind = JobKind(row.job.kind)
    if row.document is None:
        return _(KINDS[kind])
    name = labels.document(row.document)
    return _("Signature: %(document)s", document=name) if kind is JobKind.SIGN else name


def _row(row: query.Row) -> dict[str, Any]:
    job = row.job
    gone_wrong = row.state in ("failed", "aside") or (row.state == "queued" and job.error is not None)
    return {
        "what": _what(row),
        "reference": row.reference,
        "language": row.language,
        "language_name": labels.language(row.language) if row.language else None,
        "state": row.state,
        "state_label": _(STATES[row.state]),
        "page": job.page,
        "since": job.queued_at,
        "next_at": job.not_before_at if row.state == "queued" and job.attempts else None,
        "attempts": job.attempts,
        "deaths": job.deaths + job.losses,
        "reason": labels.job_reason(job.error or "") if gone_wrong and job.error else None,
        "error": job.error if gone_wrong else None,
        "retry": url_for(".retry", job_id=job.id) if row.state in ("failed", "aside") else None,
        "set_aside": url_for(".set_aside", job_id=job.id) if row.state in ("failed", "queued") else None,
    }
