"""Reads for the Direction and for publication: the slate, the decisions held, their letters, what will become public."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import Refusal
from rvc_portal.domain.vocabulary import N_, DecisionOutcome, OpinionOutcome, Permission, Role
from rvc_portal.models.call import Call
from rvc_portal.models.decision import Decision, PlannedPublication, Slate, SlateEntry
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.steering import Opinion
from rvc_portal.queries.visibility import conflicted, visible

LONGEST = 500
"""How many files the page of decisions shows at most."""


@dataclass(frozen=True)
class Letters:
    """The documents of a decision: how many there are, how many are stored."""

    wanted: int = 0
    ready: int = 0


@dataclass(frozen=True)
class Line:
    """A file before the Direction. `opinion`: as Opinion.told says; `decision`: the value of its outcome; `proposed` and
    `reason` the Secretariat's proposal, where it chose a variant."""

    dossier: Dossier
    opinion: str | None
    on_slate: bool
    decision: str | None
    proposed: bool | None
    reason: str | None
    letters: Letters


@dataclass(frozen=True)
class Count:
    """What publication makes so, of the files that this person may see."""

    designate: int
    decline: int
    undecided: int


def slate(session: Session, call: Call) -> Slate | None:
    """The slate that stands for the call, or None."""
    return session.scalar(sa.select(Slate).where(Slate.call_id == call.id, Slate.superseded_at.is_(None)))


def entry(session: Session, dossier: Dossier) -> SlateEntry | None:
    """The file as it was put forward for decision, or None."""
    query = (
        sa.select(SlateEntry)
        .join(Slate, Slate.id == SlateEntry.slate_id)
        .where(SlateEntry.dossier_id == dossier.id, Slate.superseded_at.is_(None))
    )
    return session.scalar(query)


def withdrawn_from_slate(session: Session, actor: Actor, dossier_id: UUID) -> Dossier | None:
    """The file that was put forward to this person for decision and then withdrawn by its city, or None."""
    put_forward = sa.select(SlateEntry.dossier_id)
    query = sa.select(Dossier).where(
        Dossier.id == dossier_id, Dossier.state == "withdrawn", Dossier.id.in_(put_forward), sa.not_(conflicted(actor))
    )
    found = session.scalar(query)
    return found if found is not None and actor.has_on_call(Role.DIRECTION, found.call_id) else None


def held(session: Session, dossier: Dossier) -> Decision | None:
    """The decision that stands on the file, or None."""
    return session.scalar(
        sa.select(Decision).where(Decision.dossier_id == dossier.id, Decision.superseded_at.is_(None))
    )


def lines(session: Session, actor: Actor, call: Call) -> list[Line]:
    """The call's files from the opinion on, those undecided first. Two queries."""
    standing = sa.select(Slate.id).where(Slate.call_id == call.id, Slate.superseded_at.is_(None)).scalar_subquery()
    entry = sa.and_(SlateEntry.dossier_id == Dossier.id, SlateEntry.slate_id == standing)
    query = (
        sa.select(Dossier, Opinion.told(), SlateEntry.slate_id.is_not(None), Decision.outcome, SlateEntry.proposed,
                  SlateEntry.reason)
        .outerjoin(Opinion, sa.and_(Opinion.dossier_id == Dossier.id, Opinion.superseded_at.is_(None)))
        .outerjoin(Decision, sa.and_(Decision.dossier_id == Dossier.id, Decision.superseded_at.is_(None)))
        .outerjoin(SlateEntry, entry)
        .where(_decidable(actor, call))
        .order_by(Decision.outcome.is_not(None), Dossier.field, Dossier.mean_overall.is_(None),
                  Dossier.mean_overall.desc(), Dossier.lead_city, Dossier.id)
        .limit(LONGEST)
    )  # fmt: skip
    rows = session.execute(query).all()
    letters = _letters(session, [row[0].id for row in rows])
    return [Line(*row, letters.get(row[0].id, Letters())) for row in rows]


def count(found: list[Line], deferred: int) -> Count:
    """How many cities the lines designate, decline, leave undecided; a file whose opinion is `deferred` is undecided, too."""
    outcomes = [line.decision for line in found]
    return Count(
        outcomes.count(DecisionOutcome.DESIGNATE), outcomes.count(DecisionOutcome.DECLINE),
        outcomes.count(None) + deferred,
    )  # fmt: skip


def deferred(session: Session, actor: Actor, call: Call) -> int:
    """How many files are in review whose opinion the Steering Group has put off, of those that this person may see. One
    query."""
    put_off = sa.exists().where(
        Opinion.dossier_id == Dossier.id, Opinion.superseded_at.is_(None), Opinion.outcome == OpinionOutcome.DEFER
    )
    seen = sa.and_(Dossier.call_id == call.id, visible(actor, Permission.SEE_RESULTS), Dossier.state == "in_review")
    return session.scalar(sa.select(sa.func.count()).select_from(Dossier).where(seen, put_off)) or 0


def references(session: Session, actor: Actor, call: Call) -> set[str]:
    """The references of the call's files that this person may know of."""
    return set(session.scalars(sa.select(Dossier.reference).where(Dossier.call_id == call.id, visible(actor))))


def planned(session: Session, call: Call) -> PlannedPublication | None:
    """The publication that is set for an instant to come, or None."""
    return session.scalar(
        sa.select(PlannedPublication).where(PlannedPublication.call_id == call.id, PlannedPublication.standing())
    )


def last_failed(session: Session, call: Call) -> PlannedPublication | None:
    """The latest planned publication, where it could not be done and no other was planned since."""
    latest = session.scalar(
        sa.select(PlannedPublication)
        .where(PlannedPublication.call_id == call.id)
        .order_by(PlannedPublication.planned_at.desc(), PlannedPublication.id)
        .limit(1)
    )
    return latest if latest is not None and latest.failed_at else None


def told(session: Session, actor: Actor, call: Call, refusals: Iterable[Refusal]) -> list[Refusal]:
    """What may be told of the refusals: a file that a conflict keeps from this person is not named."""
    every, known = list(refusals), references(session, actor, call)
    found = [r for r in every if "reference" not in r.params or r.params["reference"] in known]
    if len(found) < len(every):
        found.append(Refusal(N_("Something else stands against it that a conflict of interest keeps from you.")))
    return found


def _decidable(actor: Actor, call: Call) -> sa.ColumnElement[bool]:
    states = ("awaiting_decision", "designated", "declined")
    return sa.and_(Dossier.call_id == call.id, visible(actor, Permission.SEE_RESULTS), Dossier.state.in_(states))


def _letters(session: Session, ids: list[UUID]) -> Mapping[UUID, Letters]:
    kinds = ("DESIGNATION_LETTER", "CERTIFICATE", "DECISION_LETTER")
    query = (
        sa.select(Document.dossier_id, sa.func.count(), sa.func.count(sa.case((Document.ready, 1))))
        .where(Document.dossier_id.in_(ids), Document.superseded_at.is_(None), Document.kind.in_(kinds))
        .group_by(Document.dossier_id)
    )
    return {dossier_id: Letters(wanted, ready) for dossier_id, wanted, ready in session.execute(query) if dossier_id}
