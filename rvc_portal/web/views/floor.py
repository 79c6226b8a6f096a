"""The floor of a meeting: what is at hand, who is there, votes by name. The Secretariat runs the screen for who has the chair.

Every screen asks `live` every two seconds for what has changed; the answer is 304 while nothing has.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from rvc_portal.domain.deliberation import Choice
from rvc_portal.domain.errors import Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Role
from rvc_portal.gateways import network
from rvc_portal.models.base import db
from rvc_portal.models.meeting import Meeting
from rvc_portal.queries import conclusions
from rvc_portal.queries import floor as query
from rvc_portal.services import amending
from rvc_portal.services import floor as acts
from rvc_portal.web import amendments_page, floor_page, labels, meeting_page
from rvc_portal.web.access import requires_role
from rvc_portal.web.htmx import done, page
from rvc_portal.web.session import actor, now

bp = Blueprint("floor", __name__, url_prefix="/meetings/<int:edition>/floor")

SHOW, LIVE = "floor/show.html", "floor/live.html"
FOLLOWS = (Role.EVALUATOR, Role.STEERING, Role.SECRETARIAT)
"""Who may follow: of the evaluators those who act for a member city (amendments_page.meeting_of)."""


@bp.get("")
@requires_role(*FOLLOWS)
def show(edition: int) -> Response:
    """The floor as this person may see it."""
    return _page(floor_page.live(amendments_page.meeting_of(edition)))


@bp.get("/live")
@requires_role(*FOLLOWS)
def live(edition: int) -> Response:
    """What changes on it; 304 while nothing has."""
    found = query.standing(db.session(), edition) if conclusions.takes_part(actor()) else None
    tag = query.pulse(found, actor(), labels.reader_language()) if found else ""
    if tag and tag in request.if_none_match:
        response = make_response("", 304)
    else:
        meeting = amendments_page.meeting_of(edition)
        response = make_response(render_template(LIVE, **floor_page.live(meeting)))
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.post("/begin")
@requires_role(Role.SECRETARIAT)
def begin(edition: int) -> Response:
    """Open the floor."""
    return _deed(edition, lambda meeting: acts.begin(db.session(), meeting, actor=actor(), now=now()))


@bp.post("/end")
@requires_role(Role.SECRETARIAT)
def end(edition: int) -> Response:
    """Close it."""
    return _deed(edition, lambda meeting: acts.end(db.session(), meeting, actor=actor(), now=now()))


@bp.post("/presence")
@requires_role(Role.EVALUATOR)
def presence(edition: int) -> Response:
    """One's city is there, or (`leave`) goes."""
    go = acts.leave if request.form.get("leave") else acts.arrive
    return _deed(edition, lambda meeting: go(db.session(), meeting, member_id=_id("member"), actor=actor(), now=now()))


@bp.post("/clause")
@requires_role(Role.SECRETARIAT)
def clause(edition: int) -> Response:
    """Go to a clause; none: put down what is at hand."""
    return _deed(edition, lambda meeting: acts.take_clause(db.session(), meeting, _id("clause"), actor=actor()))


@bp.post("/amendment")
@requires_role(Role.SECRETARIAT)
def amendment(edition: int) -> Response:
    """Go to an amendment of it."""
    return _deed(edition, lambda meeting: acts.take_amendment(db.session(), meeting, _id("amendment"), actor=actor()))


@bp.post("/decision")
@requires_role(Role.SECRETARIAT)
def decide(edition: int) -> Response:
    """Adopt or reject the amendment at hand by consensus."""
    outcome = request.form.get("outcome")
    if outcome not in ("adopted", "rejected"):
        return _again(edition, [Refusal(N_("Choose whether the amendment is adopted or rejected."))], 422)
    adopted = outcome == "adopted"
    return _deed(
        edition,
        lambda meeting: acts.decide(
            db.session(), meeting, _id("amendment"), adopted=adopted, actor=actor(), now=now()
        ),
        _("The amendment is adopted.") if adopted else _("The amendment is rejected."),
    )  # fmt: skip


@bp.post("/adoption")
@requires_role(Role.SECRETARIAT)
def adopt(edition: int) -> Response:
    """Adopt the clause at hand by consensus."""
    return _deed(
        edition, lambda meeting: acts.adopt(db.session(), meeting, _id("clause"), actor=actor(), now=now()),
        _("The clause is adopted."),
    )  # fmt: skip


@bp.post("/withdrawal")
@requires_role(Role.EVALUATOR)
def withdraw(edition: int) -> Response:
    """The city takes its amendment back."""
    return _deed(
        edition, lambda meeting: amending.withdraw(db.session(), meeting, _id("amendment"), actor=actor(), now=now()),
        _("The amendment is withdrawn."),
    )  # fmt: skip


@bp.post("/vote")
@requires_role(Role.SECRETARIAT)
def open_vote(edition: int) -> Response:
    """Let the cities present vote on what is at hand."""
    return _deed(edition, lambda meeting: acts.put_to_vote(db.session(), meeting, actor=actor(), now=now()))


@bp.post("/vote/close")
@requires_role(Role.SECRETARIAT)
def close_vote(edition: int) -> Response:
    """Close and count it, or (`off`) call it off."""
    close = acts.call_off_vote if request.form.get("off") else acts.close_vote
    return _deed(edition, lambda meeting: close(db.session(), meeting, actor=actor(), now=now()))


@bp.post("/ballot")
@requires_role(Role.EVALUATOR)
def cast(edition: int) -> Response:
    """Vote for one's city."""
    choice = request.form.get("choice", type=Choice)
    if choice is None:
        return _again(edition, [Refusal(N_("Choose how you vote."))], 422)
    return _deed(
        edition,
        lambda meeting: acts.cast(
            db.session(), meeting, choice, member_id=_id("member"), actor=actor(), now=now()
        ),
        _("Your vote is recorded."),
    )  # fmt: skip


def _deed(edition: int, act: Callable[[Meeting], object], message: str | None = None) -> Response:
    """Do it and go back to the floor; what is refused is told above the page."""
    try:
        act(amendments_page.meeting_of(edition))
    except Refused as error:
        return _again(edition, list(error.refusals), 409)
    return done(url_for(".show", edition=edition), message=message)


def _again(edition: int, refusals: list[Refusal], status: int) -> Response:
    db.session.rollback()  # nothing of what was refused is shown as if it were so
    told = [labels.refusal(refusal, network.timezone()) for refusal in refusals]
    shown: dict[str, Any] = floor_page.live(amendments_page.meeting_of(edition))
    return _page(shown, told, status=status)


def _id(name: str) -> UUID | None:
    return request.form.get(name, type=UUID)


def _page(shown: dict[str, Any], refusals: Sequence[str] = (), status: int = 200) -> Response:
    """The whole page, with the ways to the others of the meeting; what is asked for every other second has none."""
    return page(SHOW, status=status, **shown, refusals=refusals, tabs=meeting_page.tabs(shown["meeting"], "floor.show"))
