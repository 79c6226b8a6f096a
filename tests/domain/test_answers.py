"""Answers: from a form and back, what is wrong, what lacks."""

import json
import unicodedata
from decimal import Decimal
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain import answers
from rvc_portal.domain.form import Form, Question
from rvc_portal.domain.values import cleaned
from rvc_portal.domain.words import count_words
from tests.domain.definitions import small_call

FORM: Form = small_call().form
QUESTIONS = tuple(FORM.questions())


def q(key: str) -> Question:
    return FORM.question(key)


RIGHT: dict[str, Any] = {
    "story": "Books, and people who read.",
    "name": "Tartu",
    "age": "90",
    "country": "NO",
    "mayor": {"name": "Ada", "email": "ada@city.example", "phone": "+47 22 00 00 00", "kind": "a"},
    "budget": [
        {"year": "2013", "currency": "EUR", "part": "1", "whole": "2.5", "share": "40", "rest": "60"},
        {"year": "2014", "currency": "EUR", "part": "2", "whole": "2", "share": "", "rest": ""},
    ],
    "plans": [{"title": "One", "aims": ["a", "b"], "what": "Some words", "on": "2015-02-28"}],
    "links": ["https://city.example/books"],
    "promise": "yes",
    "signature": {"name": "Ada", "date": "2015-07-01"},
}


def test_right_answers_are_complete() -> None:
    assert answers.check(FORM, RIGHT) == ()
    assert answers.missing(FORM, RIGHT) == ()
    assert answers.progress(FORM, FORM.section("all"), RIGHT) == (11, 11)


def test_without_answers_all_required_questions_lack() -> None:
    lacking = [problem.question for problem in answers.missing(FORM, {})]
    assert lacking == [question.key for question in QUESTIONS if question.required]
    assert answers.progress(FORM, FORM.section("all"), {}) == (1, 11)


WRONG: list[tuple[str, Any, str, str]] = [
    ("story", "one two three four five six", "story", "6 words of 5"),
    ("name", "Saint-Jean-Pied-de-Port", "name", "23 characters of 10"),
    ("age", "old", "age", "not a number"),
    ("age", "0", "age", "1 or more"),
    ("age", "201", "age", "200 or less"),
    ("country", "ZZ", "country", "not in the list"),
    ("mayor", {"email": "ada@"}, "mayor.email", "e-mail"),
    ("mayor", {"phone": "call me"}, "mayor.phone", "telephone"),
    ("mayor", {"kind": "c"}, "mayor.kind", "not in the list"),
    ("budget", [{"year": "2016"}], "budget.0.year", "2015 or less"),
    ("budget", [{"year": "'15"}], "budget.0.year", "four digits"),
    ("budget", [{}, {"currency": "euro"}], "budget.1.currency", "three capital letters"),
    ("budget", [{"share": "101"}], "budget.0.share", "100 or less"),
    ("budget", [{"part": "-1"}], "budget.0.part", "0 or more"),
    ("budget", [{"part": "3", "whole": "2"}], "budget.0.whole", "larger than its whole"),
    ("budget", [{"share": "40", "rest": "50"}], "budget.0.rest", "add up to 100; here they make 90"),
    ("budget", [{}, {}, {}, {}], "budget", "At most 3 entries; there are 4"),
    ("plans", [{"title": "a b c", "what": "d e f g"}], "plans.0", "7 words of 6"),
    ("plans", [{"aims": ["a", "z"]}], "plans.0.aims", "not in the list"),
    ("plans", [{"on": "2015-02-29"}], "plans.0.on", "year-month-day"),
    ("plans", [{}, {}, {}], "plans", "At most 2"),
    ("links", ["javascript:alert(1)"], "links.0", "not a web address"),
    ("links", ["https://city.example", "https://localhost"], "links.1", "not a web address"),
    ("links", ["https://a.example", "https://a.example"], "links.1", "already"),
    ("links", ["https://a.example", "https://b.example", "https://c.example"], "links", "At most 2"),
    ("promise", "perhaps", "promise", "yes or no"),
    ("signature", {"date": "1 July"}, "signature.date", "year-month-day"),
]


@pytest.mark.parametrize(("key", "value", "place", "told"), WRONG, ids=[f"{w[2]}-{w[3]}" for w in WRONG])
def test_what_is_wrong_is_told_at_its_place(key: str, value: Any, place: str, told: str) -> None:
    found = [str(problem) for problem in answers.problems(q(key), value)]
    assert len(found) == 1
    assert found[0].startswith(f"{place}: ")
    assert told in found[0]


LACKING: list[tuple[str, Any, str]] = [
    ("promise", "no", "promise"),
    ("promise", "", "promise"),
    ("budget", RIGHT["budget"][:1], "budget"),
    ("mayor", {"name": "Ada"}, "mayor.email"),
    ("signature", {"name": "Ada"}, "signature.date"),
    ("plans", [{"title": "One", "aims": ["a"], "what": "x"}], "plans.0.on"),
    ("plans", [{"title": "One", "aims": [], "what": "x", "on": "2015-01-01"}], "plans.0.aims"),
    ("story", "   ", "story"),
]


@pytest.mark.parametrize(("key", "value", "place"), LACKING, ids=[f"{c[2]}-{n}" for n, c in enumerate(LACKING)])
def test_what_lacks_is_told_at_its_place(key: str, value: Any, place: str) -> None:
    assert [problem.name for problem in answers.missing(FORM, RIGHT | {key: value})] == [place]


@pytest.mark.parametrize("phrase", ["Nothing.", "Nothing. (fr)", " Nothing. "])
def test_the_set_phrase_answers_where_it_may(phrase: str) -> None:
    assert answers.check(FORM, RIGHT | {"story": phrase, "plans": [{"title": phrase}]}) == ()
    assert answers.says_nothing(FORM, q("story"), phrase)
    assert not answers.says_nothing(FORM, q("name"), phrase)


def test_an_optional_question_may_stay_empty_but_not_be_wrong() -> None:
    assert answers.is_complete(FORM, q("remark"), "")
    assert not answers.is_complete(FORM, q("remark"), "a b c d e f")


def test_too_long_a_text_is_kept_whole() -> None:
    long = "word " * 500
    assert answers.from_form(q("story"), {"story": [long]}) == long.strip()


def test_a_form_is_read_by_names_with_dots() -> None:
    submitted = {
        "mayor.name": ["  Ada   Lovelace "],
        "budget.3.year": ["2014"],
        "budget.3.part": ["1 250,5"],
        "budget.0.year": ["2013"],
        "budget.1.year": [""],
        "budgetary.0.year": ["2000"],
        "plans.0.aims": ["a", "b", "a", ""],
        "plans.0.what": ["one\r\ntwo"],
        "links.0": [""],
        "links.2": ["https://b.example"],
    }
    assert answers.from_form(q("mayor"), submitted)["name"] == "Ada Lovelace"
    rows = answers.from_form(q("budget"), submitted)
    assert [(row["year"], row["part"]) for row in rows] == [("2013", ""), ("2014", "1250.5")]
    (plan,) = answers.from_form(q("plans"), submitted)
    assert (plan["aims"], plan["what"]) == (["a", "b"], "one\ntwo")
    assert answers.from_form(q("links"), submitted) == ["https://b.example"]


def test_a_form_cannot_ask_for_rows_without_end() -> None:
    many = {f"links.{n}": ["x"] for n in range(5000)} | {"links.999999999999": ["y"]}
    assert len(answers.from_form(q("links"), many)) == 200


def test_totals_are_kept_apart_by_currency() -> None:
    rows = [*RIGHT["budget"], {"currency": "USD", "part": "0.1"}, {"currency": "USD", "part": "a lot"}]
    found = {(total.part, total.currency): total.amount for total in answers.totals(q("budget"), rows)}
    assert found == {
        ("part", "EUR"): Decimal(3),
        ("whole", "EUR"): Decimal("4.5"),
        ("part", "USD"): Decimal("0.1"),
    }
    assert answers.totals(q("plans"), RIGHT["plans"]) == ()


def test_only_texts_are_counted_as_words() -> None:
    assert answers.word_count(q("plans"), RIGHT["plans"]) == 3
    assert answers.word_count(q("mayor"), RIGHT["mayor"]) == 1
    assert answers.word_count(q("story"), RIGHT["story"]) == 5
    assert answers.word_count(q("country"), "NO") == 0


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=15,
)
_names = st.sampled_from(
    [
        name
        for question in QUESTIONS
        for name in (
            question.key,
            f"{question.key}.0",
            *(f"{question.key}.{part.key}" for part in question.parts),
            *(f"{question.key}.{row}.{part.key}" for part in question.parts for row in (0, 1, 7)),
        )
    ]
)


@given(st.sampled_from(QUESTIONS), _anything)
def test_judging_never_raises_whatever_was_stored(question: Question, value: object) -> None:
    answers.problems(question, value)
    answers.lacking(FORM, question, value)
    answers.is_answered(question, value)
    answers.totals(question, value)
    assert answers.word_count(question, value) >= 0
    shaped = answers.shaped(question, value)
    assert answers.shaped(question, shaped) == shaped


@given(st.sampled_from(QUESTIONS), st.dictionaries(_names | st.text(), st.lists(st.text(), max_size=3), max_size=12))
def test_any_form_is_read_and_shown_again_alike(question: Question, submitted: dict[str, list[str]]) -> None:
    value = answers.from_form(question, submitted)
    assert answers.from_form(question, answers.to_form(question, value)) == value
    assert answers.shaped(question, value) == value


@given(st.sampled_from(QUESTIONS))
def test_what_nobody_touched_is_blank(question: Question) -> None:
    assert answers.from_form(question, {}) == answers.blank(question)
    assert not answers.is_answered(question, answers.blank(question))
    assert answers.problems(question, answers.blank(question)) == ()


_WITH_ALL = st.text(st.characters(exclude_categories=()), max_size=30)  # halves of surrogate pairs too


@given(_WITH_ALL)
def test_what_is_kept_of_a_text_can_be_kept_anywhere_and_counts_the_same(text: str) -> None:
    kept = cleaned(text)
    assert json.loads(rfc8785.dumps([kept]).decode()) == [kept]
    assert not [c for c in kept if unicodedata.category(c) == "Cc" and c not in "\n\t"]
    assert cleaned(kept) == kept
    assert count_words(kept) == count_words(text)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\0b\x01c\x07\x1bd\x7f\x9b", "abcd"),
        (
            "one\r\ntwo\rthree\x0bfour\x0cfive\x85six\u2028seven\u2029eight",
            "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight",
        ),
        ("Saint\x1eDenis biblio\x1fthèque", "Saint\u2011Denis biblio\u00adthèque"),
        ("half \ud83d of a pair, \uffff", "half \ufffd of a pair, \ufffd"),
        ("\u200fمدينة\u200e می\u200cخواهم \u202eabc\u202c", "\u200fمدينة\u200e می\u200cخواهم \u202eabc\u202c"),
        ("👩🏽\u200d💻 ❤\ufe0f e\u0301", "👩🏽\u200d💻 ❤\ufe0f e\u0301"),
        ("“smart” ‘quotes’ … •\tpoint", "“smart” ‘quotes’ … •\tpoint"),
    ],
)
def test_control_characters_have_one_rule(typed: str, kept: str) -> None:
    assert answers.from_form(q("story"), {"story": [typed]}) == kept
    line = answers.from_form(q("mayor"), {"mayor.name": [typed]})["name"]
    assert line == " ".join(kept.split())
