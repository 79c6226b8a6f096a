"""Which characters the machine's fonts can print, and what stands in for the others.

A glyph that no font has makes a PDF inaccessible (and prints a box), so such a character is printed as its code, [U+1F9FF],
before the page is laid out. Fontconfig knows what every font covers; asking it once costs less than one page.
"""

import subprocess
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

# Drawn as nothing by every font: joiners, marks of direction, selectors. Unicode's Default_Ignorable_Code_Point.
INVISIBLE = (
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xE0000, 0xE0FFF),
)  # fmt: skip

# Pango has fonts draw the space beside one of these, and some that have these have no space: marks of annotation and shorthand.
DISTURBING = ((0xFFF9, 0xFFFB), (0x1BCA0, 0x1BCA3))


def printable(value: Any, missing: frozenset[str]) -> Any:
    """Return the JSON-able value with each of the missing characters replaced by its code, in values (keys are ours)."""
    if not missing:
        return value
    table = {ord(character): code(character) for character in missing}
    return _replaced(value, table)


def code(character: str) -> str:
    """Return what is printed for a character without a glyph: ``[U+1F9FF]``."""
    return f"[U+{ord(character):04X}]"


def missing_from(value: Any) -> frozenset[str]:
    """Return the characters of all strings in the JSON-able value that no installed font can print."""
    seen = set().union(*map(set, _strings(value)))
    return frozenset(character for character in seen if not is_printable(character))


def is_printable(character: str) -> bool:
    """Say whether some installed font has this character, or nothing needs to be drawn for it."""
    point = ord(character)
    if character in "\t\n\r" or any(first <= point <= last for first, last in INVISIBLE):
        return True
    if unicodedata.category(character) in {"Cc", "Cs", "Cn"} or any(
        first <= point <= last for first, last in DISTURBING
    ):
        return False
    return _within(point, coverage())


@lru_cache(maxsize=1)
def coverage() -> tuple[tuple[int, int], ...]:
    """Return the ranges of code points that the installed fonts cover, sorted and disjoint.

    Without fontconfig's own program everything counts as covered; the layout then reports what it could not draw.
    """
    try:
        listed = subprocess.run(
            ["fc-list", "--format", "%{charset}\n"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return ((0, 0x10FFFF),)
    ranges = set()
    for token in set(listed.split()):
        first, _, last = token.partition("-")
        ranges.add((int(first, 16), int(last or first, 16)))
    merged: list[tuple[int, int]] = []
    for first_point, last_point in sorted(ranges):
        if merged and first_point <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last_point))
        else:
            merged.append((first_point, last_point))
    return tuple(merged)


def _within(point: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    place = bisect_right(ranges, (point, 0x110000)) - 1
    return place >= 0 and ranges[place][0] <= point <= ranges[place][1]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)


def _replaced(value: Any, table: dict[int, str]) -> Any:
    if isinstance(value, str):
        return value.translate(table)
    if isinstance(value, dict):
        return {key: _replaced(item, table) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(item, table) for item in value]
    return value
