"""Every document that a person may have, as a list that filters: the Secretariat's of a call or of the portal, a city's own,
an evaluator's."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from rvc_portal.domain.vocabulary import N_, Doc
from rvc_portal.language import LANGUAGES
from rvc_portal.models.base import db
from rvc_portal.models.call import Call
from rvc_portal.queries import calls as call_query
from rvc_portal.queries import catalogue as query
from rvc_portal.web import labels
from rvc_portal.web.access import signed_in
from rvc_portal.web.forms import catalogue as forms
from rvc_portal.web.htmx import page
from rvc_portal.web.session import actor
from rvc_portal.web.views.board import filters_of

bp = Blueprint("catalogue", __name__)

STATUS_LABELS = {
    query.CURRENT: N_("Current"),
    query.HELD: N_("Held until publication"),
    query.SUPERSEDED: N_("Replaced by a newer version"),
    query.WITHDRAWN: N_("Set aside: counts no more"),
}


@bp.get("/documents")
@signed_in
def index() -> Response:
    """One page of the list."""
    calls = call_query.announced(db.session, actor())
    form = filters_in(calls, request.args)
    within = query.reach(db.session(), actor())
    counted = query.counts(db.session(), within, form.filters)
    total = query.total(counted, form.filters)
    base = url_for(".index")
    return page(
        "catalogue/index.html", "results", status=422 if form.errors else 200, form=form, base=base, total=total,
        rows=[_shown(line) for line in query.lines(db.session(), within, form.filters)], pages=form.pages(base, total),
        calls=[(c.key, labels.call_title(c)) for c in calls], kinds=kinds_told(counted),
        statuses=[*((key, _(label)) for key, label in STATUS_LABELS.items()), (forms.ANY, _("Any status"))],
        languages=[(code, labels.language(code)) for code in LANGUAGES],
    )  # fmt: skip


def filters_in(calls: Sequence[Call], sent: MultiDict[str, str]) -> forms.CatalogueForm:
    """What a list of documents is narrowed to, as it was sent; a day is one of the call's zone, where a call is named."""
    board = filters_of(calls, sent)
    chosen = next((c for c in calls if c.id == board.filters.call_id), None)
    g.test_call = chosen is not None and chosen.test
    return forms.parse(sent, board, labels.call_zone(chosen) if chosen else "UTC")


def kinds_told(counted: dict[str, int]) -> list[tuple[str, str]]:
    """The kinds that there are, named and counted, in the order of their steps."""
    return [(k.value, f"{labels.document(k.value)} ({counted[k.value]})") for k in Doc if k.value in counted]


def _shown(line: query.Line) -> dict[str, Any]:
    """One line as the page prints it."""
    row = line.document
    part = f" · {row.evaluation_id.hex[:6].upper()}" if row.evaluation_id else ""
    return {
        "label": f"{labels.document(row.kind)}{part}",
        "url": url_for("documents.download", document_id=row.id) if row.ready else None,
        "city": line.city,
        "about": url_for("dossier.show", dossier_id=line.dossier_id) if line.dossier_id else None,
        "reference": line.reference,
        "call": labels.call_title(line.call) if line.call else _("The Network"),
        "zone": labels.call_zone(line.call) if line.call else "UTC",
        "language": row.language,
        "language_name": labels.language(row.language),
        "issued_at": row.issued_at,
        "status": _(STATUS_LABELS[line.status]),
        "missing": None if row.ready else _("could not be made yet") if line.failed else _("being prepared"),
        "size": row.stored_size,
    }
