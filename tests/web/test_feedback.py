"""The page of the feedback to a city, what its city reads after publication, and the page of a member city."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from rvc_portal.domain.vocabulary import CallStatus
from rvc_portal.models.feedback import Feedback
from rvc_portal.models.seat import Member, Seat
from rvc_portal.services import decision, submission
from tests.judging import REASON, database
from tests.web.browsing import START, soup

TEXTS = {"assets-strengths_en": "A living scene.", "assets-strengths_fr": "Une scène vivante."}


def judged(tale):
    tale.in_review()
    tale.sitting()
    tale.direction()
    tale.officer()


@pytest.fixture(scope="module")
def migrated(migrated, tmp_path_factory):
    return database(migrated, tmp_path_factory, START, judged)


@pytest.fixture
def dossier_id(tale):
    return tale.told()


@pytest.fixture
def url(dossier_id):
    return f"/dossiers/{dossier_id}/feedback"


def published(tale, dossier_id, designated=True):
    story, dossier = tale.story, tale.dossier(dossier_id)
    story.advise(dossier, tale.group()[0], designated, START)
    story.put_forward(tale.call, tale.officer(), START)
    story.decide(dossier, tale.direction(), designated, START)
    tale.letters_stored()
    decision.publish(story.session, tale.call, actor=story.actor(tale.officer(), START), now=START)
    story.commit()


def test_a_member_of_the_group_writes_and_the_other_reads_it(tale, browser, another_browser, rows, url):
    browser.sign_in(tale.group()[0].account)
    page = soup(browser.get(url))
    assert REASON in page.select_one("#criterion-assets").text
    assert len(page.select("textarea")) == 2 * 2 * len(page.select("fieldset"))
    assert browser.post(url, TEXTS).headers["Location"] == url
    assert rows.one(sa.select(Feedback)).strengths_fr == "Une scène vivante."
    another_browser.sign_in(tale.officer())
    assert "Une scène vivante." in another_browser.get(url).text
    assert soup(another_browser.get(url)).select_one("input[name=assets-seen]")["value"] == "1"


def test_the_page_of_the_file_leads_to_it(tale, browser, url, dossier_id):
    browser.sign_in(tale.officer())
    assert soup(browser.get(f"/dossiers/{dossier_id}")).select_one(f'a[href="{url}"]')


def test_a_draft_fills_what_is_empty_and_keeps_nothing(tale, browser, rows, url):
    browser.sign_in(tale.officer())
    answer = browser.post(url, TEXTS | {"local_plan-strengths_en": "", "local_plan-strengths_fr": "", "draft": "1"})
    page = soup(answer)
    assert answer.status_code == 200
    assert page.select_one("#assets-strengths_en").text.strip() == "A living scene."
    assert page.select_one("#local_plan-strengths_fr").text.strip() == REASON
    assert "not saved yet" in page.text
    assert rows.all(sa.select(Feedback)) == []


def test_what_may_tell_an_evaluator_waits_for_a_tick(tale, browser, rows, url):
    browser.sign_in(tale.officer())
    sent = TEXTS | {"assets-weaknesses_en": "Less than Granada.", "assets-weaknesses_fr": "Moins."}
    answer = browser.post(url, sent)
    page = soup(answer)
    assert answer.status_code == 422
    assert [a["href"] for a in page.select(".error-summary a")] == ["#assets-weaknesses_en", "#sure"]
    assert page.select_one("#assets-weaknesses_en").text.strip() == "Less than Granada."
    assert rows.all(sa.select(Feedback)) == []
    assert browser.post(url, sent | {"sure": "1"}).status_code == 303
    assert rows.one(sa.select(Feedback)).weaknesses_en == "Less than Granada."


def test_a_name_is_never_kept(tale, browser, rows, url):
    browser.sign_in(tale.officer())
    answer = browser.post(url, TEXTS | {"assets-strengths_en": "Expert 1 liked it.", "sure": "1"})
    assert answer.status_code == 422
    assert "This names an evaluator: Expert 1." in answer.text
    assert rows.all(sa.select(Feedback)) == []


def test_who_came_second_sees_both_texts_and_loses_nothing(tale, browser, another_browser, rows, url):
    another_browser.sign_in(tale.group()[0].account)
    browser.sign_in(tale.officer())
    another_browser.post(url, TEXTS)
    answer = browser.post(url, {"assets-strengths_en": "Mine.", "assets-strengths_fr": "Le mien.", "assets-seen": "0"})
    page = soup(answer)
    assert answer.status_code == 409
    assert page.select_one("#assets-strengths_en").text.strip() == "Mine."
    assert "A living scene." in page.select_one("#criterion-assets").text
    assert rows.one(sa.select(Feedback)).strengths_en == "A living scene."


def test_numbers_that_are_none_do_no_harm(tale, browser, rows, url):
    browser.sign_in(tale.officer())
    assert browser.post(url, TEXTS | {"assets-seen": "many", "nothing-strengths_en": "x"}).status_code == 303
    assert [row.criterion for row in rows.all(sa.select(Feedback))] == ["assets"]


def test_what_is_sealed_is_shown_and_has_no_field(tale, browser, another_browser, url, dossier_id):
    browser.sign_in(tale.officer())
    browser.post(url, TEXTS)
    tale.story.advise(tale.dossier(dossier_id), tale.group()[0], True, START)
    page = soup(browser.get(url))
    assert page.select_one("#assets-strengths_en") is None
    assert page.select_one("#local_plan-strengths_en") is not None
    assert "A living scene." in page.text
    another_browser.sign_in(tale.direction())
    tale.story.put_forward(tale.call, tale.officer(), START)
    assert "A living scene." in another_browser.get(f"/dossiers/{dossier_id}/decision").text


@pytest.mark.parametrize("designated", [True, False])
def test_the_city_reads_it_once_it_is_published_and_not_before(
    tale, browser, another_browser, url, dossier_id, designated
):
    another_browser.sign_in(tale.officer())
    another_browser.post(url, TEXTS)
    browser.sign_in(tale.lead())
    assert "living scene" not in browser.get(f"/dossiers/{dossier_id}").text
    assert browser.get(url).status_code == 403
    published(tale, dossier_id, designated)
    page = soup(browser.get(f"/dossiers/{dossier_id}"))
    assert "A living scene." in page.select_one("#feedback").text


# --- the new member ---


def test_the_new_member_has_its_page_and_its_desk(tale, browser, rows, dossier_id):
    browser.sign_in(tale.lead())
    assert "is a member of the Network" not in browser.get("/desk").text
    published(tale, dossier_id)
    member, seat = rows.one(sa.select(Member)), rows.one(sa.select(Seat).where(Seat.member_id.is_not(None)))
    desk = soup(browser.get("/desk"))
    links = {a["href"] for a in desk.select("a[href]")}
    assert {f"/members/{member.id}", f"/evaluators/me/{seat.id}", "/interests", "/elections"} <= links
    for link in (f"/members/{member.id}", f"/evaluators/me/{seat.id}", "/interests", "/elections"):
        assert browser.get(link).status_code == 200
    own = soup(browser.get(f"/members/{member.id}")).select_one("#own")
    assert "lead@ville.example" in own.select_one("#persons").text
    assert own.select_one(f"a[href='/evaluators/me/{seat.id}']")
    assert own.select_one(f"a[href='/dossiers/{dossier_id}']")
    assert member.city in soup(browser.get("/members")).select_one("#members").text


def test_the_page_of_a_member_is_everybodys_and_names_nobody(tale, browser, rows, dossier_id):
    published(tale, dossier_id)
    member = rows.one(sa.select(Member))
    answer = browser.get(f"/members/{member.id}")
    assert answer.status_code == 200
    assert tale.lead().name not in answer.text
    assert f"/calls/{tale.call.key}" in answer.text
    assert browser.get(f"/members/{dossier_id}").status_code == 404
    assert "no dot on the map yet" in browser.get("/members").text


def test_the_secretariat_gives_it_its_dot(tale, browser, another_browser, rows, dossier_id):
    published(tale, dossier_id)
    member = rows.one(sa.select(Member))
    place = f"/members/{member.id}/place"
    another_browser.sign_in(tale.lead())
    assert another_browser.post(place, {"latitude": "45", "longitude": "4"}).status_code == 403
    browser.sign_in(tale.officer())
    for wrong in (
        {"latitude": "95", "longitude": "4"},
        {"latitude": "north", "longitude": "4"},
        {"latitude": "nan", "longitude": "4"},
        {},
    ):
        assert browser.post(place, wrong).status_code == 422
    assert (
        browser.post(place, {"latitude": "45.76", "longitude": "4.84"}).headers["Location"] == f"/members/{member.id}"
    )
    found = rows.one(sa.select(Member))
    assert (found.latitude, found.longitude) == (45.76, 4.84)
    assert soup(browser.get(f"/members/{member.id}")).select_one("circle")


# --- a decision that cannot be taken ---


def test_a_decision_on_a_file_that_was_withdrawn_is_refused_in_words(tale, browser, another_browser, dossier_id):
    story, dossier = tale.story, tale.dossier(dossier_id)
    story.advise(dossier, tale.group()[0], True, START)
    story.put_forward(tale.call, tale.officer(), START)
    browser.sign_in(tale.direction())
    assert browser.get(f"/dossiers/{dossier_id}/decision").status_code == 200
    submission.withdraw(
        story.session,
        dossier,
        actor=story.actor(tale.lead(), START),
        now=START + timedelta(minutes=1),
        reason="Not now.",
    )
    story.commit()
    sent = {"outcome": "designate", "reason_en": "x", "reason_fr": "y", "code": "000000"}
    for answer in (
        browser.get(f"/dossiers/{dossier_id}/decision"),
        browser.post(f"/dossiers/{dossier_id}/decision", sent),
    ):
        assert answer.status_code == 409
        assert "withdrew its file on" in answer.text
    another_browser.sign_in(tale.lead("other@ville.example"))
    assert another_browser.get(f"/dossiers/{dossier_id}/decision").status_code == 404
    assert tale.call.status == CallStatus.OPEN


def test_a_file_withdrawn_before_any_slate_is_nothing_to_the_direction(tale, browser, dossier_id):
    story, dossier = tale.story, tale.dossier(dossier_id)
    submission.withdraw(story.session, dossier, actor=story.actor(tale.lead(), START), now=START, reason="Not now.")
    story.commit()
    browser.sign_in(tale.direction())
    assert browser.get(f"/dossiers/{dossier_id}/decision").status_code == 404
