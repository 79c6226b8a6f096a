"""Elections: announced by the Secretariat, stood for and voted by the member cities of a field."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, url_for
from flask_babel import gettext as _

from rvc_portal.domain.ballot import Outcome, Phase, TieRule
from rvc_portal.domain.errors import InvalidInput, NotFound
from rvc_portal.domain.vocabulary import N_, Doc, Role, SeatKind
from rvc_portal.gateways import network
from rvc_portal.models.ballot import Ballot
from rvc_portal.models.base import db
from rvc_portal.models.seat import Member
from rvc_portal.queries import ballots as query
from rvc_portal.queries import documents
from rvc_portal.services import ballots
from rvc_portal.web import labels
from rvc_portal.web.access import requires_role
from rvc_portal.web.dossier_page import document_item
from rvc_portal.web.forms import composition as forms
from rvc_portal.web.forms.base import problems, uuid_in
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, arrived_at, now

bp = Blueprint("ballots", __name__)

INDEX, NEW, SHOW = "ballots/index.html", "ballots/new.html", "ballots/show.html"
READERS = (Role.EVALUATOR, Role.STEERING, Role.SECRETARIAT, Role.DIRECTION)

PHASES = {
    Phase.CANDIDACIES: N_("cities may stand"),
    Phase.VOTING: N_("vote open"),
    Phase.TO_COUNT: N_("to be counted"),
    Phase.COUNTED: N_("counted"),
    Phase.CANCELLED: N_("called off"),
}
UNDER_WAY = (Phase.CANDIDACIES, Phase.VOTING, Phase.TO_COUNT)
OUTCOMES = {
    Outcome.ELECTED: N_("elected"),
    Outcome.BY_LOT: N_("elected by lot, after a tie"),
    Outcome.SECOND_ROUND: N_("tie: a second round follows"),
    Outcome.NOBODY: N_("nobody is elected"),
}


@bp.get("/elections")
@requires_role(*READERS)
def index() -> Response:
    """Every election, the latest first."""
    rows = [_row(b) | {"to_vote": _to_vote(b)} for b in query.all_of_them(db.session())]
    return page(INDEX, rows=rows, writes=actor().has(Role.SECRETARIAT), zone=network.timezone())


@bp.route("/elections/new", methods=["GET", "POST"])
@requires_role(Role.SECRETARIAT)
def new() -> Response:
    """Announce an election."""
    form = forms.BallotForm()
    form.offer()
    if form.validate_on_submit():
        try:
            found = ballots.announce(db.session(), _terms(form), actor=actor(), now=now())
        except InvalidInput as error:
            form.take(error)
        else:
            return done(url_for(".show", ballot_id=found.id), message=_("The election is announced."))
    return page(NEW, status=422 if form.is_submitted() else 200, form=form, errors=problems(form))


@bp.get("/elections/<uuid:ballot_id>")
@requires_role(*READERS)
def show(ballot_id: UUID) -> Response:
    """One election: who stands, the vote while it is open, the result once it is counted."""
    return page(SHOW, **_show(_ballot(ballot_id)))


@bp.post("/elections/<uuid:ballot_id>/candidates")
@requires_role(Role.EVALUATOR, Role.SECRETARIAT)
def stand(ballot_id: UUID) -> Response:
    """A city stands."""
    found, form = _ballot(ballot_id), forms.CandidateForm()
    if form.validate_on_submit() and (member := _chosen(found, form.member)):
        try:
            ballots.stand(
                db.session(), found, member, statement=form.statement.data or "", language=form.language.data or "en",
                actor=actor(), now=arrived_at(),
            )  # fmt: skip
        except InvalidInput as error:
            form.take(error)
        else:
            return done(url_for(".show", ballot_id=found.id), message=_("The city stands in this election."))
    return form_error(SHOW, **_show(found, candidate=form))


@bp.post("/elections/<uuid:ballot_id>/vote")
@requires_role(Role.EVALUATOR)
def vote(ballot_id: UUID) -> Response:
    """A city votes, once and for good."""
    found, form = _ballot(ballot_id), forms.VoteForm()
    if form.validate_on_submit() and (member := _chosen(found, form.member)):
        try:
            ballots.vote(db.session(), found, member, _choice(form), actor=actor(), now=arrived_at())
        except InvalidInput as error:
            form.take(error)
        else:
            message = _("%(city)s has voted. Nobody can see what, and it cannot be changed.", city=member.city)
            return done(url_for(".show", ballot_id=found.id), message=message)
    return form_error(SHOW, **_show(found, voting=form))


@bp.post("/elections/<uuid:ballot_id>/count")
@requires_role(Role.SECRETARIAT)
def count(ballot_id: UUID) -> Response:
    """Count after the window."""
    found = _ballot(ballot_id)
    try:
        ballots.count(db.session(), found, actor=actor(), now=now())
    except InvalidInput as error:  # the seat is held: nothing is counted, and the page says by whom
        reasons = [labels.refusal(r, network.timezone()) for refusals in error.problems.values() for r in refusals]
        db.session.rollback()
        return page(SHOW, status=409, **_show(_ballot(ballot_id), reasons=reasons))
    return done(url_for(".show", ballot_id=found.id), message=_("The election is counted; its result is being sealed."))


@bp.post("/elections/<uuid:ballot_id>/cancel")
@requires_role(Role.SECRETARIAT)
def cancel(ballot_id: UUID) -> Response:
    """Call the election off."""
    found, form = _ballot(ballot_id), forms.ReasonForm()
    if not form.validate_on_submit():
        return form_error(SHOW, **_show(found, reason=form))
    ballots.cancel(db.session(), found, reason=form.reason.data or "", actor=actor(), now=now())
    return done(url_for(".show", ballot_id=found.id), message=_("The election is called off."))


def _terms(form: forms.BallotForm) -> ballots.Terms:
    try:
        kind = SeatKind(form.kind.data)
    except ValueError:
        kind = SeatKind.EXPERT  # what no field elects: the service says so
    return ballots.Terms(
        form.field.data or "", kind, form.opens_on.data, form.closes_on.data, form.term_from.data,
        TieRule(form.tie_rule.data),
    )  # fmt: skip


def _show(
    found: Ballot, *, candidate: forms.CandidateForm | None = None, voting: forms.VoteForm | None = None,
    reason: forms.ReasonForm | None = None, reasons: list[str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    session, person = db.session(), actor()
    standing, phase = query.candidates(session, found), ballots.phase(found, now())
    voted = query.voters(session, found)
    own = query.own_cities(session, person, found.field)
    waiting = [m for m in own if m.id not in {v.id for v in voted}]
    writes = person.has(Role.SECRETARIAT)
    votes, none = query.counted(session, found) if phase is Phase.COUNTED else ({}, 0)
    later = query.later_round(session, found)
    of_seat, of_cities = ballots.obstacles(session, found) if phase in UNDER_WAY else (None, [])
    candidates = [
        {"id": c.member_id, "city": c.member.city, "country": labels.country(c.member.country),
         "statement": c.statement, "language": c.language, "votes": votes.get(c.member_id)}
        for c in standing
    ]  # fmt: skip
    free = query.electorate(session, found.field) if writes else own
    offered = [m for m in free if m.id not in {c.member_id for c in standing}]
    return {
        **_row(found), "phase": phase, "zone": network.timezone(), "writes": writes, "candidates": candidates,
        "none_of_them": none, "voted": voted, "members": query.electorate(session, found.field),
        "seat_held": labels.refusal(of_seat, network.timezone()) if of_seat else None,
        "cities_held": [labels.refusal(r, network.timezone()) for r in of_cities],
        "waiting": _options(waiting), "own": own, "offered": _options(offered), "reasons": reasons or [],
        "candidate": candidate or forms.CandidateForm(formdata=None, language=labels.reader_language()),
        "voting": voting or forms.VoteForm(formdata=None), "reason": reason or forms.ReasonForm(formdata=None),
        "errors": [e for form in (candidate, voting, reason) if form for e in problems(form)],
        "later": url_for(".show", ballot_id=later.id) if later else None,
        "cancelled": found.cancelled_reason, "seed": found.seed,
        "elected": next((c["city"] for c in candidates if c["id"] == found.elected_id), None),
        "documents": [document_item(s) for s in documents.of_network(session, g.actor, Doc.BALLOT_RESULT, found.id)],
    }  # fmt: skip


def _row(found: Ballot) -> dict[str, Any]:
    label = next(labels.wording(f["label"]) for f in network.fields() if f["key"] == found.field)  # type: ignore[arg-type]
    return {
        "id": found.id, "field": found.field, "field_label": label, "kind": labels.seat(found.kind),
        "round": found.round, "opens_at": found.opens_at, "closes_at": found.closes_at,
        "term_from_at": found.term_from_at, "tie_rule": forms.TIE_RULES[TieRule(found.tie_rule)],
        "phase_label": _(PHASES[ballots.phase(found, now())]),
        "outcome": _(OUTCOMES[Outcome(found.outcome)]) if found.outcome else None,
        "winner": next((c.member.city for c in found.candidates if c.member_id == found.elected_id), None),
    }  # fmt: skip


def _to_vote(found: Ballot) -> list[str]:
    """The person's own cities that have not voted yet, while they can."""
    if ballots.phase(found, now()) is not Phase.VOTING:
        return []
    own = query.own_cities(db.session(), actor(), found.field)
    voted = {m.id for m in query.voters(db.session(), found)} if own else set()
    return [m.city for m in own if m.id not in voted]


def _options(found: list[Member]) -> list[tuple[str, str]]:
    return [(str(m.id), f"{m.city}, {labels.country(m.country)}") for m in found]


def _choice(form: forms.VoteForm) -> UUID | None:
    """The candidate, None for none of them. What is no id is that of nobody who stands."""
    if form.choice.data == "none":
        return None
    return uuid_in(form.choice.data) or UUID(int=0)


def _chosen(found: Ballot, field: Any) -> Member | None:
    member = next((m for m in query.electorate(db.session(), found.field) if str(m.id) == field.data), None)
    if member is None:
        field.errors = [_("Choose a city.")]
    return member


def _ballot(ballot_id: UUID) -> Ballot:
    found = query.ballot(db.session(), ballot_id)
    if found is None:
        raise NotFound
    return found
