"""What every answer tells the browser."""

import pytest

from rvc_portal import settings
from rvc_portal.app import create_app


@pytest.mark.parametrize("url", ["/", "/sign-in", "/nowhere", "/health", "/static/tokens.css", "/account"])
def test_every_answer_carries_the_policy(browser, url):
    answer = browser.get(url)
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert not any("unsafe" in sources or "*" in sources for sources in policy.values())
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_pages_are_kept_by_nobody_and_differ_for_htmx(browser):
    answer = browser.get("/")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "HX-Request" in answer.headers["Vary"]


def test_static_files_are_kept_under_an_address_that_changes_with_them(browser):
    page = browser.get("/").text
    start = page.index("/static/tokens.css?v=")
    answer = browser.get(page[start : page.index('"', start)])
    assert answer.status_code == 200
    assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_no_inline_style_or_script_stands_in_a_page(browser):
    for url in ("/", "/sign-in", "/recover", "/nowhere"):
        page = browser.get(url).text
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick=" not in page
        assert "<script>" not in page


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(browser, make_account):
    answer = browser.sign_in(make_account())
    cookie = next(value for name, value in answer.headers if name == "Set-Cookie" and "rvc_session" in value)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie  # the tests speak http


def test_https_is_kept_to(tmp_path):
    app = create_app(settings.read({"RVC_DATA": str(tmp_path), "RVC_BASE_URL": "https://portal.example"}))
    answer = app.test_client().get("/sign-in", base_url="https://portal.example")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "Secure" in answer.headers["Set-Cookie"]
