"""Mails: written down with what causes them, worded and sent afterwards in the reader's language."""

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from rvc_portal.documents.catalogue import KINDS
from rvc_portal.documents.formats import Formats
from rvc_portal.domain.vocabulary import JobKind, JobStatus
from rvc_portal.gateways.files import Files
from rvc_portal.gateways.mail import Enclosure, Message
from rvc_portal.language import translations
from rvc_portal.models.account import Account
from rvc_portal.models.base import new_id
from rvc_portal.models.document import Document
from rvc_portal.models.job import Job, Mail
from rvc_portal.services import queue
from rvc_portal.services.queue import AnySession
from rvc_portal.settings import TEMPLATES

PRIORITY = 3
"""Before the documents: somebody waits for a mail."""


def is_address(text: str) -> bool:
    """Whether a mail could go to this; whether it arrives, only its owner knows."""
    return "@" in text and len(text) <= 254 and not any(c.isspace() for c in text)


def queue_mail(
    session: AnySession,
    to: Account | str,
    language: str,
    template: str,
    context: dict[str, Any],
    *,
    now: datetime,
    document: Document | None = None,
) -> Mail:
    """Add a mail, and the job that sends it, to the caller's transaction. One that carries a document gets its job when
    the document is made, or when it is given up (`let_go`).

    `to`: a person or an address; `language`: of the reader, "en" or "fr"; `template`: a name in templates/mail, without
    its ending; `context`: what that template names, as JSON (instants as ISO text).
    """
    address = to if isinstance(to, str) else to.email
    mail = Mail(
        id=new_id(), to_address=address, language=language, template=template, context=context,
        document_id=document.id if document else None, created_at=now,
    )  # fmt: skip
    session.add(mail)
    if document is None:
        queue.enqueue(session, JobKind.MAIL, mail.id, now=now, priority=PRIORITY)
    return mail


def let_go(session: AnySession, document_id: UUID, now: datetime) -> None:
    """Enqueue the mails that waited for this document, in the transaction that notes what became of it. A mail goes
    once: asked again, those that have their job are left alone."""
    has_job = sa.exists().where(Job.subject_id == Mail.id, Job.kind == JobKind.MAIL)
    waiting = sa.select(Mail.id).where(Mail.document_id == document_id, Mail.sent_at.is_(None), sa.not_(has_job))
    for mail_id in session.scalars(waiting.order_by(Mail.id)).all():
        queue.enqueue(session, JobKind.MAIL, mail_id, now=now, priority=PRIORITY)


def let_go_lost(session: AnySession, now: datetime) -> None:
    """The same for every document that no worker could make: the mail says what it has to say without it."""
    given_up = sa.exists().where(
        Job.subject_id == Mail.document_id, Job.kind == JobKind.RENDER, Job.status == JobStatus.FAILED
    )
    lost = sa.select(Mail.document_id).where(Mail.document_id.is_not(None), Mail.sent_at.is_(None), given_up)
    for document_id in session.scalars(lost.distinct()).all():
        if document_id is not None:
            let_go(session, document_id, now)


def message(mail: Mail, base_url: str, enclosures: tuple[Enclosure, ...] = ()) -> Message:
    """The mail in words. Raises jinja2.TemplateError where the template is unknown or names more than the context has."""
    worded = _environment(mail.language).get_template(f"mail/{mail.template}.txt")
    text = worded.render(**mail.context, base_url=base_url, language=mail.language)
    subject, _, body = text.strip().partition("\n")
    return Message(mail.id, mail.to_address, subject, body.strip() + "\n", mail.language, mail.created_at, enclosures)


def unsent(session: AnySession, mail_id: UUID, base_url: str, files: Files) -> Message | None:
    """The mail in words, with its document where that is made; None where it was sent before. Raises NoResultFound for
    an unknown id, StorageError."""
    mail = session.get_one(Mail, mail_id)
    return None if mail.sent_at else message(mail, base_url, _enclosures(session, mail, files))


def _enclosures(session: AnySession, mail: Mail, files: Files) -> tuple[Enclosure, ...]:
    document = session.get(Document, mail.document_id) if mail.document_id else None
    if document is None or document.stored_sha256 is None:
        return ()
    name = f"{mail.context['reference']}-{document.kind}-{document.language}-{document.stored_sha256[:8]}.pdf"
    return (Enclosure(name, "application/pdf", files.get(document.stored_sha256)),)


def record_sent(session: AnySession, mail_id: UUID, now: datetime) -> None:
    """Note that the mail server took it. A crash before this sends it again, the same to its Message-ID."""
    session.execute(sa.update(Mail).where(Mail.id == mail_id, Mail.sent_at.is_(None)).values(sent_at=now))


@cache
def _environment(language: str) -> Environment:
    made = Environment(  # noqa: S701 (plain text: nothing to escape)
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
    )
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]

    def instant(iso: str, timezone: str = "UTC") -> str:
        return Formats(language, timezone).instant(iso)

    def until(iso: str, timezone: str = "UTC") -> str:
        return Formats(language, timezone).until(iso)

    def second(iso: str, timezone: str = "UTC") -> str:
        return Formats(language, timezone).second(iso)

    def day(iso: str) -> str:
        return Formats(language, "UTC").day(iso)

    def size(count: int) -> str:
        return Formats(language, "UTC").size(count)

    def in_language(wording: str | dict[str, str]) -> str:
        return wording if isinstance(wording, str) else Formats(language, "UTC").in_language(wording)

    def refusal(kept: dict[str, Any]) -> str:
        """What stood against something, as services keep it: a state comes as a message id, a kind of document as a key."""
        translate, told = translations(language).gettext, dict(kept["params"])
        told |= {"state": translate(told["state"])} if "state" in told else {}
        told |= {"kind": translate(KINDS[told["kind"]].title)} if "kind" in told else {}
        return translate(kept["message"]) % told

    made.filters |= {
        "instant": instant, "until": until, "day": day, "second": second, "size": size, "in_language": in_language,
        "refusal": refusal,
    }  # fmt: skip
    return made
