"""What a city is told by criterion: when it is whole, what may not stand in it, how it begins."""

import pytest

from rvc_portal.domain.definition import DefinitionError, Reader
from rvc_portal.domain.feedback import TEXTS, FeedbackRules, doubts, drafted, faults, is_complete, read_rules

BOTH = ("en", "fr")


def texts(**more: str) -> dict[str, str]:
    return dict.fromkeys(TEXTS, "") | more


@pytest.mark.parametrize(
    ("written", "languages", "whole"),
    [
        ({}, BOTH, False),
        ({"strengths_en": "Good."}, BOTH, False),
        ({"strengths_en": "Good."}, ("en",), True),
        ({"strengths_en": "Good.", "strengths_fr": "Bien."}, BOTH, True),
        ({"weaknesses_en": "Thin.", "weaknesses_fr": "Mince."}, BOTH, True),
        ({"strengths_en": "Good.", "strengths_fr": "Bien.", "weaknesses_fr": "Mince."}, BOTH, False),
        ({"strengths_en": "  ", "strengths_fr": "\n"}, BOTH, False),
        ({"strengths_en": "Good.", "weaknesses_fr": "Mince."}, BOTH, False),
    ],
)
def test_what_is_said_is_said_in_every_language_of_the_call(written, languages, whole) -> None:
    assert is_complete(texts(**written), languages) is whole


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("As ANA RUIZ writes, the plan is sound.", "This names an evaluator: Ana Ruiz."),
        ("The plan got 7/10.", "This tells a score: 7/10."),
        ("Noté 14,5 sur 20 par tous.", "This tells a score: 14,5 sur 20."),
        ("one two three four five six seven", "At most 6 words."),
    ],
)
def test_names_and_scores_are_refused(text: str, told: str) -> None:
    found = [r.message % dict(r.params) for r in faults(text, ["Ana Ruiz"], FeedbackRules(maximum_words=6), "at")]
    assert told in found


def test_part_of_another_name_is_no_name() -> None:
    assert list(faults("Ana Ruizmann did it.", ["Ana Ruiz"], FeedbackRules(), "at")) == []


@pytest.mark.parametrize(
    "text",
    ["Ranked among others.", "Au troisième rang.", "Among the best of this call.", "Parmi les meilleures.", "The 2nd place.",
     "Classée en tête.", "It has 12 points more."],
)  # fmt: skip
def test_words_of_a_rank_are_looked_at(text: str) -> None:
    assert [r.message for r in doubts(text, [], "at")] == ["This reads like a rank: “%(words)s”."]


@pytest.mark.parametrize(
    "text", ["The budget is credible in 2016.", "Bonne orange à Orangerie.", "A frank and open plan."]
)
def test_other_words_are_not(text: str) -> None:
    assert list(doubts(text, ["Dublin"], "at")) == []


def test_an_evaluators_city_is_looked_at() -> None:
    assert [r.params for r in doubts("As in dublin, readers count.", ["Dublin"], "at")] == [{"city": "Dublin"}]


def test_a_draft_parts_reasons_by_the_middle_and_leaves_out_what_tells() -> None:
    reasons = [
        (9, "A living scene. Ana Ruiz has seen it. Better than 8/10."),
        (2, "The budget is thin. In Dublin it is not. Ranked last."),
        (5, "Neither here nor there."),
        (9, "A living scene."),
    ]
    found = drafted(reasons, 5, ["Ana Ruiz"], ["Dublin"])
    assert found == {
        "strengths": "A living scene.\nNeither here nor there.",
        "weaknesses": "Neither here nor there.\nThe budget is thin.",
    }


def test_the_rules_of_a_call_are_data() -> None:
    assert read_rules(Reader(None)) == FeedbackRules(required=False)
    assert read_rules(Reader({"required": True, "maximum_words": 80})) == FeedbackRules(True, 80)
    place = Reader({"required": "perhaps", "words": 3, "maximum_words": 0})
    read_rules(place)
    with pytest.raises(DefinitionError) as wrong:
        place.finish()
    assert len(wrong.value.faults) == 3
