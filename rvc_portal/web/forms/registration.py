"""The forms of a stranger who makes an account: who it is for, where the mail goes, the password once more."""

import re

from flask_babel import lazy_gettext as _l
from flask_security.forms import EmailValidation
from wtforms import EmailField, PasswordField, RadioField, StringField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length

from rvc_portal.language import LANGUAGES
from rvc_portal.web.forms.account import SHORTEST_PASSWORD
from rvc_portal.web.forms.base import Option, PortalForm
from rvc_portal.web.labels import LANGUAGE_NAMES

LOOKS_LIKE_AN_ADDRESS = re.compile(r"[/@]|\w{2}\.\w{2}")
"""Nobody's name. Mails to addresses that strangers have typed carry it: it must not carry a link of theirs."""


_EMAIL = [InputRequired(_l("Write your email address.")), EmailValidation(verify=True), Length(max=254)]


class RegistrationForm(PortalForm):
    """An account of one's own."""

    name = StringField(_l("Your name"), [DataRequired(_l("Write your name.")), Length(max=200)])
    email = EmailField(_l("Email address"), _EMAIL)
    password = PasswordField(
        _l("Choose a password"),
        [
            InputRequired(_l("Write a new password.")),
            Length(min=SHORTEST_PASSWORD, max=200, message=_l("Use at least %(min)d characters.")),
        ],
    )
    language = RadioField(
        _l("Language"), [InputRequired()], choices=[Option(code, LANGUAGE_NAMES[code]) for code in LANGUAGES]
    )

    def validate_name(self, field: StringField) -> None:
        """Refuse what mail programs would make a link of."""
        if LOOKS_LIKE_AN_ADDRESS.search(field.data):
            raise ValidationError(_l("Write your name alone, without an address."))


class AgainForm(PortalForm):
    """Where the mail goes once more."""

    email = EmailField(_l("Email address"), _EMAIL)


class ConfirmationForm(PortalForm):
    """The password that was chosen on registering; whoever is signed in is not asked for it."""

    email = EmailField(_l("Email address"))  # shown, never read: a password keeper wants to see it
    password = PasswordField(_l("Your password"), [Length(max=200)])
