"""The register of evaluators, and the declaration of interests that each of them makes once a year."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _

from rvc_portal.domain.conflicts import TIES, Tie
from rvc_portal.domain.errors import InvalidInput, NotFound
from rvc_portal.domain.vocabulary import Permission, Role, Stream
from rvc_portal.language import LANGUAGES, by_name
from rvc_portal.models.base import db
from rvc_portal.queries import evaluators as query
from rvc_portal.queries import interests as declarations
from rvc_portal.services import conflicts, evaluators, interests
from rvc_portal.services.evaluators import Place
from rvc_portal.web import labels
from rvc_portal.web.access import requires, requires_role, signed_in
from rvc_portal.web.forms import evaluators as forms
from rvc_portal.web.forms.base import Option, problems
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, now
from rvc_portal.web.sheets import XLSX, csv_text, xlsx_bytes

bp = Blueprint("evaluators", __name__)

ENTRY, INTERESTS, DISMISS = "evaluators/entry.html", "evaluators/interests.html", "evaluators/dismiss.html"
MINE = "evaluators/mine.html"


@bp.get("/evaluators")
@requires_role(Role.SECRETARIAT)
def register() -> Response:
    """The evaluating seats that the filters of the address let through."""
    countries = query.countries(db.session())
    form = forms.register_filters(request.args, countries)
    named = [(code, labels.country(code)) for code in countries]
    return page(
        "evaluators/register.html", "results", status=422 if form.errors else 200, form=form, base=url_for(".register"),
        entries=query.register(db.session(), actor(), now(), form.filters), fields=forms.field_names(),
        countries=by_name(named), streams=[(s.value, labels.stream(s)) for s in Stream],
        languages=[(code, labels.language(code).capitalize()) for code in LANGUAGES], loads=_loads(),
    )  # fmt: skip


@bp.get("/evaluators.csv")
@requires_role(Role.SECRETARIAT)
def as_csv() -> Response:
    """The filtered register as CSV, UTF-8."""
    return _file(Response(csv_text(*_table()), mimetype="text/csv"), "csv")


@bp.get("/evaluators.xlsx")
@requires_role(Role.SECRETARIAT)
def as_xlsx() -> Response:
    """The filtered register as a workbook."""
    return _file(Response(xlsx_bytes(_("Evaluators"), *_table()), mimetype=XLSX), "xlsx")


@bp.get("/evaluators/<uuid:seat_id>")
@requires_role(Role.SECRETARIAT)
def entry(seat_id: UUID) -> Response:
    """One evaluator: what is known of it, and the form to change that."""
    found = _entry(seat_id)
    return page(ENTRY, **_entry_page(found, forms.EntryForm(data=_told(found))))


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
                past_work=form.past_work.data or "", organisation=form.organisation.data or "",
                fields=form.fields.data or (), place=Place(form.country.data or "", form.city.data or ""),
                actor=actor(), now=now(),
            )  # fmt: skip
        except InvalidInput as error:
            form.take(error)
        else:
            return done(url_for(".entry", seat_id=seat_id), message=_("The entry is saved."))
    return form_error(ENTRY, **_entry_page(found, form))


@bp.get("/evaluators/me/<uuid:seat_id>")
@requires_role(Role.EVALUATOR)
def mine(seat_id: UUID) -> Response:
    """What the register says of an evaluator that the person acts for, and the form to correct it."""
    found = _own_entry(seat_id)
    return page(MINE, **_mine(found, forms.CorrectionForm(data=_told(found))))


@bp.post("/evaluators/me/<uuid:seat_id>")
@requires_role(Role.EVALUATOR)
def correct(seat_id: UUID) -> Response:
    """Correct what concerns oneself."""
    found, form = _own_entry(seat_id), forms.CorrectionForm()
    form.offer()
    if form.validate_on_submit():
        try:
            evaluators.correct(
                db.session(), seat_id, languages=form.languages.data or (), maximum_load=form.maximum_load.data,
                organisation=form.organisation.data or "", fields=form.fields.data or (), actor=actor(), now=now(),
            )  # fmt: skip
        except InvalidInput as error:
            form.take(error)
        else:
            return done(url_for(".mine", seat_id=seat_id), message=_("The entry is saved."))
    return form_error(MINE, **_mine(found, form))


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


def _loads() -> list[tuple[str, str]]:
    return [("idle", _("nothing in hand")), ("room", _("takes one more")), ("full", _("has as many as it takes"))]


def _entry(seat_id: UUID) -> query.Entry:
    found = query.register(db.session(), actor(), now(), seat_id=seat_id)
    if not found:
        raise NotFound
    return found[0]


def _entry_page(found: query.Entry, form: forms.CorrectionForm) -> dict[str, Any]:
    form.offer()
    return {
        "entry": found, "form": form, "errors": problems(form), "fields": forms.field_names(),
        "past": query.past(db.session(), actor(), found.seat.id),
    }  # fmt: skip


def _told(found: query.Entry) -> dict[str, Any]:
    """An entry as its forms show it."""
    return {
        "fields": list(found.seat.fields), "languages": list(found.languages), "maximum_load": found.maximum_load,
        "organisation": found.organisation, "country": found.seat.country or "", "city": found.seat.city,
        "past_work": found.past_work,
    }  # fmt: skip


def _own_entry(seat_id: UUID) -> query.Entry:
    if seat_id not in {held.id for held in actor().evaluating_seats}:
        raise NotFound
    return _entry(seat_id)


def _mine(found: query.Entry, form: forms.CorrectionForm) -> dict[str, Any]:
    latest = declarations.latest(db.session(), actor().person)
    return _entry_page(found, form) | {"latest": latest, "now": now()}


def _table() -> tuple[list[str], list[list[str | int | float | None]]]:
    form = forms.register_filters(request.args, query.countries(db.session()))
    fields = forms.field_names()
    head = [
        _("Evaluator"), _("Stream"), _("Creative fields"), _("Country"), _("City"), _("Organisation"), _("Reads"),
        _("Files in hand"), _("Files at a time, at most"), _("Sheets closed"), _("Interests declared"), _("Who acts for it"),
    ]  # fmt: skip
    rows: list[list[str | int | float | None]] = [
        [e.seat.name, labels.stream(e.stream), ", ".join(fields.get(f, f) for f in e.seat.fields) or _("all"),
         labels.country(e.seat.country), e.seat.city, e.organisation, ", ".join(map(labels.language, e.languages)),
         e.load, e.maximum_load, e.closed, _("in force") if e.declared else _("not by everybody"),
         ", ".join(f"{h.name} <{h.email}>" for h in e.holders)]
        for e in query.register(db.session(), actor(), now(), form.filters)
    ]  # fmt: skip
    return head, rows


def _file(response: Response, suffix: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="evaluators-{now():%Y-%m-%d}.{suffix}"'
    return response


def _interests(ties: list[Tie], form: forms.InterestsForm, wrong: dict[str, list[str]] | None = None) -> dict[str, Any]:
    wrong = wrong or {}
    rows = [*ties, *(Tie("") for _row in range(forms.BLANK_ROWS))]
    placed = [(f"{place}-kind", sentence) for place, sentences in wrong.items() for sentence in sentences]
    return {
        "rows": rows, "form": form, "wrong": wrong, "errors": [*placed, *problems(form)],
        "kinds": [Option(kind, _(label)) for kind, label in TIES.items()],
        "countries": forms.country_choices(),
        "latest": declarations.latest(db.session(), actor().person), "now": now(),
    }  # fmt: skip
