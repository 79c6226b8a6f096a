"""Signing in and out, sessions that end, attempts that are counted, passwords that are recovered."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup

from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.account import Account, SignInAttempt, SignInSession
from rvc_portal.models.job import Mail
from rvc_portal.web.session import IDLE, LONGEST
from rvc_portal.web.throttle import PER_ACCOUNT, PER_ADDRESS, PER_PAIR
from tests.web.browsing import PASSWORD, Browser, Clock


def summary(response):
    return [
        a.get_text(" ", strip=True) for a in BeautifulSoup(response.text, "html.parser").select(".error-summary li")
    ]


def test_a_person_signs_in_and_sees_their_name(browser, make_account):
    account = make_account(name="Amélie de Saint-Jean-Pied-de-Port-sur-la-Rivière-du-Nord")
    answer = browser.sign_in(account)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/desk"
    assert account.name in browser.get("/account").text


def test_the_page_asked_for_comes_after_the_sign_in(browser, make_account):
    asked = browser.get("/account?x=1")
    assert asked.headers["Location"] == "/sign-in?next=/account?x%3D1"
    form = BeautifulSoup(browser.get(asked.headers["Location"]).text, "html.parser")
    going_on = form.select_one("main input[name=next]")["value"]
    answer = browser.post("/sign-in", {"email": make_account().email, "password": PASSWORD, "next": going_on})
    assert answer.headers["Location"] == "/account?x=1"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "\\\\evil.example", "javascript:alert(1)"]
)
def test_the_sign_in_leads_to_no_other_site(browser, make_account, elsewhere):
    answer = browser.post("/sign-in", {"email": make_account().email, "password": PASSWORD, "next": elsewhere})
    leads_to = urlsplit(urljoin("http://localhost/sign-in", answer.headers.get("Location", "")))
    assert (leads_to.scheme, leads_to.netloc) == ("http", "localhost")


def test_the_address_is_taken_in_any_case(browser, make_account):
    make_account("amelie@ville.example")
    assert browser.sign_in("  AMELIE@Ville.example ").status_code == 302


def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(browser, another_browser, make_account):
    account = make_account()
    wrong = browser.sign_in(account, "something else")
    unknown = another_browser.post("/sign-in", {"email": "nobody@ville.example", "password": "something else"})
    assert wrong.status_code == unknown.status_code == 422
    assert summary(wrong) == summary(unknown) == ["The email address or the password is not right."]
    assert account.email in wrong.text  # what was typed is still there


def test_a_closed_account_gets_the_same_answer_too(browser, make_account, rows):
    account = make_account()
    rows.change("UPDATE account SET active = false")
    answer = browser.sign_in(account)
    assert answer.status_code == 422
    assert summary(answer) == ["The email address or the password is not right."]


def test_blank_fields_are_named_and_linked(browser):
    answer = browser.post("/sign-in", {"email": "", "password": ""})
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "html.parser")
    links = [a["href"] for a in page.select(".error-summary a")]
    assert links == ["#email", "#password"]
    assert all(page.select_one(link) for link in links)


def test_signing_out_ends_the_session_for_every_copy_of_the_cookie(browser, another_browser, make_account, rows):
    browser.sign_in(make_account())
    another_browser.client.set_cookie("rvc_session", browser.client.get_cookie("rvc_session").value)
    assert another_browser.get("/account").status_code == 200
    assert browser.post("/sign-out").status_code == 302
    assert another_browser.get("/account").status_code == 303
    assert rows.one(sa.select(SignInSession)).ended_at is not None


def test_signing_out_takes_a_post(browser, make_account):
    browser.sign_in(make_account())
    assert browser.get("/sign-out").status_code == 405
    assert browser.get("/account").status_code == 200


def test_a_session_ends_when_it_is_not_used(browser, clock, make_account):
    browser.sign_in(make_account())
    clock.forward(IDLE - timedelta(minutes=2))
    assert browser.get("/account").status_code == 200
    clock.forward(IDLE - timedelta(minutes=2))
    assert browser.get("/account").status_code == 200
    clock.forward(IDLE + timedelta(minutes=2))
    answer = browser.get("/account")
    assert answer.status_code == 303
    assert "Your session has ended" in browser.get(answer.headers["Location"]).text


def test_a_session_ends_after_its_longest_time_however_busy(browser, clock, make_account):
    browser.sign_in(make_account())
    for _ in range(int(LONGEST / timedelta(hours=1)) - 1):
        clock.forward(timedelta(hours=1))
        assert browser.get("/account").status_code == 200
    clock.forward(timedelta(hours=1))
    assert browser.get("/account").status_code == 303


def test_an_ended_session_takes_htmx_off_the_page(browser, clock, make_account):
    browser.sign_in(make_account())
    clock.forward(IDLE * 2)
    answer = browser.get("/account", htmx=True)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/account"
    assert not answer.data


def test_a_form_sent_by_htmx_stays_on_its_page_when_the_session_has_ended(browser, clock, make_account):
    browser.sign_in(make_account())
    token = browser.token()
    clock.forward(IDLE * 2)
    answer = browser.client.post("/account", data={"csrf_token": token}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers.get("HX-Redirect"), answer.data) == (401, None, b"")


def test_a_closed_account_is_out_at_once(browser, make_account, rows):
    browser.sign_in(make_account())
    rows.change("UPDATE account SET active = false")
    assert browser.get("/account").status_code == 303


def test_too_many_attempts_on_an_account_wait_even_with_the_right_password(browser, clock, make_account):
    account = make_account()
    for _ in range(PER_PAIR.attempts):
        clock.forward(timedelta(seconds=1))
        assert browser.sign_in(account, "wrong").status_code == 422
    answer = browser.sign_in(account)
    assert answer.status_code == 429
    assert "Try again in 15 minutes." in answer.text
    assert 0 < int(answer.headers["Retry-After"]) <= PER_PAIR.within.total_seconds()
    clock.forward(PER_PAIR.within)
    assert browser.sign_in(account).status_code == 302


def test_unknown_accounts_are_paused_just_the_same(browser):
    answers = [browser.sign_in("nobody@ville.example", "x").status_code for _ in range(PER_PAIR.attempts + 1)]
    assert answers == [422] * PER_PAIR.attempts + [429]


def test_who_types_wrong_passwords_elsewhere_shuts_nobody_out(browser, another_browser, make_account):
    account = make_account()
    elsewhere = {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}
    token = another_browser.token()
    sent = {"email": account.email, "password": "wrong", "csrf_token": token}
    answers = [another_browser.client.post("/sign-in", data=sent, **elsewhere).status_code for _ in range(6)]
    assert answers == [422] * PER_PAIR.attempts + [429]
    assert browser.sign_in(account).status_code == 302


def test_an_account_is_not_tried_for_ever_from_many_addresses(browser, make_account):
    sent = {"email": make_account().email, "password": "wrong", "csrf_token": browser.token()}
    answers = [
        browser.client.post("/sign-in", data=sent, environ_base={"REMOTE_ADDR": f"192.0.2.{n // 4}"}).status_code
        for n in range(PER_ACCOUNT.attempts + 1)
    ]
    assert answers == [422] * PER_ACCOUNT.attempts + [429]


def test_too_many_attempts_from_one_address_are_paused_whatever_the_account(browser):
    answers = [browser.sign_in(f"city{n}@ville.example", "x").status_code for n in range(PER_ADDRESS.attempts + 1)]
    assert answers == [422] * PER_ADDRESS.attempts + [429]


def test_a_success_voids_the_failures_of_the_account(browser, make_account):
    account = make_account()
    for _ in range(PER_PAIR.attempts - 1):
        browser.sign_in(account, "wrong")
    assert browser.sign_in(account).status_code == 302
    browser.post("/sign-out")
    assert browser.sign_in(account, "wrong").status_code == 422


def test_attempts_at_the_same_time_count_each(either_database, make_app):
    app = make_app(either_database)
    app.config["CLOCK"] = Clock()
    browsers = [Browser(app.test_client()) for _ in range(PER_PAIR.attempts * 3)]
    tokens = [browser.token() for browser in browsers]

    def attempt(browser: Browser, token: str) -> int:
        data = {"email": "nobody@ville.example", "password": "wrong", "csrf_token": token}
        return browser.client.post("/sign-in", data=data).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(attempt, browsers, tokens))
    assert answers == [422] * PER_PAIR.attempts + [429] * (2 * PER_PAIR.attempts)


def test_the_counted_keys_tell_no_address(browser, rows):
    browser.sign_in("nobody@ville.example", "x")
    keys = rows.all(sa.select(SignInAttempt.key))
    assert len(keys) == 3
    assert all(len(key) == 64 and "nobody" not in key for key in keys)


def test_a_forgotten_password_is_replaced_by_the_link_in_the_mail(browser, another_browser, make_account, rows):
    account = make_account(language="fr")
    another_browser.sign_in(account)
    answer = browser.post("/recover", {"email": account.email})
    assert answer.status_code == 303
    assert "a message is on its way" in browser.get(answer.headers["Location"]).text
    mail = rows.one(sa.select(Mail))
    assert (mail.to_address, mail.language, mail.template) == (account.email, "fr", "reset_password")
    path = mail.context["path"]
    assert path.startswith("/recover/")
    assert browser.get(path).status_code == 200
    new = "another river, no bridge"
    assert browser.post(path, {"password": new, "password_confirm": new}).status_code == 302
    assert another_browser.get("/account").status_code == 303  # signed out everywhere
    assert browser.sign_in(account).status_code == 422
    assert browser.sign_in(account, new).status_code == 302
    assert browser.post("/sign-out").status_code == 302
    assert browser.get(path).status_code == 302  # the link works once


def test_the_recovery_tells_nothing_about_accounts(browser, another_browser, make_account, rows):
    known = browser.post("/recover", {"email": make_account().email})
    unknown = another_browser.post("/recover", {"email": "nobody@ville.example"})
    assert known.status_code == unknown.status_code == 303
    assert known.headers["Location"] == unknown.headers["Location"]
    assert len(rows.all(sa.select(Mail))) == 1


def test_a_link_for_a_new_password_names_no_host_of_the_request(app, browser, make_account, rows):
    data = {"email": make_account().email, "csrf_token": browser.token()}
    cookie = f"rvc_session={browser.client.get_cookie('rvc_session').value}"
    client = app.test_client(use_cookies=False)
    answer = client.post("/recover", data=data, base_url="http://evil.example", headers={"Cookie": cookie})
    assert answer.status_code == 303
    assert rows.one(sa.select(Mail)).context["path"].startswith("/recover/")


def test_two_different_passwords_are_told(browser, make_account, rows):
    browser.post("/recover", {"email": make_account().email})
    path = rows.one(sa.select(Mail)).context["path"]
    answer = browser.post(path, {"password": "long enough for all", "password_confirm": "something else"})
    assert answer.status_code == 422
    assert summary(answer) == ["The two passwords differ."]


def test_a_short_password_is_told(browser, make_account, rows):
    browser.post("/recover", {"email": make_account().email})
    path = rows.one(sa.select(Mail)).context["path"]
    answer = browser.post(path, {"password": "short", "password_confirm": "short"})
    assert answer.status_code == 422
    assert "at least 10 characters" in summary(answer)[0]


def test_a_signed_in_page_takes_three_queries(browser, make_account, statements):
    browser.sign_in(make_account("s@unesco.example", Role.SECRETARIAT))
    browser.get("/account")
    statements.clear()
    assert browser.get("/account").status_code == 200
    asked = [s for s in statements if s.lstrip().startswith("SELECT")]
    assert len(asked) == 3, asked


def test_a_get_writes_nothing(browser, make_account, statements):
    browser.sign_in(make_account())
    statements.clear()
    for url in ("/", "/account", "/sign-in", "/recover", "/health", "/nowhere"):
        browser.get(url)
    assert statements
    assert not [s for s in statements if s.split()[0] in ("INSERT", "UPDATE", "DELETE")]


def test_a_context_that_outlives_a_request_carries_nobody_into_the_next(app, browser, another_browser, make_account):
    account = make_account()
    with app.app_context():
        browser.sign_in(account)
        assert browser.get("/account").status_code == 200
        assert another_browser.get("/account").status_code == 303


def test_the_profile_is_changed_and_a_blank_name_is_told(browser, make_account, rows):
    browser.sign_in(make_account(name="Before"))
    answer = browser.post("/account", {"name": " ", "language": "fr"})
    assert answer.status_code == 422
    assert [a["href"] for a in BeautifulSoup(answer.text, "html.parser").select(".error-summary a")] == ["#name"]
    answer = browser.post("/account", {"name": "Amélie Roy", "language": "fr"})
    assert answer.status_code == 303
    assert rows.one(sa.select(Account.name)) == "Amélie Roy"
    page = browser.get("/account")
    assert '<html lang="fr"' in page.text
