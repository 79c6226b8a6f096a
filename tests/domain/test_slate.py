"""What a proposal comes to: figures against membership, files and targets; lines; warnings that forbid nothing."""

from uuid import UUID, uuid4

import pytest

from rvc_portal.domain import slate
from rvc_portal.domain.call import parse
from rvc_portal.domain.slate import File, Membership, Target, Targets
from tests.scenes import told

MEMBERS = (Membership("FR", "europe", "music"), Membership("CL", "america", "music"))


def file(city: str, country: str, region: str, mean: float | None, opinion: str = "favourable") -> File:
    return File(uuid4(), city, city, country, region, "music", mean, opinion)


FILES = (
    file("Lyon", "FR", "europe", 4.5), file("Nice", "FR", "europe", 4.0), file("Accra", "GH", "africa", 4.0, "unfavourable"),
    file("Lima", "PE", "america", 3.0, ""), file("Bamako", "ML", "africa", None),
)  # fmt: skip


def found(*cities: str, targets: Targets = slate.NO_TARGETS) -> slate.Figures:
    proposed = {f.id for f in FILES if f.city in cities}
    regions = ("africa", "america", "europe", "arab")
    return slate.figures(FILES, proposed, MEMBERS, regions=regions, fields=("music", "film"), targets=targets)


def test_figures_against_the_membership_and_the_files() -> None:
    told = found("Lyon", "Accra")
    assert (told.files, told.proposed, told.members, told.countries, told.first_time) == (5, 2, 2, 2, ("GH",))
    rows = {row.key: (row.members, row.files, row.proposed, row.after) for row in told.regions}
    assert rows == {"africa": (0, 2, 1, 1), "america": (1, 1, 0, 1), "europe": (1, 2, 1, 2), "arab": (0, 0, 0, 0)}
    assert [(row.key, row.proposed) for row in told.fields] == [("music", 2), ("film", 0)]


@pytest.mark.parametrize(
    ("targets", "cities", "missed"),
    [
        (Targets(), ("Lyon", "Lima", "Accra"), []),
        (Targets(designations=Target(least=4)), ("Lyon", "Lima", "Accra"), [(slate.DESIGNATIONS, 3)]),
        (Targets(designations=Target(most=2)), ("Lyon", "Lima", "Accra"), [(slate.DESIGNATIONS, 3)]),
        (Targets(first_time_countries=Target(least=3)), ("Lyon", "Lima", "Accra"), [(slate.FIRST_TIME, 2)]),
        (Targets(per_country=Target(most=1)), ("Lyon", "Nice", "Lima", "Accra"), [("FR", 2)]),
        (Targets(regions={"africa": Target(least=2)}), ("Lyon", "Lima", "Accra"), [("africa", 1)]),
        (Targets(fields={"music": Target(most=1)}), ("Lyon", "Lima", "Accra"), [("music", 3)]),
        (Targets(), ("Lyon",), [("africa", None), ("america", None)]),
    ],
)
def test_what_misses_a_target_is_told(targets: Targets, cities: tuple[str, ...], missed: list[tuple[str, int]]) -> None:
    told = slate.warnings(found(*cities, targets=targets), targets)
    assert [(r.params["what"], r.params.get("have")) for r in told] == missed


@pytest.mark.parametrize(
    ("places", "first"),
    [(0, []), (1, ["Lyon"]), (2, ["Lyon", "Nice", "Accra"]), (3, ["Lyon", "Nice", "Accra"]), (9, 4)],
)
def test_a_line_by_rank_keeps_equals_together(places: int, first: list[str] | int) -> None:
    into = [f.city for f, yes in zip(FILES, slate.cut_by_rank(FILES, places), strict=True) if yes]
    assert into == (first if isinstance(first, list) else ["Lyon", "Nice", "Accra", "Lima"])


def test_a_line_by_mean_takes_no_file_without_one() -> None:
    assert slate.cut_by_mean(FILES, 0) == [True, True, True, True, False]
    assert slate.cut_by_mean(FILES, 4.01) == [True, False, False, False, False]


def test_a_variant_begins_as_advised() -> None:
    begins: dict[UUID, bool] = slate.proposed_by_opinion(FILES)
    assert [begins[f.id] for f in FILES] == [True, True, False, False, True]


def test_targets_are_data_of_the_call_and_come_back_as_written() -> None:
    plain = told().to_json()
    assert "targets" not in plain
    plain["targets"] = {"designations": {"most": 8}, "regions": {"africa": {"least": 1}}}
    read = parse(plain)
    assert read.targets == Targets(designations=Target(most=8), regions={"africa": Target(least=1)})
    assert parse(read.to_json()) == read


@pytest.mark.parametrize(
    "wrong", [{"regions": {"atlantis": {"least": 1}}}, {"designations": {"least": -1}}, {"sum": 3}]
)
def test_a_target_that_makes_no_sense_is_a_fault(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        parse({**told().to_json(), "targets": wrong})
