"""Forms of the slate's board."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from rvc_portal.web.forms.base import NumberField, Option, PortalForm

LONGEST = 500


class VersionForm(PortalForm):
    """A change of a variant, as it was when the page showed it."""

    version = IntegerField(validators=[Optional()])


class MoveForm(VersionForm):
    """One file in or out, with a reason."""

    dossier = HiddenField(validators=[InputRequired()])
    proposed = HiddenField(validators=[InputRequired()])
    reason = StringField(_l("Reason"), [InputRequired(_l("Give the reason.")), Length(max=LONGEST)])


class CutForm(VersionForm):
    """A line: the first files by rank, or those from a mean on."""

    by = RadioField(
        _l("Propose"),
        [InputRequired(_l("Choose how the line is drawn."))],
        choices=[
            Option("rank", _l("The first files by their mean, this many")),
            Option("mean", _l("Files with at least this mean")),
        ],
    )
    value = NumberField(
        _l("Number"),
        [InputRequired(_l("Give a number.")), NumberRange(min=0, max=10_000, message=_l("Give a number from 0 on."))],
    )


class VariantForm(PortalForm):
    """A new variant: its name, and which it begins from."""

    name = StringField(_l("Name of the new variant"), [InputRequired(_l("Give the variant a name.")), Length(max=80)])
    like = SelectField(_l("Begins as"), choices=[], validate_choice=False)
