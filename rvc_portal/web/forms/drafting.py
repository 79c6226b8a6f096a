"""The forms of a draft: texts in both languages, places, comments, owners, errata."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from rvc_portal.domain.outline import Place
from rvc_portal.language import LANGUAGES
from rvc_portal.services.drafting import LONGEST
from rvc_portal.web import labels
from rvc_portal.web.forms.base import Option, PortalForm, uuid_in


def _languages() -> list[Option]:
    return [Option(code, labels.LANGUAGE_NAMES[code]) for code in LANGUAGES]


class TextsForm(PortalForm):
    """A piece in both languages; `seen_…`: which revision of each the person had before them."""

    en = TextAreaField(validators=[Length(max=LONGEST)])
    fr = TextAreaField(validators=[Length(max=LONGEST)])
    seen_en = IntegerField(validators=[Optional()])
    seen_fr = IntegerField(validators=[Optional()])

    @property
    def typed(self) -> dict[str, str]:
        return {language: self[language].data or "" for language in LANGUAGES}

    @property
    def seen(self) -> dict[str, int]:
        return {language: self[f"seen_{language}"].data or 0 for language in LANGUAGES}


class OrderForm(PortalForm):
    """An act on the order. `seen`: the change of it that the person saw last; `to`: a place, as "<clause under>:<index>"."""

    seen = IntegerField(validators=[Optional()])
    to = SelectField(_l("New place"), [Optional()], validate_choice=False)

    @property
    def place(self) -> "Place[Any] | None":
        """The place that was chosen; None for none."""
        under, _mark, index = (self.to.data or "").partition(":")
        if not index.isdigit() or (under and uuid_in(under) is None):
            return None
        return Place(uuid_in(under) if under else None, int(index))


class AddForm(PortalForm):
    """A new clause; `where`: "after:<clause>", "under:<clause>" or empty for the end."""

    en = TextAreaField(validators=[Length(max=LONGEST)])
    fr = TextAreaField(validators=[Length(max=LONGEST)])
    where = SelectField(_l("Place"), [Optional()], validate_choice=False)

    def validate_en(self, _field: TextAreaField) -> None:
        """A clause says something, in one language at least."""
        if not any(text.strip() for text in self.typed.values()):
            raise ValidationError(_("Write the clause, in one language at least."))

    @property
    def typed(self) -> dict[str, str]:
        return {language: self[language].data or "" for language in LANGUAGES}


class CommentForm(PortalForm):
    """What somebody says of a clause; `member`: for which city."""

    text = TextAreaField(_l("Your comment"), [InputRequired(_l("Write what you want to say.")), Length(max=LONGEST)])
    language = RadioField(_l("Language of the text"))
    member = SelectField(_l("For the city"), [Optional()], validate_choice=False)
    answer_to = SelectField(validators=[Optional()], validate_choice=False)

    def offer(self) -> None:
        """Offer the languages, the reader's first."""
        self.language.choices = _languages()
        self.language.data = self.language.data or labels.reader_language()


class ReopenForm(PortalForm):
    """Why an adoption is taken back."""

    reason = TextAreaField(
        _l("Reason"), [InputRequired(_l("Give the reason: it stands in the journal.")), Length(max=LONGEST)]
    )


class ErratumForm(PortalForm):
    """A correction of a sealed text."""

    piece = SelectField(_l("Place in the text"), [InputRequired(_l("Choose the place."))], validate_choice=False)
    language = RadioField(_l("Language of the text"), [InputRequired(_l("Choose the language."))])
    reads = TextAreaField(
        _l("What it reads"), [InputRequired(_l("Copy the words as they stand.")), Length(max=LONGEST)]
    )
    should_read = TextAreaField(
        _l("What it should read"), [InputRequired(_l("Write the words as they are meant.")), Length(max=LONGEST)]
    )
    reason = TextAreaField(_l("Reason"), [InputRequired(_l("Say why it is corrected.")), Length(max=LONGEST)])
    reason_language = RadioField(_l("Language of the reason"))

    def offer(self) -> None:
        """Offer the languages."""
        self.language.choices = _languages()
        self.reason_language.choices = _languages()
        self.reason_language.data = self.reason_language.data or labels.reader_language()


def place_option(place: "Place[Any]", label: str) -> Option:
    """A place as one may choose it."""
    return Option(f"{place.under or ''}:{place.index}", label)


def nothing_chosen() -> str:
    """What a select says before anything is chosen."""
    return str(_("Choose"))
