"""The second half of a sign-in: whoever has a second factor shows its code, and before that has no right at all."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from rvc_portal.domain.vocabulary import Role
from rvc_portal.gateways import network, one_time_codes
from rvc_portal.models.account import SignInSession
from rvc_portal.models.decision import Decision
from rvc_portal.models.job import Mail
from rvc_portal.models.second_factor import RecoveryCode, SecondFactor
from rvc_portal.services.second_factor import _digest
from rvc_portal.web.throttle import PER_PAIR
from tests.judging import database
from tests.stories import PASSWORD
from tests.web.browsing import START, soup

CODE, DESK = "/second-factor/sign-in", "/desk"
WITHIN = timedelta(minutes=network.minutes("sign_in_code"))
REASONS = {"outcome": "designate", "reason_en": "A strong and honest plan.", "reason_fr": "Un plan solide et honnête."}


@pytest.fixture(scope="module")
def migrated(migrated, tmp_path_factory):
    return database(migrated, tmp_path_factory, START, lambda tale: tale.on_slate())


@pytest.fixture
def code(tale):
    """What the officer's app shows."""
    return tale.code(tale.officer())


def half(browser, account, going_on="/account?x=1"):
    """The password is right; the page of the code."""
    sent = {"email": account.email, "password": PASSWORD, "next": going_on}
    answer = browser.post("/sign-in", sent)
    assert answer.status_code == 303
    return answer.headers["Location"]


def is_out(browser):
    return browser.get("/account").headers.get("Location", "").startswith(f"{CODE}?next=")


def test_the_password_alone_gives_no_right_and_the_code_leads_on(tale, browser, code):
    page = half(browser, tale.officer())
    assert page == f"{CODE}?next=/account?x%3D1"
    shown = soup(browser.get(page))
    assert shown.select_one("#code")["autocomplete"] == "one-time-code"
    assert tale.officer().name not in shown.text
    for url in ("/account", DESK, "/evaluators", "/second-factor"):
        assert browser.get(url).headers["Location"] == f"{CODE}?next={url}"
    assert browser.get("/session").get_json()["account"] is None
    assert browser.post("/account", {"name": "Somebody else", "language": "en"}).status_code == 303
    going_on = shown.select_one("main input[name=next]")["value"]
    assert browser.post(CODE, {"code": code, "next": going_on}).headers["Location"] == "/account?x=1"
    assert tale.officer().name in browser.get("/account").text
    assert tale.officer().name == "Inès Lambert"


def test_who_has_none_signs_in_as_before(tale, browser):
    assert browser.sign_in(tale.lead()).headers["Location"] == DESK
    assert browser.get(CODE).headers["Location"] == DESK


def test_nobody_gets_the_page_of_the_code_without_the_password(browser):
    assert browser.get(f"{CODE}?next=/account").headers["Location"] == "/sign-in?next=/account"
    assert browser.post(CODE, {"code": "123456"}).headers["Location"] == "/sign-in"


def test_the_code_leads_to_no_other_site(tale, browser, code):
    half(browser, tale.officer(), "")
    assert browser.post(CODE, {"code": code, "next": "//evil.example"}).headers["Location"] == DESK


def test_an_empty_and_a_wrong_code_are_told_and_counted(tale, browser, another_browser, code, clock):
    half(browser, tale.officer())
    answer = browser.post(CODE, {"code": " ", "next": "/account"})
    assert answer.status_code == 422
    assert soup(answer).select_one(".error-summary a")["href"] == "#code"
    assert soup(answer).select_one("main input[name=next]")["value"] == "/account"
    wrong = "111111" if code != "111111" else "222222"
    for _ in range(PER_PAIR.attempts):
        assert "This code is not right" in browser.post(CODE, {"code": wrong}).text
    assert "Too many wrong codes" in browser.post(CODE, {"code": code}).text
    half(another_browser, tale.officer())  # not by beginning anew either
    assert "Too many wrong codes" in another_browser.post(CODE, {"code": code}).text
    assert is_out(browser)


def test_a_code_is_never_taken_again_neither_to_sign_in_nor_to_act(tale, browser, another_browser, rows):
    code = tale.code(tale.direction())
    half(browser, tale.direction())
    assert browser.post(CODE, {"code": code}).status_code == 303
    half(another_browser, tale.direction())
    assert another_browser.post(CODE, {"code": code}).status_code == 422
    url = f"/dossiers/{tale.told()}/decision"
    assert browser.post(url, REASONS).status_code == 422  # asked again, however short ago the sign-in was
    assert browser.post(url, {"code": code, **REASONS}).status_code == 422
    assert rows.all(sa.select(Decision)) == []
    assert browser.post(url, {"code": tale.code(tale.direction()), **REASONS}).status_code == 303


@pytest.mark.parametrize(("late", "status"), [(-31, 422), (-30, 303), (30, 303), (60, 422)])
def test_a_clock_may_be_half_a_minute_wrong(tale, browser, clock, code, late, status):
    clock.forward(timedelta(seconds=late))
    half(browser, tale.officer())
    assert browser.post(CODE, {"code": code}).status_code == status


def test_a_recovery_code_signs_in_once_and_its_owner_is_told(tale, browser, another_browser, rows, code):
    with tale.story.session.begin_nested():
        kept = RecoveryCode(account_id=tale.officer().id, digest=_digest(tale.officer(), "ABCD-EFGH-JKMN-PQRS"))
        tale.story.session.add(kept)
    tale.story.commit()
    half(browser, tale.officer())
    assert browser.post(CODE, {"code": "abcd efgh jkmn pqrs"}).status_code == 303
    mail = rows.one(sa.select(Mail).where(Mail.template == "second_factor"))
    assert (mail.to_address, mail.context["act"]) == (tale.officer().email, "use_recovery_code")
    half(another_browser, tale.officer())
    assert another_browser.post(CODE, {"code": "ABCD-EFGH-JKMN-PQRS"}).status_code == 422


def test_the_half_ends_after_a_while_and_says_so(tale, browser, clock):
    tale.code(tale.officer())
    page = half(browser, tale.officer())
    token = browser.token()
    clock.forward(WITHIN)
    tale.now = clock.at
    late = browser.client.post(CODE, data={"csrf_token": token, "code": tale.code(tale.officer())})
    assert late.status_code == 400
    assert "session has ended" in late.text
    half(browser, tale.officer())
    clock.forward(WITHIN)
    answer = browser.get(page)
    assert answer.headers["Location"] == "/sign-in?next=/account?x%3D1"
    assert "The time to show the code is over" in browser.get(answer.headers["Location"]).text


def test_back_to_the_password_and_begun_again_as_somebody_else(tale, browser, rows, code):
    half(browser, tale.officer())
    assert soup(browser.get("/sign-in")).select_one("#password")
    assert browser.post("/sign-in", {"email": tale.officer().email, "password": "not it"}).status_code == 422
    half(browser, tale.officer())
    first, second = rows.all(sa.select(SignInSession).order_by(SignInSession.ended_at.is_(None)))
    assert first.ended_at == START
    assert second.ended_at is None
    assert browser.sign_in(tale.lead()).headers["Location"] == DESK
    assert tale.lead().name in browser.get("/account").text


def test_another_tab_that_still_shows_the_page_goes_on(tale, browser, code):
    half(browser, tale.officer())
    assert browser.post(CODE, {"code": code}).status_code == 303
    assert browser.get("/sign-in?next=/calls").status_code == 302
    assert browser.get(f"{CODE}?next=/calls").headers["Location"] == "/calls"
    assert browser.post(CODE, {"code": "000000", "next": "/calls"}).headers["Location"] == "/calls"


def test_the_page_speaks_the_language_of_who_signs_in(tale, browser, rows, code):
    rows.change("UPDATE account SET language = 'fr'")
    page = half(browser, tale.officer())
    assert '<html lang="fr"' in browser.get(page).text


def test_a_page_that_outlived_its_session_learns_where_the_code_is_asked(tale, browser, code):
    half(browser, tale.officer())
    assert browser.get("/session").get_json()["code"] == CODE
    browser.post(CODE, {"code": code})
    state = browser.get("/session").get_json()
    assert (state["account"], state["code"]) == (str(tale.officer().id), None)


def test_whoever_sets_one_up_is_out_everywhere_else(tale, browser, another_browser, rows):
    for each in (browser, another_browser):
        each.sign_in(tale.officer())
    browser.post("/second-factor/begin")
    hint = browser.get("/second-factor/enrol")
    letters = soup(hint).select_one("p.ident").text
    key = browser.client.application.extensions["rvc"].settings.secret_key
    code = one_time_codes.code(key, one_time_codes.new_secret(key, letters), START)
    assert browser.post("/second-factor/enrol", {"code": code, "password": PASSWORD}).status_code == 200
    assert browser.get("/account").status_code == 200
    assert another_browser.get("/account").headers["Location"].startswith("/sign-in")


def test_a_role_that_needs_one_leads_to_it_and_nowhere_else(tale, browser, rows):
    tale.direction()
    tale.story.session.rollback()
    rows.change("DELETE FROM second_factor")
    assert browser.sign_in(tale.direction()).headers["Location"] == DESK
    own = "/second-factor?next="
    for url in (DESK, f"/dossiers/{tale.told()}/decision", "/calls/none/decisions"):
        assert browser.get(url).headers["Location"] == own + url
    assert browser.post(f"/dossiers/{tale.told()}/decision", REASONS).status_code == 303
    assert rows.all(sa.select(Decision)) == []
    assert browser.get(DESK, htmx=True).headers["HX-Redirect"].startswith("/second-factor")
    page = soup(browser.get(own + DESK))
    assert "Your role needs a second factor" in page.text
    assert page.select_one("main input[name=next]")["value"] == DESK
    answer = browser.post("/second-factor/begin", {"next": DESK})
    assert answer.headers["Location"] == f"/second-factor/enrol?next={DESK}"
    assert soup(browser.get(answer.headers["Location"])).select_one("main input[name=next]")["value"] == DESK
    assert browser.get("/account").status_code == 200
    assert rows.one(sa.select(SecondFactor)).secret is None


def test_which_roles_need_one_is_said_by_the_data():
    assert network.second_factor_required() == (Role.DIRECTION,)
