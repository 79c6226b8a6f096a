"""What a PDF that somebody sent says of itself, and whether its signatures hold: read by a program of its own, this module.

The file is a stranger's and what opens it is large: one that stalls or asks for all the memory ends that program alone, by
limits that the system holds, and only so many are at work at a time. The file lives in memory and in a file without a name.
"""

import hashlib
import json
import re
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pikepdf

from rvc_portal.domain import codes
from rvc_portal.domain.errors import PortalError
from rvc_portal.gateways.apart import apart

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import PdfSignatureStatus
    from pyhanko_certvalidator import ValidationContext

PATIENCE_S, WORK_S = 30, 15
"""Seconds that pass, and seconds of a processor: a busy machine takes longer for the same."""
MOST_MEMORY = 1024 * 1024 * 1024
"""Bytes of address space."""
AT_ONCE = 2
WAIT_S = 2
ADDRESS = re.compile(r"/verify/([0-9A-Za-z-]{12,20})(?:[/?#]|$)")
_places = threading.BoundedSemaphore(AT_ONCE)


class Unreadable(PortalError):
    """It is no PDF that can be opened."""


class TooHard(PortalError):
    """It takes more time or memory than a check may have."""


class Busy(PortalError):
    """As many files as may be are being checked."""


@dataclass(frozen=True)
class Signature:
    """One signature. `intact`: its bytes are as signed; `whole`: nothing followed but what keeps signatures valid for long;
    `trusted`: the certificate ends at one of our roots; `ended_at`: when the certificate ended, where it did and no time stamp
    shows that it held when it signed; `signed_at`: by the time stamp, or by the signer's own clock."""

    signer: str
    intact: bool
    whole: bool
    trusted: bool
    stamped: bool
    signed_at: datetime | None
    ended_at: datetime | None

    @property
    def holds(self) -> bool:
        return self.intact and self.whole and self.trusted


@dataclass(frozen=True)
class Inspected:
    """`codes`: of the documents that the file names as itself, each once; `pages`: of each a digest of what is drawn on it."""

    codes: tuple[str, ...]
    pages: tuple[str, ...]
    signatures: tuple[Signature, ...]


@apart
def inspect(content: bytes, trust: Path) -> Inspected:
    """Open the file. `trust`: PEM of the roots; where it is missing, no signature is trusted. Raises Unreadable, TooHard, Busy."""
    if not _places.acquire(timeout=WAIT_S):
        raise Busy("too many files are being checked")
    try:
        with tempfile.TemporaryFile() as file:
            file.write(content)
            file.seek(0)
            told = json.loads(_run(file, trust))
    finally:
        _places.release()
    return Inspected(tuple(told["codes"]), tuple(told["pages"]), tuple(_signature(s) for s in told["signatures"]))


def _run(file: IO[bytes], trust: Path) -> bytes:
    command = [sys.executable, "-I", "-m", __name__, str(trust)]
    try:
        done = subprocess.run(command, stdin=file, capture_output=True, timeout=PATIENCE_S, check=False, env={})
    except subprocess.TimeoutExpired:
        raise TooHard(f"it took longer than {PATIENCE_S} s") from None
    if done.returncode == UNREADABLE:
        raise Unreadable("no PDF that can be opened")
    if done.returncode or not done.stdout:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise TooHard(said[-1] if said else f"exit code {done.returncode}")
    return done.stdout


def _signature(told: dict[str, Any]) -> Signature:
    instants = {k: datetime.fromisoformat(told[k]) if told[k] else None for k in ("signed_at", "ended_at")}
    return Signature(**told | instants)


# --- the program -------------------------------------------------------------------------------------------------

UNREADABLE = 3


def _main(trust: Path) -> None:
    """A file comes in, what it says goes out as JSON."""
    for kind, most in (
        (resource.RLIMIT_AS, MOST_MEMORY), (resource.RLIMIT_CPU, WORK_S), (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):  # fmt: skip
        resource.setrlimit(kind, (most, most))
    file = sys.stdin.buffer
    try:
        with pikepdf.open(file) as opened:
            named = list(dict.fromkeys(_codes(opened)))
            pages = [_drawn(page) for page in opened.pages]
    except (pikepdf.PdfError, pikepdf.PasswordError, ValueError, RecursionError):
        sys.exit(UNREADABLE)
    file.seek(0)
    signatures = [asdict(s) for s in _signatures(file, trust)]
    print(json.dumps({"codes": named, "pages": pages, "signatures": signatures}, default=datetime.isoformat))  # noqa: T201


def _codes(opened: pikepdf.Pdf) -> Iterator[str]:
    """What the file calls itself first, then the addresses of public pages that its links lead to."""
    info = opened.trailer.get("/Info")
    own = str(info.get("/rvccode", "")) if isinstance(info, pikepdf.Dictionary) else ""
    addresses = (found[1] for uri in _links(opened) if (found := ADDRESS.search(uri)))
    yield from filter(None, map(codes.read, (own, *addresses)))


def _links(opened: pikepdf.Pdf) -> Iterator[str]:
    for page in opened.pages:
        for annotation in page.get("/Annots", []):
            if isinstance(annotation, pikepdf.Dictionary) and isinstance(
                action := annotation.get("/A"), pikepdf.Dictionary
            ):
                yield str(action.get("/URI", ""))


def _drawn(page: pikepdf.Page) -> str:
    digest = hashlib.sha256()
    try:
        contents: Any = page.obj.get("/Contents")
        for stream in contents if isinstance(contents, pikepdf.Array) else [contents]:
            digest.update(stream.read_bytes())
    except (pikepdf.PdfError, AttributeError):  # what cannot be read is not as issued
        return ""
    return digest.hexdigest()


def _signatures(file: IO[bytes], trust: Path) -> Iterator[Signature]:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.fields import enumerate_sig_fields

    try:
        reader = PdfFileReader(file, strict=False)
        fields = list(enumerate_sig_fields(reader, filled_status=True))
    except Exception:  # a stranger's bytes, and there is no end of what they break: no signature is found in them
        return
    roots = _roots(trust)
    for name, _value, field in fields:
        if judged := _judged(reader, field, name, roots):
            yield judged


def _judged(reader: "PdfFileReader", field: Any, name: str, roots: list[Any]) -> Signature | None:
    """None: it is the time stamp of a whole document, which signs nothing."""
    from pyhanko.sign.validation import EmbeddedPdfSignature, validate_pdf_signature

    try:
        embedded = EmbeddedPdfSignature(reader, field, name)
        if embedded.sig_object_type != "/Sig":
            return None
        status = validate_pdf_signature(embedded, _context(roots), _context(roots))
        stamp = status.timestamp_validity
        stamped = bool(stamp and stamp.intact and stamp.valid and stamp.trusted)
        if stamped and not status.trusted and stamp is not None:  # did the certificate hold when it signed?
            status = validate_pdf_signature(embedded, _context(roots, stamp.timestamp), _context(roots))
        return Signature(
            signer=status.signing_cert.subject.native.get("common_name", ""), intact=status.intact and status.valid,
            whole=_is_whole(status), trusted=status.trusted, stamped=stamped,
            signed_at=stamp.timestamp if stamped and stamp else status.signer_reported_dt,
            ended_at=None if status.trusted else _ended(status),
        )  # fmt: skip
    except Exception:  # as above: a signature that cannot even be read does not hold
        return Signature("", intact=False, whole=False, trusted=False, stamped=False, signed_at=None, ended_at=None)


def _is_whole(status: "PdfSignatureStatus") -> bool:
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    if status.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return True
    lasting = status.modification_level == ModificationLevel.LTA_UPDATES
    return lasting and status.coverage == SignatureCoverageLevel.ENTIRE_REVISION


def _ended(status: "PdfSignatureStatus") -> datetime | None:
    ends: datetime = status.signing_cert["tbs_certificate"]["validity"]["not_after"].native
    return ends if ends < datetime.now(ends.tzinfo) else None


def _context(roots: list[Any], moment: datetime | None = None) -> "ValidationContext":
    """Nothing is fetched: a stranger's file shall not make the server ask anybody."""
    from pyhanko_certvalidator import ValidationContext

    return ValidationContext(trust_roots=roots, allow_fetching=False, moment=moment)


def _roots(trust: Path) -> list[Any]:
    from pyhanko.keys import load_certs_from_pemder_data

    try:
        return list(load_certs_from_pemder_data(trust.read_bytes()))
    except (OSError, ValueError):
        return []


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
