"""The pieces of a file: checked by content, stored by hash, replaced without losing what was there."""

from datetime import datetime
from typing import IO
from uuid import UUID

from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal, Refused
from rvc_portal.domain.team import PIECES
from rvc_portal.domain.vocabulary import N_, Permission
from rvc_portal.gateways import uploads
from rvc_portal.gateways.files import Files, digest
from rvc_portal.gateways.scanner import Scanner
from rvc_portal.models.dossier import Attachment, Dossier
from rvc_portal.queries import calls, dossiers
from rvc_portal.queries import submission as query
from rvc_portal.services import previews, rights
from rvc_portal.services.transitions import lock

NO_SCANNER = Scanner("")


def add(
    session: Session,
    files: Files,
    dossier: Dossier,
    key: str,
    *,
    name: str,
    content: IO[bytes],
    actor: Actor,
    now: datetime,
    received_at: datetime | None = None,
    replaces: UUID | None = None,
    scanner: Scanner = NO_SCANNER,
    preview_sha256: str | None = None,
) -> Attachment:
    """Take in one file for a piece of the call; one that stands there already, sent again after its answer was lost, is
    not taken twice. `content`: a file that can be read from any place, so that a large one is never whole in memory;
    `replaces`: the file whose place it takes, which is kept among the earlier ones; `preview_sha256`: its preview where
    there is one, else a worker makes it. Raises InvalidInput, under the piece's key, for a file of the wrong format, size
    or content, one too many, or one in which the `scanner` finds something; Refused after the deadline; ScannerError,
    StorageError when it cannot be looked through or kept."""
    rights.require(session, actor, dossier, Permission.WRITE, keys=(PIECES,))
    lock(session, dossier, None)
    rights.check_in_time(dossier, received_at or now)
    _check_open_again(dossier, key)
    piece = _piece(dossier, key)
    present = [a for a in dossiers.attachments(session, dossier.id) if a.piece == key]
    sha256 = digest(content)
    replaced = next((a for a in present if a.id == replaces), None)
    again = next((a for a in present if a.sha256 == sha256), None)
    if again is not None and replaced in (None, again):
        return again
    if len(present) >= piece.count and replaced is None:
        raise InvalidInput(
            {
                key: (
                    Refusal(
                        N_("All %(count)s files of this piece are there: remove one first."), {"count": piece.count}
                    ),
                )
            }
        )
    found = uploads.inspect(
        content, name, formats=piece.formats, max_bytes=piece.max_bytes, min_pixels=piece.min_pixels, target=key
    )
    virus = scanner.scan(content)
    if virus is not None:
        raise InvalidInput(
            {
                key: (
                    Refusal(
                        N_("The scanner has found this in the file: %(name)s. It was not taken in."), {"name": virus}
                    ),
                )
            }
        )
    attachment = Attachment(
        dossier_id=dossier.id, piece=key, name=found.name, content_type=found.content_type, size=found.size,
        sha256=files.put_file(content), details={**found.details, "scanned": scanner.is_set},
        preview_sha256=preview_sha256, author_id=actor.person, at=now,
    )  # fmt: skip
    session.add(attachment)
    if replaced is not None:
        replaced.removed_at = now
    session.flush()
    previews.order(session, attachment, now)
    return attachment


def remove(
    session: Session, dossier: Dossier, attachment_id: UUID, *, actor: Actor, now: datetime,
    received_at: datetime | None = None,
) -> None:  # fmt: skip
    """Take a file out of the dossier; its bytes stay in storage. Raises NotFound for a file of another dossier."""
    rights.require(session, actor, dossier, Permission.WRITE, keys=(PIECES,))
    lock(session, dossier, None)
    rights.check_in_time(dossier, received_at or now)
    attachment = session.get(Attachment, attachment_id)
    if attachment is None or attachment.dossier_id != dossier.id:
        raise NotFound
    _check_open_again(dossier, attachment.piece)
    if attachment.removed_at is None:
        attachment.removed_at = now
    session.flush()


def _piece(dossier: Dossier, key: str):  # type: ignore[no-untyped-def]
    try:
        return calls.definition(dossier.call).piece(key)
    except KeyError:
        raise NotFound from None


def _check_open_again(dossier: Dossier, key: str) -> None:
    if not query.is_open(dossier, key):
        raise Refused([Refusal(N_("Only the pieces named in the return can be changed."), target=key)])
