"""The forms of who acts for a seat."""

from flask_babel import lazy_gettext as _l
from wtforms import EmailField
from wtforms.validators import InputRequired, Length, Optional

from rvc_portal.web.forms.base import PortalForm
from rvc_portal.web.forms.composition import DateField


class ActingForm(PortalForm):
    """A person is let act for a seat."""

    email = EmailField(
        _l("Email address of the person"), [InputRequired(_l("Write the person’s email address.")), Length(max=254)]
    )
    first = DateField(_l("From"), [InputRequired(_l("Give the first day."))])
    last = DateField(_l("Up to and including"), [Optional()])
