"""An account before the form: made by anybody, confirmed by a button, and nothing opens before."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup

from rvc_portal.models.account import Account, SignInAttempt, SignInSession
from rvc_portal.models.base import db
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.job import Mail
from rvc_portal.services import mailing
from rvc_portal.services.registration import VALID_FOR
from rvc_portal.web.throttle import PER_ADDRESS, PER_PAIR
from rvc_portal.web.ways import own_page
from tests.conftest import table_counts
from tests.stories import Tale
from tests.web.browsing import PASSWORD, START, Browser, Clock

EMAIL = "zoe@ville.example"
TYPED = {"name": "Zoé Martin", "email": EMAIL, "password": PASSWORD, "language": "en"}
APPLY = "/calls/running/apply"


def register(browser, going_on="", **changes):
    return browser.post("/register", {**TYPED, "next": going_on, **changes})


def letters(rows):
    return rows.all(sa.select(Mail).order_by(sa.text("mail.rowid")))


def path(rows):
    """The address in the mail that was written last."""
    return letters(rows)[-1].context["path"]


def confirmed(rows):
    return rows.one(sa.select(Account).where(Account.email == EMAIL)).confirmed_at is not None


def press(browser, link, password=PASSWORD):
    """The button of the page behind the link, with what its form carries."""
    form = BeautifulSoup(browser.get(link).text, "html.parser").select_one("main form")
    fields = {i["name"]: i.get("value", "") for i in form.select("input[name]") if i["name"] != "csrf_token"}
    return browser.post(form["action"], fields | ({"password": password} if "password" in fields else {}))


def bare(text, email):
    """A page without the address that was typed and without the tokens of its forms, which carry the second."""
    token = re.search('name="csrf_token" value="([^"]+)"', text)
    return text.replace(email, "").replace(token[1] if token else email, "")


def linked(page):
    return [a["href"] for a in BeautifulSoup(page.text, "html.parser").select(".error-summary a")]


def test_from_the_form_to_the_page_that_was_wanted(browser, rows):
    asked = browser.get("/sign-in?next=/account?x%3D1")
    way = BeautifulSoup(asked.text, "html.parser").select_one("main a[href*='/register']")["href"]
    page = BeautifulSoup(browser.get(way).text, "html.parser")
    going_on = page.select_one("main input[name=next]")["value"]
    answer = register(browser, going_on)
    assert answer.status_code == 303
    assert EMAIL in browser.get(answer.headers["Location"]).text
    link = path(rows)
    browser.get(link)
    assert not confirmed(rows)
    answer = press(browser, link)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account?x=1")
    assert confirmed(rows)
    assert "Zoé Martin" in browser.get("/account").text
    assert browser.get("/desk").status_code == 200


def test_what_is_wrong_is_told_beside_the_field_and_nothing_is_made(browser, rows):
    answer = register(browser, name=" ", email="zoe", password="short")
    assert answer.status_code == 422
    assert linked(answer) == ["#name", "#email", "#password"]
    assert rows.all(sa.select(Account)) == []


@pytest.mark.parametrize("name", ["Win at https://evil.example", "see evil.example", "a@evil.example", "//evil"])
def test_a_name_carries_no_link_into_the_mail(browser, rows, name):
    assert linked(register(browser, name=name)) == ["#name"]
    assert letters(rows) == []


@pytest.mark.parametrize("name", ["J.P. Martin", "O’Neil-Dupont, Dr. Zoé", "M. de La Rochefoucauld", "王小明"])
def test_a_name_is_a_name(browser, name):
    assert register(browser, name=name).status_code == 303


def test_the_answer_is_the_same_for_every_address(app, make_account, rows):
    """Free, waiting to be confirmed, in use, closed: byte by byte, but for what was typed and the token of the form."""
    make_account("used@ville.example")
    make_account("shut@ville.example")
    rows.change("UPDATE account SET active = false WHERE email = 'shut@ville.example'")
    app.config["CLOCK"] = Clock()
    register(Browser(app.test_client()), email="wait@ville.example")
    seen = set()
    for email in ("free@ville.example", "wait@ville.example", "used@ville.example", "shut@ville.example"):
        browser = Browser(app.test_client())
        answers = [register(browser, "/account", email=email)]
        answers += [browser.get(answers[0].headers["Location"])]
        answers += [browser.post("/confirm", {"email": email, "next": "/account"})]
        answers += [browser.get(answers[2].headers["Location"])]
        seen.add(tuple((a.status_code, a.headers.get("Location"), bare(a.text, email)) for a in answers))
    assert len(seen) == 1
    kinds = {(m.to_address.partition("@")[0], m.template) for m in letters(rows)}
    assert kinds == {("free", "confirm"), ("wait", "confirm"), ("used", "has_account")}


def test_opening_links_changes_nothing(app, browser, rows):
    register(browser)
    link = path(rows)
    with app.app_context():
        before = table_counts(db.session())
    for url in ("/register", "/confirm", link, link, "/confirm/nonsense"):
        browser.get(url)
    with app.app_context():
        assert table_counts(db.session()) == before
    assert not confirmed(rows)


def test_the_page_behind_the_link_asks_for_the_password(browser, another_browser, rows):
    register(browser)
    answer = press(another_browser, path(rows), "not this one at all")
    assert answer.status_code == 422
    assert linked(answer) == ["#password"]
    assert not confirmed(rows)
    assert another_browser.get("/account").status_code == 303


def test_who_is_signed_in_presses_the_button_alone(browser, rows):
    register(browser)
    browser.sign_in(EMAIL)
    link = path(rows)
    assert "password" not in [
        i["name"] for i in BeautifulSoup(browser.get(link).text, "html.parser").select("main input")
    ]
    assert press(browser, link).headers["Location"] == "/desk"
    assert confirmed(rows)


def test_somebody_else_who_is_signed_in_is_signed_out(browser, make_account, rows):
    register(browser)
    browser.sign_in(make_account(name="Somebody Else"))
    link = path(rows)
    assert "Somebody Else is signed in in this browser" in browser.get(link).text
    assert press(browser, link).status_code == 303
    assert EMAIL in browser.get("/account").text
    ended = [s.ended_at is not None for s in rows.all(sa.select(SignInSession).order_by(SignInSession.started_at))]
    assert sorted(ended) == [False, True]


def test_a_link_used_twice_says_so(browser, another_browser, rows):
    register(browser, "/account")
    link = path(rows)
    press(browser, link)
    page = another_browser.get(link)
    assert page.status_code == 200
    assert "Your address is confirmed already" in page.text
    assert BeautifulSoup(page.text, "html.parser").select_one("main a")["href"] == "/sign-in?next=/account"
    token = another_browser.token()
    address = link.partition("?")[0]
    again = another_browser.client.post(address, data={"csrf_token": token, "password": "wrong"})
    assert again.status_code == 422  # a confirmed account's link is no way in
    assert BeautifulSoup(browser.get(link).text, "html.parser").select_one("main a")["href"] == "/account"


def test_a_link_that_is_too_old_or_broken_offers_a_new_one(browser, another_browser, clock, rows):
    register(browser, "/account")
    link = path(rows)
    clock.forward(VALID_FOR)
    for wrong in (link, link[: link.index("?") - 3]):
        page = another_browser.get(wrong)
        assert page.status_code == 404
        assert "This link does not work any more" in page.text
        form = BeautifulSoup(page.text, "html.parser").select_one("main form")
        assert form["action"] == "/confirm"
    assert another_browser.post(link.partition("?")[0], {"password": PASSWORD}).status_code == 404
    assert another_browser.post("/confirm", {"email": EMAIL, "next": "/account"}).status_code == 303
    assert press(another_browser, path(rows)).headers["Location"] == "/account"


def test_nothing_opens_before_the_address_is_confirmed(app, browser, rows):
    with app.app_context():
        key = Tale(app, START).call.key
    register(browser)
    assert browser.sign_in(EMAIL).headers["Location"] == "/desk"
    answer = browser.get(f"/calls/{key}/apply")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/confirm?next=/calls/{key}/apply")
    page = browser.get(answer.headers["Location"])
    assert EMAIL in page.text
    sent = {"city": "Lyon", "country": "FR", "field": "literature", "language": "fr"}
    assert browser.post(f"/calls/{key}/apply", sent).headers["Location"].startswith("/confirm")
    assert rows.all(sa.select(Dossier)) == []
    asked = browser.get("/desk", htmx=True)
    assert (asked.status_code, asked.headers["HX-Redirect"]) == (403, "/confirm?next=/account")
    assert browser.get("/account").status_code == 200
    assert browser.post("/language", {"language": "fr"}).status_code == 303
    assert "Confirmez votre adresse" in browser.get("/confirm").text
    assert browser.post("/sign-out").status_code == 302


def test_send_it_again_goes_to_the_own_address_whatever_is_typed(browser, rows):
    register(browser)
    browser.sign_in(EMAIL)
    assert browser.post("/confirm", {"email": "other@ville.example"}).status_code == 303
    assert [m.to_address for m in letters(rows)] == [EMAIL, EMAIL]


def test_registered_again_an_earlier_session_is_over(browser, another_browser, rows):
    register(browser, password="a stranger with a plan")
    browser.sign_in(EMAIL, "a stranger with a plan")
    register(another_browser)
    assert browser.get("/account").status_code == 303
    press(another_browser, path(rows))
    assert browser.sign_in(EMAIL, "a stranger with a plan").status_code == 422


def test_a_new_password_by_mail_confirms_the_address_too(browser, rows):
    register(browser, password="a stranger with a plan")
    browser.post("/recover", {"email": EMAIL})
    new = "another river, no bridge"
    assert browser.post(path(rows), {"password": new, "password_confirm": new}).status_code == 302
    assert confirmed(rows)
    assert browser.sign_in(EMAIL, "a stranger with a plan").status_code == 422
    assert browser.sign_in(EMAIL, new).status_code == 302
    assert browser.get("/desk").status_code == 200


def test_too_many_registrations_of_one_address_wait(browser, clock, rows):
    answers = [register(browser).status_code for _ in range(PER_PAIR.attempts - 1)]
    answers += [browser.post("/confirm", {"email": EMAIL}).status_code for _ in range(2)]
    assert answers == [303] * PER_PAIR.attempts + [429]
    assert len(letters(rows)) == PER_PAIR.attempts
    clock.forward(PER_PAIR.within)
    assert register(browser).status_code == 303


def test_too_many_registrations_from_one_place_wait_whatever_the_address(browser):
    answers = [register(browser, email=f"a{n}@ville.example").status_code for n in range(PER_ADDRESS.attempts + 1)]
    assert answers == [303] * PER_ADDRESS.attempts + [429]


def test_passwords_tried_behind_a_link_count_as_sign_ins(browser, rows):
    register(browser)
    link = path(rows)
    for _ in range(PER_PAIR.attempts):
        assert press(browser, link, "not this one at all").status_code == 422
    assert press(browser, link).status_code == 429
    assert browser.sign_in(EMAIL).status_code == 429
    assert not confirmed(rows)


def test_what_is_counted_tells_no_address(browser, rows):
    register(browser)
    assert not [key for key in rows.all(sa.select(SignInAttempt.key)) if "zoe" in key]


ELSEWHERE = [
    "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "/\t/evil.example", "javascript:alert(1)", "evil.example", "/" + "a" * 500,
]  # fmt: skip


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_the_way_on_leads_to_no_other_site(app, browser, rows, elsewhere):
    with app.test_request_context():
        assert own_page(elsewhere) == ""
    assert "evil" not in register(browser, elsewhere).headers["Location"]
    link = path(rows)
    assert "?" not in link
    page = BeautifulSoup(browser.get(link, query_string={"next": elsewhere}).text, "html.parser")
    assert page.select_one("main input[name=next]") is None
    answer = browser.post(link, {"password": PASSWORD, "next": elsewhere})
    assert answer.headers["Location"] == "/desk"


def test_a_way_on_of_ours_is_kept(app):
    with app.test_request_context():
        for own in ("/", "/desk", "/calls/a-b/apply?x=1&y=é"):
            assert own_page(own) == own


def test_the_link_names_no_host_of_the_request(app, browser, rows):
    data = {**TYPED, "csrf_token": browser.token()}
    cookie = f"rvc_session={browser.client.get_cookie('rvc_session').value}"
    client = app.test_client(use_cookies=False)
    answer = client.post("/register", data=data, base_url="http://evil.example", headers={"Cookie": cookie})
    assert answer.status_code == 303
    assert path(rows).startswith("/confirm/")


@pytest.mark.parametrize(
    ("language", "subject", "sentence"),
    [("en", "Confirm your address", "Confirm it by the button"), ("fr", "Confirmez votre adresse", "par le bouton")],
)
def test_the_mail_speaks_the_language_that_was_chosen(browser, rows, language, subject, sentence):
    register(browser, "/account", language=language)
    mail = letters(rows)[0]
    message = mailing.message(mail, "https://portal.example")
    assert message.subject == subject
    assert sentence in message.body
    assert f"https://portal.example{mail.context['path']}\n" in message.body
    assert "09:00" in message.body  # until when, on the next day
    assert ("3 March 2026" if language == "en" else "3 mars 2026") in message.body


def test_two_at_the_same_time_make_one_account(either_database, make_app):
    app = make_app(either_database)
    app.config["CLOCK"] = Clock()
    browsers = [Browser(app.test_client()) for _ in range(4)]
    tokens = [browser.token() for browser in browsers]

    def send(browser: Browser, token: str) -> int:
        return browser.client.post("/register", data={**TYPED, "csrf_token": token}).status_code

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(send, browsers, tokens)) == [303] * 4
    with app.app_context():
        assert db.session.scalars(sa.select(Account.email)).all() == [EMAIL]
        assert db.session.scalars(sa.select(Mail.template)).first() == "confirm"
