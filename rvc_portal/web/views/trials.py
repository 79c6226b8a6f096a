"""The Secretariat tries a call in private, and throws the test away."""

from flask import Blueprint, Response, g, url_for
from flask_babel import gettext as _

from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.base import db
from rvc_portal.queries import calls as query
from rvc_portal.services import calls
from rvc_portal.web import labels
from rvc_portal.web.access import requires_role_on_call
from rvc_portal.web.htmx import done, page
from rvc_portal.web.session import actor, now

bp = Blueprint("trials", __name__, url_prefix="/calls/<key>")


@bp.get("/try")
@requires_role_on_call(Role.SECRETARIAT)
def ask_try() -> Response:
    """What a test is, and the button that opens one."""
    return page("trials/try.html", call=g.call, title=_title())


@bp.post("/try")
@requires_role_on_call(Role.SECRETARIAT)
def open_test() -> Response:
    """Open a private copy of the call."""
    told = query.definition(g.call)
    made = calls.open_test(db.session(), told, actor=actor(), now=now(), demonstration=g.call.demonstration)
    url = url_for("calls.show", key=made.key)
    return done(url, message=_("The test is open. Nobody but the Secretariat sees it."))


@bp.get("/discard")
@requires_role_on_call(Role.SECRETARIAT)
def ask_discard() -> Response:
    """What would be thrown away, and the button that does it."""
    count = query.count_dossiers(db.session(), g.call)
    return page("trials/discard.html", call=g.call, title=_title(), count=count)


@bp.post("/discard")
@requires_role_on_call(Role.SECRETARIAT)
def discard() -> Response:
    """Throw the test away."""
    calls.discard(db.session(), g.call, actor=actor())
    return done(url_for("calls.index"), message=_("The test is thrown away, with everything in it."))


def _title() -> str:
    return labels.call_title(g.call)
