"""What a city must know before it begins: the whole form of a call, open to anybody."""

import pytest
from bs4 import BeautifulSoup

from rvc_portal.queries import calls
from tests.stories import Tale
from tests.web.browsing import START


@pytest.fixture
def told(app, clock):
    with app.app_context():
        yield calls.definition(Tale(app, START).call)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_question_stands_there_with_its_limits(told, browser, language):
    if language == "fr":
        browser.post("/language", {"language": "fr", "next": "/"})
    page = BeautifulSoup(browser.get(f"/calls/{told.key}").text, "html.parser")
    for question in told.form.questions():
        shown = page.select_one(f"#question-{question.key}")
        assert question.label.of(language) in shown.text
        if question.word_limit:
            assert str(question.word_limit) in shown.select_one(".asked__limits").text
        assert len(shown.select(".asked__part")) == len(question.parts)
    for piece in told.pieces:
        assert piece.label.of(language) in page.select_one(f"#piece-{piece.key}").text
    for link in page.select("aside a"):
        assert page.select_one(link["href"]), link["href"]


def test_a_conditional_question_says_when_it_is_asked(told, browser):
    page = BeautifulSoup(browser.get(f"/calls/{told.key}").text, "html.parser")
    conditional = [q for q in told.form.questions() if q.when]
    assert conditional
    for question in conditional:
        assert "Only if the answer to question" in page.select_one(f"#question-{question.key}").text
