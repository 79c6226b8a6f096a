"""What all forms share: refusals of the floors below land beside the fields they speak of."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import DecimalField, PasswordField
from wtforms.fields.choices import SelectChoice

from rvc_portal.domain.errors import InvalidInput
from rvc_portal.domain.values import cleaned
from rvc_portal.domain.vocabulary import N_
from rvc_portal.web import labels

OURS = {
    "Field cannot be longer than %(max)d character.": N_("Use at most %(max)d characters."),
    "Not a valid choice.": N_("Choose one of those that are offered."),
}
"""The form library's own sentences that somebody can meet, and how the portal says them."""


def uuid_in(text: object) -> UUID | None:
    """The id that somebody sent, None for what is none."""
    try:
        return UUID(str(text))
    except ValueError:
        return None


class Option(SelectChoice):
    """One choice of a select or of radio buttons: `Option(value, label)`; the macros take it as the pair it is."""

    def __getitem__(self, index: int) -> str:
        return str((self.value, self.label)[index])


class PortalForm(FlaskForm):
    """A form whose errors are sentences in the reader's language."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: FlaskForm) -> "_Translations":
            """The library's own sentences are said as the portal says them (OURS), in the reader's language."""
            return _Translations()

        def bind_field(self, form: FlaskForm, unbound_field: Any, options: dict[str, Any]) -> Any:
            """What is typed or pasted into any field but a password comes in as it can be kept (domain.values.cleaned)."""
            if not issubclass(unbound_field.field_class, PasswordField):
                options["filters"] = [_cleaned, *unbound_field.kwargs.get("filters", ())]
            return super().bind_field(form, unbound_field, options)

    def take(self, error: InvalidInput) -> None:
        """Put what a service refused beside the fields of the same names; what has no field stands above the form."""
        for name, refusals in error.problems.items():
            sentences = [labels.refusal(refusal) for refusal in refusals]
            if name in self._fields:
                self._fields[name].errors = [*self._fields[name].errors, *sentences]
            else:
                self.form_errors.extend(sentences)


def problems(form: FlaskForm) -> list[tuple[str | None, str]]:
    """What is wrong in a form, for `ui.error_summary`: (id of the field or None, sentence)."""
    found = [(field.id, str(error)) for field in form for error in _flat(field.errors)]
    return found + [(None, str(error)) for error in form.form_errors]


def _cleaned(value: object) -> object:
    return cleaned(value) if isinstance(value, str) else value


def _flat(errors: Iterable[object]) -> Iterable[object]:
    for error in errors:
        if isinstance(error, list | tuple):
            yield from _flat(error)
        else:
            yield error


class _Translations:
    def gettext(self, string: str) -> str:
        ours = OURS.get(string, string)
        return _(ours) if ours else ours

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        ours = OURS.get(singular, singular if number == 1 else plural)
        return _(ours)


class NumberField(DecimalField):
    """A number with a decimal point or, as French writes it, a comma."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([value.strip().replace(",", ".") for value in valuelist])
        except ValueError:
            raise ValueError(_("Write a number, such as 7.5.")) from None
