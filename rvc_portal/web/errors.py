"""What went wrong, in words, with a way on: the errors of every floor as pages, or for htmx as a message on the page.

Refused, Overtaken   409, every reason
InvalidInput         422
NotFound             404, whether it does not exist or is not theirs to know
SignInNeeded         to the sign-in page, or on to its second half, and back
ConfirmationNeeded   to the page that says how to confirm the address, and back
FactorNeeded         to the page on which a second factor is set up, and back
TooManyAttempts      429, and how long to wait
a locked database    503
"""

import logging
import math

from flask import Flask, Response, current_app, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError

from rvc_portal.domain.errors import InvalidInput, NotFound, Overtaken, Refusal, Refused
from rvc_portal.domain.vocabulary import N_
from rvc_portal.gateways.files import StorageError
from rvc_portal.gateways.scanner import ScannerError
from rvc_portal.web import labels
from rvc_portal.web.access import PUBLIC
from rvc_portal.web.htmx import ask_no_more, is_htmx, leave_for, put_into
from rvc_portal.web.session import BY_ITSELF, FOLLOWED, ConfirmationNeeded, FactorNeeded, SignInNeeded, now
from rvc_portal.web.throttle import TooManyAttempts
from rvc_portal.web.transaction import SAFE

_log = logging.getLogger(__name__)

# The pages that there are; any other code takes the page of its hundred.
_PAGES = frozenset({400, 403, 404, 409, 413, 429, 500, 503})


def init_app(app: Flask) -> None:
    """Register what answers each error."""
    app.register_error_handler(Refused, refused)
    app.register_error_handler(StaleDataError, overtaken_unseen)
    app.register_error_handler(InvalidInput, invalid)
    app.register_error_handler(NotFound, not_found)
    app.register_error_handler(SignInNeeded, sign_in_first)
    app.register_error_handler(ConfirmationNeeded, confirm_first)
    app.register_error_handler(FactorNeeded, factor_first)
    app.register_error_handler(TooManyAttempts, wait)
    app.register_error_handler(CSRFError, stale_form)
    app.register_error_handler(OperationalError, busy)
    app.register_error_handler(StorageError, busy)
    app.register_error_handler(ScannerError, busy)
    app.register_error_handler(InternalServerError, failed)
    app.register_error_handler(HTTPException, other)


def refused(error: Refused) -> Response:
    """409 with every reason; to htmx as a message above the page, which stays as it is."""
    reasons = [labels.refusal(refusal, _zone()) for refusal in error.refusals]
    overtaken = isinstance(error, Overtaken)
    if is_htmx():
        body = render_template("security/refused_message.html", reasons=reasons, overtaken=overtaken)
        return put_into(make_response(body, 409), "#messages")
    back = way_back()
    return make_response(render_template("security/refused.html", reasons=reasons, overtaken=overtaken, back=back), 409)


def overtaken_unseen(error: StaleDataError) -> Response:
    """A version that somebody else moved on, found only when the database was written."""
    reason = N_("Somebody else changed this while you were at work. Look at where it stands now.")
    return refused(Overtaken((Refusal(reason),)))


def invalid(error: InvalidInput) -> Response:
    """422 where a view has no form to show the problems in."""
    reasons = [labels.refusal(refusal, _zone()) for refusals in error.problems.values() for refusal in refusals]
    if is_htmx():
        body = render_template("security/refused_message.html", reasons=reasons, overtaken=False)
        return put_into(make_response(body, 422), "#messages")
    return make_response(render_template("security/invalid.html", reasons=reasons, back=way_back()), 422)


def not_found(error: NotFound) -> Response:
    """The one answer for what does not exist and for what is not theirs to know."""
    return _page(404)


def sign_in_first(error: SignInNeeded) -> Response:
    """To the sign-in page and, after it, back to the page that was being read. What a page asks for by itself leads
    nobody away from it: somebody may be at work there."""
    if is_htmx() and request.method in SAFE and request.endpoint in BY_ITSELF:
        return ask_no_more()
    if g.get("session_ended") and request.endpoint not in FOLLOWED:
        flash(_("Your session has ended. Sign in again and you are back where you were."), "warning")
    if is_htmx():
        return _signed_out()
    return make_response(redirect(_sign_in_url(), 303))


def _signed_out() -> Response:
    """401 to htmx. A form keeps what was typed in it: its page asks for the sign-in (static/work/session.js) and sends it
    again. Anything else leaves for the sign-in page."""
    return make_response("", 401) if request.method not in SAFE else leave_for(_sign_in_url(), 401)


def confirm_first(error: ConfirmationNeeded) -> Response:
    """To the page that says how to confirm the address and, after it, back."""
    return _first("registration.waiting")


def factor_first(error: FactorNeeded) -> Response:
    """To the page on which the second factor is set up and, after it, back."""
    return _first("second_factor.show")


def _first(endpoint: str) -> Response:
    if is_htmx():
        return leave_for(_by_way_of(endpoint), 403)
    return make_response(redirect(_by_way_of(endpoint), 303))


def wait(error: TooManyAttempts) -> Response:
    """429: how long to wait, in words and in the header that programs read."""
    seconds = max(1, math.ceil((error.until - now()).total_seconds()))
    minutes = math.ceil(seconds / 60)
    text = ngettext("Try again in one minute.", "Try again in %(num)s minutes.", minutes)
    response = make_response(render_template("security/wait.html", text=text), 429)
    response.headers["Retry-After"] = str(seconds)
    return response


def stale_form(error: CSRFError) -> Response:
    """A form without a valid token: its session has ended, or it was not ours."""
    view = current_app.view_functions.get(request.endpoint or "")
    for_persons = getattr(view, "access", PUBLIC) != PUBLIC
    if not g.get("session_ended") and not (for_persons and g.get("account") is None):
        return _page(400)
    if is_htmx():
        return _signed_out()
    return make_response(render_template("errors/session.html", sign_in_url=_sign_in_url()), 400)


def busy(error: Exception) -> Response:
    """The database or the storage cannot do it now."""
    _log.error("%s", error, exc_info=error)
    response = _page(503)
    response.headers["Retry-After"] = "30"
    return response


def failed(error: InternalServerError) -> Response:
    """A mistake of ours; Flask has written it to the log."""
    return _page(500)


def other(error: HTTPException) -> Response:
    """Every other code that Flask or a view raises."""
    if error.response is not None or error.code is None or error.code < 400:
        return make_response(error.get_response())
    response = _page(error.code)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _page(code: int) -> Response:
    page = code if code in _PAGES else 500 if code >= 500 else 400
    return make_response(render_template(f"errors/{page}.html"), code)


def _sign_in_url() -> str:
    return _by_way_of("account.sign_in" if g.get("halfway") is None else "second_factor.sign_in")


def _by_way_of(endpoint: str) -> str:
    """A page to go to first and come back from: to this page, or to the one that a form was sent from."""
    here = request.full_path.rstrip("?") if request.method in SAFE and not is_htmx() else way_back()
    return url_for(endpoint, next=here) if here else url_for(endpoint)


def way_back() -> str:
    """The page of ours that the request came from, as a path; empty if unknown."""
    came_from = request.headers.get("HX-Current-URL") or request.referrer or ""
    own = request.host_url
    return "/" + came_from.removeprefix(own).lstrip("/") if came_from.startswith(own) else ""


def _zone() -> str:
    dossier = g.get("dossier")
    call = dossier.call if dossier is not None else g.get("call")
    return labels.call_zone(call) if call is not None else "UTC"
