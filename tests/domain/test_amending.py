"""What an amendment may say, and how many cities a meeting needs to decide."""

import pytest

from rvc_portal.domain import amending


@pytest.mark.parametrize(
    ("registered", "percent", "needed"), [(7, 50, 4), (8, 50, 4), (116, 50, 58), (3, 67, 3), (0, 50, 1)]
)
def test_the_quorum_is_rounded_up_and_never_nobody(registered: int, percent: int, needed: int) -> None:
    assert amending.quorum(registered, percent) == needed


def test_as_many_as_the_quorum_are_enough() -> None:
    assert [len(list(amending.against_quorum(present, 4))) for present in (3, 4)] == [1, 0]


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        ({"en": "New.", "fr": "Avant."}, {"en": "New."}),
        ({"en": " New \n text ", "fr": ""}, {"en": "New text"}),
        ({"en": "Before.", "fr": "Avant."}, {}),
        ({"de": "Neu."}, {"de": "Neu."}),  # what was not written in the language
    ],
)
def test_a_text_that_is_left_as_it_is_or_emptied_changes_nothing(
    given: dict[str, str], changed: dict[str, str]
) -> None:
    assert amending.changes(given, {"en": "Before.", "fr": "Avant."}) == changed


@pytest.mark.parametrize(("changed", "behind"), [(("en",), "fr"), (("fr",), "en"), (("en", "fr"), None), ((), None)])
def test_the_language_that_nothing_was_given_in_is_left_behind(changed: tuple[str, ...], behind: str | None) -> None:
    assert amending.left_behind(changed, ("en", "fr")) == behind


@pytest.mark.parametrize("state", [s for s in amending.State if s is not amending.State.OPEN])
def test_whoever_comes_second_is_told_what_was_decided(state: amending.State) -> None:
    (refusal,) = amending.against_decision(state)
    assert "decided already" in refusal.message
    assert not list(amending.against_decision(amending.State.OPEN))
