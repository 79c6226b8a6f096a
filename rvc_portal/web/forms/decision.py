"""The Director-General's form: the decision on one file, with its reason in both languages."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from rvc_portal.domain.vocabulary import DecisionOutcome
from rvc_portal.web.forms.base import Option, PortalForm

LONGEST_REASON = 20_000


class DecisionForm(PortalForm):
    """Designate or decline; the reason goes into the letter."""

    version = IntegerField(validators=[Optional()])
    outcome = RadioField(
        _l("Decision"),
        [InputRequired(_l("Choose a decision."))],
        choices=[
            Option(DecisionOutcome.DESIGNATE, _l("Designate the city")),
            Option(DecisionOutcome.DECLINE, _l("Do not designate the city")),
        ],
    )
    reason_en = TextAreaField(
        _l("Reason in English"), [Length(max=LONGEST_REASON, message=_l("Use at most %(max)d characters."))]
    )
    reason_fr = TextAreaField(
        _l("Reason in French"), [Length(max=LONGEST_REASON, message=_l("Use at most %(max)d characters."))]
    )

    @property
    def reasons(self) -> dict[str, str]:
        return {"en": (self.reason_en.data or "").strip(), "fr": (self.reason_fr.data or "").strip()}

    def sent(self, languages: Sequence[str]) -> bool:
        """Whether the form was sent and can be kept; every error lands beside its field."""
        if not self.is_submitted():
            return False
        valid = self.validate()
        return self.complete(languages) and valid

    def complete(self, languages: Sequence[str]) -> bool:
        """Whether the reason is there in every language of the call. Errors land beside the fields."""
        for language in languages:
            if not self.reasons[language]:
                field = self[f"reason_{language}"]
                field.errors = [*field.errors, _("Write the reason in this language too.")]
        return not any(self[f"reason_{language}"].errors for language in languages)


class PublicationForm(PortalForm):
    """Publication cannot be undone: one tick says that this is known."""

    sure = BooleanField(_l("I know that publication cannot be undone."), [InputRequired(_l("Tick the box to go on."))])
