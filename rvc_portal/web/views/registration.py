"""A stranger makes an account and confirms the address by a button: mail scanners open links, and a GET changes nothing."""

from typing import Any

from flask import Blueprint, Response, g, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_security.utils import login_user, logout_user
from werkzeug.wrappers import Response as AnyResponse

from rvc_portal.domain.errors import InvalidInput, NotFound
from rvc_portal.models.account import Account
from rvc_portal.models.base import db
from rvc_portal.services import registration
from rvc_portal.web import labels
from rvc_portal.web.access import public
from rvc_portal.web.forms.base import PortalForm, problems
from rvc_portal.web.forms.registration import AgainForm, ConfirmationForm, RegistrationForm
from rvc_portal.web.htmx import done, page
from rvc_portal.web.session import now
from rvc_portal.web.throttle import attempt
from rvc_portal.web.ways import own_page

bp = Blueprint("registration", __name__)

ADDRESS = "address"
"""In the cookie: the address that this browser has registered, for the page that waits for the mail."""


@bp.route("/register", methods=["GET", "POST"])
@public
def register() -> Response | AnyResponse:
    """Ask for an account. The answer is the same whether the address has one or not."""
    if g.account is not None:
        return redirect(_going_on() or url_for("desk.index"))
    form = RegistrationForm(data={"language": labels.reader_language()})
    if not form.validate_on_submit():
        status = 422 if form.errors else 200
        return page("registration/register.html", status=status, form=form, errors=problems(form), going_on=_going_on())
    with attempt("registration", form.email.data):
        registration.register(
            db.session(), email=form.email.data, name=form.name.data, language=form.language.data,
            password=form.password.data, now=now(), going_on=_going_on(),
        )  # fmt: skip
    session[ADDRESS] = form.email.data
    return done(_waiting_url())


@bp.get("/confirm")
@public
def waiting() -> Response | AnyResponse:
    """Look into your mail: for who has just registered, and for who is signed in and not confirmed yet."""
    if g.account is not None and g.account.confirmed_at is not None:
        return redirect(_going_on() or url_for("desk.index"))
    return _waiting(AgainForm(data={"email": _address()}))


@bp.post("/confirm")
@public
def send_again() -> Response:
    """The same mail once more."""
    form = AgainForm(data={"email": _address()})
    if not form.validate_on_submit():
        return _waiting(form)
    email = g.account.email if g.account is not None else form.email.data
    with attempt("registration", email):
        registration.send_again(db.session(), email, now=now(), going_on=_going_on())
    told = _("If %(email)s belongs to an account, the message is on its way once more.", email=email)
    return done(_waiting_url(), message=told)


@bp.get("/confirm/<confirmation_token>")
@public
def link(confirmation_token: str) -> Response:
    """What the mail's link leads to: the button."""
    try:
        account = registration.open_link(db.session(), confirmation_token, now())
    except NotFound:
        return _gone()
    return _link(confirmation_token, account, ConfirmationForm())


@bp.post("/confirm/<confirmation_token>")
@public
def confirm(confirmation_token: str) -> Response:
    """Confirm the address; who is not signed in to the account gives its password, and is signed in."""
    form = ConfirmationForm()
    try:
        account = registration.open_link(db.session(), confirmation_token, now())
        if not form.validate_on_submit():
            return _link(confirmation_token, account, form)
        with attempt("sign-in", account.email) as made:
            registration.confirm(
                db.session(), confirmation_token, password=form.password.data or "", signed_in=g.account, now=now()
            )
            made.succeeded()
    except NotFound:
        return _gone()
    except InvalidInput as error:
        form.take(error)
        return _link(confirmation_token, account, form)
    _sign_in(account)
    return done(_going_on() or url_for("desk.index"), message=_("Your address is confirmed."))


def _sign_in(account: Account) -> None:
    if g.account is account:
        return
    if g.account is not None:
        logout_user()
    login_user(account)


def _link(token: str, account: Account, form: ConfirmationForm) -> Response:
    return page(
        "registration/confirm.html", status=422 if form.errors else 200, form=form, errors=problems(form), token=token,
        going_on=_going_on(), address=account.email, confirmed=account.confirmed_at is not None,
        own=g.account is account, other=g.account.name if g.account not in (None, account) else None,
    )  # fmt: skip


def _gone() -> Response:
    form = AgainForm(formdata=None, data={"email": _address()})
    return page("registration/gone.html", status=404, form=form, going_on=_going_on())


def _waiting(form: PortalForm) -> Response:
    context: dict[str, Any] = {"form": form, "errors": problems(form), "going_on": _going_on(), "address": _address()}
    return page("registration/waiting.html", status=422 if form.errors else 200, **context)


def _waiting_url() -> str:
    return url_for(".waiting", next=_going_on() or None)


def _address() -> str:
    """The address that waits to be confirmed, as far as this browser knows."""
    return str(g.account.email if g.account is not None else session.get(ADDRESS, ""))


def _going_on() -> str:
    return own_page(request.values.get("next"))
