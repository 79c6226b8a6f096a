"""The journal as proof: daily heads over all chains, kept outside the database, and the check that finds every change.

A chain shows by itself what was changed, taken out, put in or moved before its end. A tail that was cut, and a chain that was
hashed anew from some entry on, show against what was said of it elsewhere: the daily heads (`gateways.heads`), and the
documents, each of which prints where its chain ended.
"""

import json
import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.gateways.heads import FIRST, Heads, Line, Spoilt, Written, statement
from rvc_portal.gateways.signing import KeysError, Office
from rvc_portal.models.call import Call
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.journal import JournalEntry
from rvc_portal.queries.evidence import context_of
from rvc_portal.services import journal
from rvc_portal.services.contexts.parts import iso

_log = logging.getLogger(__name__)
PORTION = 1000
"""Rows that are in memory at a time."""

Seal = Callable[[bytes], bytes | None]
"""Makes of a statement what proves that the office made it; None where the instance has no key."""


def unsealed(_told: bytes) -> bytes | None:
    """Where no key belongs to the heads, they prove by being kept elsewhere."""
    return None


def sealer(office: Office) -> Seal:
    """The office's seal. Keys that cannot seal hold up nothing: the heads prove by being kept elsewhere, too."""

    def seal(told: bytes) -> bytes | None:
        if not office.has_keys:
            return None
        try:
            return office.seal(told)
        except KeysError as error:
            _log.warning("the heads of the journal cannot be sealed: %s", error)
            return None

    return seal


def write_heads(session: Session, heads: Heads, now: datetime, sealed: Seal = unsealed) -> Written | None:
    """Add a file with the head of every chain as it is now; None where another process did at the same moment. Raises
    OSError. A test call can be thrown away, so its chains are not in it."""
    name = heads.free_name(now.astimezone(UTC).date().isoformat())
    try:
        written = heads.write(name, iso(now), _ends(session))
    except FileExistsError:
        return None
    if made := sealed(statement(name, written.sha256)):
        heads.put_seal(name, made)
    return written


def write_heads_of_the_day(session: Session, heads: Heads, now: datetime, sealed: Seal = unsealed) -> Written | None:
    """The same once a day; None where the day has its file."""
    return None if now.astimezone(UTC).date().isoformat() in heads.names() else write_heads(session, heads, now, sealed)


def _ends(session: Session) -> Iterator[Line]:
    tests = sa.union_all(
        sa.select(Call.id).where(Call.test),
        sa.select(Dossier.id).join(Call, Call.id == Dossier.call_id).where(Call.test),
    )
    last = (
        sa.select(sa.func.max(JournalEntry.id).label("id"), sa.func.count().label("number"))
        .where(JournalEntry.chain.not_in(tests))
        .group_by(JournalEntry.chain)
        .subquery()
    )
    query = sa.select(JournalEntry.chain, last.c.number, JournalEntry.hash).join(last, last.c.id == JournalEntry.id)
    for chain, number, sha256 in session.execute(query.order_by(JournalEntry.chain), execution_options=_STREAMED):
        yield Line(str(chain), number, sha256)


_STREAMED = {"yield_per": PORTION}


@dataclass(frozen=True)
class Fault:
    """Something that is not as it was written: in which chain (or file of heads), at which entry, counted from 1, and what."""

    where: str
    number: int | None
    what: str


@dataclass
class Check:
    """One look through the whole journal. Memory does not grow with it; `chains`, `entries`, `files`, `seals` and `printed`
    (heads in documents) count what was looked at once `faults` is exhausted. `office`: whose seals are looked at."""

    session: Session
    heads: Heads
    office: Office | None = None
    chains: int = 0
    entries: int = 0
    files: int = 0
    seals: int = 0
    printed: int = 0
    _known: "_Known" = field(init=False)

    def faults(self) -> Iterator[Fault]:
        """Every fault as it is found. What was said of the chains is read first: they only grow meanwhile."""
        with closing(_Known()) as self._known:
            yield from self._files()
            self._documents()
            yield from self._entries()
            for chain, number, source in self._known.left():
                yield Fault(
                    _named(self.session, chain),
                    number,
                    f"the chain has no entries, but this one is known from {source}",
                )

    def _files(self) -> Iterator[Fault]:
        previous = FIRST
        for name in self.heads.names():
            self.files += 1
            try:
                for line in self.heads.read(name, previous):
                    self._known.add(line.chain, line.number, line.hash, f"the heads of {name}")
            except Spoilt as spoilt:
                yield Fault(f"heads of {name}", None, str(spoilt))
            previous = self.heads.stated_sha256(name)
            if self.office is not None and (seal := self.heads.seal(name)) is not None:
                self.seals += 1
                if not self.office.has_sealed(statement(name, previous), seal):
                    yield Fault(f"heads of {name}", None, "their seal is not the office's seal of this file")

    def _documents(self) -> None:
        told = context_of(self.session)["document"]
        said = told["journal"]
        columns = (Document.dossier_id, Document.call_id, said["number"].as_string(), said["hash"].as_string())
        query = sa.select(*columns, told["reference"].as_string()).where(said["hash"].as_string().is_not(None))
        for dossier_id, call_id, number, sha256, reference in self.session.execute(query, execution_options=_STREAMED):
            self.printed += 1
            if number and number.isdecimal():
                chain = str(dossier_id or call_id or journal.NETWORK)
                self._known.add(chain, int(number), sha256, f"the document {reference}")

    def _entries(self) -> Iterator[Fault]:
        chain: _Chain | None = None
        query = sa.select(*_AS_TEXT).order_by(JournalEntry.chain, JournalEntry.id)
        for row in self.session.execute(query, execution_options=_STREAMED):
            if chain is None or chain.key != row.chain:
                yield from self._end(chain)
                chain = _Chain(row.chain, self._known.of(_plain(row.chain)))
            self.entries += 1
            for number, what in chain.take(row, self._place):
                yield Fault(_named(self.session, row.chain), number, what)
        yield from self._end(chain)

    def _end(self, chain: "_Chain | None") -> Iterator[Fault]:
        if chain is None:
            return
        self.chains += 1
        for number, what in chain.end():
            yield Fault(_named(self.session, chain.key), number, what)
        self._known.done(_plain(chain.key))

    def _place(self, row: Any, before: str) -> str:
        """Why the entry does not follow from the one before it, whose hash is `before`."""
        own = sa.cast(JournalEntry.chain, sa.Text) == row.chain
        follows = self.session.scalar(sa.select(JournalEntry.id).where(own, JournalEntry.previous == before).limit(1))
        known = self.session.scalar(sa.select(JournalEntry.id).where(own, JournalEntry.hash == row.previous).limit(1))
        if known:
            return "stands in another place than it was written in"
        return "was put in" if follows else "follows from an entry that is missing"


_AS_TEXT = [
    sa.cast(column, sa.Text).label(column.key)
    for column in (
        JournalEntry.id, JournalEntry.chain, JournalEntry.at, JournalEntry.actor_id, JournalEntry.transition,
        JournalEntry.reason, JournalEntry.payload, JournalEntry.previous, JournalEntry.hash,
    )
]  # fmt: skip
"""As text, so that what a hand wrote there and no column type can read is a fault like any other."""


class _Chain:
    """One chain on its way past: where it is, and what was said of it elsewhere, by the number of the entry."""

    def __init__(self, key: str, said: Iterator[tuple[int, str, str]]) -> None:
        self.key, self.number, self.before = key, 0, journal.BEGINNING
        self._said, self._told = said, False
        self._next = next(said, None)

    def take(self, row: Any, place: Callable[[Any, str], str]) -> Iterator[tuple[int, str]]:
        """What is wrong with the next entry."""
        self.number += 1
        if _hash_of(row) != row.hash:
            yield self.number, f"was altered (entry {row.id})"
        if row.previous != self.before:
            self._told = True
            yield self.number, f"{place(row, self.before)} (entry {row.id})"
        while self._next and self._next[0] == self.number:
            if self._next[1] != row.hash and not self._told:
                self._told = True
                yield self.number, f"is not the entry that is known from {self._next[2]} (entry {row.id})"
            self._next = next(self._said, None)
        self.before = row.hash

    def end(self) -> Iterator[tuple[int, str]]:
        """What is missing behind the last entry."""
        if self._next:
            yield self.number + 1, f"the chain ends before it, but entry {self._next[0]} is known from {self._next[2]}"


def _hash_of(row: Any) -> str | None:
    """The hash that the entry should have; None where it cannot be read."""
    try:
        at = datetime.fromisoformat(row.at)
        return journal.stated_hash(
            UUID(row.chain), at if at.tzinfo else at.replace(tzinfo=UTC), UUID(row.actor_id) if row.actor_id else None,
            row.transition, row.reason, json.loads(row.payload), row.previous,
        )  # fmt: skip
    except (ValueError, TypeError, RecursionError):
        return None


class _Known:
    """What was said of chains elsewhere: in a table of its own on the disk, since there may be more of it than memory."""

    def __init__(self) -> None:
        self._table = sqlite3.connect("")
        self._table.execute(
            "CREATE TABLE said (chain TEXT, number INTEGER, hash TEXT, source TEXT, PRIMARY KEY (chain, number, hash))"
            " WITHOUT ROWID"
        )

    def add(self, chain: str, number: int, sha256: str, source: str) -> None:
        self._table.execute("INSERT OR IGNORE INTO said VALUES (?, ?, ?, ?)", (chain, number, sha256, source))

    def of(self, chain: str) -> Iterator[tuple[int, str, str]]:
        return self._table.execute("SELECT number, hash, source FROM said WHERE chain = ? ORDER BY number", (chain,))

    def done(self, chain: str) -> None:
        self._table.execute("DELETE FROM said WHERE chain = ?", (chain,))

    def left(self) -> Iterator[tuple[str, int, str]]:
        """Of each chain that nobody asked for, the first entry that is known."""
        return self._table.execute("SELECT chain, min(number), source FROM said GROUP BY chain ORDER BY chain")

    def close(self) -> None:
        self._table.close()


def _plain(chain: str) -> str:
    """The chain's name as `str(UUID)` writes it; as it stands where it is none."""
    try:
        return str(UUID(chain))
    except ValueError:
        return chain


def _named(session: Session, chain: str) -> str:
    """The chain as people know it, with its id."""
    plain = _plain(chain)
    try:
        key = UUID(plain)
    except ValueError:
        return f"chain {chain}"
    if key == journal.NETWORK:
        return f"the Network ({plain})"
    dossier = session.scalar(sa.select(Dossier.reference).where(Dossier.id == key))
    call = None if dossier else session.scalar(sa.select(Call.key).where(Call.id == key))
    return f"{dossier} ({plain})" if dossier else f"call {call} ({plain})" if call else f"chain {plain}"
