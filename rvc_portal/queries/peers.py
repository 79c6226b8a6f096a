"""Reads of an evaluator who looks at what the others wrote: only once the own sheet is closed."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment, Evaluation
from rvc_portal.queries import calls


def may_read(session: Session, actor: Actor, dossier: Dossier) -> bool:
    """Whether the person, as an evaluator of the dossier, reads the others' closed sheets: the call says so, and the own
    one is closed."""
    return calls.definition(dossier.call).peer_sheets and has_closed(session, actor, dossier.id)


def has_closed(session: Session, actor: Actor, dossier_id: UUID) -> bool:
    """Whether every sheet that the person is asked for on the dossier counts, and there is one: a sheet that was opened
    again, like one that is still to be begun, shuts the person out until it is closed. One query."""
    found = _own_sheets(session, actor, dossier_id)
    return bool(found) and all(found)


def is_judging(session: Session, actor: Actor, dossier: Dossier) -> bool:
    """Whether a sheet of the person's own on the dossier is still to be closed. One query, for an evaluator."""
    return dossier.state == "in_evaluation" and not all(_own_sheets(session, actor, dossier.id))


def _own_sheets(session: Session, actor: Actor, dossier_id: UUID) -> Sequence[bool]:
    """Whether each sheet that the person is asked for on the dossier counts."""
    if not actor.evaluating_seats:
        return ()
    query = (
        sa.select(sa.func.coalesce(Evaluation.counting(), sa.false()))
        .select_from(Assignment)
        .outerjoin(Evaluation, Evaluation.assignment_id == Assignment.id)
        .where(
            Assignment.dossier_id == dossier_id,
            Assignment.seat_id.in_([s.id for s in actor.evaluating_seats]),
            Assignment.ended_at.is_(None),
        )
    )
    return [bool(counts) for counts in session.scalars(query)]
