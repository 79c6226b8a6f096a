"""Figures as people type them, in French or in English, and as they are kept."""

import re
from decimal import Decimal

_SPACES = re.compile("[ \u00a0\u2009\u202f']")
_PLAIN = re.compile(r"[+-]?\d{1,15}(\.\d{1,6})?")
_ENGLISH_GROUPS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d{1,6})?")


def figure(text: object) -> Decimal | None:
    """The number that a text states, or None: "1 250,5", "1,250.5" and "1250.5" are one and the same.

    A single comma with three digits after it is read as English does, as thousands: "1,250" is 1250.
    """
    if not isinstance(text, str) or (
        not text.isascii() and not text.replace("\u00a0", "").replace("\u202f", "").isascii()
    ):
        return None
    bare = _SPACES.sub("", text)
    if _ENGLISH_GROUPS.fullmatch(bare):
        bare = bare.replace(",", "")
    elif bare.count(",") == 1 and "." not in bare:
        bare = bare.replace(",", ".")
    return Decimal(bare) if _PLAIN.fullmatch(bare) else None


def kept(text: str) -> str:
    """A figure in the one way it is kept ("1250.5"); what is no figure stays as typed, to be reported."""
    number = figure(text)
    if number is None:
        return text
    number = number.normalize() + 0
    return format(number, "f")
