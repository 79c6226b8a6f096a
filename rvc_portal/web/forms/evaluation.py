"""The evaluator's forms: the declaration, one criterion, the whole sheet."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from rvc_portal.domain.errors import InvalidInput
from rvc_portal.domain.rubric import Rubric
from rvc_portal.domain.scoring import LONGEST_REASON, Given
from rvc_portal.web import labels
from rvc_portal.web.forms.base import Option, PortalForm

FREE, TIED = "free", "tied"
CANNOT_JUDGE = "none"
"""Chosen in the place of a score."""
NOTES = "private-notes"
"""The field of an evaluator's private notes; no criterion's key has a hyphen."""


class DeclarationForm(PortalForm):
    """Free of conflicts of interest, or tied, with what ties."""

    declaration = RadioField(
        _l("Your declaration"),
        [InputRequired(_l("Choose one of the two."))],
        choices=[
            Option(
                FREE, _l("I have no conflict of interest with this city and will judge its file on its merits alone.")
            ),
            Option(TIED, _l("I have a conflict of interest and step aside.")),
        ],
    )
    reason = TextAreaField(
        _l("What ties you to this city"),
        [Length(max=LONGEST_REASON, message=_l("Use at most %(max)d characters."))],
    )

    @property
    def free(self) -> bool:
        return bool(self.declaration.data == FREE)


class CriterionForm(PortalForm):
    """One criterion: the mark, or CANNOT_JUDGE, and the reason. Either may be missing while the sheet is a draft."""

    class Meta(PortalForm.Meta):
        csrf = False  # a part of the sheet's form, whose token is checked before

    score = StringField()
    reason = TextAreaField(_l("Reason"), [Length(max=LONGEST_REASON, message=_l("Use at most %(max)d characters."))])

    def validate_score(self, field: StringField) -> None:
        """A mark is a whole number, in digits."""
        if (
            field.data
            and field.data != CANNOT_JUDGE
            and not (field.data.isascii() and field.data.isdigit() and len(field.data) < 5)
        ):
            raise ValidationError(_("Choose one of the scores."))

    @property
    def given(self) -> Given:
        """What was filled in, once it has been validated."""
        cannot = self.score.data == CANNOT_JUDGE
        value = float(self.score.data) if self.score.data and not cannot else None
        return Given(value, self.reason.data or "", cannot)


class SheetForm:
    """A sheet: one CriterionForm per criterion, its fields named "<criterion>-score" and "<criterion>-reason"."""

    def __init__(self, rubric: Rubric, stored: Mapping[str, Given], only: str | None = None):
        keys = [c.key for c in rubric.criteria if only in (None, c.key)]
        self.parts = {key: CriterionForm(prefix=f"{key}-", data=shown(stored.get(key))) for key in keys}

    def validate(self, *only: str) -> bool:
        """Whether the criteria named (all, unless some are) can be kept."""
        verdicts = [self.parts[key].validate() for key in only or self.parts]  # all of them, whatever the first says
        return all(verdicts)

    def scores(self, *only: str) -> dict[str, Given]:
        """What is given, by criterion."""
        return {key: self.parts[key].given for key in only or self.parts}

    def take(self, error: InvalidInput) -> None:
        """Put what the service refused, by criterion, beside the marks."""
        for key, refusals in error.problems.items():
            if key in self.parts:
                field = self.parts[key].score
                field.errors = [*field.errors, *(labels.refusal(r) for r in refusals)]

    def problems(self) -> list[tuple[str, str]]:
        """What is wrong: (id of the field, sentence)."""
        return [(f.id, str(e)) for part in self.parts.values() for f in part for e in f.errors]


def shown(stored: Given | None) -> dict[str, Any]:
    """What is given as the form's fields hold it."""
    if stored is None:
        return {"score": "", "reason": ""}
    mark = CANNOT_JUDGE if stored.cannot_judge else "" if stored.value is None else str(int(stored.value))
    return {"score": mark, "reason": stored.reason}
