"""The rule that counts words, on cases that the browser's copy of the rule must count alike."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain.words import count_words

CASES = json.loads(Path(__file__).with_name("words_cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case["text"]))
def test_cases(case: dict[str, object]) -> None:
    assert count_words(str(case["text"])) == case["words"]


@given(st.text(), st.text())
def test_texts_on_two_lines_count_as_the_sum(first: str, second: str) -> None:
    assert count_words(f"{first}\n{second}") == count_words(first) + count_words(second)
