"""Two versions of a text, told apart word by word."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME, GONE, NEW = "same", "gone", "new"

# A word with the white space behind it, a character of a script that is written without spaces, or white space alone.
_PIECES = re.compile(
    r"[\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|\s+|\w+|[^\w\s]"
)
_LINES = re.compile(r"[^\n]*\n|[^\n]+")

MOST = 2_000_000
"""Pieces of one text times pieces of the other that are compared one by one: beyond it a reader would wait for seconds."""


@dataclass(frozen=True)
class Run:
    """Neighbouring words with one fate. `kind`: same (in both), gone (in the first alone), new (in the second alone)."""

    kind: str
    text: str


def difference(before: str, after: str) -> tuple[Run, ...]:
    """What became of `before` on its way to `after`. The runs that are not new make up `before`, those that are not gone
    make up `after`, to the character."""
    first, second = _PIECES.findall(before), _PIECES.findall(after)
    start = _shared(first, second)
    end = _shared(first[start:][::-1], second[start:][::-1])
    runs: list[Run] = []
    _add(runs, SAME, first[:start])
    _compare(runs, first[start : len(first) - end], second[start : len(second) - end])
    _add(runs, SAME, first[len(first) - end :])
    return tuple(runs)


def both(runs: Sequence[Run]) -> str:
    """All words of the two texts in one, for a person to choose among; a word and what stands in its place are kept apart."""
    found = ""
    for run in runs:
        apart = found[-1:].isalnum() and run.text[:1].isalnum() and run.kind == NEW
        found += (" " if apart else "") + run.text
    return found


def _compare(runs: list[Run], first: Sequence[str], second: Sequence[str]) -> None:
    if len(first) * len(second) > MOST:  # a line is as good as a word where there is so much
        first, second = (_LINES.findall("".join(pieces)) for pieces in (first, second))
    if len(first) * len(second) > MOST:
        _add(runs, GONE, first)
        _add(runs, NEW, second)
        return
    for kind, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if kind == "equal":
            _add(runs, SAME, first[a:b])
            continue
        _add(runs, GONE, first[a:b])
        _add(runs, NEW, second[c:d])


def _shared(first: Sequence[str], second: Sequence[str]) -> int:
    """How many pieces both begin with."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((n for n, (one, other) in pairs if one != other), min(len(first), len(second)))


def _add(runs: list[Run], kind: str, pieces: Sequence[str]) -> None:
    text = "".join(pieces)
    if text and runs and runs[-1].kind == kind:
        runs[-1] = Run(kind, runs[-1].text + text)
    elif text:
        runs.append(Run(kind, text))
