"""The outcome of a published call, for everybody: which cities were designated. Nothing before publication."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.vocabulary import CallStatus
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier


@dataclass(frozen=True)
class Designated:
    city: str
    country: str | None
    field: str | None


def designated(session: Session, call: Call) -> list[Designated]:
    """The cities designated in the call, by field and name; none while it is not published. One query."""
    if call.status != CallStatus.PUBLISHED:
        return []
    query = (
        sa.select(Dossier.lead_city, Dossier.lead_country, Dossier.field)
        .where(Dossier.call_id == call.id, Dossier.state == "designated")
        .order_by(Dossier.field, Dossier.lead_city)
    )
    return [Designated(*row) for row in session.execute(query)]
