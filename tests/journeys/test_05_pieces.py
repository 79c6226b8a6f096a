"""A piece goes up when it is chosen, survives a cut line, is taken once, and what it replaces is kept."""

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
    card.get_by_text("Earlier files").click()
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
