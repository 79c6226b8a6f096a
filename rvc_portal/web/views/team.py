"""A city's team: the lead invites, changes and hands over; an invited person joins on a page that the mail's code opens."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, g, request, url_for
from flask_babel import gettext as _
from flask_security.utils import login_user

from rvc_portal.domain.errors import InvalidInput, NotFound
from rvc_portal.domain.vocabulary import Permission, Role
from rvc_portal.models.base import db
from rvc_portal.models.dossier import Invitation
from rvc_portal.queries import accounts as people
from rvc_portal.queries import calls
from rvc_portal.queries import team as query
from rvc_portal.services import team
from rvc_portal.web import labels, team_page
from rvc_portal.web.access import public, requires
from rvc_portal.web.forms.base import PortalForm, problems
from rvc_portal.web.forms.dossier import ReasonedActForm
from rvc_portal.web.forms.submission import wording
from rvc_portal.web.forms.team import InviteForm, JoinForm, RightsForm, part_labels
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, now

bp = Blueprint("team", __name__)

SHOW, INVITATION, GONE = "team/show.html", "team/invitation.html", "team/gone.html"
OF_DOSSIER = "/dossiers/<uuid:dossier_id>/team"


@bp.get(OF_DOSSIER)
@requires(Permission.TEAM)
def show() -> Response:
    """Who works at the file, since when, who is invited."""
    return page(SHOW, **team_page.page())


@bp.post(f"{OF_DOSSIER}/invitations")
@requires(Permission.TEAM)
def invite() -> Response:
    """Send somebody the link."""
    form = InviteForm()
    form.offer(calls.definition(g.dossier.call))
    if form.validate_on_submit():
        try:
            made, _code = team.invite(
                db.session(), g.dossier, email=form.email.data or "", name=form.name.data or "",
                role=Role(form.role.data), sections=form.sections.data or (), language=form.language.data or "",
                actor=actor(), now=now(),
            )  # fmt: skip
        except InvalidInput as error:
            form.take(error)
        else:
            return done(_url(), message=_("The invitation is on its way to %(email)s.", email=made.email))
    return form_error(SHOW, "part_invite", blocks=("part_errors",), **team_page.page(form, errors=problems(form)))


@bp.post(f"{OF_DOSSIER}/invitations/<uuid:invitation_id>/again")
@requires(Permission.TEAM)
def invite_again(invitation_id: UUID) -> Response:
    """The same mail with a new link; the one before it lapses."""
    team.invite_again(db.session(), g.dossier, invitation_id, actor=actor(), now=now())
    return done(_url(), message=_("The invitation is sent again. The link of the mail before does not work any more."))


@bp.post(f"{OF_DOSSIER}/invitations/<uuid:invitation_id>/revoke")
@requires(Permission.TEAM)
def revoke(invitation_id: UUID) -> Response:
    """Take an invitation back."""
    team.revoke(db.session(), g.dossier, invitation_id, actor=actor(), now=now())
    return done(_url(), message=_("The invitation is withdrawn."))


@bp.post(f"{OF_DOSSIER}/members/<uuid:membership_id>")
@requires(Permission.TEAM)
def change(membership_id: UUID) -> Response:
    """Another role, other parts of the file."""
    form = RightsForm()
    form.offer(calls.definition(g.dossier.call))
    if form.validate_on_submit():
        team.change(
            db.session(), g.dossier, membership_id, role=Role(form.role.data), sections=form.sections.data or (),
            actor=actor(), now=now(),
        )  # fmt: skip
        return done(_url(), message=_("The change is kept; the person is told by mail."))
    wrong = [(None, sentence) for _field, sentence in problems(form)]
    return form_error(SHOW, blocks=("part_errors",), **team_page.page(errors=wrong, wrong_member=membership_id))


@bp.post(f"{OF_DOSSIER}/members/<uuid:membership_id>/end")
@requires(Permission.TEAM)
def end(membership_id: UUID) -> Response:
    """Take somebody out of the team."""
    team.end(db.session(), g.dossier, membership_id, actor=actor(), now=now())
    return done(_url(), message=_("The person has left the team and is told by mail."))


@bp.post(f"{OF_DOSSIER}/members/<uuid:membership_id>/lead")
@requires(Permission.TEAM)
def hand_over(membership_id: UUID) -> Response:
    """Another member leads from now on."""
    team.hand_over(db.session(), g.dossier, membership_id, actor=actor(), now=now())
    return done(_url(), message=_("The file is handed over; you are an editor of it now."))


@bp.post(f"{OF_DOSSIER}/members/<uuid:membership_id>/appoint")
@requires(Permission.TEAM)
def appoint(membership_id: UUID) -> Response:
    """The Secretariat names a lead where there is none any more."""
    form = ReasonedActForm()
    if not form.validate_on_submit():
        found = problems(form)
        return form_error(SHOW, blocks=("part_errors",), **team_page.page(errors=found, wrong_appoint=membership_id))
    team.appoint(
        db.session(), g.dossier, membership_id, reason=form.reason.data or "", actor=actor(), now=now()
    )  # fmt: skip
    return done(_url(), message=_("The new lead is named and told by mail."))


@bp.post(f"{OF_DOSSIER}/leave")
@requires(Permission.TEAM)
def leave() -> Response:
    """Leave the team; a lead says who leads next."""
    successor = request.form.get("successor", "")
    try:
        heir = UUID(successor) if successor else None
    except ValueError:
        raise NotFound from None
    team.leave(db.session(), g.dossier, successor_id=heir, actor=actor(), now=now())
    return done(url_for("desk.index"), message=_("You have left the team."))


@bp.get("/invitations/<invitation_code>")
@public
def invitation(invitation_code: str) -> Response:
    """What the invitation is for, and the button. Opening the page accepts nothing: mail scanners open links."""
    return _invitation(invitation_code)


@bp.post("/invitations/<invitation_code>")
@public
def accept(invitation_code: str) -> Response:
    """Join with the account that is signed in; to the sign-in page and back where none is."""
    actor()
    try:
        joined = team.accept(db.session(), invitation_code, account=g.account, now=now())
    except NotFound:
        return _gone()
    return done(url_for("dossier.show", dossier_id=joined.dossier_id), message=_("You are in the team now."))


@bp.post("/invitations/<invitation_code>/account")
@public
def join(invitation_code: str) -> Response:
    """Join with an account made here, and be signed in."""
    form = JoinForm()
    if form.validate_on_submit():
        try:
            account, joined = team.accept_as_new(
                db.session(), invitation_code, name=form.name.data or "", password=form.password.data or "",
                language=labels.reader_language(), now=now(),
            )  # fmt: skip
        except InvalidInput as error:
            form.take(error)
        except NotFound:
            return _gone()
        else:
            login_user(account)
            flash(_("Your account is made and you are in the team."), "success")
            return done(url_for("dossier.show", dossier_id=joined.dossier_id))
    return _invitation(invitation_code, form)


def _invitation(code: str, form: PortalForm | None = None) -> Response:
    try:
        found = team.open_invitation(db.session(), code, now())
    except NotFound:
        return _gone()
    context = _context(code, found, form or JoinForm(formdata=None, data={"name": found.name}))
    if form is not None:
        return form_error(INVITATION, "part_join", blocks=("part_errors",), **context)
    return page(INVITATION, **context)


def _context(code: str, found: Invitation, form: PortalForm) -> dict[str, Any]:
    told, account = calls.definition(found.dossier.call), g.account
    words = part_labels(told)
    member = query.membership_of(db.session(), found.dossier_id, account.id) if account else None
    return {
        "code": code,
        "invitation": found,
        "dossier": found.dossier,
        "call_title": wording(told.title),
        "zone": told.timezone,
        "role": labels.role(Role(found.role)),
        "parts": [words.get(key, key) for key in found.sections],
        "account": account,
        "in_team": member is not None,
        "another_address": account is not None and account.email.lower() != found.email.lower(),
        "has_account": people.is_known(db.session(), found.email),
        "form": form,
        "errors": problems(form),
    }


def _gone() -> Response:
    return page(GONE, status=404)


def _url() -> str:
    return url_for(".show", dossier_id=g.dossier.id)
