"""The forms of the register of evaluators, its filters, and the form of the yearly declaration of interests."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from rvc_portal.domain.conflicts import Tie
from rvc_portal.domain.values import cleaned
from rvc_portal.domain.vocabulary import Stream
from rvc_portal.gateways import network
from rvc_portal.language import LANGUAGES, by_name
from rvc_portal.queries.evaluators import LOADS, Filters
from rvc_portal.web import labels
from rvc_portal.web.forms.base import Option, PortalForm
from rvc_portal.web.forms.lists import asked_for, chosen_of, same

BLANK_ROWS = 3
MOST_ROWS = 60
PARTS = ("kind", "city", "country", "organisation", "note")


def field_names() -> dict[str, str]:
    """The Network's creative fields in the reader's language, by key."""
    return {str(e["key"]): labels.wording(e["label"]) for e in network.fields()}  # type: ignore[arg-type]


def country_choices() -> list[Option]:
    """Every country, by its name in the reader's language."""
    named = [(str(c["iso2"]), labels.wording(c["label"])) for c in network.countries()]  # type: ignore[arg-type]
    return [Option(*pair) for pair in by_name(named)]


class CorrectionForm(PortalForm):
    """What an evaluator writes of themselves."""

    fields = SelectMultipleField(_l("Creative fields"), choices=())
    languages = SelectMultipleField(_l("Languages in which the evaluator reads"), choices=())
    maximum_load = IntegerField(_l("Files at a time, at most"), [Optional()])
    organisation = StringField(_l("Employer or organisation"), [Length(max=200)])

    def offer(self) -> None:
        """Offer the Network's fields, and the languages in which files are written."""
        self.fields.choices = [Option(*pair) for pair in field_names().items()]
        self.languages.choices = [Option(code, labels.language(code).capitalize()) for code in LANGUAGES]


class EntryForm(CorrectionForm):
    """What the Secretariat writes of an evaluator."""

    country = SelectField(_l("Country"), choices=(), validate_choice=False)
    city = StringField(_l("City"), [Length(max=200)])
    past_work = TextAreaField(_l("Earlier evaluations and other work for the Network"), [Length(max=4000)])

    def offer(self) -> None:
        """Offer the countries, too."""
        super().offer()
        self.country.choices = [Option("", "–"), *country_choices()]


@dataclass(frozen=True)
class RegisterForm:
    """What of the register was asked for, what of it can be done, and what is wrong with the rest: [(id, sentence)]."""

    asked: Mapping[str, str]
    filters: Filters
    errors: tuple[tuple[str, str], ...]

    def url(self, base: str) -> str:
        """The address of the same list elsewhere, such as that of its table to take away."""
        return f"{base}?{urlencode(self.asked)}" if self.asked else base


DECLARED = {"yes": True, "no": False}


def register_filters(arguments: Mapping[str, str], countries: list[str]) -> RegisterForm:
    """The filters of a query string; what is not known is reported and left out."""
    known: Mapping[str, Mapping[str, Any]] = {
        "field": same(field_names()), "stream": same(s.value for s in Stream), "country": same(countries),
        "language": same(LANGUAGES), "declared": DECLARED, "load": same(LOADS),
    }  # fmt: skip
    asked, chosen, wrong = chosen_of(arguments, known)
    search = asked_for(arguments, "q")
    return RegisterForm(asked | ({"q": search} if search else {}), Filters(search=search, **chosen), wrong)


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
