"""The results of a call: a field's files by rank, how sure the ranks are, and the Secretariat's synthesis of it."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _

from rvc_portal.domain import method
from rvc_portal.domain.ranking import Line
from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.base import db
from rvc_portal.queries import assignments, calls, documents
from rvc_portal.queries import results as query
from rvc_portal.queries.board import PER_PAGE
from rvc_portal.services import synthesis
from rvc_portal.web import dossier_page, labels
from rvc_portal.web.access import requires_role_on_call
from rvc_portal.web.forms import results as forms
from rvc_portal.web.forms.board import BoardForm
from rvc_portal.web.htmx import done, page
from rvc_portal.web.session import actor, now

bp = Blueprint("results", __name__)

READERS = (Role.SECRETARIAT, Role.DIRECTION, Role.STEERING)


@bp.get("/calls/<key>/results")
@requires_role_on_call(*READERS)
def index() -> Response:
    """A field's files, ranked among those whose results this person may see."""
    fields = [field for field, _count in assignments.fields(db.session, actor(), g.call)]
    form = forms.parse(request.args, fields)
    found = query.of_field(db.session, actor(), g.call, form.filters.field)
    base, told = url_for(".index", key=g.call.key), calls.definition(g.call)
    return page(
        "evaluation/ranking.html", "results", status=422 if form.errors else 200, form=form, base=base, call=g.call,
        told=told, call_title=labels.call_title(g.call), words=labels.reader_language(), found=found,
        provisional=lambda line: any(line.sheets.get(s.key, 0) < s.minimum_sheets for s in told.rubric.streams),
        fields=_tabs(form, base, fields), method=list(method.of_field(told.rubric, told.results)), flags=method.FLAGS,
        **_list(form, base, found.places), **_syntheses(form.filters.field),
    )  # fmt: skip


@bp.post("/calls/<key>/results/synthesis")
@requires_role_on_call(Role.SECRETARIAT)
def synthesise() -> Response:
    """Issue the synthesis of a field, in every language of the call."""
    field = request.form.get("field") or None
    synthesis.issue(db.session, g.call, field, actor=actor(), now=now())
    return done(
        url_for(".index", key=g.call.key, field=field, _anchor="documents-part"),
        message=_("The synthesis is being prepared."),
    )


@bp.get("/calls/<key>/results/documents")
@requires_role_on_call(Role.SECRETARIAT)
def document_list() -> Response:
    """The syntheses of a field, asked again while one is being made; a browser gets the page."""
    return page(
        "evaluation/syntheses.html", "document_list", call=g.call, **_syntheses(request.args.get("field") or None)
    )


def _syntheses(field: str | None) -> dict[str, Any]:
    """The field's documents, and whether this person issues them; who does not learns of none."""
    issues = actor().has_on_call(Role.SECRETARIAT, g.call.id, whole=True)
    issues = issues and not query.is_barred(db.session, actor(), g.call, field)
    found = documents.of_field(db.session, actor(), g.call, field) if issues else []
    return {
        "issues": issues,
        "field": field,
        "documents": [dossier_page.document_item(shown) for shown in found],
        "preparing": documents.preparing(found),
    }


def _list(form: BoardForm, base: str, places: Sequence[query.Place]) -> dict[str, Any]:
    """The page of the list that was asked for. Files without a sheet come last, whatever the order."""
    flagged = [place for place in places if place.line and place.line.disagreement]
    chosen = sorted(flagged if "flagged" in form.asked else places, key=_order(form), reverse=form.filters.descending)
    chosen.sort(key=lambda place: place.line is None)
    first = (form.filters.page - 1) * PER_PAGE
    return {
        "places": chosen[first : first + PER_PAGE],
        "pages": form.pages(base, len(chosen)),
        "total": len(places),
        "flagged": len(flagged),
    }


def _order(form: BoardForm) -> Callable[[query.Place], Any]:
    """The figure to sort by."""
    figures: dict[str, Callable[[Line], float]] = {
        "rank": lambda line: line.rank,
        "mean": lambda line: line.raw,
        "normalised": lambda line: line.normalised,
        "spread": lambda line: line.spread or 0,
        "sheets": lambda line: sum(line.sheets.values()),
    }
    figure = figures.get(form.filters.sort)
    if figure is None:
        return lambda place: place.city
    return lambda place: figure(place.line) if place.line else 0


def _tabs(form: BoardForm, base: str, fields: Sequence[str | None]) -> list[dict[str, Any]]:
    return [
        {
            "label": dossier_page.field_label(g.call, field) or _("Without a field"),
            "url": form.url(base, field=field, page=None),
            "current": field == form.filters.field,
        }
        for field in fields
    ]
