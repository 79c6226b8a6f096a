"""Two versions of a text: nothing of either is lost, and what is told as changed is what changed."""

import time

from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain.difference import GONE, NEW, SAME, Run, both, difference

TEXTS = st.text(alphabet="ab é'’-\n東京كت 😀\u200b,.", max_size=60)


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_back_to_the_character(before: str, after: str) -> None:
    runs = difference(before, after)
    assert "".join(r.text for r in runs if r.kind != NEW) == before
    assert "".join(r.text for r in runs if r.kind != GONE) == after


@given(TEXTS)
def test_equal_texts_differ_nowhere(text: str) -> None:
    assert {r.kind for r in difference(text, text)} <= {SAME}


def test_one_word_changed_is_one_word_told() -> None:
    runs = difference("The river has two bridges.", "The river has three bridges.")
    assert runs == (Run(SAME, "The river has "), Run(GONE, "two"), Run(NEW, "three"), Run(SAME, " bridges."))


def test_a_script_without_spaces_is_compared_by_its_characters() -> None:
    assert difference("東京の文学", "京都の文学") == (
        Run(GONE, "東"), Run(SAME, "京"), Run(NEW, "都"), Run(SAME, "の文学"),
    )  # fmt: skip


def test_ten_thousand_words_are_told_apart_while_somebody_waits() -> None:
    """Pasted into a field of 150: the time to compare must not grow with the square of it."""
    before = "\n".join(f"Line {n} of a text that somebody pasted from elsewhere." for n in range(1000))
    after = before.replace("Line 500 ", "Row 500 ").replace("Line 3 ", "") + " And more."
    for one, other in ((before, after), (before, before[::-1])):
        begun = time.process_time()
        runs = difference(one, other)
        assert time.process_time() - begun < 5
        assert "".join(run.text for run in runs if run.kind != NEW) == one
        assert "".join(run.text for run in runs if run.kind != GONE) == other


def test_a_word_and_what_stands_in_its_place_are_kept_apart() -> None:
    assert both(difference("The river has two bridges.", "The river has three bridges.")) == (
        "The river has two three bridges."
    )
    assert both(difference("Yes.", "Yes, often.")) == "Yes, often."


@given(TEXTS, TEXTS)
def test_no_word_of_either_text_is_missing_from_both(before: str, after: str) -> None:
    together = both(difference(before, after)).replace(" ", "")
    for text in (before, after):
        letters = iter(together)
        assert all(character in letters for character in text.replace(" ", "")), "in their order"
