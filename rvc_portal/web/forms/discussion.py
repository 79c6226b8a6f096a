"""The forms of the discussion; what they may hold is for the service to say, beside each field."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, TextAreaField

from rvc_portal.domain.definition import LANGUAGES
from rvc_portal.web import labels
from rvc_portal.web.forms.base import Option, PortalForm


class MessageForm(PortalForm):
    """A message to a thread, and the language it is written in."""

    text = TextAreaField(_l("Your message"))
    language = SelectField(
        _l("Written in"),
        choices=[Option(code, labels.LANGUAGE_NAMES[code]) for code in LANGUAGES],
        validate_choice=False,
    )


class ThreadForm(MessageForm):
    """A new thread with its first message; who reads it is chosen here, once."""

    title = StringField(_l("Title of the thread"))
    audience = StringField(_l("Who reads it"))
