"""What a form that comes back would change: field by field, and nothing by what was left empty."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain import answers
from rvc_portal.domain.blank_form import answer, compare, identity, rows, version
from rvc_portal.domain.call import parse
from tests.domain.definitions import small_call, small_data
from tests.domain.test_answers import RIGHT

FORM = small_call().form
EVERY = [q.key for q in FORM.questions()]


def told(key: str, fields: dict[str, list[str]], standing: Any = None) -> Any:
    return answer(FORM, FORM.question(key), fields, standing, "en")


def offered(fields: dict[str, list[str]], standing: dict[str, Any], **more: Any) -> dict[str, Any]:
    more = {"brought": {}, "opened": EVERY, **more}
    found, left_out = compare(FORM, fields, standing, "en", **more)
    return {o.question.key: o for o in found} | {item.question.key: item.reason for item in left_out}


CASES: list[tuple[str, dict[str, list[str]], Any, Any]] = [
    ("name", {}, "Ada", None),
    ("name", {"name": [" \r "]}, "Ada", None),
    ("name", {"name": ["Lyon"]}, "Ada", "Lyon"),
    ("story", {"story": ["One\rtwo\r\nthree"]}, None, "One\ntwo\nthree"),
    ("story", {"story-nothing": ["on"]}, "", "Nothing."),
    ("story", {"story-nothing": ["on"], "story": ["Something."]}, "", "Something."),
    ("age", {"age": ["1 234,5"]}, "", "1234.5"),
    ("promise", {"promise": ["no"]}, "yes", "no"),
    ("links", {"links.1": ["https://b.example"]}, ["https://a.example"], ["https://a.example", "https://b.example"]),
    (
        "mayor",
        {"mayor.email": ["new@city.example"]},
        {"name": "Ada", "email": "ada@city.example", "phone": "1", "kind": "a"},
        {"name": "Ada", "email": "new@city.example", "phone": "1", "kind": "a"},
    ),
    (
        "plans",
        {"plans.0.aims.b": ["on"], "plans.0.aims.c": ["on"]},
        [{"title": "T", "aims": ["a"], "what": "W", "on": ""}],
        [{"title": "T", "aims": ["b"], "what": "W", "on": ""}],
    ),
    (
        "plans",
        {"plans.0.what": ["W"]},
        [{"title": "Nothing.", "aims": [], "what": "", "on": ""}],
        [{"title": "", "aims": [], "what": "W", "on": ""}],
    ),
]


@pytest.mark.parametrize(("key", "fields", "standing", "wanted"), CASES)
def test_what_is_filled_in_takes_the_place_of_what_stands_there_and_the_rest_stays(
    key: str, fields: dict[str, list[str]], standing: Any, wanted: Any
) -> None:
    assert told(key, fields, standing) == wanted


def test_rows_are_as_many_as_the_call_takes() -> None:
    assert {q.key: rows(q) for q in FORM.questions() if rows(q)} == {"budget": 3, "plans": 2, "links": 2}
    data = small_data()
    for question in data["form"]["sections"][0]["questions"]:
        question.pop("max_items", None)
    unbounded = parse(data).form
    assert {q.key: rows(q) for q in unbounded.questions() if rows(q)} == {"budget": 2, "plans": 1, "links": 1}


def test_a_form_is_known_by_its_call_and_by_all_that_it_asks() -> None:
    assert identity("small", FORM) == f"small {version(FORM)}"
    data = small_data()
    assert version(parse(data).form) == version(FORM)
    data["form"]["sections"][0]["questions"][0]["word_limit"] = 6
    assert version(parse(data).form) != version(FORM)


def test_what_differs_is_offered_and_an_empty_place_takes_it_by_itself() -> None:
    fields = {"name": ["Lyon"], "age": ["300"], "story": ["Same."], "country": ["NO"]}
    found = offered(fields, {"name": "Ada", "story": "Same."}, opened=["name", "age", "story"])
    assert (found["name"].present, found["name"].take) == (True, False)
    assert (found["age"].present, found["age"].take) == (False, True)
    assert [p.message for p in found["age"].problems] == ["This must be %(maximum)s or less."]
    assert "story" not in found
    assert found["country"] == "it is not open to you now"


def test_what_came_from_a_form_and_was_not_changed_since_goes_on_with_the_next() -> None:
    standing = {"name": "Ada", "age": "3"}
    found = offered({"name": ["Lyon"], "age": ["4"]}, standing, brought={"name": "Ada", "age": "2"})
    assert (found["name"].take, found["age"].take) == (True, False)


def test_the_order_of_boxes_is_no_difference() -> None:
    plan = {"title": "T", "aims": ["b", "a"], "what": "", "on": ""}
    assert offered({"plans.0.aims.a": ["on"], "plans.0.aims.b": ["on"]}, {"plans": [plan]}) == {}


def test_a_question_that_the_other_answers_do_not_ask_is_left_out() -> None:
    data = small_data()
    data["form"]["sections"][0]["questions"][10]["when"] = {"question": "promise", "one_of": ["yes"]}
    form = parse(data).form
    for promise, asked in (("yes", True), ("no", False)):
        found, left_out = compare(
            form, {"remark": ["R"], "promise": [promise]}, {}, "en", brought={}, opened=EVERY
        )  # fmt: skip
        assert ("remark" in {o.question.key for o in found}, not left_out) == (asked, asked)


@given(st.data())
def test_a_form_that_says_what_stands_changes_nothing_and_an_empty_one_neither(data: st.DataObject) -> None:
    keys = data.draw(st.sets(st.sampled_from(sorted(RIGHT))))
    standing = {key: RIGHT[key] for key in keys}
    fields: dict[str, list[str]] = {}
    for key in data.draw(st.sets(st.sampled_from(sorted(keys)))) if keys else ():
        question = FORM.question(key)
        many = {part.key for part in question.parts if part.type == "choices"}
        for name, texts in answers.to_form(question, standing[key]).items():
            boxes = name.rpartition(".")[2] in many
            fields |= {f"{name}.{text}": ["on"] for text in texts} if boxes else {name: texts}
    assert offered(fields, standing) == {}
