"""The Secretariat's view of an evaluation: who is late, which files lack sheets, how evaluators judge; and what it does about
it: reminders, more time, somebody else."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, Response, current_app, g, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from rvc_portal.domain import behaviour
from rvc_portal.domain.definition import LANGUAGES
from rvc_portal.domain.errors import InvalidInput, NotFound
from rvc_portal.domain.progress import CLOSED, LEFT_OUT, STANDINGS, days_past
from rvc_portal.domain.rubric import Stream
from rvc_portal.domain.vocabulary import Permission, Role
from rvc_portal.models.account import Account
from rvc_portal.models.base import db
from rvc_portal.models.job import Mail
from rvc_portal.models.seat import Seat
from rvc_portal.queries import assignments as standings
from rvc_portal.queries import calls, evaluators
from rvc_portal.queries import progress as query
from rvc_portal.queries.board import PER_PAGE
from rvc_portal.queries.progress import Filters, Left, Line
from rvc_portal.services import assignments, mailing, reminders
from rvc_portal.web import dossier_page, labels, look
from rvc_portal.web.access import requires, requires_role_on_call
from rvc_portal.web.forms import progress as forms
from rvc_portal.web.forms.base import Option, problems
from rvc_portal.web.forms.board import BoardForm
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, now
from rvc_portal.web.sheets import csv_text, xlsx_bytes

bp = Blueprint("progress", __name__)

BASE = "/calls/<key>/progress"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXTEND, REASSIGN = "progress/extend.html", "progress/reassign.html"


@bp.get(BASE)
@requires_role_on_call(Role.SECRETARIAT)
def index() -> Response:
    """One page of the assignments that stand, the most urgent first."""
    form, filters = _filters()
    base = url_for(".index", key=g.call.key)
    counts = query.counts(db.session(), actor(), g.call, filters, now())
    found = query.lines(db.session(), actor(), g.call, filters, now())
    return page(
        "progress/index.html", "results", status=422 if form.errors else 200, form=form, base=base,
        rows=[_shown(line) for line in found], counts=counts, total=counts.of(filters),
        tabs=_standing_tabs(form, base, counts, filters), pages=form.pages(base, counts.of(filters)),
        fields=_fields(), streams=_streams(), selects=_selects(form), still_open=counts.still_open(filters), **_call("index"),
    )  # fmt: skip


@bp.get(f"{BASE}.csv")
@requires_role_on_call(Role.SECRETARIAT)
def as_csv() -> Response:
    """The filtered list as CSV, UTF-8."""
    response = Response(csv_text(_head(), _table()), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{_file_name("csv")}"'
    return response


@bp.get(f"{BASE}.xlsx")
@requires_role_on_call(Role.SECRETARIAT)
def as_xlsx() -> Response:
    """The filtered list as a workbook."""
    response = Response(xlsx_bytes(_("Evaluations awaited"), _head(), _table()), mimetype=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{_file_name("xlsx")}"'
    return response


@bp.get(f"{BASE}/files")
@requires_role_on_call(Role.SECRETARIAT)
def files() -> Response:
    """The files in evaluation that still lack sheets, against the minimum of the call."""
    form, filters = _filters()
    base, minimums = url_for(".files", key=g.call.key), calls.facts(g.call).minimum_sheets
    found = query.lacking(db.session(), actor(), g.call, filters.field)
    first = (filters.page - 1) * PER_PAGE
    return page(
        "progress/files.html", "results", status=422 if form.errors else 200, form=form, base=base,
        rows=found[first : first + PER_PAGE], total=len(found), pages=form.pages(base, len(found)), minimums=minimums,
        fields=_fields(), streams=_streams(), **_call("files"),
    )  # fmt: skip


@bp.get(f"{BASE}/evaluators")
@requires_role_on_call(Role.SECRETARIAT)
def figures() -> Response:
    """How each evaluator judges beside the others. For the Secretariat alone."""
    form, filters = _filters(forms.FIGURES)
    base, told = url_for(".figures", key=g.call.key), calls.definition(g.call)
    sheets, seats = query.closed_sheets(db.session(), actor(), g.call)
    minimum = told.results.normalisation.minimum_sample
    found = behaviour.figures(sheets, minimum)
    closed: dict[UUID, int] = {}
    for sheet in sheets:
        closed[sheet.evaluator] = closed.get(sheet.evaluator, 0) + 1
    rows = [_judging(seats[seat_id], count, found.get(seat_id)) for seat_id, count in closed.items()]
    rows = [row for row in rows if _wanted(row["seat"], filters)]
    rows.sort(key=lambda row: row["seat"].name)
    rows.sort(key=_figure(filters.sort), reverse=filters.descending)
    rows.sort(key=lambda row: row["figures"] is None)
    first = (filters.page - 1) * PER_PAGE
    return page(
        "progress/evaluators.html", "results", status=422 if form.errors else 200, form=form, base=base,
        rows=rows[first : first + PER_PAGE], total=len(rows), pages=form.pages(base, len(rows)), minimum=max(minimum, 2),
        rubric=told.rubric, streams=_streams(), **_call("figures"),
    )  # fmt: skip


@bp.get(f"{BASE}/remind")
@requires_role_on_call(Role.SECRETARIAT)
def ask_remind() -> Response:
    """Who would be written to, how many mails that is, and what they say. Nothing is sent by looking."""
    lines, left = _chosen()
    holders = query.holders(db.session(), g.call, lines, now())
    letters = assignments.by_person(holders, lines)
    return page(
        "progress/remind.html", letters=[(account, [_shown(line) for line in theirs]) for account, theirs in letters],
        left=_left([*left, *(Left(x.id, x.seat, x.city, "nobody") for x in lines if not holders[x.id])]),
        chosen=" ".join(str(line.id) for line in lines), count=len(lines), texts=list(_texts(letters)), sending=uuid4(),
        earlier=query.reminders(db.session(), g.call), **_call("index"),
    )  # fmt: skip


@bp.post(f"{BASE}/remind")
@requires_role_on_call(Role.SECRETARIAT)
def remind() -> Response:
    """Send them, once for each page that asked."""
    sending = next(iter(forms.ids_in(request.form.getlist("sending"))), None) or uuid4()
    ids = forms.ids_in(request.form.getlist("a"))
    made = reminders.send(db.session(), g.call, sending, ids, actor=actor(), now=now())
    message = ngettext("%(num)s reminder is on its way.", "%(num)s reminders are on their way.", made.mails)
    return done(url_for(".reminder", key=g.call.key, reminder_id=made.id), message=message)


@bp.get(f"{BASE}/reminders/<uuid:reminder_id>")
@requires_role_on_call(Role.SECRETARIAT)
def reminder(reminder_id: UUID) -> Response:
    """What one sending was about, and who was left out of it."""
    found = query.reminder(db.session(), g.call, reminder_id)
    if found is None:
        raise NotFound
    row, who = found
    out = {UUID(one["assignment"]): str(one["why"]) for one in row.left_out}
    names = query.named(db.session(), actor(), g.call, [*map(UUID, row.sent), *out])
    return page(
        "progress/reminder.html", reminder=row, who=who, sent=[names[i] for i in map(UUID, row.sent) if i in names],
        left=_left(Left(i, *names[i], why) for i, why in out.items() if i in names), **_call("index"),
    )  # fmt: skip


@bp.get(f"{BASE}/extend")
@requires_role_on_call(Role.SECRETARIAT)
def ask_extend() -> Response:
    """Whose sheets would be awaited later, and the form that says until when."""
    return page(EXTEND, **_extension(forms.MoreTimeForm(formdata=None), _ids()))


@bp.post(f"{BASE}/extend")
@requires_role_on_call(Role.SECRETARIAT)
def extend() -> Response:
    """Await them until then."""
    form, ids = forms.MoreTimeForm(), forms.ids_in(request.form.getlist("a"))
    form.zone = labels.call_zone(g.call)
    if form.validate_on_submit():
        try:
            made = assignments.extend(
                db.session(), g.call, ids, until=form.instant, reason=form.reason.data or "", actor=actor(), now=now()
            )
        except InvalidInput as error:
            form.take(error)
        else:
            return done(url_for(".index", key=g.call.key), message=_extended(made))
    return form_error(EXTEND, **_extension(form, ids))


@bp.get("/dossiers/<uuid:dossier_id>/evaluators/<uuid:seat_id>/reassign")
@requires(Permission.ASSIGN)
def ask_reassign(seat_id: UUID) -> Response:
    """Who could be asked in this evaluator's place, those with most room first."""
    return page(REASSIGN, **_reassignment(forms.ReassignForm(formdata=None), seat_id))


@bp.post("/dossiers/<uuid:dossier_id>/evaluators/<uuid:seat_id>/reassign")
@requires(Permission.ASSIGN)
def reassign(seat_id: UUID) -> Response:
    """End the one request and make the other."""
    form = forms.ReassignForm()
    context = _reassignment(form, seat_id)
    if form.validate_on_submit():
        assignments.reassign(
            db.session(), g.dossier, seat_id, UUID(form.seat.data), reason=form.reason.data or "", actor=actor(),
            now=now(),
        )  # fmt: skip
        url = url_for("assignments.evaluators", dossier_id=g.dossier.id)
        return done(url, message=_("Somebody else is asked now; both are told by mail."))
    return form_error(REASSIGN, **context | {"errors": problems(form)})


def _filters(sorts: tuple[str, ...] = query.SORTS) -> tuple[BoardForm, Filters]:
    told = calls.definition(g.call)
    return forms.parse(
        request.args,
        streams=[s.key for s in told.rubric.streams],
        fields=[f.key for f in told.fields],
        sorts=sorts,
    )


def _ids() -> list[UUID]:
    """The assignments that were chosen: those ticked, or with `scope=all` every open one in the filter. Nothing ticked is
    nobody."""
    if request.args.get("scope") != "all":
        return forms.ids_in(request.args.getlist("a"))
    found = query.everything(db.session(), actor(), g.call, _filters()[1], now())
    return [line.id for line in found if line.standing != CLOSED]


def _chosen() -> tuple[list[Line], list[Left]]:
    return query.chosen(db.session(), actor(), g.call, _ids(), now())


def _call(current: str) -> dict[str, Any]:
    """What the three lists share: the call, and the way from one to the other."""
    ways = (("index", _("Evaluations awaited")), ("files", _("Files lacking sheets")),
            ("figures", _("How evaluators judge")))  # fmt: skip
    return {
        "call": g.call,
        "call_title": labels.call_title(g.call),
        "zone": labels.call_zone(g.call),
        "ways": [
            {"label": label, "url": url_for(f".{name}", key=g.call.key), "current": name == current}
            for name, label in ways
        ],
    }


def _fields() -> list[tuple[str, str]]:
    return [(f.key, dossier_page.field_label(g.call, f.key)) for f in calls.definition(g.call).fields]


def _streams() -> list[tuple[str, str]]:
    return [(s.key, _stream(s)) for s in calls.definition(g.call).rubric.streams]


def _stream(stream: Stream) -> str:
    return stream.label.of(labels.reader_language())


def _standing_tabs(form: BoardForm, base: str, counts: query.Counts, filters: Filters) -> list[dict[str, Any]]:
    every = {"label": _("All"), "url": form.url(base, standing=None, late=None, page=None), "count": counts.total,
             "current": not (filters.standing or filters.late)}  # fmt: skip
    late = {"label": _("Late"), "url": form.url(base, standing=None, late="1", page=None), "count": counts.late,
            "current": filters.late}  # fmt: skip
    return [every, late] + [
        {
            "label": _(name),
            "url": form.url(base, standing=key, late=None, page=None),
            "count": counts.by_standing.get(key, 0),
            "current": key == filters.standing,
        }
        for key, name in STANDINGS.items()
    ]


def _selects(form: BoardForm) -> dict[str, str]:
    """The addresses of the acts on all that the filter leaves."""
    return {
        name: form.url(url_for(f".{name}", key=g.call.key), scope="all", page=None)
        for name in ("ask_remind", "ask_extend")
    }


def _shown(line: Line) -> dict[str, Any]:
    """One line as the page prints it."""
    past = None if line.standing == CLOSED else days_past(line.due_at, now())
    return {
        "line": line,
        "country": labels.country(line.country),
        "stream": _stream(calls.definition(g.call).rubric.stream(line.stream)),
        "standing": _(STANDINGS[line.standing]),
        "late": past is not None and past > 0,
        "days": _days(past),
    }


def _days(past: int | None) -> str:
    if past is None:
        return ""
    if past > 0:
        return ngettext("%(num)s day late", "%(num)s days late", past)
    if past == 0:
        return _("less than a day left")
    return ngettext("%(num)s day left", "%(num)s days left", -past)


def _head() -> list[str]:
    return [
        _("Evaluator"), _("Stream"), _("City"), _("Country"), _("Reference"), _("Creative field"), _("Standing"),
        _("Asked on"), _("Awaited until"), _("Days late"), _("Reminded last"),
    ]  # fmt: skip


def _table() -> Iterator[list[str | int | float | None]]:
    fields = dict(_fields())
    for line in query.everything(db.session(), actor(), g.call, _filters()[1], now()):
        shown = _shown(line)
        yield [
            line.seat, shown["stream"], line.city, shown["country"], line.reference, fields.get(line.field or "", ""),
            shown["standing"], look.iso(line.assigned_at), look.iso(line.due_at) if line.due_at else None,
            _days_late(line),
            look.iso(line.reminded_at) if line.reminded_at else None,
        ]  # fmt: skip


def _days_late(line: Line) -> int | None:
    """Nothing for a closed sheet and for one without a term; 0 while there is time."""
    past = None if line.standing == CLOSED else days_past(line.due_at, now())
    return None if past is None else max(past, 0)


def _file_name(suffix: str) -> str:
    return f"evaluations-{now():%Y-%m-%d}.{suffix}"


def _left(rows: Iterable[Left]) -> list[tuple[str, str, str]]:
    return [(row.seat, row.city, _(LEFT_OUT[row.why])) for row in rows]


def _texts(letters: Sequence[tuple[Account, list[Line]]]) -> Iterator[tuple[str, str, str, str]]:
    """The mail as one of those written to will read it, in each language: language, name, subject, text."""
    base_url = current_app.extensions["rvc"].settings.base_url
    for language in LANGUAGES if letters else ():
        account, lines = next(((a, x) for a, x in letters if a.language == language), letters[0])
        context = assignments.letter(g.call, account, lines, language)
        mail = Mail(
            id=uuid4(), to_address=account.email, language=language, template=reminders.TEMPLATE, context=context,
            created_at=now(),
        )  # fmt: skip
        message = mailing.message(mail, base_url)
        yield language, account.name, message.subject, message.body


def _extension(form: forms.MoreTimeForm, ids: Sequence[UUID]) -> dict[str, Any]:
    lines, left = query.chosen(db.session(), actor(), g.call, ids, now())
    return {
        "form": form,
        "errors": problems(form),
        "rows": [_shown(line) for line in lines],
        "left": _left(left),
        "chosen": " ".join(str(line.id) for line in lines),
        **_call("index"),
    }


def _extended(made: assignments.Extended) -> str:
    said = ngettext(
        "%(num)s sheet is awaited later; its evaluator is told by mail.",
        "%(num)s sheets are awaited later; their evaluators are told by mail.",
        len(made.lines),
    )
    if not made.left:
        return said
    out = "; ".join(
        _("%(who)s: %(what)s", who=f"{seat}, {city}", what=why) for seat, city, why in _left(made.left[:10])
    )
    return _("%(said)s Left out: %(out)s.", said=said, out=out)


def _reassignment(form: forms.ReassignForm, seat_id: UUID) -> dict[str, Any]:
    """The seats of the same stream that could take the place: free ones, then those that are warned of or barred."""
    found = standings.standings(db.session(), actor(), g.dossier, now())
    leaving = next((s for s in found if s.seat.id == seat_id and s.status in ("asked", "declared", "begun")), None)
    if leaving is None:
        raise NotFound
    like = evaluators.Filters(stream=leaving.stream, field=g.dossier.field)
    entries = evaluators.register(db.session(), actor(), now(), like)
    most = {entry.seat.id: entry.maximum_load for entry in entries}
    others = [s for s in found if s.stream == leaving.stream and s.seat.id != seat_id]
    free = sorted((s for s in others if s.status == "free"), key=lambda s: (_full(s, most), s.load, s.seat.name))
    form.seat.choices = [Option(str(s.seat.id), s.seat.name) for s in free]
    return {
        **dossier_page.head(),
        "leaving": leaving,
        "free": [(s, most.get(s.seat.id), _full(s, most)) for s in free],
        "kept_away": [s for s in others if s.status in ("conflict", "warned")],
        "asked": sum(s.status not in ("free", "conflict", "warned") for s in others),
        "form": form,
        "errors": [],
    }


def _full(standing: standings.Standing, most: Mapping[UUID, int | None]) -> bool:
    limit = most.get(standing.seat.id)
    return limit is not None and standing.load >= limit


def _judging(seat: Seat, closed: int, found: behaviour.Figures | None) -> dict[str, Any]:
    return {"seat": seat, "closed": closed, "figures": found, "pace": _pace(found) if found else ""}


def _pace(found: behaviour.Figures) -> str:
    days = found.pace.days
    if days >= 1:
        return ngettext("%(num)s day", "%(num)s days", days)
    hours = int(found.pace.total_seconds() // 3600)
    return ngettext("%(num)s hour", "%(num)s hours", hours) if hours else _("less than an hour")


def _wanted(seat: Seat, filters: Filters) -> bool:
    return not filters.search or filters.search.casefold() in seat.name.casefold()


def _figure(sort: str) -> Any:
    """What to sort the evaluators by; those without figures come last anyhow."""
    if sort in ("evaluator", "sheets"):
        return lambda row: row["seat"].name if sort == "evaluator" else row["closed"]
    if sort == "pace":
        return lambda row: row["figures"].pace.total_seconds() if row["figures"] else 0
    return lambda row: (getattr(row["figures"], sort) or 0) if row["figures"] else 0
