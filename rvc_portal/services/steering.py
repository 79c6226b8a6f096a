"""The Steering Group at work: a sitting, who attends and has declared, and the opinion on each file."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.deliberation import OUTCOMES, MotionKind, entitled
from rvc_portal.domain.errors import NotFound, Refusal, Refused
from rvc_portal.domain.facts import Attempt, OpinionFacts
from rvc_portal.domain.feedback import is_complete
from rvc_portal.domain.vocabulary import N_, Doc, OpinionOutcome, Permission, Role
from rvc_portal.models.base import new_id
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.steering import Attendance, Motion, Opinion, SteeringSession
from rvc_portal.queries import calls, composition, deliberation, feedback
from rvc_portal.services import conflicts, documents, journal, rights
from rvc_portal.services.contexts.parts import Occasion
from rvc_portal.services.transitions import fire, lock


def close_session(session: Session, sitting: SteeringSession, *, actor: Actor, now: datetime) -> None:
    """Close the sitting; safe to repeat."""
    rights.require_on_call(actor, sitting.call_id, Role.SECRETARIAT, Role.STEERING)
    if sitting.closed_at is None:
        sitting.closed_at = now
        payload = {"session": str(sitting.id)}
        journal.append(session, sitting.call_id, "close_session", actor_id=actor.account_id, now=now, payload=payload)


def current_session(session: Session, call_id: UUID) -> SteeringSession | None:
    """The sitting that is open on the call's files, or None."""
    return session.scalar(
        sa.select(SteeringSession).where(
            SteeringSession.call_id == call_id,
            SteeringSession.opened_at.is_not(None),
            SteeringSession.closed_at.is_(None),
        )
    )


def attend(
    session: Session,
    sitting: SteeringSession,
    seat_id: UUID,
    *,
    conflicted: Mapping[UUID, str],
    actor: Actor,
    now: datetime,
) -> Attendance:
    """Take one's seat and declare one's interests on the agenda: `conflicted` gives the dossiers (of those in review) that
    the seat may not judge, each with a reason. Raises NotFound for another's seat, Refused once the sitting is closed."""
    if seat_id not in {s.id for s in actor.steering_seats}:
        raise NotFound
    if sitting.closed_at is not None:
        raise Refused([Refusal(N_("This sitting is closed."))])
    for dossier in session.scalars(
        sa.select(Dossier).where(Dossier.id.in_(conflicted), Dossier.call_id == sitting.call_id)
    ):
        conflicts.declare(session, dossier, seat_id, actor_id=actor.person, reason=conflicted[dossier.id], now=now)
    found = session.get(Attendance, (sitting.id, seat_id))
    if found is None:
        found = Attendance(session_id=sitting.id, seat_id=seat_id, account_id=actor.person, arrived_at=now)
        session.add(found)
    found.declared_at = found.declared_at or now
    session.flush()
    return found


def record_opinion(
    session: Session, sitting: SteeringSession, dossier: Dossier, motion: Motion, *, texts: Mapping[str, str], actor: Actor,
    now: datetime,
) -> JournalEntry:  # fmt: skip
    """Record what the motion that was carried advises, and seal with it what is written for the city; `texts` by language.
    *Defer* leaves the file in review. Raises Refused without a quorum, the declarations or a text in each of the call's
    languages."""
    rights.require(session, actor, dossier, Permission.ADVISE)
    lock(session, dossier, None)
    outcome = OUTCOMES[MotionKind(motion.kind)]
    facts = opinion_facts(session, dossier, sitting, outcome, texts, actor)
    with session.begin_nested():  # the opinion's document reads it; a refusal takes it back
        _supersede(session, dossier, now)
        opinion = Opinion(
            id=new_id(), dossier_id=dossier.id, session_id=sitting.id, outcome=outcome,
            text_en=texts.get("en", "").strip(), text_fr=texts.get("fr", "").strip(), voting=facts.voting,
            recorded_at=now, recorded_by=actor.person, motion_id=motion.id,
        )  # fmt: skip
        session.add(opinion)
        session.flush()
        if outcome is not OpinionOutcome.DEFER:
            seal_feedback(session, dossier, now)
        name = "defer" if outcome is OpinionOutcome.DEFER else "advise"
        reason = texts.get(dossier.language, "") or next(iter(texts.values()), "")
        return fire(
            session, dossier, name, actor=actor, now=now, reason=reason,
            attempt=Attempt(now=now, roles=frozenset(), opinion=facts),
            payload={"outcome": str(outcome), "session": str(sitting.id), "voting": facts.voting},
        )  # fmt: skip


def opinion_facts(
    session: Session,
    dossier: Dossier,
    sitting: SteeringSession,
    outcome: OpinionOutcome,
    texts: Mapping[str, str],
    actor: Actor,
) -> OpinionFacts:
    """The sitting as the guards see it for this file: a seat with a conflict does not vote."""
    mine = {seat.id for seat in actor.steering_seats}
    present = deliberation.sitters(session, sitting, dossier.id)
    languages = calls.definition(dossier.call).publish_languages
    return OpinionFacts(
        outcome=outcome,
        voting=len(entitled(present)),
        seated=any(s.seat in mine for s in present),
        undeclared=tuple(composition.told_apart(s) for s in present if s.here and not s.declared),
        text_lacking=tuple(k for k in languages if not texts.get(k, "").strip()),
    )


def standing_opinion(session: Session, dossier_id: UUID) -> Opinion | None:
    """The opinion that stands on the dossier, or None."""
    return session.scalar(sa.select(Opinion).where(Opinion.dossier_id == dossier_id, Opinion.superseded_at.is_(None)))


def opinion_given(session: Session, dossier_id: UUID) -> Opinion | None:
    """The opinion that stands, unless the group only put it off."""
    found = standing_opinion(session, dossier_id)
    return found if found and found.outcome != OpinionOutcome.DEFER else None


def renew_opinion(
    session: Session, dossier: Dossier, act: str, *, actor: Actor, now: datetime, payload: Mapping[str, Any]
) -> None:  # fmt: skip
    """Write the act into the journal and issue the document of the opinion that stands anew, which says what the act added;
    a deferral has none."""
    lock(session, dossier, None)
    journal.append(session, dossier.id, act, actor_id=actor.account_id, now=now, payload=payload)
    if opinion_given(session, dossier.id):
        documents.issue(Doc.STEERING_OPINION, Occasion(session, dossier, now, act, actor))


def seal_feedback(session: Session, dossier: Dossier, now: datetime) -> bool:
    """Make what is whole of the feedback to the city part of the opinion; whether anything was added."""
    languages = calls.definition(dossier.call).publish_languages
    found = [
        row
        for row in feedback.rows(session, dossier.id).values()
        if row.sealed_at is None and is_complete(feedback.texts(row), languages)
    ]
    for row in found:
        row.sealed_at = now
    session.flush()
    return bool(found)


def _supersede(session: Session, dossier: Dossier, now: datetime) -> None:
    session.execute(
        sa.update(Opinion)
        .where(Opinion.dossier_id == dossier.id, Opinion.superseded_at.is_(None))
        .values(superseded_at=now)
    )
