"""The forms of the Secretariat's formal check."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import IntegerField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from rvc_portal.domain.call import ChecklistItem
from rvc_portal.web.forms.base import PortalForm

VERDICTS = {"yes": True, "no": False}
LONGEST_NOTE = 4000


class DismissForm(PortalForm):
    """Not eligible, and why."""

    version = IntegerField(validators=[Optional()])
    reason = TextAreaField(
        _l("Reason, as the city will read it"), [InputRequired(_l("Give the reason.")), Length(max=8000)]
    )


class AdmitForm(PortalForm):
    """Admit to evaluation."""

    version = IntegerField(validators=[Optional()])


class ReturnForm(PortalForm):
    """What is to be corrected, and why."""

    version = IntegerField(validators=[Optional()])
    questions = SelectMultipleField(
        _l("To be corrected"),
        [InputRequired(_l("Name the questions or pieces to be corrected."))],
        validate_choice=False,
    )
    reason = TextAreaField(
        _l("Reason, as the city will read it"), [InputRequired(_l("Give the reason.")), Length(max=8000)]
    )


def notes(keys: Iterable[str], sent: MultiDict[str, str]) -> dict[str, str]:
    """What is written beside each of the questions and pieces that are named."""
    return {key: sent.get(f"note.{key}", "")[:LONGEST_NOTE] for key in keys}


def verdicts(items: Iterable[ChecklistItem], sent: MultiDict[str, str]) -> dict[str, tuple[bool | None, str]]:
    """What the form says of each item: verdict (None: left open) and note."""
    return {
        item.key: (VERDICTS.get(sent.get(f"{item.key}.verdict", "")), sent.get(f"{item.key}.note", "")[:LONGEST_NOTE])
        for item in items
    }
