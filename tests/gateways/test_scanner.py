"""Uploads before a real ClamAV, with one signature of the tests' own."""

import io
from collections.abc import Iterator

import pytest

from rvc_portal.gateways.scanner import Scanner, ScannerError
from tests import servers

MARKER = b"this-is-what-the-test-looks-for"


@pytest.fixture(scope="module")
def clamav(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scanner]:
    with servers.clamd(tmp_path_factory.mktemp("clamav"), MARKER) as url:
        yield Scanner(url)


@pytest.mark.parametrize("content", [b"", b"a letter", b"x" * 3_000_000])
def test_a_clean_file_passes(clamav: Scanner, content: bytes) -> None:
    assert clamav.scan(io.BytesIO(content)) is None


@pytest.mark.parametrize("before", [0, 70_000, 2_000_000])
def test_what_is_known_is_found_and_named(clamav: Scanner, before: int) -> None:
    found = clamav.scan(io.BytesIO(b"x" * before + MARKER + b"y" * 100))
    assert found is not None
    assert found.startswith("Test.Marker")


def test_more_than_the_daemon_takes_is_an_error_and_no_pass(clamav: Scanner) -> None:
    with pytest.raises(ScannerError):
        clamav.scan(io.BytesIO(b"x" * 25_000_000))


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:1", "unix:///nowhere/clamd.sock", "127.0.0.1:3310"])
def test_a_scanner_that_is_not_there_is_an_error_and_no_pass(url: str) -> None:
    with pytest.raises(ScannerError):
        Scanner(url).scan(io.BytesIO(b"a letter"))


def test_without_a_scanner_nothing_is_looked_through() -> None:
    assert not Scanner("").is_set
    assert Scanner("").scan(io.BytesIO(MARKER)) is None
