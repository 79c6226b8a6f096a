"""The forms of a sign-off: the city asks, whoever was asked answers."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from rvc_portal.domain.call import MAYOR
from rvc_portal.domain.vocabulary import N_
from rvc_portal.web.forms.base import Option, PortalForm

GIVEN, DECLINED = "given", "declined"


class AskForm(PortalForm):
    """Whom the mail goes to, and for which of the call's sign-offs."""

    kind = HiddenField(default=MAYOR)
    name = StringField(_l("Name of the person"), [Length(max=200)])
    email = StringField(_l("E-mail address of the person"), [Length(max=254)])


class AnswerForm(PortalForm):
    """The mayor's word; a reason where it is no."""

    answer = RadioField(
        _l("Your answer"), [InputRequired(_l("Choose an answer."))],
        choices=[Option(GIVEN, _l("I sign this file off.")), Option(DECLINED, _l("I decline."))],
    )  # fmt: skip
    reason = TextAreaField(_l("Reason, if you decline"), [Optional(), Length(max=4000)])


class EndorsementForm(AnswerForm):
    """The same of anybody else, who endorses the file."""

    answer = RadioField(
        _l("Your answer"), [InputRequired(_l("Choose an answer."))],
        choices=[Option(GIVEN, _l("I endorse this file.")), Option(DECLINED, _l("I decline."))],
    )  # fmt: skip


ANSWERED = {True: N_("You have signed this file off."), False: N_("You have declined to sign this file off.")}
ENDORSED = {True: N_("You have endorsed this file."), False: N_("You have declined to endorse this file.")}
