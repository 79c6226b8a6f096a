"""Conditional questions on the pages of a city and of those who read its file; what is filed, and what a return opens."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from rvc_portal.demonstration import running
from rvc_portal.domain import answers as rules
from rvc_portal.domain.call import parse
from rvc_portal.models.dossier import Filing
from rvc_portal.queries import calls, dossiers
from rvc_portal.services import screening, submission
from rvc_portal.services.contexts import answers as printed
from tests.stories import Tale
from tests.web.browsing import START, soup
from tests.web.test_submission import sent_by


def kept(tale, dossier_id):
    tale.story.session.rollback()
    tale.story.session.expire_all()
    return dict(dossiers.values(tale.story.session, dossier_id))


def write(tale, dossier_id, **values):
    lead = tale.story.actor(tale.lead(), START)
    submission.save_answers(tale.story.session, tale.dossier(dossier_id), values, actor=lead, now=START)
    tale.story.commit()


def submit(tale, dossier_id):
    asked = START + timedelta(minutes=len(dossiers.sign_offs(tale.story.session, dossier_id)))
    tale.story.sign_off(tale.dossier(dossier_id), tale.lead(), asked)
    tale.story.submit(tale.dossier(dossier_id), tale.lead(), START)


def test_a_question_that_hangs_on_another_of_its_page_says_so(tale, browser):
    dossier_id = tale.draft()
    browser.sign_in(tale.lead())
    url = f"/dossiers/{dossier_id}/sections/6"
    page = soup(browser.get(url))
    ask = page.select_one("#ask-earlier_lessons")
    assert ask["data-when-question"] == "earlier_candidacy"
    assert json.loads(ask["data-when-one-of"]) == ["earlier"]
    assert not ask.has_attr("hidden")  # the script hides it; without one it stands there with its sentence
    assert ask.select_one("textarea")
    assert "Only if the answer to question 6.4 is: Yes, in an earlier call." in ask.text
    assert page.select_one("script[src*='conditions.js'][defer]")
    assert not page.select_one("#ask-earlier_candidacy").has_attr("data-when-question")


def test_what_is_not_asked_is_not_counted_and_its_answer_is_kept(tale, browser):
    dossier_id = tale.draft(share=1.0)
    browser.sign_in(tale.lead())
    url = f"/dossiers/{dossier_id}"
    lessons = kept(tale, dossier_id)["earlier_lessons"]
    assert lessons
    for candidacy, complete in (("earlier", "5/5"), ("first", "4/4"), ("earlier", "5/5")):
        sent = sent_by(soup(browser.get(f"{url}/sections/6")))
        assert browser.post(f"{url}/sections/6", {**sent, "earlier_candidacy": candidacy}).status_code == 303
        assert kept(tale, dossier_id)["earlier_lessons"] == lessons
        row = next(li for li in soup(browser.get(f"{url}/sections")).select("#form li") if "6." in li.text)
        assert complete in row.text
        review = soup(browser.get(f"{url}/submit"))
        assert bool(review.select("#answer-earlier_lessons")) == (candidacy == "earlier")
    # Wrong, but not asked: nothing stands against submission.
    write(tale, dossier_id, earlier_candidacy="first", earlier_lessons="word " * 500)
    assert not soup(browser.get(f"{url}/submit")).select(".error-summary a[href*=earlier_lessons]")
    write(tale, dossier_id, earlier_candidacy="earlier")
    assert soup(browser.get(f"{url}/submit")).select(".error-summary a[href*=earlier_lessons]")


def test_only_what_is_asked_is_filed_and_read(tale, browser):
    dossier_id = tale.draft(share=1.0)
    write(tale, dossier_id, earlier_candidacy="first")
    submit(tale, dossier_id)
    filed = json.loads(tale.story.session.scalars(sa.select(Filing.content)).one())["answers"]
    values = kept(tale, dossier_id)
    assert set(values) - set(filed) == {"earlier_lessons"}
    form = calls.definition(tale.call).form
    _words, answered, asked = printed.counts(form, values)
    assert (answered, asked) == (45, 45)
    assert len(list(form.questions())) == 46
    browser.sign_in(tale.officer())
    for path in ("screening", "file"):
        page = browser.get(f"/dossiers/{dossier_id}/{path}")
        assert page.status_code in (200, 403)
        assert values["earlier_lessons"][:40] not in page.text
    choices = soup(browser.get(f"/dossiers/{dossier_id}/return")).select("input[name=questions]")
    assert "earlier_lessons" not in {box["value"] for box in choices}
    assert "earlier_candidacy" in {box["value"] for box in choices}
    browser.client.post("/sign-out")


def test_a_return_of_the_question_that_decides_opens_what_hangs_on_it(tale, browser):
    dossier_id = tale.draft(share=1.0)
    write(tale, dossier_id, earlier_candidacy="first", earlier_lessons="")
    submit(tale, dossier_id)
    officer = tale.story.actor(tale.officer(), START)
    screening.return_file(
        tale.story.session, tale.dossier(dossier_id), questions=["earlier_candidacy"], reason="Were you not?",
        actor=officer, now=START,
    )  # fmt: skip
    tale.story.commit()
    browser.sign_in(tale.lead())
    url = f"/dossiers/{dossier_id}/sections/6"
    page = soup(browser.get(url))
    assert [f["value"] for f in page.select("input[name=asked]")] == ["earlier_candidacy", "earlier_lessons"]
    sent = {**sent_by(page), "earlier_candidacy": "earlier", "earlier_lessons": "We were."}
    assert browser.post(url, sent).status_code == 303
    assert browser.post(url, {"asked": ["prep_process"], "prep_process": "Shut."}).status_code == 409
    assert kept(tale, dossier_id)["earlier_lessons"] == "We were."
    submit(tale, dossier_id)
    assert tale.dossier(dossier_id).state == "submitted"


@pytest.fixture
def across_pages(app, clock, monkeypatch):
    """A call whose last section hangs on a commitment of the section before."""
    plain = running.definition

    def definition(now):
        data = plain(now).to_json()
        data["form"]["sections"][-1]["questions"][0]["when"] = {"question": "commit_info", "is": "yes"}
        return parse(data)

    monkeypatch.setattr(running, "definition", definition)
    with app.app_context():
        yield Tale(app, START)


def test_a_section_that_asks_nothing_is_complete_and_says_so(across_pages, browser):
    tale = across_pages
    dossier_id = tale.draft()
    browser.sign_in(tale.lead())
    url = f"/dossiers/{dossier_id}"
    overview = soup(browser.get(f"{url}/sections"))
    row = overview.select("#form li")[-1]
    assert "Complete · none of its questions is asked" in " ".join(row.text.split())
    assert not overview.select("#submission a[href*='sections/11']")
    page = soup(browser.get(f"{url}/sections/11"))
    note = page.select_one("#ask-signature")
    number = calls.definition(tale.call).form.question("commit_info").number
    assert f"Not asked. Only if the city makes commitment {number}." in note.text
    assert not note.select("input, textarea")
    assert browser.post(f"{url}/sections/10", {"asked": ["commit_info"], "commit_info": "yes"}).status_code == 303
    assert soup(browser.get(f"{url}/sections/11")).select("#ask-signature input[name='signature.name']")
    form = calls.definition(tale.call).form
    assert rules.progress(form, form.section("signature"), kept(tale, dossier_id)) == (0, 1)


def test_the_page_counts_the_fields_that_the_server_counts(app, clock, browser, monkeypatch):
    """What app.js adds up within a limit, field by field: neither a currency nor a date is a word."""
    plain = running.definition

    def definition(now):
        data = plain(now).to_json()
        questions = {q["key"]: q for s in data["form"]["sections"] for q in s["questions"]}
        label = {"en": "x", "fr": "x"}
        more = [{"key": kind, "label": label, "type": kind} for kind in ("date", "email", "phone", "currency")]
        for key in ("plan_budget", "local_initiatives", "executive_contact"):
            parts = questions[key]["parts"]
            parts += [part for part in more if part["key"] not in {p["key"] for p in parts}]
            questions[key]["word_limit"] = 500
        return parse(data)

    monkeypatch.setattr(running, "definition", definition)
    with app.app_context():
        tale = Tale(app, START)
        dossier_id, form = tale.draft(), calls.definition(tale.call).form
        browser.sign_in(tale.lead())
    for section in ("3", "8"):
        page = soup(browser.get(f"/dossiers/{dossier_id}/sections/{section}?check=all"))
        assert page.select("[data-words-within]")
        for box in page.select("[data-words-within]"):
            for template in box.select("template"):
                template.decompose()
            fields = box.select("textarea, input[type=text]:not([inputmode])")
            (key,) = {field["name"].split(".")[0] for field in fields}
            counted = {part.key for part in form.question(key).parts if part.type in ("line", "text")}
            assert {field["name"].split(".")[-1] for field in fields} == counted
