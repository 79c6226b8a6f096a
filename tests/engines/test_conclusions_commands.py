"""A text goes in by one command and comes out as a PDF by another, with the same words in the same order."""

import io
import re
import subprocess
from pathlib import Path

import pikepdf
import pytest

from rvc_portal.settings import Settings
from tests.documents import tagged
from tests.engines.test_commands import Command, assert_one_line, rvc  # noqa: F401

PAGE = " ".join(["sous-entendu"] * 61)
"""Wherever its lines end, one ends at a hyphen that must not be lost."""
FRENCH = f"""﻿
Accords de la 9ème réunion\r
\r
annuelle des villes\r
\r
\r
\r
Nous, réunis à Kana\u00adzawa du 25 au 28 mai 2015,\r
\r
disons ce qui suit :\r
\r
1. Les sous-\r
\r
réseaux se réunissent avant l’été {PAGE}\r
\r
1\r
\f\r
puis après.\r
2. Les villes :\r
a) tiennent leurs engagements, en\r
2016 aussi ;\r
b) le disent {PAGE}.\r
3. Fin.\r
"""
ENGLISH = "Agreed at the 9th meeting\n\nWe say:\n1. One.\n2. Two:\na) this;\nb) that.\n3. End.\n"


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.replace("\u00ad\r\n", "").replace("\u00ad", ""))


@pytest.fixture
def french(tmp_path: Path) -> Path:
    path = tmp_path / "fr.txt"
    path.write_bytes(FRENCH.encode("utf-16"))
    return path


def test_the_same_words_come_out_in_the_same_order(
    rvc: Command, sqlite: Settings, french: Path, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    taken = rvc("conclusions", "import", str(french), "--lang", "fr", "--meeting", "9", data=sqlite.data)
    assert taken.returncode == 0, taken.stderr
    assert "line 16: 1 is the number of a page, and is left out" in taken.stdout
    assert "  2. line 19, 2 sub-clauses a–b: Les villes :" in taken.stdout
    assert taken.stdout.endswith("Meeting 9 (the meeting is new): 7 texts written, 0 as before.\n")
    out = tmp_path / "out.pdf"
    written = rvc("conclusions", "pdf", "--meeting", "9", "--lang", "fr", "--out", str(out), data=sqlite.data)
    assert written.returncode == 0, written.stderr
    told = subprocess.run(["pdftotext", str(out), "-"], capture_output=True, text=True, check=True).stdout
    printed = iter(words(told))
    source = words(FRENCH.replace("\r\n1\r\n\f", ""))
    assert [word for word in source if word not in printed] == []  # each is sought behind the one before
    file = tagged.Tagged(pikepdf.open(io.BytesIO(out.read_bytes())))
    assert [tag.kind for tag in file.tags if tag.kind in ("L", "LI")] == ["L", "LI", "LI", "L", "LI", "LI", "LI"]


def test_both_languages_are_sealed_and_then_closed(
    rvc: Command, sqlite: Settings, french: Path, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    english = tmp_path / "en.txt"
    english.write_text(ENGLISH)
    files = {"fr": french, "en": english}
    for language, path in files.items():
        assert (
            rvc("conclusions", "import", str(path), "--lang", language, "--meeting", "9", data=sqlite.data).returncode
            == 0
        )
    sealed = rvc("conclusions", "seal", "--meeting", "9", data=sqlite.data)
    assert sealed.stdout == (
        "Sealed: NETWORK/2015/CONCLUSIONS/1, NETWORK/2015/CONCLUSIONS/1, NETWORK/2015/CONCLUSIONS_BILINGUAL/1.\n"
    )
    again = rvc("conclusions", "import", str(french), "--lang", "fr", "--meeting", "9", data=sqlite.data)
    assert_one_line(again, "The conclusions of meeting 9 were sealed on")


def test_what_is_wrong_is_named_with_its_line_and_nothing_is_taken(
    rvc: Command, sqlite: Settings, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    bad = tmp_path / "bad.txt"
    bad.write_text("Ainsi :\na) trop tôt ;\n1. Un.\n3. Trois.\n")
    done = rvc("conclusions", "import", str(bad), "--lang", "fr", "--meeting", "9", data=sqlite.data)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        f"rvc: {bad}:2: a) stands before any clause", f"rvc: {bad}:4: 3. stands where 2. should",
    ]  # fmt: skip
    nothing = rvc("conclusions", "pdf", "--meeting", "9", "--lang", "fr", "--out", "x.pdf", data=sqlite.data)
    assert_one_line(nothing, "There is no text of meeting 9 yet.")
