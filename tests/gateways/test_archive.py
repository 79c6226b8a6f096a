"""A ZIP that follows from its list: three readers open it, every range of it is what the whole has there."""

import hashlib
import io
import random
import shutil
import subprocess
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvc_portal.gateways import archive
from rvc_portal.gateways.archive import Archive, Member

AT = datetime(2026, 11, 26, 5, 30, 42, tzinfo=UTC)


class Shelf:
    """Contents by hash, read in pieces; `read_of`: which were asked for."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.read_of: list[str] = []

    def member(self, name: str, content: bytes) -> Member:
        sha256 = hashlib.sha256(content).hexdigest()
        self.kept[sha256] = content
        return Member(name, sha256, len(content), zlib.crc32(content), AT)

    def read(self, sha256: str) -> Iterator[bytes]:
        self.read_of.append(sha256)
        content = self.kept[sha256]
        return (content[i : i + 1000] for i in range(0, len(content), 1000))


NAMES = ["MANIFEST.csv", "Łódź – 우치/dossier.pdf", "São Paulo/ع.pdf", "empty.txt"]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def members(shelf: Shelf) -> list[Member]:
    chance = random.Random(1)
    return [shelf.member(name, chance.randbytes(size)) for name, size in zip(NAMES, (10, 5000, 2500, 0), strict=True)]


def whole(made: Archive, shelf: Shelf) -> bytes:
    return b"".join(made.stream(shelf.read))


def test_it_has_the_length_that_it_said_and_python_reads_it(shelf, members):
    made = Archive(members)
    content = whole(made, shelf)
    assert len(content) == made.length
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        assert found.testzip() is None
        assert found.namelist() == NAMES
        assert {i.compress_type for i in found.infolist()} == {zipfile.ZIP_STORED}
        assert {i.date_time for i in found.infolist()} == {(2026, 11, 26, 5, 30, 42)}
        assert [found.read(m.name) for m in members] == [shelf.kept[m.sha256] for m in members]


@pytest.mark.parametrize("command", [["unzip", "-t"], ["7zz", "t"]], ids=lambda c: c[0])
def test_other_programs_read_it(command, shelf, members, tmp_path):
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not here")
    path = tmp_path / "bundle.zip"
    path.write_bytes(whole(Archive(members), shelf))
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_is_an_archive_too(shelf):
    made = Archive([])
    assert zipfile.ZipFile(io.BytesIO(whole(made, shelf))).namelist() == []
    assert made.length == 22


def test_every_range_is_what_the_whole_has_there(shelf, members):
    made = Archive(members)
    content = whole(made, shelf)
    chance = random.Random(2)
    places = sorted({0, 1, made.length - 1, made.length, *chance.sample(range(made.length), 80)})
    for start in places:
        assert b"".join(made.stream(shelf.read, start)) == content[start:]
        end = chance.randint(start, made.length)
        assert b"".join(made.stream(shelf.read, start, end)) == content[start:end]


def test_what_lies_before_and_behind_is_not_read(shelf, members):
    made = Archive(members)
    content = whole(made, shelf)
    shelf.read_of.clear()
    start = content.index(shelf.kept[members[2].sha256])
    b"".join(made.stream(shelf.read, start, start + 10))
    assert shelf.read_of == [members[2].sha256]
    shelf.read_of.clear()
    b"".join(made.stream(shelf.read, made.length - 22))
    assert shelf.read_of == []


class Hollow(io.RawIOBase):
    """The archive as a file of which only what is asked for is there: its contents are nought."""

    def __init__(self, made: Archive) -> None:
        self.made, self.at = made, 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = (0, self.at, self.made.length)[whence] + offset
        return self.at

    def tell(self) -> int:
        return self.at

    def read(self, size: int = -1) -> bytes:
        end = self.made.length if size < 0 else min(self.at + size, self.made.length)
        found = b"".join(self.made.stream(_unread, self.at, end))
        self.at = end
        return found


def _unread(sha256: str) -> Iterator[bytes]:
    while True:
        yield bytes(100)


def test_beyond_four_gigabytes_python_finds_every_file():
    large = (1 << 32) + 5
    sizes = [3, large, 4, (1 << 32) - 1, (1 << 32) - 2, 6]
    made = Archive(Member(f"{n}.bin", "", size, 0, AT) for n, size in enumerate(sizes))
    with zipfile.ZipFile(Hollow(made)) as found:
        assert [i.file_size for i in found.infolist()] == sizes
        last = found.infolist()[-1]
        assert last.header_offset > 3 * (1 << 32)
        with found.open(last) as file:
            file._expected_crc = None  # type: ignore[attr-defined]
            assert file.read() == bytes(6)


def test_beyond_65535_files(tmp_path: Path):
    """Their number stands in the ZIP64 part alone."""
    made = Archive(Member(f"{n}", "", 0, 0, AT) for n in range(65_600))
    path = tmp_path / "many.zip"
    path.write_bytes(b"".join(made.stream(_unread)))
    with zipfile.ZipFile(path) as found:
        assert len(found.infolist()) == 65_600
    if shutil.which("unzip"):
        assert subprocess.run(["unzip", "-Zt", str(path)], check=True, capture_output=True).stdout.startswith(b"65600")


def test_names_are_safe_and_different():
    found = archive.names([
        ("A/B: 1?", "x.pdf"), ("a-b- 1-", "X.PDF"), ("con", "nul.txt"), ("..", "…. "), ("Cafe\u0301", "1.pdf"),
        ("Café", "1.pdf"), ("tab\there", "\u202efdp.exe"), ("L" * 300, "y" * 300 + ".pdf"), ("", ""),
    ])  # fmt: skip
    assert found[:6] == ["A-B- 1-/x.pdf", "a-b- 1-/X (2).PDF", "-con/-nul.txt", "-/…", "Café/1.pdf", "Café/1 (2).pdf"]
    assert found[6] == "tab-here/-fdp.exe"
    assert [len(part) for part in found[7].split("/")] == [120, 120]
    assert found[7].endswith("y.pdf")
    assert found[8] == "-/-"


@given(st.lists(st.tuples(st.text(max_size=200), st.text(max_size=200)), max_size=20))
def test_whatever_is_named_comes_out_safe_and_different(wanted):
    found = archive.names(wanted)
    assert len({name.casefold() for name in found}) == len(found)
    for name in found:
        name.encode()
        for part in name.split("/"):
            assert part
            assert part.strip(" .") == part
            assert not set(part) & set('<>:"\\|?*\0\n')
