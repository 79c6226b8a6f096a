"""One's own account: language, profile. Signing in and out and recovering a password are set up in web.security."""

from flask import Blueprint, Response, g, jsonify, request, session, url_for
from flask_babel import gettext as _
from flask_babel import refresh
from flask_wtf.csrf import generate_csrf

from rvc_portal.domain.errors import InvalidInput
from rvc_portal.language import LANGUAGES
from rvc_portal.queries import composition
from rvc_portal.services import accounts
from rvc_portal.web import labels, look
from rvc_portal.web.access import newcomer, public
from rvc_portal.web.forms.account import ProfileForm
from rvc_portal.web.forms.base import problems
from rvc_portal.web.htmx import done, page
from rvc_portal.web.session import LANGUAGE
from rvc_portal.web.ways import own_page

bp = Blueprint("account", __name__)


@bp.post("/language")
@public
def language() -> Response:
    """Switch the language: for good in the account, else for this browser; then back to the page."""
    wanted = request.form.get("language", "")
    if wanted in LANGUAGES:
        if g.account is not None:
            accounts.change_profile(g.account, language=wanted)
        else:
            session[LANGUAGE] = wanted
    return done(own_page(request.form.get("next")) or "/")


@bp.get("/session")
@public
def session_state() -> Response:
    """Who is signed in, by id, and the token that this browser's forms send: for a page that outlived its session. `code`:
    where a sign-in goes on that has shown its password alone."""
    account = str(g.account.id) if g.account is not None else None
    code = url_for("second_factor.sign_in") if g.halfway is not None else None
    return jsonify({"account": account, "token": generate_csrf(), "code": code})


@bp.route("/account", methods=["GET", "POST"])
@newcomer
def profile() -> Response:
    """Show and change one's own name and language."""
    form = ProfileForm(data={"name": g.account.name, "language": g.account.language})
    if form.validate_on_submit():
        try:
            accounts.change_profile(g.account, name=form.name.data, language=form.language.data)
        except InvalidInput as error:
            form.take(error)
        else:
            refresh()  # the next sentence is in the new language already
            return done(url_for(".profile"), message=_("Your account is saved."))
    status = 422 if form.errors else 200
    return page(
        "account/profile.html", status=status, form=form, errors=problems(form), account=g.account, roles=_roles(),
    )  # fmt: skip


def _roles() -> list[tuple[str, str]]:
    """What the person is in the portal, for reading only: roles are the Secretariat's to give."""
    grants = sorted({labels.role(grant.role) for grant in g.actor.grants})
    seats = [f"{labels.seat(seat.kind)} – {labels.wording(composition.name_of(seat))}" for seat in g.actor.seats]
    told = [(_("Roles"), ", ".join(grants))] if grants else []
    return told + ([(_("Acting for"), look.listed(seats))] if seats else [])
