"""A call read from data: the round trip, and every fault by its place and rule."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain.call import DefinitionError, parse
from rvc_portal.domain.matching import Weights
from rvc_portal.domain.windows import local_instant
from tests.domain.definitions import small_call, small_data, text

Data = dict[str, Any]


def test_a_call_without_rules_for_results_keeps_the_hash_it_had() -> None:
    data = small_data()
    assert "results" not in parse(data).to_json()
    told = parse({**data, "results": {"bootstrap": {"seed": 7}}})
    assert told.results.bootstrap.seed == 7
    assert parse(told.to_json()) == told


def test_the_filing_window_is_one_instant_in_the_calls_zone() -> None:
    filing = small_call().filing
    assert filing.closes_at == datetime(2015, 7, 15, 22, 0, tzinfo=UTC)
    assert filing.contains(datetime(2015, 7, 15, 21, 59, 59, tzinfo=UTC))
    assert not filing.contains(filing.closes_at)
    assert filing.contains(filing.opens_at)


@pytest.mark.parametrize(
    "written",
    [
        "2015-03-29T02:30",  # skipped by the change of clocks
        "2015-10-25T02:30",  # stands twice
        "2015-07-15",
        "2015-07-15T24:30",
        "2015-07-15T24:00+02:00",
        "2015-07-15T10:00Z",
        "midnight",
        "9999-12-31T24:00",
    ],
)
def test_a_deadline_that_is_not_one_instant_is_refused(written: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        local_instant(written, "Europe/Paris")


def test_frozen_as_json_and_read_again_it_is_the_same() -> None:
    call = small_call()
    assert parse(json.loads(json.dumps(call.to_json()))) == call


def test_a_call_that_asks_for_no_size_of_pictures_is_written_as_before() -> None:
    assert "min_pixels" not in small_call().to_json()["pieces"][0]
    data = small_data()
    data["pieces"][0].update(formats=["jpeg", "pdf"], min_pixels=[1200, 800])
    asked = parse(data)
    assert asked.piece("letter").min_pixels == (1200, 800)
    assert parse(json.loads(json.dumps(asked.to_json()))) == asked


def test_a_call_that_says_nothing_of_the_assignment_is_written_as_before() -> None:
    written = small_call().to_json()
    assert "assignment" not in written
    assert "maximum_sheets" not in written["rubric"]["streams"][0]
    data = small_data()
    data["rubric"]["streams"][0]["maximum_sheets"] = 6
    data["assignment"] = {"maximum_load": 12, "weights": {"regions": 30}}
    asked = parse(data)
    assert asked.rubric.stream("members").maximum_sheets == 6
    assert (asked.assignment.maximum_load, asked.assignment.weights) == (12, Weights(regions=30))
    assert parse(json.loads(json.dumps(asked.to_json()))) == asked


def test_looking_things_up() -> None:
    call = small_call()
    assert call.creative_field("literature").label["fr"] == "Literature (fr)"
    assert call.country("NO").region == "europe"
    assert call.piece("letter").count == 1
    assert call.rubric.stream("members").minimum_sheets == 5
    assert call.form.section_of("budget").key == "all"
    for missing in (call.piece, call.creative_field, call.country, call.form.question, call.form.section_of):
        with pytest.raises(KeyError):
            missing("nowhere")


def _question(data: Data, key: str) -> Data:
    return next(question for question in data["form"]["sections"][0]["questions"] if question["key"] == key)


def _twice(items: list[Any]) -> None:
    items.append(items[0])


SPOILT: list[tuple[str, Callable[[Data], object], str, str]] = [
    ("unknown key", lambda d: d.update(colour="red"), "colour", "unknown key"),
    ("no title", lambda d: d.pop("title"), "title", "mapping"),
    ("a title in one language", lambda d: d["title"].pop("fr"), "title.fr", "must be a text"),
    ("no zone", lambda d: d.update(timezone="CET+1"), "timezone", "IANA"),
    ("a path as zone", lambda d: d.update(timezone="../../etc/passwd"), "timezone", "IANA"),
    ("no language", lambda d: d.update(languages=[]), "languages", "at least 1"),
    ("a language unheard of", lambda d: d.update(languages=["en", "xx"]), "languages.1", "one of"),
    ("no field", lambda d: d.update(fields=[]), "fields", "at least 1"),
    ("a field twice", lambda d: _twice(d["fields"]), "fields.1", "twice"),
    ("a country code", lambda d: d["countries"][0].update(iso2="FRA"), "countries.0.iso2", "two capital letters"),
    ("a country nowhere", lambda d: d["countries"][0].update(region="moon"), "countries.0.region", "one of"),
    ("no filing", lambda d: d["windows"].pop("filing"), "windows.filing", "missing"),
    (
        "closes before it opens",
        lambda d: d["windows"]["filing"].update(closes="2015-01-01T00:00"),
        "windows.filing.closes",
        "closes before",
    ),
    ("no time", lambda d: d["windows"]["filing"].update(opens="soon"), "windows.filing.opens", "no single local time"),
    ("limit zero", lambda d: d.update(country_limit=0), "country_limit", "1 or more"),
    ("limit true", lambda d: d.update(country_limit=True), "country_limit", "whole number"),
    ("weights", lambda d: d["rubric"]["criteria"][0].update(weight=90), "rubric.criteria", "90"),
    ("scale", lambda d: d["rubric"].update(scale_maximum=1), "rubric.scale_maximum", "scale"),
    (
        "fewer than least",
        lambda d: d["rubric"]["streams"][0].update(maximum_sheets=4),
        "rubric.streams.0.maximum_sheets",
        "5 or more",
    ),
    (
        "a wish unheard of",
        lambda d: d.update(assignment={"weights": {"age": 1}}),
        "assignment.weights.age",
        "unknown key",
    ),
    ("a heavy wish", lambda d: d.update(assignment={"weights": {"load": 5000}}), "assignment.weights.load", "1000"),
    ("no load", lambda d: d.update(assignment={"maximum_load": 0}), "assignment.maximum_load", "1 or more"),
    ("conflict rule", lambda d: d["conflict_rules"][0].update(rule="friend"), "conflict_rules.0.rule", "one of"),
    ("blind", lambda d: d.update(blind="maybe"), "blind", "one of"),
    ("format", lambda d: d["pieces"][0].update(formats=["exe"]), "pieces.0.formats.0", "one of"),
    ("no size", lambda d: d["pieces"][0].pop("max_bytes"), "pieces.0.max_bytes", "whole number"),
    ("pixels of a letter", lambda d: d["pieces"][0].update(min_pixels=[9, 9]), "pieces.0.min_pixels", "only a picture"),
    *(
        (
            f"pixels {wrong}",
            lambda d, wrong=wrong: d["pieces"][0].update(formats=["jpeg", "pdf"], min_pixels=wrong),
            "pieces.0.min_pixels",
            "two whole numbers",
        )
        for wrong in ([1200], [0, 9], [True, 9], "1200x800")
    ),
    ("checklist", lambda d: d["checklist"][0].update(piece="photo"), "checklist.0.piece", "one of"),
    ("type", lambda d: _question(d, "story").update(type="essay"), "form.sections.0.questions.0.type", "one of"),
    ("criterion", lambda d: _question(d, "story").update(criteria=["x"]), "questions.0.criteria.0", "one of"),
    ("no parts", lambda d: _question(d, "mayor").pop("parts"), "questions.4.parts", "needs “parts”"),
    ("parts in a text", lambda d: _question(d, "story").update(parts=[]) or _parts(d), "questions.0.parts", "no parts"),
    ("no choices", lambda d: _question(d, "country").pop("source"), "questions.3.choices", "“source”"),
    ("no statement", lambda d: _question(d, "promise").pop("statement"), "questions.8.statement", "statement"),
    ("least over most", lambda d: _question(d, "budget").update(min_items=4), "questions.5.min_items", "above"),
    (
        "row rule",
        lambda d: _question(d, "budget")["row_rules"][0].update(parts=["part", "hole"]),
        "questions.5.row_rules.0.parts",
        "no part “hole”",
    ),
    ("sum of what", lambda d: _question(d, "budget")["row_rules"][1].pop("value"), "row_rules.1.value", "needs a"),
    ("total of words", lambda d: _question(d, "mayor")["parts"][0].update(total=True), "parts.0.total", "figures"),
    ("key", lambda d: _question(d, "story").update(key="Straße!"), "questions.0.key", "is no key"),
    ("key twice", lambda d: _question(d, "story").update(key="name"), "questions.1.key", "already taken"),
    ("number twice", lambda d: _question(d, "story").update(number="2"), "questions.1.number", "already taken"),
    ("part twice", lambda d: _twice(_question(d, "mayor")["parts"]), "questions.4.parts.4", "twice"),
    ("set phrase missing", lambda d: d["form"].pop("nothing_relevant"), "form.nothing_relevant", "set phrase"),
    (
        "set phrase for a date",
        lambda d: _question(d, "age").update(allows_nothing=True),
        "allows_nothing",
        "set phrase",
    ),
    ("half a help", lambda d: _question(d, "age").update(help={"en": "Years"}), "questions.2.help", "every working"),
    ("list for mapping", lambda d: d.update(rubric=[]), "rubric", "mapping"),
    ("mapping for list", lambda d: d.update(pieces={}), "pieces", "list"),
]


def _parts(data: Data) -> None:
    _question(data, "story")["parts"] = [{"key": "x", "label": text("x")}]


@pytest.mark.parametrize(("spoil", "place", "rule"), [case[1:] for case in SPOILT], ids=[case[0] for case in SPOILT])
def test_each_fault_names_its_place_and_rule(spoil: Callable[[Data], object], place: str, rule: str) -> None:
    data = small_data()
    spoil(data)
    with pytest.raises(DefinitionError) as caught:
        parse(data)
    told = [str(fault).split(": ", 1) for fault in caught.value.faults]
    assert any(where.endswith(place) and rule in what for where, what in told), told


def test_all_faults_are_told_at_once() -> None:
    data = small_data()
    data.update(timezone="Nowhere", quorum=0, blind="x")
    with pytest.raises(DefinitionError) as caught:
        parse(data)
    assert {fault.path for fault in caught.value.faults} == {("timezone",), ("quorum",), ("blind",)}


def test_what_is_no_mapping_is_told_once() -> None:
    data = small_data()
    data["rubric"] = 5
    data["form"]["sections"][0]["questions"][0] = "story"
    with pytest.raises(DefinitionError) as caught:
        parse(data)
    told = [fault.path for fault in caught.value.faults if fault.path[0] in ("rubric", "form")]
    assert told == [("rubric",), ("form", "sections", 0, "questions", 0)]


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(_json)
def test_any_data_is_a_call_or_is_refused(data: object) -> None:
    with pytest.raises(DefinitionError):
        parse(data)


@given(st.data())
def test_one_value_put_anywhere_never_breaks_the_parser(drawn: st.DataObject) -> None:
    data = small_data()
    place: Any = data
    while True:
        key = drawn.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        deeper = place[key]
        if not deeper or not isinstance(deeper, dict | list) or drawn.draw(st.booleans()):
            break
        place = deeper
    place[key] = drawn.draw(_json)
    with suppress(DefinitionError):
        call = parse(data)
        assert parse(json.loads(json.dumps(call.to_json()))) == call


def test_a_call_that_names_no_sign_off_asks_for_the_mayors() -> None:
    (mayor,) = small_call().sign_offs
    assert (mayor.key, mayor.required) == ("mayor", True)
    data = small_data()
    data["sign_offs"] = []
    assert parse(data).sign_offs == ()


@pytest.mark.parametrize(
    ("entry", "where"),
    [
        ({"key": "a", "label": text("A"), "name_from": ["nowhere.name"]}, ("sign_offs", 0, "name_from", 0)),
        ({"key": "a", "label": text("A"), "email_from": "nowhere"}, ("sign_offs", 0, "email_from")),
        ({"key": "a", "label": text("A"), "required": "yes"}, ("sign_offs", 0, "required")),
        ({"key": "a", "label": text("A"), "wanted": True}, ("sign_offs", 0, "wanted")),
        ({"key": "a"}, ("sign_offs", 0, "label")),
    ],
)
def test_a_wrong_sign_off_is_told_by_its_place(entry: Data, where: tuple[object, ...]) -> None:
    data = small_data() | {"sign_offs": [entry]}
    with pytest.raises(DefinitionError) as caught:
        parse(data)
    assert where in [fault.path[: len(where)] for fault in caught.value.faults]
