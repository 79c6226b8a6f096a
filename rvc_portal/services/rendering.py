"""Documents rendered and stored, after the transition that issued them.

In three steps, so that no transaction stays open while a document is laid out: read what is frozen in the row, make the
file, record it. Each step may come twice: equal rows give equal bytes, which storage keeps once.

Where the office has keys the document is signed next, by a job of its own (`services.signing`).
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.orm import undefer

from rvc_portal.documents import pdf
from rvc_portal.documents.attachments import Attached
from rvc_portal.domain import codes
from rvc_portal.domain.vocabulary import JobKind, Signing
from rvc_portal.gateways.files import Files
from rvc_portal.models.document import Document
from rvc_portal.services import mailing, queue
from rvc_portal.services.queue import AnySession

FINISH = 1
"""What is begun is finished first: a signature takes a tenth of what the rendering took, and somebody waits for both."""


@dataclass(frozen=True)
class Frozen:
    """What a document is made of, as frozen when it was issued. `images`: key in the template → SHA-256 in storage;
    `base_url`: where its public page is, None where it leads to none."""

    kind: str
    language: str
    context: dict[str, Any]
    images: dict[str, str]
    base_url: str | None = None


@dataclass(frozen=True)
class Stored:
    """A document made and stored. `size` in bytes; `renderer`: fingerprint of all that decides the bytes besides."""

    sha256: str
    pages: int
    size: int
    renderer: str
    base_url: str | None = None


def frozen(session: AnySession, document_id: UUID, base_url: str | None = None) -> Frozen | None:
    """What to render; None where the document was rendered before. Raises NoResultFound for an unknown id."""
    row = session.get_one(Document, document_id, options=[undefer(Document.context)])
    return None if row.content_sha256 else source_of(row, base_url)


def source_of(row: Document, base_url: str | None) -> Frozen:
    """What a document is made of. `base_url`: of its public page; of a document that was rendered, `row.base_url`."""
    return Frozen(row.kind, row.language, addressed(row.context, row.code, base_url), row.images, base_url)


def addressed(context: dict[str, Any], code: str, base_url: str | None) -> dict[str, Any]:
    """The context with the address of the document's public page."""
    facts = dict(context["document"])
    if base_url:
        facts["verify_url"] = f"{base_url}/verify/{codes.printed(code)}"
    return {**context, "document": facts}


def render(files: Files, source: Frozen, on_page: pdf.OnPage | None = None) -> pdf.Rendered:
    """Make the file; no database. `on_page` is told of each page as it is laid out. Raises documents.pdf.DocumentError,
    gateways.files.StorageError."""
    images = {key: files.get(sha256) for key, sha256 in source.images.items()}
    return pdf.render(source.kind, source.context, source.language, images, on_page, attached_to(files, source.context))


def attached_to(files: Files, context: dict[str, Any]) -> list[Attached]:
    """The files that go into the document beside its pages; each is read when it is written, one at a time."""
    return [
        Attached(
            told["name"], told["description"], told["media_type"], told["size"], told["sha256"],
            datetime.fromisoformat(told["at"]), partial(files.get, told["sha256"]),
        )
        for told in context.get("attached", [])
    ]  # fmt: skip


def make(files: Files, source: Frozen, on_page: pdf.OnPage | None = None) -> Stored:
    """Render and store. Raises as `render` does."""
    rendered = render(files, source, on_page)
    sha256 = files.put(rendered.content)
    return Stored(sha256, rendered.pages, len(rendered.content), pdf.renderer_fingerprint(), source.base_url)


def record(session: AnySession, document_id: UUID, stored: Stored, now: datetime, *, signs: bool = False) -> None:
    """Note in the document's row what was stored, unless another worker did. The mails that waited for it go now, or, where
    the office `signs`, once it is signed."""
    values = {
        "content_sha256": stored.sha256,
        "pages": stored.pages,
        "size": stored.size,
        "renderer": stored.renderer,
        "base_url": stored.base_url,
        "rendered_at": now,
        "signing": Signing.WAITING if signs else None,
    }
    unrendered = sa.and_(Document.id == document_id, Document.content_sha256.is_(None))
    changed = session.execute(sa.update(Document).where(unrendered).values(values))
    if not signs:
        mailing.let_go(session, document_id, now)
    elif changed.rowcount:  # type: ignore[attr-defined]
        job_id = uuid5(document_id, JobKind.SIGN)  # not drawn: keys must not change the ids of a replay
        queue.enqueue(session, JobKind.SIGN, document_id, now=now, priority=FINISH, job_id=job_id)
