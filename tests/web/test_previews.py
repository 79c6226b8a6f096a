"""Previews on pages: waited for where they are being made, shown to whoever may read the file, and to nobody else."""

import io
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from PIL import Image

from rvc_portal import jobs
from rvc_portal.models.job import Mail
from rvc_portal.queries import dossiers
from rvc_portal.queries.previews import WAIT
from rvc_portal.web.session import IDLE
from tests.stories import Tale
from tests.web.browsing import START


@pytest.fixture
def tale(app, clock):
    with app.app_context():
        yield Tale(app, START)


def soup(response):
    return BeautifulSoup(response.text, "html.parser")


def photo(size=(1200, 800)):
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).save(out, "JPEG")
    return io.BytesIO(out.getvalue())


@pytest.fixture
def photographed(tale, browser):
    """The address of a draft that its lead has put one photograph into."""
    home = f"/dossiers/{tale.draft()}"
    browser.sign_in(tale.lead())
    answer = browser.post(f"{home}/pieces/photos", {"file": (photo(), "rivière.jpg")}, htmx=True)
    assert soup(answer).select_one("#piece-photos .preview--none[data-hx-get]")
    return home


def work(tale):
    tale.story.session.rollback()
    jobs.drain(tale.story.app)


def shown(browser, home):
    return soup(browser.get(f"{home}/pieces")).select_one("#piece-photos .preview")


def test_a_preview_comes_while_the_page_stands_open(tale, browser, photographed):
    poll = shown(browser, photographed)["data-hx-get"]
    assert soup(browser.get(poll, htmx=True)).select_one(".preview--none[data-hx-get]")["data-hx-get"] == poll
    work(tale)
    small = soup(browser.get(poll, htmx=True)).select_one("img.preview")
    assert {"width", "height", "loading"} <= small.attrs.keys()
    assert "rivière.jpg" in small["alt"]
    assert shown(browser, photographed)["src"] == small["src"]
    answer = browser.get(small["src"])
    assert max(Image.open(io.BytesIO(answer.data)).size) == 320
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["Content-Disposition"] == "inline"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"].startswith("private")
    assert browser.client.get(small["src"], headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_what_takes_too_long_is_not_asked_for_again(browser, photographed, clock):
    poll = shown(browser, photographed)["data-hx-get"]
    clock.forward(WAIT)
    assert "data-hx-get" not in soup(browser.get(poll, htmx=True)).select_one(".preview--none").attrs
    assert browser.get(poll.replace("/figure", "/preview")).status_code == 404


def test_a_page_that_asks_by_itself_keeps_no_session_and_leads_nobody_away(browser, photographed, clock):
    poll = shown(browser, photographed)["data-hx-get"]
    for _ in range(2):
        clock.forward(IDLE - timedelta(minutes=1))
        answer = browser.get(poll, htmx=True)
    assert (answer.status_code, answer.text) == (286, "")
    assert "HX-Redirect" not in answer.headers


def test_a_preview_is_for_whoever_may_read_the_file(tale, browser, another_browser, photographed):
    work(tale)
    address = shown(browser, photographed)["src"]
    another_browser.sign_in(tale.lead("stranger@ville.example", "A Stranger"))
    assert another_browser.get(address).status_code == 404
    assert another_browser.get(address.replace("/preview", "/figure")).status_code == 404
    assert browser.get(f"{photographed}/pieces/{photographed[-36:]}/figure").status_code == 404


def test_who_checks_and_who_signs_off_sees_the_pictures(tale, browser, another_browser):
    dossier_id = tale.submitted()
    code = tale.story.session.query(Mail).filter_by(template="sign_off").one().context["path"]
    work(tale)
    browser.sign_in(tale.officer())
    files = dossiers.attachments(tale.story.session, dossier_id)
    for who, page in (
        (browser, f"/dossiers/{dossier_id}/screening"), (browser, f"/dossiers/{dossier_id}/file"), (another_browser, code),
    ):  # fmt: skip
        pictures = soup(who.get(page)).select("img.preview")
        assert len(pictures) == len(files)
        assert who.get(pictures[0]["src"]).mimetype == "image/jpeg"
    assert another_browser.get(f"/dossiers/{dossier_id}/pieces/{files[0].id}/preview").status_code == 303
    assert another_browser.get(f"{code}/pieces/{dossier_id}/preview").status_code == 404


def test_a_photograph_that_is_too_small_is_refused_with_both_sizes(tale, browser):
    home = f"/dossiers/{tale.draft()}"
    browser.sign_in(tale.lead())
    sent = {"file": (photo((640, 480)), "petite.jpg")}
    card = soup(browser.post(f"{home}/pieces/photos", sent, htmx=True)).select_one("#piece-photos")
    assert "640 × 480" in card.select_one(".error").text
    assert "1200 × 800" in card.select_one(".error").text
    assert "at least 1200 × 800 px" in card.select_one(".card__meta").text
    call = soup(browser.get(f"/calls/{tale.call.key}")).select_one("#piece-photos")
    assert "at least 1200 × 800 px" in call.text
