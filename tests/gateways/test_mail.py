"""Mails to a real server on the loopback, and into the folder."""

import contextlib
import datetime as dt
import email.policy
import ssl
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope

from rvc_portal.gateways.mail import FolderMailer, MailError, Message, kept, one_kept, open_mailer
from tests.servers import free_port

SENDER = "Réseau <portal@creative-cities.invalid>"
MESSAGE = Message(
    id=UUID(int=7, version=4),
    to_address="maire@saint-jean.example",
    subject="Saint-Jean-Pied-de-Port : votre dossier est reçu",
    body="Chère María,\n\nreçu.\n.\nune ligne seule avec un point\n" + "long " * 300 + "\n",
    language="fr",
    at=dt.datetime(2015, 7, 15, 21, 58, tzinfo=dt.UTC),
)


class Inbox:
    """Takes every message, but for recipients named `nobody`."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        self.taken.append(envelope)
        return "250 OK"

    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(e.content, EmailMessage, policy=email.policy.default) for e in self.taken]


@contextlib.contextmanager
def mail_server(inbox: Inbox, **options: Any) -> Iterator[int]:
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    (folder / "certificate.pem").write_bytes(built.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(*form))
    return folder / "certificate.pem", folder / "key.pem"


@pytest.fixture
def server_context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def test_a_message_arrives_as_written() -> None:
    inbox = Inbox()
    with mail_server(inbox) as port:
        open_mailer(f"smtp://127.0.0.1:{port}", SENDER).send(MESSAGE)
    (envelope,), (message,) = inbox.taken, inbox.messages()
    assert (envelope.mail_from, envelope.rcpt_tos) == ("portal@creative-cities.invalid", ["maire@saint-jean.example"])
    assert message["Subject"] == MESSAGE.subject
    assert message["From"] == SENDER
    assert message["Date"].datetime == MESSAGE.at
    assert message["Message-ID"] == f"<{MESSAGE.id}@creative-cities.invalid>"
    assert message["Content-Language"] == "fr"
    assert message.get_content().replace("\r\n", "\n") == MESSAGE.body
    assert isinstance(envelope.content, bytes)
    assert max(map(len, envelope.content.split(b"\r\n"))) < 999
    assert envelope.content.isascii()


def test_sent_twice_it_is_the_same_message() -> None:
    inbox = Inbox()
    with mail_server(inbox) as port:
        for _ in range(2):
            open_mailer(f"smtp://127.0.0.1:{port}", SENDER).send(MESSAGE)
    first, second = inbox.taken
    assert first.content == second.content


def test_a_refused_recipient_is_told_in_one_line() -> None:
    inbox = Inbox()
    nobody = Message(**{**vars(MESSAGE), "to_address": "nobody@saint-jean.example"})
    with mail_server(inbox) as port, pytest.raises(MailError) as failure:
        open_mailer(f"smtp://127.0.0.1:{port}", SENDER).send(nobody)
    assert "no such mailbox" in str(failure.value)
    assert len(str(failure.value).splitlines()) == 1
    assert inbox.taken == []


def test_a_server_that_is_not_there_is_told_in_one_line() -> None:
    with pytest.raises(MailError, match=r"did not take a message: Connection refused$"):
        open_mailer(f"smtp://127.0.0.1:{free_port()}", SENDER).send(MESSAGE)


@pytest.mark.parametrize("bad", ["a@b.example\nBcc: c@d.example", "no address", "", "a@b.example, c@d.example"])
def test_an_address_cannot_smuggle_headers(bad: str, tmp_path: Path) -> None:
    with pytest.raises(MailError, match="cannot be addressed"):
        FolderMailer(tmp_path, SENDER).send(Message(**{**vars(MESSAGE), "to_address": bad}))
    assert list(tmp_path.iterdir()) == []


def test_a_subject_stays_one_line(tmp_path: Path) -> None:
    FolderMailer(tmp_path, SENDER).send(Message(**{**vars(MESSAGE), "subject": "One\nBcc: x@y.example"}))
    (found,) = kept(tmp_path)
    assert found.subject == "One Bcc: x@y.example"


def test_a_password_is_said_only_when_encrypted(
    server_context: ssl.SSLContext, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[object] = []

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        heard.append((data.login, data.password))
        return AuthResult(success=True)

    inbox = Inbox()
    open_to_all = mail_server(inbox, authenticator=authenticate, auth_require_tls=False)
    with open_to_all as port, pytest.raises(MailError, match="STARTTLS"):
        open_mailer(f"smtp://user:pass%40word@127.0.0.1:{port}", SENDER).send(MESSAGE)
    assert heard == []
    assert inbox.taken == []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with mail_server(inbox, authenticator=authenticate, tls_context=server_context) as port:
        open_mailer(f"smtp://user:pass%40word@127.0.0.1:{port}", SENDER).send(MESSAGE)
    assert heard == [(b"user", b"pass@word")]
    assert len(inbox.taken) == 1


def test_a_server_that_nobody_vouches_for_gets_nothing(server_context: ssl.SSLContext) -> None:
    inbox = Inbox()
    with mail_server(inbox, tls_context=server_context) as port, pytest.raises(MailError, match="certificate"):
        open_mailer(f"smtp://127.0.0.1:{port}", SENDER).send(MESSAGE)
    assert inbox.taken == []


def test_a_connection_can_be_encrypted_from_the_start(
    server_context: ssl.SSLContext, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    inbox = Inbox()
    # the controller knocks once to see that the server is up: unencrypted, which it must survive
    with mail_server(inbox, ssl_context=server_context) as port:
        open_mailer(f"smtps://127.0.0.1:{port}", SENDER).send(MESSAGE)
    assert len(inbox.taken) == 1


def test_the_folder_keeps_what_was_sent(tmp_path: Path) -> None:
    mailer = open_mailer(f"file://{tmp_path}/mail", SENDER)
    later = Message(**{**vars(MESSAGE), "id": UUID(int=8, version=4), "at": MESSAGE.at + dt.timedelta(days=1)})
    for message in (MESSAGE, MESSAGE, later):
        mailer.send(message)
    found = kept(tmp_path / "mail")
    assert [entry.at for entry in found] == [later.at, MESSAGE.at]
    assert (found[1].to_address, found[1].subject) == (MESSAGE.to_address, MESSAGE.subject)
    assert found[1].body.replace("\r\n", "\n") == MESSAGE.body
    assert one_kept(tmp_path / "mail", found[1].name) == found[1]
    assert one_kept(tmp_path / "mail", "../mail.eml") is None
    assert kept(tmp_path / "absent") == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file")
    with pytest.raises(MailError, match="cannot take a message: File exists"):
        open_mailer(f"file://{tmp_path}/mail", SENDER).send(MESSAGE)


def test_an_unknown_way_is_refused() -> None:
    with pytest.raises(MailError, match="must begin with"):
        open_mailer("http://example.org", SENDER)
