"""A piece goes up when it is chosen, survives a cut line and an ended session, is taken once, and is shown small; what it
replaces is kept."""

import io
import random
import socket
import urllib.request

import pikepdf
import pytest
from playwright.sync_api import expect

from rvc_portal.queries import dossiers
from tests.gateways.test_uploads import active, pdf
from tests.proxy import Proxy
from tests.servers import wait_for
from tests.stories import PASSWORD, end_sessions, join

pytestmark = [pytest.mark.browser]

PIECE = "mayor_letter"


def large() -> bytes:
    """A PDF of two megabytes that cannot be made smaller."""
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    document.Root.Ballast = document.make_stream(random.Random(1).randbytes(2_000_000))
    document.save(out)
    return out.getvalue()


def names(site, dossier_id, earlier=False):
    read = dossiers.earlier_attachments if earlier else dossiers.attachments
    return site.told(lambda tale: [a.name for a in read(tale.story.session, dossier_id) if a.piece == PIECE])


@pytest.fixture
def dossier_id(site):
    return site.told(lambda tale: tale.draft())


@pytest.fixture
def page(open_page, dossier_id):
    page = open_page("lead@ville.example", width=360)
    page.goto(f"/dossiers/{dossier_id}/pieces")
    return page


def choose(page, name, content, field=f"#file-{PIECE}"):
    page.locator(field).set_input_files({"name": name, "mimeType": "application/pdf", "buffer": content})


def test_a_file_goes_up_when_it_is_chosen_and_is_replaced_without_being_lost(site, page, dossier_id):
    choose(page, "première lettre.pdf", pdf())
    card = page.locator(f"#piece-{PIECE}")
    expect(card.get_by_role("link", name="première lettre.pdf")).to_be_visible()
    card.get_by_text("Replace: première lettre.pdf").click()
    choose(page, "deuxième lettre.pdf", pdf(3), f"#piece-{PIECE} details input[type=file]")
    expect(card.get_by_role("link", name="deuxième lettre.pdf")).to_be_visible()
    assert names(site, dossier_id) == ["deuxième lettre.pdf"]
    assert names(site, dossier_id, earlier=True) == ["première lettre.pdf"]
    card.get_by_text("Files replaced or removed").click()
    with page.expect_download() as download:
        card.get_by_role("link", name="première lettre.pdf").click()
    assert download.value.suggested_filename == "première lettre.pdf"


def test_what_is_refused_says_why_and_changes_nothing(site, page, dossier_id):
    choose(page, "lettre.pdf", active("opening"))
    expect(page.locator(f"#piece-{PIECE}")).to_contain_text("carries a script")
    choose(page, "../../lettre.pdf", b"PK\x03\x04 no letter")
    expect(page.locator(f"#piece-{PIECE}")).to_contain_text("none of these formats")
    assert names(site, dossier_id) == []


def test_a_cut_line_is_waited_for_and_the_file_is_there_once(site, page, portal, dossier_id):
    content = large()
    with Proxy(portal.port) as line:
        page.goto(f"http://127.0.0.1:{line.port}/dossiers/{dossier_id}/pieces")
        line.delay(0.02)
        choose(page, "lettre.pdf", content)
        card = page.locator(f"#piece-{PIECE}")
        expect(card.locator("progress")).to_be_visible()
        wait_for(lambda: page.evaluate(f"document.querySelector('#piece-{PIECE} progress').value") > 0.1)
        line.cut()
        expect(card.get_by_text("waiting, then trying again")).to_be_visible()
        line.delay(0)
        line.mend()
        expect(card.get_by_role("link", name="lettre.pdf")).to_be_visible(timeout=20_000)
    assert names(site, dossier_id) == ["lettre.pdf"]


def test_a_preview_appears_beside_a_file_without_the_page_being_loaded_again(page, portal, dossier_id):
    page.goto(f"{portal.url}/dossiers/{dossier_id}/pieces")
    page.evaluate("window.stillHere = true")
    choose(page, "lettre.pdf", pdf())
    small = page.locator(f"#piece-{PIECE} img.preview")
    expect(small).to_have_attribute("alt", "First page of lettre.pdf", timeout=30_000)
    wait_for(lambda: small.evaluate("image => image.complete && image.naturalWidth") > 0, seconds=20)
    box = small.bounding_box()
    assert box["width"] == box["height"]  # its place is kept, whatever the picture's shape
    assert page.evaluate("window.stillHere")


def sign_in(dialog, email="lead@ville.example"):
    dialog.locator("[name=email]").fill(email)
    dialog.locator("[name=password]").fill(PASSWORD)
    dialog.locator("button[type=submit]").click()


def test_the_session_ends_while_a_file_is_on_its_way(site, page, dossier_id):
    with Proxy(int(site.url.rpartition(":")[2])) as line:
        page.goto(f"http://127.0.0.1:{line.port}/dossiers/{dossier_id}/pieces")
        line.delay(0.02)
        choose(page, "lettre.pdf", large())
        card, dialog = page.locator(f"#piece-{PIECE}"), page.locator("#sign-in-again[open]")
        wait_for(lambda: page.evaluate(f"document.querySelector('#piece-{PIECE} progress').value") > 0.1)
        site.told(end_sessions)
        line.delay(0)
        dialog.get_by_role("button", name="Not now").click()
        expect(card).to_contain_text("the file goes up once you have signed in")
        card.get_by_role("button", name="Sign in again").click()
        sign_in(dialog)
        expect(card.get_by_role("link", name="lettre.pdf")).to_be_visible()
        expect(dialog).to_be_hidden()
    assert names(site, dossier_id) == ["lettre.pdf"]


def test_somebody_else_who_signs_in_uploads_nothing_of_mine(site, page, dossier_id):
    other = site.told(lambda tale: join(tale, dossier_id))
    site.told(end_sessions)
    choose(page, "lettre.pdf", pdf())
    dialog = page.locator("#sign-in-again[open]")
    sign_in(dialog, other)
    expect(dialog).to_contain_text("somebody else")
    assert names(site, dossier_id) == []
    dialog.get_by_role("button", name="Not now").click()
    page.locator(f"#piece-{PIECE}").get_by_role("button", name="Sign in again").click()
    expect(dialog).to_contain_text("somebody else")
    dialog.get_by_role("button", name="Not now").click()
    page.locator(f"#piece-{PIECE}").get_by_role("button", name="Cancel").click()
    expect(page.locator(f"#file-{PIECE}")).to_be_enabled()
    assert names(site, dossier_id) == []


def test_a_token_that_is_refused_is_renewed_and_the_file_goes_up(site, page, dossier_id):
    elsewhere = page.context.new_page()
    elsewhere.goto("/account")
    elsewhere.locator("details.person summary").click()
    elsewhere.locator("form[action$='/sign-out'] button").click()
    elsewhere.goto("/sign-in")
    sign_in(elsewhere.locator("main form"))
    elsewhere.wait_for_url("**/desk")
    choose(page, "lettre.pdf", pdf())
    expect(page.locator(f"#piece-{PIECE}").get_by_role("link", name="lettre.pdf")).to_be_visible()
    expect(page.locator("#sign-in-again")).to_be_hidden()
    assert names(site, dossier_id) == ["lettre.pdf"]


def test_two_gigabytes_are_refused_before_they_are_sent(site, page, portal, dossier_id):
    """A browser that does not look: the portal answers by the length alone, in the reader's language, and goes on."""
    cookies = "; ".join(f"{c['name']}={c['value']}" for c in page.context.cookies())
    head = (
        f"POST /dossiers/{dossier_id}/pieces/{PIECE} HTTP/1.1\r\nHost: 127.0.0.1:{portal.port}\r\nCookie: {cookies}\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {2 * 1024**3}\r\n\r\n--x\r\n"
    )
    with socket.create_connection(("127.0.0.1", portal.port), timeout=20) as line:
        line.sendall(head.encode())
        answer = line.recv(4096)
    assert b" 413 " in answer.partition(b"\r\n")[0]
    assert names(site, dossier_id) == []
    with urllib.request.urlopen(f"{portal.url}/health", timeout=20) as well:
        assert well.status == 200


def test_a_slow_upload_holds_up_nobody(site, page, portal, dossier_id):
    """Half of a file is on its way and the rest does not come: others save all the same."""
    page.goto(f"{portal.url}/dossiers/{dossier_id}/sections/5")
    cookies = "; ".join(f"{c['name']}={c['value']}" for c in page.context.cookies())
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + b"x" * 200_000
    head = (
        f"POST /dossiers/{dossier_id}/pieces/{PIECE} HTTP/1.1\r\nHost: 127.0.0.1:{portal.port}\r\nCookie: {cookies}\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {2 * len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", portal.port), timeout=20) as line:
        line.sendall(head.encode() + body)
        page.wait_for_timeout(500)
        page.fill("#reasons", "While somebody sends a file.")
        expect(page.locator("#status-reasons[data-state=saved] time")).to_be_visible(timeout=5000)
