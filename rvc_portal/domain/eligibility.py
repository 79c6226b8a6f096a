"""What a call asks before a file is opened: which answers are wanting, and which stand against a candidacy."""

from collections.abc import Mapping, Sequence

from rvc_portal.domain.call import EligibilityQuestion
from rvc_portal.domain.values import NO, YES

Answers = Mapping[str, str]
"""By the keys of the questions: "yes" or "no"; anything else is no answer."""


def given(questions: Sequence[EligibilityQuestion], answers: Answers) -> dict[str, str]:
    """The answers that are answers, and to these questions."""
    return {asked.key: answers[asked.key] for asked in questions if answers.get(asked.key) in (YES, NO)}


def wanting(questions: Sequence[EligibilityQuestion], answers: Answers) -> list[EligibilityQuestion]:
    """Those without an answer."""
    return [asked for asked in questions if asked.key not in given(questions, answers)]


def against(questions: Sequence[EligibilityQuestion], answers: Answers) -> list[EligibilityQuestion]:
    """Those whose answer keeps the city from filing in this call."""
    return [asked for asked in questions if answers.get(asked.key) == (NO if asked.needed == YES else YES)]


def is_eligible(questions: Sequence[EligibilityQuestion], answers: Answers) -> bool:
    """Whether every question has the answer that the call needs; so it is where it asks none."""
    return all(answers.get(asked.key) == asked.needed for asked in questions)
