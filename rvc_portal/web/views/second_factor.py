"""One's own second factor: shown at the sign-in, set up, recovery codes; and the Secretariat's page to take a lost one
away."""

from typing import Any

from flask import Blueprint, Response, flash, g, request, url_for
from flask_babel import gettext as _
from flask_security.utils import verify_password

from rvc_portal.documents.environment import qr
from rvc_portal.domain.errors import InvalidInput, NotFound
from rvc_portal.domain.vocabulary import Role
from rvc_portal.gateways import network, one_time_codes
from rvc_portal.models.account import Account
from rvc_portal.models.base import db
from rvc_portal.queries import second_factor as query
from rvc_portal.services import second_factor
from rvc_portal.web import second_factor as asking
from rvc_portal.web.access import enrolling, public, requires_role
from rvc_portal.web.forms.base import problems
from rvc_portal.web.forms.second_factor import CodeForm, EnrolForm, ResetForm
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, confirmed, now, sign_in_id
from rvc_portal.web.throttle import TooManyAttempts, attempt
from rvc_portal.web.ways import own_page

bp = Blueprint("second_factor", __name__, url_prefix="/second-factor")

SHOW, ENROL, CODES = "second_factor/show.html", "second_factor/enrol.html", "second_factor/codes.html"
PEOPLE, RESET = "second_factor/people.html", "second_factor/reset.html"
SIGN_IN = "second_factor/sign_in.html"
_RESETS = (Role.SECRETARIAT, Role.ADMIN)


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Response:
    """The code that follows the password: only with it is the person signed in. In another tab it may be done already, and
    after a while the password is asked for again."""
    going_on = own_page(request.values.get("next"))
    if g.account is not None:
        return done(going_on or url_for("desk.index"))
    if g.halfway is None:
        if g.session_ended:
            flash(_("The time to show the code is over. Sign in again."), "warning")
        return done(url_for("account.sign_in", next=going_on or None))
    form = CodeForm(data={"next": going_on})
    if form.validate_on_submit() and asking.lets_in(form):
        return done(going_on or url_for("desk.index"))
    status = 422 if form.is_submitted() else 200
    return page(
        SIGN_IN, status=status, form=form, errors=problems(form), example=asking.example(g.halfway),
        until=g.halfway_until, zone=network.timezone(),
    )  # fmt: skip


@bp.get("")
@enrolling
def show() -> Response:
    """Whether there is one, and how many recovery codes are left."""
    return page(SHOW, form=CodeForm(data={"next": own_page(request.args.get("next"))}), errors=[], **_show())


@bp.post("/begin")
@enrolling
def begin() -> Response:
    """A new secret that waits for its first code; a second factor in use is asked for first."""
    form = CodeForm()
    if g.enrolled and not (form.validate_on_submit() and asking.is_shown(form)):
        return form_error(SHOW, form=form, errors=problems(form), **_show())
    second_factor.begin(db.session(), g.account, key=asking.key())
    return done(url_for(".enrol", next=form.going_on() or None))


@bp.get("/enrol")
@enrolling
def enrol() -> Response:
    """The secret, to be brought into an app."""
    return page(ENROL, form=EnrolForm(data={"next": own_page(request.args.get("next"))}), errors=[], **_enrol())


@bp.post("/enrol")
@enrolling
def confirm() -> Response:
    """The first code: the second factor is in use, and its recovery codes are shown this once."""
    form = EnrolForm()
    codes = _enrolled(form) if form.validate_on_submit() else []
    if not codes:
        return form_error(ENROL, form=form, errors=problems(form), **_enrol())
    return page(CODES, codes=codes, going_on=form.going_on())


@bp.post("/codes")
@enrolling
def renew() -> Response:
    """New recovery codes, shown this once; the earlier ones are void."""
    form = CodeForm()
    if not (form.validate_on_submit() and asking.is_shown(form)):
        return form_error(SHOW, form=form, errors=problems(form), **_show())
    codes = second_factor.renew_codes(db.session(), g.account, now=now())
    return page(CODES, codes=codes, going_on=form.going_on())


@bp.post("/remove")
@enrolling
def remove() -> Response:
    """Do without a second factor, where no role needs it."""
    form = CodeForm()
    if not (form.validate_on_submit() and asking.is_shown(form)):
        return form_error(SHOW, form=form, errors=problems(form), **_show())
    second_factor.remove(db.session(), g.account, actor=confirmed(), now=now())
    return done(url_for(".show"), message=_("Your second factor is removed: your password alone signs you in."))


@bp.get("/people")
@requires_role(*_RESETS)
def people() -> Response:
    """Who has a second factor, and who has none."""
    return page(PEOPLE, holders=query.holders(db.session(), now()))


@bp.route("/people/<uuid:account_id>", methods=["GET", "POST"])
@requires_role(*_RESETS)
def reset(account_id: Any) -> Response:
    """Take somebody's lost second factor away, with a reason."""
    holder = _holder(account_id)
    form = ResetForm()
    if form.validate_on_submit() and asking.is_shown(form):
        second_factor.reset(db.session(), holder, reason=form.reason.data, actor=actor(), now=now())
        message = _("%(name)s can set up a new second factor, and is told so by mail.", name=holder.name)
        return done(url_for(".people"), message=message)
    status = 422 if form.is_submitted() else 200
    return page(RESET, status=status, form=form, errors=problems(form), holder=holder, factor=asking.asked())


def _enrolled(form: EnrolForm) -> list[str]:
    """The recovery codes; none where the password or the code is wrong, which the form then says."""
    try:
        with attempt("second-factor", g.account.email) as made:
            if not verify_password(form.password.data, g.account.password):
                form.password.errors = [_("The password is not right.")]
                return []
            codes = second_factor.enrol(
                db.session(), g.account, form.code.data, key=asking.key(), now=now(), sign_in_id=sign_in_id()
            )
            made.succeeded()
            return codes
    except InvalidInput as error:
        form.take(error)
    except TooManyAttempts as error:
        form.code.errors = [asking.too_many(error)]
    return []


def _show() -> dict[str, Any]:
    found = query.of(db.session(), g.account.id)
    return {
        "since": found.enrolled_at if found else None,
        "left": query.codes_left(db.session(), g.account.id),
        "factor": asking.asked(),
        "required": query.is_required(confirmed()),
        "resets": any(confirmed().has(role) for role in _RESETS),
    }


def _enrol() -> dict[str, Any]:
    found = query.of(db.session(), g.account.id)
    if found is None or found.pending is None:
        return {"setup": None}
    made = one_time_codes.setup(asking.key(), found.pending, g.account.email)
    return {
        "setup": made,
        "picture": qr(made.uri, _("The secret, for the camera of your app")),
        "example": asking.told(found.pending) if asking.tells() else None,
    }


def _holder(account_id: Any) -> Account:
    for found in query.holders(db.session(), now()):
        if found.account.id == account_id:
            return found.account
    raise NotFound
