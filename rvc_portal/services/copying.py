"""Copying answers and pieces from one's own earlier file into a draft."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.copying import offers
from rvc_portal.domain.errors import NotFound, Refusal, Refused
from rvc_portal.domain.vocabulary import N_
from rvc_portal.gateways.files import Files
from rvc_portal.models.dossier import Attachment, Dossier
from rvc_portal.queries import calls, copying, dossiers
from rvc_portal.services import journal, pieces, submission


def copy(
    session: Session, dossier: Dossier, source_id: UUID, questions: Collection[str], *, actor: Actor, now: datetime,
    seen: Mapping[str, int] | None = None,
) -> list[str]:  # fmt: skip
    """Take the answers to `questions` (keys) over from the earlier file as far as they fit, and return the keys that
    changed. Raises NotFound for a file that the person may not copy from, Refused where the file is no draft or cannot
    be written, Overtaken where an answer changed after it was `seen`."""
    source = _source(session, dossier, source_id, actor)
    found = offers(
        calls.definition(source.call).form, calls.definition(dossier.call).form,
        dossiers.values(session, source.id), dossiers.values(session, dossier.id), dossier.language,
    )  # fmt: skip
    values = {offer.question.key: offer.value for offer in found if offer.question.key in questions}
    changed = submission.save_answers(session, dossier, values, actor=actor, now=now, seen=seen)
    if changed:
        payload = {"source": source.reference, "questions": sorted(changed)}
        journal.append(
            session, dossier.id, "copy", actor_id=actor.account_id, now=now, reason=source.reference, payload=payload
        )
    return changed


def copy_pieces(
    session: Session, files: Files, dossier: Dossier, source_id: UUID, attachments: Collection[UUID], *, actor: Actor,
    now: datetime,
) -> list[Attachment]:  # fmt: skip
    """Take uploaded files over from the earlier dossier, each judged anew by what this call asks for; the bytes and the
    preview in storage are the same. Raises as `copy` does, and InvalidInput, under the piece's key, for a file that this
    call does not take."""
    source = _source(session, dossier, source_id, actor)
    taken = []
    for offered, _room in copying.pieces(session, dossier, source):
        if offered.id in attachments:
            with files.opened(offered.sha256) as content:
                added = pieces.add(
                    session, files, dossier, offered.piece, name=offered.name, content=content,
                    preview_sha256=offered.preview_sha256, actor=actor, now=now,
                )  # fmt: skip
            taken.append(added)
    if taken:
        payload = {"source": source.reference, "pieces": sorted({a.piece for a in taken})}
        journal.append(
            session, dossier.id, "copy_pieces", actor_id=actor.account_id, now=now, reason=source.reference, payload=payload
        )  # fmt: skip
    return taken


def _source(session: Session, dossier: Dossier, source_id: UUID, actor: Actor) -> Dossier:
    source = copying.source(session, actor, dossier, source_id)
    if source is None:
        raise NotFound
    if dossier.state != "draft":
        raise Refused([Refusal(N_("An earlier file is copied into a draft only."))])
    return source
