"""What of an earlier file fits another call's form."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain import answers
from rvc_portal.domain.call import parse
from rvc_portal.domain.copying import left_out, offers
from rvc_portal.domain.form import Form
from tests.domain.definitions import small_call, small_data, text
from tests.domain.test_answers import RIGHT

OLD: Form = small_call().form


def changed() -> Form:
    """Another year: a shorter limit, a choice and a part less, a part more, one question gone and one of another type."""
    data = small_data()
    questions = {q["key"]: q for q in data["form"]["sections"][0]["questions"]}
    questions["story"]["word_limit"] = 3
    questions["mayor"]["parts"] = [p for p in questions["mayor"]["parts"] if p["key"] != "phone"]
    questions["mayor"]["parts"][0]["type"] = "text"
    questions["plans"]["parts"][1]["choices"] = [{"key": "b", "label": text("B")}, {"key": "c", "label": text("C")}]
    questions["budget"]["parts"].append({"key": "source", "label": text("source"), "type": "line"})
    questions["age"]["type"] = "text"
    data["countries"] = [c for c in data["countries"] if c["iso2"] == "FR"]
    data["form"]["sections"][0]["questions"] = [q for q in questions.values() if q["key"] != "links"]
    return parse(data).form


NEW = changed()


def taken(earlier: dict[str, Any], present: dict[str, Any] | None = None, new: Form = NEW) -> dict[str, Any]:
    return {o.question.key: o for o in offers(OLD, new, earlier, present or {}, "en")}


def test_what_fits_is_offered_and_what_is_lost_is_named() -> None:
    found = taken(RIGHT)
    assert list(found) == ["story", "name", "mayor", "budget", "plans"]
    assert found["story"].value == RIGHT["story"]  # whole
    assert [p.message for p in found["story"].problems] == ["Too long: %(count)s words of %(limit)s allowed."]
    assert found["mayor"].value == {"name": "Ada", "email": "ada@city.example", "kind": "a"}
    assert [label.en for label in found["mayor"].lost] == ["phone"]
    assert found["plans"].value[0]["aims"] == ["b"]
    assert [label.en for label in found["plans"].lost] == ["A"]
    assert found["budget"].value[0]["source"] == ""
    assert not any(offer.present for offer in found.values())


def test_what_has_no_place_is_told_with_the_reason() -> None:
    reasons = {item.question.key: item.reason for item in left_out(OLD, NEW, RIGHT)}
    assert reasons == {
        "age": "this call asks it in another form",
        "country": "this call does not offer what was answered",
        "links": "this call does not ask it",
        "promise": "to be given anew in each call",
        "signature": "to be given anew in each call",
    }


def test_what_stands_there_already_is_marked_or_no_offer() -> None:
    found = taken({"story": "Old.", "name": "Tartu"}, {"story": "New.", "name": "Tartu"})
    assert list(found) == ["story"]
    assert found["story"].present


def test_the_set_phrase_becomes_that_of_the_new_call() -> None:
    data = small_data()
    data["form"]["nothing_relevant"] = {"en": "None.", "fr": "Rien."}
    new = parse(data).form
    earlier = {"story": "Nothing. (fr)", "plans": [{"title": "Nothing.", "aims": [], "what": "", "on": ""}]}
    found = taken(earlier, new=new)
    assert found["story"].value == "None."
    assert answers.says_nothing(new, new.question("plans"), found["plans"].value)


_anything = st.recursive(
    st.none() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([q.key for q in OLD.questions()]), _anything))
def test_whatever_was_stored_what_is_offered_has_the_shape_of_its_question(earlier: dict[str, Any]) -> None:
    for new in (OLD, NEW):
        for offer in offers(OLD, new, earlier, {}, "en"):
            assert answers.shaped(offer.question, offer.value) == offer.value
            assert answers.is_answered(offer.question, offer.value)
        left_out(OLD, new, earlier)


@given(st.sampled_from([q.key for q in OLD.questions()]))
def test_into_the_same_form_everything_but_the_acts_is_taken_as_it_is(key: str) -> None:
    found = taken({key: RIGHT.get(key, "")}, new=OLD)
    if key in ("promise", "signature", "remark"):
        assert found == {}
    else:
        assert found[key].value == answers.shaped(OLD.question(key), RIGHT[key])
        assert found[key].lost == ()
