"""What a call issues when it opens: its text and its blank form, with everything that its page says."""

import pytest
import sqlalchemy as sa

from rvc_portal.demonstration import bank, running
from rvc_portal.documents.pdf import page_html
from rvc_portal.models.document import Document
from rvc_portal.queries import calls
from rvc_portal.queries import documents as query
from rvc_portal.services import calls as service
from tests.stories import Tale
from tests.web.browsing import START


@pytest.fixture
def tale(app):
    with app.app_context():
        yield Tale(app, START)


def printed(tale: Tale, kind: str, language: str) -> str:
    """The document as it is laid out, its words alone."""
    from bs4 import BeautifulSoup

    found = tale.story.session.scalars(
        sa.select(Document).where(
            Document.call_id == tale.call.id, Document.kind == kind, Document.language == language
        )
    ).one()  # fmt: skip
    return " ".join(BeautifulSoup(page_html(kind, found.context, language), "html.parser").text.split())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_blank_form_asks_all_that_the_call_asks(tale, language):
    told, text = calls.definition(tale.call), printed(tale, "BLANK_FORM", language)
    for question in told.form.questions():
        assert " ".join(question.label.of(language).split()) in text, question.key
        for bound in (question.word_limit, question.char_limit, question.max_items, question.min_items):
            assert bound is None or str(bound) in text, question.key
        for part in question.parts:
            assert " ".join(part.label.of(language).split()) in text, (question.key, part.key)
    for piece in told.pieces:
        assert " ".join(piece.label.of(language).split()) in text, piece.key
    only_if = {"en": "Only if ", "fr": "Seulement si "}[language]
    assert text.count(only_if) == sum(q.when is not None for q in told.form.questions())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_text_of_the_call_says_who_may_apply(tale, language):
    told, text = calls.definition(tale.call), printed(tale, "CALL_TEXT", language)
    asked = bank.load("running-terms")["eligibility"]
    for words in (told.title.of(language), *(entry["question"][language] for entry in asked)):
        assert " ".join(words.split()) in text
    for criterion in told.rubric.criteria:
        assert criterion.label.of(language) in text


def test_both_are_issued_in_each_language_of_the_call_and_stand_on_its_list(tale):
    told = calls.definition(tale.call)
    found = [(s.document.kind, s.document.language) for s in query.of_call(tale.story.session, tale.call)]
    assert found == [(kind, language) for kind in ("CALL_TEXT", "BLANK_FORM") for language in sorted(told.languages)]


def test_those_of_a_test_are_the_secretariats_alone(tale):
    session, officer = tale.story.session, tale.officer()
    person = tale.story.actor(officer, START)
    trial = service.open_test(session, running.definition(START), actor=person, now=START)
    document = query.of_call(session, trial)[0].document
    assert document.context["test"] is True
    assert query.public(session, None, document.id) is None
    assert query.public(session, tale.story.actor(tale.lead(), START), document.id) is None
    assert query.public(session, person, document.id) == (document, trial.key)
