"""The board: every dossier that a person may know of, as a list that sorts and filters, and as a table to take away."""

import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from rvc_portal.domain.procedures.register import PROCEDURES
from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.base import db
from rvc_portal.models.call import Call
from rvc_portal.queries import board as query
from rvc_portal.queries import calls as call_query
from rvc_portal.web import labels, look
from rvc_portal.web.access import requires_role
from rvc_portal.web.forms import board as forms
from rvc_portal.web.htmx import page
from rvc_portal.web.session import actor, now
from rvc_portal.web.sheets import XLSX, csv_text, xlsx_bytes

bp = Blueprint("board", __name__)

READERS = (Role.SECRETARIAT, Role.DIRECTION, Role.STEERING)


@bp.get("/board")
@requires_role(*READERS)
def index() -> Response:
    """One page of the list."""
    calls = call_query.announced(db.session, actor())
    form = filters_of(calls)
    counted = query.counts(db.session, actor(), form.filters)
    found = query.lines(db.session, actor(), form.filters)
    words = _Words(calls)
    base = url_for(".index")
    return page(
        "board/index.html", "results", status=422 if form.errors else 200, form=form, base=base,
        rows=[words.shown(line) for line in found], total=counted.total(form.filters.state),
        states=_states(form, counted), pages=form.pages(base, counted.total(form.filters.state)),
        calls=[(c.key, _title(c)) for c in calls], fields=words.fields,
        countries=list(words.named.items()),
    )  # fmt: skip


@bp.get("/board.csv")
@requires_role(*READERS)
def as_csv() -> Response:
    """The filtered list as CSV, UTF-8."""
    head, rows = _table()
    response = Response(csv_text(head, rows), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{_file_name("csv")}"'
    return response


@bp.get("/board.xlsx")
@requires_role(*READERS)
def as_xlsx() -> Response:
    """The filtered list as a workbook."""
    head, rows = _table()
    response = Response(xlsx_bytes(_("Dossiers"), head, rows), mimetype=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{_file_name("xlsx")}"'
    return response


def _title(call: Call) -> str:
    title = labels.call_title(call)
    return _("%(call)s – TEST", call=title) if call.test else title


def filters_of(calls: Iterable[Call], sent: MultiDict[str, str] | None = None) -> forms.BoardForm:
    """What the list is narrowed to, as it stands in the address (or in what was `sent`)."""
    told = [call_query.definition(call) for call in calls]
    return forms.parse(
        request.args if sent is None else sent,
        calls={call.key: call.id for call in calls},
        states={key for procedure in PROCEDURES.values() for key in procedure.states},
        fields={f.key for t in told for f in t.fields},
        countries={c.iso2 for t in told for c in t.countries},
        tests=[call.id for call in calls if call.test],
    )


class _Words:
    """The names that lines need, found once for all of them."""

    def __init__(self, calls: Iterable[Call]) -> None:
        told = {call.id: call_query.definition(call) for call in calls}
        self.fields = {
            f.key: labels.wording({"en": f.label.en, "fr": f.label.fr}) for t in told.values() for f in t.fields
        }
        self.countries = sorted({c.iso2 for t in told.values() for c in t.countries})
        self.zones = {call_id: ZoneInfo(t.timezone) for call_id, t in told.items()}
        self.language = labels.reader_language()
        self.named = dict(_countries(self.language, tuple(self.countries)))
        self.states = {(p.key, key): labels.state(p, key, inside=True) for p in PROCEDURES.values() for key in p.states}

    def shown(self, line: query.Line) -> dict[str, Any]:
        """One line as the page prints it."""
        return {
            "url": f"/dossiers/{line.id}",
            "reference": line.reference,
            "city": line.city,
            "country": self.named.get(line.country or "") or labels.country(line.country),
            "field": line.field,
            "field_label": self.fields.get(line.field or "", ""),
            "state": line.state,
            "state_label": self.states[line.procedure, line.state],
            "submitted": self._day(line),
            "submitted_iso": look.iso(line.submitted_at) if line.submitted_at else None,
            "sheets": line.sheets,
            "mean": _number(line.mean, self.language),
            "experts": _number(line.experts, self.language),
            "members": _number(line.members, self.language),
            "spread": _number(line.spread, self.language),
        }

    def _day(self, line: query.Line) -> str | None:
        if line.submitted_at is None:
            return None
        return _day(line.submitted_at.astimezone(self.zones[line.call_id]).date(), self.language)


def _number(value: float | None, language: str) -> str | None:
    """Two decimals in the reader's language; the figures here are small, so that no grouping is needed."""
    if value is None:
        return None
    text = f"{value:.2f}"
    return text.replace(".", ",") if language == "fr" else text


def _states(form: forms.BoardForm, counted: query.Counts) -> list[dict[str, Any]]:
    """The states as tabs, with their counts; those that no dossier is in are left out."""
    base = url_for(".index")
    tabs = [{"label": _("All"), "url": form.url(base, state=None, page=None), "current": not form.filters.state,
             "count": counted.total(None)}]  # fmt: skip
    for procedure in PROCEDURES.values():
        for key in procedure.states:
            if counted.by_state.get(key) or key == form.filters.state:
                tabs.append({
                    "label": labels.state(procedure, key, inside=True), "url": form.url(base, state=key, page=None),
                    "current": key == form.filters.state, "count": counted.by_state.get(key, 0),
                })  # fmt: skip
    return tabs


@lru_cache(maxsize=8)
def _countries(language: str, codes: tuple[str, ...]) -> list[tuple[str, str]]:
    """The countries by their names in `language`: the sorting is the slow part of it."""
    named = [(code, labels.country(code)) for code in codes]
    return sorted(named, key=lambda pair: unicodedata.normalize("NFKD", pair[1]).casefold())


@lru_cache(maxsize=4096)
def _day(day: date, language: str) -> str:
    """A day, short. Kept, because a list has few days and writing each out is slow."""
    return format_date(day, "medium", locale="fr" if language == "fr" else "en_GB")


def _table() -> tuple[list[str], Iterator[list[str | int | float | None]]]:
    calls = call_query.announced(db.session, actor())
    form, words = filters_of(calls), _Words(calls)
    titles = {call.id: labels.call_title(call) for call in calls}
    head = [
        _("Reference"), _("City"), _("Country"), _("Creative field"), _("State"), _("Call"), _("Submitted"),
        _("Closed sheets"), _("Mean"), _("Experts"), _("Member cities"), _("Spread"),
    ]  # fmt: skip
    rows: Iterator[list[str | int | float | None]] = (
        [line.reference, line.city, labels.country(line.country), words.fields.get(line.field or "", ""),
         words.states[line.procedure, line.state], titles[line.call_id],
         look.iso(line.submitted_at) if line.submitted_at else None,
         line.sheets, line.mean, line.experts, line.members, line.spread]
        for line in query.everything(db.session, actor(), form.filters)
    )  # fmt: skip
    return head, rows


def _file_name(suffix: str) -> str:
    return f"dossiers-{now():%Y-%m-%d}.{suffix}"
