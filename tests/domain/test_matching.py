"""The rule of the assignment: what a pair and an answer cost, and what is told of limits that cannot be met."""

from dataclasses import replace

from rvc_portal.domain.matching import (
    Evaluator,
    Exceeded,
    File,
    Limits,
    Price,
    Problem,
    Unmet,
    Weights,
    exceeded,
    possible,
    price,
    unmet,
)

FILES = (File("metz", "literature", "fr"), File("cork", "literature", "en"), File("linz", "music", "en"))
EVALUATORS = (
    Evaluator("ana", "experts", ("literature",), ("en",), "europe", 2),
    Evaluator("bea", "experts", ("literature",), ("fr",), "europe", 2),
    Evaluator("chi", "experts", (), (), "africa", 2, load=1),
    Evaluator("dov", "members", ("music",), ("en",), None, 1),
)
PROBLEM = Problem(FILES, EVALUATORS, {"experts": Limits(2, 3), "members": Limits(0)})


def test_only_evaluators_of_the_field_without_a_conflict_are_possible():
    found = {(f.key, e.key) for f, e in possible(replace(PROBLEM, barred=frozenset({("metz", "ana")})))}
    wanted = {"metz": "bea chi", "cork": "ana bea chi", "linz": "chi dov"}
    assert found == {(file, key) for file, keys in wanted.items() for key in keys.split()}


def test_a_pair_that_stands_is_possible_whatever_its_field_but_never_against_a_conflict():
    standing = replace(
        PROBLEM, fixed=frozenset({("linz", "ana"), ("metz", "ana")}), barred=frozenset({("metz", "ana")})
    )
    found = {(f.key, e.key) for f, e in possible(standing)}
    assert ("linz", "ana") in found
    assert ("metz", "ana") not in found
    assert standing.kept == {("linz", "ana")}


def test_each_wish_costs_what_its_weight_says():
    alone = Weights(0, 0, 0, 0, 0)
    pairs = [("metz", "ana"), ("metz", "bea"), ("cork", "chi")]
    wishes = {
        "language": 1,  # Ana reads no French; of Chi nobody knows
        "regions": 1,  # Ana and Bea of one region on Metz
        "load": 1 + 1 + 2,  # a first file each, and Chi's second
        "sheets": -3,
    }
    for wish, times in wishes.items():
        assert price(replace(PROBLEM, weights=replace(alone, **{wish: 7})), pairs).cost == 7 * times, wish
    liked = replace(
        PROBLEM, weights=replace(alone, preferences=7), preferences={("metz", "ana"): 1, ("cork", "chi"): -1}
    )
    assert price(liked, pairs[:1]).cost == -7
    assert price(liked, pairs[2:]).cost == 7


def test_evaluators_of_one_region_crowd_a_file_whatever_their_streams():
    both = (Evaluator("a", "experts", (), (), "europe", 3), Evaluator("b", "members", (), (), "europe", 3))
    problem = Problem(FILES[:1], both, {"experts": Limits(1), "members": Limits(1)}, Weights(0, 5, 0, 0, 0))
    assert price(problem, [("metz", "a"), ("metz", "b")]) == Price(0, 5)


def test_what_lacks_counts_per_file_and_stream():
    assert price(PROBLEM, [("metz", "ana"), ("metz", "bea"), ("cork", "chi")]).lacking == 0 + 1 + 2


def test_what_cannot_be_met_says_what_holds_it_up():
    barred = replace(PROBLEM, barred=frozenset({("metz", "ana")}))
    pairs = [("metz", "bea"), ("cork", "chi"), ("cork", "ana")]
    assert list(unmet(barred, pairs)) == [
        Unmet("linz", "experts", wanted=2, given=0, fit=1, barred=0, full=1),
        Unmet("metz", "experts", wanted=2, given=1, fit=3, barred=1, full=1),
    ]


def test_what_stands_beyond_a_limit_is_told_and_kept():
    crowded = replace(
        PROBLEM, limits={"experts": Limits(1, 1), "members": Limits(0)},
        fixed=frozenset({("metz", "ana"), ("metz", "bea"), ("cork", "chi"), ("linz", "chi")}),
    )  # fmt: skip
    assert list(exceeded(crowded)) == [Exceeded("metz", "experts", 2, 1), Exceeded("chi", None, 3, 2)]
    assert crowded.capacity(EVALUATORS[2]) == 2


def test_the_fingerprint_hangs_on_the_question_and_not_on_its_order():
    turned = replace(PROBLEM, files=FILES[::-1], evaluators=EVALUATORS[::-1])
    assert turned.sha256 == PROBLEM.sha256
    for other in (
        replace(PROBLEM, weights=Weights(load=2)),
        replace(PROBLEM, barred=frozenset({("metz", "ana")})),
        replace(PROBLEM, fixed=frozenset({("metz", "ana")})),
        replace(PROBLEM, limits={"experts": Limits(2, 4), "members": Limits(0)}),
        replace(PROBLEM, preferences={("metz", "ana"): 1}),
    ):
        assert other.sha256 != PROBLEM.sha256


def test_a_problem_is_read_back_from_its_json():
    full = replace(
        PROBLEM, barred=frozenset({("metz", "ana")}), fixed=frozenset({("cork", "ana")}), preferences={("metz", "bea"): -1}
    )  # fmt: skip
    assert Problem.from_json(full.to_json()).sha256 == full.sha256
    assert Problem.from_json(full.to_json()).to_json() == full.to_json()
