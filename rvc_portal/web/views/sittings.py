"""One sitting of the Steering Group: its agenda, the room, the item at hand with its votes, and the record.

Every screen asks `live` twice a second for what has changed; the answer is 304 while nothing has that this person may see.
To who is recused from the item at hand the page is one sentence, and nothing that happens meanwhile changes it.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, g, make_response, render_template, request, url_for
from flask_babel import gettext as _

from rvc_portal.domain.deliberation import Choice, MotionKind, Tally
from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Role
from rvc_portal.models.base import db
from rvc_portal.models.steering import AgendaItem, SteeringSession
from rvc_portal.queries import calls
from rvc_portal.queries import deliberation as query
from rvc_portal.queries import steering as sittings
from rvc_portal.services import deliberation, record, voting
from rvc_portal.services import papers as sitting_papers
from rvc_portal.web import labels, sitting_page
from rvc_portal.web.access import requires_role_on_call
from rvc_portal.web.forms.base import problems
from rvc_portal.web.forms.steering import PlanForm
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, now

bp = Blueprint("sittings", __name__, url_prefix="/calls/<key>/steering")

PLAN, SHOW, LIVE, PAPERS = (f"steering/{name}.html" for name in ("plan", "session", "live", "papers"))
ROOM, ROOM_LIVE = "steering/room.html", "steering/room_live.html"
PARTS_OF_ITEM = ("quorum", "evidence", "surroundings")
SITTING, ITEM = "/sittings/<uuid:sitting_id>", "/sittings/<uuid:sitting_id>/items/<uuid:item_id>"
LOOKS = (Role.STEERING, Role.SECRETARIAT)


@bp.get("/plan")
@requires_role_on_call(*LOOKS)
def plan() -> Response:
    """The form that calls a sitting."""
    return page(PLAN, **_plan(PlanForm()))


@bp.post("/plan")
@requires_role_on_call(*LOOKS)
def call() -> Response:
    """Call it."""
    form = PlanForm()
    form.zone = calls.definition(g.call).timezone
    if form.validate_on_submit():
        try:
            made = deliberation.plan(
                db.session(), g.call, title=form.title.data or "", starts_at=form.instant, place=form.place.data or "",
                link=form.link.data or "", actor=actor(), now=now(),
            )  # fmt: skip
        except InvalidInput as error:
            form.take(error)
        else:
            return done(
                _url(made.id),
                message=_("The sitting is called, and the group is told by mail; its agenda stands below."),
            )
    return form_error(PLAN, **_plan(form))


@bp.get(SITTING + "/plan")
@requires_role_on_call(*LOOKS)
def change_plan(sitting_id: UUID) -> Response:
    """The same form for a sitting that is called already."""
    sitting, form = _sitting(sitting_id), PlanForm()
    if sitting.closed_at or sitting.opened_at or sitting.starts_at is None:
        return done(_url(sitting.id))
    zone = calls.definition(g.call).timezone
    form.process(data={
        "title": sitting.title, "place": sitting.place, "link": sitting.link,
        "starts": f"{sitting.starts_at.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}",
    })  # fmt: skip
    return page(PLAN, **_plan(form, sitting))


@bp.post(SITTING + "/plan")
@requires_role_on_call(*LOOKS)
def change(sitting_id: UUID) -> Response:
    """Let it be at another time or place."""
    sitting, form = _sitting(sitting_id), PlanForm()
    form.zone = calls.definition(g.call).timezone
    if form.validate_on_submit():
        try:
            deliberation.change(
                db.session(), sitting, title=form.title.data or "", starts_at=form.instant,
                place=form.place.data or "", link=form.link.data or "", actor=actor(), now=now(),
            )  # fmt: skip
        except InvalidInput as error:
            form.take(error)
        else:
            return done(_url(sitting_id), message=_("The change is saved, and who is called is told by mail."))
    return form_error(PLAN, **_plan(form, sitting))


@bp.post(SITTING + "/cancellation")
@requires_role_on_call(*LOOKS)
def cancel(sitting_id: UUID) -> Response:
    """It does not take place."""
    sitting, reason = _sitting(sitting_id), request.form.get("reason", "")
    return _deed(
        sitting, lambda: deliberation.cancel(db.session(), sitting, reason=reason, actor=actor(), now=now()),
        _("The sitting is cancelled, and who was called is told by mail."), cancel=reason,
    )  # fmt: skip


@bp.get(SITTING)
@requires_role_on_call(*LOOKS)
def show(sitting_id: UUID) -> Response:
    """The sitting as this person may see it; `view=room`: for the wall of the room, in large type and without a form."""
    for part in PARTS_OF_ITEM:  # compiled now: at the first item every screen asks at once, and all would wait for it
        current_app.jinja_env.get_template(f"steering/{part}.html")
    return page(ROOM if sitting_page.for_room() else SHOW, **_page(_sitting(sitting_id)))


@bp.get(SITTING + "/live")
@requires_role_on_call(*LOOKS)
def live(sitting_id: UUID) -> Response:
    """What changes on the page of a sitting; 304 while nothing has."""
    sitting = _sitting(sitting_id)
    tag = sitting_page.pulse(sitting)
    if tag in request.if_none_match:
        response = make_response("", 304)
    else:
        response = make_response(
            render_template(ROOM_LIVE if sitting_page.for_room() else LIVE, **sitting_page.live(sitting))
        )
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.post(SITTING + "/agenda")
@requires_role_on_call(*LOOKS)
def agenda(sitting_id: UUID) -> Response:
    """Move one item (`item`, `by`), put new files at the end (`new`), or order all anew by the rule."""
    sitting = _sitting(sitting_id)
    if request.form.get("new"):
        return _deed(sitting, lambda: deliberation.complete(db.session(), sitting, actor=actor(), now=now()))
    chosen = request.form.get("item", type=UUID)
    if chosen is None:
        return _deed(sitting, lambda: deliberation.arrange(db.session(), sitting, actor=actor(), now=now()))
    by = request.form.get("by", 0, type=int)
    moved = next((i for i in query.items(db.session(), sitting) if i.id == chosen), None)
    if moved is None:
        raise NotFound
    return _deed(sitting, lambda: deliberation.move(db.session(), sitting, moved, by=by, actor=actor(), now=now()))


@bp.get(SITTING + "/papers")
@requires_role_on_call(*LOOKS)
def papers(sitting_id: UUID) -> Response:
    """The papers, asked again while they are being made; a browser gets a page of them."""
    sitting = _sitting(sitting_id)
    return page(PAPERS, "document_list", call=g.call, sitting=sitting, **sitting_page.documents_of(sitting))


@bp.post(SITTING + "/papers")
@requires_role_on_call(*LOOKS)
def issue_papers(sitting_id: UUID) -> Response:
    """Issue what is missing of them."""
    sitting = _sitting(sitting_id)
    return _deed(
        sitting, lambda: sitting_papers.issue(db.session(), sitting, actor=actor(), now=now()),
        _("The papers are issued; they are being prepared."),
    )  # fmt: skip


@bp.post(SITTING + "/begin")
@requires_role_on_call(*LOOKS)
def begin(sitting_id: UUID) -> Response:
    """Open a planned sitting."""
    sitting = _sitting(sitting_id)
    return _deed(sitting, lambda: deliberation.begin(db.session(), sitting, actor=actor(), now=now()))


@bp.post(SITTING + "/room")
@requires_role_on_call(Role.STEERING)
def room(sitting_id: UUID) -> Response:
    """Go out, or (`back`) come in again."""
    sitting = _sitting(sitting_id)
    go = deliberation.come_back if request.form.get("back") else deliberation.step_out
    return _deed(sitting, lambda: go(db.session(), sitting, _seat(), actor=actor(), now=now()))


@bp.post(SITTING + "/chair")
@requires_role_on_call(*LOOKS)
def chair(sitting_id: UUID) -> Response:
    """Take the chair, give it to the seat `to`, or (`vacate`) leave it."""
    sitting, session = _sitting(sitting_id), db.session()
    to = request.form.get("to", type=UUID)
    if request.form.get("vacate"):
        return _deed(sitting, lambda: deliberation.release_chair(session, sitting, actor=actor(), now=now()))
    if to is not None:
        return _deed(sitting, lambda: deliberation.hand_over(session, sitting, to, actor=actor(), now=now()))
    return _deed(sitting, lambda: deliberation.take_chair(session, sitting, _seat(), actor=actor(), now=now()))


@bp.post(SITTING + "/pause")
@requires_role_on_call(Role.STEERING)
def pause(sitting_id: UUID) -> Response:
    """Leave the item at hand."""
    sitting = _sitting(sitting_id)
    return _deed(sitting, lambda: deliberation.put_down(db.session(), sitting, actor=actor(), now=now()))


@bp.post(ITEM + "/take-up")
@requires_role_on_call(Role.STEERING)
def take_up(sitting_id: UUID, item_id: UUID) -> Response:
    """Go on to this item."""
    sitting, item = _item(sitting_id, item_id)
    return _deed(sitting, lambda: deliberation.take_up(db.session(), sitting, item, actor=actor(), now=now()))


@bp.post(ITEM + "/texts")
@requires_role_on_call(*LOOKS)
def texts(sitting_id: UUID, item_id: UUID) -> Response:
    """Keep the reason as worded, or (`draft`) begin it from the evaluators' reasons."""
    (sitting, item), session = _item(sitting_id, item_id), db.session()
    typed, seen = _texts(), request.form.get("seen", -1, type=int)
    if request.form.get("draft"):
        return _deed(
            sitting,
            lambda: deliberation.draft_reason(session, sitting, item, typed, seen=seen, actor=actor(), now=now()),
            texts=typed,
        )  # fmt: skip
    return _deed(
        sitting,
        lambda: deliberation.save_texts(session, sitting, item, typed, seen=seen, actor=actor(), now=now()),
        _("The text is saved."), texts=typed,
    )  # fmt: skip


@bp.post(ITEM + "/interest")
@requires_role_on_call(Role.STEERING)
def interest(sitting_id: UUID, item_id: UUID) -> Response:
    """Declare an interest; the item closes at once."""
    sitting, item = _item(sitting_id, item_id)
    reason = request.form.get("reason", "")
    return _deed(
        sitting,
        lambda: deliberation.declare_interest(
            db.session(), sitting, item, _seat(), reason=reason, actor=actor(), now=now()
        ),
        _("Your declaration is on record; the item is closed to you."), interest=reason,
    )  # fmt: skip


@bp.post(ITEM + "/motion")
@requires_role_on_call(Role.STEERING)
def motion(sitting_id: UUID, item_id: UUID) -> Response:
    """Put a motion to the vote."""
    sitting, item = _item(sitting_id, item_id)
    kind = request.form.get("kind", type=MotionKind)
    conditions = {language: request.form.get(f"conditions_{language}", "") for language in ("en", "fr")}
    if kind is None:
        return _again(sitting, [Refusal(N_("Choose a motion."))], 422, conditions=conditions)
    by_name = request.form.get("how") != "show"
    return _deed(
        sitting,
        lambda: voting.put_motion(
            db.session(), sitting, item, kind=kind, by_name=by_name, conditions=conditions, actor=actor(), now=now()
        ),
        conditions=conditions, kind=kind,
    )  # fmt: skip


@bp.post(ITEM + "/vote")
@requires_role_on_call(Role.STEERING)
def vote(sitting_id: UUID, item_id: UUID) -> Response:
    """Vote by name."""
    sitting, item = _item(sitting_id, item_id)
    choice = request.form.get("choice", type=Choice)
    if choice is None:
        return _again(sitting, [Refusal(N_("Choose how you vote."))], 422)
    return _deed(
        sitting, lambda: voting.cast(db.session(), sitting, item, _seat(), choice, actor=actor(), now=now()),
        _("Your vote is recorded."),
    )  # fmt: skip


@bp.post(ITEM + "/close-vote")
@requires_role_on_call(Role.STEERING)
def close_vote(sitting_id: UUID, item_id: UUID) -> Response:
    """Close the vote; hands as counted by the chair."""
    sitting, item = _item(sitting_id, item_id)
    counted = Tally(*(request.form.get(name, 0, type=int) for name in Choice))
    return _deed(
        sitting,
        lambda: voting.close_vote(db.session(), sitting, item, counted=counted, actor=actor(), now=now()),
    )


@bp.post(ITEM + "/dissent")
@requires_role_on_call(Role.STEERING)
def dissent(sitting_id: UUID, item_id: UUID) -> Response:
    """Put a dissent on record."""
    sitting, item = _item(sitting_id, item_id)
    text = request.form.get("text", "")
    return _deed(
        sitting,
        lambda: deliberation.dissent(
            db.session(), sitting, item, _seat(), text=text, language=request.form.get("language", ""),
            actor=actor(), now=now(),
        ),
        _("Your dissent is on record.") if text.strip() else _("No dissent of yours is on record."), dissent=text,
    )  # fmt: skip


@bp.post(ITEM + "/conclude")
@requires_role_on_call(Role.STEERING)
def conclude(sitting_id: UUID, item_id: UUID) -> Response:
    """Record the opinion that the carried motion gives."""
    sitting, item = _item(sitting_id, item_id)
    return _deed(
        sitting, lambda: voting.conclude(db.session(), sitting, item, actor=actor(), now=now()),
        _("The opinion is on record."),
    )  # fmt: skip


@bp.post(SITTING + "/record/text")
@requires_role_on_call(*LOOKS)
def record_text(sitting_id: UUID) -> Response:
    """Keep what is written of the sitting as a whole."""
    sitting, typed = _sitting(sitting_id), _texts()
    seen = request.form.get("seen", -1, type=int)
    return _deed(
        sitting, lambda: record.save_text(db.session(), sitting, typed, seen=seen, actor=actor()),
        _("The text is saved."), record=typed,
    )  # fmt: skip


@bp.post(SITTING + "/record/correction")
@requires_role_on_call(Role.STEERING)
def correction(sitting_id: UUID) -> Response:
    """Ask for a correction, on the whole or on one `item`."""
    sitting, text = _sitting(sitting_id), request.form.get("text", "")
    item_id = request.form.get("item", type=UUID)
    item = _item(sitting_id, item_id)[1] if item_id else None
    return _deed(
        sitting,
        lambda: record.correct(
            db.session(), sitting, item, text=text, language=request.form.get("language", ""), actor=actor(), now=now()
        ),
        _("Your correction stands in the record."), correction=text,
    )  # fmt: skip


@bp.get(SITTING + "/draft")
@requires_role_on_call(*LOOKS)
def draft(sitting_id: UUID) -> Response:
    """What the record will say, to be read between the end of the sitting and the sealing; the sitting itself otherwise."""
    sitting = _sitting(sitting_id)
    if sitting.closed_at is None or sitting.sealed_at is not None or sitting.cancelled:
        return done(_url(sitting.id))
    return page("steering/draft.html", **sitting_page.draft(sitting))


@bp.post(SITTING + "/record/approval")
@requires_role_on_call(Role.STEERING)
def approval(sitting_id: UUID) -> Response:
    """Approve the record."""
    sitting = _sitting(sitting_id)
    return _deed(sitting, lambda: record.approve(db.session(), sitting, actor=actor(), now=now()))


@bp.post(SITTING + "/record/seal")
@requires_role_on_call(*LOOKS)
def seal(sitting_id: UUID) -> Response:
    """Seal it."""
    sitting = _sitting(sitting_id)
    return _deed(sitting, lambda: record.seal(db.session(), sitting, actor=actor(), now=now()))


def _deed(sitting: SteeringSession, act: Callable[[], object], message: str | None = None, **typed: Any) -> Response:
    """Do it and go back to the sitting; what is refused is told above the page, which keeps what was `typed`."""
    try:
        act()
    except InvalidInput as error:
        return _again(sitting, [r for found in error.problems.values() for r in found], 422, **typed)
    except Refused as error:
        return _again(sitting, list(error.refusals), 409, **typed)
    return done(_url(sitting.id), message=message)


def _again(sitting: SteeringSession, refusals: list[Refusal], status: int, **typed: Any) -> Response:
    sitting_id = sitting.id
    db.session.rollback()  # nothing of what was refused is shown as if it were so
    shown = _page(_sitting(sitting_id), typed=typed)
    return page(SHOW, status=status, **shown | {"refusals": [labels.refusal(r, shown["zone"]) for r in refusals]})


def _page(sitting: SteeringSession, typed: dict[str, Any] | None = None) -> dict[str, Any]:
    return sitting_page.live(sitting) | {"refusals": [], "typed": typed or {}}


def _plan(form: PlanForm, sitting: SteeringSession | None = None) -> dict[str, Any]:
    return {
        "call": g.call, "sitting": sitting, "call_title": labels.call_title(g.call), "zone": calls.definition(g.call).timezone,
        "form": form, "errors": problems(form),
    }  # fmt: skip


def _texts() -> dict[str, str]:
    return {language: request.form.get(f"text_{language}", "") for language in ("en", "fr")}


def _seat() -> UUID:
    """The seat that the form names, or the person's only one. Raises NotFound for a person of several who names none."""
    mine = actor().steering_seats
    named = request.form.get("seat", type=UUID)
    found = named or (mine[0].id if len(mine) == 1 else None)
    if found is None:
        raise NotFound
    return found


def _sitting(sitting_id: UUID) -> SteeringSession:
    found = sittings.sitting(db.session(), g.call, sitting_id)
    if found is None:
        raise NotFound
    return found


def _item(sitting_id: UUID, item_id: UUID) -> tuple[SteeringSession, AgendaItem]:
    sitting = _sitting(sitting_id)
    found = query.item(db.session(), actor(), sitting, item_id)
    if found is None:
        raise NotFound
    return sitting, found


def _url(sitting_id: UUID) -> str:
    return url_for(".show", key=g.call.key, sitting_id=sitting_id)
