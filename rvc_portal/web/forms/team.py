"""The forms of a city's team: whom the lead invites to what, and how an invited person joins."""

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, PasswordField, RadioField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length

from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.team import PIECES
from rvc_portal.domain.vocabulary import Role
from rvc_portal.language import LANGUAGES
from rvc_portal.web.forms.account import SHORTEST_PASSWORD
from rvc_portal.web.forms.base import Option, PortalForm
from rvc_portal.web.forms.submission import wording
from rvc_portal.web.labels import LANGUAGE_NAMES

ROLES = [
    Option(Role.EDITOR.value, _l("Editor: writes answers and adds pieces")),
    Option(Role.READER.value, _l("Reader: reads the whole file, changes nothing")),
]


def part_labels(told: CallDefinition) -> dict[str, str]:
    """The parts of a file in words, by key: "3. The city's assets", and the pieces."""
    sections = {s.key: f"{s.number}. {wording(s.title)}" for s in told.form.sections}
    return {**sections, PIECES: str(_l("Pieces"))}


class RightsForm(PortalForm):
    """What a member may do."""

    role = RadioField(_l("Role"), [InputRequired(_l("Choose a role."))], choices=ROLES)
    sections = SelectMultipleField(_l("Parts of the file that an editor may change"))

    def offer(self, told: CallDefinition) -> None:
        """Offer the parts of this call's form."""
        self.sections.choices = [Option(key, label) for key, label in part_labels(told).items()]


class InviteForm(RightsForm):
    """Whom the mail goes to, and what for."""

    name = StringField(_l("Name of the person"), [Length(max=200)])
    email = StringField(_l("E-mail address of the person"), [Length(max=254)])
    language = RadioField(
        _l("Language of the mail"), [InputRequired(_l("Choose the language of the mail."))],
        choices=[Option(code, LANGUAGE_NAMES[code]) for code in LANGUAGES],
    )  # fmt: skip


class JoinForm(PortalForm):
    """An account for an invited person; the address is the one that the mail went to."""

    name = StringField(_l("Your name"), [InputRequired(_l("Write your name.")), Length(max=200)])
    email = EmailField(_l("Email address"))  # shown, never read: a password keeper wants to see it
    password = PasswordField(
        _l("Choose a password"),
        [
            InputRequired(_l("Write a new password.")),
            Length(min=SHORTEST_PASSWORD, max=200, message=_l("Use at least %(min)d characters.")),
        ],
    )
