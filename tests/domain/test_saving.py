"""Saves of an answer over any line: nothing unseen is overwritten, and the last thing that somebody typed stands."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain.saving import Kept, Sent, Verdict, judge


class Portal:
    """What keeps an answer by the rule."""

    def __init__(self) -> None:
        self.kept: Kept | None = None
        self.overwritten: list[str] = []

    def take(self, sent: Sent) -> Verdict:
        said = judge(self.kept, sent)
        if said is Verdict.KEEP:
            if self.kept:
                self.overwritten.append(self.kept.value)
            self.kept = Kept(self.kept.revision + 1 if self.kept else 1, sent.value, sent.tab, sent.seq)
        return said


@given(st.lists(st.integers(0, 9), max_size=40), st.integers(1, 10))
def test_whatever_the_line_does_the_last_text_of_a_lone_writer_stands(arrivals: list[int], typed: int) -> None:
    """Saves arrive late, twice, in any order; the page repeats its last one until it is answered."""
    portal = Portal()
    texts = [Sent(f"text {n}", base=0, tab="a", seq=n + 1) for n in range(typed)]
    for n in arrivals:
        assert portal.take(texts[n % typed]) is not Verdict.CONFLICT
    assert portal.take(texts[-1]) in (Verdict.KEEP, Verdict.LATE, Verdict.SAME)
    assert portal.kept is not None
    assert portal.kept.value == f"text {typed - 1}"


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=40))
def test_nobody_overwrites_what_they_have_not_seen(acts: list[tuple[str, bool]]) -> None:
    """Three pages; each knows the revision that it was told last. What is overwritten was seen, or was its own."""
    portal, seen, seq = Portal(), dict.fromkeys("abc", 0), dict.fromkeys("abc", 0)
    for tab, looks in acts:
        if looks:
            seen[tab] = portal.kept.revision if portal.kept else 0
            continue
        seq[tab] += 1
        standing = portal.kept
        said = portal.take(Sent(f"{tab}{seq[tab]}", base=seen[tab], tab=tab, seq=seq[tab]))
        if said is Verdict.KEEP:
            assert standing is None or standing.tab == tab or standing.revision == seen[tab]
            assert portal.kept is not None
            seen[tab] = portal.kept.revision
        else:
            assert said is Verdict.CONFLICT
            assert standing is portal.kept


def test_the_same_text_is_no_conflict() -> None:
    kept = Kept(4, "the same", tab="a", seq=3)
    sent = Sent("the same", base=1, tab="b", seq=1)
    assert judge(kept, sent) is Verdict.SAME
    assert judge(kept, replace(sent, value="another")) is Verdict.CONFLICT
    assert judge(kept, replace(sent, value="another", base=4)) is Verdict.KEEP


def test_a_page_without_script_has_no_tab() -> None:
    kept = Kept(2, "typed before", tab=None)
    assert judge(kept, Sent("typed", base=1)) is Verdict.CONFLICT
    assert judge(kept, Sent("typed", base=2)) is Verdict.KEEP
    assert judge(None, Sent("first", base=0)) is Verdict.KEEP
