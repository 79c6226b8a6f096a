"""Tables that check themselves: rules over rows, sums within a table, and calls that ask for the impossible."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain import answers
from rvc_portal.domain.call import DefinitionError, parse
from rvc_portal.domain.form import Question
from tests.domain.definitions import small_data, text

RULES = [
    {"rule": "group_sum", "by": ["year", "currency"], "sum": "part", "equals": "whole"},
    {"rule": "unique", "parts": ["year", "source"]},
    {"rule": "in_order", "parts": ["year"]},
]


def table(**more: Any) -> dict[str, Any]:
    """The budget of the small call with a source on each line, and rules over its rows."""
    data = small_data()
    budget = next(q for q in data["form"]["sections"][0]["questions"] if q["key"] == "budget")
    source = {"key": "source", "label": text("source"), "type": "choice", "choices": [
        {"key": "city", "label": {"en": "City", "fr": "Ville"}}, {"key": "state", "label": {"en": "State", "fr": "État"}},
    ]}  # fmt: skip
    budget["parts"] = [p for p in budget["parts"] if p["key"] not in ("share", "rest")] + [source]
    budget |= {"max_items": 50, "row_rules": [], "table_rules": RULES, "totals_by": ["year", "source"], **more}
    return data


def budget(**more: Any) -> Question:
    return parse(table(**more)).form.question("budget")


def row(year: object, part: object, whole: object, source: str = "city", currency: str = "EUR") -> dict[str, str]:
    return {"year": str(year), "currency": currency, "part": str(part), "whole": str(whole), "source": source}


GOOD = [row(2013, 60, 100), row(2013, "40.00", 100, "state"), row(2014, 5, 5)]


def told(rows: list[dict[str, str]]) -> list[tuple[str, str]]:
    found = answers.problems(budget(), rows)
    return [
        (p.name, p.message % {k: v["en"] if isinstance(v, dict) else v for k, v in p.params.items()}) for p in found
    ]


def test_a_table_that_adds_up_is_right() -> None:
    assert told(GOOD) == []
    call = parse(table())
    assert parse(call.to_json()) == call


@pytest.mark.parametrize(
    ("rows", "place", "sentence"),
    [
        ([row(2013, 60, 100), row(2013, 41, 100, "state")], "budget.1.part",
         "2013, EUR: the amounts make 101, but the total is 100."),
        ([row(2013, 60, 60), row(2013, 40, 100, "state")], "budget.1.whole",
         "2013, EUR: the total here, in row 2, is not the one of row 1."),
        ([row(2013, 50, 100), row(2013, 50, 100)], "budget.1.source", "2013, City stands in row 1 already."),
        ([row(2014, 1, 1), row(2013, 1, 1)], "budget.1.year", "The rows go upwards: this one belongs further up."),
        ([row(2013, "twelve", 12)], "budget.0.part", "This is not a number."),
        ([row(2013, 12, "twelve")], "budget.0.whole", "This is not a number."),
    ],
)  # fmt: skip
def test_what_does_not_add_up_is_told_at_its_row_and_part(rows: list[Any], place: str, sentence: str) -> None:
    assert told(rows) == [(place, sentence)]


@pytest.mark.parametrize(
    "rows", [[row(2013, 60, "")], [row(2013, "", 100)], [row("", 60, 100)], [row(2013, 1, 2, "", "")]]
)
def test_what_is_not_filled_in_yet_is_not_wrong(rows: list[Any]) -> None:
    assert told(rows) == []


def test_currencies_are_no_sum() -> None:
    assert told([row(2013, 60, 60), row(2013, 40, 40, "state", "CAD")]) == []


def test_labels_are_told_in_both_languages() -> None:
    (problem,) = answers.problems(budget(), [row(2013, 50, 100, "state"), row(2013, 50, 100, "state")])
    assert problem.params["group"] == {"en": "2013, State", "fr": "2013, État"}


cents = st.decimals(min_value=0, max_value=10**9, places=2)


@given(st.lists(cents, min_size=1, max_size=20))
def test_any_amounts_add_up_to_their_sum_to_the_cent(amounts: list[Decimal]) -> None:
    rows = [row(2013, amount, sum(amounts)) | {"source": ""} for amount in amounts]
    assert told(rows) == []
    (total,) = {t.amount for t in answers.group_totals(budget(), rows) if (t.by, t.part) == ("year", "part")}
    assert total == sum(amounts)
    off = [r | {"whole": str(sum(amounts) + Decimal("0.01"))} for r in rows]
    assert [place for place, _sentence in told(off)] == [f"budget.{len(rows) - 1}.part"]


def test_sums_within_a_table() -> None:
    rows = [*GOOD, row(2014, "many", 9), row("", 7, 7), row(2014, 3, 3, currency="CAD")]
    found = {(t.by, t.value, t.currency): t.amount for t in answers.group_totals(budget(), rows) if t.part == "part"}
    assert found == {
        ("year", "2013", "EUR"): 100, ("year", "2014", "EUR"): 5, ("year", "2014", "CAD"): 3,
        ("source", "city", "EUR"): 72, ("source", "state", "EUR"): 40, ("source", "city", "CAD"): 3,
    }  # fmt: skip


@given(
    st.lists(st.fixed_dictionaries({k: st.text(max_size=4) for k in ("year", "part", "whole", "source", "currency")}))
)
def test_nothing_typed_into_a_table_breaks_it(rows: list[Any]) -> None:
    answers.problems(budget(), rows)
    answers.group_totals(budget(), rows)


FAULTS = [
    ({"table_rules": [{"rule": "sum"}]}, "table_rules.0.rule", "must be one of"),
    ({"table_rules": [{"rule": "unique", "parts": ["nothing"]}]}, "table_rules.0.parts", "there is no part"),
    ({"table_rules": [{"rule": "unique"}]}, "table_rules.0.parts", "needs “parts”"),
    ({"table_rules": [{"rule": "in_order", "parts": ["source"]}]}, "table_rules.0.parts", "one of these types"),
    ({"table_rules": [RULES[0] | {"sum": "source"}]}, "table_rules.0.sum", "one of these types"),
    ({"table_rules": [RULES[0] | {"equals": "year"}]}, "table_rules.0.equals", "one of these types"),
    ({"table_rules": [RULES[0] | {"by": ["part"]}]}, "table_rules.0.by", "one of these types"),
    ({"table_rules": [{"rule": "group_sum", "by": ["year"], "sum": "part"}]}, "table_rules.0.equals", "needs “equals”"),
    ({"totals_by": ["part"]}, "totals_by", "one of these types"),
    ({"totals_by": ["nothing"]}, "totals_by", "there is no part"),
]


@pytest.mark.parametrize(("more", "place", "rule"), FAULTS, ids=[f"{f[1]}: {f[2]}" for f in FAULTS])
def test_an_impossible_rule_is_a_fault_of_the_call(more: dict[str, Any], place: str, rule: str) -> None:
    with pytest.raises(DefinitionError) as raised:
        parse(table(**more))
    found = [str(fault) for fault in raised.value.faults]
    assert any(f"questions.5.{place}: " in fault and rule in fault for fault in found), found


def test_only_a_table_has_rules_over_rows() -> None:
    data = small_data()
    data["form"]["sections"][0]["questions"][0]["totals_by"] = ["year"]
    with pytest.raises(DefinitionError, match="only a table has “totals_by”"):
        parse(data)
