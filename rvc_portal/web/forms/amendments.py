"""The form in which a member city proposes an amendment."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from rvc_portal.language import LANGUAGES
from rvc_portal.web import labels
from rvc_portal.web.forms.base import Option, PortalForm

LONGEST_TEXT, LONGEST_REASON = 8000, 2000


class AmendmentForm(PortalForm):
    """How a clause is to read, filled with how it reads now; a text that is left as it is changes nothing."""

    member = SelectField(_l("For the city"), validate_choice=False)
    text_en = TextAreaField(_l("Text in English"), [Length(max=LONGEST_TEXT)])
    text_fr = TextAreaField(_l("Text in French"), [Length(max=LONGEST_TEXT)])
    reason = TextAreaField(
        _l("Reason"), [InputRequired(_l("Give the reason: the other cities read it.")), Length(max=LONGEST_REASON)]
    )
    language = RadioField(
        _l("Language of the reason"),
        [InputRequired(_l("Choose a language."))],
        choices=[Option(code, labels.LANGUAGE_NAMES[code]) for code in LANGUAGES],
    )

    def texts(self) -> dict[str, str]:
        """As typed, by language."""
        return {"en": self.text_en.data or "", "fr": self.text_fr.data or ""}
