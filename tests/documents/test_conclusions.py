"""The text that a meeting agreed, as a PDF: its words in order, its numbers as labels of one list over all pages, and no number
alone at the foot of a page."""

import io
import re
import subprocess
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from rvc_portal.documents import pdf
from tests.documents import samples, tagged
from tests.documents.tagged import Tag, Tagged

MARK = re.compile(r"(?:\d+\.|[a-z]\))$")
CLAUSES = 9


def text(words: int, number: int) -> str:
    """A clause of so many words, each of which tells where it stands."""
    return " ".join(f"mot{number}x{n}" for n in range(words)) + "."


def in_french(words: int) -> dict[str, Any]:
    """Nine clauses of so many words; the fourth has sub-clauses."""
    clauses = [{"text": samples.said(text(words, n), "fr"), "parts": []} for n in range(CLAUSES)]
    clauses[3]["parts"] = [samples.said(text(words // 2, 30 + n), "fr") for n in range(4)]
    return samples.conclusions() | {"clauses": clauses}


def in_both(words: int) -> dict[str, Any]:
    def pair(number: int, length: int) -> dict[str, str]:
        return samples.two(text(length, 100 + number), text(length + length // 5, number))

    clauses: list[dict[str, Any]] = [{"texts": pair(n, words), "parts": []} for n in range(CLAUSES)]
    clauses[3]["parts"] = [pair(30 + n, words // 2) for n in range(4)]
    return samples.conclusions_bilingual() | {"clauses": clauses}


MADE = {"CONCLUSIONS": in_french, "CONCLUSIONS_BILINGUAL": in_both}


def told(content: bytes, folder: Path, *options: str) -> list[str]:
    """What pdftotext reads on each page."""
    path = folder / "file.pdf"
    path.write_bytes(content)
    done = subprocess.run(["pdftotext", *options, str(path), "-"], capture_output=True, text=True, check=True)
    return done.stdout.split("\f")[:-1]


def items(tag: Tag) -> list[Tag]:
    return [t for t in tag if t.kind == "LI"]


def within(file: Tagged, tag: Tag) -> str:
    return " ".join(file.text(t) for t in tag if file.text(t))


@pytest.mark.parametrize("words", range(40, 200, 13))
@pytest.mark.parametrize("kind", MADE)
def test_no_number_stands_alone_at_the_foot_of_a_page(kind: str, words: int, tmp_path: Path) -> None:
    rendered = pdf.render(kind, MADE[kind](words), "fr")
    for page in told(rendered.content, tmp_path, "-raw"):
        lines = [line for line in page.splitlines() if "mot" in line or MARK.match(line.strip())]
        assert not any(MARK.fullmatch(line.strip()) for line in lines), "a number without its text"
        last = next((n for n, line in enumerate(reversed(lines)) if MARK.match(line.split()[0])), None)
        assert last != 0 or len(lines[-1].split()) < 8, "one line of a long clause at the foot of a page"


@pytest.mark.parametrize("kind", MADE)
def test_the_file_reads_clause_by_clause_in_the_order_of_the_page(kind: str, tmp_path: Path) -> None:
    rendered = pdf.render(kind, MADE[kind](120), "fr")
    assert rendered.pages > 2
    read = re.findall(r"\b\d+\.(?=\s)|\b[a-z]\)|mot\d+x0\b", " ".join(told(rendered.content, tmp_path, "-raw")))
    both = kind == "CONCLUSIONS_BILINGUAL"

    def entry(mark: str, number: int) -> list[str]:
        return [mark, f"mot{number}x0", *([f"mot{100 + number}x0"] if both else [])]

    expected = []
    for number in range(CLAUSES):
        expected += entry(f"{number + 1}.", number)
        for letter in range(4 if number == 3 else 0):
            expected += entry(f"{'abcd'[letter]})", 30 + letter)
    start = read.index("mot0x0") - 1
    assert read[start : start + len(expected)] == expected


@pytest.mark.parametrize("kind", MADE)
def test_all_pages_have_one_list_and_each_number_is_the_label_of_its_item(kind: str) -> None:
    rendered = pdf.render(kind, MADE[kind](120), "fr")
    file = Tagged(pikepdf.open(io.BytesIO(rendered.content)))
    assert tagged.findings(file.pdf) == []
    outer = [tag for tag in file.tree.children if tag.kind == "L"]
    assert len(outer) == 1
    clauses = [tag for tag in outer[0].children if tag.kind == "LI"]
    assert [within(file, c.children[0]).strip() for c in clauses] == [f"{n}." for n in range(1, CLAUSES + 1)]
    for item in items(outer[0]):
        assert [child.kind for child in item.children] == ["Lbl", "LBody"]
    parts = [tag for tag in items(clauses[3]) if tag is not clauses[3]]
    assert [within(file, part.children[0]).strip() for part in parts] == ["a)", "b)", "c)", "d)"]
    for number, clause in enumerate(clauses):
        assert re.findall(r"mot(\d+)x0\b", within(file, clause))[0] == str(number)


def test_each_half_of_a_clause_is_in_its_language() -> None:
    rendered = pdf.render("CONCLUSIONS_BILINGUAL", in_both(30), "fr")
    file = Tagged(pikepdf.open(io.BytesIO(rendered.content)))
    for item in (t for t in file.tags if t.kind == "LI"):
        numbers = [
            (t.language, int(number)) for t in item for number in re.findall(r"mot(\d+)x0\b", file.text(t))
        ]  # fmt: skip
        assert all((language == "en") == (number >= 100) for language, number in numbers)
        assert {language for language, _ in numbers} == {"fr", "en"}


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2015-05-25", "2015-05-28", "25 mai 2015 au 28 mai 2015"), (None, "2015-05-28", "28 mai 2015"),
        (None, None, "Japon · 2015"),
    ],
)  # fmt: skip
def test_title_host_dates_and_both_signatures(
    first: str | None, last: str | None, said: str, tmp_path: Path
) -> None:  # fmt: skip
    context = samples.conclusions() | {"starts_on": first, "ends_on": last}
    read = " ".join(" ".join(told(pdf.render("CONCLUSIONS", context, "fr").content, tmp_path)).split())
    assert "Conclusions de la neuvième réunion" in read
    assert said in read.replace("\u00a0", " ")
    assert "pour la ville hôte, qui préside la réunion" in read
    assert "pour le Secrétariat du Réseau" in read


def test_an_erratum_says_what_stands_and_what_is_meant(tmp_path: Path) -> None:
    read = " ".join(" ".join(told(pdf.render("ERRATUM", samples.erratum(), "fr").content, tmp_path)).split())
    assert "Erratum n° 2 aux conclusions" in read.replace("\u00a0", " ")
    assert read.index("Clause 3a") < read.index("jusqu’à minuit") < read.index("jusqu’à deux heures du matin")
