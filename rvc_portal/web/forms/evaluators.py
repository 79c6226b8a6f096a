"""The forms of the register of evaluators and of the yearly declaration of interests."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectMultipleField, TextAreaField
from wtforms.validators import Length, Optional

from rvc_portal.domain.conflicts import Tie
from rvc_portal.domain.values import cleaned
from rvc_portal.language import LANGUAGES
from rvc_portal.web import labels
from rvc_portal.web.forms.base import Option, PortalForm

BLANK_ROWS = 3
MOST_ROWS = 60
PARTS = ("kind", "city", "country", "organisation", "note")


class EntryForm(PortalForm):
    """What the Secretariat writes of an evaluator."""

    languages = SelectMultipleField(_l("Languages in which the evaluator reads"), choices=())
    maximum_load = IntegerField(_l("Files at a time, at most"), [Optional()])
    past_work = TextAreaField(_l("Earlier evaluations and other work for the Network"), [Length(max=4000)])

    def offer(self) -> None:
        """Offer the languages in which files are written."""
        self.languages.choices = [Option(code, labels.language(code).capitalize()) for code in LANGUAGES]


class InterestsForm(PortalForm):
    """The declaration's own box; its rows are read by `ties_in`."""

    nothing = BooleanField(_l("I have none of these ties to any city that may apply"))


class ReasonForm(PortalForm):
    """Why a warning is set aside."""

    reason = TextAreaField(_l("Reason"), [Length(max=2000)])


def ties_in(sent: Mapping[str, Any]) -> list[Tie]:
    """The rows in which anything was written, as they were typed."""
    return [tie for tie in _rows(sent) if any((tie.kind, tie.city, tie.organisation, tie.note))]


def _rows(sent: Mapping[str, Any]) -> Iterator[Tie]:
    for number in range(MOST_ROWS):
        row = {part: " ".join(cleaned(str(sent.get(f"tie-{number}-{part}", ""))).split())[:500] for part in PARTS}
        yield Tie(**row)
