"""The Secretariat's form for a proposal: which fields, how many sheets, how many files each, and the seed."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectMultipleField
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.matching import LARGEST_SEED, Limits
from rvc_portal.queries.proposals import Terms
from rvc_portal.web.forms.base import Option, PortalForm
from rvc_portal.web.labels import reader_language

NO_FIELD = "-"
MOST_SHEETS, MOST_FILES = 200, 5000
"""What the form takes: no file has so many sheets, and no call so many files."""


class TermsForm(PortalForm):
    """What every call asks; `terms_form` adds two numbers per stream."""

    fields = SelectMultipleField(_l("Creative fields"), [InputRequired(_l("Choose at least one field."))])
    maximum_load = IntegerField(
        _l("Files per evaluator, at most"), [InputRequired(), NumberRange(1, MOST_FILES)],
        description=_l("Counting the files in hand already."),
    )  # fmt: skip
    seed = IntegerField(
        _l("Seed"), [InputRequired(), NumberRange(0, LARGEST_SEED)],
        description=_l("Any whole number. The same files, evaluators and limits with the same seed give the same proposal."),
    )  # fmt: skip
    streams: tuple[str, ...] = ()

    @property
    def terms(self) -> Terms:
        """What was asked, once the form is valid."""
        fields = frozenset(None if key == NO_FIELD else key for key in self.fields.data or ())
        limits = {key: Limits(self[f"least_{key}"].data, self[f"most_{key}"].data) for key in self.streams}
        return Terms(fields, limits, self.maximum_load.data, self.seed.data)


def terms_form(told: CallDefinition, fields: Sequence[tuple[str | None, str]], usual: Terms) -> TermsForm:
    """The form of one call. `fields`: (key, label); `usual`: what it begins with."""
    added: dict[str, Any] = {"streams": tuple(stream.key for stream in told.rubric.streams)}
    begin: dict[str, Any] = {
        "fields": [key or NO_FIELD for key, _label in fields], "maximum_load": usual.maximum_load, "seed": usual.seed,
    }  # fmt: skip
    for stream in told.rubric.streams:
        label = stream.label.of(reader_language())
        added[f"least_{stream.key}"] = IntegerField(
            _("%(stream)s: at least", stream=label), [InputRequired(), NumberRange(0, MOST_SHEETS)]
        )
        added[f"most_{stream.key}"] = IntegerField(
            _("%(stream)s: at most", stream=label), [Optional(), NumberRange(1, MOST_SHEETS)],
            description=_("Empty: no limit."),
        )  # fmt: skip
        added[f"validate_most_{stream.key}"] = _not_below(f"least_{stream.key}")
        begin[f"least_{stream.key}"] = usual.limits[stream.key].minimum
        begin[f"most_{stream.key}"] = usual.limits[stream.key].maximum
    form = type("CallTermsForm", (TermsForm,), added)(data=begin)
    form.fields.choices = [Option(key or NO_FIELD, label) for key, label in fields]
    assert isinstance(form, TermsForm)
    return form


def _not_below(least: str) -> Any:
    def validate(form: PortalForm, field: IntegerField) -> None:
        if field.data is not None and form[least].data is not None and field.data < form[least].data:
            raise ValidationError(_("The most is less than the least."))

    return validate
