"""The Secretariat's form for the place of a member city on the map."""

from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired

from rvc_portal.web.forms.base import NumberField, PortalForm


class PlaceForm(PortalForm):
    """Where a city lies, in degrees; the service knows the limits."""

    latitude = NumberField(_l("Latitude"), [InputRequired(_l("Give a number, such as 45.76."))], places=None)
    longitude = NumberField(_l("Longitude"), [InputRequired(_l("Give a number, such as 4.84."))], places=None)
