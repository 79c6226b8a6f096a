"""Documents in French are set as French is: no line can end before a double sign or within a guillemet or a date.

What people wrote is theirs, and is left as they wrote it; everything else is ours, the words of the call included.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from bs4 import BeautifulSoup

from rvc_portal.documents import pdf
from rvc_portal.settings import DATA_FILES
from tests.documents import samples

THEIRS = "style, body [lang], .said, .mono"
BLOCKS = "p, td, th, li, h1, h2, h3, h4, dt, dd, caption, title, text, figcaption, div"
ADDRESSES = re.compile(r"https?://\S*|\S+@\S+")
MONTHS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
SLIPS = {
    "an ordinary space before a double sign": re.compile(r"(?<=\S) [:;?!»%]"),
    "no space before a double sign": re.compile(r"[^\s\u00a0\u202f\d/][:;?!»](?=\s|$)"),
    "an ordinary space after a guillemet": re.compile(r"«[^\u00a0]"),
    "a straight or English quotation mark": re.compile(r"\w'\w|[\"“”]"),
    "a date that breaks": re.compile(rf"\b\d+(?:er)? (?:{MONTHS})\b|\d(?:er)?\u00a0(?:{MONTHS}) \d{{4}}\b"),
    "thousands apart by an ordinary space": re.compile(r"\d \d{3}\b"),
}


def ours(page: str) -> Iterator[str]:
    """What a document says in our words, piece by piece: its blocks, the text alternatives, the running head."""
    read = BeautifulSoup(page, "html.parser")
    for element in read.select(THEIRS):
        element.extract()
    for element in read.select(f"{BLOCKS}, span"):
        if not element.select(BLOCKS):
            yield re.sub(r"[ \n]+", " ", element.get_text())
    for name in ("alt", "data-running"):
        yield from (str(element[name]) for element in read.select(f"[{name}]"))


def slips(text: str) -> list[str]:
    plain = ADDRESSES.sub("…", text)
    return [f"{what}: {plain[max(0, m.start() - 30) : m.end() + 20]!r}" for what, slip in SLIPS.items()
            if (m := slip.search(plain))]  # fmt: skip


@pytest.mark.parametrize("kind", sorted(samples.SAMPLES))
def test_a_document_in_french_is_set_as_french(kind: str) -> None:
    said = list(ours(pdf.page_html(kind, samples.SAMPLES[kind](), "fr")))
    assert len(said) > 5
    assert sorted({slip for text in said for slip in slips(text)}) == []


def french(told: Any, inside: bool = False) -> Iterator[str]:
    """The French texts of a file of ours."""
    if isinstance(told, dict):
        for key, value in told.items():
            yield from french(value, key == "fr" or (inside and key != "en"))
    elif isinstance(told, list):
        for value in told:
            yield from french(value, inside)
    elif inside and isinstance(told, str):
        yield told


@pytest.mark.parametrize("path", sorted(DATA_FILES.rglob("*.yaml")), ids=lambda path: path.name)
def test_what_our_files_say_in_french_is_set_as_french(path: Path) -> None:
    assert [slip for text in french(yaml.safe_load(path.read_text("utf-8"))) for slip in slips(text)] == []


@pytest.mark.parametrize(
    ("slip", "text"),
    [
        ("an ordinary space before a double sign", "Votes : 3"),
        ("no space before a double sign", "Votes: 3"),
        ("an ordinary space after a guillemet", "« Liège\u00a0»"),
        ("a straight or English quotation mark", "l'appel"),
        ("a date that breaks", "le 11 décembre\u00a02015"),
        ("a date that breaks", "le 1er\u00a0décembre 2015"),
        ("thousands apart by an ordinary space", "5 163 mots"),
    ],
)
def test_the_rule_sees(slip: str, text: str) -> None:
    assert [found.partition(":")[0] for found in slips(text)] == [slip]


@pytest.mark.parametrize(
    "text", ["Votes\u00a0: 3\u00a0; 4\u00a0%", "«\u00a0Liège\u00a0»", "le 1er\u00a0mai\u00a02015 à 10:30", "2 villes",
             "5\u202f163 mots", "https://portal.example/verify/1:2"]
)  # fmt: skip
def test_the_rules_let_pass(text: str) -> None:
    assert slips(text) == []


def test_what_people_wrote_is_left_to_them() -> None:
    page = (
        '<html lang="fr"><body><p>Titre\u00a0: x</p><div class="said"><p>Oui : non</p></div>'
        '<p><i lang="en">a: b</i></p></body></html>'
    )
    assert "Titre\u00a0: x" in list(ours(page))
    assert not [text for text in ours(page) if "Oui" in text or "a:" in text]
