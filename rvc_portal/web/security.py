"""The sign-in library, bound to our accounts: its flows (sign in, sign out, recover), our rows, pages and mails."""

from datetime import timedelta
from typing import Any

from flask import Flask, Response, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_security import Security, password_reset
from flask_security.datastore import UserDatastore
from flask_security.mail_util import MailUtil
from flask_security.utils import url_for_security
from flask_security.views import login
from werkzeug.routing import Rule

from rvc_portal.domain.vocabulary import N_
from rvc_portal.models.account import Account
from rvc_portal.models.base import db
from rvc_portal.queries import accounts as query
from rvc_portal.services import accounts
from rvc_portal.services.mailing import queue_mail
from rvc_portal.settings import TRANSLATIONS
from rvc_portal.web.forms.account import NewPasswordForm, RecoveryForm, SignInForm
from rvc_portal.web.forms.base import problems
from rvc_portal.web.session import load_account, now
from rvc_portal.web.ways import own_page

MESSAGES = {
    "GENERIC_AUTHN_FAILED": (N_("The email address or the password is not right."), "error"),
    "PASSWORD_RESET_REQUEST": (
        N_("If %(email)s belongs to an account, a message is on its way with a link for a new password."),
        "info",
    ),
    "PASSWORD_RESET_EXPIRED": (N_("This link is too old. Ask for a new one."), "error"),
    "INVALID_RESET_PASSWORD_TOKEN": (N_("This link is not valid, or was used already. Ask for a new one."), "error"),
    "PASSWORD_RESET_NO_LOGIN": (N_("Your new password is set. Sign in with it."), "success"),
    "PASSWORD_INVALID_LENGTH": (N_("Use at least %(length)s characters."), "error"),
    "RETYPE_PASSWORD_MISMATCH": (N_("The two passwords differ."), "error"),
    "PASSWORD_NOT_PROVIDED": (N_("Write the new password a second time."), "error"),
    "INVALID_EMAIL_ADDRESS": (N_("Give an e-mail address, such as name@example.org."), "error"),
    "INVALID_REDIRECT": (N_("The page to go on to is not one of the portal's."), "error"),
}
"""What the library says, in our words and from our catalogue."""

ALIASES = {"account.sign_in": "/sign-in", "account.sign_out": "/sign-out", "account.recover": "/recover"}
"""Our names for the library's pages, for url_for alone."""


class Datastore(UserDatastore):
    """The library's view of our accounts. It never commits: the request does."""

    def __init__(self) -> None:
        super().__init__(Account, type(None))

    def find_user(self, case_insensitive: bool = False, **attribute: Any) -> Account | None:
        """An account by its address or by its uniquifier."""
        if "email" in attribute:
            return query.by_email(db.session(), str(attribute["email"]))
        return query.by_uniquifier(db.session(), str(attribute["fs_uniquifier"]))

    def put(self, model: Account) -> Account:
        """Add the row to the transaction of the request."""
        db.session.add(model)
        return model

    def commit(self) -> None:
        """Leave it to the request."""


class Mails(MailUtil):
    """The library's mails, as rows that a worker sends."""

    def send_mail(self, template: str, subject: str, recipient: Any, *rest: Any, **context: Any) -> None:
        """Queue the link for a new password. Its host is the instance's own, whatever the request claimed."""
        account: Account = context["user"]
        path = url_for_security("reset_password", token=context["reset_token"])
        queue_mail(
            db.session(), account, account.language, "reset_password", {"name": account.name, "path": path}, now=now()
        )


def render(template: str, **context: Any) -> Response:
    """The library's pages: 422 where the form is wrong, and no page in answer to a form that went well."""
    form = next(value for key, value in context.items() if key.endswith("_form"))
    errors = _errors(form)
    if request.method == "POST" and not errors:
        return make_response(redirect(url_for("account.sign_in"), 303))
    return make_response(render_template(template, form=form, errors=errors, **context), 422 if errors else 200)


def init_app(app: Flask, *, https: bool) -> Security:
    """Set the library up: only sign-in, sign-out by POST and recovery have pages yet."""
    app.config |= {
        "SECURITY_LOGIN_URL": ALIASES["account.sign_in"],
        "SECURITY_LOGOUT_URL": ALIASES["account.sign_out"],
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_RESET_URL": ALIASES["account.recover"],
        "SECURITY_RECOVERABLE": True,
        "SECURITY_SEND_PASSWORD_RESET_NOTICE_EMAIL": False,
        "SECURITY_RESET_PASSWORD_WITHIN": timedelta(hours=24),
        "SECURITY_LOGIN_USER_TEMPLATE": "account/sign_in.html",
        "SECURITY_FORGOT_PASSWORD_TEMPLATE": "account/recover.html",
        "SECURITY_RESET_PASSWORD_TEMPLATE": "account/new_password.html",
        "SECURITY_EMAIL_PLAINTEXT": False,  # ours are worded by the worker
        "SECURITY_EMAIL_HTML": False,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_PASSWORD_HASH": "argon2",
        # argon2 alone, without the library's own salt on top: passwords outlive a change of the instance's key
        "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
        "SECURITY_PASSWORD_SALT": "unused",
        "SECURITY_PASSWORD_LENGTH_MIN": 10,
        "SECURITY_FRESHNESS": timedelta(minutes=-1),
        "SECURITY_STATIC_FOLDER": None,
        "SECURITY_CLI_USERS_NAME": None,
        "SECURITY_CLI_ROLES_NAME": None,
        "SECURITY_POST_LOGIN_VIEW": "/desk",
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_I18N_DOMAIN": "messages",
        "SECURITY_I18N_DIRNAME": [str(TRANSLATIONS)],
        "SECURITY_JOIN_USER_ROLES": False,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_NAME": "rvc_session",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session, so that a long text can be written in peace
    } | {f"SECURITY_MSG_{key}": value for key, value in MESSAGES.items()}
    security = Security(
        datastore=Datastore(),
        login_form=SignInForm,
        forgot_password_form=RecoveryForm,
        reset_password_form=NewPasswordForm,
        mail_util_cls=Mails,
        render_template=render,
    )
    security.init_app(app)
    security.want_json(lambda asked: False)
    security.login_manager.user_loader(load_account)
    security.login_manager.request_loader(lambda asked: None)  # no tokens in headers or addresses
    app.view_functions["security.login"] = _sign_in
    password_reset.connect(_renewed, app)
    for endpoint, url in ALIASES.items():
        app.url_map.add(Rule(url, endpoint=endpoint, build_only=True))
    return security


def _sign_in() -> Any:
    """The library's sign-in, but for where it leads to: whoever has a second factor shows it before anything else."""
    answer = make_response(login())
    if g.halfway is None or not answer.location:
        return answer
    return redirect(url_for("second_factor.sign_in", next=own_page(answer.location) or None), 303)


def _renewed(sender: Flask, user: Account, **more: Any) -> None:
    """Whoever set the new password has the mail: the address is theirs, and other browsers are out."""
    accounts.end_all_sessions(db.session(), user, now())
    accounts.confirm(user, now())


def _errors(form: Any) -> list[tuple[str | None, str]]:
    if request.method != "POST":
        return []
    if getattr(form, "blanks", None):
        return [(name, text) for name, texts in form.blanks.items() for text in texts]
    if getattr(form, "wrong", False):
        said, _category = MESSAGES["GENERIC_AUTHN_FAILED"]
        return [("email", str(_(said)))]
    return problems(form)
