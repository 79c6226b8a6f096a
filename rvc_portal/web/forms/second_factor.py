"""Forms around the second factor, and the field of it that other forms carry."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from rvc_portal.web.forms.base import PortalForm
from rvc_portal.web.ways import own_page


def code_field() -> StringField:
    """A code of the app or a recovery code; whether one is asked for, `web.second_factor` says."""
    return StringField(_l("Code of your second factor"), [Length(max=40)])


class GoingOnForm(PortalForm):
    """A form on the way to another page of the portal."""

    next = HiddenField()

    def going_on(self) -> str:
        """That page's path, empty for none."""
        return own_page(self.next.data)


class EnrolForm(GoingOnForm):
    """The first code of a new app, and the password: an open browser alone is not enough."""

    password = PasswordField(_l("Your password"), [InputRequired(_l("Write your password.")), Length(max=200)])
    code = StringField(
        _l("Code that the app shows"), [InputRequired(_l("Write the code that the app shows.")), Length(max=40)]
    )


class CodeForm(GoingOnForm):
    """Nothing but the second factor."""

    code = code_field()


class ResetForm(PortalForm):
    """Why somebody's second factor is taken away."""

    code = code_field()
    reason = TextAreaField(_l("Reason"), [InputRequired(_l("Give the reason.")), Length(max=2000)])
