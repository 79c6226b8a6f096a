"""Contexts of CONCLUSIONS, CONCLUSIONS_BILINGUAL and ERRATUM: the text of an annual meeting, and what is corrected of it."""

from sqlalchemy.orm import Session

from rvc_portal.language import LANGUAGES
from rvc_portal.models.clause import Clause
from rvc_portal.models.drafting import Erratum
from rvc_portal.models.meeting import Meeting
from rvc_portal.queries import conclusions as query
from rvc_portal.queries.conclusions import PREAMBLE, TITLE, Conclusions
from rvc_portal.services.contexts.composition import of_network
from rvc_portal.services.contexts.parts import Context, Draft, iso, said

IN_COLUMNS = tuple(reversed(LANGUAGES))
"""From left to right: the language in which the Network writes its texts first."""


def conclusions(session: Session, meeting: Meeting, language: str) -> Draft:
    """The text as it reads now in the language."""
    there = query.of(session, meeting)

    def read(piece: Clause) -> Context | None:
        return said(piece.text(language), language)

    context = {
        **_of_meeting(session, meeting),
        "title": _head(there, TITLE, language),
        "preamble": _head(there, PREAMBLE, language),
        "clauses": [{"text": read(clause), "parts": [read(part) for part in parts]} for clause, parts in there.clauses],
    }
    return Draft(context)


def bilingual(session: Session, meeting: Meeting) -> Draft:
    """The text as it reads now in both languages."""
    there = query.of(session, meeting)

    def read(piece: Clause | None) -> Context | None:
        texts = {language: (piece.text(language) if piece else "") or None for language in LANGUAGES}
        return texts if any(texts.values()) else None

    context = {
        **_of_meeting(session, meeting),
        "languages": list(IN_COLUMNS),
        "title": read(there.head.get(TITLE)),
        "preamble": read(there.head.get(PREAMBLE)),
        "clauses": [
            {"texts": read(clause), "parts": [read(part) for part in parts]} for clause, parts in there.clauses
        ],
    }  # fmt: skip
    return Draft(context)


def erratum(session: Session, found: Erratum, name: str) -> Draft:
    """A correction; `name`: what the piece is called in the text."""
    meeting = found.clause.meeting
    context = {
        **_of_meeting(session, meeting),
        "number": found.number,
        "title": _head(query.of(session, meeting), TITLE, found.language),
        "piece": {"kind": found.clause.kind, "name": name},
        "reads": said(found.reads, found.language),
        "should_read": said(found.should_read, found.language),
        "reason": said(found.reason, found.reason_language),
        "issued_at": iso(found.issued_at),
    }
    return Draft(context)


def _of_meeting(session: Session, meeting: Meeting) -> Context:
    return {
        **of_network(session),
        "edition": meeting.edition,
        "year": meeting.year,
        "hosts": [{"city": host.city, "country_iso2": host.country} for host in meeting.hosts],
        "starts_on": meeting.starts_on.isoformat() if meeting.starts_on else None,
        "ends_on": meeting.ends_on.isoformat() if meeting.ends_on else None,
        "sealed_at": iso(meeting.sealed_at) if meeting.sealed_at else None,
    }


def _head(there: Conclusions, kind: str, language: str) -> Context | None:
    return said(there.head[kind].text(language), language) if kind in there.head else None
