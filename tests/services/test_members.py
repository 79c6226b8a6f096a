"""The register of members comes in whole or not at all, and every fault with its line."""

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.faults import BadFile
from rvc_portal.models.seat import Member
from rvc_portal.services.members import Loaded, load, parse
from rvc_portal.settings import DATA_FILES

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
REAL = (DATA_FILES / "members-2015.csv").read_bytes()
HEADING = "city,country,iso2,field,year,region,lat,lon,verified\n"
GOOD = "Östersund,Sweden,SE,Gastronomy,2010,Europe and North America,63.1792,14.6357,yes\n"


def faults(*rows: str, heading: str = HEADING, encoding: str = "utf-8") -> list[tuple[int, str]]:
    with pytest.raises(BadFile) as bad:
        parse((heading + "".join(rows)).encode(encoding), NOW)
    return [(f.line, f.refusal.message % dict(f.refusal.params)) for f in bad.value.faults]


def count(session: Session) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(Member)) or 0


def test_the_116_members_of_2015_come_in(session: Session) -> None:
    assert load(session, REAL, NOW) == Loaded(added=116, changed=0, same=0)
    per_field = session.execute(sa.select(Member.field, sa.func.count()).group_by(Member.field)).all()
    assert dict(map(tuple, per_field)) == {
        "crafts": 20, "design": 22, "film": 8, "gastronomy": 18, "literature": 20, "media_arts": 9, "music": 19,
    }  # fmt: skip
    edinburgh = session.scalars(sa.select(Member).where(Member.city == "Edinburgh")).one()
    assert (edinburgh.country, edinburgh.year, edinburgh.region) == ("GB", 2004, "europe_north_america")
    assert (edinburgh.latitude, edinburgh.longitude, edinburgh.verified) == (55.9533, -3.1883, True)


def test_twice_is_the_same_as_once(session: Session) -> None:
    load(session, REAL, NOW)
    before = {m.id: (m.city, m.year) for m in session.scalars(sa.select(Member))}
    assert load(session, REAL, NOW) == Loaded(added=0, changed=0, same=116)
    assert {m.id: (m.city, m.year) for m in session.scalars(sa.select(Member))} == before


def test_a_correction_changes_the_member_and_adds_none(session: Session) -> None:
    load(session, REAL, NOW)
    assert load(session, (HEADING + GOOD.replace("2010", "2011")).encode(), NOW) == Loaded(0, 1, 0)
    assert count(session) == 116
    assert session.scalars(sa.select(Member.year).where(Member.city == "Östersund")).one() == 2011


def test_one_bad_row_and_nothing_is_loaded(session: Session) -> None:
    with pytest.raises(BadFile, match=r"^118: “XX” is no country code"):
        load(session, REAL + GOOD.replace("SE", "XX").encode(), NOW)
    assert count(session) == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((",SE,", ",SW,"), "“SW” is no country code of ISO 3166"),
        ((",SE,", ",se,"), "“se” is no country code of ISO 3166"),
        (("Gastronomy", "Cooking"), "“Cooking” is no creative field"),
        (("2010", "2003"), "“2003” is no year from 2005 to 2026"),
        (("2010", "2027"), "“2027” is no year from 2005 to 2026"),
        (("2010", "20x0"), "“20x0” is no year from 2005 to 2026"),
        (("2010", "²⁰¹⁰"), "“²⁰¹⁰” is no year from 2005 to 2026"),
        (("63.1792", "93.2"), "“93.2” is no lat: a number from −90 to 90"),
        (("63.1792", ""), "“” is no lat: a number from −90 to 90"),
        (("14.6357", "nan"), "“nan” is no lon: a number from −180 to 180"),
        (("14.6357", "-180.1"), "“-180.1” is no lon: a number from −180 to 180"),
        (("Europe and North America", "Europe"), "“Europe” is no region"),
        ((",yes", ",maybe"), "“maybe” under “verified” is neither yes nor no"),
        (("Östersund", ""), "the name of the city is missing, too long or not printable"),
        (("Östersund", "Öster\u202esund"), "the name of the city is missing, too long or not printable"),
        ((",yes", ",yes,more"), "10 cells instead of 9"),
        (("Östersund", '"Öster"sund'), "this is no CSV: ',' expected after '\"'"),
    ],
)
def test_a_bad_cell_is_named_with_its_line(change: tuple[str, str], said: str) -> None:
    assert faults(GOOD, GOOD.replace(*change)) == [(3, said)]


def test_every_fault_is_named_at_once() -> None:
    found = faults(GOOD.replace("SE", "XX").replace("2010", "1"), "\n", GOOD.replace("yes", "no").replace("63", "163"))
    assert [line for line, _ in found] == [2, 2, 4]


def test_the_same_city_in_the_same_field_twice_is_a_fault() -> None:
    again = GOOD.replace("Östersund", "ÖSTERSUND")
    assert faults(GOOD, again) == [(3, "this city stands in this field on line 2 already")]
    assert len(parse((HEADING + GOOD + GOOD.replace("Gastronomy", "Design")).encode(), NOW)) == 2


def test_another_encoding_is_named_with_its_line() -> None:
    assert faults(GOOD, encoding="latin-1") == [(2, "the file is not in UTF-8")]
    assert faults(GOOD, encoding="utf-16") == [(1, "the file is not in UTF-8")]
    assert len(parse((HEADING + GOOD).encode("utf-8-sig"), NOW)) == 1


@pytest.mark.parametrize("heading", ["", "city,country\n", HEADING.replace("iso2", "code")])
def test_other_columns_are_refused(heading: str) -> None:
    assert faults(GOOD, heading=heading)[0][1].startswith("the columns must be: city, country, iso2")


def test_the_order_of_the_columns_is_free() -> None:
    names, cells = HEADING.strip().split(","), GOOD.strip().split(",")
    turned = ",".join(reversed(names)) + "\n" + ",".join(reversed(cells))
    assert parse(turned.encode(), NOW) == parse((HEADING + GOOD).encode(), NOW)
