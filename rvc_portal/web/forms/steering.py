"""The Steering Group's forms: a sitting, a seat taken with its declaration of interests, an opinion."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from rvc_portal.domain.vocabulary import OpinionOutcome
from rvc_portal.web.forms.base import Option, PortalForm

LONGEST_TEXT = 20_000


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
        self.reasons = {d: request.form.get(f"reason-{d}", "").strip()[:LONGEST_TEXT] for d in agenda}
        self.missing = {d for d in ticked if not self.reasons[d]}

    @property
    def conflicted(self) -> Mapping[UUID, str]:
        return {d: self.reasons[d] for d in self.ticked}

    def interests_complete(self) -> bool:
        """Whether each interest declared says what it is."""
        return not self.missing

    def problems_of_interests(self) -> list[tuple[str, str]]:
        return [(f"reason-{d}", _("Say what ties you to this city.")) for d in sorted(self.missing)]


class OpinionForm(PortalForm):
    """What the Steering Group advises, in both languages of the call."""

    version = IntegerField(validators=[Optional()])
    outcome = RadioField(
        _l("Opinion"),
        [InputRequired(_l("Choose an opinion."))],
        choices=[
            Option(OpinionOutcome.FAVOURABLE, _l("Favourable: designate the city")),
            Option(OpinionOutcome.UNFAVOURABLE, _l("Unfavourable: do not designate the city")),
            Option(OpinionOutcome.DEFER, _l("Defer: the file stays in review")),
        ],
    )
    text_en = TextAreaField(
        _l("Text in English"), [Length(max=LONGEST_TEXT, message=_l("Use at most %(max)d characters."))]
    )
    text_fr = TextAreaField(
        _l("Text in French"), [Length(max=LONGEST_TEXT, message=_l("Use at most %(max)d characters."))]
    )

    @property
    def texts(self) -> dict[str, str]:
        return {"en": (self.text_en.data or "").strip(), "fr": (self.text_fr.data or "").strip()}

    def sent(self, languages: Sequence[str]) -> bool:
        """Whether the form was sent and can be kept; every error lands beside its field."""
        if not self.is_submitted():
            return False
        valid = self.validate()
        return self.complete(languages) and valid

    def complete(self, languages: Sequence[str]) -> bool:
        """Whether the text is there in every language; a deferral needs one only. Errors land beside the fields."""
        texts = self.texts
        if self.outcome.data == OpinionOutcome.DEFER and any(texts.values()):
            return True
        for language in languages:
            if not texts[language]:
                field = self[f"text_{language}"]
                field.errors = [*field.errors, _("Write the text in this language too.")]
        return not any(self[f"text_{language}"].errors for language in languages)
