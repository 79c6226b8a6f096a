"""The public front page, and whether the portal is well."""

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, make_response

from rvc_portal.models.base import db
from rvc_portal.queries import home as query
from rvc_portal.web.access import public
from rvc_portal.web.htmx import page
from rvc_portal.web.session import now

bp = Blueprint("home", __name__)


@bp.get("/")
@public
def index() -> Response:
    """What the portal is, and which calls are open."""
    pages = current_app.view_functions
    return page(
        "account/home.html",
        calls=query.calls(db.session(), now()),
        network=query.network(db.session()),
        has_desk="desk.index" in pages,
        has_members="members.index" in pages,
    )


@bp.get("/health")
@public
def health() -> Response:
    """200 and "ok" while the database answers; 503 otherwise, by the error's own page."""
    db.session.execute(sa.select(1))
    response = make_response("ok\n")
    response.mimetype = "text/plain"
    return response
