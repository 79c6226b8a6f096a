"""Amendments to a meeting's text, clause by clause: proposed and seconded by member cities, read by all who follow it."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal, Refused
from rvc_portal.domain.vocabulary import Role
from rvc_portal.gateways import network
from rvc_portal.language import LANGUAGES
from rvc_portal.models.base import db
from rvc_portal.models.clause import Clause
from rvc_portal.models.meeting import Meeting
from rvc_portal.queries import conclusions, members
from rvc_portal.queries import floor as query
from rvc_portal.services import amending
from rvc_portal.web import amendments_page, labels, meeting_page
from rvc_portal.web.access import requires_role
from rvc_portal.web.forms.amendments import AmendmentForm
from rvc_portal.web.forms.base import Option, problems
from rvc_portal.web.htmx import done, page
from rvc_portal.web.session import actor, now

bp = Blueprint("amendments", __name__, url_prefix="/meetings/<int:edition>/amendments")

SHOW, NEW = "amendments/show.html", "amendments/new.html"
READERS = (Role.EVALUATOR, Role.STEERING, Role.SECRETARIAT)
"""Who may follow: of the evaluators those who act for a member city (amendments_page.meeting_of)."""


@bp.get("")
@requires_role(*READERS)
def show(edition: int) -> Response:
    """The text with every amendment on it, and what became of each."""
    return page(SHOW, **_show(amendments_page.meeting_of(edition)))


@bp.get("/new")
@requires_role(*READERS)
def new(edition: int) -> Response:
    """The form for an amendment on `clause`; without one, the clauses to choose from."""
    meeting = amendments_page.meeting_of(edition)
    form = AmendmentForm(formdata=None)
    clause = query.clause(db.session(), meeting, _id("clause"))
    if clause is not None:
        form.text_en.data, form.text_fr.data = clause.text("en"), clause.text("fr")
    form.language.data = labels.reader_language()
    shown = _new(meeting, clause, form)
    if clause is None and "clause" in request.args:
        shown["errors"] = [("clause", _("Choose the clause that is to be amended."))]
    return page(NEW, **shown)


@bp.post("/new")
@requires_role(Role.EVALUATOR)
def propose(edition: int) -> Response:
    """Propose it."""
    meeting = amendments_page.meeting_of(edition)
    form, clause_id = AmendmentForm(), _id("clause")
    refusals: list[Refusal] = []
    if form.validate_on_submit():
        try:
            row = amending.propose(
                db.session(), meeting, clause_id, form.texts(), reason=form.reason.data or "",
                language=form.language.data or "en", member_id=_id("member"), actor=actor(), now=now(),
            )  # fmt: skip
        except InvalidInput as error:
            form.take(error)
        except Refused as error:
            refusals = list(error.refusals)
        else:
            url = url_for(".show", edition=edition, _anchor=f"amendment-{row.id}")
            return done(url, message=_("The amendment is proposed; the other cities can second it."))
    db.session.rollback()  # nothing of what was refused is shown as if it were so
    meeting = amendments_page.meeting_of(edition)
    clause = query.clause(db.session(), meeting, clause_id)
    if clause is None:
        raise NotFound
    return page(NEW, status=409 if refusals else 422, **_new(meeting, clause, form, refusals))


@bp.post("/second")
@requires_role(Role.EVALUATOR)
def second(edition: int) -> Response:
    """Second another city's."""
    meeting, row_id = amendments_page.meeting_of(edition), _id("amendment")
    return _deed(
        meeting,
        lambda: amending.second(db.session(), meeting, row_id, member_id=_id("member"), actor=actor(), now=now()),
        _("Your city seconds the amendment."),
    )


@bp.post("/withdraw")
@requires_role(Role.EVALUATOR)
def withdraw(edition: int) -> Response:
    """Take one's own back."""
    meeting, row_id = amendments_page.meeting_of(edition), _id("amendment")
    return _deed(
        meeting, lambda: amending.withdraw(db.session(), meeting, row_id, actor=actor(), now=now()),
        _("The amendment is withdrawn."),
    )  # fmt: skip


@bp.post("/alignment")
@requires_role(Role.SECRETARIAT)
def align(edition: int) -> Response:
    """Bring the other language of a clause into line with an adopted amendment."""
    meeting, clause_id = amendments_page.meeting_of(edition), _id("clause")
    text = request.form.get("text", "")
    return _deed(
        meeting,
        lambda: amending.align(db.session(), meeting, clause_id, text, actor=actor(), now=now()),
        _("Both languages of the clause are in line."), {clause_id: text},
    )  # fmt: skip


def _deed(
    meeting: Meeting, act: Callable[[], object], message: str, typed: Mapping[UUID | None, str] | None = None
) -> Response:  # fmt: skip
    """Do it and go back to the text; what is refused is told above the page, which keeps what was `typed`, by clause."""
    edition = meeting.edition
    try:
        act()
    except InvalidInput as error:
        refusals, status = [r for found in error.problems.values() for r in found], 422
    except Refused as error:
        refusals, status = list(error.refusals), 409
    else:
        return done(url_for(".show", edition=edition), message=message)
    db.session.rollback()
    return page(SHOW, status=status, **_show(amendments_page.meeting_of(edition), refusals, typed))


def _show(
    meeting: Meeting, refusals: list[Refusal] | None = None, typed: Mapping[UUID | None, str] | None = None
) -> dict[str, Any]:  # fmt: skip
    session = db.session()
    found = query.amendments(session, meeting)
    own = members.own_cities(session, actor())
    floor = query.of(session, meeting)
    voted = amendments_page.votes_on(query.votes(session, meeting))
    pieces = [
        {
            "anchor": f"clause-{name}", "mark": amendments_page.mark(name), "name": amendments_page.piece_name(name),
            "id": piece.id, "adopted": piece.adopted_at is not None, "part": piece.parent_id is not None,
            "texts": [(code, labels.language(code), piece.text(code)) for code in amendments_page.in_order()],
            "amendments": [amendments_page.row(a, piece, name) for a in found.get(piece.id, [])],
            "votes": voted.get(piece.id, []), "behind": amendments_page.behind(piece, found.get(piece.id, [])),
        }
        for group in amendments_page.groups(conclusions.of(session, meeting)) for name, piece in group
    ]  # fmt: skip
    return {
        "meeting": meeting, "tabs": meeting_page.tabs(meeting, "amendments.show"),
        "zone": network.timezone(), "pieces": pieces, "votes": voted, "typed": typed or {},
        "own": [(member.id, amendments_page.city(member)) for member in own], "open_floor": bool(floor and floor.is_open),
        "secretariat": actor().has(Role.SECRETARIAT), "counts": _counts(pieces),
        "refusals": [labels.refusal(r, network.timezone()) for r in refusals or []],
    }  # fmt: skip


def _counts(pieces: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """How many amendments there are of each state."""
    rows = [row for piece in pieces for row in piece["amendments"]]
    counted = [
        (_(label), sum(row["state"] == state for row in rows)) for state, label in amendments_page.STATES.items()
    ]
    return [(label, count) for label, count in counted if count]


def _new(
    meeting: Meeting, clause: Clause | None, form: AmendmentForm, refusals: list[Refusal] | None = None
) -> dict[str, Any]:  # fmt: skip
    own = members.own_cities(db.session(), actor())
    form.member.choices = [Option(str(member.id), amendments_page.city(member)) for member in own]
    named = [pair for group in amendments_page.groups(conclusions.of(db.session(), meeting)) for pair in group]
    name = next((name for name, piece in named if clause is not None and piece.id == clause.id), "")
    return {
        "meeting": meeting, "clause": clause, "name": amendments_page.piece_name(name) if name else "", "form": form,
        "errors": problems(form), "own": own,
        "open_pieces": [
            (str(piece.id), amendments_page.piece_name(name)) for name, piece in named
            if piece.adopted_at is None and meeting.sealed_at is None
        ],
        "reads": [(code, labels.language(code), clause.text(code)) for code in LANGUAGES] if clause else [],
        "refusals": [labels.refusal(r, network.timezone()) for r in refusals or []],
    }  # fmt: skip


def _id(name: str) -> UUID | None:
    """An id that the form or the address names."""
    return request.values.get(name, type=UUID)
