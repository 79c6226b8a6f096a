"""Forms whose text is written in each of the call's languages: the reason of a decision."""

from collections.abc import Sequence
from typing import ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, TextAreaField
from wtforms.validators import Length, Optional

from rvc_portal.web import labels
from rvc_portal.web.forms.base import PortalForm

LONGEST = 20_000


def written(label: str) -> TextAreaField:
    """The field of the text in one language."""
    return TextAreaField(label, [Length(max=LONGEST, message=_l("Use at most %(max)d characters."))])


class BilingualForm(PortalForm):
    """`stem` begins the names of the text's fields (`text_en`, `text_fr`); `wanting` is said where one is empty, a message with
    the language as its parameter."""

    stem: ClassVar[str]
    wanting: ClassVar[str]

    version = IntegerField(validators=[Optional()])

    @property
    def texts(self) -> dict[str, str]:
        """What was written, by language."""
        return {language: (self[f"{self.stem}_{language}"].data or "").strip() for language in ("en", "fr")}

    def sent(self, languages: Sequence[str]) -> bool:
        """Whether the form was sent and can be kept; every error lands beside its field."""
        if not self.is_submitted():
            return False
        valid = self.validate()
        return self.complete(languages) and valid

    def complete(self, languages: Sequence[str]) -> bool:
        """Whether the text is there in every language of the call. Errors land beside the fields."""
        fields = {language: self[f"{self.stem}_{language}"] for language in languages}
        for language, field in fields.items():
            if not self.texts[language]:
                field.errors = [*field.errors, _(self.wanting, language=labels.language(language))]
        return not any(field.errors for field in fields.values())
