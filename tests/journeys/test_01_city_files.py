"""A city's whole part in a real browser, with JavaScript and without: open, write, upload, have it signed off, submit."""

import io
import random

import pytest
from playwright.sync_api import Page

from rvc_portal.demonstration.answers import answers_for
from rvc_portal.demonstration.pieces import PieceFile, pieces_for
from rvc_portal.domain.answers import to_form
from rvc_portal.domain.form import Question
from rvc_portal.models.dossier import Dossier, Filing
from rvc_portal.models.job import Mail
from rvc_portal.queries import calls
from rvc_portal.services import pieces, submission
from tests.stories import ELIGIBLE, LONG_NAME, Tale, town

pytestmark = [pytest.mark.browser]

TYPED = (
    "mayor", "creative_field", "reasons", "culture_budget", "local_initiatives", "urls", "commit_info", "signature",
)  # fmt: skip
"""One question of each type is typed into the browser; the portal's services write the rest."""

ROWS = {"culture_budget": 4, "local_initiatives": 2, "urls": 2}
"""As many rows as it takes to add one to those that a section begins with."""


def fill(page: Page, question: Question, value: object) -> None:
    """Type one answer as a person would, adding the rows that it needs."""
    if isinstance(value, list):
        rows = f"#{question.key} [data-repeat-items] > *"
        for _ in range(len(value) - page.locator(rows).count()):
            before = page.locator(rows).count()
            page.click(f"#{question.key} [name='{question.key}.add']")
            page.locator(rows).nth(before).wait_for()
    for name, texts in to_form(question, value).items():
        for text in texts:
            field = page.locator(
                f"[name='{name}']:visible, [name='{name}'][type=radio], [name='{name}'][type=checkbox]"
            ).first
            kind = field.evaluate("f => f.tagName === 'SELECT' ? 'select' : f.type")
            if kind == "select":
                field.select_option(text)
            elif kind in ("radio", "checkbox"):
                page.check(f"[name='{name}'][value='{text}']")
            elif text:
                field.fill(text)


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
@pytest.mark.timeout(280)
def test_a_city_files(site, open_page, javascript):
    city = town()
    told = site.told(lambda tale: calls.definition(tale.call))
    page = open_page(site.told(lambda tale: tale.lead().email), javascript=javascript)

    page.goto(f"/calls/{told.key}")
    page.click("main a.button--primary")
    for name, answer in ELIGIBLE.items():
        page.check(f"[name={name}][value={answer}]")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/apply?*")
    page.fill("#city", LONG_NAME)
    page.select_option("#country", "FR")
    page.check("[name=field][value=literature]")
    page.check("main [name=language][value=fr]")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/sections")
    home = page.url.removesuffix("/sections")

    answers = answers_for(told, city, random.Random(3), "literature")
    answers |= {key: answers[key][:rows] for key, rows in ROWS.items()}
    by_hand = [told.form.question(key) for key in TYPED]
    assert {q.type for q in by_hand} == {q.type for q in told.form.questions()}
    first, *others = pieces_for(told, city, 7)
    site.told(lambda tale: prepare(tale, {k: v for k, v in answers.items() if k not in TYPED}, others))

    for question in by_hand:
        number = told.form.section_of(question.key).number
        page.goto(f"{home}/sections/{number}")
        fill(page, question, answers[question.key])
        page.click("button[name=then]")
        page.wait_for_url(lambda url, number=number: not url.partition("?")[0].endswith(f"/sections/{number}"))

    page.goto(f"{home}/pieces")
    card = page.locator(f"#piece-{first.piece}")
    card.locator("input[type=file]").set_input_files(
        {"name": first.name, "mimeType": first.content_type, "buffer": first.content}
    )
    if not javascript:  # with it, choosing is enough
        card.locator(".piece__upload button").click()
    card.locator("a[download]").wait_for()

    page.goto(f"{home}/sections")
    page.fill("#sign-off-mayor-name", "Zoé Maire")
    page.fill("#sign-off-mayor-email", "maire@ville.example")
    page.click("#sign-off-mayor form button[type=submit]")
    page.get_by_text("on its way to Zoé Maire").wait_for()

    path = site.told(lambda tale: tale.story.session.query(Mail).filter_by(template="sign_off").one().context["path"])
    mayor = open_page(javascript=javascript)
    mayor.goto(path)
    mayor.check("[name=answer][value=given]")
    mayor.click("main form button[type=submit]")
    mayor.get_by_text("Thank you, Zoé Maire").wait_for()

    page.goto(f"{home}/submit")
    page.dblclick("main form[action$='/submit'] button[type=submit]")
    page.wait_for_url(f"{home}/filings/1")
    assert page.locator(".state").first.get_attribute("data-state") == "submitted"
    state, name, filings = site.told(outcome)
    assert (state, name, filings) == ("submitted", city.name, 1)


def prepare(tale: Tale, values: dict[str, object], files: list[PieceFile]) -> None:
    """What the browser does not type: the other answers, the other pieces."""
    story, lead, now = tale.story, tale.lead(), tale.now
    dossier, actor = story.session.query(Dossier).one(), story.actor(lead, now)
    submission.save_answers(story.session, dossier, values, actor=actor, now=now)
    for file in files:
        pieces.add(
            story.session, story.instance.files, dossier, file.piece, name=file.name,
            content=io.BytesIO(file.content), actor=actor, now=now,
        )  # fmt: skip


def outcome(tale: Tale) -> tuple[str, str, int]:
    dossier = tale.story.session.query(Dossier).one()
    return dossier.state, dossier.lead_city, tale.story.session.query(Filing).count()
