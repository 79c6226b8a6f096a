"""Where the marks of the pictures in reports stand; templates/documents/charts.html draws them.

Lengths are in points of a picture WIDTH wide. A picture inherits neither fonts nor colours from its page, hence the explicit
colours; streams differ by shape as well as by colour.
"""

import textwrap
from dataclasses import dataclass
from typing import Any

WIDTH = 470.0
LEFT, RIGHT = 4.0, 40.0  # room for a dot at the least score, for a number after the best one
LINE, BAR, GAP = 12.0, 10.0, 4.0
DOT = 8.0
LETTERS_A_LINE = 84


@dataclass(frozen=True)
class Tick:
    x: float
    value: float


@dataclass(frozen=True)
class Bar:
    stream: int
    y: float
    width: float
    value: float


@dataclass(frozen=True)
class Dot:
    stream: int
    x: float
    y: float


@dataclass(frozen=True)
class Row:
    """One criterion: its label's lines (the baseline of each), and its marks. ``means``: x of each stream's mean."""

    lines: tuple[tuple[float, str], ...]
    top: float
    bottom: float
    middle: float
    bars: tuple[Bar, ...] = ()
    dots: tuple[Dot, ...] = ()
    means: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class Chart:
    height: float
    left: float
    right: float
    ticks: tuple[Tick, ...]
    rows: tuple[Row, ...]


def score_bars(report: dict[str, Any], labels: list[str]) -> Chart:
    """Lay out one bar per criterion and stream, from the least score of the scale. ``report``: EvaluationReportContext."""
    rows, y = [], 0.0
    for criterion, label in zip(report["criteria"], labels, strict=True):
        lines, top = _label(label, y)
        bars, y = [], top
        for index, stream in enumerate(report["streams"]):
            value = criterion["means"].get(stream["key"])
            if value is not None:
                bars.append(Bar(index, y, max(_x(value, report["scale"]) - LEFT, 0.8), value))
                y += BAR + GAP / 2
        rows.append(Row(lines, top - 2, y, (top + y) / 2, bars=tuple(bars)))
        y += LINE
    return _chart(report, rows, y)


def spread_dots(report: dict[str, Any], labels: list[str]) -> Chart:
    """Lay out one dot per sheet and criterion: the first stream above the line, the others below, equal scores side by side."""
    rows, y = [], 0.0
    for place, (criterion, label) in enumerate(zip(report["criteria"], labels, strict=True)):
        lines, top = _label(label, y)
        piles = [_pile(_scores(report, place, stream["key"]), report["scale"]) for stream in report["streams"]]
        depths = [1 + max((depth for _, depth in pile), default=0) for pile in piles]
        middle = top + depths[0] * DOT + 2
        dots = []
        for index, pile in enumerate(piles):
            side = -1 if index == 0 else 1
            dots += [Dot(index, x, middle + side * ((depth + 0.5) * DOT + 2)) for x, depth in pile]
        means = tuple(
            (index, _x(criterion["means"][stream["key"]], report["scale"]))
            for index, stream in enumerate(report["streams"])
            if stream["key"] in criterion["means"]
        )
        bottom = middle + max(depths[1:], default=0) * DOT + 2
        rows.append(Row(lines, top, bottom, middle, dots=tuple(dots), means=means))
        y = bottom + LINE
    return _chart(report, rows, y)


def count_bars(counts: list[tuple[int, ...]], labels: list[str]) -> Chart:
    """Lay out, for each label, one bar for each of its counts, from nought."""
    frame = {"scale": {"minimum": 0.0, "maximum": float(max((max(row) for row in counts), default=1) or 1)}}
    rows, y = [], 0.0
    for row, label in zip(counts, labels, strict=True):
        lines, top = _label(label, y)
        bars, y = [], top
        for index, count in enumerate(row):
            bars.append(Bar(index, y, max(_x(count, frame["scale"]) - LEFT, 0.8), count))
            y += BAR + GAP / 2
        rows.append(Row(lines, top - 2, y, (top + y) / 2, bars=tuple(bars)))
        y += LINE / 2
    return _chart(frame, rows, y + LINE / 2)


def _scores(report: dict[str, Any], place: int, stream: str) -> list[float]:
    given = (sheet["scores"][place]["score"] for sheet in report["sheets"] if sheet["stream_key"] == stream)
    return sorted(score for score in given if score is not None)


def _pile(scores: list[float], scale: dict[str, float]) -> list[tuple[float, int]]:
    """Return (x, depth) of a dot per score; equal scores stand side by side, then in further rows, never on one another."""
    step = (WIDTH - LEFT - RIGHT) / max(scale["maximum"] - scale["minimum"], 1)
    a_row = max(1, min(6, int(step / DOT)))
    placed = []
    for score in sorted(set(scores)):
        count = scores.count(score)
        for number in range(count):
            depth, column = divmod(number, a_row)
            in_row = min(a_row, count - depth * a_row)
            placed.append((_x(score, scale) + (column - (in_row - 1) / 2) * DOT, depth))
    return placed


def _label(label: str, y: float) -> tuple[tuple[tuple[float, str], ...], float]:
    """Return the baselines and lines of a label that begins at y, and where its marks may begin."""
    lines = textwrap.wrap(label, LETTERS_A_LINE) or [""]
    baselines = tuple((y + (number + 0.8) * LINE, line) for number, line in enumerate(lines))
    return baselines, y + len(lines) * LINE + 3


def _x(value: float, scale: dict[str, float]) -> float:
    span = max(scale["maximum"] - scale["minimum"], 1)
    share = min(max((value - scale["minimum"]) / span, 0.0), 1.0)
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 2)


def _chart(report: dict[str, Any], rows: list[Row], y: float) -> Chart:
    scale = report["scale"]
    span = scale["maximum"] - scale["minimum"]
    step = next(size for size in (1, 2, 5, 10, 20, 25, 50, 100, 1000, span) if span / size <= 10) or 1
    values = [scale["minimum"] + number * step for number in range(int(span / step) + 1)]
    ticks = tuple(Tick(_x(value, scale), value) for value in values)
    return Chart(round(y + 8, 2), LEFT, WIDTH - RIGHT, ticks, tuple(rows))
