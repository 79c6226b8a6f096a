"""The ranking of a field: against cases worked by hand or by `statistics`, and against what must hold of any field."""

import random
from dataclasses import replace
from statistics import fmean, quantiles, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain.definition import NO_WORDING, Reader
from rvc_portal.domain.ranking import Entry, Evaluator, Ranking, Sheet, mean_interval, rank, read
from rvc_portal.domain.results import Bootstrap, Disagreement, Normalisation, ResultRules, read_results
from rvc_portal.domain.rubric import Criterion, Rubric, Stream

RUBRIC = Rubric(
    streams=(Stream("experts", NO_WORDING, 50, 1), Stream("members", NO_WORDING, 50, 1)),
    criteria=(Criterion("plan", NO_WORDING, NO_WORDING, 75), Criterion("means", NO_WORDING, NO_WORDING, 25)),
    scale_minimum=1, scale_maximum=11, reason_min_words=0,
)  # fmt: skip
QUICK = Bootstrap(samples=100, seed=3)
RULES = ResultRules(bootstrap=QUICK)
AS_IS = ResultRules(bootstrap=QUICK, normalisation=Normalisation(minimum_sample=2, shrinkage=0))

SCORES = st.integers(1, 11)
FIELDS = st.lists(
    st.lists(st.tuples(st.sampled_from("abcdef"), SCORES, SCORES), min_size=1, max_size=5, unique_by=lambda s: s[0]),
    min_size=1, max_size=6,
)  # fmt: skip


def sheet(evaluator: str, *scores: float, stream: str | None = None) -> Sheet:
    """A sheet with the scores of the two criteria (one score: both); evaluators a to c are experts."""
    plan, means = scores if len(scores) == 2 else scores * 2
    return Sheet(evaluator, stream or ("experts" if evaluator < "d" else "members"), (("plan", plan), ("means", means)))


def entries(field: list[list[tuple[str, int, int]]]) -> list[Entry]:
    return [Entry(f"R-{n}", tuple(sheet(*one) for one in sheets)) for n, sheets in enumerate(field)]


def by_reference(found: Ranking) -> dict[str, object]:
    return {line.reference: line for line in found.lines}


def test_raw_means_spread_and_sheets_are_those_of_statistics() -> None:
    field = [Entry("A", (sheet("a", 8, 4), sheet("b", 6), sheet("d", 9, 5), sheet("e", 3), sheet("f", 5)))]
    (line,) = rank(field, RUBRIC, RULES).lines
    experts, members = [7.0, 6.0], [8.0, 3.0, 5.0]
    assert line.by_stream == {"experts": fmean(experts), "members": round(fmean(members), 6)}
    assert line.raw == pytest.approx((fmean(experts) + fmean(members)) / 2, abs=1e-6)
    assert line.spread == pytest.approx(stdev(experts + members), abs=1e-6)
    assert line.sheets == {"experts": 2, "members": 3}
    assert (line.rank, line.rank_low, line.rank_high) == (1, 1, 1)


def test_normalised_scores_by_hand() -> None:
    """Evaluator a scores two points above b, and twice as widely: on the common scale they say the same."""
    field = [Entry("A", (sheet("a", 5), sheet("b", 4))), Entry("B", (sheet("a", 9), sheet("b", 6)))]
    found = rank(field, RUBRIC, AS_IS)
    whole = [5, 4, 9, 6]
    assert (found.mean, found.deviation) == (fmean(whole), round(stdev(whole), 6))
    assert found.evaluators == (
        Evaluator("a", 2, 7.0, round(stdev([5, 9]), 6), 1.0), Evaluator("b", 2, 5.0, round(stdev([4, 6]), 6), 1.0),
    )  # fmt: skip
    z = (6 - 5) / stdev([4, 6])
    assert found.lines[0].normalised == pytest.approx(fmean(whole) + stdev(whole) * z, abs=1e-6)
    assert found.lines[1].normalised == pytest.approx(fmean(whole) - stdev(whole) * z, abs=1e-6)


def test_few_sheets_draw_an_evaluator_towards_the_whole() -> None:
    field = [Entry("A", (sheet("a", 5), sheet("b", 4))), Entry("B", (sheet("a", 9), sheet("b", 6)))]
    half = replace(AS_IS, normalisation=Normalisation(minimum_sample=2, shrinkage=2))
    whole = [5, 4, 9, 6]
    mean, deviation = fmean(whole), stdev(whole)
    own_mean, own_deviation = (5 + mean) / 2, (stdev([4, 6]) + deviation) / 2
    expected_b = mean + deviation * (6 - own_mean) / own_deviation
    own_mean, own_deviation = (7 + mean) / 2, (stdev([5, 9]) + deviation) / 2
    expected_a = mean + deviation * (9 - own_mean) / own_deviation
    assert rank(field, RUBRIC, half).lines[0].normalised == pytest.approx(fmean([expected_a, expected_b]), abs=1e-6)


def test_an_evaluator_below_the_minimum_sample_is_left_as_is() -> None:
    field = [Entry("A", (sheet("a", 5), sheet("b", 4))), Entry("B", (sheet("a", 9), sheet("b", 6)))]
    found = rank(field, RUBRIC, RULES)
    assert [e.trust for e in found.evaluators] == [0, 0]
    assert all(line.normalised == line.raw for line in found.lines)


def test_an_evaluator_who_gives_one_score_to_all_moves_by_the_mean_alone() -> None:
    field = [Entry("A", (sheet("a", 5), sheet("b", 2))), Entry("B", (sheet("a", 5), sheet("b", 8)))]
    found = rank([*field, Entry("C", (sheet("a", 5),))], RUBRIC, AS_IS)
    assert found.mean == 5
    assert by_reference(found)["C"].normalised == 5


@pytest.mark.parametrize(
    ("rule", "percent", "flagged"),
    [("spread", 30, True), ("spread", 31, False), ("range", 50, True), ("range", 51, False), ("streams", 30, True),
     ("streams", 31, False)],
)  # fmt: skip
def test_disagreement_after_the_rule_of_the_call(rule: str, percent: int, flagged: bool) -> None:
    """The scale is ten points wide, so ten percent are a point; what reaches the limit is flagged."""
    field = [Entry("A", (sheet("a", 3), sheet("b", 5), sheet("d", 8), sheet("e", 6)))]
    if rule == "spread":
        field = [Entry("A", (sheet("a", 3), sheet("d", 6), sheet("e", 9)))]
    (line,) = rank(field, RUBRIC, replace(RULES, disagreement=(Disagreement(rule, percent),))).lines
    assert line.disagreement == ((rule,) if flagged else ())


def test_ties_are_broken_in_the_order_of_the_call_and_last_by_the_reference() -> None:
    field = [
        Entry("D", (sheet("a", 6), sheet("d", 6))),
        Entry("C", (sheet("a", 6), sheet("d", 6))),
        Entry("B", (sheet("a", 6), sheet("d", 4), sheet("e", 8))),
        Entry("A", (sheet("a", 4), sheet("d", 8))),
    ]
    order = [line.reference for line in rank(field, RUBRIC, replace(RULES, ties=("spread",))).lines]
    assert order == ["C", "D", "B", "A"]
    order = [line.reference for line in rank(field, RUBRIC, replace(RULES, ties=("sheets", "spread"))).lines]
    assert order == ["B", "C", "D", "A"]
    order = [line.reference for line in rank(field, RUBRIC, replace(RULES, ties=())).lines]
    assert order == ["A", "B", "C", "D"]


def test_a_call_may_rank_by_normalised_scores() -> None:
    """The strict evaluator's only favourite: behind by raw means, ahead on the common scale."""
    strict = [Entry(f"S{n}", (sheet("d", 1 + n % 2),)) for n in range(8)]
    kind = [Entry(f"K{n}", (sheet("e", 8 + n % 3),)) for n in range(9)]
    field = [*strict, *kind, Entry("X", (sheet("d", 6),))]
    raw, normalised = (
        [line.reference for line in rank(field, RUBRIC, replace(AS_IS, rank_by=by)).lines]
        for by in ("raw", "normalised")
    )
    assert raw.index("X") == 9
    assert normalised[0] == "X"


def test_the_interval_is_that_of_the_percentile_bootstrap() -> None:
    """Against the same draws taken by hand, and against the quantiles of `statistics`."""
    values, reference = [2.0, 5.0, 7.0, 9.0], "A"
    field = [Entry(reference, tuple(sheet(e, v) for e, v in zip("defg", values, strict=True)))]
    rules = ResultRules(bootstrap=Bootstrap(samples=2000, seed=11, level=90))
    (line,) = rank(field, RUBRIC, rules).lines
    chance = random.Random("11:A")
    drawn = chance.choices(values, k=4 * 2000)
    means = sorted(fmean(drawn[at : at + 4]) for at in range(0, 8000, 4))
    assert (line.low, line.high) == (means[100], means[1899])
    cuts = quantiles(means, n=20)
    assert (line.low, line.high) == pytest.approx((cuts[0], cuts[-1]), abs=0.05)
    assert mean_interval(field[0].sheets, reference, RUBRIC, rules) == (line.low, line.high)


def test_ranks_are_sure_where_the_sheets_are_and_unsure_where_they_overlap() -> None:
    clear = [Entry(f"{n}", tuple(sheet(e, 2 + 3 * n) for e in "abde")) for n in range(3)]
    assert [(x.rank, x.rank_low, x.rank_high) for x in rank(clear, RUBRIC, RULES).lines] == [
        (1, 1, 1), (2, 2, 2), (3, 3, 3),
    ]  # fmt: skip
    mixed = [
        Entry(f"{n}", tuple(sheet(e, v) for e, v in zip("abde", (1, 11, 6 + n, 6), strict=True))) for n in range(3)
    ]
    assert all((x.rank_low, x.rank_high) == (1, 3) for x in rank(mixed, RUBRIC, RULES).lines)


def test_sheets_without_a_score_and_dossiers_without_a_sheet_are_left_out() -> None:
    found = rank([Entry("A", (Sheet("a", "experts", ()),)), Entry("B", ())], RUBRIC, RULES)
    assert found == Ranking(0, None, None)
    assert mean_interval((), "B", RUBRIC, RULES) is None


@given(FIELDS, st.randoms())
def test_no_order_of_rows_changes_anything(field: list[list[tuple[str, int, int]]], chance: random.Random) -> None:
    told = entries(field)
    shuffled = [Entry(e.reference, tuple(chance.sample(e.sheets, len(e.sheets)))) for e in told]
    assert rank(chance.sample(shuffled, len(shuffled)), RUBRIC, RULES) == rank(told, RUBRIC, RULES)


@given(FIELDS, st.sampled_from("abcdef"), st.integers(-5, 5), st.sampled_from([0.5, 2.0]))
def test_an_evaluators_own_scale_does_not_show_in_standard_scores(
    field: list[list[tuple[str, int, int]]], who: str, shift: int, stretch: float
) -> None:
    """Without shrinkage, whoever scores higher or more widely throughout leaves each dossier's standard score as it was."""

    def moved(one: tuple[str, int, int]) -> tuple[str, float, float]:
        name, plan, means = one
        return (name, stretch * plan + shift, stretch * means + shift) if name == who else one

    seen = [(one[0], n) for n, sheets in enumerate(field) for one in sheets]
    enough = [[one for one in sheets if sum(name == one[0] for name, _ in seen) > 1] for sheets in field]
    before, after = (
        rank(entries(enough), RUBRIC, AS_IS),
        rank(entries([[moved(o) for o in s] for s in enough]), RUBRIC, AS_IS),
    )
    if not before.deviation or not after.deviation or any(not e.deviation for e in before.evaluators):
        return  # somebody gave one score to all: there is no scale to tell
    standard = [
        {x.reference: (x.normalised - found.mean) / found.deviation for x in found.lines} for found in (before, after)
    ]
    assert standard[0] == pytest.approx(standard[1], abs=1e-3)


@given(FIELDS)
def test_what_holds_of_every_field(field: list[list[tuple[str, int, int]]]) -> None:
    found = rank(entries(field), RUBRIC, RULES)
    count = len(field)
    assert [x.rank for x in found.lines] == list(range(1, count + 1))
    assert [x.raw for x in found.lines] == sorted((x.raw for x in found.lines), reverse=True)
    for line in found.lines:
        assert 1 <= line.rank_low <= line.rank_high <= count
        values = [v for sheets in entries(field) if sheets.reference == line.reference for v in sheets.sheets]
        assert sum(line.sheets.values()) == len(values)
        assert line.low <= line.high
    assert read(found.to_json()) == found


@given(FIELDS)
def test_a_dossier_draws_alike_in_whatever_company(field: list[list[tuple[str, int, int]]]) -> None:
    told = entries(field)
    together, alone = by_reference(rank(told, RUBRIC, RULES)), rank(told[:1], RUBRIC, RULES).lines[0]
    assert (together["R-0"].low, together["R-0"].high) == (alone.low, alone.high)


def test_the_rules_of_a_call_are_read_and_faults_are_named() -> None:
    written = {
        "rank_by": "normalised", "disagreement": [{"rule": "range", "percent": 40}], "ties": ["sheets"],
        "normalisation": {"shrinkage": 0}, "bootstrap": {"seed": 2015},
    }  # fmt: skip
    assert read_results(Reader(written)) == ResultRules(
        "normalised", (Disagreement("range", 40),), Normalisation(3, 0), ("sheets",), Bootstrap(1000, 2015, 95)
    )
    assert read_results(Reader(None)) == ResultRules()
    wrong = Reader({
        "disagreement": [{"rule": "mood", "percent": 200}], "ties": ["luck"], "bootstrap": {"samples": 5},
        "normalisation": {"minimum_sample": 1}, "rank": "raw",
    })  # fmt: skip
    read_results(wrong)
    assert [".".join(map(str, fault.path)) for fault in wrong.faults] == [
        "rank", "disagreement.0.rule", "disagreement.0.percent", "normalisation.minimum_sample", "ties.0",
        "bootstrap.samples",
    ]  # fmt: skip
