"""The number under which an evaluator is known on a dossier where the call hides names."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.blindness import Blind, free_numbers
from rvc_portal.models.base import new_id
from rvc_portal.models.evaluation import Assignment
from rvc_portal.queries import calls


def number(session: Session, assignment: Assignment) -> None:
    """Draw the assignment's number by lot, unless it has one or the call is open. The caller holds the dossier's lock."""
    if assignment.number is not None or calls.definition(assignment.dossier.call).blind == Blind.OPEN:
        return
    query = sa.select(Assignment.number).where(Assignment.dossier_id == assignment.dossier_id)
    free = free_numbers([taken for taken in session.scalars(query) if taken is not None])
    assignment.number = free[new_id().int % len(free)]  # ids come from a seed where a round is replayed
