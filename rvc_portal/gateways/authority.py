"""A certificate authority of this instance's own, for trials: a root, and the office's certificate signed by it.

Readers of a PDF trust it once they were given the root. In production the office's certificate comes from an authority
that readers know already.
"""

import os
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from rvc_portal.domain.errors import PortalError

ROOT, ROOT_KEY, OFFICE, PASSWORD = "root.pem", "root.key", "office.p12", "password"
ROOT_DAYS, OFFICE_DAYS = 3650, 1095
DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")
ALIAS = b"office"


@dataclass(frozen=True)
class Authority:
    """A root certificate and its key: what signs other certificates."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def init(folder: Path, organisation: str, now: datetime) -> None:
    """Make a root and the office's certificate in `folder`, readable by its owner only. Raises PortalError where the folder
    holds keys already, OSError."""
    if (folder / OFFICE).exists() or (folder / ROOT).exists():
        raise PortalError(f"{folder} holds keys already: `rvc keys renew` makes a new certificate under the same root")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    root = new_root(organisation, now)
    _write(folder / PASSWORD, secrets.token_urlsafe(24).encode())
    _write(folder / ROOT_KEY, _private(root.key))
    _write(folder / OFFICE, _office(root, organisation, now, (folder / PASSWORD).read_text()))
    _write(folder / ROOT, root.certificate.public_bytes(serialization.Encoding.PEM))


def renew(folder: Path, now: datetime) -> None:
    """Make a new key and certificate for the office under the root of `folder`. Raises PortalError where there is none,
    OSError."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / ROOT).read_bytes())
        key = serialization.load_pem_private_key((folder / ROOT_KEY).read_bytes(), None)
        password = (folder / PASSWORD).read_text()
    except FileNotFoundError as error:
        raise PortalError(f"{folder} holds no authority of this instance: {error.filename} is missing") from error
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    organisation = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value
    _write(folder / OFFICE, _office(Authority(certificate, key), str(organisation), now, password))


def new_root(organisation: str, now: datetime) -> Authority:
    """A root that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(organisation, f"{organisation}: root for trials")
    certificate = (
        _certificate(name, name, key, now, ROOT_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate, key)


def issue(
    root: Authority, organisation: str, common_name: str, now: datetime, days: int = OFFICE_DAYS,
    usages: tuple[ObjectIdentifier, ...] = (DOCUMENT_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION),
    revoked_at: str | None = None,
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:  # fmt: skip
    """A certificate with its key under the root. `usages`: for what; `revoked_at`: the URL of the list of those revoked."""
    key = ec.generate_private_key(ec.SECP256R1())
    of_root = x509.SubjectKeyIdentifier.from_public_key(root.key.public_key())
    builder = (
        _certificate(_name(organisation, common_name), root.certificate.subject, key, now, days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=ExtendedKeyUsageOID.TIME_STAMPING in usages)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(of_root), critical=False)
    )
    if revoked_at:
        places = [x509.DistributionPoint([x509.UniformResourceIdentifier(revoked_at)], None, None, None)]
        builder = builder.add_extension(x509.CRLDistributionPoints(places), critical=False)
    return builder.sign(root.key, hashes.SHA256()), key


def pack(
    certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey, root: Authority, password: str
) -> bytes:  # fmt: skip
    """The three as a PKCS#12 file."""
    sealed = serialization.BestAvailableEncryption(password.encode())
    return pkcs12.serialize_key_and_certificates(ALIAS, key, certificate, [root.certificate], sealed)


def _office(root: Authority, organisation: str, now: datetime, password: str) -> bytes:
    certificate, key = issue(root, organisation, f"{organisation}: Secretariat", now)
    return pack(certificate, key, root, password)


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))  # clocks differ a little
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(organisation: str, common_name: str) -> x509.Name:
    """A common name has room for 64 characters."""
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:64]),
         x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])]
    )  # fmt: skip


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, content_commitment=not signs_certificates, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)
