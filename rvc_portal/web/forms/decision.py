"""The Director-General's form: the decision on one file, with its reason in both languages."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import InputRequired

from rvc_portal.domain.vocabulary import N_, DecisionOutcome
from rvc_portal.domain.windows import local_instant
from rvc_portal.web.forms.base import Option, PortalForm
from rvc_portal.web.forms.bilingual import BilingualForm, written
from rvc_portal.web.forms.deadlines import check_once
from rvc_portal.web.forms.second_factor import code_field


class DecisionForm(BilingualForm):
    """Designate or decline; the reason goes into the letter."""

    stem = "reason"
    wanting = N_("The reason is missing in this language: %(language)s.")

    outcome = RadioField(
        _l("Decision"),
        [InputRequired(_l("Choose a decision."))],
        choices=[
            Option(DecisionOutcome.DESIGNATE, _l("Designate the city")),
            Option(DecisionOutcome.DECLINE, _l("Do not designate the city")),
        ],
    )
    reason_en = written(_l("Reason in English"))
    reason_fr = written(_l("Reason in French"))
    code = code_field()


class PublicationForm(PortalForm):
    """Publication cannot be undone: one tick says that this is known. At once, or at a set time of the call's zone (`zone`
    is set before the form is read)."""

    when = RadioField(
        _l("When"),
        [InputRequired(_l("Say when."))],
        choices=[Option("now", _l("At once")), Option("later", _l("At a set time"))],
    )
    at = StringField(_l("Set time"))
    sure = BooleanField(_l("I know that publication cannot be undone."), [InputRequired(_l("Tick the box to go on."))])
    code = code_field()
    zone = "UTC"

    @property
    def due_at(self) -> datetime | None:
        """The set instant in UTC; None: at once. Raises ValueError for what is no single time in the zone."""
        return local_instant(self.at.data or "", self.zone) if self.when.data == "later" else None

    def validate_at(self, field: StringField) -> None:
        """Asked for only where a time is set."""
        if self.when.data == "later":
            check_once(field.data or "", self.zone)
