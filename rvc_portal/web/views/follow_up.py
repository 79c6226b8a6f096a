"""What became of what a meeting agreed: anybody reads what is public, owners and the Secretariat say how far it is."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _

from rvc_portal.domain import following
from rvc_portal.domain.errors import InvalidInput, NotFound, Overtaken
from rvc_portal.domain.following import SETTLED, STATES, State
from rvc_portal.domain.vocabulary import Doc, Role
from rvc_portal.gateways import network
from rvc_portal.models.base import db
from rvc_portal.queries import documents
from rvc_portal.queries import follow_up as query
from rvc_portal.queries.follow_up import Followed
from rvc_portal.services import clause_links, clause_owners
from rvc_portal.services import follow_up as service
from rvc_portal.web import follow_up_page, labels, meeting_page
from rvc_portal.web.access import public, requires_role
from rvc_portal.web.dossier_page import document_item
from rvc_portal.web.forms import follow_up as forms
from rvc_portal.web.forms.base import PortalForm, problems
from rvc_portal.web.forms.lists import chosen_of
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, now

bp = Blueprint("follow_up", __name__, url_prefix="/meetings/<int:edition>/follow-up")

INDEX, CLAUSE = "follow_up/index.html", "follow_up/clause.html"
LATE, PENDING = "late", "pending"
"""What the list can be narrowed to besides a state."""

_owners_say = requires_role(Role.SECRETARIAT, Role.STEERING, Role.EVALUATOR)
"""Whoever may own a clause; the service asks whether they own this one."""


@bp.get("")
@public
def index(edition: int) -> Response:
    """Every clause with its owners, its day, its state and its notes; figures and a picture above."""
    meeting = meeting_page.of(edition)
    found = query.of_meeting(db.session(), meeting)
    asked, chosen, wrong = chosen_of(request.args, {"state": _states(), "owner": _owners(found)})
    shown = [f for f in found if _matches(f, chosen)]
    ids = [f.clause.id for f in shown]
    texts, notes = query.wordings(db.session(), ids), query.notes(db.session(), ids, inside=_inside())
    evidence = query.evidence(db.session(), g.actor, (n for several in notes.values() for n in several))
    launched = query.launched(db.session(), ids)
    return page(
        INDEX, status=422 if wrong else 200, meeting=meeting, title=follow_up_page.meeting_title(meeting),
        errors=wrong, asked=asked,
        tabs=meeting_page.tabs(meeting, "follow_up.index"),
        base=url_for(".index", edition=edition), figures=follow_up_page.figures(query.figures(found, follow_up_page.today())),
        rows=[
            follow_up_page.row(f, texts) | {
                "notes": [follow_up_page.note(n, evidence.get(n.id, ())) for n in notes.get(f.clause.id, ())],
                "launched": [follow_up_page.launched(it, inside=_inside()) for it in launched.get(f.clause.id, ())],
                "mine": _speaks_for(f),
            }
            for f in shown
        ],
        states=list(_states().items()), owners=list(_owners(found).items()), inside=_inside(),
        writes=_is_secretariat(), zone=network.timezone(), any=bool(found),
        documents=[document_item(s) for s in documents.of_network(db.session(), g.actor, Doc.FOLLOW_UP, meeting.id)],
    )  # fmt: skip


@bp.get("/<clause_name>")
@public
def clause(edition: int, clause_name: str) -> Response:
    """One clause: its words, how it came to stand where it stands, and the forms for who may say more."""
    return page(CLAUSE, **_clause(_followed(edition, clause_name)))


@bp.post("/<clause_name>/state")
@_owners_say
def set_state(edition: int, clause_name: str) -> Response:
    """Say where the clause stands."""
    found, form = _followed(edition, clause_name), forms.StateForm()
    form.offer()

    def act() -> None:
        service.set_state(
            db.session(), found.clause, State(form.state.data), seen=form.seen.data or 0, actor=actor(), now=now()
        )

    try:
        return _answer(found, form, act, _("The state of the clause is noted."))
    except Overtaken as error:
        form.state.errors = [*form.state.errors, *(labels.refusal(r, network.timezone()) for r in error.refusals)]
        return form_error(CLAUSE, status=409, **_clause(found, form))


@bp.post("/<clause_name>/notes")
@_owners_say
def write(edition: int, clause_name: str) -> Response:
    """Note what was done."""
    found, form = _followed(edition, clause_name), forms.NoteForm()
    form.offer()

    def act() -> None:
        service.write(
            db.session(), found.clause, form.text.data or "", language=form.language.data or "",
            public=form.audience.data == forms.PUBLIC, evidence=(form.evidence.data or "").splitlines(), actor=actor(),
            now=now(),
        )  # fmt: skip

    return _answer(found, form, act, _("The note is kept."))


@bp.post("/<clause_name>/notes/<uuid:note_id>/take-back")
@_owners_say
def take_back(edition: int, clause_name: str, note_id: UUID) -> Response:
    """Take back a note."""
    found, note = _followed(edition, clause_name), query.note(db.session(), note_id)
    if note is None:
        raise NotFound
    service.take_back(db.session(), found.clause, note, actor=actor(), now=now())
    return done(_url(found), message=_("The note is taken back: nobody reads it any more."))


@bp.post("/<clause_name>/owners")
@requires_role(Role.SECRETARIAT)
def set_owners(edition: int, clause_name: str) -> Response:
    """Say who sees to the clause, and by when."""
    found, form = _followed(edition, clause_name), forms.OwnersForm()
    form.offer(found.owners, follow_up_page.cities())

    def act() -> None:
        clause_owners.set_due(db.session(), found.clause, form.due_on.data, actor=actor(), now=now())
        clause_owners.set_owners(db.session(), found.clause, form.chosen(), actor=actor(), now=now())

    return _answer(found, form, act, _("Owners and day are noted."))


@bp.post("/<clause_name>/links")
@requires_role(Role.SECRETARIAT)
def link(edition: int, clause_name: str) -> Response:
    """Tie the clause to what it has launched."""
    found, form = _followed(edition, clause_name), forms.LinkForm()

    def act() -> None:
        kind, target = form.chosen()
        clause_links.link(db.session(), found.clause, kind, target, actor=actor(), now=now())

    return _answer(found, form, act, _("The clause is linked."))


@bp.post("/<clause_name>/links/remove")
@requires_role(Role.SECRETARIAT)
def unlink(edition: int, clause_name: str) -> Response:
    """The clause is not tied to `target` any more."""
    found, form = _followed(edition, clause_name), forms.LinkForm()
    kind, target = form.chosen()
    clause_links.unlink(db.session(), found.clause, kind, target, actor=actor(), now=now())
    return done(_url(found), message=_("The clause is not linked to it any more."))


@bp.post("/issue")
@requires_role(Role.SECRETARIAT)
def issue(edition: int) -> Response:
    """Issue the follow-up as a document, with which the next meeting opens."""
    service.issue(db.session(), meeting_page.of(edition), actor=actor(), now=now())
    message = _("The follow-up is issued in both languages, as it stands now.")
    return done(url_for(".index", edition=edition), message=message)


def _answer(found: Followed, form: PortalForm, act: Callable[[], None], message: str) -> Response:
    """Do what a form of the clause's page asks for, or show the page again with what is wrong."""
    if form.validate_on_submit():
        try:
            act()
        except InvalidInput as error:
            db.session.rollback()  # nothing of what was refused is shown as if it were so
            form.take(error)
        else:
            return done(_url(found), message=message)
    again = _followed(found.clause.meeting.edition, found.name)
    return form_error(CLAUSE, **_clause(again, form))


def _clause(found: Followed, sent: PortalForm | None = None) -> dict[str, Any]:
    """The page of a clause; `sent`: the form that is shown again, opened, with its errors."""
    meeting, ids = found.clause.meeting, [found.clause.id]
    texts, inside = query.wordings(db.session(), ids), _inside()
    notes = query.notes(db.session(), ids, inside=inside).get(found.clause.id, [])
    evidence = query.evidence(db.session(), g.actor, notes)
    launched = query.launched(db.session(), ids).get(found.clause.id, [])
    speaks = _speaks_for(found)
    return {
        "meeting": meeting, "title": follow_up_page.meeting_title(meeting),
        "row": follow_up_page.row(found, texts), "zone": network.timezone(),
        "texts": [(code, texts.get(found.clause.id, {}).get(code, "")) for code in _languages()],
        "notes": [
            follow_up_page.note(n, evidence.get(n.id, ())) | {"own": _may_take_back(n.written_by)} for n in notes
        ],
        "history": [
            {"at": h.set_at, "state": follow_up_page.state(State(h.state)), "by": follow_up_page.who(h), "person": h.account.name}
            for h in query.history(db.session(), found.clause.id)
        ],
        "launched": [follow_up_page.launched(it, inside=inside) for it in launched],
        "inside": inside, "writes": _is_secretariat(), "speaks": speaks, "sent": type(sent).__name__ if sent else None,
        "errors": problems(sent) if sent else [], **_forms(found, sent, speaks),
    }  # fmt: skip


def _forms(found: Followed, sent: PortalForm | None, speaks: bool) -> dict[str, Any]:
    """The forms for who may send them, each as it was sent or as things stand; None for who may not."""
    made: dict[str, Any] = dict.fromkeys(("state_form", "note_form", "owners_form", "link_form"))
    if speaks and found.counts:
        made["state_form"] = (
            sent if isinstance(sent, forms.StateForm) else forms.StateForm(formdata=None, state=found.state)
        )
        made["state_form"].offer()
        made["seen"] = found.number
    if speaks:
        made["note_form"] = sent if isinstance(sent, forms.NoteForm) else forms.NoteForm(formdata=None)
        made["note_form"].offer()
    if _is_secretariat():
        made["owners_form"] = sent if isinstance(sent, forms.OwnersForm) else _as_it_stands(found)
        made["owners_form"].offer(found.owners, follow_up_page.cities())
        made["link_form"] = sent if isinstance(sent, forms.LinkForm) else forms.LinkForm(formdata=None)
        made["targets"] = follow_up_page.targets(found.clause.meeting)
    return made


def _as_it_stands(found: Followed) -> forms.OwnersForm:
    own = () if found.inherited else found.owners
    values = [str(o.member_id) if o.member_id else str(o.kind) for o in own]
    return forms.OwnersForm(formdata=None, owners=values, due_on=found.clause.due_on)


def _states() -> dict[str, str]:
    return {
        **{str(key): _(label) for key, label in STATES.items()}, PENDING: _("Still expected"), LATE: _("Late"),
    }  # fmt: skip


def _owners(found: list[Followed]) -> dict[str, str]:
    """Every owner that a clause has, by kind or by the city's id."""
    every = {str(o.member_id or o.kind): follow_up_page.owner(o) for f in found for o in f.owners}
    nobody = {follow_up_page.NOBODY: _("Nobody yet")} if any(not f.owners for f in found) else {}
    return dict(sorted(every.items(), key=lambda item: item[1])) | nobody


def _matches(found: Followed, chosen: Mapping[str, Any]) -> bool:
    """Whether the filters leave the clause; once one is set, clauses stand for themselves, without those above them."""
    if not chosen:
        return True
    state, owner = request.args.get("state"), request.args.get("owner")
    late = following.is_late(found.state, found.due_on, follow_up_page.today())
    of_state = {LATE: late, PENDING: found.state not in SETTLED, "": True}.get(state or "", found.state == state)
    owners = {str(o.member_id or o.kind) for o in found.owners} or {follow_up_page.NOBODY}
    return found.counts and of_state and (not owner or owner in owners)


def _followed(edition: int, name: str) -> Followed:
    found = query.named(db.session(), meeting_page.of(edition), name)
    if found is None:
        raise NotFound
    return found


def _standing() -> following.Standing:
    if "standing" not in g:
        g.standing = query.standing(db.session(), g.actor)
    standing: following.Standing = g.standing
    return standing


def _inside() -> bool:
    return query.reads_inside(_standing(), g.actor)


def _speaks_for(found: Followed) -> bool:
    return following.speaks_as(_standing(), found.owners) is not None


def _is_secretariat() -> bool:
    return _standing().secretariat


def _may_take_back(written_by: UUID) -> bool:
    return _is_secretariat() or (g.actor is not None and g.actor.account_id == written_by)


def _languages() -> list[str]:
    return sorted(labels.LANGUAGE_NAMES, key=lambda code: code != labels.reader_language())


def _url(found: Followed) -> str:
    return url_for(".clause", edition=found.clause.meeting.edition, clause_name=found.name)
