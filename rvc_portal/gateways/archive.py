"""A ZIP without compression whose every byte follows from the list of its files: names, sizes, CRC-32 and times.

So its length is known before the first byte is sent, and it can begin at any byte without the file being made: what lies
before is counted, not read. ZIP64 where a size, a place or the number of files needs it (APPNOTE.TXT 6.3.10, §4).
"""

import struct
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

MEDIA_TYPE = "application/zip"
FULL_16, FULL_32 = 0xFFFF, 0xFFFFFFFF
"""What stands in a field whose value stands in the ZIP64 part instead."""
LONGEST_NAME = 120
"""Characters in one part of a path: with a folder to unpack into, some 260 are all that Windows takes."""
UTF8_NAMES = 1 << 11
PLAIN, WITH_ZIP64 = 20, 45
"""The version of the format that a reader needs."""
MADE_ON_UNIX = 3 << 8
RIGHTS = 0o100644 << 16
"""A plain file that everybody may read."""

_HEADER = struct.Struct("<4s5H3L2H")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")

_FORBIDDEN = frozenset('<>:"/\\|?*')
_DEVICES = frozenset(
    {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in (*range(1, 10), *"¹²³"))}
)

Read = Callable[[str], Iterator[bytes]]
"""Reads what is stored under a SHA-256, in pieces."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file. `name`: its path within, with slashes; `size` in bytes; `at`: what is told as its time, in UTC."""

    name: str
    sha256: str
    size: int
    crc32: int
    at: datetime


@dataclass(frozen=True, slots=True)
class _Placed:
    member: Member
    offset: int


class Archive:
    """The ZIP of these files, in their order. `length`: in bytes."""

    def __init__(self, members: Iterable[Member]) -> None:
        self._placed: list[_Placed] = []
        at = 0
        for member in members:
            self._placed.append(_Placed(member, at))
            at += len(_header(member)) + member.size
        self._directory_at = at
        self.length = at + sum(len(_entry(p)) for p in self._placed)
        self._directory_size = self.length - at
        self.length += len(self._end())

    def stream(self, read: Read, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to, not including, `end` (None: to the last). Holds one piece of one file at a time;
        what lies before `start` is not read, but for the one file in which it lies."""
        left = (self.length if end is None else end) - start
        for piece in self._from(read, start):
            if len(piece) >= left:
                yield piece[:left]
                return
            left -= len(piece)
            yield piece

    def _from(self, read: Read, start: int) -> Iterator[bytes]:
        for placed in self._placed:
            member = placed.member
            header = _header(member)
            content_at = placed.offset + len(header)
            if start < content_at:
                yield header[max(0, start - placed.offset) :]
            if start < content_at + member.size:
                yield from _part(read(member.sha256), max(0, start - content_at), member.size)
        at = self._directory_at
        for part in self._tail():
            if start < at + len(part):
                yield part[max(0, start - at) :]
            at += len(part)

    def _tail(self) -> Iterator[bytes]:
        for placed in self._placed:
            yield _entry(placed)
        yield self._end()

    def _end(self) -> bytes:
        count, size, at = len(self._placed), self._directory_size, self._directory_at
        short = _END.pack(
            b"PK\5\6", 0, 0, min(count, FULL_16), min(count, FULL_16), min(size, FULL_32), min(at, FULL_32), 0
        )
        if count < FULL_16 and size < FULL_32 and at < FULL_32:
            return short
        whole = _END_64.pack(
            b"PK\6\6", _END_64.size - 12, MADE_ON_UNIX | WITH_ZIP64, WITH_ZIP64, 0, 0, count, count, size, at
        )
        return whole + _LOCATOR_64.pack(b"PK\6\7", 0, at + size, 1) + short


def names(wanted: Sequence[tuple[str, ...]]) -> list[str]:
    """A path for each of these (folder, …, file), in their order: letters of any script, nothing that Windows refuses, and
    no two equal where upper and lower case or ways to write an accent are one."""
    taken: set[str] = set()
    found = []
    for parts in wanted:
        path = "/".join(map(_safe, parts))
        stem, ending = _split(path)
        number = 1
        while _alike(path) in taken:
            number += 1
            path = f"{stem} ({number}){ending}"
        taken.add(_alike(path))
        found.append(path)
    return found


def _safe(part: str) -> str:
    """One part of a path as every system takes it."""
    told = unicodedata.normalize("NFC", part)
    plain = "".join("-" if c in _FORBIDDEN or unicodedata.category(c)[0] == "C" else c for c in told)
    short = " ".join(plain.split())
    if len(short) > LONGEST_NAME:
        _stem, ending = _split(short)
        short = short[: LONGEST_NAME - len(ending)].rstrip() + ending
    clean = short.strip(" .") or "-"
    return f"-{clean}" if clean.partition(".")[0].strip().upper() in _DEVICES else clean


def _split(name: str) -> tuple[str, str]:
    """What comes before the ending of a file's name, and the ending with its dot."""
    stem, dot, ending = name.rpartition(".")
    return (stem, dot + ending) if stem and ending.isalnum() and len(ending) < 10 else (name, "")


def _alike(path: str) -> str:
    return unicodedata.normalize("NFKC", path.casefold()).casefold()


def _part(pieces: Iterator[bytes], start: int, end: int) -> Iterator[bytes]:
    """The bytes from `start` up to `end` of what comes in pieces."""
    at = 0
    while at < end and (piece := next(pieces, b"")):
        wanted = piece[max(0, start - at) : end - at]
        if wanted:
            yield wanted
        at += len(piece)


def _header(member: Member) -> bytes:
    """What stands before a file. Its two sizes move together, so that a reader never finds one here and one there."""
    name, (day, second) = member.name.encode(), _dos(member.at)
    large = member.size >= FULL_32
    extra = struct.pack("<2H2Q", 1, 16, member.size, member.size) if large else b""
    size = min(member.size, FULL_32)
    return (
        _HEADER.pack(
            b"PK\3\4", WITH_ZIP64 if large else PLAIN, UTF8_NAMES, 0, second, day, member.crc32, size, size,
            len(name), len(extra),
        )
        + name
        + extra
    )  # fmt: skip


def _entry(placed: _Placed) -> bytes:
    """The file's line in the directory at the end."""
    member, name = placed.member, placed.member.name.encode()
    day, second = _dos(member.at)
    wide = [member.size, member.size] if member.size >= FULL_32 else []
    wide += [placed.offset] if placed.offset >= FULL_32 else []
    extra = struct.pack(f"<2H{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
    version, size = WITH_ZIP64 if wide else PLAIN, min(member.size, FULL_32)
    return (
        _ENTRY.pack(
            b"PK\1\2", MADE_ON_UNIX | version, version, UTF8_NAMES, 0, second, day, member.crc32, size, size,
            len(name), len(extra), 0, 0, 0, RIGHTS, min(placed.offset, FULL_32),
        )
        + name
        + extra
    )  # fmt: skip


def _dos(at: datetime) -> tuple[int, int]:
    """Day and time as the format has them: from 1980 on, to two seconds."""
    told = at.astimezone(UTC)
    if told.year < 1980:
        return 1 << 5 | 1, 0
    return (told.year - 1980) << 9 | told.month << 5 | told.day, told.hour << 11 | told.minute << 5 | told.second // 2
