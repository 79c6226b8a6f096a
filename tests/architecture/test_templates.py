"""Rules about templates: what the content security policy and valid HTML ask of every page."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# Documents are laid out on paper, mails read in programs of their own: the policy of pages is not theirs.
PAGES = [path for path in TEMPLATES if not {"documents", "mail"} & set(path.relative_to(ROOT / "templates").parts)]

FAULTS = {
    "an attribute of htmx without data-": re.compile(r"""[\s"'](hx-[a-z-]+)\s*="""),
    "an inline style": re.compile(r"\sstyle\s*=|<style\b"),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*application/json)"),
    "an inline handler": re.compile(r"\son(?:click|change|submit|input|load|error|focus|blur|key\w+|mouse\w+)\s*="),
    "a file of somebody else's server": re.compile(r"""(?:src|href)=["'](?:https?:)?//"""),
    "a javascript: address": re.compile(r"""["']\s*javascript:"""),
    "a value declared safe": re.compile(r"\|\s*safe\b"),
    "escaping switched off": re.compile(r"autoescape\s+false"),
}
# Exceptions, each with its reason: the drawings of icons are constants of our own, never what somebody wrote.
ARGUED = {("icons.html", "a value declared safe")}


def without_comments(text: str) -> str:
    return re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)


def test_there_are_pages() -> None:
    assert PAGES


@pytest.mark.parametrize("fault", FAULTS)
def test_no_page_has(fault: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group(0).strip()}"
        for path in PAGES
        for match in FAULTS[fault].finditer(without_comments(path.read_text("utf-8")))
        if (path.name, fault) not in ARGUED
    ]
    assert found == []


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("an attribute of htmx without data-", '<a hx-get="/x">'),
        ("an inline style", '<p style="color: red">'),
        ("an inline script", "<script>alert(1)</script>"),
        ("an inline handler", '<a onclick="x()">'),
        ("a file of somebody else's server", '<img src="https://example.org/x.png">'),
        ("a javascript: address", '<a href="javascript:x()">'),
        ("a value declared safe", "{{ answer | safe }}"),
        ("escaping switched off", "{% autoescape false %}"),
    ],
)
def test_the_rule_sees(fault: str, text: str) -> None:
    assert FAULTS[fault].search(text)


@pytest.mark.parametrize(
    "text", ['<a data-hx-get="/x">', '<script src="/static/x.js" defer></script>', "{# style=x #}"]
)
def test_the_rules_let_pass(text: str) -> None:
    assert [fault for fault, pattern in FAULTS.items() if pattern.search(without_comments(text))] == []


def test_every_form_that_writes_carries_its_token() -> None:
    """A form that posts must print its CSRF token, by hand or by a macro that says so in its name."""
    form = re.compile(r"<form\b[^>]*\bmethod=[\"']post[\"'].*?</form>", re.DOTALL | re.IGNORECASE)
    bare = [
        str(path.relative_to(ROOT))
        for path in PAGES
        for found in form.findall(without_comments(path.read_text("utf-8")))
        if not re.search(r"csrf|hidden_token|hidden_tag|caller\(\)", found)
    ]
    assert bare == []
