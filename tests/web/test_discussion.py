"""The discussion of a dossier: who reads, who writes, as what; in words; and what a mail of it tells."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from rvc_portal.models.conflict import Conflict
from rvc_portal.models.discussion import Thread, ThreadMessage
from rvc_portal.models.evaluation import Evaluation
from rvc_portal.models.job import Mail
from rvc_portal.services import mailing
from tests.judging import Judging, database
from tests.web.browsing import START, Browser, soup

SAID = "The budget hangs on one donor."


class Blindly(Judging):
    """The call hides names among evaluators."""

    def __init__(self, app, now):
        super().__init__(app, now, blind="evaluators")


def judged(tale):
    """Norwich, Granada and Expert 1 have closed their sheets, Dublin has not."""
    dossier_id = tale.admitted()
    asked = tale.asked(dossier_id)
    for name in ("Norwich", "Granada", "Expert 1"):
        tale.closed(asked[name])
    tale.scored(asked["Dublin"])
    tale.group()


@pytest.fixture(scope="module")
def migrated(migrated, tmp_path_factory):
    return database(migrated, tmp_path_factory, START, judged, Blindly)


@pytest.fixture
def url(tale):
    return f"/dossiers/{tale.told()}/discussion"


@pytest.fixture
def enter(app):
    """A browser in which the person of this name has signed in."""

    def entered(name):
        browser = Browser(app.test_client())
        assert browser.sign_in(f"{name.lower().replace(' ', '-')}@network.example").status_code == 302
        return browser

    return entered


def begin(browser, url, audience="internal", **more):
    sent = {"title": "Money", "audience": audience, "text": SAID, "language": "en", **more}
    return browser.post(url, sent)


def told(browser, url):
    return soup(browser.get(url))


def test_a_thread_is_read_by_its_audience_under_its_number(tale, url, enter, rows):
    assert begin(enter("Norwich"), url).status_code == 303
    page = told(enter("Granada"), url)
    box = page.select_one(".thread")
    assert "Read by: the evaluators of this file who have closed their sheets, and the Secretariat." in box.text
    assert SAID in box.text
    assert "Norwich" not in page.text
    assert "Member" in box.select_one(".thread__by").text
    page = told(enter("officer"), url)
    assert "Norwich (Member" in page.select_one(".thread__by").text


def test_the_own_sheet_comes_first_and_a_sheet_opened_again_shuts_out(tale, url, enter, rows):
    begin(enter("Norwich"), url)
    page = told(enter("Dublin"), url)
    assert "once your own sheet is closed" in page.text
    assert SAID not in page.text
    assert begin(enter("Dublin"), url).status_code == 409
    assert len(rows.all(sa.select(Thread))) == 1
    granada = tale.assignments(tale.told())["Granada"]
    sheet = tale.story.session.scalars(sa.select(Evaluation).where(Evaluation.assignment_id == granada)).one()
    sheet.closed_at = None
    tale.story.commit()
    page = told(enter("Granada"), url)
    assert SAID not in page.text


def test_what_is_for_the_secretariat_alone_is_read_by_no_other_evaluator(tale, url, enter, rows):
    begin(enter("Norwich"), url, "secretariat")
    thread = rows.one(sa.select(Thread))
    granada = enter("Granada")
    assert SAID not in granada.get(url).text
    assert granada.post(f"{url}/{thread.id}", {"text": "Me too"}).status_code == 404
    assert SAID in enter("officer").get(url).text
    assert SAID in enter("Norwich").get(url).text


def test_a_conflict_takes_it_all_away(tale, url, enter):
    begin(enter("Norwich"), url)
    granada = next(p.seat for p in tale.evaluators() if p.seat.name == "Granada")
    tale.story.session.add(
        Conflict(dossier_id=tale.told(), seat_id=granada.id, rule="declared", reason="Kin", since_at=START)
    )
    tale.story.commit()
    assert enter("Granada").get(url).status_code == 404


def test_a_mail_tells_every_other_reader_and_not_what_was_said(tale, url, enter, rows):
    tale.officer()
    begin(enter("Norwich"), url)
    mails = rows.all(sa.select(Mail).where(Mail.template == "discussion"))
    expected = {"expert-1@network.example", "granada@network.example", "officer@network.example"}
    assert {mail.to_address for mail in mails} == expected
    for mail in mails:
        text = str(mailing.message(mail, "https://portal.example"))
        assert "Money" not in text
        assert SAID not in text
        assert "Norwich" not in text


def test_htmx_gets_the_thread_back_and_bad_input_is_said_where_it_is(tale, url, enter, rows):
    begin(enter("Norwich"), url)
    thread = rows.one(sa.select(Thread))
    browser = enter("Granada")
    got = browser.post(f"{url}/{thread.id}", {"text": "Two donors.", "language": "fr"}, htmx=True)
    assert got.text.lstrip().startswith(f'<section class="thread" id="thread-{thread.id}"')
    assert [m.language for m in rows.all(sa.select(ThreadMessage).order_by(ThreadMessage.at))] == ["en", "fr"]
    for text, reason in (("  \n ", "Write what you want to say."), ("x" * 5001, "Use at most 5000 characters.")):
        wrong = browser.post(f"{url}/{thread.id}", {"text": text}, htmx=True)
        assert wrong.status_code == 422
        assert reason in soup(wrong).select_one(f"#text-{thread.id}-error").text
    wrong = begin(browser, url, "everybody", title=" ")
    assert wrong.status_code == 422
    assert SAID in soup(wrong).select_one("#text").text
    assert {a["href"] for a in soup(wrong).select(".error-summary a")} == {"#title", "#audience"}
    assert len(rows.all(sa.select(ThreadMessage))) == 2


def test_an_own_message_is_withdrawn_and_stays_told(tale, url, enter, rows):
    begin(enter("Norwich"), url)
    message = rows.one(sa.select(ThreadMessage))
    address = f"{url}/{message.thread_id}/messages/{message.id}/withdraw"
    assert enter("Granada").post(address).status_code == 404
    assert enter("Norwich").post(address).status_code == 303
    page = told(enter("Granada"), url)
    assert SAID not in page.text
    assert "Withdrawn by its author" in page.text


def test_before_the_steering_group_only_what_it_reads_goes_on(tale, url, enter, rows, clock):
    begin(enter("Norwich"), url)
    begin(enter("Norwich"), url, "steering", title="For the group", text="Look at page three.")
    coordinator = enter("Coordinator 1")
    assert coordinator.get(url).status_code == 404
    tale.dossier(tale.told()).state = "in_review"
    tale.story.commit()
    page = told(enter("Coordinator 1"), url)
    assert "Look at page three." in page.text
    assert SAID not in page.text
    internal, public = rows.all(sa.select(Thread).order_by(Thread.title.desc()))
    clock.forward(timedelta(minutes=1))
    assert enter("Norwich").post(f"{url}/{internal.id}", {"text": "More"}).status_code == 409
    assert enter("Coordinator 1").post(f"{url}/{public.id}", {"text": "Thank you"}).status_code == 303
    assert "Coordinator 1, person, Steering Group" in enter("Norwich").get(url).text


def test_when_the_evaluation_is_over_it_is_read_and_takes_no_more(tale, url, enter, rows):
    begin(enter("Norwich"), url)
    tale.dossier(tale.told()).state = "awaiting_decision"
    tale.story.commit()
    browser = enter("Norwich")
    page = told(browser, url)
    assert SAID in page.text
    assert page.select("main form") == []
    refused = begin(browser, url)
    assert refused.status_code == 409
    assert "takes no more" in refused.text
    assert len(rows.all(sa.select(Thread))) == 1
