"""Answers as they print: what was typed stands there, whatever it is."""

import pytest

from rvc_portal.documents.environment import environment
from rvc_portal.domain.call import parse
from rvc_portal.services.contexts import answers
from tests.domain.definitions import small_data


@pytest.mark.parametrize(("typed", "printed"), [("12000", "12,000"), ("about forty", "about forty"), ("0", "0")])
def test_a_figure_prints_as_a_number_and_anything_else_as_it_was_typed(typed: str, printed: str) -> None:
    form = parse(small_data()).form
    told = answers.question(form, form.question("age"), typed, "en")
    page = environment("en", "UTC").get_template("documents/answers.html").module
    assert f">{printed}<" in str(page.value(told))  # type: ignore[attr-defined]
