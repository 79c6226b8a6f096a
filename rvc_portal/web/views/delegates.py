"""Who comes to a meeting: a focal point names their city's delegates, the Secretariat has the whole list."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _

from rvc_portal.domain.errors import InvalidInput, NotFound
from rvc_portal.domain.vocabulary import Doc, Role
from rvc_portal.gateways import network
from rvc_portal.models.base import db
from rvc_portal.models.meeting import Delegate, Meeting
from rvc_portal.models.seat import Member
from rvc_portal.queries import agenda, documents, members
from rvc_portal.queries import delegates as query
from rvc_portal.services import delegates
from rvc_portal.web import labels, meeting_page
from rvc_portal.web.access import requires_role
from rvc_portal.web.dossier_page import document_item
from rvc_portal.web.forms.base import problems, uuid_in
from rvc_portal.web.forms.meetings import DelegateForm, WithdrawForm, city_and_field
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, arrived_at, now
from rvc_portal.web.sheets import csv_text
from rvc_portal.web.views.documents import attachment

bp = Blueprint("delegates", __name__, url_prefix="/meetings/<int:edition>")

INDEX, FORM, WITHDRAW = "delegates/index.html", "delegates/form.html", "delegates/withdraw.html"
READERS = (Role.EVALUATOR, Role.STEERING, Role.SECRETARIAT, Role.DIRECTION)
NAMING = (Role.EVALUATOR, Role.SECRETARIAT)


@bp.get("/delegates")
@requires_role(*READERS)
def index(edition: int) -> Response:
    """A focal point sees their own city's delegates, the Secretariat all of them."""
    meeting = meeting_page.of(edition)
    plan = agenda.plan(db.session(), meeting)
    own, office = members.own_cities(db.session(), actor()), actor().has(Role.SECRETARIAT)
    coming = query.of_meeting(db.session(), meeting, None if office else [m.id for m in own])
    until = meeting.delegates_until_at
    return page(
        INDEX, **meeting_page.frame(meeting, plan, "delegates.index"), opened=plan is not None and plan.opened_at,
        until=until, closed=until is not None and until <= now(), most=network.most_delegates(),
        cities=[_city(member, [d for d in coming if d.member_id == member.id]) for member in own],
        rows=[_city(member, list(found)) for member, found in groupby(coming, key=lambda d: d.member)] if office else [],
        counts=_counts(coming), members=len(members.members(db.session())) if office else 0,
        documents=[document_item(s) for s in documents.of_network(db.session(), g.actor, Doc.PARTICIPANTS, meeting.id)
                   if s.document.superseded_at is None],
    )  # fmt: skip


@bp.get("/delegates.csv")
@requires_role(Role.SECRETARIAT)
def as_csv(edition: int) -> Response:
    """The whole list as CSV, UTF-8."""
    meeting, fields = meeting_page.of(edition), meeting_page.field_labels()
    head = [_("City"), _("Country"), _("Creative field"), _("Name"), _("Function in the city"), _("Mail address"),
            _("Mayors’ round table")]  # fmt: skip
    rows = [
        (d.member.city, labels.country(d.member.country), fields[d.member.field], d.name, d.title, d.email,
         _("yes") if d.mayor else "")
        for d in query.of_meeting(db.session(), meeting)
    ]  # fmt: skip
    response = Response(csv_text(head, rows), mimetype="text/csv")
    response.headers["Content-Disposition"] = attachment(f"delegates-{meeting.year}.csv")
    return response


@bp.route("/delegates/new", methods=["GET", "POST"])
@requires_role(*NAMING)
def new(edition: int) -> Response:
    """Name a delegate of the city `member` of the address: the person's own city, to the Secretariat any."""
    meeting, form = meeting_page.of(edition), DelegateForm()
    member = _member(request.args.get("member"))
    if member is None and actor().has(Role.SECRETARIAT):
        return _choose(meeting)
    if member is None:
        raise NotFound
    if form.validate_on_submit():
        try:
            delegates.name(
                db.session(), meeting, member, form.person(), reason=form.reason.data or "", actor=actor(),
                now=arrived_at(),
            )  # fmt: skip
        except InvalidInput as error:
            form.take(error)
        else:
            return done(_url(meeting), message=_("%(name)s is named.", name=form.name.data))
    return _form(meeting, member, form, None)


@bp.route("/delegates/<uuid:delegate_id>", methods=["GET", "POST"])
@requires_role(*NAMING)
def change(edition: int, delegate_id: UUID) -> Response:
    """Another person in the delegate's place, or other words."""
    meeting = meeting_page.of(edition)
    found = _delegate(meeting, delegate_id)
    form = DelegateForm(obj=found)
    if form.validate_on_submit():
        try:
            delegates.change(
                db.session(), meeting, found, form.person(), reason=form.reason.data or "", actor=actor(),
                now=arrived_at(),
            )  # fmt: skip
        except InvalidInput as error:
            form.take(error)
        else:
            return done(_url(meeting), message=_("The change is saved."))
    return _form(meeting, found.member, form, found)


@bp.route("/delegates/<uuid:delegate_id>/withdraw", methods=["GET", "POST"])
@requires_role(*NAMING)
def withdraw(edition: int, delegate_id: UUID) -> Response:
    """Say that a delegate does not come."""
    meeting, form = meeting_page.of(edition), WithdrawForm()
    found = _delegate(meeting, delegate_id)
    if form.validate_on_submit():
        try:
            delegates.withdraw(
                db.session(), meeting, found, reason=form.reason.data or "", actor=actor(), now=arrived_at()
            )
        except InvalidInput as error:
            form.take(error)
        else:
            return done(_url(meeting), message=_("%(name)s does not come.", name=found.name))
    return page(
        WITHDRAW, status=422 if form.is_submitted() else 200, form=form, errors=problems(form), delegate=found,
        **_context(meeting, found.member),
    )  # fmt: skip


@bp.post("/delegates/open")
@requires_role(Role.SECRETARIAT)
def open_registration(edition: int) -> Response:
    """Invite all focal points to name their delegates."""
    meeting = meeting_page.of(edition)
    mails = delegates.open_registration(db.session(), meeting, actor=actor(), now=now())
    return done(_url(meeting), message=_("The registration is open; mails to focal points: %(count)s.", count=mails))


@bp.post("/delegates/list")
@requires_role(Role.SECRETARIAT)
def list_participants(edition: int) -> Response:
    """Issue the list of participants."""
    meeting = meeting_page.of(edition)
    delegates.list_participants(db.session(), meeting, actor=actor(), now=now())
    return done(_url(meeting), message=_("The list of participants is being made."))


def _choose(meeting: Meeting) -> Response:
    """The Secretariat says first for which city."""
    errors = [("member", _("Choose a city."))] if "member" in request.args or request.method == "POST" else []
    answer = form_error if request.method == "POST" else page
    return answer(FORM, **_context(meeting, None), form=None, delegate=None, errors=errors)


def _form(meeting: Meeting, member: Member, form: DelegateForm, found: Delegate | None) -> Response:
    status = 422 if form.is_submitted() else 200
    return page(
        FORM, status=status, form=form, delegate=found, errors=problems(form), **_context(meeting, member)
    )  # fmt: skip


def _context(meeting: Meeting, member: Member | None) -> dict[str, Any]:
    until = meeting.delegates_until_at
    return {
        **meeting_page.frame(meeting, agenda.plan(db.session(), meeting), "delegates.index"),
        "member": member, "city": city_and_field(member) if member else None, "until": until,
        "closed": until is not None and until <= arrived_at(),
        "choices": [] if member else [(str(m.id), city_and_field(m)) for m in members.members(db.session())],
    }  # fmt: skip


def _city(member: Member, coming: Sequence[Delegate]) -> dict[str, Any]:
    return {
        "id": member.id, "city": member.city, "country": labels.country(member.country), "field": member.field,
        "field_label": meeting_page.field_labels()[member.field], "delegates": coming,
    }  # fmt: skip


def _counts(coming: Iterable[Delegate]) -> dict[str, int]:
    coming = list(coming)
    return {
        "delegates": len(coming), "cities": len({d.member_id for d in coming}),
        "countries": len({d.member.country for d in coming}), "mayors": sum(d.mayor for d in coming),
    }  # fmt: skip


def _member(asked: str | None) -> Member | None:
    """The city of the address, where the person may name its delegates."""
    member_id = uuid_in(asked)
    if member_id is None:
        return None
    if actor().has(Role.SECRETARIAT):
        return members.one(db.session(), member_id)
    return next((m for m in members.own_cities(db.session(), actor()) if m.id == member_id), None)


def _delegate(meeting: Meeting, delegate_id: UUID) -> Delegate:
    """Raises NotFound for a delegate of a city that is not the person's to speak for."""
    found = query.one(db.session(), meeting, delegate_id)
    if found is None or _member(str(found.member_id)) is None:
        raise NotFound
    return found


def _url(meeting: Meeting) -> str:
    return url_for(".index", edition=meeting.edition)
