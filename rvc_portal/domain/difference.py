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


@dataclass(frozen=True)
class Run:
    """Neighbouring words with one fate. `kind`: same (in both), gone (in the first alone), new (in the second alone)."""

    kind: str
    text: str


def difference(before: str, after: str) -> tuple[Run, ...]:
    """What became of `before` on its way to `after`. The runs that are not new make up `before`, those that are not gone
    make up `after`, to the character."""
    first, second = _PIECES.findall(before), _PIECES.findall(after)
    runs: list[Run] = []
    for kind, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if kind == "equal":
            _add(runs, SAME, first[a:b])
            continue
        _add(runs, GONE, first[a:b])
        _add(runs, NEW, second[c:d])
    return tuple(runs)


def _add(runs: list[Run], kind: str, pieces: Sequence[str]) -> None:
    text = "".join(pieces)
    if text and runs and runs[-1].kind == kind:
        runs[-1] = Run(kind, runs[-1].text + text)
    elif text:
        runs.append(Run(kind, text))
