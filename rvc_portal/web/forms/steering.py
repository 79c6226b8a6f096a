"""The Steering Group's forms: a sitting, a seat taken with its declaration of interests, an opinion."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from rvc_portal.domain.vocabulary import OpinionOutcome
from rvc_portal.web.forms.base import Option, PortalForm
from rvc_portal.web.forms.bilingual import LONGEST, BilingualForm, written


class SittingForm(PortalForm):
    """A new sitting."""

    title = StringField(
        _l("Title of the sitting"),
        [
            InputRequired(_l("Give the sitting a title.")),
            Length(max=200, message=_l("Use at most %(max)d characters.")),
        ],
    )


class AttendanceForm(PortalForm):
    """A seat is taken. The interests are ticks with a reason each: "tied" (ids of dossiers), "reason-<id>"."""

    seat = SelectField(_l("Your seat"), [InputRequired(_l("Choose your seat."))], validate_choice=False)

    def read(self, agenda: Sequence[UUID]) -> None:
        """Take the interests out of the request; only files of the agenda count."""
        known = {str(dossier_id): dossier_id for dossier_id in agenda}
        ticked = [known[key] for key in request.form.getlist("tied") if key in known]
        self.ticked = set(ticked)
        self.reasons = {d: request.form.get(f"reason-{d}", "").strip()[:LONGEST] for d in agenda}
        self.missing = {d for d in ticked if not self.reasons[d]}

    @property
    def conflicted(self) -> Mapping[UUID, str]:
        return {d: self.reasons[d] for d in self.ticked}

    def interests_complete(self) -> bool:
        """Whether each interest declared says what it is."""
        return not self.missing

    def problems_of_interests(self) -> list[tuple[str, str]]:
        return [(f"reason-{d}", _("Say what ties you to this city.")) for d in sorted(self.missing)]


class OpinionForm(BilingualForm):
    """What the Steering Group advises, in both languages of the call."""

    stem = "text"
    wanting = _l("Write the text in this language too.")

    outcome = RadioField(
        _l("Opinion"),
        [InputRequired(_l("Choose an opinion."))],
        choices=[
            Option(OpinionOutcome.FAVOURABLE, _l("Favourable: designate the city")),
            Option(OpinionOutcome.UNFAVOURABLE, _l("Unfavourable: do not designate the city")),
            Option(OpinionOutcome.DEFER, _l("Defer: the file stays in review")),
        ],
    )
    text_en = written(_l("Text in English"))
    text_fr = written(_l("Text in French"))

    def complete(self, languages: Sequence[str]) -> bool:
        """As any such text; a deferral needs one language only."""
        if self.outcome.data == OpinionOutcome.DEFER and any(self.texts.values()):
            return True
        return super().complete(languages)
