"""Forms around the account: sign in, recover the password, set a new one, the profile."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_security.forms import ForgotPasswordForm, LoginForm, ResetPasswordForm
from wtforms import EmailField, PasswordField, RadioField, StringField
from wtforms.validators import InputRequired, Length

from rvc_portal.language import LANGUAGES
from rvc_portal.web.forms.base import Option, PortalForm
from rvc_portal.web.labels import LANGUAGE_NAMES
from rvc_portal.web.throttle import attempt

_EMAIL = [InputRequired(_l("Write your email address.")), Length(max=254)]
SHORTEST_PASSWORD = 10


class SignInForm(LoginForm):
    """Address and password. `wrong` says that they do not go together, never which of the two it is."""

    email = EmailField(_l("Email address"), _EMAIL)
    password = PasswordField(_l("Password"), [InputRequired(_l("Write your password.")), Length(max=200)])
    remember = None
    blanks: dict[str, list[str]] = {}
    wrong = False

    def validate(self, **more: Any) -> bool:
        """Ask for what is left blank; else make one counted attempt. Raises TooManyAttempts."""
        if not super(LoginForm, self).validate(**more):
            # Kept apart, because the library wipes the fields' errors lest they tell which accounts exist.
            self.blanks = {name: [str(e) for e in errors] for name, errors in self.errors.items() if name}
            return False
        with attempt("sign-in", self.email.data) as made:
            if super().validate(**more):
                made.succeeded()
                return True
        self.wrong = True
        return False


class RecoveryForm(ForgotPasswordForm):
    """Where to send the link for a new password. The answer is the same whether the account exists or not."""

    email = EmailField(_l("Email address"), [*_EMAIL, *ForgotPasswordForm.email.kwargs["validators"][-1:]])
    blanks: dict[str, list[str]] = {}

    def validate(self, **more: Any) -> bool:
        """Count the request, whatever comes of it. Raises TooManyAttempts."""
        if not (self.email.data or "").strip():
            self.blanks = {"email": [str(_l("Write your email address."))]}
            return False
        with attempt("recovery", self.email.data):
            return bool(super().validate(**more))


class NewPasswordForm(ResetPasswordForm):
    """A new password, twice."""

    password = PasswordField(
        _l("New password"),
        [
            InputRequired(_l("Write a new password.")),
            Length(min=SHORTEST_PASSWORD, max=200, message=_l("Use at least %(min)d characters.")),
        ],
    )


class ProfileForm(PortalForm):
    """What people may change about themselves."""

    name = StringField(_l("Name"), [InputRequired(_l("Write your name.")), Length(max=200)])
    language = RadioField(
        _l("Language"), [InputRequired()], choices=[Option(code, LANGUAGE_NAMES[code]) for code in LANGUAGES]
    )
