"""The Steering Group's forms: a sitting that is called, a seat taken with its declaration of interests."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from rvc_portal.domain.windows import local_instant
from rvc_portal.web.forms.base import PortalForm
from rvc_portal.web.forms.bilingual import LONGEST


class PlanForm(PortalForm):
    """A sitting that is called: when, in the call's `zone`, and where."""

    title = StringField(
        _l("Title of the sitting"),
        [
            InputRequired(_l("Give the sitting a title.")),
            Length(max=200, message=_l("Use at most %(max)d characters.")),
        ],
    )

    starts = StringField(_l("Date and time"), [InputRequired(_l("Give a date and a time."))])
    place = StringField(_l("Place"), [Length(max=200, message=_l("Use at most %(max)d characters."))])
    link = StringField(_l("Link"), [Length(max=500, message=_l("Use at most %(max)d characters."))])
    zone = "UTC"

    @property
    def instant(self) -> datetime:
        """The instant in UTC. Raises ValueError for what is no single time in the zone."""
        return local_instant(self.starts.data or "", self.zone)

    def validate_starts(self, field: StringField) -> None:
        """A time that the change of clocks skips or repeats is none."""
        try:
            found = self.instant
        except (ValueError, OverflowError):
            raise ValidationError(_("Give a date and a time that exist once, such as 2026-03-31 18:00.")) from None
        if found.year > 9000:  # what no calendar of ours can show in another zone
            raise ValidationError(_("Give a date and a time that exist once, such as 2026-03-31 18:00."))


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
