"""What a call asks before a file is opened, and how many places it has: to be read before anybody begins."""

from dataclasses import replace

import pytest

from rvc_portal.demonstration import running
from rvc_portal.demonstration.cast import nobody
from rvc_portal.services import calls
from tests.stories import ELIGIBLE, town
from tests.web.browsing import START, soup


def url(tale, page=""):
    return f"/calls/{tale.call.key}{page}"


def test_the_questions_come_first_and_without_an_account(tale, browser):
    (button,) = soup(browser.get(url(tale))).select("main a.button--primary")
    page = soup(browser.get(button["href"]))
    assert {field["name"] for field in page.select("main input[type=radio]")} == set(ELIGIBLE)
    assert not page.select("main input[checked], .error-summary")


def test_good_answers_travel_to_the_form_by_the_address(tale, browser):
    answer = browser.get(url(tale, "/eligibility"), query_string=ELIGIBLE)
    assert answer.status_code == 303
    browser.sign_in(tale.lead())
    page = soup(browser.get(answer.headers["Location"]))
    assert len(page.select("#part-form input[name^=asked-]")) == len(ELIGIBLE)


def test_an_answer_that_the_call_does_not_take_says_why_and_one_that_lacks_is_asked_for(tale, browser):
    sent = {**ELIGIBLE, "asked-member": "yes"}
    del sent["asked-letters"]
    answer = browser.get(url(tale, "/eligibility"), query_string=sent)
    assert answer.status_code == 422
    page = soup(answer)
    assert "does not apply again" in page.select_one(".notice--bad").text
    assert [link["href"] for link in page.select(".error-summary a")] == ["#asked-letters"]
    checked = {field["name"]: field["value"] for field in page.select("input[checked]")}
    assert checked == {"asked-mandate": "yes", "asked-member": "yes"}


def test_the_form_sends_back_whoever_has_not_answered(tale, browser):
    browser.sign_in(tale.lead())
    answer = browser.get(url(tale, "/apply"), query_string={"asked-mandate": "yes"})
    assert answer.headers["Location"].endswith("/eligibility?asked-mandate=yes")
    opening = {"city": "Éauze", "country": "FR", "field": "music", "language": "fr", "asked-member": "yes"}
    answer = browser.post(url(tale, "/apply"), opening)
    assert answer.status_code == 409
    assert "Answer first" in answer.text


def test_a_call_that_asks_nothing_goes_straight_to_the_form(tale, browser):
    other = replace(running.definition(START), key="another", eligibility=())
    calls.open_call(tale.story.session, other, actor=nobody(), now=other.filing.opens_at)
    tale.story.commit()
    browser.sign_in(tale.lead())
    answer = browser.get("/calls/another/eligibility")
    assert answer.headers["Location"] == "/calls/another/apply"
    assert browser.get("/calls/another/apply").status_code == 200


@pytest.fixture
def limited(tale):
    """A call of two files for a country, one in each field: Éauze holds one of them, in literature."""
    told = replace(running.definition(START), key="limited", country_limit=2, field_limit=1)
    tale.call = calls.open_call(tale.story.session, told, actor=nobody(), now=told.filing.opens_at)
    tale.story.commit()
    tale.submitted(town("Éauze"))
    return tale


def places(limited, browser, **chosen):
    return soup(browser.get(url(limited, "/places"), query_string=chosen, htmx=True))


def test_who_holds_the_places_stands_on_the_calls_page(limited, browser):
    (row,) = soup(browser.get(url(limited))).select("#who tbody tr")
    assert [cell.text.strip() for cell in row.select("th, td")] == ["France", "1 of 2", "Éauze (Literature)"]


def test_a_country_and_a_field_are_told_how_they_stand(limited, browser):
    assert "1 of 2" in places(limited, browser, country="FR").text
    assert "Éauze" in places(limited, browser, country="FR", field="literature").select_one(".notice--warn").text
    assert not places(limited, browser, country="FR", field="music").select(".notice--warn")
    limited.submitted(town("Auch"), field="music")
    full = places(limited, browser, country="FR", field="film").select_one(".notice--warn").text
    assert "Auch" in full
    assert "Éauze" in full
    assert "0 of 2" in places(limited, browser, country="SN").text
    assert not places(limited, browser, country="XX").text.strip()


def test_names_are_kept_where_the_call_does_not_tell_them(limited, browser):
    told = replace(running.definition(START), key="silent", country_limit=1, tell_holders=False)
    limited.call = calls.open_call(limited.story.session, told, actor=nobody(), now=told.filing.opens_at)
    limited.story.commit()
    limited.submitted(town("Éauze"))
    assert "Éauze" not in browser.get(url(limited)).text
    part = places(limited, browser, country="FR")
    assert part.select(".notice--warn")
    assert "Éauze" not in part.text


def test_the_task_list_says_that_the_place_is_gone_and_only_submission_is_barred(limited, browser):
    dossier_id = limited.ready(town("Condom"))
    browser.sign_in(limited.lead())
    page = soup(browser.get(f"/dossiers/{dossier_id}/sections"))
    assert "Éauze" in page.select_one(".standing + .notice--warn, .deadline + .notice--warn").text
    assert "in this creative field are taken" in page.select_one("#submission").text
    assert browser.get(f"/dossiers/{dossier_id}/sections/1").status_code == 200
