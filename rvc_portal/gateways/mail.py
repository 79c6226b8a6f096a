"""How messages leave: by SMTP, or into a folder where each is one file (the demonstration reads them there)."""

import contextlib
import email.policy
import os
import re
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, parseaddr
from itertools import islice
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

from rvc_portal.domain.errors import PortalError

TIMEOUT_S = 30
POLICY = email.policy.SMTP.clone(cte_type="7bit")  # every relay takes it, whatever it says of 8BITMIME


class MailError(PortalError):
    """A message could not be handed over; the message is one line."""


@dataclass(frozen=True)
class Enclosure:
    """A file that a message carries."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Message:
    """A message as worded: plain text in one language. `at`: when it was written, an aware instant."""

    id: UUID
    to_address: str
    subject: str
    body: str
    language: str
    at: datetime
    enclosures: tuple[Enclosure, ...] = ()


class Mailer(Protocol):
    """Hands one message over, or raises MailError."""

    def send(self, message: Message) -> None: ...


def open_mailer(url: str, sender: str) -> Mailer:
    """The mailer for a URL: file:///folder, smtp://user:password@host:port (encrypted by STARTTLS where the server
    offers it, and always before a password is said) or smtps://… (encrypted from the start). `sender`: an address.

    Raises MailError for any other URL.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FolderMailer(Path(url.removeprefix("file://")), sender)
    if parts.scheme in {"smtp", "smtps"} and parts.hostname:
        return SmtpMailer(url, sender)
    raise MailError(f"The mail URL must begin with smtp://, smtps:// or file://, not {parts.scheme}://")


class FolderMailer:
    """Keeps every message as a file; the same message again is the same file."""

    def __init__(self, folder: Path, sender: str) -> None:
        self.folder, self.sender = folder, sender

    def send(self, message: Message) -> None:
        path = self.folder / f"{message.at:%Y%m%dT%H%M%S}-{message.id}.eml"
        draft = path.with_suffix(".part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                draft.write_bytes(compose(message, self.sender).as_bytes())
                draft.rename(path)
            finally:
                draft.unlink(missing_ok=True)
        except OSError as error:
            raise MailError(f"The mail folder {self.folder} cannot take a message: {error.strerror}") from error


class SmtpMailer:
    """Hands each message to a mail server, over a connection of its own."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self.host, self.encrypted = parts.hostname or "", parts.scheme == "smtps"
        self.port = parts.port or (465 if self.encrypted else 587 if parts.username else 25)
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        self.sender = sender

    def send(self, message: Message) -> None:
        composed = compose(message, self.sender)
        try:
            with self._connected() as server:
                server.send_message(composed)
        except (OSError, smtplib.SMTPException) as error:
            raise MailError(
                f"The mail server {self.host}:{self.port} did not take a message: {_line(error)}"
            ) from error

    @contextlib.contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        context = ssl.create_default_context()
        opened: smtplib.SMTP = (
            smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_S, context=context)
            if self.encrypted
            else smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)
        )
        with opened as server:
            server.ehlo()
            if not self.encrypted and (self.user or server.has_extn("starttls")):
                server.starttls(context=context)
                server.ehlo()
            if self.user:
                server.login(self.user, self.password)
            yield server


def compose(message: Message, sender: str) -> EmailMessage:
    """The message as it travels. Composed twice it is the same, so that a second delivery is seen to be one."""
    name, address = parseaddr(sender)
    composed = EmailMessage(POLICY)
    try:
        composed["From"] = Address(name, addr_spec=address)
        composed["To"] = Address(addr_spec=message.to_address)
        composed["Subject"] = " ".join(message.subject.split())
        composed["Date"] = format_datetime(message.at)
        composed["Message-ID"] = f"<{message.id}@{address.rpartition('@')[2] or 'localhost'}>"
        composed["Auto-Submitted"] = "auto-generated"  # no answer by a machine
    except (ValueError, IndexError, email.errors.MessageError) as error:
        raise MailError(f"A message to “{message.to_address[:80]}” cannot be addressed: {_line(error)}") from error
    composed.set_content(message.body)
    composed["Content-Language"] = message.language
    for enclosed in message.enclosures:
        kind, _, subtype = enclosed.content_type.partition("/")
        composed.add_attachment(enclosed.content, maintype=kind, subtype=subtype, filename=enclosed.name)
    if message.enclosures:
        composed.set_boundary(f"part-{message.id}")  # by chance, it would be another message each time
    return composed


@dataclass(frozen=True)
class Kept:
    """A message as read back from the folder."""

    name: str
    to_address: str
    subject: str
    body: str
    at: datetime
    enclosed: tuple[str, ...] = ()  # names of files

    def is_to(self, address: str) -> bool:
        return self.to_address.casefold() == address.casefold()


def kept(folder: Path, limit: int = 200, *, to: str | None = None) -> list[Kept]:
    """The latest messages of the folder, newest first; `to`: those to this address alone."""
    names = sorted((path.name for path in folder.glob("*.eml")), reverse=True) if folder.is_dir() else []
    found = (_read(folder / name) for name in names)
    return list(islice((mail for mail in found if to is None or mail.is_to(to)), limit))


def one_kept(folder: Path, name: str) -> Kept | None:
    """The message with this file name, or None."""
    return _read(folder / name) if re.fullmatch(r"[0-9a-fT-]+\.eml", name) and (folder / name).is_file() else None


def _read(path: Path) -> Kept:
    with path.open("rb") as file:
        found = BytesParser(EmailMessage, policy=email.policy.default).parse(file)
    text = found.get_body(("plain",))
    assert isinstance(found, EmailMessage)
    names = tuple(part.get_filename() or "" for part in found.iter_attachments())
    body = text.get_content() if text else ""
    return Kept(path.name, str(found["To"]), str(found["Subject"]), body, found["Date"].datetime, names)


def _line(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return f"{error.smtp_code} {said}".strip().splitlines()[0]
    if isinstance(error, OSError) and error.errno and not isinstance(error, ssl.SSLError):  # whose numbers are its own
        return os.strerror(error.errno)
    return (str(error).strip() or type(error).__name__).splitlines()[0]
