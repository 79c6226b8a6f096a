"""The register of evaluators, and the declaration of interests that each of them makes once a year."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _

from rvc_portal.domain.conflicts import TIES, Tie
from rvc_portal.domain.errors import InvalidInput, NotFound
from rvc_portal.domain.vocabulary import Permission, Role, Stream
from rvc_portal.gateways import network
from rvc_portal.models.base import db
from rvc_portal.queries import evaluators as query
from rvc_portal.queries import interests as declarations
from rvc_portal.services import conflicts, evaluators, interests
from rvc_portal.web import labels
from rvc_portal.web.access import requires, requires_role, signed_in
from rvc_portal.web.forms import evaluators as forms
from rvc_portal.web.forms.base import Option, problems
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, now

bp = Blueprint("evaluators", __name__)

ENTRY, INTERESTS, DISMISS = "evaluators/entry.html", "evaluators/interests.html", "evaluators/dismiss.html"


@bp.get("/evaluators")
@requires_role(Role.SECRETARIAT)
def register() -> Response:
    """Every evaluating seat, or those of a field or a stream."""
    fields, asked = _fields(), request.args
    field = asked.get("field") if asked.get("field") in fields else None
    stream = asked.get("stream") if asked.get("stream") in tuple(Stream) else None
    search = asked.get("q", "").strip()[:100]
    found = query.register(db.session(), actor(), now(), field=field, stream=stream, search=search)
    return page(
        "evaluators/register.html", "results", entries=found, fields=fields, field=field, stream=stream, search=search,
        streams=[(s.value, labels.stream(s)) for s in Stream], base=url_for(".register"),
    )  # fmt: skip


@bp.get("/evaluators/<uuid:seat_id>")
@requires_role(Role.SECRETARIAT)
def entry(seat_id: UUID) -> Response:
    """One evaluator: what is known of it, and the form to change that."""
    found = _entry(seat_id)
    form = forms.EntryForm(
        data={"languages": list(found.languages), "maximum_load": found.maximum_load, "past_work": found.past_work}
    )
    return page(ENTRY, **_entry_page(found, form))


@bp.post("/evaluators/<uuid:seat_id>")
@requires_role(Role.SECRETARIAT)
def change(seat_id: UUID) -> Response:
    """Write the entry."""
    found, form = _entry(seat_id), forms.EntryForm()
    form.offer()
    if form.validate_on_submit():
        try:
            evaluators.change(
                db.session(), found.seat, languages=form.languages.data or (), maximum_load=form.maximum_load.data,
                past_work=form.past_work.data or "", actor=actor(), now=now(),
            )  # fmt: skip
        except InvalidInput as error:
            form.take(error)
        else:
            return done(url_for(".entry", seat_id=seat_id), message=_("The entry is saved."))
    return form_error(ENTRY, **_entry_page(found, form))


@bp.get("/interests")
@signed_in
def own() -> Response:
    """What the person has declared, and the form for the next declaration."""
    latest = declarations.latest(db.session(), actor().person)
    return page(INTERESTS, **_interests(list(declarations.ties(latest)), forms.InterestsForm()))


@bp.post("/interests")
@signed_in
def declare() -> Response:
    """Declare, for a year."""
    form, ties = forms.InterestsForm(), forms.ties_in(request.form)
    form.validate_on_submit()
    if not ties and not form.nothing.data:
        form.nothing.errors = [_("Write what ties you, or tick that there is nothing.")]
        return form_error(INTERESTS, **_interests(ties, form))
    if ties and form.nothing.data:
        form.nothing.errors = [_("You have ticked that there is nothing, and written a tie: which holds?")]
        return form_error(INTERESTS, **_interests(ties, form))
    try:
        made = interests.declare(db.session(), ties, actor=actor(), now=now())
    except InvalidInput as error:
        wrong = {place: [labels.refusal(r) for r in refusals] for place, refusals in error.problems.items()}
        return form_error(INTERESTS, **_interests(ties, form, wrong))
    told = _("Your declaration is kept. It holds until %(day)s.", day=labels.instant(made.expires_at).split(",")[0])
    return done(url_for(".own"), message=told)


@bp.get("/dossiers/<uuid:dossier_id>/evaluators/<uuid:seat_id>/dismiss")
@requires(Permission.ASSIGN)
def dismissal(seat_id: UUID) -> Response:
    """The warning against an evaluator, and the form that sets it aside."""
    return page(DISMISS, seat=_entry(seat_id).seat, form=forms.ReasonForm(), errors=[], dossier=g.dossier)


@bp.post("/dossiers/<uuid:dossier_id>/evaluators/<uuid:seat_id>/dismiss")
@requires(Permission.ASSIGN)
def dismiss(seat_id: UUID) -> Response:
    """Set the warning aside, with a reason."""
    seat, form = _entry(seat_id).seat, forms.ReasonForm()
    if form.validate_on_submit():
        try:
            conflicts.dismiss(
                db.session(), g.dossier, seat_id, reason=form.reason.data or "", actor=actor(), now=now()
            )  # fmt: skip
        except InvalidInput as error:
            form.take(error)
        else:
            url = url_for("assignments.evaluators", dossier_id=g.dossier.id)
            return done(url, message=_("The warning is set aside; the reason stands in the history of the file."))
    return form_error(DISMISS, seat=seat, form=form, errors=problems(form), dossier=g.dossier)


def _fields() -> dict[str, str]:
    return {str(e["key"]): labels.wording(e["label"]) for e in network.fields()}  # type: ignore[arg-type]


def _entry(seat_id: UUID) -> query.Entry:
    found = query.register(db.session(), actor(), now(), seat_id=seat_id)
    if not found:
        raise NotFound
    return found[0]


def _entry_page(found: query.Entry, form: forms.EntryForm) -> dict[str, Any]:
    form.offer()
    return {"entry": found, "form": form, "errors": problems(form), "fields": _fields()}


def _interests(ties: list[Tie], form: forms.InterestsForm, wrong: dict[str, list[str]] | None = None) -> dict[str, Any]:
    wrong = wrong or {}
    rows = [*ties, *(Tie("") for _row in range(forms.BLANK_ROWS))]
    placed = [(f"{place}-kind", sentence) for place, sentences in wrong.items() for sentence in sentences]
    return {
        "rows": rows, "form": form, "wrong": wrong, "errors": [*placed, *problems(form)],
        "kinds": [Option(kind, _(label)) for kind, label in TIES.items()],
        "countries": sorted(((c["iso2"], labels.wording(c["label"])) for c in network.countries()),  # type: ignore[arg-type]
                            key=lambda pair: pair[1]),
        "latest": declarations.latest(db.session(), actor().person), "now": now(),
    }  # fmt: skip
