"""One page, two answers."""

import pytest
from flask import Flask, flash, get_flashed_messages
from jinja2 import ChoiceLoader, DictLoader

from rvc_portal.web.htmx import done, form_error, is_htmx, page

TEMPLATE = """{% extends "base.html" %}{% block title %}Parts{% endblock %}{% block main %}
{% block part_one %}<section id="part-one"{{ oob }}>one {{ word }}</section>{% endblock %}
{% block part_two %}<section id="part-two"{{ oob }}>two {{ word }}</section>{% endblock %}
{% endblock %}"""

HTMX = {"HX-Request": "true"}


@pytest.fixture
def app(app: Flask):
    app.jinja_loader = ChoiceLoader([DictLoader({"parts.html": TEMPLATE}), app.jinja_loader])
    return app


def asked(app, headers=None, **more):
    return app.test_request_context("/", headers=headers or {}, **more)


def test_a_browser_gets_the_whole_page(app):
    with asked(app):
        answer = page("parts.html", "part_one", blocks=("part_two",), word="w")
    text = answer.get_data(as_text=True)
    assert "<html" in text
    assert '<section id="part-one">one w</section>' in text
    assert '<section id="part-two">two w</section>' in text
    assert "swap-oob" not in text


def test_htmx_gets_the_block_that_it_asked_for(app):
    with asked(app, HTMX):
        answer = page("parts.html", "part_one", word="w")
    assert answer.get_data(as_text=True).strip() == '<section id="part-one">one w</section>'


def test_htmx_gets_further_blocks_each_for_its_place(app):
    with asked(app, HTMX):
        text = page("parts.html", "part_one", blocks=("part_two",), word="w").get_data(as_text=True)
    assert '<section id="part-one">one w</section>' in text
    assert '<section id="part-two" data-hx-swap-oob="true">two w</section>' in text


@pytest.mark.parametrize("more", [{"HX-Boosted": "true"}, {"HX-History-Restore-Request": "true"}])
def test_a_boosted_link_and_a_restored_page_are_whole(app, more):
    with asked(app, {**HTMX, **more}):
        assert not is_htmx()
        assert "<html" in page("parts.html", "part_one", word="w").get_data(as_text=True)


def test_after_an_act_a_browser_goes_on_with_a_message(app):
    with asked(app):
        answer = done("/there", "parts.html", blocks=("part_one",), context=lambda: 1 / 0, message="Saved.")
        assert answer.status_code == 303
        assert answer.headers["Location"] == "/there"
        assert get_flashed_messages() == ["Saved."]


def test_after_an_act_htmx_gets_the_parts_and_the_message(app):
    with asked(app, HTMX):
        answer = done("/there", "parts.html", blocks=("part_one",), context=lambda: {"word": "new"}, message="Saved.")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert '<section id="part-one" data-hx-swap-oob="true">one new</section>' in text
    assert 'id="messages"' in text
    assert "Saved." in text


def test_after_an_act_without_parts_htmx_leaves_for_the_page(app):
    with asked(app, HTMX):
        answer = done("/there")
    assert answer.headers["HX-Redirect"] == "/there"
    assert not answer.data


def test_a_wrong_form_is_422_for_both(app):
    with asked(app):
        assert form_error("parts.html", "part_one", word="w").status_code == 422
    with asked(app, HTMX):
        answer = form_error("parts.html", "part_one", target="#part-one", word="w")
        assert answer.status_code == 422
        assert answer.headers["HX-Retarget"] == "#part-one"
        assert answer.headers["HX-Reswap"] == "outerHTML"


def test_messages_are_not_lost_on_the_way(app):
    with asked(app, HTMX):
        flash("Before.", "info")
        assert "Before." in done("/x", "parts.html", blocks=("part_one",), context={"word": ""}).get_data(as_text=True)
