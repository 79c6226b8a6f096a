"""Two versions of a file side by side: question by question, row by row, word by word; pieces by their hashes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from rvc_portal.domain.answers import shaped
from rvc_portal.domain.definition import Wording
from rvc_portal.domain.difference import GONE, NEW, SAME, Run, difference
from rvc_portal.domain.form import ONE_SET, ROWS, Form, Part, Question

CHANGED = "changed"

Worded = Callable[[Question, Part | None, Any], str]
"""Words one value, of a part where the question has parts, as its reader is to read it; "" for nothing."""

Line = tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """One value in both versions. `label`: of its part, None where the question has none."""

    label: Wording | None
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class Row:
    """One row, item or link, or all of a simple answer. `fate`: same, changed, gone (in the first alone) or new."""

    fate: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class ComparedAnswer:
    question: Question
    rows: tuple[Row, ...]

    @property
    def changed(self) -> bool:
        return any(row.fate != SAME for row in self.rows)


@dataclass(frozen=True)
class ComparedFile:
    """An uploaded file. `fate`: same, gone or new; the same bytes under another name are gone and new."""

    fate: str
    name: str
    sha256: str


def answers(
    form: Form, before: Mapping[str, Any], after: Mapping[str, Any], worded: Worded
) -> tuple[ComparedAnswer, ...]:
    """Every question of the form with its answer in both versions, in the order of the form."""
    return tuple(_answer(q, before.get(q.key), after.get(q.key), worded) for q in form.questions())


def changed_questions(form: Form, before: Mapping[str, Any], after: Mapping[str, Any]) -> frozenset[str]:
    """The keys of the questions whose answers differ."""
    return frozenset(
        q.key for q in form.questions() if shaped(q, before.get(q.key)) != shaped(q, after.get(q.key))
    )  # fmt: skip


def files(
    piece: str, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> tuple[ComparedFile, ...]:
    """The files of one piece in both versions; `before` and `after` as a filing lists them."""
    first, second = ([(f["name"], f["sha256"]) for f in given if f["piece"] == piece] for given in (before, after))
    found: list[ComparedFile] = []
    for kind, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [ComparedFile(SAME, *file) for file in first[a:b]]
            continue
        found += [ComparedFile(GONE, *file) for file in first[a:b]]
        found += [ComparedFile(NEW, *file) for file in second[c:d]]
    return tuple(found)


def changed_pieces(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """The keys of the pieces whose files differ."""
    keys = {f["piece"] for f in (*before, *after)}
    return frozenset(k for k in keys if any(f.fate != SAME for f in files(k, before, after)))


def _answer(question: Question, before: Any, after: Any, worded: Worded) -> ComparedAnswer:
    first, second = lines(question, before, worded), lines(question, after, worded)
    rows: list[Row] = []
    for kind, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if kind == "equal":
            rows += [_row(question, SAME, line, line) for line in first[a:b]]
            continue
        rows += [
            _row(question, _FATES[old is not None, new is not None], old, new)
            for old, new in _paired(first[a:b], second[c:d])
        ]
    return ComparedAnswer(question, tuple(rows))


_FATES = {(True, True): CHANGED, (True, False): GONE, (False, True): NEW}


def _paired(first: Sequence[Line], second: Sequence[Line]) -> list[tuple[Line | None, Line | None]]:
    """The lines in their order, those that have most in common side by side: a row taken out is not told as changes of
    all that follow."""
    best = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i in reversed(range(len(first))):
        for j in reversed(range(len(second))):
            here = best[i + 1][j + 1] + _kinship(first[i], second[j])
            best[i][j] = max(here, best[i + 1][j], best[i][j + 1])
    found: list[tuple[Line | None, Line | None]] = []
    i = j = 0
    while i < len(first) and j < len(second):
        if best[i][j] == best[i + 1][j + 1] + _kinship(first[i], second[j]):
            found.append((first[i], second[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            found.append((first[i], None))
            i += 1
        else:
            found.append((None, second[j]))
            j += 1
    return found + [(line, None) for line in first[i:]] + [(None, line) for line in second[j:]]


def _kinship(one: Line, other: Line) -> int:
    """Cells that both have, and one for being rows at all."""
    return 1 + 2 * sum(a == b != "" for a, b in zip(one, other, strict=True))


def _row(question: Question, fate: str, before: Line | None, after: Line | None) -> Row:
    blank = ("",) * max(len(question.parts), 1)
    labels = [part.label for part in question.parts] if _has_parts(question) else [None]
    pairs = zip(labels, before or blank, after or blank, strict=False)
    return Row(fate, tuple(Cell(label, in_phrases(difference(old, new))) for label, old, new in pairs))


def in_phrases(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Changed words with nothing but white space between them as one change: a rewritten sentence is read at one go."""
    found: list[Run] = []
    gone = new = ""
    for place, run in enumerate(runs):
        between = 0 < place < len(runs) - 1 and (gone or new) and not run.text.strip()
        if run.kind == SAME and not between:
            found += [*_change(gone, new), run]
            gone = new = ""
            continue
        gone += run.text if run.kind != NEW else ""
        new += run.text if run.kind != GONE else ""
    return (*found, *_change(gone, new))


def _change(gone: str, new: str) -> list[Run]:
    return [Run(kind, text) for kind, text in ((GONE, gone), (NEW, new)) if text]


def lines(question: Question, value: Any, worded: Worded) -> list[Line]:
    """The value as rows of words; what says nothing has none."""
    found = shaped(question, value)
    if question.type in ONE_SET:
        sets: list[Any] = [found]
    elif question.type in ROWS:
        sets = found
    else:
        single = found if question.type == "links" else [found]
        return [(words,) for one in single if (words := worded(question, None, one))]
    lines = [tuple(worded(question, part, one[part.key]) for part in question.parts) for one in sets]
    return [line for line in lines if any(line)]


def _has_parts(question: Question) -> bool:
    return question.type in (*ONE_SET, *ROWS)
