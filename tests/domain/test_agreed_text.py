"""A text as a PDF's extraction gives it is understood, and not one word of it gets lost."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain import agreed_text
from rvc_portal.domain.agreed_text import PageNumber
from rvc_portal.domain.faults import BadFile

TEXT = """Accords de la 4e réunion des membres

Nous, membres réunis à Östersund, avons décidé ce qui suit :
1. Le secrétariat tient la liste des villes, qu'il publie deux fois par an.
2. Les sous-réseaux veillent à ceci :
a) ouvrir leurs rencontres à toutes les villes ;
b) rendre compte, du 12 au 14 novembre, de ce qui s'est fait.
3. Chaque ville nomme une personne. Elle le fait avant l'été 2016.
"""
WORDS = TEXT.split()


def understood(text: str) -> list[tuple[str, ...]]:
    found = agreed_text.read(text)
    return [(str(c.number), c.text, *(f"{p.letter}) {p.text}" for p in c.parts)) for c in found.clauses]


def faults(text: str) -> list[tuple[int | None, str]]:
    with pytest.raises(BadFile) as refused:
        agreed_text.read(text)
    return [(f.line, f.refusal.message % dict(f.refusal.params)) for f in refused.value.faults]


def test_title_preamble_clauses_and_sub_clauses_are_told_apart():
    found = agreed_text.read(TEXT)
    assert found.title == "Accords de la 4e réunion des membres"
    assert found.preamble == "Nous, membres réunis à Östersund, avons décidé ce qui suit :"
    assert [(c.number, c.line) for c in found.clauses] == [(1, 4), (2, 5), (3, 8)]
    assert [(p.letter, p.line) for p in found.clauses[1].parts] == [("a", 6), ("b", 7)]
    assert found.clauses[1].parts[1].text == "rendre compte, du 12 au 14 novembre, de ce qui s'est fait."


@given(st.data())
def test_wherever_the_lines_are_broken_the_text_is_the_same(data):
    """Between any two words: a space, the end of a line, some empty ones, the end of a page with its number."""
    breaks = st.sampled_from([" ", "\n", "\n\n", " \r\n \r\n", "\r", "\n\f", "  "])
    text = WORDS[0]
    for word in WORDS[1:]:
        text += data.draw(breaks) + word
    found = agreed_text.read(text)
    assert understood(text) == understood(TEXT)
    assert found.dropped == ()
    assert found.words() == re.findall(r"\w+", TEXT)


def test_the_numbers_of_pages_are_dropped_and_reported():
    page = " ".join(["mot"] * agreed_text.PAGE_WORDS)
    found = agreed_text.read(f"Nous disons :\n1. {page}\n1\n\fencore {page}\n– 2 –\n\ffin.\n2. Autre.\n3\n")
    assert found.dropped == (PageNumber(3, 1), PageNumber(5, 2), PageNumber(8, 3))
    assert found.clauses[0].text == f"{page} encore {page} fin."
    assert found.clauses[1].text == "Autre."


def test_a_number_that_no_page_can_have_is_part_of_the_text():
    found = agreed_text.read("Nous disons :\n1. Du\n12\nau 14 novembre\n2015\nà midi.\n")
    assert found.clauses[0].text == "Du 12 au 14 novembre 2015 à midi."
    assert found.dropped == ()


def test_a_year_at_the_head_of_a_line_begins_no_clause():
    assert understood("Ainsi :\n1. Avant la fin de\n16. Puis la suite.") == [
        ("1", "Avant la fin de 16. Puis la suite.")
    ]


def test_a_word_that_was_parted_is_whole_again():
    text = "Ainsi :\n1. Les sous-\n\nréseaux créa\u00ad\ntifs et la géo\u00adgraphie."
    assert understood(text) == [("1", "Les sous-réseaux créatifs et la géographie.")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_is_read(encoding):
    assert agreed_text.decode(TEXT.replace("\n", "\r\n").encode(encoding)).removeprefix("\ufeff").split() == WORDS


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "This is a PDF; give the text extracted from it."),
        ("Été".encode("latin-1"), "1: the file is neither in UTF-8 nor in UTF-16"),
        (b"1. One\n2. Two\n\xff", "3: the file is neither in UTF-8 nor in UTF-16"),
        (b"1. One" + b"\0" + b"\n2. Two, and so on and on", "This is no text: it holds characters that no text has."),
    ],
)
def test_what_is_no_text_is_refused(content, message):
    with pytest.raises(BadFile, match=f"^{re.escape(message)}$"):
        agreed_text.decode(content)


@pytest.mark.parametrize("text", ["", "  \n\f\n ", "\ufeff", "…\n"])
def test_an_empty_text_is_refused(text):
    assert faults(text) == [(None, "The text is empty.")]


def test_a_text_without_clauses_is_refused():
    assert faults("Nous disons ceci.")[0][1].startswith("No clause was found")


def test_a_missing_number_and_one_used_twice_are_named_with_their_lines():
    text = "Ainsi :\n1. Un.\n3. Trois.\n4. Quatre.\n1. Encore un.\n"
    assert faults(text) == [(3, "3. stands where 2. should"), (5, "clause 1 is there already, on line 2")]


def test_a_sub_clause_needs_its_clause_and_its_turn():
    text = "Ainsi :\na) avant tout ;\n1. Un :\na) premier ;\nc) troisième.\n"
    assert faults(text) == [
        (2, "a) stands before any clause"), (5, "c) stands where b) of clause 1 should"),
    ]  # fmt: skip


@given(st.text(max_size=400))
def test_whatever_the_text_it_is_read_or_refused(text):
    try:
        found = agreed_text.read(f"Ainsi :\n1. {text}")
    except BadFile:
        return
    assert found.clauses
