"""The one transaction of a request: a successful unsafe request is committed, everything else is rolled back.

The commit happens before the answer leaves the view's floor, so that what goes wrong in it is answered like any other
error. Nothing below the web commits.
"""

from flask import Flask, Response, g, request

from rvc_portal.models.base import db
from rvc_portal.models.engine import writing

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class TransactionalFlask(Flask):
    """An application whose answers commit."""

    def dispatch_request(self) -> Response:
        """The view's answer, after the commit or the rollback that it calls for."""
        try:
            response = self.make_response(super().dispatch_request())
        except Exception:
            db.session.rollback()  # before the page that explains it is rendered
            raise
        if request.method not in SAFE and response.status_code < 400:
            db.session.commit()
        else:
            db.session.rollback()
        return response


def init_app(app: Flask) -> None:
    """Say before each request whether it may write; an exception rolls back when the context ends."""

    @app.before_request
    def _begin() -> None:
        for name in list(g):  # an application context that outlives one request must not carry it into the next
            g.pop(name)
        g.wrote_before = writing.get()
        writing.set(request.method not in SAFE)

    @app.teardown_request
    def _end(error: BaseException | None) -> None:
        if error is not None:
            db.session.rollback()
        writing.set(g.pop("wrote_before", True))
