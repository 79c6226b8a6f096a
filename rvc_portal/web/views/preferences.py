"""An evaluator says which files of a call to judge gladly, before anybody is asked for them."""

from collections.abc import Sequence
from math import ceil
from typing import Any

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from rvc_portal.domain.errors import InvalidInput, NotFound
from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.base import db
from rvc_portal.models.call import Call
from rvc_portal.queries import preferences as query
from rvc_portal.queries.preferences import ROWS, Choice
from rvc_portal.services import preferences
from rvc_portal.web import labels
from rvc_portal.web.access import requires_role_on_call
from rvc_portal.web.dossier_page import field_label
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, now

bp = Blueprint("preferences", __name__, url_prefix="/calls/<key>/preferences")

PAGE = "evaluators/preferences.html"


@bp.get("")
@requires_role_on_call(Role.EVALUATOR)
def show() -> Response:
    """The files that the person may be asked for: city, country and field, no more before the declaration."""
    return page(PAGE, **_page(_asking()))


@bp.post("")
@requires_role_on_call(Role.EVALUATOR)
def state() -> Response:
    """Keep the answers of the page that was sent."""
    call = _asking()
    every = query.choices(db.session(), actor(), call, now())
    sent = {c.pair: _liking(request.form[_name(c)]) for c in every if _name(c) in request.form}
    try:
        changed = preferences.state(db.session(), call, sent, actor=actor(), now=now())
    except InvalidInput as error:
        return form_error(PAGE, **_page(call, [labels.refusal(r) for r in error.problems["likings"]]))
    said = ngettext("%(num)s answer was changed.", "%(num)s answers were changed.", changed)
    return done(
        url_for(".show", key=call.key, page=request.args.get("page")),
        message=_("Your answers are kept. %(changed)s", changed=said),
    )


def _asking() -> Call:
    """The call, if it is one that asks. Raises NotFound."""
    call: Call = g.call
    if not query.asks(call):
        raise NotFound
    return call


def _page(call: Call, wrong: Sequence[str] = ()) -> dict[str, Any]:
    every = query.choices(db.session(), actor(), call, now())
    pages = max(1, ceil(len(every) / ROWS))
    number = min(max(1, request.args.get("page", 1, type=int)), pages)
    return {
        "call": call, "call_title": labels.call_title(call), "errors": [("choices", sentence) for sentence in wrong],
        "rows": [_row(call, c) for c in every[(number - 1) * ROWS : number * ROWS]], "total": len(every),
        "number": number, "pages": pages, "several": len(actor().evaluating_seats) > 1,
    }  # fmt: skip


def _row(call: Call, choice: Choice) -> dict[str, Any]:
    dossier = choice.dossier
    return {
        "name": _name(choice), "city": dossier.lead_city, "country": labels.country(dossier.lead_country),
        "field": dossier.field, "field_label": field_label(call, dossier.field), "seat": choice.seat.name,
        "liking": choice.liking,
    }  # fmt: skip


def _name(choice: Choice) -> str:
    return f"liking-{choice.dossier.id.hex}-{choice.seat.id.hex}"


def _liking(text: str) -> int:
    return {"-1": -1, "0": 0, "1": 1}.get(text, 2)
