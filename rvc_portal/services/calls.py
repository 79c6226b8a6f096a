"""Opening a call: from then on its form and rubric are frozen, whatever becomes of the file they came from. And trying one
in private: a test call runs like any other before the Secretariat alone, and is thrown away without a trace."""

import hashlib
import itertools
from dataclasses import replace
from datetime import datetime

import rfc8785
import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.errors import Refusal, Refused
from rvc_portal.domain.vocabulary import N_, CallStatus, Doc, Role
from rvc_portal.domain.windows import moved
from rvc_portal.models.base import Base, new_id
from rvc_portal.models.call import Call
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Attachment, Dossier
from rvc_portal.models.job import Job, Mail
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.ranking import Ranking
from rvc_portal.queries import calls
from rvc_portal.services import documents, journal, rights
from rvc_portal.services.contexts import call as contexts
from rvc_portal.services.transitions import lock_call


def open_call(
    session: Session, definition: CallDefinition, *, actor: Actor, now: datetime, demonstration: bool = False,
    test: bool = False,
) -> Call:  # fmt: skip
    """Open a call after its definition: its text and its blank form are issued. Raises Refused when a call with this key
    exists."""
    if calls.by_key(session, definition.key):
        raise Refused([Refusal(N_("A call with the key “%(key)s” exists already."), {"key": definition.key})])
    frozen = definition.to_json()
    call = Call(
        id=new_id(), key=definition.key, procedure=definition.procedure, status=CallStatus.OPEN, definition=frozen,
        definition_sha256=hashlib.sha256(rfc8785.dumps(frozen)).hexdigest(),
        opens_at=definition.filing.opens_at, closes_at=definition.filing.closes_at,
        created_at=now, opened_at=now, demonstration=demonstration,
        test=test,
    )  # fmt: skip
    session.add(call)
    session.flush()
    payload = {"key": call.key, "definition_sha256": call.definition_sha256}
    journal.append(session, call.id, "open", actor_id=actor.account_id, now=now, payload=payload)
    _issue(session, call, now)
    return call


def _issue(session: Session, call: Call, now: datetime) -> None:
    """What a city takes along before it begins, in each language in which a file may be written."""
    drafts = {Doc.CALL_TEXT: contexts.call_text(call), Doc.BLANK_FORM: contexts.blank_form(call)}
    for kind, draft in drafts.items():
        for language in calls.definition(call).languages:
            documents.write(
                session, kind, draft, now=now, transition="open", call_id=call.id, language=language,
                subject=call.key.upper(),
            )  # fmt: skip


def open_test(
    session: Session, definition: CallDefinition, *, actor: Actor, now: datetime, demonstration: bool = False
) -> Call:
    """Open a private copy under a key of its own. Where files cannot be opened at present, its calendar is moved by as
    many days as make its filing window begin today."""
    numbers = (f"{definition.key[:60]}-test-{n}" for n in itertools.count(1))
    key = next(key for key in numbers if calls.by_key(session, key) is None)
    windows = definition.windows
    if not definition.filing.contains(now):
        windows = moved(windows, (now - definition.filing.opens_at).days, definition.timezone)
    copy = replace(definition, key=key, windows=windows)
    return open_call(session, copy, actor=actor, now=now, demonstration=demonstration, test=True)


def discard(session: Session, call: Call, *, actor: Actor) -> None:
    """Throw a test call away with every row that came of it: dossiers and all that hangs on them, documents, journals,
    jobs, mails. Stored files stay: they are kept by content, and another row may name the same. Raises Refused for a
    call that is no test, and without the role."""
    rights.require_on_call(actor, call.id, Role.SECRETARIAT)
    if not call.test:
        raise Refused([Refusal(N_("Only a test call can be thrown away."))])
    lock_call(session, call)
    doomed = _hanging_on(call)
    dossiers = session.scalars(sa.select(Dossier.id).where(Dossier.call_id == call.id).with_for_update()).all()
    references = list(session.scalars(sa.select(Dossier.reference).where(Dossier.call_id == call.id)))
    told = Mail.context["reference"].as_string().in_(references)  # what is no row of the dossier names it
    made = sa.select(Document.id).where(doomed[Base.metadata.tables["document"]])
    drawn = sa.select(Attachment.id).where(doomed[Base.metadata.tables["attachment"]])
    sent = sa.select(Mail.id).where(told)
    ranked = sa.select(Ranking.id).where(doomed[Base.metadata.tables["ranking"]])
    caused = sa.or_(*(Job.subject_id.in_(subjects) for subjects in (made, drawn, sent, ranked)))
    session.execute(sa.delete(Job).where(caused), _UNSEEN)
    session.execute(sa.delete(Mail).where(told), _UNSEEN)
    session.execute(sa.delete(JournalEntry).where(JournalEntry.chain.in_([call.id, *dossiers])), _UNSEEN)
    session.expire_all()
    for table in reversed(Base.metadata.sorted_tables):
        if table in doomed:
            session.execute(sa.delete(table).where(doomed[table]))


_UNSEEN = {"synchronize_session": False}


def _hanging_on(call: Call) -> dict[sa.FromClause, sa.ColumnElement[bool]]:
    """For each table, the rows that hang on the call by foreign keys, whatever tables there are."""
    found: dict[sa.FromClause, sa.ColumnElement[bool]] = {Call.__table__: Call.__table__.c.id == call.id}
    for table in Base.metadata.sorted_tables:
        ways = [
            key.parent.in_(sa.select(key.column).where(found[key.column.table]))
            for key in sorted(table.foreign_keys, key=lambda k: k.parent.name)
            if key.column.table in found and key.column.table is not table
        ]
        if ways:
            found[table] = sa.or_(*ways)
    return found
