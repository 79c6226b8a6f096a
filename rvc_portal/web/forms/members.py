"""The Secretariat's form for the place of a member city on the map."""

from flask_babel import lazy_gettext as _l
from wtforms import DecimalField
from wtforms.validators import InputRequired

from rvc_portal.web.forms.base import PortalForm


class PlaceForm(PortalForm):
    """Where a city lies, in degrees; the service knows the limits."""

    latitude = DecimalField(_l("Latitude"), [InputRequired(_l("Give a number, such as 45.76."))], places=None)
    longitude = DecimalField(_l("Longitude"), [InputRequired(_l("Give a number, such as 4.84."))], places=None)
