"""The office's signature on a PDF: PAdES, by a key in a PKCS#12 file or behind PKCS#11.

A signature is an incremental update: the signed file begins with the content byte for byte. Its field is invisible and lies
outside the page, since PDF/UA wants an annotation within the page to be tagged and PDF/A wants it to be printed. pyHanko is
imported when first needed: pages never need it.
"""

import asyncio
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rvc_portal.domain.errors import PortalError
from rvc_portal.gateways.apart import apart
from rvc_portal.settings import Keys

if TYPE_CHECKING:
    from asn1crypto import x509
    from pyhanko.sign import Signer

FIELD = "OfficeSignature"
DIGEST = "sha256"
TIMEOUT_S = 10
RESERVED = 32_768
"""Hexadecimal digits kept free for a signature with its time stamp, whose size nobody knows before."""


class KeysError(PortalError):
    """The keys cannot sign, and will not until somebody mends them; the message says why, in one line."""


class SigningLater(PortalError):
    """An authority elsewhere does not answer; it may later."""


@dataclass(frozen=True)
class Signed:
    """`level`: "B-B", "B-T" (with a time stamp) or "B-LT" (and with what proves that nothing was revoked)."""

    content: bytes
    level: str


@dataclass(frozen=True)
class Certificate:
    """Whose certificate it is, and from when to when it holds."""

    subject: str
    issuer: str
    begins_at: datetime
    ends_at: datetime


class Office:
    """The office as it signs."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    @property
    def has_keys(self) -> bool:
        """Whether documents are to be signed at all: a key is named, or lies in its place."""
        return bool(self._keys.module) or self._keys.pkcs12.exists()

    def certificate(self) -> Certificate:
        """What the office signs with. Raises KeysError."""
        with self._signer() as signer:
            return _told(signer.signing_cert)

    @apart
    def sign(self, content: bytes) -> Signed:
        """The PDF with the office's signature. Raises KeysError, SigningLater."""
        from requests import RequestException

        with self._signer() as signer:
            _require_valid(_told(signer.signing_cert))
            try:
                return self._signed(content, signer)
            except (RequestException, OSError) as error:  # pyHanko's TimestampRequestError is an OSError
                raise SigningLater(f"the time stamp authority does not answer: {_line(error)}") from error

    @apart
    def seal(self, statement: bytes) -> bytes:
        """The office's signature of a statement that stands elsewhere: detached CMS, in DER. Raises KeysError."""
        with self._signer() as signer:
            _require_valid(_told(signer.signing_cert))
            return bytes(asyncio.run(signer.async_sign_general_data(statement, DIGEST, detached=True)).dump())

    @apart
    def has_sealed(self, statement: bytes, seal: bytes) -> bool:
        """Whether the seal is one of this statement by whom the office trusts. Raises KeysError where its roots cannot be read."""
        from asn1crypto import cms
        from pyhanko.sign.general import UnacceptableSignerError
        from pyhanko.sign.validation import async_validate_detached_cms
        from pyhanko.sign.validation.errors import SignatureValidationError
        from pyhanko_certvalidator import ValidationContext

        context = ValidationContext(trust_roots=self._roots(), allow_fetching=False)
        try:
            content = cms.ContentInfo.load(seal, strict=True)["content"]
            status = asyncio.run(async_validate_detached_cms(statement, content, signer_validation_context=context))
        except (ValueError, TypeError, SignatureValidationError, UnacceptableSignerError):
            return False
        return bool(status.intact and status.valid and status.trusted)

    def _signed(self, content: bytes, signer: "Signer") -> Signed:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign.fields import InvisSigSettings, SigFieldSpec, SigSeedSubFilter
        from pyhanko.sign.general import SigningError
        from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

        lasting = self._proves_revocation(signer)
        metadata = PdfSignatureMetadata(
            field_name=FIELD, md_algorithm=DIGEST, subfilter=SigSeedSubFilter.PADES, embed_validation_info=lasting,
            validation_context=self._context(signer) if lasting else None,
        )  # fmt: skip
        place = SigFieldSpec(FIELD, on_page=-1, invis_sig_settings=InvisSigSettings(box_out_of_bounds=True))
        out = io.BytesIO()
        try:
            PdfSigner(metadata, signer, timestamper=self._time_stamper, new_field_spec=place).sign_pdf(
                IncrementalPdfFileWriter(io.BytesIO(content)), output=out,
                bytes_reserved=RESERVED if self._time_stamper else None,
            )  # fmt: skip
        except SigningError as error:
            raise KeysError(f"the office's certificate cannot sign: {_line(error)}") from error
        level = "B-B" if self._time_stamper is None else "B-LT" if lasting else "B-T"
        return Signed(out.getvalue(), level)

    @cached_property
    def _time_stamper(self) -> Any:
        if not self._keys.time_stamps:
            return None
        from pyhanko.sign.timestamps.requests_client import HTTPTimeStamper

        return HTTPTimeStamper(self._keys.time_stamps, timeout=TIMEOUT_S)

    def _proves_revocation(self, signer: "Signer") -> bool:
        """Whether what proves that the certificate was not revoked is to be had now. Without a time stamp it would prove
        nothing later. Raises KeysError where it was revoked."""
        from pyhanko_certvalidator import CertificateValidator
        from pyhanko_certvalidator.errors import PathBuildingError, RevokedError, ValidationError

        signed_by: Any = signer.signing_cert
        names_lists = signed_by.crl_distribution_points_value or signed_by.ocsp_urls
        if self._time_stamper is None or not names_lists:
            return False
        context = self._context(signer)
        try:
            validator = CertificateValidator(signed_by, validation_context=context)
            asyncio.run(validator.async_validate_usage({"non_repudiation"}))
        except RevokedError as error:
            raise KeysError("the office's certificate was revoked") from error
        except (ValidationError, PathBuildingError):
            return False
        return bool(context.crls or context.ocsps)

    def _context(self, signer: "Signer") -> Any:
        """What a certificate is judged by; lists of revoked ones are fetched from where it says itself."""
        from pyhanko_certvalidator import ValidationContext
        from pyhanko_certvalidator.fetchers.requests_fetchers import RequestsFetcherBackend

        return ValidationContext(
            trust_roots=self._roots(), other_certs=list(signer.cert_registry), allow_fetching=True,
            revocation_mode="soft-fail", fetcher_backend=RequestsFetcherBackend(per_request_timeout=TIMEOUT_S),
        )  # fmt: skip

    def _roots(self) -> "list[x509.Certificate]":
        from pyhanko.keys import load_certs_from_pemder_data

        try:
            return list(load_certs_from_pemder_data(self._keys.trust.read_bytes()))
        except (OSError, ValueError) as error:
            raise KeysError(f"the roots in {self._keys.trust} cannot be read: {_line(error)}") from error

    @contextmanager
    def _signer(self) -> "Iterator[Signer]":
        if self._keys.module:
            with self._token() as signer:
                yield signer
        else:
            yield self._from_file()

    def _from_file(self) -> "Signer":
        from pyhanko.sign.signers import SimpleSigner

        path = self._keys.pkcs12
        try:
            content = path.read_bytes()
        except OSError as error:
            raise KeysError(f"{path} cannot be read: {_line(error)}") from error
        try:
            return SimpleSigner.load_pkcs12_data(content, other_certs=[], passphrase=self._password.encode() or None)
        except (ValueError, AttributeError) as error:  # AttributeError: a file without a key
            raise KeysError(f"{path} cannot be opened: the password is wrong, or it is no PKCS#12 file") from error

    @contextmanager
    def _token(self) -> "Iterator[Signer]":
        """One session for each signature: a token that was taken out and put back goes on."""
        from pkcs11.exceptions import PKCS11Error
        from pyhanko.config.pkcs11 import TokenCriteria
        from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session

        keys = self._keys
        number = int(keys.slot) if keys.slot.isdecimal() else None
        named = TokenCriteria(label=keys.slot) if keys.slot and number is None else None
        try:
            with open_pkcs11_session(keys.module, number, named, user_pin=self._password or None) as session:
                signer = PKCS11Signer(session, cert_label=keys.label, key_label=keys.label, other_certs_to_pull=None)
                certificate: Any = signer.signing_cert
                # Every token signs a digest by an elliptic curve; few make the digest themselves.
                signer.use_raw_mechanism = certificate.public_key.algorithm == "ec"
                yield signer
        except (PKCS11Error, RuntimeError) as error:  # RuntimeError: no such library
            raise KeysError(f"the PKCS#11 token cannot be used: {_line(error)}") from error

    @property
    def _password(self) -> str:
        if self._keys.password or not self._keys.password_file.exists():
            return self._keys.password
        try:
            return self._keys.password_file.read_text().rstrip("\r\n")
        except OSError as error:
            raise KeysError(f"{self._keys.password_file} cannot be read: {_line(error)}") from error


def _told(certificate: "x509.Certificate") -> Certificate:
    validity = certificate["tbs_certificate"]["validity"]
    return Certificate(
        certificate.subject.human_friendly, certificate.issuer.human_friendly,
        validity["not_before"].native, validity["not_after"].native,
    )  # fmt: skip


def _require_valid(certificate: Certificate) -> None:
    """A certificate that has ended signs nothing: every reader would call it invalid."""
    now = datetime.now(UTC)
    if now > certificate.ends_at:
        raise KeysError(f"the office's certificate ended on {certificate.ends_at:%Y-%m-%d}: it has to be renewed")
    if now < certificate.begins_at:
        raise KeysError(f"the office's certificate holds from {certificate.begins_at:%Y-%m-%d} only")


def _line(error: Exception) -> str:
    if isinstance(error, OSError) and isinstance(error.strerror, str) and isinstance(error.errno, int):
        return error.strerror
    said = str(error.args[0] if error.args else error).strip().splitlines()
    return said[0] if said else type(error).__name__
