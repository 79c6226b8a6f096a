"""What a PDF of ours says of itself, read from the file alone: which document it is, and of which filing.

The templates write it (`documents/base.html`), so that a copy that was altered can still be told from a stranger.
"""

import io
from dataclasses import dataclass

import pikepdf

SIGNATURE_WITHIN = 1024
"""Bytes in which readers look for the beginning of a PDF."""


class NoPdf(Exception):
    """The bytes are no PDF that can be opened."""


@dataclass(frozen=True)
class Identity:
    """`document`: the reference that stands in the file, `filing`: the SHA-256 of the filing; None where it has none."""

    document: str | None
    filing: str | None


def read(content: bytes) -> Identity:
    """What the file says of itself; nothing of it is believed. Raises NoPdf."""
    if b"%PDF-" not in content[:SIGNATURE_WITHIN]:
        raise NoPdf
    try:
        with pikepdf.open(io.BytesIO(content)) as opened:
            info = opened.trailer.get("/Info")
            if not isinstance(info, pikepdf.Dictionary):
                return Identity(None, None)
            return Identity(_text(info.get("/rvcdocument")), _text(info.get("/rvcfiling")))
    except (pikepdf.PdfError, pikepdf.PasswordError, ValueError, RecursionError) as error:
        raise NoPdf from error


def _text(value: object) -> str | None:
    return str(value)[:200] if isinstance(value, pikepdf.String | str) else None
