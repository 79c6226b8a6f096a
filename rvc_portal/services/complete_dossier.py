"""The complete dossier of a city, made for one person: all that they may see of the file when they ask.

It is an issued document like any other, but its reader's alone, and theirs only as long as each document in it is
(`queries.documents`). It says as of when it speaks; asking again supersedes it, unless it would say the same.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.vocabulary import Doc, Permission, Role
from rvc_portal.gateways.files import Files
from rvc_portal.models.document import Document, DocumentPart
from rvc_portal.models.dossier import Dossier
from rvc_portal.services import documents, journal, rights
from rvc_portal.services.contexts import complete as contexts

ACT = "order_dossier"


def order(session: Session, files: Files, dossier: Dossier, *, actor: Actor, now: datetime) -> Document:
    """Have the complete dossier made for this person, in the language that they read; the one that stands where it says the
    same. Raises NotFound and Refused for who may not read the file."""
    held = rights.hold(session, actor, dossier, Permission.READ)
    found = contexts.complete(session, files, dossier, held, actor=actor, now=now)
    standing = _standing(session, dossier, actor)
    if standing is not None and documents.says(standing, found.draft.context):
        return standing
    journal.append(session, dossier.id, ACT, actor_id=actor.person, now=now)
    made = documents.write(
        session, Doc.COMPLETE_DOSSIER, found.draft, now=now, transition=ACT, call_id=dossier.call_id,
        dossier_id=dossier.id, account_id=actor.person, language=actor.language, subject=dossier.reference,
        tells_head=Role.SECRETARIAT in held,  # others would learn by it that something happened
    )  # fmt: skip
    session.add_all(DocumentPart(document_id=made.id, part_id=part) for part in found.parts)
    session.flush()
    return made


def _standing(session: Session, dossier: Dossier, actor: Actor) -> Document | None:
    query = sa.select(Document).where(
        Document.dossier_id == dossier.id, Document.kind == Doc.COMPLETE_DOSSIER, Document.superseded_at.is_(None),
        Document.account_id == actor.person, Document.language == actor.language,
    )  # fmt: skip
    return session.scalars(query.options(undefer(Document.context))).first()
