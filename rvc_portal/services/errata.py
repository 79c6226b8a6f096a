"""A sealed text is never changed: what was wrong in it is said in an erratum, with a document of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal, Refused
from rvc_portal.domain.outline import whole
from rvc_portal.domain.vocabulary import N_, Doc
from rvc_portal.language import LANGUAGES
from rvc_portal.models.base import new_id
from rvc_portal.models.clause import Clause
from rvc_portal.models.document import Document
from rvc_portal.models.drafting import Erratum
from rvc_portal.queries import conclusions as texts
from rvc_portal.queries import drafting as query
from rvc_portal.services import conclusions, documents, network_acts
from rvc_portal.services.contexts.conclusions import erratum as draft_of


@dataclass(frozen=True)
class Correction:
    """What is wrong: `reads` stands in the text of the `language`, `should_read` is meant."""

    language: str
    reads: str
    should_read: str
    reason: str
    reason_language: str


def issue(
    session: Session, clause: Clause, wanted: Correction, *, actor: Actor, now: datetime
) -> tuple[Erratum, list[Document]]:  # fmt: skip
    """Record the correction and issue ERRATUM in each of the Network's languages. Raises Refused without the role or for a text
    that is not sealed, NotFound for another language than the Network's, InvalidInput by field for what cannot be corrected so."""
    network_acts.require_secretariat(actor)
    network_acts.hold(session)
    meeting = clause.meeting
    if meeting.sealed_at is None:
        raise Refused([Refusal(N_("This text is not sealed: it can be changed itself."))])
    if {wanted.language, wanted.reason_language} - set(LANGUAGES):
        raise NotFound
    name = query.name_of(texts.of(session, meeting), clause)
    if name is None:
        raise NotFound
    problems = dict(_problems(clause, wanted))
    if problems:
        raise InvalidInput(problems)
    counted = sa.select(sa.func.count()).select_from(Erratum).where(Erratum.meeting_id == meeting.id)
    found = Erratum(
        id=new_id(), meeting_id=meeting.id, clause_id=clause.id, number=1 + (session.scalar(counted) or 0),
        language=wanted.language, reads=whole(wanted.reads), should_read=whole(wanted.should_read),
        reason=wanted.reason.strip(), reason_language=wanted.reason_language, issued_at=now, issued_by=actor.person,
    )  # fmt: skip
    session.add(found)
    meeting.changed()
    session.flush()
    payload = {"meeting": str(meeting.id), "erratum": str(found.id), "number": found.number, "clause": name}
    network_acts.note(session, "issue_erratum", actor=actor, now=now, payload=payload)
    subject = f"{conclusions.subject_of(meeting)}/{found.number}"
    issued = [
        documents.write(
            session, Doc.ERRATUM, draft_of(session, found, name), now=now, transition="issue_erratum", call_id=None,
            subject_id=found.id, language=language, subject=subject,
        )
        for language in LANGUAGES
    ]  # fmt: skip
    return found, issued


def _problems(clause: Clause, wanted: Correction) -> Iterator[tuple[str, tuple[Refusal, ...]]]:
    reads, should_read = whole(wanted.reads), whole(wanted.should_read)
    if not reads or reads not in whole(clause.text(wanted.language)):
        params = {"language": wanted.language}
        yield (
            "reads",
            (Refusal(N_("These words do not stand in the sealed text of this place: %(language)s."), params),),
        )
    if not should_read:
        yield "should_read", (Refusal(N_("Say what is to be read; where words fall away, with those beside them.")),)
    elif should_read == reads:
        yield "should_read", (Refusal(N_("This is what the text says already.")),)
    if not wanted.reason.strip():
        yield "reason", (Refusal(N_("Say why it is corrected.")),)
