"""What people wrote, made ready to be set: paragraphs, lines, the direction of a script, grouped fingerprints."""

import re
import unicodedata
from typing import NamedTuple

BREAK = "\u200b"
ENDLESS = re.compile(r"[!-\u0dff]{200,}")
PIECE = re.compile("[!-\u0dff][\u0300-\u036f]*(?:[!-\u0dff][\u0300-\u036f]*){,7}")
"""Of so many letters at most, each with the marks above and below it."""


class Paragraph(NamedTuple):
    """``lines`` as written; ``direction`` is "rtl" when the first letter is of a script written from right to left."""

    lines: list[str]
    direction: str


def paragraphs(text: str) -> list[Paragraph]:
    """Cut a text at its blank lines; single line ends stay line ends. What is no word any more, by its length, may be broken."""
    blocks = re.split(r"\n[ \t]*\n", breakable(text).replace("\r\n", "\n").replace("\r", "\n"))
    return [Paragraph(block.strip().split("\n"), direction(block)) for block in blocks if block.strip()]


def breakable(text: str) -> str:
    """Let a line end within what has no space for long: the layout takes the square of its length otherwise, hours for what
    somebody may paste. Scripts that are written without spaces are broken as they are."""
    return ENDLESS.sub(lambda found: BREAK.join(re.findall(PIECE, found[0])), text)


def direction(text: str) -> str:
    """Return "rtl" or "ltr", by the first character that has a direction."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in {"R", "AL"}:
            return "rtl"
        if kind == "L":
            return "ltr"
    return "ltr"


def css_string(text: str) -> str:
    """Return the text as a CSS string with its quotes; nothing in it can end the string or the style element."""
    safe = "".join(c if c.isalnum() or c in " ,.:;-/()" else f"\\{ord(c):x} " for c in text)
    return f'"{safe}"'


def page_counter(pattern: str) -> str:
    """Return the CSS content of "Page {page} of {pages}", whatever the order of words in a language."""
    content = []
    for piece in re.split(r"(\{pages?\})", pattern):
        if piece:
            content.append(f"counter({piece[1:-1]})" if piece in {"{page}", "{pages}"} else css_string(piece))
    return " ".join(content)


def groups(fingerprint: str, size: int = 16) -> list[str]:
    """Cut a hexadecimal fingerprint into groups, so that it can be compared by eye."""
    return [fingerprint[start : start + size] for start in range(0, len(fingerprint), size)]


def kept_whole(text: str) -> list[tuple[str, bool]]:
    """Cut a text into runs, each with whether no line may end within it: a word with a hyphen. Who extracts the text of a PDF
    takes a hyphen at the end of a line for a printer's, and would lose it."""
    return [(run, number % 2 == 1) for number, run in enumerate(re.split(r"(\w+(?:[-\u2010]\w+)+)", text)) if run]
