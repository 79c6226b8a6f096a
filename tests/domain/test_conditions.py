"""Conditional questions: what is asked, what that changes, and that nothing written is ever lost by it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain import answers
from rvc_portal.domain.call import DefinitionError, parse
from rvc_portal.domain.conditions import asked, is_asked, opened_by, stated, told
from rvc_portal.domain.form import Form
from tests.domain.definitions import small_call, small_data, text

WHEN: dict[str, dict[str, Any]] = {
    "mayor": {"question": "country", "is": "NO"},
    "plans": {"question": "name", "answered": True},
    "links": {"question": "plans", "answered": True},
    "signature": {"question": "promise", "one_of": ["yes"]},
    "remark": {"question": "country", "one_of": ["FR", "NO"]},
}


def conditional(when: dict[str, dict[str, Any]] = WHEN) -> dict[str, Any]:
    data = small_data()
    for question in data["form"]["sections"][0]["questions"]:
        if question["key"] in when:
            question["when"] = when[question["key"]]
    return data


FORM: Form = parse(conditional()).form
PLANS = [{"title": "One", "aims": ["a"], "what": "x", "on": "2015-01-01"}]

values = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["", "  ", "Tartu"]),
        "country": st.sampled_from(["", "FR", "NO", "XX"]),
        "plans": st.sampled_from([[], PLANS]),
        "promise": st.sampled_from(["", "yes", "no"]),
        "mayor": st.just({"name": "Ada", "email": "ada@"}),
        "links": st.lists(st.sampled_from(["https://a.example", "nowhere"]), max_size=2),
        "signature": st.just({"name": "Ada", "date": "2015-07-01"}),
        "remark": st.text(max_size=5),
    },
)


def keys(form: Form, given_: dict[str, Any]) -> set[str]:
    return {question.key for question in asked(form, given_)}


def test_a_condition_reads_back_from_the_frozen_call() -> None:
    call = parse(conditional())
    assert parse(call.to_json()) == call
    assert call.form.question("mayor").when == replace(call.form.question("remark").when, one_of=("NO",))


@pytest.mark.parametrize(
    ("given_", "here", "not_here"),
    [
        ({}, set(), {"mayor", "plans", "links", "signature", "remark"}),
        ({"country": "NO"}, {"mayor", "remark"}, {"plans"}),
        ({"country": "FR"}, {"remark"}, {"mayor"}),
        ({"name": "Tartu"}, {"plans"}, {"links"}),
        ({"name": "Tartu", "plans": PLANS}, {"plans", "links"}, set()),
        ({"plans": PLANS}, set(), {"plans", "links"}),
        ({"promise": "no"}, set(), {"signature"}),
        ({"promise": "yes"}, {"signature"}, set()),
        ({"country": ["NO"], "name": {"a": "b"}}, set(), {"mayor", "plans"}),
    ],
)
def test_what_is_asked(given_: dict[str, Any], here: set[str], not_here: set[str]) -> None:
    found = keys(FORM, given_)
    assert here <= found
    assert not not_here & found


@given(values)
def test_what_is_not_asked_lacks_nothing_and_is_not_filed(given_: dict[str, Any]) -> None:
    here = keys(FORM, given_)
    assert {problem.question for problem in answers.check(FORM, given_)} <= here
    assert answers.progress(FORM, FORM.section("all"), given_)[1] == len(here)
    assert stated(FORM, given_) == {key: value for key, value in given_.items() if key in here}


@given(values, values)
def test_hiding_never_loses_an_answer(given_: dict[str, Any], other: dict[str, Any]) -> None:
    """Whatever the deciding answers were meanwhile: when they are as before, everything is filed as before."""
    before = dict(given_)
    deciding = {"name", "country", "promise"}
    meanwhile = {**given_, **{key: value for key, value in other.items() if key in deciding}}
    assert all(meanwhile[key] == value for key, value in given_.items() if key not in deciding)
    again = {key: given_.get(key, value) if key in deciding else value for key, value in meanwhile.items()}
    again = {key: value for key, value in again.items() if key in before}
    assert stated(FORM, again) == stated(FORM, before)
    assert given_ == before


@given(values, st.randoms())
def test_the_order_of_the_questions_decides_nothing(given_: dict[str, Any], chance: Any) -> None:
    (section,) = FORM.sections
    shuffled = list(section.questions)
    chance.shuffle(shuffled)
    form = replace(FORM, sections=(replace(section, questions=tuple(shuffled)),))
    assert keys(form, given_) == keys(FORM, given_)


@given(values)
def test_answering_what_is_not_asked_changes_nothing(given_: dict[str, Any]) -> None:
    silent = {q.key for q in FORM.questions()} - keys(FORM, given_)
    assert keys(FORM, {key: value for key, value in given_.items() if key not in silent}) == keys(FORM, given_)


def test_a_section_that_asks_nothing_is_complete() -> None:
    data = conditional()
    (first,) = data["form"]["sections"]
    last = first["questions"].pop()
    data["form"]["sections"].append({"number": "2", "key": "rest", "title": text("Rest"), "questions": [last]})
    form = parse(data).form
    assert answers.progress(form, form.section("rest"), {}) == (0, 0)
    assert answers.progress(form, form.section("rest"), {"country": "FR"}) == (1, 1)


def test_a_return_opens_what_hangs_on_the_questions_named() -> None:
    assert opened_by(FORM, ["name"]) == {"name", "plans", "links"}
    assert opened_by(FORM, ["links"]) == {"links"}
    assert opened_by(FORM, ["letter"]) == {"letter"}


FAULTS = [
    ({"links": {"question": "nothing", "answered": True}}, "questions.7.when.question", "there is no question"),
    ({"mayor": {"question": "plans", "answered": True}}, "questions.4.when.question", "does not stand earlier"),
    ({"mayor": {"question": "mayor", "answered": True}}, "questions.4.when.question", "does not stand earlier"),
    (
        {"plans": {"question": "links", "answered": True}, "links": {"question": "plans", "answered": True}},
        "questions.6.when.question", "does not stand earlier",
    ),
    ({"mayor": {"question": "country", "is": "XX"}}, "questions.4.when.one_of", "must be one of: FR, NO"),
    ({"signature": {"question": "promise", "is": "maybe"}}, "questions.9.when.one_of", "must be one of: yes, no"),
    ({"mayor": {"question": "name", "is": "Tartu"}}, "questions.4.when.question", "no values to choose from"),
    ({"mayor": {"question": "country"}}, "questions.4.when", "a condition says one of"),
    ({"mayor": {"question": "country", "is": "NO", "answered": True}}, "questions.4.when", "a condition says one of"),
    ({"mayor": {"answered": True}}, "questions.4.when.question", "must be a text"),
    ({"mayor": {"question": "country", "is": "NO", "if": 1}}, "questions.4.when.if", "unknown key"),
    ({"mayor": "country"}, "questions.4.when", "must be a mapping"),
]  # fmt: skip


@pytest.mark.parametrize(("when", "place", "rule"), FAULTS, ids=[f"{f[1]}: {f[2]}" for f in FAULTS])
def test_an_impossible_condition_is_a_fault_of_the_call(when: dict[str, Any], place: str, rule: str) -> None:
    with pytest.raises(DefinitionError) as raised:
        parse(conditional(when))
    (fault,) = raised.value.faults
    assert str(fault).startswith(f"form.sections.0.{place}: ")
    assert rule in str(fault)


def test_each_condition_is_told_in_words() -> None:
    def sentence(key: str) -> str:
        when = FORM.question(key).when
        assert when is not None
        message, params = told(FORM, when)
        return message % {k: v["en"] if isinstance(v, dict) else v for k, v in params.items()}

    assert sentence("mayor") == "Only if the answer to question 4 is: Norway."
    assert sentence("remark") == "Only if the answer to question 4 is: France / Norway."
    assert sentence("plans") == "Only if question 2 is answered."
    assert sentence("signature") == "Only if the city makes commitment 9."
    refused = parse(conditional({"signature": {"question": "promise", "is": "no"}})).form.question("signature").when
    assert refused is not None
    assert "does not make commitment" in told(FORM, refused)[0]


def test_a_form_without_conditions_asks_everything() -> None:
    form = small_call().form
    assert asked(form, {}) == tuple(form.questions())
    assert all(is_asked(form, question, {}) for question in form.questions())
