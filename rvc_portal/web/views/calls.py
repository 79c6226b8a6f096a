"""The calls as anybody may read them: dates, form, pieces, how files are judged, and after publication the result."""

from typing import Any

from flask import Blueprint, Response, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from rvc_portal.domain import eligibility
from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.definition import Wording
from rvc_portal.domain.errors import NotFound
from rvc_portal.domain.vocabulary import Doc, Role
from rvc_portal.domain.windows import LABELS
from rvc_portal.models.base import db
from rvc_portal.models.call import Call
from rvc_portal.queries import calls as query
from rvc_portal.queries import designations, documents, home
from rvc_portal.web import labels, places_page
from rvc_portal.web.access import public
from rvc_portal.web.dossier_page import document_item
from rvc_portal.web.eligibility import answers_in, field_name, page_url
from rvc_portal.web.htmx import page
from rvc_portal.web.session import now

bp = Blueprint("calls", __name__, url_prefix="/calls")


@bp.get("")
@public
def index() -> Response:
    """All calls that have been opened."""
    tests = [call for call in query.announced(db.session, g.actor) if call.test]
    return page("calls/index.html", calls=home.calls(db.session, now()), tests=tests)


@bp.get("/<key>")
@public
def show(key: str) -> Response:
    """One call."""
    call = _call(key)
    told = query.definition(call)
    return page(
        "calls/show.html", call=call, told=told, windows=_windows(told), links=list(_links(call)),
        is_open=query.is_open(call, now()), designated=designations.designated(db.session, call), **_documents(call),
        text=_text, contents=_contents(call, told), **places_page.of_call(call),
    )  # fmt: skip


@bp.get("/<key>/eligibility")
@public
def eligible(key: str) -> Response | AnyResponse:
    """What the call asks first. The answers travel in the address: nothing is kept before there is a file."""
    call = _call(key)
    told = query.definition(call)
    answers = answers_in(told, request.args)
    if eligibility.is_eligible(told.eligibility, answers):
        return redirect(page_url("submission.apply", call, answers), 303)
    wanting = eligibility.wanting(told.eligibility, answers) if request.args else []
    against = eligibility.against(told.eligibility, answers)
    return page(
        "calls/eligibility.html", call=call, told=told, text=_text, is_open=query.is_open(call, now()), name=field_name,
        answers=answers, against=against, errors=[(field_name(asked.key), _("Answer yes or no.")) for asked in wanting],
        status=422 if wanting or against else 200,
    )  # fmt: skip


@bp.get("/<key>/places")
@public
def places(key: str) -> Response:
    """Who holds the places of one country, for a form in which it is being chosen."""
    call = _call(key)
    country, field = request.args.get("country", ""), request.args.get("field", "")
    return page("calls/places.html", "places_here", call=call, **places_page.of_country(call, country, field))


@bp.get("/<key>/documents")
@public
def document_list(key: str) -> Response:
    """The call's own documents."""
    call = _call(key)
    return page("calls/documents.html", "document_list", call=call, **_documents(call))


def _call(key: str) -> Call:
    call = query.known(db.session, g.actor, key)
    if call is None:
        raise NotFound
    g.test_call = call.test
    return call


def _documents(call: Call) -> dict[str, Any]:
    found = documents.of_call(db.session, call)
    if g.actor:
        found += documents.of_whole_call(db.session(), g.actor, call, Doc.CALL_REPORT)
    return {"documents": [document_item(shown) for shown in found]}


def _windows(told: CallDefinition) -> list[dict[str, Any]]:
    """The call's calendar, in the order of its steps."""
    return [
        {"label": _text(label), "opens_at": told.windows[key].opens_at, "closes_at": told.windows[key].closes_at,
         "current": told.windows[key].contains(now())}
        for key, label in LABELS.items()
        if key in told.windows
    ]  # fmt: skip


def _contents(call: Call, told: CallDefinition) -> list[dict[str, Any]]:
    """What stands on the page, in its order; the sections of the form by their numbers."""
    parts = [
        ("who", _("Who may apply")),
        ("take-along", _("To take along")),
        ("dates", _("Dates")),
        ("form", _("The form")),
    ]
    if call.published_at:
        parts.insert(0, ("designated", _("Designated cities")))
    sections = [(f"section-{s.key}", _text(s.title or s.questions[0].label)) for s in told.form.sections]
    after = [("pieces", _("Pieces")), ("rubric", _("How the files are judged"))]
    numbers = {f"section-{s.key}": s.number for s in told.form.sections}
    return [
        {"label": label, "url": f"#{place}", "current": False, "done": None, "number": numbers.get(place, "–")}
        for place, label in (*parts, *sections, *after)
    ]


def _links(call: Call) -> Any:
    """The pages from which the call is run, for those who run it."""
    person = g.actor
    if person is None:
        return
    base = url_for(".show", key=call.key)
    if person.has(Role.SECRETARIAT) or person.has(Role.DIRECTION):
        yield _("Files of the call"), url_for("board.index", call=call.key)
    if person.has(Role.SECRETARIAT):
        yield _("Evaluators of all files"), f"{base}/assignments"
        yield _("Evaluations awaited"), url_for("progress.index", key=call.key)
        if query.definition(call).reply:
            yield _("Answers of the cities"), url_for("replies.index", key=call.key)
    if person.has(Role.SECRETARIAT) or person.has(Role.DIRECTION) or person.has(Role.STEERING):
        yield _("Results of the evaluation"), f"{base}/results"
    if person.has(Role.SECRETARIAT) or person.has(Role.STEERING):
        yield _("Sittings of the Steering Group"), f"{base}/steering"
    if person.has(Role.SECRETARIAT) or person.has(Role.DIRECTION):
        yield _("Decisions and publication"), f"{base}/decisions"
    if person.has(Role.SECRETARIAT) and call.test:
        yield _("Throw this test away"), f"{base}/discard"
    elif person.has(Role.SECRETARIAT):
        yield _("Try this call"), f"{base}/try"


def _text(wording: Wording) -> str:
    """A text of the call in the reader's language."""
    return labels.wording({"en": wording.en, "fr": wording.fr})
