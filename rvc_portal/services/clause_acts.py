"""Acts on a clause after its text: in the journal of the Network, and seen by all who follow the meeting."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.models.clause import Clause
from rvc_portal.models.meeting import Meeting
from rvc_portal.services import network_acts


def note(
    session: Session, clause: Clause, act: str, told: Mapping[str, object], *, actor: Actor, now: datetime
) -> None:  # fmt: skip
    """Write down what was done to the clause; the caller holds the Network's chain. The meeting's version is counted up where
    it stands, since the row may have been read before the chain was held."""
    session.flush()
    counted = sa.update(Meeting).where(Meeting.id == clause.meeting_id).values(version=Meeting.version + 1)
    session.execute(counted.execution_options(synchronize_session=False))
    session.expire(clause.meeting, ["version"])
    network_acts.note(session, act, actor=actor, now=now, payload={"clause": str(clause.id), **told})
