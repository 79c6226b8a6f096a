"""The short code of a document: always the same, written in groups, read however it is typed; and pages told apart in words."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.domain import codes, copies

ID = UUID("7f1c2d3e-4b5a-4678-9abc-def012345678")


@given(st.uuids())
def test_a_code_is_short_plain_and_found_again_however_it_is_typed(document_id: UUID) -> None:
    code = codes.code_of(document_id)
    assert len(code) == 12
    assert not set(code) & set("ILOU"), "letters that are taken for digits, or make words"
    printed = codes.printed(code)
    assert [len(group) for group in printed.split("-")] == [4, 4, 4]
    for typed in (code, printed, printed.lower(), f"  {printed.replace('-', ' ')} ", printed.replace("-", "–")):
        assert codes.read(typed) == code


def test_the_code_of_an_id_never_changes() -> None:
    """It stands on paper."""
    assert codes.printed(codes.code_of(ID)) == "4GVF-F5T5-840K"


def test_letters_that_were_misread_are_taken_for_the_digits() -> None:
    assert codes.read("OI1L-2345-6789") == codes.read("0111-2345-6789")


@pytest.mark.parametrize(
    "typed", ["", "EJYQ", "EJYQ-N3CM-B22", "EJYQ-N3CM-B22AA", "EJYQ-N3CM-B22U", "EJYQ/N3CM/B22A", "é" * 12]
)
def test_what_is_no_code_is_none(typed: str) -> None:
    assert codes.read(typed) is None


@pytest.mark.parametrize(
    ("copy", "words"),
    [
        ("abcd", ["something else"]),
        ("acbd", ["in another order"]),
        ("abxd", ["not as issued: 3"]),
        ("abd", ["has 4 pages, this copy has 3", "it lacks: 3"]),
        ("abcdx", ["has 4 pages, this copy has 5", "never issued: 5"]),
        ("xbc", ["has 4 pages, this copy has 3", "it lacks: 1, 4", "never issued: 1"]),
    ],
)
def test_pages_are_told_apart(copy: str, words: list[str]) -> None:
    said = [refusal.message % dict(refusal.params) for refusal in copies.differences("abcd", copy)]
    assert len(said) == len(words)
    for sentence, part in zip(said, words, strict=True):
        assert part in sentence


def test_of_many_pages_some_are_named() -> None:
    (said,) = copies.differences("a" * 40, "b" * 40)
    assert said.params["pages"] == "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12…"
