"""Which language a page is in."""

from bs4 import BeautifulSoup


def language_of(response):
    return BeautifulSoup(response.text, "html.parser").html["lang"]


def test_the_browser_is_asked_first(browser):
    assert language_of(browser.client.get("/", headers={"Accept-Language": "fr-CA,fr;q=0.9,en;q=0.5"})) == "fr"
    assert language_of(browser.client.get("/", headers={"Accept-Language": "de"})) == "en"
    assert language_of(browser.client.get("/")) == "en"


def test_a_choice_outweighs_the_browser_and_returns_to_the_page(browser):
    answer = browser.post("/language", {"language": "fr", "next": "/sign-in?next=/account"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in?next=/account"
    assert language_of(browser.client.get("/", headers={"Accept-Language": "en"})) == "fr"


def test_the_account_keeps_the_choice(browser, another_browser, make_account):
    account = make_account(language="en")
    browser.sign_in(account)
    browser.post("/language", {"language": "fr", "next": "/account"})
    assert language_of(browser.get("/account")) == "fr"
    another_browser.sign_in(account)
    assert language_of(another_browser.get("/account")) == "fr"


def test_a_choice_before_the_sign_in_does_not_change_the_account(browser, make_account):
    browser.post("/language", {"language": "fr", "next": "/"})
    browser.sign_in(make_account(language="en"))
    assert language_of(browser.get("/account")) == "en"


def test_an_unknown_language_changes_nothing(browser):
    browser.post("/language", {"language": "xx", "next": "/"})
    assert language_of(browser.get("/")) == "en"


def test_the_switch_leads_to_no_other_site(browser):
    for elsewhere in ("https://evil.example", "//evil.example", "\\evil"):
        assert browser.post("/language", {"language": "fr", "next": elsewhere}).headers["Location"] == "/"


def test_a_get_switches_nothing(browser):
    assert browser.get("/language").status_code == 405
