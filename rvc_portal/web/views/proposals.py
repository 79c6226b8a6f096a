"""The Secretariat has assignments proposed, by the solver or by a file of its own, looks at them, and asks for them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal
from rvc_portal.domain.matching import Problem, reads
from rvc_portal.domain.vocabulary import N_, Role
from rvc_portal.gateways import tables
from rvc_portal.models.base import db
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.proposal import Proposal
from rvc_portal.queries import assignments, calls
from rvc_portal.queries import proposals as query
from rvc_portal.queries.assignments import ROWS, Pair
from rvc_portal.queries.proposals import Fate
from rvc_portal.services import proposals
from rvc_portal.web import labels
from rvc_portal.web.access import requires_role_on_call
from rvc_portal.web.forms.base import problems
from rvc_portal.web.forms.proposals import TermsForm, terms_form
from rvc_portal.web.htmx import done, form_error, is_htmx, leave_for, page
from rvc_portal.web.session import actor, now
from rvc_portal.web.sheets import csv_text

bp = Blueprint("proposals", __name__, url_prefix="/calls/<key>/assignments/proposals")

PAGE, WAITING = "evaluation/proposals.html", "evaluation/proposal_waiting.html"
SHOWN, FROM_FILE = "evaluation/proposal.html", "evaluation/proposal_file.html"
LINES = 200
"""Lines of a file on one page."""


@bp.get("")
@requires_role_on_call(Role.SECRETARIAT)
def index() -> Response:
    """The form for a new proposal, and those made before."""
    return page(PAGE, **_index(_form()))


@bp.post("")
@requires_role_on_call(Role.SECRETARIAT)
def order() -> Response:
    """Have one worked out."""
    form = _form()
    if not form.validate_on_submit():
        return form_error(PAGE, "part_form", blocks=("part_errors",), **_index(form))
    made = proposals.order(db.session(), g.call, form.terms, actor=actor(), now=now())
    return done(url_for(".show", key=g.call.key, proposal_id=made.id))


@bp.post("/file")
@requires_role_on_call(Role.SECRETARIAT)
def upload() -> Response:
    """Take a file of assignments, and show what each of its lines would do."""
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise InvalidInput({"file": (Refusal(N_("Choose a file.")),)})
        content = sent.stream.read(tables.LARGEST + 1)
        made = proposals.from_file(db.session(), g.call, content, actor=actor(), now=now())
    except InvalidInput as error:
        wrong = [labels.refusal(refusal) for refusal in error.problems["file"]]
        return page(PAGE, status=422, **_index(_form(), file_errors=wrong))
    return done(url_for(".show", key=g.call.key, proposal_id=made.id))


@bp.get("/assignments.csv")
@requires_role_on_call(Role.SECRETARIAT)
def template() -> Response:
    """The assignments that stand, as a file to begin with."""
    found = query.present(db.session(), actor(), g.call)
    streams = _streams()
    rows = [(a.dossier.reference, a.dossier.lead_city, a.seat.name, streams[a.stream]) for a in found]
    response = Response(csv_text([_("Reference"), _("City"), _("Evaluator"), _("Stream")], rows), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{g.call.key}-assignments.csv"'
    return response


@bp.get("/<uuid:proposal_id>")
@requires_role_on_call(Role.SECRETARIAT)
def show(proposal_id: UUID) -> Response:
    """One proposal: how far it is, or every pair with its reasons."""
    proposal = _proposal(proposal_id)
    if proposal.result is None or proposal.asking:
        return page(WAITING, "part_progress", **_waiting(proposal))
    if is_htmx():
        return leave_for(url_for(".show", key=g.call.key, proposal_id=proposal.id))
    return page(_template(proposal), **_context(proposal))


@bp.post("/<uuid:proposal_id>/cancel")
@requires_role_on_call(Role.SECRETARIAT)
def cancel(proposal_id: UUID) -> Response:
    """Want it no more."""
    proposal = _proposal(proposal_id)
    proposals.cancel(db.session(), proposal, actor=actor(), now=now())
    url = url_for(".show", key=g.call.key, proposal_id=proposal.id)
    return done(url, message=_("The proposal was cancelled.") if proposal.cancelled_at else None)


@bp.post("/<uuid:proposal_id>/apply")
@requires_role_on_call(Role.SECRETARIAT)
def apply(proposal_id: UUID) -> Response:
    """Ask for the pairs that were ticked, or for all."""
    proposal = _proposal(proposal_id)
    if proposal.result is None:
        raise NotFound
    pairs = _pairs(proposal)
    if request.form.get("which") != "all":
        ticked = set(request.form.getlist("pair"))
        pairs = [pair for pair in pairs if _value(pair) in ticked]
    if not pairs:
        errors = [("pairs", _("Tick at least one pair."))]
        return form_error(_template(proposal), "part_pairs", target="#part-pairs", **_context(proposal, errors))
    if len(pairs) > proposals.PORTION:
        proposals.apply_later(db.session(), proposal, pairs, actor=actor(), now=now())
        return done(url_for(".show", key=g.call.key, proposal_id=proposal.id))
    made = proposals.apply(db.session(), g.call, pairs, actor=actor(), now=now())
    url = url_for(".show", key=g.call.key, proposal_id=proposal.id, page=request.args.get("page"))
    return done(url, message=_applied(made, len(pairs) - made))


def _applied(made: int, passed_over: int) -> str:
    said = ngettext("%(num)s request was sent.", "%(num)s requests were sent.", made)
    if not passed_over:
        return said
    more = ngettext(
        "%(num)s pair was passed over: see beside it why.",
        "%(num)s pairs were passed over: see beside each why.",
        passed_over,
    )
    return f"{said} {more}"


def _form() -> TermsForm:
    told = calls.definition(g.call)
    found = {key for key, _count in assignments.fields(db.session(), actor(), g.call)}
    fields = [(f.key, f.label.of(labels.reader_language())) for f in told.fields if f.key in found]
    if None in found:
        fields = [*fields, (None, _("Without a field"))]  # type: ignore[list-item]
    usual = query.usual_terms(told, (key for key, _label in fields), proposals.new_seed())
    return terms_form(told, fields, usual)


def _index(form: TermsForm, file_errors: Sequence[str] = ()) -> dict[str, Any]:
    return {
        "form": form,
        "file_errors": file_errors,
        "errors": problems(form) + [("file", wrong) for wrong in file_errors],
        "weights": query.weights(calls.definition(g.call)),
        "earlier": query.of_call(db.session(), g.call),
        **_call(),
    }


def _proposal(proposal_id: UUID) -> Proposal:
    found = query.find(db.session(), g.call, proposal_id)
    if found is None:
        raise NotFound
    return found


def _waiting(proposal: Proposal) -> dict[str, Any]:
    state = "cancelled" if proposal.cancelled_at else "asking" if proposal.asking else "running"
    if state != "cancelled" and query.failed(db.session(), proposal):
        state = "failed"
    return {"proposal": proposal, "state": state, **_call()}


def _template(proposal: Proposal) -> str:
    return SHOWN if proposal.source == proposals.SOLVER else FROM_FILE


def _context(proposal: Proposal, errors: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    if proposal.source == proposals.SOLVER:
        return _shown(proposal, errors)
    every = query.effects(db.session(), actor(), g.call, proposals.lines(proposal), now())
    counts = Counter("refused" if e.status not in ("open", "present") else e.status for e in every)
    pages = max(1, ceil(len(every) / LINES))
    number = min(max(1, request.args.get("page", 1, type=int)), pages)
    here = every[(number - 1) * LINES : number * LINES]
    return {
        "proposal": proposal, "effects": [(e, _value(e.pair) if e.pair else "") for e in here], "counts": counts,
        "total": len(every), "number": number, "pages": pages, "errors": list(errors),
        "open": any(e.status == "open" for e in here), **_call(),
    }  # fmt: skip


def _shown(proposal: Proposal, errors: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    problem = Problem.from_json(proposal.inputs)
    files = query.known_files(db.session(), actor(), g.call, [UUID(f.key) for f in problem.files])
    pairs = [pair for pair in _pairs(proposal) if pair[0] in files]
    cities = sorted({pair[0] for pair in pairs}, key=lambda i: (files[i].lead_city, files[i].reference))
    pages = max(1, ceil(len(cities) / ROWS))
    number = min(max(1, request.args.get("page", 1, type=int)), pages)
    here = set(cities[(number - 1) * ROWS : number * ROWS])
    fates = query.fates(db.session(), actor(), g.call, [pair for pair in pairs if pair[0] in here], now())
    reasons = _Reasons(problem, pairs)
    rows = [reasons.row(pair, fate) for pair, fate in fates.items()]
    rows.sort(
        key=lambda row: (row["fate"].dossier.lead_city, row["fate"].dossier.reference, row["stream"], row["name"])
    )
    return {
        "proposal": proposal, "result": proposal.result, "rows": rows, "count": len(pairs), "cities": len(cities),
        "kept": sum(UUID(file) in files for file, _seat in problem.fixed), "problem": problem, "errors": list(errors),
        "unmet": list(_unmet(proposal, files)), "exceeded": list(_exceeded(proposal, files)),
        "number": number, "pages": pages, "open": any(f.status == "open" for f in fates.values()),
        "streams": _streams(), **_call(),
    }  # fmt: skip


class _Reasons:
    """What speaks for and against each pair of an answer, seen together with all the others."""

    def __init__(self, problem: Problem, pairs: Sequence[Pair]) -> None:
        self.files, self.evaluators = {f.key: f for f in problem.files}, {e.key: e for e in problem.evaluators}
        every = [*problem.kept, *((str(file), str(seat)) for file, seat in pairs)]
        self.loads, self.likings = Counter(seat for _file, seat in every), problem.preferences
        self.regions = Counter((file, self.evaluators[seat].region) for file, seat in every)

    def row(self, pair: Pair, fate: Fate) -> dict[str, Any]:
        """One pair as the page shows it. `beside`: others of its region on the same file."""
        file, evaluator = self.files[str(pair[0])], self.evaluators[str(pair[1])]
        return {
            "value": _value(pair), "fate": fate, "name": fate.seat.name, "stream": evaluator.stream,
            "language": file.language, "reads": reads(file, evaluator), "region": _region(evaluator.region),
            "beside": self.regions[file.key, evaluator.region] - 1 if evaluator.region else 0,
            "load": evaluator.load + self.loads[evaluator.key], "most": evaluator.most,
            "liking": self.likings.get((file.key, evaluator.key), 0),
        }  # fmt: skip


def _region(key: str | None) -> str:
    regions = {r.key: r.label for r in calls.definition(g.call).regions}
    return regions[key].of(labels.reader_language()) if key in regions else ""


def _unmet(proposal: Proposal, files: Mapping[UUID, Dossier]) -> Iterator[dict[str, Any]]:
    for found in (proposal.result or {})["unmet"]:
        if UUID(found["file"]) in files:
            yield {**found, "dossier": files[UUID(found["file"])]}


def _exceeded(proposal: Proposal, files: Mapping[UUID, Dossier]) -> Iterator[dict[str, Any]]:
    found = (proposal.result or {})["exceeded"]
    seats = query.known_seats(db.session(), [UUID(e["key"]) for e in found if e["stream"] is None])
    for entry in found:
        key = UUID(entry["key"])
        if entry["stream"] is None and key in seats:
            yield {**entry, "name": seats[key].name}
        elif key in files:
            yield {**entry, "name": files[key].lead_city}


def _pairs(proposal: Proposal) -> list[Pair]:
    if proposal.source == proposals.FILE:
        found = query.effects(db.session(), actor(), g.call, proposals.lines(proposal), now())
        return [e.pair for e in found if e.status == "open" and e.pair]
    return [(UUID(file), UUID(seat)) for file, seat in (proposal.result or {"pairs": []})["pairs"]]


def _value(pair: Pair) -> str:
    return f"{pair[0]}:{pair[1]}"


def _streams() -> dict[str, str]:
    return {s.key: s.label.of(labels.reader_language()) for s in calls.definition(g.call).rubric.streams}


def _call() -> dict[str, Any]:
    return {"call": g.call, "call_title": labels.call_title(g.call), "zone": labels.call_zone(g.call)}
