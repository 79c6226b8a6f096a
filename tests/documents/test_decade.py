"""The picture of ten years: every mark and every word within it, none over another, and the same things as in the list."""

from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.documents import decade as module
from rvc_portal.documents.decade import LETTER, LONGEST, MARGIN, WIDTH, decade, rows

DAYS = st.dates(date(2010, 1, 1), date(2029, 12, 31))


def entry(kind, first, last=None, label="Kanazawa", **more):
    days = {"first": first.isoformat(), "last": (last or first).isoformat()}
    step = "filing" if kind == "window" else ""
    plain = {"fixed": True, "strong": False, "call": "one", "within": "Call for candidacies", "step": step}
    return {"kind": kind, "label": label, **days, **plain, **more}


@st.composite
def entries(draw):
    first, last = sorted((draw(DAYS), draw(DAYS)))
    label = draw(st.text("abcdefgh ÉÖ", min_size=1, max_size=60))
    kind = draw(st.sampled_from(module.LANES))
    return entry(kind, first, last, label, call=draw(st.sampled_from("abc")), within=label)


def boxes(lane):
    """The room of each word and of each mark of a lane."""
    for words in lane.words:
        wide = len(words.text) * LETTER
        yield (words.x - wide if words.end else words.x, words.x if words.end else words.x + wide, words.y - 9, words.y)
    for mark in lane.marks:
        left = mark.x if mark.shape == "bar" else mark.x - mark.width / 2
        yield (left, left + mark.width, mark.y - 4, mark.y + 4)


@given(st.lists(entries(), max_size=14))
def test_every_mark_and_word_is_within_the_picture_and_over_no_other(drawn):
    picture = decade(drawn, 2015, 10)
    bottom = 0.0
    for lane in picture.lanes:
        assert lane.top >= bottom
        every = list(boxes(lane))
        for left, right, top, bottom in every:
            assert left >= 0
            assert right <= WIDTH
            assert lane.heading < top + 2
            assert bottom <= picture.height
        for a, b in combinations(every, 2):
            apart = a[1] <= b[0] + 0.01 or b[1] <= a[0] + 0.01 or a[3] <= b[2] or b[3] <= a[2]
            assert apart, (lane.kind, a, b)
        bottom = max(box[3] for box in every)


@given(st.lists(entries(), max_size=14))
def test_what_has_a_day_in_these_years_is_drawn_once_and_nothing_else(drawn):
    picture = decade(drawn, 2015, 10)
    inside = [e for e in drawn if e["first"] <= "2024-12-31" and e["last"] >= "2015-01-01"]
    assert sum(len(lane.marks) for lane in picture.lanes) == len(inside)
    assert [lane.kind for lane in picture.lanes] == [
        kind for kind in module.LANES if kind in {e["kind"] for e in inside}
    ]


@given(st.lists(st.tuples(st.floats(0, 900), st.floats(1, 200), st.integers(1, 7)), max_size=20))
def test_rows_are_the_first_in_which_nothing_meets(given_boxes):
    placed = [(left, left + wide, lines) for left, wide, lines in given_boxes]
    found = rows(placed)
    for (one, at), (other, its) in combinations(zip(placed, found, strict=True), 2):
        side_by_side = one[1] <= other[0] or other[1] <= one[0]
        assert side_by_side or at + one[2] <= its or its + other[2] <= at
    assert not found or found[0] == 0


@pytest.mark.parametrize("day", [date(2015, 1, 1), date(2024, 12, 31)])
def test_the_first_and_the_last_day_are_at_the_edges(day):
    (lane,) = decade([entry("mandates", day)], 2015, 10).lanes
    edge = MARGIN if day.year == 2015 else WIDTH - MARGIN
    (bar,) = lane.marks
    assert min(abs(bar.x - edge), abs(bar.x + bar.width - edge)) < 3


def test_a_bar_is_as_long_as_its_days():
    year = entry("mandates", date(2016, 1, 1), date(2016, 12, 31), "a year")
    two = entry("mandates", date(2017, 1, 1), date(2018, 12, 31), "two")
    first, second = decade([year, two], 2015, 10).lanes[0].marks
    assert second.width / first.width == pytest.approx(730 / 366, abs=0.02)


def test_today_is_a_line_where_it_is_shown():
    assert decade([], 2015, 10, date(2030, 1, 1)).today is None
    assert decade([], 2015, 10, date(2015, 1, 1)).today == MARGIN
    later = decade([], 2015, 10, date(2020, 1, 1)).today
    assert later is not None
    assert abs(later - WIDTH / 2) < 2


def test_the_windows_of_a_call_stand_one_below_the_other_under_its_title():
    steps = [
        entry("window", date(2015, m, 1), date(2015, m, 28), step=s) for m, s in ((3, "filing"), (9, "evaluation"))
    ]
    (lane,) = decade(steps, 2015, 10).lanes
    assert [w.text for w in lane.words] == ["Call for candidacies", "Kanazawa", "Kanazawa"]
    assert [m.y for m in lane.marks] == sorted({m.y for m in lane.marks})
    assert len({m.colour for m in lane.marks}) == 2


def test_a_renewal_whose_meeting_is_not_known_stands_among_the_meetings():
    whole = (date(2020, 1, 1), date(2020, 12, 31))
    without = entry("renewal", *whole, label="Renewal", fixed=False, strong=True)
    with_meeting = entry("renewal", date(2018, 6, 15), label="Renewal")
    (lane,) = decade([without, with_meeting], 2015, 10).lanes
    assert (lane.kind, [(m.hollow, m.ring) for m in lane.marks]) == ("meeting", [(True, True)])


def test_a_long_name_is_cut_and_a_late_one_stands_before_its_mark():
    (lane,) = decade([entry("meeting", date(2024, 12, 1) + timedelta(days=9), label="x" * 80)], 2015, 10).lanes
    (words,) = lane.words
    assert words.end
    assert len(words.text) == LONGEST
    assert words.text.endswith("…")
