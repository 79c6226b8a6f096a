"""Evaluation: who is asked, the declaration, the sheet, its closing, and the referral to the Steering Group."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from rvc_portal.domain import scoring
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.errors import InvalidInput, NotFound, Overtaken, Refusal, Refused
from rvc_portal.domain.facts import Attempt, SheetFacts
from rvc_portal.domain.progress import UNASSIGNED
from rvc_portal.domain.saving import LOST_AT_ONCE, Kept, Sent, Verdict, judge, loses
from rvc_portal.domain.scoring import Given
from rvc_portal.domain.vocabulary import N_, STREAM_OF_SEAT, Permission, Role, SeatKind
from rvc_portal.domain.words import count_words
from rvc_portal.models.base import new_id
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment, EarlierReason, Evaluation, Score
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.seat import Seat
from rvc_portal.queries import calls
from rvc_portal.queries import evaluation as query
from rvc_portal.services import asking, blindness, calibration, conflicts, journal, results, rights
from rvc_portal.services.transitions import fire, lock


@dataclass(frozen=True)
class Saved:
    """What stands of a criterion after a save; `shortened`: whether words of its reason went, which may be kept apart."""

    score: Score
    shortened: bool


def assign(
    session: Session, dossier: Dossier, seat_ids: Iterable[UUID], *, actor: Actor, now: datetime
) -> list[Assignment]:
    """Ask seats to evaluate the dossier; those asked already are passed over. Raises Refused, naming each seat, when
    one has a conflict or is no evaluator of the field."""
    rights.require(session, actor, dossier, Permission.ASSIGN)
    if dossier.call.test:
        raise Refused([Refusal(N_("A test asks no evaluators: they would be told by mail."))])
    lock(session, dossier, None)
    conflicts.refresh(session, dossier, now=now)
    barred = conflicts.seats_barred(session, dossier.id, warned=True)
    present = {a.seat_id: a for a in session.scalars(sa.select(Assignment).where(Assignment.dossier_id == dossier.id))}
    wanted = list(dict.fromkeys(seat_ids))
    seats = {s.id: s for s in session.scalars(sa.select(Seat).where(Seat.id.in_(wanted)))}
    refusals = [r for seat_id in wanted for r in _unfit(seats.get(seat_id), dossier, barred)]
    if refusals:
        raise Refused(refusals)
    new = [seats[i] for i in wanted if i not in present or present[i].ended_at is not None]
    return [_assign(session, dossier, seat, present.get(seat.id), actor, now) for seat in new]


def unassign(
    session: Session, dossier: Dossier, seat_id: UUID, *, actor: Actor, now: datetime, reason: str = "",
    because: str = UNASSIGNED,
) -> Assignment:  # fmt: skip
    """Take a seat off the dossier while it has closed no sheet; a draft is kept. `because`: one of domain.progress.ENDINGS,
    told to the evaluator. Raises NotFound, Refused."""
    rights.require(session, actor, dossier, Permission.ASSIGN)
    lock(session, dossier, None)
    found = session.scalar(
        sa.select(Assignment).where(Assignment.dossier_id == dossier.id, Assignment.seat_id == seat_id)
    )
    if found is None or found.ended_at is not None:
        raise NotFound
    if found.evaluation and found.evaluation.closed_at:
        raise Refused([Refusal(N_("This evaluator has closed the sheet: it stands."))])
    found.ended_at, found.ended_because = now, because
    journal.append(
        session,
        dossier.id,
        "unassign",
        actor_id=actor.account_id,
        now=now,
        reason=reason,
        payload={"seat": str(seat_id)},
    )
    return found


def declare(session: Session, assignment: Assignment, *, free: bool, reason: str, actor: Actor, now: datetime) -> None:
    """The evaluator declares to be free of conflicts, which opens the dossier, or not, which frees the place.
    Raises NotFound for another's assignment, Refused for one that ended, InvalidInput for a conflict without a reason."""
    own(assignment, actor)
    if assignment.ended_at is not None:
        raise Refused([Refusal(N_("This assignment has ended."))])
    dossier = assignment.dossier
    lock(session, dossier, None)
    if free:
        calibration.check(session, assignment)
        if assignment.declared_at is None:
            assignment.declared_at = now
            payload = {"seat": str(assignment.seat_id)}
            journal.append(session, dossier.id, "declare", actor_id=actor.account_id, now=now, payload=payload)
        return
    if not reason.strip():
        raise InvalidInput({"reason": (Refusal(N_("Say what ties you to this city."), target="reason"),)})
    conflicts.declare(session, dossier, assignment.seat_id, actor_id=actor.person, reason=reason, now=now)


def conflict_found(
    session: Session, dossier: Dossier, sheet_id: UUID, *, reason: str, actor: Actor, now: datetime
) -> None:
    """The Secretariat has learned what ties the author of a closed sheet to the city: the sheet is set aside. Raises
    NotFound where no such sheet counts, Refused without the role, InvalidInput without a reason."""
    held = rights.require(session, actor, dossier, Permission.SEE_RESULTS)
    if Role.SECRETARIAT not in held:
        raise Refused([Refusal(N_("Your role does not allow this."))])
    lock(session, dossier, None)
    query = sa.select(Assignment).join(Evaluation).where(Evaluation.id == sheet_id, Evaluation.counting())
    found = session.scalar(query.where(Evaluation.dossier_id == dossier.id))
    if found is None:
        raise NotFound
    if not reason.strip():
        raise InvalidInput({"reason": (Refusal(N_("Say what ties the evaluator to this city."), target="reason"),)})
    conflicts.declare(
        session, dossier, found.seat_id, actor_id=actor.person, reason=reason, now=now, rule=conflicts.FOUND
    )


def sheet(session: Session, assignment: Assignment, *, now: datetime) -> Evaluation:
    """The assignment's sheet, begun when it is first written to."""
    if assignment.evaluation is None:
        assignment.evaluation = Evaluation(
            id=new_id(), dossier_id=assignment.dossier_id, stream=assignment.stream, started_at=now
        )
        session.flush()
    return assignment.evaluation


def save_scores(
    session: Session,
    assignment: Assignment,
    scores: Mapping[str, Given],
    *,
    actor: Actor,
    now: datetime,
    seen: Mapping[str, int] | None = None,
) -> Evaluation:
    """Keep what is given, by criterion. `seen`: the revision of each criterion (0: none) that the person wrote on top of.
    Raises InvalidInput, by criterion, for a score out of the scale; Refused for a closed sheet or an undeclared or ended
    assignment; NotFound for another's; Overtaken, with the criteria as targets, where something else was saved meanwhile:
    then nothing is kept."""
    found = _writable(session, assignment, scores, actor, now)
    present = {s.criterion: s for s in found.scores}
    sent = {key: Sent(given.tidy(), _base(present.get(key), key, seen)) for key, given in scores.items()}
    verdicts = {key: judge(_kept(present.get(key)), one) for key, one in sent.items()}
    late = [present[key] for key, said in verdicts.items() if said is Verdict.CONFLICT]
    _refuse_overtaken(assignment, late, actor.language)
    for key, said in verdicts.items():
        if said is Verdict.KEEP:
            _put(session, found, present.get(key), key, sent[key], now)
    session.flush()
    return found


def save_criterion(
    session: Session, assignment: Assignment, criterion: str, sent: Sent, *, actor: Actor, now: datetime
) -> Saved:
    """Keep one criterion (a Given) that a page sent by itself, and return what stands then: this, or what the same tab
    sent after it. Raises as `save_scores` does."""
    sent = replace(sent, value=sent.value.tidy())
    found = _writable(session, assignment, {criterion: sent.value}, actor, now)
    standing = next((s for s in found.scores if s.criterion == criterion), None)
    said = judge(_kept(standing), sent)
    if standing is not None and said is Verdict.CONFLICT:
        _refuse_overtaken(assignment, [standing], actor.language)
    shortened = standing is not None and said is Verdict.KEEP and loses(standing.reason, sent.value.reason)
    if standing is None or said is Verdict.KEEP:
        standing = _put(session, found, standing, criterion, sent, now)
    session.flush()
    return Saved(standing, shortened)


def close_sheet(session: Session, assignment: Assignment, *, actor: Actor, now: datetime) -> JournalEntry:
    """Close the sheet for good: from now on it counts. Raises Refused with everything that is missing."""
    own(assignment, actor)
    dossier = assignment.dossier
    lock(session, dossier, None)
    calibration.check(session, assignment)
    read_anew(session, assignment)
    facts = sheet_facts(session, assignment, language=actor.language)
    told = calls.definition(dossier.call)
    with session.begin_nested():  # the sheet prints as closed; a refusal takes it back
        found = sheet(session, assignment, now=now)
        if not facts.closed:
            found.closed_at, found.closed_by = now, actor.account_id
            found.mean = _mean(found, told)
            session.flush()
        entry = fire(
            session, dossier, "close_sheet", actor=actor, now=now, evaluation=found,
            attempt=Attempt(now=now, roles=frozenset(), sheet=facts), payload={"evaluation": str(found.id)},
        )  # fmt: skip
    results.changed(session, dossier, now)
    return entry


def refer(
    session: Session, dossier: Dossier, *, actor: Actor, now: datetime, seen_version: int | None = None
) -> JournalEntry:
    """Refer the file, with its evaluation report, to the Steering Group."""
    return fire(session, dossier, "refer", actor=actor, now=now, seen_version=seen_version)


def reopen(
    session: Session, dossier: Dossier, *, reason: str, actor: Actor, now: datetime, seen_version: int | None = None
) -> JournalEntry:
    """Send the file back from review to evaluation."""
    return fire(session, dossier, "reopen", actor=actor, now=now, reason=reason, seen_version=seen_version)


def sheet_facts(session: Session, assignment: Assignment, *, language: str) -> SheetFacts:
    """The sheet as the guard sees it: what still lacks a score, or a reason of the rubric's length."""
    told = calls.definition(assignment.dossier.call)
    found = assignment.evaluation
    given = {s.criterion: s for s in found.scores} if found else {}
    lacking = [c.label.of(language) for c in told.rubric.criteria if not _complete(given.get(c.key), told)]
    return SheetFacts(
        closed=bool(found and found.closed_at),
        declared=assignment.declared_at is not None,
        conflicted=assignment.seat_id in conflicts.seats_barred(session, assignment.dossier_id),
        lacking=tuple(lacking),
        judged=found is not None and _mean(found, told) is not None,
    )


def _writable(
    session: Session, assignment: Assignment, scores: Mapping[str, Given], actor: Actor, now: datetime
) -> Evaluation:
    """The sheet, held until the transaction ends: one that is closed meanwhile takes no more."""
    own(assignment, actor)
    rights.hold(session, actor, assignment.dossier, Permission.EVALUATE)
    calibration.check(session, assignment)
    _check_scale(calls.definition(assignment.dossier.call), scores)
    read_anew(session, assignment)
    found = sheet(session, assignment, now=now)
    if found.closed_at is not None:
        raise Refused([Refusal(N_("This sheet is closed already."))])
    return found


def read_anew(session: Session, assignment: Assignment) -> None:
    """The sheet as it stands now that the caller holds the dossier's row: another page may have written meanwhile."""
    query = (
        sa.select(Evaluation).where(Evaluation.assignment_id == assignment.id).options(joinedload(Evaluation.scores))
    )
    found = session.scalars(query.execution_options(populate_existing=True)).unique().one_or_none()
    set_committed_value(assignment, "evaluation", found)


def _kept(score: Score | None) -> Kept | None:
    return Kept(score.revision, query.given(score), score.tab, score.tab_seq) if score else None


def _base(standing: Score | None, key: str, seen: Mapping[str, int] | None) -> int:
    """A save that does not say what it had seen has seen what stands."""
    return seen.get(key, 0) if seen is not None else standing.revision if standing else 0


def _refuse_overtaken(assignment: Assignment, late: Sequence[Score], language: str) -> None:
    """Not even one's own text from another window is overwritten unseen."""
    if not late:
        return
    rubric = calls.definition(assignment.dossier.call).rubric
    raise Overtaken(
        Refusal(
            N_("Meanwhile, on %(instant)s, something else was saved for this criterion: %(criterion)s."),
            {"instant": score.at, "criterion": rubric.criterion(score.criterion).label.of(language)},
            target=score.criterion,
        )
        for score in late
    )


def _put(
    session: Session, found: Evaluation, standing: Score | None, criterion: str, sent: Sent, now: datetime
) -> Score:
    """Write the row; words that are taken out of a reason are kept as an earlier text of it."""
    if standing is None:
        standing = Score(criterion=criterion, revision=0)
        found.scores.append(standing)
    elif loses(standing.reason, sent.value.reason):
        _keep_earlier(session, standing, sent, now)
    standing.value, standing.cannot_judge = sent.value.value, sent.value.cannot_judge
    standing.reason, standing.at = sent.value.reason, now
    standing.revision, standing.tab, standing.tab_seq = standing.revision + 1, sent.tab, sent.seq
    return standing


def _keep_earlier(session: Session, standing: Score, sent: Sent, now: datetime) -> None:
    last = session.scalar(
        sa.select(EarlierReason)
        .where(EarlierReason.evaluation_id == standing.evaluation_id, EarlierReason.criterion == standing.criterion)
        .order_by(EarlierReason.number.desc())
        .limit(1)
    )
    writing_on = sent.tab is not None and sent.tab == standing.tab
    if last is not None and writing_on and now - last.replaced_at < LOST_AT_ONCE:
        return
    earlier = EarlierReason(
        evaluation_id=standing.evaluation_id, criterion=standing.criterion, number=last.number + 1 if last else 1,
        reason=standing.reason, at=standing.at, replaced_at=now,
    )  # fmt: skip
    session.add(earlier)


def _mean(found: Evaluation, told: CallDefinition) -> float | None:
    weights = {c.key: c.weight for c in told.rubric.criteria}
    return scoring.sheet_mean({s.criterion: s.value for s in found.scores if s.value is not None}, weights)


def _complete(score: Score | None, told: CallDefinition) -> bool:
    if score is None or (score.value is None and not score.cannot_judge):
        return False
    return count_words(score.reason) >= told.rubric.least_words


def _unfit(seat: Seat | None, dossier: Dossier, barred: Mapping[UUID, str]) -> Iterable[Refusal]:
    if seat is None or not seat.judges(dossier.field):
        yield Refusal(N_("No such evaluator in this field."))
    elif seat.id in barred:
        params = {"seat": seat.name, "rule": barred[seat.id]}
        yield Refusal(N_("%(seat)s has a conflict of interest (%(rule)s)."), params, target=str(seat.id))


def _assign(
    session: Session, dossier: Dossier, seat: Seat, ended: Assignment | None, actor: Actor, now: datetime
) -> Assignment:
    assignment = ended or Assignment(id=new_id(), dossier_id=dossier.id, dossier=dossier, seat_id=seat.id, seat=seat)
    assignment.stream = STREAM_OF_SEAT[SeatKind(seat.kind)]
    assignment.assigned_at, assignment.assigned_by, assignment.ended_at = now, actor.person, None
    assignment.ended_because = assignment.due_at = assignment.reminded_at = None
    blindness.number(session, assignment)
    session.add(assignment)
    session.flush()
    payload = {"seat": str(seat.id)}
    journal.append(session, dossier.id, "assign", actor_id=actor.account_id, now=now, payload=payload)
    for account in seat.acting(now):
        asking.tell(session, assignment, account, "assign", now, reference=dossier.reference)
    return assignment


def own(assignment: Assignment, actor: Actor) -> None:
    """Raises NotFound for an assignment of another's seat."""
    if assignment.seat_id not in {s.id for s in actor.evaluating_seats}:
        raise NotFound


def _check_scale(told: CallDefinition, scores: Mapping[str, Given]) -> None:
    known = {c.key for c in told.rubric.criteria}
    wrong = {
        criterion: refusals
        for criterion, given in scores.items()
        if (refusals := tuple(_wrong(told, given, known=criterion in known)))
    }
    if wrong:
        raise InvalidInput(wrong)


def _wrong(told: CallDefinition, given: Given, *, known: bool) -> Iterable[Refusal]:
    low, high = told.rubric.scale_minimum, told.rubric.scale_maximum
    off = given.value is not None and not (low <= given.value <= high and given.value == int(given.value))
    if off or not known:
        yield Refusal(N_("Choose a score from %(low)s to %(high)s."), {"low": low, "high": high})
    elif given.value is not None and given.cannot_judge:
        yield Refusal(N_("Give a score, or say that you cannot judge; not both."))
