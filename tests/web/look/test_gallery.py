"""Every macro, with long contents, in both languages: valid HTML, nothing inline, every reference answered."""

import re

import html5lib
import pytest
from bs4 import BeautifulSoup

from tests.web.look.gallery import ERRORS, gallery_app

PAGES = ["/", *(f"/error/{code}" for code in ERRORS)]


@pytest.fixture(params=["en", "fr"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest, language: str) -> str:
    response = gallery_app(language).test_client().get(request.param)
    assert response.status_code == 200
    return response.get_data(as_text=True)


def test_it_parses_as_html5(page: str) -> None:
    html5lib.HTMLParser(strict=True).parse(page)


def test_nothing_is_inline_that_the_content_policy_forbids(page: str) -> None:
    soup = BeautifulSoup(page, "html.parser")
    assert not soup.find_all("style")
    assert all(script.get("src") and not script.string for script in soup.find_all("script"))
    attributes = {name for tag in soup.find_all(True) for name in tag.attrs}
    assert not {name for name in attributes if name == "style" or name.startswith(("on", "hx-"))}


def test_ids_are_unique_and_references_are_answered(page: str) -> None:
    soup = BeautifulSoup(re.sub(r"(?s)<template.*?</template>", "", page), "html.parser")
    ids = [str(tag["id"]) for tag in soup.find_all(id=True)]
    assert sorted(set(ids)) == sorted(ids)
    known = set(ids)
    wanted = {
        tag[name] for name in ("for", "aria-describedby", "aria-labelledby") for tag in soup.find_all(**{name: True})
    }
    assert {part for reference in wanted for part in str(reference).split()} <= known
    assert {str(use["href"])[1:] for use in soup.find_all("use")} <= known


def test_every_field_has_a_label_and_every_post_form_its_token(page: str) -> None:
    soup = BeautifulSoup(page, "html.parser")
    labelled = {label["for"] for label in soup.find_all("label")}
    for field in soup.find_all(["input", "select", "textarea"]):
        assert field.get("type") == "hidden" or field["id"] in labelled, field
    for form in soup.find_all("form", method="post"):
        assert form.find("input", attrs={"name": "csrf_token"}), form["action"]


def test_the_failure_pages_ask_nobody_who_is_there() -> None:
    page = gallery_app().test_client().get("/error/500").get_data(as_text=True)
    assert "Marie-Hélène" not in page
    assert "site-nav" not in page
