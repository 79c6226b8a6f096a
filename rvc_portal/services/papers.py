"""The papers of a sitting: what the group reads before it meets, one document for each set of items closed to a reader.

They are issued when the group is called together and whenever the agenda is ordered anew by the rule; what changes an item
or moves one takes them away (`documents.withdraw_papers`) until they are issued again, so that nobody reads stale ones.
"""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Doc, Role
from rvc_portal.models.call import Call
from rvc_portal.models.document import Document
from rvc_portal.models.steering import SteeringSession
from rvc_portal.queries import calls
from rvc_portal.queries import deliberation as query
from rvc_portal.services import documents, journal, rights, variants
from rvc_portal.services.contexts import papers as contexts
from rvc_portal.services.contexts.parts import Draft
from rvc_portal.services.transitions import lock_call


def issue(session: Session, sitting: SteeringSession, *, actor: Actor, now: datetime) -> None:
    """Issue what is missing of the papers. Raises Refused without the role and once the sitting is closed; safe to
    repeat."""
    rights.require_on_call(actor, sitting.call_id, Role.SECRETARIAT, Role.STEERING)
    lock_call(session, session.get_one(Call, sitting.call_id))
    if sitting.closed_at is not None:
        raise Refused([Refusal(N_("This sitting is closed."))])
    write(session, sitting, actor=actor, now=now)


def write(session: Session, sitting: SteeringSession, *, actor: Actor, now: datetime) -> None:
    """Bring the papers up to date, in every language of the call, as an act of the journal: what would say the same stands
    as it is, what nobody needs any more is superseded. The caller holds the call's row."""
    session.flush()
    standing = {(d.variant, d.language): d for d in _standing(session, sitting)}
    call, missing = session.get_one(Call, sitting.call_id), []
    for variant, language, draft in _drafts(session, sitting, now):
        earlier = standing.pop((variant, language), None)
        if earlier is None or not documents.says(earlier, draft.context):
            missing.append((variant, language, draft))
    for unwanted in standing.values():
        unwanted.superseded_at = now
    if missing:
        payload = {"session": str(sitting.id)}
        journal.append(session, call.id, "issue_papers", actor_id=actor.account_id, now=now, payload=payload)
    for variant, language, draft in missing:
        variants.write(
            session, sitting, Doc.SESSION_PAPERS, draft, act="issue_papers", variant=variant, language=language, now=now
        )


def _drafts(session: Session, sitting: SteeringSession, now: datetime) -> Iterator[tuple[str | None, str, Draft]]:
    """The papers as they are to be: for each set of closed items, by its name, in each language."""
    call, wanted = session.get_one(Call, sitting.call_id), variants.needed(session, sitting)
    items = query.items(session, sitting)
    for language in calls.definition(call).publish_languages:
        details = {item.id: contexts.detail(session, item.dossier, language, now) for item in items}
        for variant, shut in wanted.items():
            yield variant, language, contexts.papers(session, sitting, items, details, shut)


def _standing(session: Session, sitting: SteeringSession) -> list[Document]:
    query_ = sa.select(Document).where(
        Document.session_id == sitting.id, Document.kind == Doc.SESSION_PAPERS, Document.superseded_at.is_(None)
    )
    return list(session.scalars(query_.options(undefer(Document.context))))
