"""What nobody should type, and somebody will: kept where it can be kept, told where it is wrong, never lost, never a 500;
through to the printed dossier, on both databases."""

import hashlib
import json
import unicodedata
from datetime import timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from rvc_portal.domain import answers as rules
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Filing
from rvc_portal.queries import calls, dossiers
from rvc_portal.services import rendering
from tests.stories import ELIGIBLE
from tests.web.browsing import START, Browser, Clock, soup
from tests.web.test_submission import sent_by


@pytest.fixture
def app(either_database, make_app):
    return make_app(either_database)


@pytest.fixture
def browser(app, clock) -> Browser:
    return Browser(app.test_client())


@pytest.fixture
def clock(app) -> Clock:
    app.config["CLOCK"] = made = Clock()
    return made


def kept(tale, dossier_id):
    tale.story.session.rollback()
    tale.story.session.expire_all()
    return dict(dossiers.values(tale.story.session, dossier_id))


def save(browser, dossier_id, number, changed, **buttons):
    """Send a section as it stands but for what is changed."""
    url = f"/dossiers/{dossier_id}/sections/{number}"
    return browser.post(url, {**sent_by(soup(browser.get(url))), **changed, **buttons})


WORDS = {
    "english": "word",
    "arabic": "المدينة",
    "hindi": "किताबें",
    "emoji": "👩🏽\u200d💻a",
}


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS)
def test_ten_thousand_words_are_kept_whole_and_marked_and_only_submission_is_barred(tale, browser, word):
    dossier_id = tale.ready()
    before = kept(tale, dossier_id)
    browser.sign_in(tale.lead())
    long = " ".join([word] * 10_000)
    answer = save(browser, dossier_id, "5", {"reasons": long}, save="1")
    assert answer.status_code == 303
    after = kept(tale, dossier_id)
    assert after["reasons"] == long
    assert {**after, "reasons": None} == {**before, "reasons": None}
    page = soup(browser.get(answer.headers["Location"]))
    assert page.select_one("#reasons").text.removeprefix("\n") == long
    assert "10,000 words of 150" in page.select_one("#reasons-error").text
    assert page.select_one(".error-summary a")["href"] == "#reasons"
    refused = browser.post(f"/dossiers/{dossier_id}/submit", {"version": tale.dossier(dossier_id).version})
    assert refused.status_code == 409
    assert "10,000 words of 150" in refused.text
    assert kept(tale, dossier_id) == after
    assert tale.story.session.scalar(sa.select(sa.func.count()).select_from(Filing)) == 0


def test_every_answer_of_the_longest_section_ten_thousand_words_long(tale, browser):
    dossier_id = tale.draft()
    browser.sign_in(tale.lead())
    section = calls.definition(tale.call).form.section("assets")
    texts = [q.key for q in section.questions if q.type == "text"]
    assert len(texts) > 15
    long = " ".join(["mot"] * 10_000)
    assert save(browser, dossier_id, section.number, dict.fromkeys(texts, long)).status_code == 303
    assert {kept(tale, dossier_id)[key] for key in texts} == {long}


ODD = (
    "Emoji 👩🏽\u200d💻 🇫🇷 📚\ufe0f, marks \u200fمدينة\u200e, joiners می\u200cخواهم, \u202eturned\u202c, zero\u200bwidth, "
    "controls \0\x01\x07\x1b\x7f\x9b, Word\x0bline\x0cpage\x1eand\x1fhyphens\x85next\u2028line\u2029paragraph, "
    "“smart” ‘quotes’ •\tpoint, e\u0301, \ufeffmark, \uffff, \ud7ff, unknown \U000e0fff \U0001fae9"
)


def test_odd_characters_reach_the_filing_and_the_printed_dossier(tale, browser):
    """In a text, a line, a part, a cell and a repeated block."""
    dossier_id, lead = tale.ready(), tale.lead()
    browser.sign_in(lead)
    places = {
        "3": ["mayor.address", "executive_contact.institution_function"],
        "5": ["reasons", "expected_impact"],
        "6": ["prep_partners.0.partner"],
        "8": ["local_initiatives.0.title", "local_initiatives.0.partners", "plan_budget.0.source"],
    }
    for number, names in places.items():
        shorter = {name: ODD if name in ("reasons", "expected_impact") else ODD[:60] + ODD[150:190] for name in names}
        assert save(browser, dossier_id, number, shorter).status_code == 303
    values = kept(tale, dossier_id)
    said = values["reasons"]
    assert "👩🏽\u200d💻" in said
    assert "\u200fمدينة\u200e" in said
    assert "Word\nline\npage\u2011and\u00adhyphens\nnext\nline\nparagraph" in said
    assert "\ufeffmark, \ufffd, \ud7ff" in said
    assert not [c for c in json.dumps(values, ensure_ascii=False) if unicodedata.category(c) in ("Cc", "Cs") and c != "\n"
                and c != "\t"]  # fmt: skip
    told = calls.definition(tale.call)
    assert rules.check(told.form, values) == ()

    tale.story.sign_off(tale.dossier(dossier_id), lead, START - timedelta(minutes=30))
    answer = browser.post(f"/dossiers/{dossier_id}/submit", {"version": tale.dossier(dossier_id).version})
    assert answer.status_code == 303, answer.text
    filing = tale.story.session.scalars(sa.select(Filing)).one()
    assert json.loads(filing.content)["answers"]["reasons"] == said
    assert hashlib.sha256(filing.content.encode()).hexdigest() == filing.sha256

    query = sa.select(Document.id).where(Document.dossier_id == dossier_id, Document.kind == "DOSSIER")
    frozen = rendering.frozen(tale.story.session, tale.story.session.scalars(query).one())
    assert frozen is not None
    made = rendering.make(tale.story.instance.files, frozen)
    text = "".join(p.extract_text() for p in PdfReader(BytesIO(tale.story.instance.files.get(made.sha256))).pages)
    assert "[U+D7FF]" in text
    assert "“smart”" in text
    assert "\x01" not in text


def test_a_pasted_word_document_keeps_its_lines(tale, browser):
    pasted = "Our plan\r\n•\tFirst “point”\r\n•\tSecond – point…\r\n1)\xa0Third\x0bsame point\r\n\x0cNew page\r\n\x07"
    dossier_id = tale.draft()
    browser.sign_in(tale.lead())
    assert save(browser, dossier_id, "5", {"reasons": pasted}).status_code == 303
    assert kept(tale, dossier_id)["reasons"] == (
        "Our plan\n•\tFirst “point”\n•\tSecond – point…\n1)\xa0Third\nsame point\n\nNew page"
    )


def test_text_in_a_column_of_figures_is_kept_told_at_its_cell_and_counts_nothing(tale, browser):
    dossier_id = tale.draft(share=1.0)
    browser.sign_in(tale.lead())
    cells = {"plan_budget.1.amount": "douze mille", "plan_budget.2.amount": "1e99", "plan_budget.3.amount": "٣٠٠"}
    answer = save(browser, dossier_id, "8", cells, save="1")
    assert answer.status_code == 303
    value = kept(tale, dossier_id)["plan_budget"]
    assert [row["amount"] for row in value[1:4]] == list(cells.values())
    page = soup(browser.get(answer.headers["Location"]))
    for name, typed in cells.items():
        cell = page.find(id=name)
        assert cell["value"] == typed
        assert page.find(id=cell["aria-describedby"]).text.strip() == "This is not a number."
    question = calls.definition(tale.call).form.question("plan_budget")
    (total,) = rules.totals(question, value)
    assert total.amount == sum(int(row["amount"]) for n, row in enumerate(value) if n not in (1, 2, 3))
    groups = {t.value: t.amount for t in rules.group_totals(question, value) if t.by == "year"}
    assert groups[value[0]["year"]] == int(value[0]["amount"])
    assert f"{total.amount:,}" in page.find(id="totals-plan_budget").text


def test_what_is_refused_changes_nothing(tale, browser):
    """A request that no page sends: unknown questions, names that are no names, thousands of rows."""
    dossier_id = tale.draft(share=1.0)
    before = kept(tale, dossier_id)
    browser.sign_in(tale.lead())
    url = f"/dossiers/{dossier_id}/sections/5"
    odd = {
        "asked": ["nothing", "mayor", "\0", "🙂"],
        "mayor.family_name": "x",
        "reasons": "not asked for",
        "seen": "a:b",
    }
    assert browser.post(url, odd).status_code == 303
    assert kept(tale, dossier_id) == before
    many = {"asked": "urls", "seen": "urls:1", **{f"urls.{n}": "https://a.example" for n in range(900)}}
    number = calls.definition(tale.call).form.section_of("urls").number
    assert browser.post(f"/dossiers/{dossier_id}/sections/{number}", many).status_code == 303
    assert len(kept(tale, dossier_id)["urls"]) == 200


def test_control_characters_in_any_other_form_reach_no_database(tale, browser):
    browser.sign_in(tale.lead())
    opening = {"city": "Éau\0ze\x01", "country": "FR", "field": "literature", "language": "fr"} | ELIGIBLE
    assert browser.post(f"/calls/{tale.call.key}/apply", opening).status_code == 303
    dossier_id = tale.draft()
    answer = browser.post(f"/dossiers/{dossier_id}/sign-off", {"name": "M\0aire\x01", "email": "a@b.example"})
    assert answer.status_code == 303
    sent = {"reasons": "a\0b", "base": "0", "tab": "t\0", "seq": "1"}
    assert browser.post(f"/dossiers/{dossier_id}/answers/reasons", sent, htmx=True).status_code == 200
    assert kept(tale, dossier_id)["reasons"] == "ab"
