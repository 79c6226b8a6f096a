"""The city's answer on facts: what it is shown, when, and who else reads it; a call without it has nothing of it."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import undefer

from rvc_portal.domain.call import DefinitionError, ReplyRules, parse
from rvc_portal.models.call import Call
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Membership
from rvc_portal.models.job import Mail
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.reply import CityReply, Passage
from rvc_portal.queries import calls
from rvc_portal.services import journal
from tests.judging import database
from tests.stories import town
from tests.web.browsing import START, soup

FACT = "The file says that the library opened in 2011; no source is given."
OTHER = "Port-Royal-des-Champs"


def judged(tale):
    """One file in review, one in evaluation, one that is only submitted."""
    tale.group()
    tale.in_review()
    tale.asked(tale.admitted(town(OTHER), tale.lead("other@ville.example")))
    tale.submitted(town("Encore-un-Bourg"), tale.lead("third@ville.example"))
    tale.direction()
    reader = tale.lead("reader@ville.example")
    tale.story.session.add(
        Membership(dossier_id=tale.told(), account_id=reader.id, role="reader", since_at=START)
    )  # fmt: skip
    tale.officer()
    tale.story.commit()


@pytest.fixture(scope="module")
def migrated(migrated, tmp_path_factory):
    return database(migrated, tmp_path_factory, START, judged)


@pytest.fixture
def secretariat(tale, browser):
    browser.sign_in(tale.officer())
    return browser


@pytest.fixture
def file(tale):
    return f"/dossiers/{tale.told()}"


@pytest.fixture
def opened(tale, secretariat, file):
    """The city has one passage to check, and the answers are open."""
    assert secretariat.post(f"{file}/passages", {"passage": [FACT, "", " "]}).status_code == 303
    assert secretariat.post(f"/calls/{tale.call.key}/replies/open").status_code == 303
    return secretariat


def until(tale):
    return calls.definition(tale.call).windows["reply"].closes_at


def field(answer):
    return next(area["name"] for area in soup(answer).select("textarea[name^=answer-]"))


def without_reply(tale):
    """Let the call be as if it had opened without answers."""
    call = tale.call
    told = calls.definition(call)
    windows = {name: window for name, window in told.windows.items() if name != "reply"}
    call.definition = replace(told, reply=None, windows=windows).to_json()
    call.definition_sha256 = hashlib.sha256(json.dumps(call.definition).encode()).hexdigest()
    tale.story.commit()


def test_a_call_without_the_key_has_nothing_of_it(tale, secretariat, another_browser, file):
    without_reply(tale)
    another_browser.sign_in(tale.lead())
    assert secretariat.get(f"/calls/{tale.call.key}/replies").status_code == 404
    assert secretariat.post(f"/calls/{tale.call.key}/replies/open").status_code == 404
    assert secretariat.get(f"{file}/passages").status_code == 404
    assert secretariat.post(f"{file}/passages", {"passage": FACT}).status_code == 404
    for page in (secretariat.get(file), another_browser.get(file), secretariat.get(f"/calls/{tale.call.key}")):
        assert "/reply" not in page.text
        assert "/passages" not in page.text
        assert "/replies" not in page.text
    assert another_browser.get(f"{file}/reply").status_code == 404
    assert another_browser.post(f"{file}/reply").status_code == 404


def test_the_key_needs_its_window(tale):
    told = calls.definition(tale.call).to_json()
    assert parse(told).reply == ReplyRules(evaluators=False, maximum_words=200)
    del told["windows"]["reply"]
    with pytest.raises(DefinitionError) as wrong:
        parse(told)
    assert [fault.path for fault in wrong.value.faults] == [("windows",)]


@pytest.mark.parametrize(
    ("text", "said"),
    [("As Norwich says, no source is given.", "This passage names an evaluator: Norwich."),
     ("The plan got 7 / 10 for this.", "This passage tells a score: 7 / 10.")],
)  # fmt: skip
def test_no_passage_tells_a_name_or_a_score(secretariat, rows, file, text, said):
    answer = secretariat.post(f"{file}/passages", {"passage": [FACT, text]})
    assert answer.status_code == 422
    assert said in answer.text
    assert [area.text.strip() for area in soup(answer).select("textarea[name=passage]")] == [FACT, text]
    assert rows.all(sa.select(Passage)) == []


def test_the_page_that_chooses_shows_reasons_and_nobody_s_name(secretariat, file):
    page = soup(secretariat.get(f"{file}/passages"))
    assert "A sound plan with clear partners" in page.select_one("#reasons").text
    assert "Norwich" not in page.text


def test_before_the_opening_the_city_sees_nothing(tale, secretariat, another_browser, file):
    secretariat.post(f"{file}/passages", {"passage": FACT})
    another_browser.sign_in(tale.lead())
    assert another_browser.get(f"{file}/reply").status_code == 404
    assert "/reply" not in another_browser.get(file).text
    assert another_browser.post(f"{file}/reply").status_code == 404


def test_the_opening_is_the_same_for_every_city_under_examination(tale, opened, rows):
    found = rows.all(sa.select(Mail).where(Mail.template == "facts_to_check").order_by(Mail.to_address))
    assert [mail.to_address for mail in found] == ["lead@ville.example", "other@ville.example"]
    own = {"name", "city", "reference", "path"}
    assert len({json.dumps({k: v for k, v in m.context.items() if k not in own}, sort_keys=True) for m in found}) == 1
    entry = rows.one(sa.select(JournalEntry).where(JournalEntry.transition == "open_replies"))
    assert entry.payload == {"files": 2}
    assert rows.one(sa.select(Call).where(Call.id == entry.chain)).replies_opened_at == START
    again = opened.post(f"/calls/{tale.call.key}/replies/open")
    assert again.status_code == 409
    assert "The answers were opened on" in again.text


def test_a_city_s_page_tells_nothing_of_where_its_file_stands(tale, opened, another_browser, file):
    """In review or in evaluation: the same way to the same page."""
    pages = []
    for lead, name in (("lead@ville.example", None), ("other@ville.example", OTHER)):
        another_browser.sign_in(lead)
        mine = another_browser.get("/desk")
        url = soup(mine).select_one(".card__title a")["href"]
        assert name is None or name in mine.text
        page = soup(another_browser.get(url))
        pages.append([a.text.strip() for a in page.select("#part-actions a")])
        assert another_browser.get(f"{url}/reply").status_code == 200
        another_browser.post("/sign-out")
    assert pages[0] == pages[1]
    assert "Facts to check" in pages[0]


def test_a_city_without_passages_is_told_so(opened, another_browser):
    another_browser.sign_in("other@ville.example")
    url = soup(another_browser.get("/desk")).select_one(".card__title a")["href"]
    assert "there is nothing to check" in another_browser.get(f"{url}/reply").text


def test_the_answers_are_not_opened_outside_the_window(tale, secretariat, rows, clock):
    clock.at = until(tale)
    secretariat.sign_in("officer@network.example")
    answer = secretariat.post(f"/calls/{tale.call.key}/replies/open")
    assert answer.status_code == 409
    assert "Cities can answer from" in answer.text
    assert rows.all(sa.select(Mail).where(Mail.template == "facts_to_check")) == []


def test_passages_stand_once_they_were_shown(opened, rows, file):
    answer = opened.post(f"{file}/passages", {"passage": "Another."})
    assert answer.status_code == 409
    assert [p.text for p in rows.all(sa.select(Passage))] == [FACT]


def test_an_answer_is_kept_sent_once_and_frozen(tale, opened, another_browser, rows, file):
    another_browser.sign_in(tale.lead())
    name = field(another_browser.get(f"{file}/reply"))
    assert another_browser.post(f"{file}/reply", {name: "It opened in 2009."}).status_code == 303
    assert rows.all(sa.select(CityReply)) == []
    assert "It opened in 2009." in another_browser.get(f"{file}/reply").text
    assert "It opened in 2009." not in opened.get(f"{file}/reply").text  # a draft is the city's own
    assert another_browser.post(f"{file}/reply/send", {name: "It opened in 2009, in May."}).status_code == 303
    sent = rows.one(sa.select(CityReply))
    assert json.loads(sent.content) == {
        "reference": tale.dossier(tale.told()).reference,
        "passages": [{"number": 1, "passage": FACT, "answer": "It opened in 2009, in May."}],
    }
    assert hashlib.sha256(sent.content.encode()).hexdigest() == sent.sha256
    wanted = sa.select(Document).where(Document.kind == "CITY_REPLY").options(undefer(Document.context))
    document = rows.one(wanted)
    assert document.context["content_sha256"] == sent.sha256
    receipt = rows.one(sa.select(Mail).where(Mail.template == "city_reply"))
    assert (receipt.to_address, receipt.document_id) == ("lead@ville.example", document.id)
    for path in ("reply", "reply/send"):
        again = another_browser.post(f"{file}/{path}", {name: "No, 2010."})
        assert again.status_code == 409
        assert "stands as it is" in again.text
    assert [p.answer for p in rows.all(sa.select(Passage))] == ["It opened in 2009, in May."]
    assert journal.first_broken(tale.story.session, tale.told()) is None
    assert "Answered on facts in the examination" in another_browser.get(file).text


def test_the_answer_is_read_by_those_who_review_and_by_no_evaluator(tale, opened, another_browser, file):
    another_browser.sign_in(tale.lead())
    name = field(another_browser.get(f"{file}/reply"))
    another_browser.post(f"{file}/reply/send", {name: "It opened in 2009."})
    another_browser.post("/sign-out")
    assert "It opened in 2009." in opened.get(f"{file}/reply").text
    another_browser.sign_in("coordinator-1@network.example")
    assert "It opened in 2009." in another_browser.get(f"{file}/reply").text
    assert "Answer of the city" in another_browser.get(file).text
    another_browser.post("/sign-out")
    another_browser.sign_in("norwich@network.example")
    assert another_browser.get(f"{file}/reply").status_code == 404
    page = another_browser.get(file)
    assert page.status_code == 200
    assert "Answer of the city" not in page.text
    assert "/reply" not in page.text
    another_browser.post("/sign-out")
    another_browser.sign_in("other@ville.example")
    assert another_browser.get(f"{file}/reply").status_code == 404


WHO_CHOOSES = {
    "lead@ville.example": (403, 403), "norwich@network.example": (403, 403),
    "coordinator-1@network.example": (403, 403), "direction@network.example": (404, 403),
    "other@ville.example": (404, 403),
}  # fmt: skip


@pytest.mark.parametrize("who", WHO_CHOOSES)
def test_nobody_but_the_secretariat_chooses_or_opens(tale, browser, rows, file, who):
    browser.sign_in(who)
    of_file, of_call = WHO_CHOOSES[who]
    assert browser.get(f"{file}/passages").status_code == of_file
    refused = browser.post(f"{file}/passages", {"passage": FACT}).status_code
    assert refused in (of_file, 409)  # whoever sees results is refused by the act itself
    assert browser.get(f"/calls/{tale.call.key}/replies").status_code == of_call
    assert browser.post(f"/calls/{tale.call.key}/replies/open").status_code == of_call
    assert rows.all(sa.select(Passage)) == []


def test_a_withdrawn_file_has_no_answer_any_more(tale, opened, another_browser, file):
    another_browser.sign_in(tale.lead())
    version = soup(another_browser.get(file)).select_one("input[name=version]")
    sent = {"reason": "We reconsider.", **({"version": version["value"]} if version else {})}
    assert another_browser.post(f"{file}/act/withdraw", sent).status_code == 303
    assert another_browser.get(f"{file}/reply").status_code == 404
    assert another_browser.post(f"{file}/reply/send").status_code == 403
    assert opened.get(f"{file}/reply").status_code == 403


def test_a_reader_reads_and_only_the_lead_sends(tale, opened, another_browser, file):
    session = tale.story.session
    editor = tale.lead("editor@ville.example")
    session.add(Membership(dossier_id=tale.told(), account_id=editor.id, role="editor", since_at=START))
    limited = tale.lead("limited@ville.example")
    session.add(
        Membership(dossier_id=tale.told(), account_id=limited.id, role="editor", since_at=START, sections=["city"])
    )
    tale.story.commit()
    statuses = {}
    for who in ("reader", "editor", "limited"):
        another_browser.sign_in(f"{who}@ville.example")
        statuses[who] = [
            another_browser.get(f"{file}/reply").status_code, another_browser.post(f"{file}/reply").status_code,
            another_browser.post(f"{file}/reply/send").status_code,
        ]  # fmt: skip
        another_browser.post("/sign-out")
    assert statuses == {"reader": [200, 403, 403], "editor": [200, 303, 409], "limited": [200, 409, 409]}


def test_the_window_ends_at_its_instant(tale, opened, another_browser, rows, clock, file):
    another_browser.sign_in(tale.lead())
    name = field(another_browser.get(f"{file}/reply"))
    another_browser.post(f"{file}/reply", {name: "A draft."})
    clock.at = until(tale)
    another_browser.sign_in("lead@ville.example")
    answer = another_browser.post(f"{file}/reply/send", {name: "Too late."})
    assert answer.status_code == 409
    assert "The time to answer ended on" in answer.text
    page = soup(another_browser.get(f"{file}/reply"))
    assert page.select_one("form.form") is None
    assert "A draft." in page.text
    assert "No answer was sent" in page.text
    assert rows.all(sa.select(CityReply)) == []
    clock.at = until(tale) - timedelta(seconds=1)
    assert another_browser.post(f"{file}/reply/send", {name: "In time."}).status_code == 303


def test_an_answer_that_is_too_long_is_refused_and_not_lost(tale, opened, another_browser, rows, file):
    another_browser.sign_in(tale.lead())
    name, text = field(another_browser.get(f"{file}/reply")), "word " * 201
    answer = another_browser.post(f"{file}/reply", {name: text})
    assert answer.status_code == 422
    assert "At most 200 words." in answer.text
    assert soup(answer).select_one(f"textarea[name={name}]").text.strip() == text.strip()
    assert rows.one(sa.select(Passage)).answer == ""
