"""Where the marks stand in the picture of the Network's calendar; templates/calendar/picture.html draws them.

Lengths are in units of a picture WIDTH wide, the same on the page and on paper. Everything has its words beside it, and things
whose words would meet stand one below the other. A picture inherits neither fonts nor colours, hence the explicit ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from rvc_portal.documents.palette import tokens

WIDTH = 960.0
MARGIN = 6.0
TOP, BOTTOM = 26.0, 6.0
HEADING, LANE_GAP = 20.0, 12.0
LINE, BAR, DOT = 16.0, 12.0, 4.5
STEP = 12.0  # from one window of a call to the next
LETTER = 5.9  # about how wide a letter is
LONGEST = 44

LANES = ("meeting", "window", "mandates", "sitting", "report")
"""What stands above what, by the kinds of entries; a renewal is told by the mark of its meeting."""

COLOURS = {
    "meeting": "brand", "mandates": "line-strong", "sitting": "state-in-review", "report": "warn",
    "filing": "link", "screening": "state-returned", "evaluation": "state-in-evaluation", "reply": "ink-soft",
    "review": "state-in-review", "decision": "state-awaiting-decision", "publication": "state-designated",
}  # fmt: skip
"""The token of each kind of entry, of a window by its step."""


@dataclass(frozen=True)
class Words:
    """A line of text that begins (`end`: ends) at x, its baseline at y."""

    x: float
    y: float
    text: str
    end: bool = False


@dataclass(frozen=True)
class Mark:
    """A bar from x on, or a dot around it; `hollow`: only the year is known; `ring`: the Steering Group is renewed."""

    shape: Literal["bar", "dot"]
    x: float
    y: float
    width: float
    colour: str
    hollow: bool = False
    ring: bool = False


@dataclass(frozen=True)
class Lane:
    """One kind of thing, under a heading with its baseline at `heading`."""

    kind: str
    top: float
    heading: float
    marks: tuple[Mark, ...]
    words: tuple[Words, ...]


@dataclass(frozen=True)
class Decade:
    """`years`: each with the x at which it begins; `today`: where the present day is, None where it is not in them."""

    height: float
    years: tuple[tuple[int, float], ...]
    lanes: tuple[Lane, ...]
    today: float | None
    width: float = WIDTH
    right: float = WIDTH - MARGIN


@dataclass(frozen=True)
class _Placed:
    """Something that takes the room from `left` to `right`, and so many lines."""

    left: float
    right: float
    lines: int
    items: tuple[Mapping[str, Any], ...]
    title: str = ""


def decade(
    entries: Iterable[Mapping[str, Any]], start: int, count: int, today: date | None = None
) -> Decade:  # fmt: skip
    """Lay out the entries of `count` years from `start` on. Each has `kind`, `first` and `last` ("2015-05-28"), `label` (worded),
    `fixed`, `strong`, `call` and `within` (key and worded title of its call) and `step`, as domain.calendar.Entry has."""
    frame = _Frame(date(start, 1, 1), date(start + count, 1, 1))
    told = [{**e, **{key: date.fromisoformat(e[key]) for key in ("first", "last")}} for e in entries]
    shown = [e for e in told if e["first"] < frame.end and e["last"] >= frame.begin]
    lanes: list[Lane] = []
    y = TOP
    for kind in LANES:
        placed = _placed([e for e in shown if e["kind"] == kind], kind, frame)
        if placed:
            lane, y = _lane(placed, kind, y, frame)
            lanes.append(lane)
    here = round(frame.x(today), 2) if today and frame.begin <= today < frame.end else None
    years = tuple((year, round(frame.x(date(year, 1, 1)), 2)) for year in range(start, start + count))
    return Decade(round(y + BOTTOM, 2), years, tuple(lanes), here)


def rows(boxes: Sequence[tuple[float, float, int]]) -> list[int]:
    """For each box (left, right, lines), the line on which it begins, such that no two meet: the first that is free for all
    its lines, in the order given."""
    taken: list[tuple[int, int, float, float]] = []
    found = []
    for left, right, lines in boxes:
        at = 0
        while any(at < end and begin < at + lines and left < to and since < right for begin, end, since, to in taken):
            at += 1
        taken.append((at, at + lines, left, right))
        found.append(at)
    return found


@dataclass(frozen=True)
class _Frame:
    """The days that the picture shows: from `begin` to before `end`."""

    begin: date
    end: date

    def x(self, day: date) -> float:
        share = (min(max(day, self.begin), self.end) - self.begin) / (self.end - self.begin)
        return MARGIN + share * (WIDTH - 2 * MARGIN)

    def bar(self, entry: Mapping[str, Any]) -> tuple[float, float]:
        """From where to where its days go; at least so much that it can be seen."""
        left = self.x(entry["first"])
        return left, max(self.x(entry["last"] + timedelta(days=1)), left + 3)

    def dot(self, entry: Mapping[str, Any]) -> float:
        """The middle of its days, where a whole dot has room."""
        x = (self.x(entry["first"]) + self.x(entry["last"])) / 2
        return min(max(x, MARGIN + DOT + 3), WIDTH - MARGIN - DOT - 3)


def _placed(entries: list[Mapping[str, Any]], kind: str, frame: _Frame) -> list[_Placed]:
    """What stands in a lane, each with the room that it and its words take; the windows of a call stand together."""
    if kind != "window":
        return [_Placed(*_room(e, kind, frame), 1, (e,)) for e in entries]
    calls: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries:
        calls.setdefault(entry["call"], []).append(entry)
    found = []
    for those in calls.values():
        room = [_room(e, kind, frame) for e in those]
        title = _short(those[0]["within"])
        left, right = min(r[0] for r in room), max(r[1] for r in room)
        begin = _beginning(left, title)
        found.append(_Placed(min(left, begin), max(right, begin + _wide(title)), len(those) + 1, tuple(those), title))
    return found


def _room(entry: Mapping[str, Any], kind: str, frame: _Frame) -> tuple[float, float]:
    if kind == "sitting":  # told in the list; in the picture they are too many for words
        x = frame.dot(entry)
        return x - DOT, x + DOT
    left, right = _extent(entry, kind, frame)
    words = _words(entry, kind, frame, 0)
    return min(left, words.x - (_wide(words.text) if words.end else 0)), max(
        right, words.x + (0 if words.end else _wide(words.text))
    )


def _extent(entry: Mapping[str, Any], kind: str, frame: _Frame) -> tuple[float, float]:
    if kind in ("window", "mandates"):
        return frame.bar(entry)
    x = frame.dot(entry)
    return x - DOT - 3, x + DOT + 3


def _words(entry: Mapping[str, Any], kind: str, frame: _Frame, y: float) -> Words:
    """Beside its mark: to the right, or to the left where there is no room there."""
    left, right = _extent(entry, kind, frame)
    text = _short(entry["label"])
    if right + 4 + _wide(text) <= WIDTH - MARGIN:
        return Words(round(right + 4, 2), y, text)
    return Words(round(left - 4, 2), y, text, end=True)


def _lane(placed: list[_Placed], kind: str, y: float, frame: _Frame) -> tuple[Lane, float]:
    line = STEP if kind == "window" else LINE
    base = y + HEADING
    marks: list[Mark] = []
    words: list[Words] = []
    bottom = base
    for it, row in zip(placed, rows([(p.left - 3, p.right + 3, p.lines) for p in placed]), strict=True):
        top = base + row * line
        if it.title:
            words.append(Words(round(_beginning(it.left, it.title), 2), round(top + line - 3, 2), it.title))
            top += line
        for number, entry in enumerate(it.items):
            middle = round(top + number * line + line / 2, 2)
            marks.append(_mark(entry, kind, middle, frame))
            if kind != "sitting":
                words.append(_words(entry, kind, frame, round(middle + 3.7, 2)))
        bottom = max(bottom, base + (row + it.lines) * line)
    return Lane(kind, round(y, 2), round(y + 15, 2), tuple(marks), tuple(words)), bottom + LANE_GAP


def _mark(entry: Mapping[str, Any], kind: str, y: float, frame: _Frame) -> Mark:
    colour = tokens()[COLOURS[entry["step"] or kind]]
    if kind in ("window", "mandates"):
        left, right = frame.bar(entry)
        return Mark("bar", round(left, 2), y, round(right - left, 2), colour)
    return Mark("dot", round(frame.dot(entry), 2), y, 2 * DOT, colour, not entry["fixed"], entry["strong"])


def _beginning(left: float, title: str) -> float:
    """Where a title begins that shall stand above something, and within the picture."""
    return max(min(left, WIDTH - MARGIN - _wide(title)), MARGIN)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def _wide(text: str) -> float:
    return len(text) * LETTER
