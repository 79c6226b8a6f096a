"""Acts on a clause after its text: in the journal of the Network, and seen by all who follow the meeting."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.models.clause import Clause
from rvc_portal.services import network_acts


def note(
    session: Session, clause: Clause, act: str, told: Mapping[str, object], *, actor: Actor, now: datetime
) -> None:  # fmt: skip
    """Write down what was done to the clause; the caller holds the Network's chain."""
    clause.meeting.changed()
    session.flush()
    network_acts.note(session, act, actor=actor, now=now, payload={"clause": str(clause.id), **told})
