"""What a poor line carries: compressed where a browser can read it, the same bytes after."""

import gzip

import pytest


@pytest.mark.parametrize("path", ["/sign-in", "/static/app.js", "/static/parts.css"])
def test_pages_styles_and_scripts_travel_compressed(client, path):
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert len(packed.data) < len(plain.data) / 2
    if path.startswith("/static"):
        assert gzip.decompress(packed.data) == plain.data


def test_a_browser_that_cannot_gets_it_plain(client):
    assert "Content-Encoding" not in client.get("/static/app.js").headers


def test_a_script_that_has_not_changed_is_not_sent_again(client):
    first = client.get("/static/app.js", headers={"Accept-Encoding": "gzip"})
    again = client.get("/static/app.js", headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""
