"""The short code by which anybody finds a document's public page: printed, typed, read aloud.

Sixty bits of the document's id, so that nobody finds a code by trying; no letter that is taken for a digit.
"""

import hashlib
import re
from uuid import UUID

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, GROUP = 12, 4
_MISREAD = str.maketrans("OIL", "011")


def code_of(document_id: UUID) -> str:
    """The code of a document: LENGTH characters of ALPHABET."""
    number = int.from_bytes(hashlib.sha256(document_id.bytes).digest()[:8]) >> 4
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(LENGTH))


def printed(code: str) -> str:
    """The code in groups, as it stands in the document's address."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def read(typed: str) -> str | None:
    """The code that somebody typed, however it is written; None where it is none."""
    plain = re.sub(r"[\s‐‑–-]", "", typed).upper().translate(_MISREAD)
    return plain if len(plain) == LENGTH and set(plain) <= set(ALPHABET) else None
