"""The forms of the mayor's sign-off: the city asks, the mayor answers."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from rvc_portal.domain.vocabulary import N_
from rvc_portal.web.forms.base import Option, PortalForm

GIVEN, DECLINED = "given", "declined"


class AskForm(PortalForm):
    """Whom the mail goes to."""

    name = StringField(_l("Name of the mayor"), [Length(max=200)])
    email = StringField(_l("E-mail address of the mayor"), [Length(max=254)])


class AnswerForm(PortalForm):
    """The mayor's word; a reason where it is no."""

    answer = RadioField(
        _l("Your answer"), [InputRequired(_l("Choose an answer."))],
        choices=[Option(GIVEN, _l("I sign this file off.")), Option(DECLINED, _l("I decline."))],
    )  # fmt: skip
    reason = TextAreaField(_l("Reason, if you decline"), [Optional(), Length(max=4000)])


ANSWERED = {True: N_("You have signed this file off."), False: N_("You have declined to sign this file off.")}
