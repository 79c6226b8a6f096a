"""What a call asks first: every question has one of three ends, and only one of them opens a file."""

from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain import eligibility
from rvc_portal.domain.call import EligibilityQuestion
from rvc_portal.domain.definition import Wording

SAID = st.sampled_from(["yes", "no", "", "maybe", "YES"])


@st.composite
def asked(draw: st.DrawFn) -> tuple[list[EligibilityQuestion], dict[str, str]]:
    keys = draw(st.lists(st.sampled_from("abcde"), unique=True))
    questions = [
        EligibilityQuestion(key, Wording(key, key), Wording(key, key), needed=draw(st.sampled_from(["yes", "no"])))
        for key in keys
    ]
    return questions, draw(st.dictionaries(st.sampled_from("abcdef"), SAID))


@given(asked())
def test_each_question_is_answered_as_needed_or_otherwise_or_not_at_all(given_: tuple) -> None:
    questions, answers = given_
    wanting, against = eligibility.wanting(questions, answers), eligibility.against(questions, answers)
    assert not set(wanting) & set(against)
    assert eligibility.is_eligible(questions, answers) is (not wanting and not against)
    kept = eligibility.given(questions, answers)
    assert len(kept) == len(questions) - len(wanting)
    assert all(kept[q.key] != q.needed for q in against)


def test_a_call_that_asks_nothing_keeps_nobody_out() -> None:
    assert eligibility.is_eligible([], {})
