"""What tests of signatures need: keys, Debian's own judge, and the authorities elsewhere, on the loopback."""

import io
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pikepdf
import pkcs11
import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID

from rvc_portal import settings
from rvc_portal.gateways import authority
from rvc_portal.gateways.authority import Authority
from rvc_portal.settings import Keys

PROGRAMS = ("pdfsig", "certutil", "openssl", "softhsm2-util")
ORGANISATION = "Network of Cities"
PASSWORD = "a password of tests"
PEM = serialization.Encoding.PEM
SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"
TOKEN = {"SIGN_PKCS11": SOFTHSM, "SIGN_SLOT": "office", "SIGN_LABEL": "signer", "SIGN_PASSWORD": "1234"}


def now() -> datetime:
    return datetime.now(UTC)


def absent() -> list[str]:
    """The programs that are needed and not installed."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


def keys_in(folder: Path, **environ: str) -> Keys:
    """The settings of an instance in this folder. `environ`: variables without their prefix, as SIGN_TSA."""
    return settings.read({"RVC_DATA": str(folder)} | {f"RVC_{name}": value for name, value in environ.items()}).keys


def own_authority(folder: Path) -> Keys:
    """What `rvc keys init` makes, in this folder."""
    keys = keys_in(folder)
    authority.init(keys.folder, ORGANISATION, now())
    return keys


def office_of(folder: Path, root: Authority, *, days: int = 30, at: datetime | None = None, **environ: str) -> Keys:
    """Keys whose certificate was issued by `root`, `at` an instant for so many days. `revoked_at`: the URL of its list."""
    list_url = environ.pop("revoked_at", None)
    certificate, key = authority.issue(root, ORGANISATION, "Office", at or now(), days, revoked_at=list_url)
    keys = keys_in(folder, **environ)
    keys.folder.mkdir(parents=True)
    keys.pkcs12.write_bytes(authority.pack(certificate, key, root, PASSWORD))
    keys.password_file.write_text(PASSWORD + "\n")
    keys.trust.write_bytes(root.certificate.public_bytes(PEM))
    return keys


# --- Debian's judge ---


@dataclass(frozen=True)
class Judgement:
    """What `pdfsig` says of a file."""

    signed: bool
    valid: bool
    trusted: bool
    whole: bool

    @property
    def good(self) -> bool:
        return self.valid and self.trusted and self.whole


class Judge:
    """`pdfsig` with a database of certificates of its own, which trusts the root in `trust` (None: nobody)."""

    def __init__(self, folder: Path, trust: Path | None) -> None:
        self._database, self._folder = f"sql:{folder / 'nss'}", folder
        (folder / "nss").mkdir(parents=True)
        _run("certutil", "-N", "-d", self._database, "--empty-password")
        if trust:
            _run("certutil", "-A", "-d", self._database, "-n", "root", "-t", "C,C,C", "-i", str(trust))

    def says(self, content: bytes) -> Judgement:
        path = self._folder / "judged.pdf"
        path.write_bytes(content)
        done = subprocess.run(
            ["pdfsig", "-nssdir", self._database, str(path)], capture_output=True, text=True, check=False
        )
        said = done.stdout
        return Judgement(
            "Signature #1" in said, "Signature is Valid" in said, "Certificate is Trusted" in said,
            "Total document signed" in said and "Not total" not in said,
        )  # fmt: skip


def _run(*command: str, environ: Mapping[str, str] | None = None) -> bytes:
    return subprocess.run(command, capture_output=True, check=True, env=environ and dict(environ)).stdout


# --- copies, spoilt ---


def flipped(content: bytes, at: int) -> bytes:
    """One bit of one byte is another one. `at` may count from the end."""
    changed = bytearray(content)
    changed[at] ^= 1
    return bytes(changed)


def saved(content: bytes, change: Callable[[pikepdf.Pdf], object]) -> bytes:
    """Opened, changed and written anew, as a program would."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as opened:
        change(opened)
        opened.save(out)
    return out.getvalue()


def stripped(content: bytes) -> bytes:
    """The signature's field taken out of the form and off its page."""

    def strip(opened: pikepdf.Pdf) -> None:
        del opened.Root["/AcroForm"]
        for page in opened.pages:
            kept = [a for a in page.get("/Annots", []) if a.get("/FT") != pikepdf.Name.Sig]
            page.Annots = pikepdf.Array(kept)

    return saved(content, strip)


# --- authorities elsewhere ---


@dataclass
class Elsewhere:
    """A server on the loopback: `answers` says what each path gives, for the body that was sent."""

    answers: dict[str, Callable[[bytes], tuple[str, bytes]]] = field(default_factory=dict)
    url: str = ""


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    """The server, on a free port, until the end."""
    told = Elsewhere()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def _answer(self, body: bytes) -> None:
            if self.path not in told.answers:
                self.send_error(404)
                return
            kind, content = told.answers[self.path](body)
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Tests say what they have to say themselves."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def time_stamps(folder: Path, root: Authority) -> Callable[[bytes], tuple[str, bytes]]:
    """A time stamp authority under `root`: `openssl ts` answers each request."""
    folder.mkdir(parents=True)
    certificate, key = authority.issue(root, ORGANISATION, "Clock", now(), 30, (ExtendedKeyUsageOID.TIME_STAMPING,))
    (folder / "tsa.pem").write_bytes(certificate.public_bytes(PEM))
    (folder / "tsa.key").write_bytes(
        key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (folder / "tsa.cnf").write_text(
        f"[tsa]\ndefault_tsa = own\n[own]\nserial = {folder}/serial\nsigner_cert = {folder}/tsa.pem\n"
        f"signer_key = {folder}/tsa.key\nsigner_digest = sha256\ndefault_policy = 1.2.3.4\ndigests = sha256, sha384, sha512\n"
    )

    def answer(query: bytes) -> tuple[str, bytes]:
        (folder / "query").write_bytes(query)
        _run(
            "openssl",
            "ts",
            "-reply",
            "-config",
            f"{folder}/tsa.cnf",
            "-queryfile",
            f"{folder}/query",
            "-out",
            f"{folder}/reply",
        )
        return "application/timestamp-reply", (folder / "reply").read_bytes()

    return answer


def revocations(root: Authority, *serials: int) -> Callable[[bytes], tuple[str, bytes]]:
    """The list of the certificates of `root` that were revoked."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.certificate.subject)
        .last_update(now() - timedelta(hours=1))
        .next_update(now() + timedelta(days=1))
    )
    for serial in serials:
        one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now() - timedelta(minutes=30))
        builder = builder.add_revoked_certificate(one.build())
    of_root = x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key())
    signed = builder.add_extension(of_root, critical=False).add_extension(x509.CRLNumber(1), critical=False)
    content = signed.sign(root.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    return lambda _: ("application/pkix-crl", content)


# --- a token ---


def token(folder: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    """A SoftHSM token in `folder` with the key and the certificate of `keys`: TOKEN names it. The library reads the variable
    that names its settings once in a process."""
    folder.mkdir(parents=True)
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n")
    environ = {"SOFTHSM2_CONF": f"{folder}/softhsm2.conf", "PATH": "/usr/bin:/bin"}
    _run(
        "softhsm2-util",
        "--init-token",
        "--free",
        "--label",
        "office",
        "--pin",
        "1234",
        "--so-pin",
        "5678",
        environ=environ,
    )
    key, certificate, _ = pkcs12.load_key_and_certificates(keys.pkcs12.read_bytes(), PASSWORD.encode())
    assert key is not None
    assert certificate is not None
    private = serialization.PrivateFormat.PKCS8
    (folder / "key.pem").write_bytes(key.private_bytes(PEM, private, serialization.NoEncryption()))
    _run(
        "softhsm2-util", "--import", f"{folder}/key.pem", "--token", "office", "--label", "signer", "--id", "01",
        "--pin", "1234", environ=environ,
    )  # fmt: skip
    monkeypatch.setenv("SOFTHSM2_CONF", environ["SOFTHSM2_CONF"])
    with pkcs11.lib(SOFTHSM).get_token(token_label="office").open(rw=True, user_pin="1234") as session:
        session.create_object(pkcs11_certificate(certificate.public_bytes(serialization.Encoding.DER)))


def pkcs11_certificate(der: bytes) -> dict[pkcs11.Attribute, object]:
    """The certificate as an object of a token."""
    told, attribute = asn1.Certificate.load(der), pkcs11.Attribute
    return {
        attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE, attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
        attribute.TOKEN: True, attribute.LABEL: "signer", attribute.ID: b"\x01", attribute.VALUE: der,
        attribute.SUBJECT: told.subject.dump(), attribute.ISSUER: told.issuer.dump(),
        attribute.SERIAL_NUMBER: told["tbs_certificate"]["serial_number"].dump(),
    }  # fmt: skip
