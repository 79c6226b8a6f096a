"""The daily heads of the journal's chains: files outside the database, added and never written over.

One file, in lines of text that end with a line feed:

    rvc-heads 1
    name 2026-11-26
    at 2026-11-26T00:10:03Z
    previous <sha256 of the file before, or 64 noughts>
    <chain> <number of its last entry> <hash of that entry>      one line for each chain
    chains <how many> entries <how many in all>
    sha256 <of every byte above>

`previous` makes of the files a chain of their own. The file `<name>.seal` beside it, where there is one, is what a key made
of `statement`.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rvc_portal.domain.errors import PortalError
from rvc_portal.gateways import drafts

FIRST = "0" * 64
_NAME = re.compile(r"(\d{4}-\d\d-\d\d)(?:\.(\d+))?")
_LINE = re.compile(r"([0-9a-f-]{36}) ([1-9]\d*) ([0-9a-f]{64})")
_WIDEST = 200
"""Characters of the longest line that is ours, and some."""


class Spoilt(PortalError):
    """A file of heads is not as it was written; the message says in what."""


@dataclass(frozen=True)
class Line:
    """Where one chain ended: `number` counts its entries from 1."""

    chain: str
    number: int
    hash: str


@dataclass(frozen=True)
class Written:
    """A file that stands: its name (the day in UTC, with a number from the second of a day on) and its SHA-256."""

    name: str
    sha256: str
    chains: int
    entries: int


def statement(name: str, sha256: str) -> bytes:
    """What a key seals: the name and the SHA-256, which cover every line and, by `previous`, every file before."""
    return f"rvc-heads {name} {sha256}\n".encode()


class Heads:
    """The files of one folder, which is made with the first of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """What is there, oldest first."""
        found = [_NAME.fullmatch(path.name) for path in self.folder.glob("*")] if self.folder.is_dir() else []
        return [match[0] for match in sorted(filter(None, found), key=lambda m: (m[1], int(m[2] or 1)))]

    def free_name(self, day: str) -> str:
        """The name of the next file of this day."""
        taken = set(self.names())
        return next(name for n in range(1, len(taken) + 2) if (name := day if n == 1 else f"{day}.{n}") not in taken)

    def stated_sha256(self, name: str) -> str:
        """The SHA-256 that stands at the end of a file, "" where none does."""
        with (self.folder / name).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _WIDEST))
            last = file.read().decode("ascii", "replace").rpartition("\nsha256 ")[2]
        return last.strip() if re.fullmatch(r"[0-9a-f]{64}\n", last) else ""

    def write(self, name: str, at: str, lines: Iterable[Line]) -> Written:
        """Add a file, whole or not at all. Raises FileExistsError where another process was faster."""
        names = self.names()
        previous = self.stated_sha256(names[-1]) if names else FIRST
        digest, chains, entries = hashlib.sha256(), 0, 0
        self.folder.mkdir(parents=True, exist_ok=True)
        with drafts.draft(self.folder) as unfinished:
            with unfinished.open("xb") as file:

                def put(text: str) -> None:
                    digest.update(text.encode())
                    file.write(text.encode())

                put(f"rvc-heads 1\nname {name}\nat {at}\nprevious {previous}\n")
                for line in lines:
                    chains, entries = chains + 1, entries + line.number
                    put(f"{line.chain} {line.number} {line.hash}\n")
                put(f"chains {chains} entries {entries}\n")
                file.write(f"sha256 {digest.hexdigest()}\n".encode())
                file.flush()
                os.fsync(file.fileno())
            os.link(unfinished, self.folder / name)
        return Written(name, digest.hexdigest(), chains, entries)

    def put_seal(self, name: str, seal: bytes) -> None:
        """Keep what a key made of the file's `statement` beside it."""
        (self.folder / f"{name}.seal").write_bytes(seal)

    def seal(self, name: str) -> bytes | None:
        """What a key made of the file's `statement`, where one did."""
        path = self.folder / f"{name}.seal"
        return path.read_bytes() if path.exists() else None

    def read(self, name: str, previous: str) -> Iterator[Line]:
        """The lines of a file, as they come. Raises Spoilt, at the end, where it is not as it was written or does not follow
        from the file whose SHA-256 is `previous`."""
        digest, ended, entries, chains = hashlib.sha256(), False, 0, 0
        head = ["rvc-heads 1", f"name {name}", None, f"previous {previous}"]
        faults: list[str] = []
        with (self.folder / name).open(encoding="ascii", errors="replace", newline="\n") as file:
            for number, text in enumerate(iter(lambda: file.readline(_WIDEST), "")):
                line = text.rstrip("\n")
                if number < len(head):
                    if head[number] not in (None, line):
                        missing = line.startswith("previous ")
                        faults.append("a file before it is missing or altered" if missing else f"line {number + 1}")
                elif match := _LINE.fullmatch(line):
                    chains, entries = chains + 1, entries + int(match[2])
                    yield Line(match[1], int(match[2]), match[3])
                elif line.startswith("sha256 "):
                    ended = line == f"sha256 {digest.hexdigest()}"
                elif line != f"chains {chains} entries {entries}":
                    faults.append(f"line {number + 1}")
                digest.update(text.encode())
        if not ended:
            faults.append("its bytes do not have the sha256 that stands at its end")
        if faults:
            raise Spoilt(faults[0])
