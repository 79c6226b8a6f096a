"""Reads around proposed assignments: the problem that a call sets now, and what has become of each pair since."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, selectinload

from rvc_portal.domain import matching
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.assigning import Line
from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.matching import Limits, Problem, Weights
from rvc_portal.domain.vocabulary import EVALUATING_SEATS, STREAM_OF_SEAT, JobKind, JobStatus, Permission, SeatKind
from rvc_portal.models.base import in_force
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment
from rvc_portal.models.evaluator import Evaluator
from rvc_portal.models.job import Job
from rvc_portal.models.proposal import Proposal
from rvc_portal.models.seat import Seat, SeatHolder
from rvc_portal.queries import assignments, calls, preferences
from rvc_portal.queries.assignments import Pair
from rvc_portal.queries.visibility import visible

AT_ONCE = 500
"""Ids in one condition: SQLite and PostgreSQL both take many more, but neither plans with them."""


@dataclass(frozen=True)
class Terms:
    """What the Secretariat asks of a proposal: the fields, the limits by stream, and files per evaluator at most."""

    fields: frozenset[str | None]
    limits: Mapping[str, Limits]
    maximum_load: int
    seed: int


@dataclass(frozen=True)
class Fate:
    """A proposed pair as it stands now. `status`: open (may be asked), present (is asked), conflict, moved (the file is
    no longer in evaluation) or unfit (no evaluator of this field). `rule`: of the conflict."""

    dossier: Dossier
    seat: Seat
    status: str
    rule: str | None = None


def of_call(session: Session, call: Call) -> Sequence[Proposal]:
    """The proposals of a call, the newest first."""
    query = sa.select(Proposal).where(Proposal.call_id == call.id)
    return session.scalars(query.order_by(Proposal.created_at.desc(), Proposal.id)).all()


def find(session: Session, call: Call, proposal_id: UUID) -> Proposal | None:
    """The proposal, if it is one of this call."""
    return session.scalar(sa.select(Proposal).where(Proposal.id == proposal_id, Proposal.call_id == call.id))


def failed(session: Session, proposal: Proposal) -> bool:
    """Whether every attempt to work it out, or to ask for it, failed."""
    query = sa.select(Job.id).where(
        Job.subject_id == proposal.id, Job.kind.in_((JobKind.MATCH, JobKind.ASK)), Job.status == JobStatus.FAILED
    )
    return session.scalar(query) is not None


def usual_terms(told: CallDefinition, fields: Iterable[str | None], seed: int) -> Terms:
    """What the call itself says."""
    limits = {s.key: Limits(s.minimum_sheets, s.maximum_sheets) for s in told.rubric.streams}
    return Terms(frozenset(fields), limits, told.assignment.maximum_load, seed)


def problem(session: Session, actor: Actor, call: Call, terms: Terms, now: datetime) -> Problem:
    """The files in evaluation of the fields, of those that this person may assign, against the seats that somebody acts
    for; what is asked already stands fixed. Nine queries, however many files."""
    told = calls.definition(call)
    query = sa.select(Dossier).where(assignments.in_evaluation(actor, call)).options(selectinload(Dossier.parties))
    found = [d for d in session.scalars(query.order_by(Dossier.reference)) if d.field in terms.fields]
    asked = assignments.asked_pairs(session, [d.id for d in found])
    seats = _seats(session, {seat_id for _, seat_id in asked}, now)
    held = {seat_id for _, seat_id in asked}
    here = [
        s
        for s in seats
        if STREAM_OF_SEAT[SeatKind(s.kind)] in terms.limits and (any(map(s.judges, terms.fields)) or s.id in held)
    ]
    ids = {s.id for s in here}
    loads = assignments.open_loads(session, actor, [s.id for s in here])
    known = {e.seat_id: e for e in session.scalars(sa.select(Evaluator).where(Evaluator.seat_id.in_(ids)))}
    for (_, seat_id), (status, _at) in asked.items():
        loads[seat_id] = loads.get(seat_id, 0) - (status != "closed")
    return Problem(
        files=tuple(matching.File(str(d.id), d.field, d.language) for d in found),
        evaluators=tuple(_evaluator(s, known.get(s.id), told, terms.maximum_load, loads.get(s.id, 0)) for s in here),
        limits=terms.limits,
        weights=weights(told),
        barred=frozenset(_written(assignments.barred_pairs(session, now, found, here))),
        fixed=frozenset(_written(pair for pair in asked if pair[1] in ids)),
        preferences=_preferences(session, told, found, here),
    )


def _preferences(
    session: Session, told: CallDefinition, found: Sequence[Dossier], here: Sequence[Seat]
) -> dict[matching.Pair, int]:
    """What the seats would gladly judge, where the call asks."""
    if not told.assignment.preferences:
        return {}
    stated = preferences.of_pairs(session, [d.id for d in found], [s.id for s in here])
    return {(str(dossier_id), str(seat_id)): liking for (dossier_id, seat_id), liking in stated.items()}


def weights(told: CallDefinition) -> Weights:
    """What each breach of a wish costs in this call."""
    return told.assignment.weights


def fates(session: Session, actor: Actor, call: Call, pairs: Collection[Pair], now: datetime) -> dict[Pair, Fate]:
    """What has become of each pair; those with a file that this person may not know of are left out."""
    seats = known_seats(session, {seat_id for _, seat_id in pairs})
    found = known_files(session, actor, call, {dossier_id for dossier_id, _ in pairs})
    open_ids = set(session.scalars(sa.select(Dossier.id).where(assignments.in_evaluation(actor, call))))
    asked = assignments.asked_pairs(session, list(found))
    barred = assignments.barred_pairs(session, now, list(found.values()), list(seats.values()))
    return {
        pair: Fate(found[pair[0]], seats[pair[1]], status, barred[pair].rule if pair in barred else None)
        for pair in pairs
        if pair[0] in found and pair[1] in seats
        for status in [_status(found[pair[0]], seats[pair[1]], pair, open_ids, asked, barred)]
    }


@dataclass(frozen=True)
class Effect:
    """What a line of a file would do. `status`: one of a Fate's, or why the line says nothing that could be done: formula,
    no_file, no_evaluator, several (evaluators of that name), other_field, twice."""

    line: Line
    status: str
    dossier: Dossier | None = None
    seat: Seat | None = None
    rule: str | None = None

    @property
    def pair(self) -> Pair | None:
        return (self.dossier.id, self.seat.id) if self.dossier and self.seat else None


def effects(session: Session, actor: Actor, call: Call, lines: Sequence[Line], now: datetime) -> list[Effect]:
    """What each line would do now, in their order. A file that this person may not know of is as if it were not there."""
    query = sa.select(Dossier).where(Dossier.call_id == call.id, visible(actor, Permission.KNOW))
    files = {d.reference.casefold(): d for d in session.scalars(query.options(selectinload(Dossier.parties)))}
    seats: dict[str, list[Seat]] = {}
    for seat in session.scalars(sa.select(Seat).where(Seat.kind.in_(sorted(EVALUATING_SEATS))).order_by(Seat.id)):
        seats.setdefault(seat.name.casefold(), []).append(seat)
    streams = _streams(calls.definition(call))
    read = [_read(line, files, seats, streams) for line in lines]
    known = fates(session, actor, call, {e.pair for e in read if e.pair}, now)
    seen: set[Pair] = set()
    found = []
    for effect in read:
        pair = effect.pair
        if pair is None:
            found.append(effect)
        elif pair in seen:
            found.append(replace(effect, status="twice"))
        else:
            seen.add(pair)
            found.append(replace(effect, status=known[pair].status, rule=known[pair].rule))
    return found


def _read(
    line: Line, files: Mapping[str, Dossier], seats: Mapping[str, list[Seat]], streams: Mapping[str, str]
) -> Effect:
    if line.formula:
        return Effect(line, "formula")
    dossier = files.get(line.reference.casefold())
    if dossier is None:
        return Effect(line, "no_file")
    named = seats.get(line.evaluator.casefold(), [])
    if line.stream:
        wanted = streams.get(line.stream.casefold())
        named = [s for s in named if STREAM_OF_SEAT[SeatKind(s.kind)] == wanted]
    if not named:
        return Effect(line, "no_evaluator", dossier)
    fitting = [s for s in named if s.judges(dossier.field)]
    if not fitting:
        return Effect(line, "other_field", dossier)
    return Effect(line, "open", dossier, fitting[0]) if len(fitting) == 1 else Effect(line, "several", dossier)


def _streams(told: CallDefinition) -> dict[str, str]:
    """How a stream may be called in a file: by its key, or as the call calls it in either language."""
    return {name.casefold(): s.key for s in told.rubric.streams for name in (s.key, s.label.en, s.label.fr)}


def present(session: Session, actor: Actor, call: Call) -> list[Assignment]:
    """The assignments that stand on the files that this person may assign, by file and evaluator. One query."""
    query = (
        sa.select(Assignment)
        .join(Assignment.dossier)
        .join(Assignment.seat)
        .where(assignments.in_evaluation(actor, call), Assignment.ended_at.is_(None))
        .options(contains_eager(Assignment.dossier), contains_eager(Assignment.seat))
        .order_by(Dossier.reference, Assignment.stream, Seat.name, Seat.id)
    )
    return list(session.scalars(query))


def _status(
    dossier: Dossier, seat: Seat, pair: Pair, in_evaluation: Collection[UUID], asked: Collection[Pair],
    barred: Collection[Pair],
) -> str:  # fmt: skip
    if pair in asked:
        return "present"
    if dossier.id not in in_evaluation:
        return "moved"
    if not seat.judges(dossier.field):
        return "unfit"
    return "conflict" if pair in barred else "open"


def known_files(session: Session, actor: Actor, call: Call, ids: Iterable[UUID]) -> dict[UUID, Dossier]:
    """Those of the files that this person may know of."""
    wanted = sa.select(Dossier).where(Dossier.call_id == call.id, visible(actor, Permission.KNOW))
    query = wanted.options(selectinload(Dossier.parties))
    return {d.id: d for some in _portions(ids) for d in session.scalars(query.where(Dossier.id.in_(some)))}


def known_seats(session: Session, ids: Iterable[UUID]) -> dict[UUID, Seat]:
    """The seats with these ids."""
    return {s.id: s for some in _portions(ids) for s in session.scalars(sa.select(Seat).where(Seat.id.in_(some)))}


def _portions(ids: Iterable[UUID]) -> Iterable[list[UUID]]:
    wanted = sorted(set(ids))
    return (wanted[first : first + AT_ONCE] for first in range(0, len(wanted), AT_ONCE))


def _seats(session: Session, asked: Collection[UUID], now: datetime) -> Sequence[Seat]:
    """The evaluating seats that somebody acts for, and those asked already, with who acts for them."""
    holds = sa.and_(SeatHolder.seat_id == Seat.id, in_force(SeatHolder, now))
    query = (
        sa.select(Seat)
        .outerjoin(SeatHolder, holds)
        .where(Seat.kind.in_(sorted(EVALUATING_SEATS)))
        .options(contains_eager(Seat.holders).joinedload(SeatHolder.account))
        .order_by(Seat.name, Seat.id)
        .execution_options(populate_existing=True)
    )
    return [s for s in session.scalars(query).unique() if s.holders or s.id in asked]


def _evaluator(seat: Seat, entry: Evaluator | None, told: CallDefinition, most: int, load: int) -> matching.Evaluator:
    """The seat as the register knows it. Where it does not say which languages the seat reads, those count in which the
    people who act for it use the portal; of two limits of the load the lower holds."""
    regions = {c.iso2: c.region for c in told.countries}
    languages = entry.languages if entry and entry.languages else {h.account.language for h in seat.holders}
    own = entry.maximum_load if entry else None
    return matching.Evaluator(
        key=str(seat.id),
        stream=STREAM_OF_SEAT[SeatKind(seat.kind)],
        fields=seat.fields,
        languages=tuple(sorted(languages)),
        region=regions.get(seat.country or ""),
        most=most if own is None else min(most, own),
        load=load,
    )


def _written(pairs: Iterable[Pair]) -> Iterable[matching.Pair]:
    return ((str(dossier_id), str(seat_id)) for dossier_id, seat_id in pairs)
