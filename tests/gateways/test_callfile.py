"""Call files: the one that ships, and malformed ones refused by line and rule."""

import csv
import json
from pathlib import Path

import pytest

from rvc_portal.domain.call import parse
from rvc_portal.gateways import callfile, network
from rvc_portal.gateways.callfile import CallFileError
from rvc_portal.settings import DATA_FILES

SHIPPED = callfile.packaged("candidacy-2015")


def _written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "call.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def _refused(path: Path) -> list[str]:
    with pytest.raises(CallFileError) as caught:
        callfile.load(path)
    return str(caught.value).splitlines()


def _line(text: str, needle: str) -> int:
    return text[: text.index(needle)].count("\n") + 1


def test_the_call_of_2015() -> None:
    call = callfile.load(SHIPPED)
    assert len(call.form.sections) == 11
    assert len(list(call.form.questions())) == 44
    assert {question.type for question in call.form.questions()} == {
        "text",
        "choice",
        "group",
        "table",
        "repeat",
        "links",
        "declaration",
        "signature",
    }
    assert call.windows["filing"].closes_at.isoformat() == "2015-07-15T22:00:00+00:00"
    assert call.windows["publication"].opens[:10] == "2015-12-11"
    assert call.country_limit is None
    assert call.form.question("urls").max_items == 4
    assert (call.piece("photos").count, call.piece("photos").max_bytes) == (3, 3_000_000)
    assert [field.key for field in call.fields if field.key == "architecture"] == []
    assert all(question.help or question.statement for question in call.form.questions())


def test_it_is_frozen_and_read_again_alike() -> None:
    call = callfile.load(SHIPPED)
    assert parse(json.loads(json.dumps(call.to_json()))) == call


def test_changes_replace_what_stands_at_the_top() -> None:
    windows = {"filing": {"opens": "2026-01-01T00:00", "closes": "2026-12-31T24:00"}}
    call = callfile.load(SHIPPED, {"key": "candidacy-now", "windows": windows})
    assert (call.key, list(call.windows)) == ("candidacy-now", ["filing"])


@pytest.mark.parametrize(
    ("good", "bad", "rule"),
    [
        ("timezone: Europe/Paris", "timezone: Europe/Lutetia", "IANA"),
        ("quorum: 5", "quorum: five", "“quorum” must be a whole number"),
        ("          key: city_name\n", "          key: City Name\n", "is no key"),
        ("          source: countries\n", "          source: planets\n", "“source” must be one of"),
        ("          char_limit: 100\n", "          char_limt: 100\n", "unknown key “char_limt”"),
        ("weight: 20\n", "weight: 21\n", "add up to 101"),
        ("value: 100}", "value: lots}", "“value” must be a whole number"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, good: str, bad: str, rule: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert good in text
    spoilt = text.replace(good, bad, 1)
    path = _written(tmp_path, spoilt)
    told = _refused(path)
    line = _line(spoilt, "  criteria:\n    - key: assets") if "weight" in bad else _line(spoilt, bad.strip())
    assert any(entry.startswith(f"{path}:{line}: ") and rule in entry for entry in told), told


def test_every_fault_is_told_in_the_order_of_the_lines(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    spoilt = text.replace("quorum: 5", "quorum: 0").replace("blind: open", "blind: half").replace("fr]", "de]", 1)
    path = _written(tmp_path, spoilt)
    lines = [int(entry.removeprefix(f"{path}:").split(":")[0]) for entry in _refused(path)]
    assert len(lines) == 3
    assert lines == sorted(lines)


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("key: a\nprocedure: b\nkey: c\n", 3, "“key” stands here twice"),
        ("key: [a\nprocedure: b\n", 2, ""),
        ("key: a\n\tprocedure: b\n", 2, ""),
        ("key: !!python/object:os.system {}\n", 1, ""),
        ("key: &a\n  again: *a\n", 1, "leads back into itself"),
        ("? [a]\n: b\n", 1, "a key must be a plain text"),
        ("key: a\n---\nkey: b\n", 2, ""),
        ("key: %a\n", 1, "this is no YAML"),
        ("key: \x00\n", 1, "this is no YAML"),
        ("[" * 3000, 1, "nested too deeply"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(tmp_path: Path, text: str, line: int, rule: str) -> None:
    path = _written(tmp_path, text)
    told = _refused(path)
    assert told[0].startswith(f"{path}:{line}: ")
    assert rule in told[0]


def test_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "call.yaml"
    path.write_bytes("key: a\ntitle: été\n".encode("latin-1"))
    assert _refused(path) == [f"{path}:2: the file: the file must be UTF-8"]


@pytest.mark.parametrize("text", ["", "just a text\n", "- a list\n", "42\n"])
def test_what_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    assert any("mapping" in entry for entry in _refused(_written(tmp_path, text)))


def test_norway_stays_a_country(tmp_path: Path) -> None:
    path = _written(tmp_path, "countries:\n  - {iso2: NO}\nkey: 12:30\nprocedure: 2015-07-15\n")
    data, _ = callfile.read(path)
    assert data == {"countries": [{"iso2": "NO"}], "key": "12:30", "procedure": "2015-07-15"}


def test_the_networks_lists_agree_with_its_members() -> None:
    regions = {region["label"]["en"]: region["key"] for region in network.regions()}  # type: ignore[index]
    fields = {field["label"]["en"] for field in network.fields()}  # type: ignore[index]
    countries = {country["iso2"]: country["region"] for country in network.countries()}
    with (DATA_FILES / "members-2015.csv").open(encoding="utf-8", newline="") as file:
        members = list(csv.DictReader(file))
    assert len(members) == 116
    assert [row["city"] for row in members if countries[row["iso2"]] != regions[row["region"]]] == []
    assert {row["field"] for row in members} <= fields
    assert len(countries) == 249
