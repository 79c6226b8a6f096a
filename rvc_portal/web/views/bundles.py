"""Documents of many files in one ZIP, their answers in one table: chosen, made ready by the worker, fetched whenever."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, request, stream_with_context, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal
from rvc_portal.domain.procedures.register import PROCEDURES
from rvc_portal.domain.vocabulary import N_
from rvc_portal.gateways import archive
from rvc_portal.models.base import db
from rvc_portal.models.bundle import Bundle
from rvc_portal.models.call import Call
from rvc_portal.queries import answer_tables, catalogue
from rvc_portal.queries import bundles as query
from rvc_portal.queries import calls as call_query
from rvc_portal.services import answer_tables as tables
from rvc_portal.services import bundles
from rvc_portal.web import labels, ranges
from rvc_portal.web.access import requires_role, signed_in
from rvc_portal.web.forms import catalogue as forms
from rvc_portal.web.htmx import done, is_htmx, leave_for, page
from rvc_portal.web.session import actor, now
from rvc_portal.web.sheets import XLSX, csv_lines
from rvc_portal.web.views.board import READERS
from rvc_portal.web.views.catalogue import STATUS_LABELS, filters_in, kinds_told
from rvc_portal.web.views.documents import SANDBOX, attachment, send

bp = Blueprint("bundles", __name__)

NEW, SHOWN = "bundles/new.html", "bundles/show.html"
MOST_TICKED = 100
"""Files that can be ticked one by one; of more, all are meant that the filters leave."""


@bp.get("/bundles")
@signed_in
def index() -> Response:
    """What the person had bundled before."""
    return page("bundles/index.html", bundles=query.of(db.session(), actor()))


@bp.get("/bundles/new")
@signed_in
def new() -> Response:
    """What the filters of the address leave, to choose from."""
    return _choosing(request.args)


@bp.post("/bundles")
@signed_in
def order() -> Response:
    """Have what was chosen made ready."""
    form = filters_in(call_query.announced(db.session, actor()), request.form)
    chosen = forms.for_bundle(form, earlier="earlier" in request.form)
    try:
        if form.errors or not chosen.kinds:
            raise InvalidInput({"chosen": (Refusal(N_("No document is chosen."), target="chosen"),)})
        asked = {name: value for name, value in form.asked.items() if value}
        made = bundles.order_documents(db.session(), chosen, asked, actor=actor(), now=now())
    except InvalidInput as error:
        return _choosing(request.form, error)
    return done(url_for(".show", bundle_id=made.id))


@bp.post("/bundles/answers")
@requires_role(*READERS)
def order_answers() -> Response:
    """Have the answers of the files written into a workbook."""
    form, call = _of_one_call(request.form)
    made = bundles.order_answers(db.session(), call, form.filters.files, form.board.asked, actor=actor(), now=now())
    return done(url_for(".show", bundle_id=made.id))


@bp.get("/board/answers.csv")
@requires_role(*READERS)
def answers() -> Response:
    """The answers of the files that the board's filters leave, line by line."""
    form, call = _of_one_call(request.args)
    told, language = call_query.definition(call), labels.reader_language()
    conditions = answer_tables.readable(actor(), form.filters.files)
    key = call.key

    def rows() -> Iterator[list[str | None]]:
        for portion in answer_tables.portions(db.session(), conditions):
            db.session.rollback()  # nobody waits for a reader whose line is slow
            yield from tables.rows(portion, told, language)

    lines = stream_with_context(line.encode() for line in csv_lines(tables.head(told, language), rows()))
    response = Response(lines, mimetype="text/csv")
    response.headers["Content-Disposition"] = attachment(f"{key}-answers-{now():%Y-%m-%d}.csv")
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.get("/bundles/<uuid:bundle_id>")
@signed_in
def show(bundle_id: UUID) -> Response:
    """One bundle: how far it is, or where to fetch it."""
    bundle = _own(bundle_id)
    state = _state(bundle)
    if state != "running" and is_htmx():
        return leave_for(url_for(".show", bundle_id=bundle.id))
    return page(SHOWN, "part_progress", bundle=bundle, state=state)


@bp.get("/bundles/<uuid:bundle_id>.zip")
@signed_in
def fetch(bundle_id: UUID) -> Response:
    """The documents, from any byte on."""
    bundle = _given_out(bundle_id, query.ZIP)
    made, files = bundles.packed(db.session(), bundle), current_app.extensions["rvc"].files
    response = ranges.answer(
        made.length, lambda start, end: made.stream(files.stream, start, end), etag=bundle.sha256 or "",
        media_type=archive.MEDIA_TYPE,
    )  # fmt: skip
    response.headers["Content-Disposition"] = attachment(_name(bundle))
    response.headers["Content-Security-Policy"] = SANDBOX
    return response


@bp.get("/bundles/<uuid:bundle_id>.xlsx")
@signed_in
def fetch_answers(bundle_id: UUID) -> Response:
    """The answers as a workbook."""
    bundle = _given_out(bundle_id, query.XLSX)
    return send(bundle.sha256 or "", _name(bundle), XLSX, bundle.size)


@bp.post("/bundles/<uuid:bundle_id>/cancel")
@signed_in
def cancel(bundle_id: UUID) -> Response:
    """Want it no more."""
    bundle = _own(bundle_id)
    bundles.cancel(db.session(), bundle, now=now())
    return done(url_for(".show", bundle_id=bundle.id))


@bp.post("/bundles/<uuid:bundle_id>/again")
@signed_in
def again(bundle_id: UUID) -> Response:
    """Try once more what the worker gave up."""
    bundle = _own(bundle_id)
    bundles.try_again(db.session(), bundle, now=now())
    return done(url_for(".show", bundle_id=bundle.id))


def _choosing(sent: MultiDict[str, str], error: InvalidInput | None = None) -> Response:
    calls = call_query.announced(db.session, actor())
    form = filters_in(calls, sent)
    earlier = "earlier" in sent
    chosen = forms.for_bundle(form, earlier=earlier)
    within = catalogue.reach(db.session(), actor())
    counted = catalogue.counts(db.session(), within, forms.all_files(chosen))
    files = catalogue.dossiers(db.session(), within, forms.all_files(chosen), MOST_TICKED + 1)
    wrong = [labels.refusal(refusal) for refusal in error.problems["chosen"]] if error else []
    return page(
        NEW, status=422 if wrong or form.errors else 200, form=form, earlier=earlier, kinds=kinds_told(counted),
        ticked_kinds=[k.value for k in chosen.kinds] or ([] if error else list(counted)),
        files=[(str(i), city, reference) for i, city, reference in files[:MOST_TICKED]],
        ticked=[str(i) for i in (chosen.dossiers if chosen.dossiers is not None else [row[0] for row in files])],
        too_many=len(files) > MOST_TICKED, wrong=wrong,
        errors=[*form.errors, *(("kind", sentence) for sentence in wrong)], told=_told(form, calls),
    )  # fmt: skip


def _told(form: forms.CatalogueForm, calls: Any) -> list[tuple[str, str]]:
    """The filters in words."""
    files, filters = form.board.filters, form.filters
    first, last = form.asked.get("from"), form.asked.get("to")
    told = (
        (_("Call"), next((labels.call_title(c) for c in calls if c.id == files.call_id), None)),
        (_("State"), _state_told(files.state)),
        (_("Creative field"), _field(files.field, calls)),
        (_("Country"), labels.country(files.country) if files.country else None),
        (_("City or reference"), files.search),
        (_("Status"), ", ".join(_(STATUS_LABELS[s]) for s in filters.statuses)),
        (_("Language"), labels.language(filters.language) if filters.language else None),
        (_("Issued from"), first),
        (_("Issued until"), last),
    )
    return [(label, value) for label, value in told if value]


def _state_told(key: str | None) -> str | None:
    tables = (p for p in PROCEDURES.values() if key in p.states)
    return next((labels.state(p, str(key), inside=True) for p in tables), None)


def _field(key: str | None, calls: Any) -> str | None:
    fields = (f for call in calls for f in call_query.definition(call).fields if f.key == key)
    found = next(fields, None)
    return found.label.of(labels.reader_language()) if found else None


def _of_one_call(sent: MultiDict[str, str]) -> tuple[forms.CatalogueForm, Call]:
    """The filters and their call: the questions of two calls do not fit under the same columns."""
    calls = call_query.announced(db.session, actor())
    form = filters_in(calls, sent)
    call = next((c for c in calls if c.id == form.board.filters.call_id), None)
    if form.errors:
        raise InvalidInput({"filters": tuple(Refusal(sentence) for _where, sentence in form.errors)})
    if call is None:
        raise InvalidInput({"call": (Refusal(N_("Choose a call first: each asks its own questions.")),)})
    return form, call


def _own(bundle_id: UUID) -> Bundle:
    found = query.find(db.session(), actor(), bundle_id)
    if found is None:
        raise NotFound
    return found


def _given_out(bundle_id: UUID, form: str) -> Bundle:
    found = _own(bundle_id)
    if found.form != form:
        raise NotFound
    bundles.check(db.session(), found, actor=actor())
    return found


def _state(bundle: Bundle) -> str:
    """closed: something in it is not the person's to read any more; cancelled, ready, failed or running."""
    if bundle.cancelled_at:
        return "cancelled"
    if bundle.ready_at:
        return "ready" if query.still_readable(db.session(), actor(), bundle) else "closed"
    return "running" if query.is_worked_on(db.session(), bundle) else "failed"


def _name(bundle: Bundle) -> str:
    what = "answers" if bundle.form == query.XLSX else "documents"
    return f"{what}-{bundle.made_at:%Y-%m-%d}-{bundle.id.hex[:8]}.{bundle.form}"
