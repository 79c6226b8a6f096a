"""Proposed assignments: ordered, worked out by the worker, applied in all or in part; nobody is asked before that."""

import contextlib
import hashlib
import io
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain import assigning
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.assigning import Line
from rvc_portal.domain.errors import Refusal, Refused
from rvc_portal.domain.matching import LARGEST_SEED, Problem, Solution, exceeded, price, unmet
from rvc_portal.domain.vocabulary import N_, JobKind, Role
from rvc_portal.gateways import tables
from rvc_portal.models.account import Account
from rvc_portal.models.base import new_id
from rvc_portal.models.call import Call
from rvc_portal.models.proposal import Proposal
from rvc_portal.queries import accounts as people
from rvc_portal.queries import proposals as query
from rvc_portal.queries.assignments import Pair
from rvc_portal.queries.proposals import Terms
from rvc_portal.services import evaluation, queue, rights

SOLVER, FILE = "solver", "file"
PRIORITY = 6
"""After receipts and letters: it takes the worker longer than any of them."""
PORTION = 100
"""Requests in one transaction: other writers wait for it, on SQLite all of them."""


def new_seed() -> int:
    """A seed to begin with; any other does as well, and it is printed. It comes from where ids come from, so that a tale
    told twice draws the same."""
    return new_id().int % min(LARGEST_SEED, 1_000_000)


def order(session: Session, call: Call, terms: Terms, *, actor: Actor, now: datetime) -> Proposal:
    """Have a proposal worked out on the files and seats as they are now. Raises Refused without the role, for a test call,
    and where no file of the fields is in evaluation."""
    _require(call, actor)
    problem = query.problem(session, actor, call, terms, now)
    if not problem.files:
        raise Refused([Refusal(N_("No file of these fields is in evaluation."))])
    proposal = Proposal(
        id=new_id(), call_id=call.id, source=SOLVER, created_at=now, created_by=actor.person, seed=terms.seed,
        inputs=problem.to_json(), inputs_sha256=problem.sha256, progress=0.0,
    )  # fmt: skip
    session.add(proposal)
    session.flush()
    queue.enqueue(session, JobKind.MATCH, proposal.id, now=now, priority=PRIORITY)
    return proposal


def from_file(session: Session, call: Call, content: bytes, *, actor: Actor, now: datetime) -> Proposal:
    """Keep what a file asks for, to be looked at; nobody is asked. Raises Refused without the role and for a test call,
    InvalidInput for what is no table of assignments."""
    _require(call, actor)
    head, *rest = tables.read(io.BytesIO(content))
    place = assigning.columns(head.cells)
    lines = assigning.lines(((row.number, row.cells, row.formula) for row in rest), place)
    proposal = Proposal(
        id=new_id(), call_id=call.id, source=FILE, created_at=now, created_by=actor.person, done_at=now, progress=1.0,
        inputs={"lines": [asdict(line) for line in lines]}, inputs_sha256=hashlib.sha256(content).hexdigest(), result={},
    )  # fmt: skip
    session.add(proposal)
    session.flush()
    return proposal


def lines(proposal: Proposal) -> list[Line]:
    """What a file asks for."""
    return [Line(**line) for line in proposal.inputs["lines"]]


def source(session: Session, proposal_id: UUID) -> tuple[Problem, int] | None:
    """What to solve, and the seed; None where it was solved or cancelled before."""
    found = session.get_one(Proposal, proposal_id)
    if found.done_at or found.cancelled_at or found.seed is None:
        return None
    return Problem.from_json(found.inputs), found.seed


def go_on(session: Session, proposal_id: UUID, progress: float, now: datetime) -> bool:
    """Note how far it is, keep the job for another lease, and say whether anybody still wants it."""
    wanted = sa.and_(Proposal.id == proposal_id, Proposal.cancelled_at.is_(None))
    changed = session.execute(sa.update(Proposal).where(wanted).values(progress=progress))
    queue.prolong(session, JobKind.MATCH, proposal_id, now)
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def record(session: Session, proposal_id: UUID, problem: Problem, solution: Solution, now: datetime) -> None:
    """Keep the answer, with what it costs and what solved it."""
    cost = price(problem, solution.pairs)
    result = {
        "pairs": [[*pair] for pair in solution.pairs if pair not in problem.fixed],
        "lacking": cost.lacking, "cost": cost.cost, "engine": solution.engine,
        "unmet": [asdict(found) for found in unmet(problem, solution.pairs)],
        "exceeded": [asdict(found) for found in exceeded(problem)],
    }  # fmt: skip
    values = {"result": result, "done_at": now, "progress": 1.0}
    wanted = sa.and_(Proposal.id == proposal_id, Proposal.cancelled_at.is_(None))
    session.execute(sa.update(Proposal).where(wanted).values(values))


def cancel(session: Session, proposal: Proposal, *, actor: Actor, now: datetime) -> None:
    """Want it no more, or no more of its requests; one that is worked out stays as it is. Raises Refused without the role."""
    _require(proposal.call, actor)
    if proposal.asking:
        proposal.asking = []  # those asked before stay asked
        session.flush()
        return
    wanted = sa.and_(Proposal.id == proposal.id, Proposal.done_at.is_(None), Proposal.cancelled_at.is_(None))
    session.execute(sa.update(Proposal).where(wanted).values(cancelled_at=now))
    session.refresh(proposal)


def apply(session: Session, call: Call, pairs: Collection[Pair], *, actor: Actor, now: datetime) -> int:
    """Ask for each pair that may still be asked, and pass over the others: what changed meanwhile is not overwritten.
    Returns how many were asked. Raises Refused without the role, and when a conflict turns up in this very moment."""
    _require(call, actor)
    wanted = [f for f in query.fates(session, actor, call, pairs, now).values() if f.status == "open"]
    wanted.sort(key=lambda f: (f.dossier.reference, f.seat.name, f.seat.id))
    made = 0
    for _, fates in groupby(wanted, key=lambda f: f.dossier.id):
        of_dossier = list(fates)
        seats: Iterable[UUID] = [f.seat.id for f in of_dossier]
        made += len(evaluation.assign(session, of_dossier[0].dossier, seats, actor=actor, now=now))
    return made


def apply_later(session: Session, proposal: Proposal, pairs: Sequence[Pair], *, actor: Actor, now: datetime) -> None:
    """Have the worker ask for the pairs, a portion at a time. Raises Refused without the role, and while it is at it."""
    _require(proposal.call, actor)
    if proposal.asking:
        raise Refused([Refusal(N_("The requests of this proposal are being sent already."))])
    proposal.asking = [[str(dossier_id), str(seat_id)] for dossier_id, seat_id in sorted(pairs)]
    proposal.asking_by, proposal.progress = actor.person, 0.0
    queue.enqueue(session, JobKind.ASK, proposal.id, now=now, priority=PRIORITY)


def ask_portion(session: Session, proposal_id: UUID, of: int, now: datetime) -> int:
    """Ask for the next portion, in the caller's transaction; how many pairs are left of the `of` that there were. A
    portion that is refused as a whole is passed over: the page says beside each pair why."""
    found = session.get_one(Proposal, proposal_id, with_for_update=True, populate_existing=True)
    if not found.asking or found.asking_by is None:
        return 0
    portion, rest = found.asking[:PORTION], found.asking[PORTION:]
    actor = people.actor_of(session, session.get_one(Account, found.asking_by), now)
    with contextlib.suppress(Refused), session.begin_nested():
        apply(session, found.call, [(UUID(file), UUID(seat)) for file, seat in portion], actor=actor, now=now)
    found.asking, found.progress = rest, 1 - len(rest) / of
    queue.prolong(session, JobKind.ASK, proposal_id, now)
    return len(rest)


def left_to_ask(session: Session, proposal_id: UUID) -> int:
    """How many pairs the worker still has to ask for."""
    return len(session.get_one(Proposal, proposal_id).asking or ())


def _require(call: Call, actor: Actor) -> None:
    rights.require_on_call(actor, call.id, Role.SECRETARIAT)
    if call.test:
        raise Refused([Refusal(N_("A test asks no evaluators: they would be told by mail."))])
