"""The calendar of the Network: ten years as a picture and by year, for anybody; what is wrong with it, for those who plan."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, g, request, url_for
from flask_babel import gettext as _

from rvc_portal.documents import ical, palette
from rvc_portal.documents.decade import decade
from rvc_portal.domain import calendar as rules
from rvc_portal.domain.calendar import Calendar, Entry, Kind, Span
from rvc_portal.domain.rhythm import Concern, Trouble, concerns
from rvc_portal.domain.vocabulary import Doc, Role
from rvc_portal.gateways import network
from rvc_portal.models.base import db
from rvc_portal.queries import calendar as query
from rvc_portal.queries import documents
from rvc_portal.services import calendar as service
from rvc_portal.web import labels, look
from rvc_portal.web.access import public, requires_role
from rvc_portal.web.dossier_page import document_item
from rvc_portal.web.htmx import done, page
from rvc_portal.web.session import actor, now

bp = Blueprint("calendar", __name__)

SITTING_PAGE = (Role.STEERING, Role.SECRETARIAT)
"""Who may open the page of a sitting."""


@bp.get("/calendar")
@public
def show() -> Response:
    """Ten years: those that begin with `year` of the address, else those of today."""
    calendar = query.calendar(db.session(), g.actor)
    found = rules.entries(calendar)
    start = _asked_year() or rules.decade(found, _today().year)
    shown = rules.years(start)
    by_year = rules.by_year(found, shown)
    drawn = [_drawn(entry) for entries in by_year.values() for entry in entries]
    return page(
        "calendar/show.html", first=start, last=start + rules.YEARS - 1, ways=_ways(start), tokens=palette.tokens(),
        picture=decade(drawn, start, rules.YEARS, _today()),
        years=[(year, [_row(entry) for entry in entries]) for year, entries in by_year.items()],
        **_wrong(calendar, shown), documents=_documents(), writes=bool(g.actor and g.actor.has(Role.SECRETARIAT)),
        file=url_for(".as_ical", _external=True),
    )  # fmt: skip


@bp.post("/calendar")
@requires_role(Role.SECRETARIAT)
def issue() -> Response:
    """Issue the ten years that begin with `year` as a document."""
    start = request.form.get("year", 0, type=int)
    service.issue(db.session(), start, actor=actor(), now=now())
    return done(url_for(".show", year=start, _anchor="documents-part"), message=_("The calendar is issued anew."))


@bp.get("/calendar.ics")
@public
def as_ical() -> Response:
    """What has a day, as a calendar file, as far as this person may know of it. Mandates are told by their renewal."""
    found = rules.entries(query.calendar(db.session(), g.actor))
    events = [_event(entry) for entry in found if entry.fixed and entry.kind is not Kind.MANDATES]
    content = ical.calendar(_("Calendar of the Network"), events, labels.reader_language())
    response = Response(content, mimetype=ical.MEDIA_TYPE)
    response.headers["Content-Disposition"] = 'attachment; filename="calendar.ics"'
    return response


def _today() -> date:
    return now().astimezone(ZoneInfo(network.timezone())).date()


def _asked_year() -> int | None:
    asked = request.args.get("year", type=int)
    return asked if asked is not None and service.EARLIEST <= asked <= service.LATEST else None


def _ways(start: int) -> dict[str, tuple[str, int, int] | None]:
    """The ten years before and after: address, first and last year; None where there are none to look at."""
    found = {}
    for name, first in (("earlier", start - rules.YEARS), ("later", start + rules.YEARS)):
        there = service.EARLIEST <= first <= service.LATEST
        found[name] = (url_for(".show", year=first), first, first + rules.YEARS - 1) if there else None
    return found


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "kind": str(entry.kind), "kind_label": _(rules.KINDS[entry.kind]), "when": _when(entry),
        "text": labels.message(*entry.told),
        "details": [labels.message(*said) for said in entry.details], "url": _url(entry),
    }  # fmt: skip


def _when(entry: Entry) -> str:
    if not entry.fixed:
        return str(_("%(year)s, days not fixed yet", year=entry.days.first.year))
    return days(entry.days)


def days(span: Span) -> str:
    """Days as people write them."""
    if span.first == span.last:
        return look.whole_day(span.first)
    return str(_("%(first)s to %(last)s", first=look.whole_day(span.first), last=look.whole_day(span.last)))


def _url(entry: Entry, **how: Any) -> str | None:
    """The page that says more, where there is one that this person may open."""
    if entry.kind is Kind.MEETING:
        return url_for("meetings.show", edition=int(entry.subject), **how) if entry.subject else None
    if entry.kind is Kind.WINDOW:
        return url_for("calls.show", key=entry.call, **how)
    if entry.kind is Kind.SITTING:
        opens = any(g.actor.has(role) for role in SITTING_PAGE)
        return url_for("sittings.show", key=entry.call, sitting_id=UUID(entry.subject), **how) if opens else None
    return url_for("composition.show", **how) if entry.kind in (Kind.MANDATES, Kind.RENEWAL) else None


def _drawn(entry: Entry) -> dict[str, Any]:
    return {
        "kind": str(entry.kind), "first": entry.days.first.isoformat(), "last": entry.days.last.isoformat(),
        "label": labels.wording(entry.short), "fixed": entry.fixed, "strong": entry.strong, "call": entry.call,
        "within": labels.wording(entry.within) if entry.within else "", "step": entry.step,
    }  # fmt: skip


def _wrong(calendar: Calendar, shown: Span) -> dict[str, Any]:
    """What collides and what breaks the rhythm in these years, for those who are told; how much more there is in others."""
    if not query.is_warned(g.actor):
        return {"warned": False, "collisions": [], "breaches": [], "elsewhere": 0}
    found = concerns(calendar, network.rhythm(), _today())
    here = [concern for concern in found if concern.days.meets(shown)]
    return {
        "warned": True, "collisions": list(_of(here, Trouble.COLLISION)), "breaches": list(_of(here, Trouble.RHYTHM)),
        "elsewhere": len(found) - len(here),
    }  # fmt: skip


def _of(found: Iterable[Concern], trouble: Trouble) -> Iterator[str]:
    return (labels.message(*concern.told) for concern in found if concern.trouble is trouble)


def _documents() -> list[dict[str, Any]]:
    found = documents.of_network(db.session(), g.actor, Doc.NETWORK_CALENDAR)
    return [document_item(shown) for shown in found if shown.document.superseded_at is None]


def _event(entry: Entry) -> ical.Event:
    host = urlsplit(current_app.extensions["rvc"].settings.base_url).hostname
    starts, ends = _times(entry)
    return ical.Event(
        uid=f"{entry.key}@{host}", title=labels.message(*entry.told), starts=starts, ends=ends, changed_at=now(),
        text="\n".join(labels.message(*said) for said in entry.details), url=_url(entry, _external=True) or "",
    )  # fmt: skip


def _times(entry: Entry) -> tuple[date | datetime, date | datetime | None]:
    if entry.instants is None:
        return entry.days.first, entry.days.last
    starts, ends = entry.instants
    return starts, ends if ends > starts else None
