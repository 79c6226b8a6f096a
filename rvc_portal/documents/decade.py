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
LINE, DOT = 16.0, 4.5
STEP = 12.0  # from one window of a call to the next
BESIDE = 4.0
LETTER = 5.9  # about how wide a letter is
LONGEST = 44

LANES = ("meeting", "window", "mandates", "sitting", "report")
"""What stands above what, by the kinds of entries."""

COLOURS = {
    "meeting": "brand", "renewal": "brand", "mandates": "line-strong", "sitting": "state-in-review", "report": "warn",
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
class _Item:
    """An entry: the room of its mark, and its words (none for a sitting: they are too many) beginning, or ending, at `x`;
    `above`: there is no room for them on either side."""

    entry: Mapping[str, Any]
    shape: Literal["bar", "dot"]
    left: float
    right: float
    text: str
    x: float
    end: bool = False
    above: bool = False

    @property
    def lines(self) -> int:
        return 2 if self.above else 1

    @property
    def extent(self) -> tuple[float, float]:
        """All that it takes from left to right."""
        wide = _wide(self.text)
        return min(self.left, self.x - wide if self.end else self.x), max(
            self.right, self.x if self.end else self.x + wide
        )


@dataclass(frozen=True)
class _Placed:
    """What stands together, under its title if it has one: alone, or the windows of a call."""

    items: tuple[_Item, ...]
    title: str = ""

    @property
    def extent(self) -> tuple[float, float]:
        left, right = min(i.extent[0] for i in self.items), max(i.extent[1] for i in self.items)
        begins = _beginning(left, self.title) if self.title else left
        return min(left, begins), max(right, begins + _wide(self.title))

    @property
    def lines(self) -> int:
        return sum(item.lines for item in self.items) + (1 if self.title else 0)


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
        placed = _placed([e for e in shown if _lane_of(e) == kind], kind, frame)
        if placed:
            lane, y = _lane(placed, kind, y)
            lanes.append(lane)
    here = round(frame.x(today), 2) if today and frame.begin <= today < frame.end else None
    years = tuple((year, round(frame.x(date(year, 1, 1)), 2)) for year in range(start, start + count))
    return Decade(round(y + BOTTOM, 2), years, tuple(lanes), here)


def _lane_of(entry: Mapping[str, Any]) -> str:
    """A renewal is told by the ring around its meeting; where none is known, it stands in its place."""
    kind = str(entry["kind"])
    return "meeting" if kind == "renewal" and entry["strong"] else kind


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

    def dot(self, entry: Mapping[str, Any]) -> tuple[float, float]:
        """The room of a dot, with a ring around it, in the middle of its days and within the picture."""
        reach = DOT + 3
        x = (self.x(entry["first"]) + self.x(entry["last"])) / 2
        x = min(max(x, MARGIN + reach), WIDTH - MARGIN - reach)
        return x - reach, x + reach


def _placed(entries: list[Mapping[str, Any]], kind: str, frame: _Frame) -> list[_Placed]:
    """What stands in a lane."""
    if kind != "window":
        return [_Placed((_item(entry, kind, frame),)) for entry in entries]
    calls: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries:
        calls.setdefault(entry["call"], []).append(entry)
    return [
        _Placed(tuple(_item(entry, kind, frame) for entry in those), _short(those[0]["within"]))
        for those in calls.values()
    ]


def _item(entry: Mapping[str, Any], kind: str, frame: _Frame) -> _Item:
    shape: Literal["bar", "dot"] = "bar" if kind in ("window", "mandates") else "dot"
    left, right = frame.bar(entry) if shape == "bar" else frame.dot(entry)
    if kind == "sitting":
        return _Item(entry, shape, left, right, "", right)
    text = _short(entry["label"])
    if right + BESIDE + _wide(text) <= WIDTH - MARGIN:
        return _Item(entry, shape, left, right, text, right + BESIDE)
    if left - BESIDE - _wide(text) >= MARGIN:
        return _Item(entry, shape, left, right, text, left - BESIDE, end=True)
    return _Item(entry, shape, left, right, text, _beginning(left, text), above=True)


def _lane(placed: list[_Placed], kind: str, y: float) -> tuple[Lane, float]:
    """The lane that begins at y, and where the next one may begin."""
    line = STEP if kind == "window" else LINE
    base = y + HEADING
    marks: list[Mark] = []
    words: list[Words] = []
    bottom = base
    for it, row in zip(placed, rows([(*_apart(p.extent), p.lines) for p in placed]), strict=True):
        top = base + row * line
        if it.title:
            words.append(Words(round(_beginning(it.extent[0], it.title), 2), round(top + line - 3, 2), it.title))
            top += line
        for item in it.items:
            middle = top + (item.lines - 0.5) * line
            marks.append(_mark(item, round(middle, 2)))
            if item.text:
                baseline = top + line - 3 if item.above else middle + 3.7
                words.append(Words(round(item.x, 2), round(baseline, 2), item.text, item.end))
            top += item.lines * line
        bottom = max(bottom, top)
    return Lane(kind, round(y, 2), round(y + 15, 2), tuple(marks), tuple(words)), bottom + LANE_GAP


def _apart(extent: tuple[float, float]) -> tuple[float, float]:
    """With some room to both sides."""
    return extent[0] - 3, extent[1] + 3


def _mark(item: _Item, y: float) -> Mark:
    entry = item.entry
    colour = tokens()[COLOURS[entry["step"] or entry["kind"]]]
    if item.shape == "bar":
        return Mark("bar", round(item.left, 2), y, round(item.right - item.left, 2), colour)
    middle = round((item.left + item.right) / 2, 2)
    return Mark("dot", middle, y, 2 * DOT, colour, not entry["fixed"], entry["strong"])


def _beginning(left: float, title: str) -> float:
    """Where a title begins that shall stand above something, and within the picture."""
    return max(min(left, WIDTH - MARGIN - _wide(title)), MARGIN)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def _wide(text: str) -> float:
    return len(text) * LETTER
