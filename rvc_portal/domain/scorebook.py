"""A workbook that an evaluator fills in away from the portal: its columns, how its cells are read, and what a row would do.

Every row names the pack it was made for and its line in it (`key_of`): what stood there then is kept by the portal. So a row
is told apart that was changed on line since, and one that belongs to somebody else.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple
from uuid import UUID

from rvc_portal.domain.errors import InvalidInput, Refusal
from rvc_portal.domain.rubric import Rubric
from rvc_portal.domain.scoring import LONGEST_REASON, Given
from rvc_portal.domain.values import cleaned
from rvc_portal.domain.vocabulary import N_

HEADS: Mapping[str, Mapping[str, str]] = {
    "key": {"en": "Key", "fr": "Clé"},
    "city": {"en": "City", "fr": "Ville"},
    "reference": {"en": "Reference", "fr": "Référence"},
    "criterion": {"en": "Criterion", "fr": "Critère"},
    "guidance": {"en": "Guidance", "fr": "Indications"},
    "weight": {"en": "Weight (%)", "fr": "Poids (%)"},
    "score": {"en": "Score", "fr": "Note"},
    "cannot_judge": {"en": "Cannot judge", "fr": "Ne peut juger"},
    "reason": {"en": "Reason", "fr": "Justification"},
}
"""The columns in their order, by language. A workbook comes back in the language in which it was made."""
READ = ("key", "reference", "criterion", "score", "cannot_judge", "reason")
"""The columns that are read; the others are for the reader alone."""
YES: Mapping[str, str] = {"en": "yes", "fr": "oui"}

_TICKED = frozenset({"yes", "oui", "x", "×", "✓", "true", "vrai"})
_NOT_TICKED = frozenset({"", "no", "non", "false", "faux"})
_KEY = re.compile(r"([0-9a-f]{32})-([0-9]{1,6})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SHOWN = 40
NAMES = 200
"""Characters of a name by which rows are told apart: nobody's call has longer ones."""

FORMULA = N_("A formula stands here. It is never calculated: write the value itself.")
DATE = N_(
    "A date stands here: the program has taken what you typed for one. Type it again as text or as a plain number."
)
NO_SCORE = N_("“%(value)s” is no whole number. Choose a score from %(low)s to %(high)s.")
OFF = N_("Choose a score from %(low)s to %(high)s.")
NOT_BOTH = N_("Give a score, or say that you cannot judge; not both.")
NO_TICK = N_("“%(value)s” says nothing here. Choose the one word of the list, or leave the cell empty.")
BLANK = N_("The reason has nothing but spaces.")
TOO_LONG = N_("The reason has %(count)s characters; at most %(most)s can be taken.")
NO_TEXT = N_("This cell holds no text.")
NO_KEY = N_("This row does not say which line of which workbook it is: its hidden key was changed or removed.")
MOVED = N_(
    "This row is marked for another file or criterion than the one that it names: cells were moved between rows."
)
TWICE = N_("The same line stands in the file twice.")


class Cell(NamedTuple):
    """One cell as it stands in a workbook. `address`: "G12"; `kind`: empty, text, number, date, formula or other; `text`: what
    it holds, nothing of a formula."""

    address: str
    kind: str
    text: str


@dataclass(frozen=True)
class Line:
    """One criterion of one sheet as it stood when the workbook was made. `reference` and `criterion_label` as printed there."""

    assignment: UUID
    city: str
    reference: str
    criterion: str
    criterion_label: str
    given: Given

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "assignment": str(self.assignment)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Line":
        return cls(**{**kept, "assignment": UUID(kept["assignment"]), "given": Given(**kept["given"])})


@dataclass(frozen=True)
class Filled:
    """One row that came back. `given`: None where a cell cannot be taken, and `wrong` says which and why: (address, refusal)."""

    number: int
    key: str
    reference: str
    criterion: str
    given: Given | None
    wrong: tuple[tuple[str, Refusal], ...] = ()

    def to_json(self) -> dict[str, Any]:
        wrong = [[address, refusal.message, dict(refusal.params)] for address, refusal in self.wrong]
        return {**asdict(self), "wrong": wrong}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Filled":
        wrong = tuple((address, Refusal(message, params)) for address, message, params in kept["wrong"])
        return cls(**{**kept, "given": Given(**kept["given"]) if kept["given"] else None, "wrong": wrong})

    @property
    def place(self) -> tuple[UUID, int] | None:
        """The pack and the line in it that the row is marked for; None where the mark is none."""
        found = _KEY.fullmatch(self.key)
        return (UUID(found[1]), int(found[2])) if found else None


def key_of(pack_id: UUID, line: int) -> str:
    """How a row is marked: the pack and its line, from 0."""
    return f"{pack_id.hex}-{line}"


def is_head(texts: Iterable[str]) -> bool:
    """Whether a row names the columns of a workbook of ours."""
    return any(_named(text, "key") for text in texts)


def columns(head: Sequence[Cell], target: str = "file") -> Mapping[str, int]:
    """Where each column that is read stands. Raises InvalidInput naming those that are missing, or there twice."""
    found = {key: [n for n, cell in enumerate(head) if _named(cell.text, key)] for key in READ}
    missing = [" / ".join(HEADS[key].values()) for key, places in found.items() if not places]
    if missing:
        said = N_("The first row must name the columns; not found: %(columns)s.")
        raise InvalidInput({target: (Refusal(said, {"columns": ", ".join(missing)}, target=target),)})
    twice = [head[places[1]].address for places in found.values() if len(places) > 1]
    if twice:
        said = N_("A column stands in the first row twice (%(cells)s): which one counts?")
        raise InvalidInput({target: (Refusal(said, {"cells": ", ".join(twice)}, target=target),)})
    return {key: places[0] for key, places in found.items()}


def read(rows: Iterable[tuple[int, Sequence[Cell]]], place: Mapping[str, int], rubric: Rubric) -> list[Filled]:
    """The rows below the head that say anything in a column that is read."""
    found = []
    for number, cells in rows:
        row = {key: cells[n] if n < len(cells) else Cell("", "empty", "") for key, n in place.items()}
        if any(cell.kind != "empty" for cell in row.values()):
            found.append(_filled(number, row, rubric))
    return found


def fate(given: Given, before: Given, now: Given) -> str:
    """What becomes of a row: same (as it stands), kept (not touched in the file, but changed on line since), stale (changed
    here and there) or change."""
    theirs, then, stands = _plain(given), _plain(before), _plain(now)
    if theirs == stands:
        return "same"
    if theirs == then:
        return "kept"
    return "stale" if then != stands else "change"


def _plain(given: Given) -> Given:
    return Given(None if given.value is None else float(given.value), cleaned(given.reason).strip(), given.cannot_judge)


def _named(text: str, key: str) -> bool:
    return text.strip().casefold() in {name.casefold() for name in HEADS[key].values()}


def _filled(number: int, row: Mapping[str, Cell], rubric: Rubric) -> Filled:
    wrong: list[tuple[str, Refusal]] = []

    def taken(key: str, reader: Any) -> Any:
        cell = row[key]
        found = Refusal(FORMULA) if cell.kind == "formula" else reader(cell)
        if isinstance(found, Refusal):
            wrong.append((cell.address, found))
            return None
        return found

    value, cannot = taken("score", lambda cell: _score(cell, rubric)), taken("cannot_judge", _ticked)
    reason = taken("reason", _reason)
    key, reference, criterion = (taken(k, _name) or "" for k in ("key", "reference", "criterion"))
    if value is not None and cannot:
        wrong.append((row["cannot_judge"].address, Refusal(NOT_BOTH)))
    given = None if wrong else Given(value, reason, cannot)
    return Filled(number, key, reference, criterion, given, tuple(wrong))


def _name(cell: Cell) -> str:
    return _text(cell.text)[:NAMES]


def _score(cell: Cell, rubric: Rubric) -> float | Refusal | None:
    scale = {"low": rubric.scale_minimum, "high": rubric.scale_maximum}
    text = cell.text.strip()
    if cell.kind == "date":
        return Refusal(DATE)
    if not text and cell.kind in ("empty", "text"):
        return None
    if not re.fullmatch(r"[0-9]{1,4}", text):
        return Refusal(NO_SCORE, {"value": text[:_SHOWN], **scale})
    return float(text) if scale["low"] <= int(text) <= scale["high"] else Refusal(OFF, scale)


def _ticked(cell: Cell) -> bool | Refusal:
    text = cell.text.strip()
    if text.casefold() in _TICKED:
        return True
    if text.casefold() in _NOT_TICKED:
        return False
    return Refusal(NO_TICK, {"value": text[:_SHOWN]})


def _reason(cell: Cell) -> str | Refusal:
    if cell.kind == "date":
        return Refusal(DATE)
    if cell.kind == "other":
        return Refusal(NO_TEXT)
    text = _text(cell.text)
    if cell.text and not text:
        return Refusal(BLANK)
    if len(text) > LONGEST_REASON:
        return Refusal(TOO_LONG, {"count": len(text), "most": LONGEST_REASON})
    return text


def _text(text: str) -> str:
    """A text as the portal keeps it: workbooks write some characters by their codes."""
    return cleaned(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)).strip()
