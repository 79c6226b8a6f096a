"""The forms of the follow-up of a clause: where it stands, what was done, who sees to it, what it has launched."""

from collections.abc import Sequence
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from rvc_portal.domain.following import STATES, Owner
from rvc_portal.domain.vocabulary import BODIES, LinkKind, OwnerKind
from rvc_portal.language import LANGUAGES
from rvc_portal.web import labels
from rvc_portal.web.forms.base import Option, PortalForm, uuid_in
from rvc_portal.web.forms.composition import LONGEST, DateField

PUBLIC, INSIDE = "public", "inside"


class StateForm(PortalForm):
    """Where a clause stands; `seen`: the number of the state that the page showed."""

    seen = IntegerField(validators=[Optional()])
    state = RadioField(_l("Where it stands now"), [InputRequired(_l("Choose where the clause stands."))])

    def offer(self) -> None:
        """Offer the states."""
        self.state.choices = [Option(key, _(label)) for key, label in STATES.items()]


class NoteForm(PortalForm):
    """What was done, with what shows it."""

    text = TextAreaField(_l("What was done"), [InputRequired(_l("Say what was done.")), Length(max=LONGEST)])
    language = RadioField(_l("Language of the text"))
    evidence = TextAreaField(_l("Evidence"), [Length(max=LONGEST)])
    audience = RadioField(_l("Who reads the note"), [InputRequired(_l("Choose who reads the note."))])

    def offer(self) -> None:
        """Offer the languages and the audiences."""
        self.language.choices = [Option(code, labels.LANGUAGE_NAMES[code]) for code in LANGUAGES]
        self.language.data = self.language.data or labels.reader_language()
        self.audience.choices = [
            Option(INSIDE, _("The member cities, the Steering Group, the Secretariat and the Direction")),
            Option(PUBLIC, _("Anybody; it is printed in the follow-up")),
        ]
        self.audience.data = self.audience.data or INSIDE


class OwnersForm(PortalForm):
    """Who sees to a clause, and by when."""

    owners = SelectMultipleField(_l("Owners"), validate_choice=False)
    city = SelectField(_l("One more member city"), [Optional()], validate_choice=False)
    due_on = DateField(_l("Due"), [Optional()])

    def offer(self, standing: Sequence[Owner], cities: Sequence[tuple[str, str]]) -> None:
        """Offer the bodies of the Network, the cities that are owners, and every member city besides."""
        bodies = [Option(kind, _(label)) for kind, label in BODIES.items()]
        names = dict(cities)
        own = [Option(str(o.member_id), names.get(str(o.member_id), o.city or "")) for o in standing if o.member_id]
        self.owners.choices = [*bodies, *own]
        self.city.choices = [Option(*city) for city in cities if city[0] not in {option[0] for option in own}]

    def chosen(self) -> list[Owner]:
        """The owners that were ticked, and the city that was added; what is neither stands as a city that nobody knows."""
        sent = [*(self.owners.data or ()), *([self.city.data] if self.city.data else [])]
        return [_owner(value) for value in sent]


class LinkForm(PortalForm):
    """What a clause has launched: "call:ID", "meeting:ID" or "task:ID"."""

    target = SelectField(
        _l("Call, meeting or task"), [InputRequired(_l("Choose what the clause has launched."))], validate_choice=False
    )

    def chosen(self) -> tuple[LinkKind, UUID]:
        """Kind and id, as they were sent; the id of nothing where it names none."""
        kind, _sign, target = (self.target.data or "").partition(":")
        known = next((one for one in LinkKind if one == kind), LinkKind.TASK)
        return known, (uuid_in(target) if known == kind else None) or UUID(int=0)


def _owner(sent: str) -> Owner:
    body = next((kind for kind in BODIES if kind == sent), None)
    return Owner(body) if body else Owner(OwnerKind.MEMBER, uuid_in(sent))
