"""The forms around an evaluator's invitation: whom the Secretariat invites to what, and how an invited person answers."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from rvc_portal.domain.vocabulary import Stream
from rvc_portal.language import LANGUAGES
from rvc_portal.web.forms.base import Option, PortalForm
from rvc_portal.web.forms.evaluators import CorrectionForm, country_choices
from rvc_portal.web.labels import LANGUAGE_NAMES

STREAMS = [
    Option(Stream.EXPERTS.value, _l("An expert")),
    Option(Stream.MEMBERS.value, _l("A member city, which this person acts for")),
]


class InviteForm(CorrectionForm):
    """Whom the mail goes to, and what the register is to say of the evaluator. `seat`: one that is there already."""

    seat = HiddenField()
    name = StringField(_l("Name of the person"), [InputRequired(_l("Write the name of the person.")), Length(max=200)])
    email = StringField(
        _l("E-mail address of the person"),
        [InputRequired(_l("Give an e-mail address, such as name@example.org.")), Length(max=254)],
    )
    language = RadioField(
        _l("Language of the mail"), [InputRequired(_l("Choose the language of the mail."))],
        choices=[Option(code, LANGUAGE_NAMES[code]) for code in LANGUAGES],
    )  # fmt: skip
    stream = RadioField(_l("Invited as"), choices=STREAMS, validate_choice=False)
    country = SelectField(_l("Country"), choices=(), validate_choice=False)
    city = StringField(_l("City"), [Length(max=200)])

    def offer(self) -> None:
        """Offer the countries, too."""
        super().offer()
        self.country.choices = [Option("", "–"), *country_choices()]


class DeclineForm(PortalForm):
    """No, and why."""

    reason = TextAreaField(_l("Why you decline"), [Length(max=2000)])
