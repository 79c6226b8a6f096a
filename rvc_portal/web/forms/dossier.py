"""The small form of an act on the dossier's page: its reason, and the version of the dossier that was on the page."""

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from rvc_portal.web.forms.base import PortalForm

LONGEST_REASON = 20_000


class ActForm(PortalForm):
    """An act that its button alone does."""

    version = IntegerField(validators=[Optional()])


class ReasonedActForm(ActForm):
    """An act that wants a reason."""

    reason = TextAreaField(
        _l("Reason"),
        [
            DataRequired(_l("Give the reason.")),
            Length(max=LONGEST_REASON, message=_l("Use at most %(max)d characters.")),
        ],
        filters=[lambda text: text.strip() if text else text],
    )
