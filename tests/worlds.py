"""One tale told in two worlds that differ in what is hidden from somebody, and all that this person hears in each.

A world is a copy of one folder: the same rows, files, sessions and keys. Its clock stands where the tale puts it, its ids
are drawn from what is asked for. Whatever then differs in what the person hears comes from what differs between the worlds.
"""

import itertools
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID
from zlib import crc32

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from rvc_portal import settings
from rvc_portal.app import create_app
from rvc_portal.models.account import Account
from rvc_portal.models.agenda import MeetingItem, MeetingPaper
from rvc_portal.models.ballot import Ballot
from rvc_portal.models.base import db, seeded_ids
from rvc_portal.models.bundle import Bundle
from rvc_portal.models.call import Call
from rvc_portal.models.clause import Clause
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Attachment, Dossier
from rvc_portal.models.evaluation import Assignment, Evaluation
from rvc_portal.models.filled_form import FilledForm
from rvc_portal.models.job import Mail
from rvc_portal.models.mandate import Mandate
from rvc_portal.models.meeting import Delegate, Meeting, MeetingTask
from rvc_portal.models.pack import Pack, Upload
from rvc_portal.models.proposal import Proposal
from rvc_portal.models.reminder import Reminder
from rvc_portal.models.seat import Member, Seat, SeatHolder
from rvc_portal.models.steering import AgendaItem, SteeringSession
from rvc_portal.services import mailing
from tests.judging import Judging
from tests.web.browsing import START, Clock

SIGNED = re.compile(rb"[A-Za-z0-9_=-]{10,}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{20,}")
"""What the portal signs with the time of day: the tokens of forms, and sessions."""
SPOKEN = (
    "Content-Type",
    "Content-Disposition",
    "Content-Length",
    "Location",
    "HX-Redirect",
    "HX-Trigger",
    "ETag",
    "Vary",
)
SECTIONS = range(1, 9)

_asked: ContextVar[list[str] | None] = ContextVar("asked", default=None)


@dataclass(frozen=True)
class Answer:
    """What one request brought. `queries`: how many statements reached the database."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    queries: int


@dataclass
class World:
    """`heard`: for each request that the person made, by what was asked, each answer that was not like the one before:
    how often a page asks whether a document is ready hangs on the machine."""

    app: Flask
    clock: Clock
    tale: Judging
    heard: dict[str, list[Answer]] = field(default_factory=dict)
    _times: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def listen(self) -> None:
        """From now on note every answer but those for style and scripts."""
        served = self.app.wsgi_app

        def noting(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
            environ.pop("HTTP_ACCEPT_ENCODING", None)  # compressed, a token would change more than itself
            what = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}"
            what += " (part)" if environ.get("HTTP_HX_REQUEST") else ""
            if environ["PATH_INFO"].startswith("/static/"):
                return served(environ, start)
            with self._lock:
                self._times[what] += 1
                number = self._times[what]
            said: list[Any] = []
            asked = _asked.set([])
            with seeded_ids(crc32(f"{what} {number}".encode())):
                chunks = served(environ, lambda status, headers, exc_info=None: said.append((status, headers)))
                body = b"".join(chunks)
                if hasattr(chunks, "close"):
                    chunks.close()
            queries = len(_asked.get() or ())
            _asked.reset(asked)
            status, headers = said[0]
            self._note(what, Answer(int(status[:3]), _spoken(headers), SIGNED.sub(b"TOKEN", body), queries))
            start(status, headers)
            return [body]

        self.app.wsgi_app = noting  # type: ignore[method-assign]
        with self.app.app_context():
            sa.event.listen(db.engine, "before_cursor_execute", _count)

    def silenced(self) -> dict[str, list[Answer]]:
        """What was heard so far; from now on a new page."""
        found, self.heard = self.heard, {}
        self._times.clear()
        return found

    def _note(self, what: str, answer: Answer) -> None:
        with self._lock:
            earlier = self.heard.setdefault(what, [])
            if not earlier or earlier[-1] != answer:
                earlier.append(answer)

    @contextmanager
    def served(self) -> Iterator[str]:
        """The world on a free port; its address."""
        server = make_server("127.0.0.1", 0, self.app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.port}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def walk(self, cookie: str, *more: str, parts: bool = False) -> None:
        """Ask for every address that the routes can make of what is in this world, known to the person or not, and for
        some `more`; `parts`: as the parts of pages that scripts ask for."""
        client = self.app.test_client(use_cookies=False)
        headers = {"Cookie": cookie, **({"HX-Request": "true"} if parts else {})}
        for url in [*_addresses(self.app, db.session()), *more]:
            client.get(url, headers=headers, buffered=True)

    def mails(self, address: str) -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
        """Every mail to the address: subject, text, and the enclosures' names with their hashes."""
        instance = self.app.extensions["rvc"]
        found = []
        for mail in db.session.scalars(
            sa.select(Mail).where(Mail.to_address == address).order_by(Mail.created_at, Mail.id)
        ):
            worded = mailing.message(mail, instance.settings.base_url)
            document = db.session.get(Document, mail.document_id) if mail.document_id else None
            enclosed = ((document.kind, document.content_sha256 or ""),) if document else ()
            found.append((worded.subject, worded.body, enclosed))
        return found


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """The world that the folder holds, in a portal that has laid out nothing yet."""
    forget()
    app = create_app(settings.read({"RVC_DATA": str(folder), "RVC_SECRET_KEY": "two worlds"}))
    app.config["TESTING"] = True
    app.config["CLOCK"] = clock = Clock(START)
    app.extensions["security"].pwd_context.update(argon2__time_cost=1, argon2__memory_cost=8, argon2__parallelism=1)
    with app.app_context():
        yield World(app, clock, Judging(app, START))
        db.session.remove()
        db.engine.dispose()


@cache
def _laid_out() -> None:
    """As everything that the portal computes once."""


def forget() -> None:
    """What the process laid out once, as if it had just begun: what the second world finds laid out costs it no query."""
    for name, module in list(sys.modules.items()):
        if name.startswith("rvc_portal."):
            for kept in vars(module).values():
                if type(kept) is type(_laid_out):
                    kept.cache_clear()


def differences(one: Mapping[str, list[Answer]], other: Mapping[str, list[Answer]]) -> list[str]:
    """What was asked and answered differently, each with how."""
    heard = {what: (one.get(what), other.get(what)) for what in sorted({*one, *other})}
    return [f"{what}: {_how(*both)}" for what, both in heard.items() if both[0] != both[1]]


def _how(one: list[Answer] | None, other: list[Answer] | None) -> str:
    if one is None or other is None:
        return "asked in one world only"
    if len(one) != len(other):
        return f"{len(one)} answers and {len(other)}"
    a, b = next((a, b) for a, b in zip(one, other, strict=True) if a != b)
    if a.body != b.body:
        at = next((i for i, (x, y) in enumerate(zip(a.body, b.body, strict=False)) if x != y), 0)
        return f"{a.body[max(0, at - 60) : at + 60]!r} and {b.body[max(0, at - 60) : at + 60]!r}"
    return f"{(a.status, a.headers, a.queries)} and {(b.status, b.headers, b.queries)}"


def _count(connection: object, cursor: object, statement: str, *rest: object) -> None:
    seen = _asked.get()
    if seen is not None:
        seen.append(statement)


def _spoken(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, value) for name, value in headers if name in SPOKEN))


def _addresses(app: Flask, session: Session) -> Iterator[str]:
    """Every GET route with every object. Raises KeyError for an argument that `_objects` does not know yet."""
    objects = _objects(session)
    with app.test_request_context():
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
            if "GET" not in (rule.methods or ()) or rule.build_only or rule.endpoint == "static":
                continue
            names = sorted(rule.arguments)
            for values in itertools.product(*(objects[name] for name in names)):
                yield app.url_for(rule.endpoint, **dict(zip(names, values, strict=True)))


def _objects(session: Session) -> dict[str, list[Any]]:
    """All there is, by the name of the route's argument. Codes are nobody's: those who hold one got it by mail."""

    def ids(model: Any) -> list[UUID]:
        return sorted(session.scalars(sa.select(model.id)))

    pieces = ids(Attachment)[:6]
    return {
        "account_id": ids(Account)[:2],
        "assignment_id": ids(Assignment),
        "attachment_id": pieces,
        "ballot_id": ids(Ballot),
        "bundle_id": ids(Bundle),
        "clause_id": ids(Clause)[:2],
        "clause_name": ["1"],
        "code": ["nobody"],
        "confirmation_token": ["nobody"],
        "document_code": ["nobody"],
        "document_id": ids(Document),
        "edition": list(session.scalars(sa.select(Meeting.edition))) or [9],
        "evaluator_code": ["nobody"],
        "dossier_id": ids(Dossier),
        "file_id": ids(Dossier),
        "filing": [1],
        "filled_id": ids(FilledForm),
        "holder_id": ids(SeatHolder),
        "invitation_code": ["nobody"],
        "item_id": ids(AgendaItem),
        "key": sorted(session.scalars(sa.select(Call.key))),
        "mandate_id": ids(Mandate),
        "slot_id": ids(MeetingItem),
        "paper_id": ids(MeetingPaper),
        "delegate_id": ids(Delegate),
        "task_id": ids(MeetingTask),
        "member_id": ids(Member)[:2],
        "name": ["nobody"],
        "number": list(SECTIONS)[:2],
        "pack_id": ids(Pack),
        "piece_id": pieces,
        "proposal_id": ids(Proposal),
        "reminder_id": ids(Reminder),
        "seat_id": ids(Seat),
        "sheet_id": ids(Evaluation),
        "sitting_id": ids(SteeringSession),
        "token": ["nobody"],
        "upload_id": ids(Upload),
    }
