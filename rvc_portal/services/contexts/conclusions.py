"""Context of CONCLUSIONS: the text of an annual meeting in one language."""

from sqlalchemy.orm import Session

from rvc_portal.models.clause import Clause
from rvc_portal.models.meeting import Meeting
from rvc_portal.queries import conclusions as query
from rvc_portal.queries.conclusions import PREAMBLE, TITLE
from rvc_portal.services.contexts.composition import of_network
from rvc_portal.services.contexts.parts import Context, Draft, iso, said


def conclusions(session: Session, meeting: Meeting, language: str) -> Draft:
    """The text as it reads now in the language."""
    there = query.of(session, meeting)

    def read(piece: Clause | None) -> Context | None:
        return said(piece.text(language), language) if piece else None

    context = {
        **of_network(session),
        "edition": meeting.edition,
        "year": meeting.year,
        "hosts": [{"city": host.city, "country_iso2": host.country} for host in meeting.hosts],
        "title": read(there.head.get(TITLE)),
        "preamble": read(there.head.get(PREAMBLE)),
        "clauses": [{"text": read(clause), "parts": [read(part) for part in parts]} for clause, parts in there.clauses],
        "sealed_at": iso(meeting.sealed_at) if meeting.sealed_at else None,
    }
    return Draft(context)
