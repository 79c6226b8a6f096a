"""The calendar of the Network as a document, issued by the Secretariat."""

from datetime import datetime

from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, Refusal
from rvc_portal.domain.vocabulary import N_, Doc
from rvc_portal.models.document import Document
from rvc_portal.services import network_acts
from rvc_portal.services.contexts import calendar as contexts

EARLIEST, LATEST = 1990, 2100
"""Between which years a calendar can begin."""


def issue(session: Session, start: int, *, actor: Actor, now: datetime) -> list[Document]:
    """Issue NETWORK_CALENDAR for ten years from `start` on; the one before is superseded, whatever years it was of. Raises
    Refused without the role, InvalidInput for a year that no calendar of the Network has."""
    network_acts.require_secretariat(actor)
    if not EARLIEST <= start <= LATEST:
        params = {"first": EARLIEST, "last": LATEST}
        raise InvalidInput({"start": (Refusal(N_("Choose a year from %(first)s to %(last)s."), params),)})
    network_acts.hold(session)
    network_acts.note(session, "issue_calendar", actor=actor, now=now, payload={"from": start})
    draft = contexts.calendar(session, start, now)
    return network_acts.issue(session, Doc.NETWORK_CALENDAR, draft, now=now, act="issue_calendar")
