"""Evaluators are invited by mail: the Secretariat's pages, and the page that the mail's code opens to the invited person."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, g, request, url_for
from flask_babel import gettext as _
from flask_security.utils import login_user

from rvc_portal.domain.errors import InvalidInput, NotFound
from rvc_portal.domain.vocabulary import N_, Role
from rvc_portal.models.base import db
from rvc_portal.models.evaluator import EvaluatorInvitation
from rvc_portal.models.seat import Seat
from rvc_portal.queries import accounts as people
from rvc_portal.queries import assignments
from rvc_portal.queries import evaluator_invitations as query
from rvc_portal.services import evaluator_invitations as invitations
from rvc_portal.web import labels
from rvc_portal.web.access import public, requires_role
from rvc_portal.web.forms.base import PortalForm, problems, uuid_in
from rvc_portal.web.forms.evaluator_invitations import DeclineForm, InviteForm
from rvc_portal.web.forms.evaluators import field_names
from rvc_portal.web.forms.lists import asked_for
from rvc_portal.web.forms.team import JoinForm
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, now
from rvc_portal.web.throttle import attempt

bp = Blueprint("evaluator_invitations", __name__)

INDEX, INVITE = "evaluators/invitations.html", "evaluators/invite.html"
INVITATION, GONE = "evaluators/invitation.html", "team/gone.html"
STATES = {
    "invited": N_("invited"), "accepted": N_("accepted"), "declined": N_("declined, with a reason"), "lapsed": N_("lapsed"),
    "withdrawn": N_("withdrawn"),
}  # fmt: skip
OPENED = "/evaluator-invitations/<evaluator_code>"


@bp.get("/evaluators/invitations")
@requires_role(Role.SECRETARIAT)
def index() -> Response:
    """Who was invited, and what became of it; those of one state where the address names it."""
    every = [(row, row.state(now())) for row in query.everything(db.session())]
    wanted = asked_for(request.args, "state")
    shown = [(row, state) for row, state in every if wanted in ("", state)]
    errors = [] if wanted in ("", *STATES) else [(None, _("The list has no such choice: %(value)s.", value=wanted))]
    tabs = [("", _("All"), len(every))]
    tabs += [(key, _(label), sum(state == key for _row, state in every)) for key, label in STATES.items()]
    return page(
        INDEX, status=422 if errors else 200, errors=errors, invitations=shown, states=STATES, fields=field_names(),
        tabs=[{"label": label, "url": url_for(".index", state=key or None), "current": key == wanted, "count": count}
              for key, label, count in tabs if count or key in ("", wanted)],
    )  # fmt: skip


@bp.get("/evaluators/invitations/new")
@requires_role(Role.SECRETARIAT)
def new() -> Response:
    """The form: for a new evaluator, or for somebody more at a seat that is there."""
    seat = _seat(request.args.get("seat", ""))
    form = InviteForm(formdata=None, data={"seat": seat.id if seat else "", "language": labels.reader_language()})
    return page(INVITE, **_invite(form, seat))


@bp.post("/evaluators/invitations")
@requires_role(Role.SECRETARIAT)
def invite() -> Response:
    """Send the mail."""
    seat, form = _seat(request.form.get("seat", "")), InviteForm()
    form.offer()
    if form.validate_on_submit():
        wanted = invitations.Wanted(
            email=form.email.data or "", name=form.name.data or "", language=form.language.data or "", seat=seat,
            stream=form.stream.data or "", fields=tuple(form.fields.data or ()), country=form.country.data or "",
            city=form.city.data or "", organisation=form.organisation.data or "",
            languages=tuple(form.languages.data or ()), maximum_load=form.maximum_load.data,
        )  # fmt: skip
        try:
            made, _code = invitations.invite(db.session(), wanted, actor=actor(), now=now())
        except InvalidInput as error:
            form.take(error)
        else:
            return done(url_for(".index"), message=_("The invitation is on its way to %(email)s.", email=made.email))
    return form_error(INVITE, **_invite(form, seat))


@bp.post("/evaluators/invitations/<uuid:invitation_id>/again")
@requires_role(Role.SECRETARIAT)
def again(invitation_id: UUID) -> Response:
    """The same mail with a new link; the one before it lapses. Few are enough, whoever asks for them."""
    with attempt("evaluator invitation", str(invitation_id)):
        invitations.invite_again(db.session(), invitation_id, actor=actor(), now=now())
    told = _("The invitation is sent again. The link of the mail before does not work any more.")
    return done(url_for(".index"), message=told)


@bp.post("/evaluators/invitations/<uuid:invitation_id>/withdraw")
@requires_role(Role.SECRETARIAT)
def withdraw(invitation_id: UUID) -> Response:
    """Take an invitation back."""
    invitations.withdraw(db.session(), invitation_id, actor=actor(), now=now())
    return done(url_for(".index"), message=_("The invitation is withdrawn."))


@bp.get(OPENED)
@public
def opened(evaluator_code: str) -> Response:
    """What the invitation is for, and the buttons. Opening the page answers nothing: mail scanners open links."""
    return _opened(evaluator_code)


@bp.post(f"{OPENED}/accept")
@public
def accept(evaluator_code: str) -> Response:
    """Accept with the account that is signed in; to the sign-in page and back where none is."""
    actor()
    try:
        invitations.accept(db.session(), evaluator_code, account=g.account, now=now())
    except NotFound:
        return _gone()
    return done(url_for("evaluators.own"), message=_accepted())


@bp.post(f"{OPENED}/account")
@public
def join(evaluator_code: str) -> Response:
    """Accept with an account made here, and be signed in."""
    form = JoinForm()
    if form.validate_on_submit():
        try:
            with attempt("evaluator invitation", evaluator_code) as made:
                account, _seat_taken = invitations.accept_as_new(
                    db.session(), evaluator_code, name=form.name.data or "", password=form.password.data or "",
                    language=labels.reader_language(), now=now(),
                )  # fmt: skip
                made.succeeded()
        except InvalidInput as error:
            form.take(error)
        except NotFound:
            return _gone()
        else:
            login_user(account)
            flash(_accepted(), "success")
            return done(url_for("evaluators.own"))
    return _opened(evaluator_code, join=form)


@bp.post(f"{OPENED}/decline")
@public
def decline(evaluator_code: str) -> Response:
    """Say no, with a reason."""
    form = DeclineForm()
    if form.validate_on_submit():
        try:
            with attempt("evaluator invitation", evaluator_code) as made:
                invitations.decline(
                    db.session(), evaluator_code, reason=form.reason.data or "", account=g.account, now=now()
                )  # fmt: skip
                made.succeeded()
        except InvalidInput as error:
            form.take(error)
        except NotFound:
            return _gone()
        else:
            url = url_for(".opened", evaluator_code=evaluator_code)
            return done(url, message=_("You have declined. The Secretariat is told why."))
    return _opened(evaluator_code, no=form)


def _accepted() -> str:
    return _("You are an evaluator of the Network now. Declare your interests: files are asked of you after that.")


def _seat(written: str) -> Seat | None:
    """The seat that the form is about, None for a new one. Raises NotFound for what is no evaluating seat."""
    if not written:
        return None
    seat_id = uuid_in(written)
    found = assignments.evaluating_seat(db.session(), seat_id) if seat_id else None
    if found is None:
        raise NotFound
    return found


def _invite(form: InviteForm, seat: Seat | None) -> dict[str, Any]:
    form.offer()
    return {"form": form, "seat": seat, "errors": problems(form), "field_list": _listed(seat.fields if seat else ())}


def _listed(fields: Iterable[str]) -> str:
    names = field_names()
    return ", ".join(names.get(key, key) for key in fields)


def _opened(code: str, join: JoinForm | None = None, no: DeclineForm | None = None) -> Response:
    try:
        found = invitations.open_invitation(db.session(), code, now())
    except NotFound:
        return _gone()
    context = _context(code, found, join, no)
    if sent := join or no:
        return form_error(INVITATION, **context | {"errors": problems(sent)})
    return page(INVITATION, **context)


def _context(code: str, found: EvaluatorInvitation, join: JoinForm | None, no: PortalForm | None) -> dict[str, Any]:
    account = g.account
    return {
        "code": code, "invitation": found, "account": account, "field_list": _listed(found.fields), "errors": [],
        "another_address": account is not None and account.email.lower() != found.email.lower(),
        "has_account": people.is_known(db.session(), found.email),
        "join": join or JoinForm(formdata=None, data={"name": found.name}), "no": no or DeclineForm(formdata=None),
    }  # fmt: skip


def _gone() -> Response:
    return page(GONE, status=404)
