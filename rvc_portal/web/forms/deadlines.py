"""The form that gives one city time."""

from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from rvc_portal.domain.windows import local_instant
from rvc_portal.web.forms.base import PortalForm


class TimeForm(PortalForm):
    """Until when, in the call's zone, and why. `zone` is set before the form is read."""

    version = IntegerField(validators=[Optional()])
    until = StringField(_l("Taken until"), [InputRequired(_l("Give a date and a time."))])
    reason = TextAreaField(
        _l("Reason, as the city will read it"), [InputRequired(_l("Give the reason.")), Length(max=8000)]
    )
    zone = "UTC"

    @property
    def instant(self) -> datetime:
        """The instant in UTC. Raises ValueError for what is no single time in the zone."""
        return local_instant(self.until.data or "", self.zone)

    def validate_until(self, field: StringField) -> None:
        """A time that the change of clocks skips or repeats is none."""
        check_once(field.data or "", self.zone)


def check_once(text: str, zone: str) -> None:
    """Raises ValidationError for what is no local time of the zone, or one that its clocks skip or repeat."""
    try:
        found = local_instant(text, zone)
    except (ValueError, OverflowError):
        raise ValidationError(_("Give a date and a time that exist once, such as 2026-03-31 18:00.")) from None
    if found.year > 9000:  # what no calendar of ours can show in another zone
        raise ValidationError(_("Give a date and a time that exist once, such as 2026-03-31 18:00."))
