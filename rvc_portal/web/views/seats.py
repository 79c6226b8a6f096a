"""Who acts for a seat: the Secretariat lets persons act for a term, and out again."""

from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from rvc_portal.domain import composition as rules
from rvc_portal.domain.errors import InvalidInput, NotFound
from rvc_portal.domain.vocabulary import EVALUATING_SEATS, Role
from rvc_portal.gateways import network
from rvc_portal.models.account import Account
from rvc_portal.models.base import db
from rvc_portal.models.seat import Seat, SeatHolder
from rvc_portal.queries import accounts as people
from rvc_portal.queries import composition as query
from rvc_portal.services import seats
from rvc_portal.web import labels
from rvc_portal.web.access import requires_role
from rvc_portal.web.forms.base import problems
from rvc_portal.web.forms.composition import ReasonForm
from rvc_portal.web.forms.seats import ActingForm
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, now

bp = Blueprint("seats", __name__, url_prefix="/seats/<uuid:seat_id>")

SHOW, STOP = "seats/show.html", "seats/stop.html"


@bp.get("")
@requires_role(Role.SECRETARIAT)
def show(seat_id: UUID) -> Response:
    """Who acts for the seat, acted and will act, and the form to let somebody act."""
    form = ActingForm(formdata=None, data={"first": now().astimezone(ZoneInfo(network.timezone())).date()})
    return page(SHOW, **_show(_seat(seat_id), form))


@bp.post("")
@requires_role(Role.SECRETARIAT)
def let_act(seat_id: UUID) -> Response:
    """Let a person act for the seat."""
    seat, form = _seat(seat_id), ActingForm()
    if form.validate_on_submit() and (account := _person(form)):
        try:
            seats.let_act(db.session(), seat, account, form.first.data, form.last.data, actor=actor(), now=now())
        except InvalidInput as error:
            form.take(error)
        else:
            message = _("%(name)s acts for this seat, and is told so by mail.", name=account.name)
            return done(url_for(".show", seat_id=seat.id), message=message)
    return form_error(SHOW, **_show(seat, form))


@bp.route("/persons/<uuid:holder_id>/end", methods=["GET", "POST"])
@requires_role(Role.SECRETARIAT)
def stop(seat_id: UUID, holder_id: UUID) -> Response:
    """End that a person acts for the seat."""
    seat, form = _seat(seat_id), ReasonForm()
    holder = next((h for h in query.holders(db.session(), seat.id) if h.id == holder_id), None)
    if holder is None:
        raise NotFound
    if form.validate_on_submit():
        seats.stop(db.session(), holder, reason=form.reason.data or "", actor=actor(), now=now())
        message = _("%(name)s no longer acts for this seat, and is told so by mail.", name=holder.account.name)
        return done(url_for(".show", seat_id=seat.id), message=message)
    status = 422 if form.is_submitted() else 200
    told = {"kind": labels.seat(seat.kind), "name": labels.wording(query.name_of(seat))}
    return page(STOP, status=status, form=form, errors=problems(form), seat=seat, holder=holder, **told)


def _show(seat: Seat, form: ActingForm) -> dict[str, Any]:
    at = now()
    rows = [_row(h) for h in query.holders(db.session(), seat.id)]
    running = next((m for m in query.of_seat(db.session(), seat.id) if m.from_at <= at < m.until_at), None)
    return {
        "seat": seat, "kind": labels.seat(seat.kind), "name": labels.wording(query.name_of(seat)),
        "steers": seat.kind in rules.KINDS, "judges": seat.kind in EVALUATING_SEATS, "rows": rows,
        "acting": any(r["standing"] == "now" for r in rows), "mandate": running,
        "mandate_last": running.until_at - timedelta(seconds=1) if running else None,
        "zone": network.timezone(), "form": form, "errors": problems(form),
    }  # fmt: skip


def _row(holder: SeatHolder) -> dict[str, Any]:
    at, until = now(), holder.until_at
    standing = (
        "over" if until is not None and until <= max(at, holder.from_at) else "later" if holder.from_at > at else "now"
    )
    return {
        "id": holder.id, "name": holder.account.name, "email": holder.account.email, "from_at": holder.from_at,
        "last": until - timedelta(seconds=1) if until else None, "standing": standing,
    }  # fmt: skip


def _person(form: ActingForm) -> Account | None:
    """The account of the address; none that is in use is noted as wrong."""
    found = people.by_email(db.session(), form.email.data or "")
    if found is None or not found.active or found.confirmed_at is None:
        form.email.errors = [_("Nobody with this address has an account yet. The person creates one first.")]
        return None
    return found


def _seat(seat_id: UUID) -> Seat:
    found = db.session.get(Seat, seat_id)
    if found is None:
        raise NotFound
    return found
