"""The Secretariat makes an annual meeting, and changes it."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from rvc_portal.documents.formats import zone_of_country
from rvc_portal.domain import composition as known
from rvc_portal.domain.errors import InvalidInput
from rvc_portal.domain.vocabulary import Role
from rvc_portal.gateways import network
from rvc_portal.models.base import db
from rvc_portal.models.meeting import Meeting
from rvc_portal.models.seat import Member
from rvc_portal.queries import agenda, conclusions, members
from rvc_portal.services import preparation
from rvc_portal.web import labels, meeting_page
from rvc_portal.web.access import requires_role
from rvc_portal.web.forms.base import problems
from rvc_portal.web.forms.meetings import MeetingForm
from rvc_portal.web.htmx import done, page
from rvc_portal.web.session import actor, now

bp = Blueprint("preparation", __name__)

FORM = "preparation/form.html"


@bp.route("/meetings/new", methods=["GET", "POST"])
@requires_role(Role.SECRETARIAT)
def new() -> Response:
    """Make a meeting: one that the Network knows of (`edition` of the address), or another one."""
    form = MeetingForm(data=_of_known(request.args.get("edition", type=int)))
    if form.validate_on_submit():
        try:
            made = preparation.make(db.session(), form.terms(), actor=actor(), now=now())
        except InvalidInput as error:
            form.take(error)
        else:
            url = url_for("agenda.show", edition=made.edition)
            return done(url, message=_("The meeting is made. Its agenda can be written now."))
    return _form(form, None, choices=_unmade())


@bp.route("/meetings/<int:edition>/change", methods=["GET", "POST"])
@requires_role(Role.SECRETARIAT)
def change(edition: int) -> Response:
    """Change its hosts, its days, or its closing date."""
    meeting = meeting_page.of(edition)
    preparation.require_unsealed(meeting)
    form = MeetingForm(data=_as_it_is(meeting))
    if form.validate_on_submit():
        form.edition.data = meeting.edition
        try:
            preparation.change(db.session(), meeting, form.terms(), actor=actor(), now=now())
        except InvalidInput as error:
            form.take(error)
        else:
            return done(url_for("agenda.show", edition=meeting.edition), message=_("The change is saved."))
    return _form(form, meeting, choices=[])


def _form(form: MeetingForm, meeting: Meeting | None, choices: list[dict[str, Any]]) -> Response:
    form.offer(members.members(db.session()))
    status = 422 if form.is_submitted() else 200
    return page(FORM, status=status, form=form, errors=problems(form), meeting=meeting, choices=choices)


def _unmade() -> list[dict[str, Any]]:
    """The meetings that the Network knows of and that are not made yet."""
    there = {m.edition for m in conclusions.meetings(db.session())}
    return [
        {
            "edition": m.edition, "year": m.year, "hosts": [f"{h.city}, {labels.country(h.country)}" for h in m.hosts],
            "url": url_for(".new", edition=m.edition),
        }
        for m in network.meetings() if m.edition not in there
    ]  # fmt: skip


def _of_known(edition: int | None) -> dict[str, Any]:
    """What the form begins with for a meeting that the Network knows of."""
    found = next((m for m in network.meetings() if edition is not None and m.edition == edition), None)
    if found is None:
        return {"edition": edition, "zone": network.timezone()}
    return {
        "edition": edition,
        "ends_on": found.day,
        "zone": _zone(found.hosts),
        **_hosts(m.id for m in _members_of(found.hosts)),
    }


def _as_it_is(meeting: Meeting) -> dict[str, Any]:
    plan = agenda.plan(db.session(), meeting)
    hosts = tuple(known.Host(h.city, h.country) for h in meeting.hosts)
    until = meeting.delegates_until_at
    chosen = [host.member_id for host in meeting.hosts if host.member_id] or [m.id for m in _members_of(hosts)]
    zone = plan.zone if plan else _zone(hosts)
    return {
        "edition": meeting.edition, "starts_on": meeting.starts_on, "ends_on": meeting.ends_on, "zone": zone,
        "delegates_until": _last_day(until, zone) if until else None,
        **_hosts(chosen),
    }  # fmt: skip


def _last_day(until: datetime, zone: str) -> date:
    """The last day of a period that ends at midnight."""
    return (until - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date()


def _hosts(chosen: Iterable[UUID]) -> dict[str, str]:
    return dict(zip(("host", "second_host"), map(str, chosen), strict=False))


def _zone(hosts: tuple[known.Host, ...]) -> str:
    """The zone of the place, as far as its country tells it."""
    return next((zone for h in hosts if (zone := zone_of_country(h.country))), network.timezone())


def _members_of(hosts: tuple[known.Host, ...]) -> list[Member]:
    """The hosts as members of the Network, as far as they are: of a city in two fields the first."""
    every = members.members(db.session()) if hosts else []
    found = ((m for m in every if (m.city, m.country) == (host.city, host.country)) for host in hosts)
    return [member for some in found if (member := next(some, None))]
