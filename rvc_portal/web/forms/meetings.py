"""The forms of an annual meeting's preparation: the meeting, its agenda and papers, delegates, reports, tasks."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FileField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from rvc_portal.domain.agenda import KINDS, Kind, Readers, Slot
from rvc_portal.domain.vocabulary import BODIES, OwnerKind
from rvc_portal.language import LANGUAGES
from rvc_portal.models.meeting import Meeting
from rvc_portal.models.seat import Member
from rvc_portal.services.agenda import Paper, Point
from rvc_portal.services.delegates import Person
from rvc_portal.services.preparation import Duty, Terms
from rvc_portal.web import labels
from rvc_portal.web.forms.base import Option, PortalForm, uuid_in
from rvc_portal.web.forms.bilingual import written
from rvc_portal.web.forms.composition import DateField, field_options
from rvc_portal.web.look import whole_day

LONGEST = 4000
TOO_LONG = _l("Use at most %(max)d characters.")

READERS = {
    Readers.ANYBODY: _l("Anybody, once the agenda is published"),
    Readers.NETWORK: _l("Those of the Network: member cities, Steering Group, Secretariat"),
    Readers.GROUP: _l("The Steering Group and the Secretariat"),
}


class EditionField(IntegerField):
    """A whole number, refused in words."""

    def process_formdata(self, valuelist: Any) -> None:
        """Raises ValueError with what is wrong for what is no such number."""
        typed = next(iter(valuelist), "").strip()
        if not typed:
            return
        if not typed.isdecimal() or len(typed) > 4:
            raise ValueError(_("Give the number of the meeting, such as 14."))
        self.data = int(typed)


class ClockField(StringField):
    """A time of the day, such as 09:30; `at` is what was read."""

    at: time | None = None

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """Raises ValidationError for what is no time."""
        try:
            self.at = time.fromisoformat((self.data or "").strip())
        except ValueError:
            raise ValidationError(_("Give a time, such as 09:30.")) from None


def _line(label: str, *validators: Any, most: int = 200, **more: Any) -> StringField:
    return StringField(label, [*validators, Length(max=most, message=TOO_LONG)], **more)


def _language() -> RadioField:
    choices = [Option(c, labels.LANGUAGE_NAMES[c]) for c in LANGUAGES]
    return RadioField(
        _l("Language of the text"), [InputRequired(_l("Choose the language of the text."))], choices=choices
    )


class MeetingForm(PortalForm):
    """A meeting: which one, where, when."""

    edition = EditionField(
        _l("Number of the meeting"), [InputRequired(_l("Give the number of the meeting, such as 14."))]
    )
    host = SelectField(
        _l("Host city"), [InputRequired(_l("Choose the city that receives the meeting."))], validate_choice=False
    )
    second_host = SelectField(_l("Second host city"), [Optional()], validate_choice=False)
    starts_on = DateField(_l("First day"), [InputRequired(_l("Give the first day."))])
    ends_on = DateField(_l("Last day"), [InputRequired(_l("Give the last day."))])
    zone = _line(_l("Time zone"), InputRequired(_l("Give the time zone of the place.")), most=60)
    delegates_until = DateField(_l("Closing date for delegates"), [Optional()])

    def offer(self, members: Sequence[Member]) -> None:
        """Offer the member cities as hosts."""
        self.host.choices = self.second_host.choices = [Option(str(m.id), city_and_field(m)) for m in members]

    def terms(self) -> Terms:
        """What was asked for; the form is valid."""
        hosts = [uuid_in(field.data) for field in (self.host, self.second_host) if field.data]
        return Terms(
            self.edition.data, tuple(hosts), self.starts_on.data, self.ends_on.data, self.zone.data,
            self.delegates_until.data,
        )  # fmt: skip


class ItemForm(PortalForm):
    """A point of the agenda. `version`: of the point as the form shows it."""

    version = HiddenField()
    day = SelectField(_l("Day"), [InputRequired(_l("Choose a day."))], validate_choice=False)
    starts = ClockField(_l("Begins at"))
    ends = ClockField(_l("Ends at"))
    hall = _line(_l("Hall"), most=100)
    kind = RadioField(_l("Kind"), [InputRequired(_l("Choose what this point is."))])
    field = SelectField(_l("Creative field"), [Optional()], validate_choice=False)
    title_en = _line(_l("Title in English"), InputRequired(_l("Give the title in English.")), most=300)
    title_fr = _line(_l("Title in French"), InputRequired(_l("Give the title in French.")), most=300)

    def offer(self, days: Sequence[date]) -> None:
        """Offer the meeting's days, the kinds and the fields."""
        self.day.choices = [Option(day.isoformat(), whole_day(day)) for day in days]
        self.kind.choices = [Option(kind, _(label)) for kind, label in KINDS.items()]
        self.field.choices = field_options()

    def validate_day(self, field: SelectField) -> None:
        """A day is written as one."""
        try:
            date.fromisoformat(field.data)
        except ValueError:
            raise ValidationError(_("Choose a day.")) from None

    def point(self) -> Point:
        """What was asked for; the form is valid."""
        assert self.starts.at is not None
        assert self.ends.at is not None
        slot = Slot(
            date.fromisoformat(self.day.data), self.starts.at, self.ends.at, (self.hall.data or "").strip(),
            self.title_en.data,
        )  # fmt: skip
        return Point(slot, self.title_fr.data, Kind(self.kind.data), self.field.data or None)


class PaperForm(PortalForm):
    """A paper: a file or a link."""

    title = _line(_l("Title"), InputRequired(_l("Give the paper a title.")), most=300)
    language = _language()
    item = SelectField(_l("For"), [Optional()], validate_choice=False)
    readers = RadioField(
        _l("Who may read it"), [InputRequired(_l("Choose who may read it."))],
        choices=[Option(key, label) for key, label in READERS.items()],
    )  # fmt: skip
    file = FileField(_l("File"))
    url = _line(_l("Link"), most=500)

    def paper(self) -> Paper:
        """What was asked for; the form is valid."""
        item = uuid_in(self.item.data) or UUID(int=0) if self.item.data else None
        return Paper(
            self.title.data, self.language.data, Readers(self.readers.data), (self.url.data or "").strip(), item
        )


class DelegateForm(PortalForm):
    """A delegate of a city; `reason`: of a change after the closing date."""

    name = _line(
        _l("Name"),
        InputRequired(_l("Give the name of the person.")),
        description=_l("As it is to stand on the list of participants."),
    )
    title = _line(_l("Function in the city"))
    email = _line(_l("Mail address"), most=254)
    mayor = BooleanField(_l("Takes part in the mayors’ round table"))
    reason = TextAreaField(_l("Reason"), [Length(max=LONGEST, message=TOO_LONG)])

    def person(self) -> Person:
        """Who was named; the form is valid."""
        return Person(self.name.data, self.title.data or "", (self.email.data or "").strip(), bool(self.mayor.data))


class WithdrawForm(PortalForm):
    """A delegate does not come."""

    reason = TextAreaField(_l("Reason"), [Length(max=LONGEST, message=TOO_LONG)])


class ReportForm(PortalForm):
    """What a workshop reports. `revision`: of the report as the form shows it."""

    revision = HiddenField()
    text_en = written(_l("Report in English"))
    text_fr = written(_l("Report in French"))

    @property
    def texts(self) -> dict[str, str]:
        """What was written, by language."""
        return {"en": self.text_en.data or "", "fr": self.text_fr.data or ""}


class TaskForm(PortalForm):
    """What is to be done before a meeting. `owner`: an OwnerKind, or the id of a member city."""

    text = TextAreaField(
        _l("What is to be done"), [InputRequired(_l("Say what is to be done.")), Length(max=LONGEST, message=TOO_LONG)]
    )
    language = _language()
    owner = SelectField(_l("Who sees to it"), [InputRequired(_l("Choose who sees to it."))], validate_choice=False)
    due_on = DateField(_l("Until"), [InputRequired(_l("Give the day by which it is to be done."))])

    def offer(self, meeting: Meeting, members: Sequence[Member]) -> None:
        """Offer the bodies of the Network, the hosts first among its cities."""
        hosts = {host.member_id for host in meeting.hosts}
        cities = sorted(members, key=lambda m: m.id not in hosts)
        bodies = [Option(kind, _(label)) for kind, label in BODIES.items()]
        self.owner.choices = bodies + [
            Option(str(m.id), _("%(city)s (host)", city=city_and_field(m)) if m.id in hosts else city_and_field(m))
            for m in cities
        ]

    def duty(self) -> Duty:
        """What was asked for; the form is valid."""
        body = self.owner.data in set(BODIES)
        owner = OwnerKind(self.owner.data) if body else OwnerKind.MEMBER
        return Duty(
            self.text.data, self.language.data, owner, self.due_on.data, None if body else uuid_in(self.owner.data)
        )


def city_and_field(member: Member) -> str:
    """The city as one picks it from a list."""
    label = next((str(o.label) for o in field_options() if o.value == member.field), member.field)
    return f"{member.city}, {labels.country(member.country)} – {label}"
