"""Mails: written down with what causes them, worded and sent afterwards in the reader's language."""

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from rvc_portal.documents.formats import Formats
from rvc_portal.domain.vocabulary import JobKind
from rvc_portal.gateways.mail import Message
from rvc_portal.language import translations
from rvc_portal.models.account import Account
from rvc_portal.models.base import new_id
from rvc_portal.models.job import Mail
from rvc_portal.services import queue
from rvc_portal.services.queue import AnySession
from rvc_portal.settings import TEMPLATES

PRIORITY = 3
"""Before the documents: somebody waits for a mail."""


def queue_mail(
    session: AnySession,
    to: Account | str,
    language: str,
    template: str,
    context: dict[str, Any],
    *,
    now: datetime,
) -> Mail:
    """Add a mail, and the job that sends it, to the caller's transaction.

    `to`: a person or an address; `language`: of the reader, "en" or "fr"; `template`: a name in templates/mail, without
    its ending; `context`: what that template names, as JSON (instants as ISO text).
    """
    address = to if isinstance(to, str) else to.email
    mail = Mail(id=new_id(), to_address=address, language=language, template=template, context=context, created_at=now)
    session.add(mail)
    queue.enqueue(session, JobKind.MAIL, mail.id, now=now, priority=PRIORITY)
    return mail


def message(mail: Mail, base_url: str) -> Message:
    """The mail in words. Raises jinja2.TemplateError where the template is unknown or names more than the context has."""
    worded = _environment(mail.language).get_template(f"mail/{mail.template}.txt")
    text = worded.render(**mail.context, base_url=base_url, language=mail.language)
    subject, _, body = text.strip().partition("\n")
    return Message(mail.id, mail.to_address, subject, body.strip() + "\n", mail.language, mail.created_at)


def unsent(session: AnySession, mail_id: UUID, base_url: str) -> Message | None:
    """The mail in words; None where it was sent before. Raises NoResultFound for an unknown id."""
    mail = session.get_one(Mail, mail_id)
    return None if mail.sent_at else message(mail, base_url)


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

    def in_language(wording: str | dict[str, str]) -> str:
        return wording if isinstance(wording, str) else Formats(language, "UTC").in_language(wording)

    made.filters |= {"instant": instant, "in_language": in_language}
    return made
