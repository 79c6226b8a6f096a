"""The forms of the Steering Group's composition and of its elections."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, TextAreaField, fields
from wtforms.validators import InputRequired, Length, Optional

from rvc_portal.domain.ballot import TieRule
from rvc_portal.domain.composition import KINDS, OF_A_FIELD
from rvc_portal.gateways import network
from rvc_portal.language import LANGUAGES
from rvc_portal.services.co_options import Choice
from rvc_portal.web import labels
from rvc_portal.web.forms.base import Option, PortalForm

EARLIEST, LATEST = date(2004, 1, 1), date(2199, 12, 31)
LONGEST = 4000

TIE_RULES = {
    TieRule.SECOND_ROUND: _l("A second round between those who are equal, then by lot"),
    TieRule.LOT: _l("By lot, with a seed that is printed"),
}
CHOICES = {Choice.FOR: _l("In favour"), Choice.AGAINST: _l("Against"), Choice.ABSTAIN: _l("Abstaining")}


class DateField(fields.DateField):
    """A day of the calendar, in years in which the Network has one."""

    def process_formdata(self, valuelist: Any) -> None:
        """Raises ValueError with what is wrong for what is no such day."""
        typed = next(iter(valuelist), "").strip()
        if not typed:
            return
        try:
            day = date.fromisoformat(typed)
        except ValueError:
            day = LATEST
        if not EARLIEST <= day < LATEST:
            raise ValueError(_("Give a day that exists, such as 2026-03-31."))
        self.data = day


def field_options() -> list[Option]:
    return [Option(str(f["key"]), labels.wording(f["label"])) for f in network.fields()]  # type: ignore[arg-type]


def _language() -> RadioField:
    return RadioField(_l("Language of the text"), choices=[Option(c, labels.LANGUAGE_NAMES[c]) for c in LANGUAGES])


class MandateForm(PortalForm):
    """A mandate is recorded."""

    kind = SelectField(_l("Seat"), [InputRequired(_l("Choose what the city is to be."))], validate_choice=False)
    member = SelectField(_l("Member city"), [InputRequired(_l("Choose a city."))], validate_choice=False)
    start = DateField(_l("From"), [InputRequired(_l("Give the first day."))])
    last = DateField(_l("Until"), [Optional()])

    def offer(self) -> None:
        """Offer the kinds of seats."""
        self.kind.choices = [Option(kind, labels.seat(kind)) for kind in KINDS]


class ReasonForm(PortalForm):
    """Why a mandate ends, or an election is called off."""

    reason = TextAreaField(
        _l("Reason"), [InputRequired(_l("Give the reason: it stands in the journal.")), Length(max=LONGEST)]
    )


class AwayForm(PortalForm):
    """A city is away."""

    away_first = DateField(_l("Away from"), [InputRequired(_l("Give the first day."))])
    away_last = DateField(_l("Up to and including"), [InputRequired(_l("Give the last day."))])


class CoOptionForm(PortalForm):
    """A city is proposed for co-option."""

    member = SelectField(_l("Member city"), [InputRequired(_l("Choose a city."))], validate_choice=False)
    reason = TextAreaField(
        _l("Reason"), [InputRequired(_l("Say why this city is to be co-opted.")), Length(max=LONGEST)]
    )
    language = _language()


class ChoiceForm(PortalForm):
    """A vote by name."""

    choice = RadioField(
        _l("Vote"), [InputRequired(_l("Choose how your field votes."))],
        choices=[Option(key, label) for key, label in CHOICES.items()],
    )  # fmt: skip


class BallotForm(PortalForm):
    """An election is announced."""

    field = SelectField(_l("Creative field"), [InputRequired(_l("Choose a field."))], validate_choice=False)
    kind = SelectField(_l("Seat"), [InputRequired(_l("Choose what is elected."))], validate_choice=False)
    opens_on = DateField(_l("The vote begins on"), [InputRequired(_l("Give the first day."))])
    closes_on = DateField(_l("The last day of the vote"), [InputRequired(_l("Give the last day."))])
    term_from = DateField(_l("The mandate begins on"), [InputRequired(_l("Give the first day."))])
    tie_rule = RadioField(_l("If there is a tie"), [InputRequired(_l("Choose how a tie is broken."))])

    def offer(self) -> None:
        """Offer the fields, their seats, and the tie rules of the Network."""
        self.field.choices = field_options()
        self.kind.choices = [Option(kind, labels.seat(kind)) for kind in OF_A_FIELD]
        self.tie_rule.choices = [Option(rule, TIE_RULES[TieRule(rule)]) for rule in network.steering().tie_rules]
        self.tie_rule.data = self.tie_rule.data or network.steering().tie_rules[0]


class CandidateForm(PortalForm):
    """A city stands."""

    member = SelectField(_l("Member city"), [InputRequired(_l("Choose a city."))], validate_choice=False)
    statement = TextAreaField(_l("Statement"), [Length(max=LONGEST)])
    language = _language()


class VoteForm(PortalForm):
    """A city votes: for a candidate's id, or "none"."""

    member = SelectField(_l("Vote for the city"), [InputRequired(_l("Choose a city."))], validate_choice=False)
    choice = RadioField(
        _l("Your vote"), [InputRequired(_l("Choose one of the candidates, or none of them."))], validate_choice=False
    )
