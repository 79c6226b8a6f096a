"""How the evaluation goes, for the Steering Group: a call's files and their sum, one file, and the wish for one more evaluator;
and the Secretariat's answer to such a wish."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from rvc_portal.domain.errors import InvalidInput, NotFound
from rvc_portal.domain.progress import STANDINGS
from rvc_portal.domain.vocabulary import Permission, Role
from rvc_portal.models.base import db
from rvc_portal.models.dossier import Dossier
from rvc_portal.queries import assignments as standings
from rvc_portal.queries import blindness, calls, dossiers
from rvc_portal.queries import supervision as query
from rvc_portal.queries.board import PER_PAGE
from rvc_portal.queries.supervision import Figures, File
from rvc_portal.services import more_evaluators
from rvc_portal.web import dossier_page, labels, supervision_page
from rvc_portal.web.access import requires, requires_role_on_call
from rvc_portal.web.forms import supervision as forms
from rvc_portal.web.forms.base import uuid_in
from rvc_portal.web.forms.board import BoardForm
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, now
from rvc_portal.web.sheets import csv_text

bp = Blueprint("supervision", __name__)

BASE, FILE = "/calls/<key>/supervision", "/calls/<key>/supervision/files/<uuid:file_id>"
SHOW, WISHED = "supervision/file.html", "supervision/wished.html"


@bp.get(BASE)
@requires_role_on_call(Role.STEERING, Role.SECRETARIAT)
def index() -> Response:
    """The call's files from their admission on, what wants looking at first, and their sum. The Secretariat follows the
    evaluation on a page of its own, which knows more."""
    if not actor().has(Role.STEERING):
        return redirect(url_for("progress.index", key=g.call.key), 303)  # type: ignore[return-value]
    form, every, shown = _listed()
    base = url_for(".index", key=g.call.key)
    first = (form.filters.page - 1) * PER_PAGE
    return page(
        "supervision/index.html", "results", status=422 if form.errors else 200, form=form, base=base,
        rows=supervision_page.rows(g.call, shown[first : first + PER_PAGE]), total=len(shown),
        pages=form.pages(base, len(shown)), tabs=_tabs(form, base, every), sums=supervision_page.sums(g.call, shown),
        streams=supervision_page.streams(g.call), fields=_fields_with_files(), **_call(),
    )  # fmt: skip


@bp.get(f"{BASE}.csv")
@requires_role_on_call(Role.STEERING)
def as_csv() -> Response:
    """The filtered list as CSV, UTF-8."""
    _form, _every, shown = _listed()
    response = Response(csv_text(_head(), _table(shown)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="supervision-{now():%Y-%m-%d}.csv"'
    return response


@bp.get(FILE)
@requires_role_on_call(Role.STEERING)
def show(file_id: UUID) -> Response:
    """One file: its evaluators as the call lets them be named, and what was wished."""
    return page(SHOW, **_file(file_id))


@bp.post(FILE)
@requires_role_on_call(Role.STEERING)
def ask(file_id: UUID) -> Response:
    """Ask for one more evaluator."""
    dossier, _found = _supervised(file_id)
    reason, mine = request.form.get("reason", ""), actor().steering_seats
    seat_id = request.form.get("seat", type=UUID) or (mine[0].id if len(mine) == 1 else None)
    if seat_id is None:
        return form_error(SHOW, **_file(file_id, reason, [("seat", _("Choose your seat."))]))
    try:
        more_evaluators.ask(
            db.session(), dossier, seat_id, reason=reason, language=_language(), actor=actor(), now=now()
        )
    except InvalidInput as error:
        return form_error(SHOW, **_file(file_id, reason, _sentences(error)))
    message = _("The Secretariat is told, and answers here and by mail.")
    return done(url_for(".show", key=g.call.key, file_id=file_id), message=message)


@bp.get("/dossiers/<uuid:dossier_id>/evaluators/wished")
@requires(Permission.SEE_INSIDE)
def wished() -> Response:
    """What the Steering Group wishes for the file, for the Secretariat."""
    _secretariat()
    return page(WISHED, **_wished())


@bp.post("/dossiers/<uuid:dossier_id>/evaluators/wished")
@requires(Permission.SEE_INSIDE)
def answer() -> Response:
    """Ask the evaluator who was chosen, or decline with a reason."""
    _secretariat()
    asked_id, seat_id = uuid_in(request.form.get("request")), uuid_in(request.form.get("seat"))
    if asked_id is None:
        raise NotFound
    declines, reason = request.form.get("answer") == "decline", request.form.get("reason", "")
    if not declines and seat_id is None:
        return form_error(WISHED, **_wished(errors=[("seat", _("Choose an evaluator."))]))
    try:
        if declines:
            more_evaluators.decline(
                db.session(), g.dossier, asked_id, reason=reason, language=_language(), actor=actor(), now=now()
            )
        elif seat_id is not None:
            more_evaluators.give(db.session(), g.dossier, asked_id, seat_id, actor=actor(), now=now())
    except InvalidInput as error:
        return form_error(WISHED, **_wished(reason, errors=_sentences(error)))
    url = url_for(".wished", dossier_id=g.dossier.id)
    if declines:
        return done(url, message=_("Declined; who asked is told by mail."))
    return done(url, message=_("The evaluator is asked, and who wished it is told by mail."))


def _listed() -> tuple[BoardForm, list[File], list[File]]:
    """What was asked for; all files that field and word leave; and those of them that stand in the list, in its order."""
    procedure_states = supervision_page.states(g.call)
    form = forms.parse(request.args, states=procedure_states, fields=[key for key, _label in _fields()])
    every = query.files(db.session(), actor(), [g.call], now(), form.filters)
    state, late = form.filters.state, "late" in form.asked
    shown = [f for f in every if state in (None, f.state) and (f.sum("late") or not late)]
    shown.sort(key=_order(form.filters.sort, procedure_states), reverse=form.filters.descending)
    return form, every, shown


def _order(sort: str, states: Sequence[str]) -> Callable[[File], Any]:
    """The figure to sort by; equal ones stay in the order of their cities."""
    orders: dict[str, Callable[[File], Any]] = {
        "urgency": supervision_page.urgency,
        "city": lambda f: f.city.casefold(),
        "state": lambda f: states.index(f.state),
        "sheets": lambda f: f.sum("closed"),
        "spread": lambda f: f.widest,
    }
    return orders[sort]


def _tabs(form: BoardForm, base: str, every: Sequence[File]) -> list[dict[str, Any]]:
    late = {"label": _("Late"), "url": form.url(base, state=None, late="1", page=None),
            "count": sum(bool(f.sum("late")) for f in every), "current": "late" in form.asked}  # fmt: skip
    found = [
        {"label": _("All"), "url": form.url(base, state=None, late=None, page=None), "count": len(every),
         "current": not (form.filters.state or late["current"])}, late,
    ]  # fmt: skip
    for state in supervision_page.states(g.call):
        count = sum(f.state == state for f in every)
        if count or state == form.filters.state:
            url = form.url(base, state=state, late=None, page=None)
            label = supervision_page.state_label(g.call, state)
            found.append({"label": label, "url": url, "count": count, "current": state == form.filters.state})
    return found


def _fields() -> list[tuple[str, str]]:
    return [(f.key, dossier_page.field_label(g.call, f.key)) for f in calls.definition(g.call).fields]


def _fields_with_files() -> list[tuple[str, str]]:
    """Those to which a filter leads somewhere."""
    known = query.fields(db.session(), actor(), g.call)
    return [(key, label) for key, label in _fields() if key in known]


def _call() -> dict[str, Any]:
    return {"call": g.call, "call_title": labels.call_title(g.call), "zone": labels.call_zone(g.call)}


def _head() -> list[str]:
    names = (_("Asked"), _("Declared"), _("Closed"), _("Late"), _("Spread"))
    told = [f"{stream} – {name}" for _key, stream in supervision_page.streams(g.call) for name in names]
    return [_("City"), _("Country"), _("Reference"), _("Creative field"), _("State"), *told,
            _("One more evaluator asked for")]  # fmt: skip


def _table(shown: Sequence[File]) -> Iterator[list[str | int | float | None]]:
    for row in supervision_page.rows(g.call, shown):
        found: File = row["file"]
        figures = [found.by_stream.get(key, Figures()) for key, _label in supervision_page.streams(g.call)]
        told = [x for f in figures for x in (f.asked, f.declared, f.closed, f.late, _rounded(f.spread))]
        yield [found.city, row["country"], found.reference, row["field_label"], row["state_label"], *told,
               _("yes") if found.waiting else _("no")]  # fmt: skip


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _supervised(file_id: UUID) -> tuple[Dossier, File]:
    """The file, where this person may supervise it. Raises NotFound."""
    found = query.files(db.session(), actor(), [g.call], now(), only=file_id)
    if not found:
        raise NotFound
    return db.session().get_one(Dossier, file_id), found[0]


def _file(file_id: UUID, reason: str = "", errors: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    dossier, found = _supervised(file_id)
    session = db.session()
    names = blindness.names(session, dossier, actor(), dossiers.roles(session, actor(), dossier), _)
    streams = dict(supervision_page.streams(g.call))
    return {
        "dossier": dossier,
        "row": supervision_page.rows(g.call, [found])[0],
        "sums": supervision_page.sums(g.call, [found]),
        "evaluators": [
            {"asked": one, "stream": streams[one.stream], "standing": _(STANDINGS[one.standing])}
            for one in query.evaluators(session, dossier, names, now())
        ],
        "named": names.shown,
        "requests": query.requests(session, dossier),
        "told": lambda made: names.of(made.seat_id, made.seat.name, made.stream),
        "against": [labels.refusal(r) for r in more_evaluators.against(session, dossier)],
        "my_seats": [(s.id, s.name) for s in actor().steering_seats],
        "reason": reason,
        "errors": list(errors),
        **_call(),
    }


def _wished(reason: str = "", errors: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    session = db.session()
    found = standings.standings(session, actor(), g.dossier, now()) if g.dossier.state == "in_evaluation" else []
    free = sorted((s for s in found if s.status == "free"), key=lambda s: (s.stream, s.load, s.seat.name))
    streams = dict(supervision_page.streams(g.dossier.call))
    return {
        **dossier_page.head(),
        "requests": query.requests(session, g.dossier),
        "told": lambda made: made.seat.name,
        "free": [
            (str(s.seat.id), s.seat.name, _hint(streams[s.stream], s.load)) for s in free
        ],
        "may_ask": g.dossier.state == "in_evaluation",
        "chosen": request.form.get("seat"),
        "reason": reason,
        "errors": list(errors),
    }  # fmt: skip


def _hint(stream: str, load: int) -> str:
    return f"{stream}: {ngettext('%(num)s file in hand', '%(num)s files in hand', load)}"


def _secretariat() -> None:
    if Role.SECRETARIAT not in g.roles:
        abort(403)


def _language() -> str:
    """In which language the reason of the form is written: the one that its form names, else the page's."""
    return request.form.get("language") or labels.reader_language()


def _sentences(error: InvalidInput) -> list[tuple[str, str]]:
    return [("reason", labels.refusal(r)) for refusals in error.problems.values() for r in refusals]
