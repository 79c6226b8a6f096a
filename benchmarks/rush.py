"""The last minutes of a call: every city still saves, and all of them submit before the same second.

200 cities, each over a connection of its own, save an answer every five seconds; in the last minute each one's mayor signs
off and the city submits. Against `rvc serve` as it is: two web workers, one worker for documents. Afterwards a checker
holds what was filed and what the receipts say against what was sent.
"""

import hashlib
import http.client
import json
import random
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pypdfium2
import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy.orm import Session

from benchmarks.figures import Figure, on_engines
from benchmarks.serving import served
from benchmarks.visits import cookie, token
from rvc_portal import settings
from rvc_portal.app import create_app
from rvc_portal.demonstration import cast, running
from rvc_portal.demonstration.cities import city
from rvc_portal.demonstration.story import Story
from rvc_portal.domain.vocabulary import Doc
from rvc_portal.models.base import db, new_id
from rvc_portal.models.call import Call
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Attachment, Dossier, Filing
from rvc_portal.models.engine import reading_only
from rvc_portal.queries import calls, dossiers
from rvc_portal.services import accounts, sign_off, submission
from rvc_portal.services import calls as opening
from rvc_portal.settings import MIGRATIONS
from tests import servers

FIGURES = ("rush_errors", "rush_lost", "rush_p99_ms", "rush_receipt_s", "rush_saves", "rush_submit_p99_ms")
CITIES, EVERY_S, LASTS_S, LAST_MINUTE_S = 200, 5.0, 100.0, 60.0
MARGIN_S = 2.0
"""Nobody aims at the closing second itself."""
RECEIPT_WITHIN_S = 60.0
SENTENCE = "The city reads, writes and translates in three libraries by the river and keeps what it promises. "


@dataclass
class Applicant:
    """One city's page: what it has sent and what it was told. `answers`: what stands, by question, as acknowledged."""

    dossier_id: UUID
    path: str
    cookie: str
    mayor: str
    answers: dict[str, Any]
    saves_ms: list[float] = field(default_factory=list)
    submit_ms: float = 0.0
    errors: list[str] = field(default_factory=list)


def measure(folder: Path) -> Iterator[Figure]:
    """On SQLite and on PostgreSQL; the plain names are the worse of the two."""
    found = {"sqlite": _on_one("sqlite", folder / "rush-sqlite", None)}
    with servers.postgresql() as server:
        database = servers.create_database(server, "rush")
        found["postgresql"] = _on_one("postgresql", folder / "rush-postgresql", database)
    limits = {"rush_errors": 0, "rush_lost": 0, "rush_p99_ms": 1000, "rush_receipt_s": RECEIPT_WITHIN_S}
    yield from on_engines(found, limits)


def _on_one(engine: str, folder: Path, database: str | None) -> dict[str, Figure]:
    environ = {"RVC_DATA": str(folder), "RVC_SECRET_KEY": "benchmark"}
    if database:
        environ["RVC_DATABASE_URL"] = database
    app = create_app(settings.read(environ))
    with app.app_context():
        upgrade(str(MIGRATIONS))
        applicants, keys = _prepare(app)
    with served(environ) as port:
        _warm(port, applicants[0])
        with app.app_context():
            closes = _close_soon()
        _rush(app, port, applicants, keys, closes)
        _wait_for_receipts(app)
    with app.app_context():
        lost, slowest, wrong = _check(app, applicants)
        db.engine.dispose()
    saves, submits = sorted(ms for a in applicants for ms in a.saves_ms), sorted(a.submit_ms for a in applicants)
    errors = [error for a in applicants for error in a.errors] + wrong
    for error in errors[:5]:
        print(f"rush, {engine}: {error}")
    values = {
        "rush_errors": (len(errors), "", 0), "rush_lost": (lost, "saves", 0),
        "rush_p99_ms": (_p99(saves), "ms", 1000), "rush_receipt_s": (slowest, "s", RECEIPT_WITHIN_S),
        "rush_saves": (len(saves), "saves", None), "rush_submit_p99_ms": (_p99(submits), "ms", None),
    }  # fmt: skip
    return {name: Figure(f"{name}_{engine}", value, unit, limit) for name, (value, unit, limit) in values.items()}


# --- before ---


def _prepare(app: Flask) -> tuple[list[Applicant], list[str]]:
    """Drafts with every answer and every piece; each mayor has been asked. The questions that the cities go on writing."""
    now = datetime.now(UTC)
    story = Story(app, 2026, renders=False)
    told = replace(running.definition(now), country_limit=CITIES, field_limit=None)  # places are counted, too
    call = opening.open_call(story.session, told, actor=cast.nobody(), now=now - timedelta(days=75), demonstration=True)
    story.commit()
    questions = [q for q in calls.definition(call).form.questions() if q.type == "text" and q.word_limit]
    applicants: list[Applicant] = []
    for number in range(CITIES):
        applicants.append(_applicant(story, call, number, applicants[0] if applicants else None, now))
    return applicants, [q.key for q in questions]


def _applicant(story: Story, call: Call, number: int, like: Applicant | None, now: datetime) -> Applicant:
    name = f"Saint-Jean-sur-la-Rivière {number:03d}"
    facts = replace(city("Antwerp"), name=name, city=name, local=name, country_iso2="FR", invented=True)
    lead = accounts.create_account(story.session, email=f"lead{number}@ville.example", name=f"Lead {number}", now=now)
    at = now - timedelta(days=2)
    dossier = story.open_dossier(call, facts, lead, at)
    if like is None:
        story.write(dossier, lead, at)
    else:
        _copy(story, dossier, like, story.actor(lead, at), name, at)
    code = sign_off.ask(
        story.session, dossier, name="Zoé Maire", email="maire@ville.example", actor=story.actor(lead, at), now=at
    )
    session_id = accounts.start_session(story.session, lead, datetime.now(UTC)).id.hex
    story.commit()
    values = dict(dossiers.values(story.session, dossier.id))
    return Applicant(dossier.id, f"/dossiers/{dossier.id}", cookie(story.app, session_id), f"/sign-off/{code}", values)


def _copy(story: Story, dossier: Dossier, like: Applicant, actor: Any, name: str, at: datetime) -> None:
    """The first city's answers and pieces: what they say does not matter here."""
    values = {**like.answers, "city_name": name}
    submission.save_answers(story.session, dossier, values, actor=actor, now=at)
    for piece in dossiers.attachments(story.session, like.dossier_id):
        story.session.add(
            Attachment(
                id=new_id(), dossier_id=dossier.id, piece=piece.piece, name=piece.name, content_type=piece.content_type,
                size=piece.size, sha256=piece.sha256, details=piece.details, author_id=actor.person, at=at,
            )
        )  # fmt: skip
    story.session.flush()


def _close_soon() -> float:
    """Let the call close LASTS_S from now; that instant as time.time() counts."""
    call = db.session().scalars(sa.select(Call)).one()
    closes = time.time() + LASTS_S
    call.closes_at = datetime.fromtimestamp(closes, UTC)
    db.session.commit()
    return closes


# --- the rush ---


def _warm(port: int, one: Applicant) -> None:
    """A call that closes has been open for weeks: no worker reads its form for the first time then."""

    def visit() -> None:
        for _ in range(8):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", f"{one.path}/sections/5", headers={"Cookie": one.cookie})
            connection.getresponse().read()
            connection.close()

    visitors = [threading.Thread(target=visit) for _ in range(8)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()


def _rush(app: Flask, port: int, applicants: list[Applicant], keys: list[str], closes: float) -> None:
    sent = token(app)
    chance = random.Random(7)
    threads = []
    for number, one in enumerate(applicants):
        submits = closes - LAST_MINUTE_S + chance.uniform(0, LAST_MINUTE_S - MARGIN_S)
        begins = time.time() + chance.uniform(0, EVERY_S)
        arguments = [one, port, keys, sent, begins, submits, number]
        threads.append(threading.Thread(target=_apply, args=arguments, daemon=True))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LASTS_S + 120)


def _apply(
    one: Applicant, port: int, keys: list[str], sent: str, begins: float, submits: float, number: int
) -> None:  # fmt: skip
    """One city: it writes until its time has come, has the mayor sign, and submits."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    due, seq = begins, 0
    while due < submits:
        time.sleep(max(0.0, due - time.time()))
        seq += 1
        _save(one, connection, keys[(number + seq) % len(keys)], sent, seq)
        due += EVERY_S
    time.sleep(max(0.0, submits - time.time()))
    _post(one, connection, one.mayor, {"answer": "given", "csrf_token": sent}, (303,))
    one.submit_ms = _post(one, connection, f"{one.path}/submit", {"version": 1, "csrf_token": sent}, (303,))
    connection.close()


def _save(one: Applicant, connection: http.client.HTTPConnection, key: str, sent: str, seq: int) -> None:
    text = (f"Save {seq} of {one.dossier_id}. " + SENTENCE * 4).strip()
    form = {key: text, "base": 1, "tab": "rush", "seq": seq, "csrf_token": sent}
    before = len(one.errors)
    one.saves_ms.append(_post(one, connection, f"{one.path}/answers/{key}", form, (200,)))
    if len(one.errors) == before:  # from here on the portal has promised to keep it
        one.answers[key] = text


def _post(
    one: Applicant, connection: http.client.HTTPConnection, path: str, form: dict[str, Any], good: tuple[int, ...]
) -> float:
    """Milliseconds from the request to the end of its answer; what goes wrong is noted."""
    headers = {"Cookie": one.cookie, "Content-Type": "application/x-www-form-urlencoded"}
    begun = time.perf_counter()
    try:
        connection.request("POST", path, urlencode(form), headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status not in good:
            one.errors.append(f"{path} answers {answer.status}: {_words(body)}")
    except (OSError, http.client.HTTPException) as error:
        one.errors.append(f"{path}: {type(error).__name__} {error}")
        connection.close()
    return (time.perf_counter() - begun) * 1000


def _words(body: bytes) -> str:
    text = re.sub(r"<[^>]+>", " ", body.decode("utf-8", "replace").partition("<main")[2])
    return " ".join(text.split())[:200]


# --- afterwards ---


def _wait_for_receipts(app: Flask) -> None:
    """Until every receipt is a PDF, or for as long as the last one may take, and a little."""
    deadline = time.monotonic() + RECEIPT_WITHIN_S + 30
    waiting = sa.select(sa.func.count()).select_from(Document).where(
        Document.kind == Doc.RECEIPT, Document.rendered_at.is_(None)
    )  # fmt: skip
    while time.monotonic() < deadline:
        with app.app_context(), reading_only():
            if not db.session().scalar(waiting):
                return
            db.session.rollback()
        time.sleep(0.5)


def _check(app: Flask, applicants: list[Applicant]) -> tuple[int, float, list[str]]:
    """Saves that were promised and are not in the filing; seconds of the slowest receipt; what else does not fit."""
    session, lost, slowest, wrong = db.session(), 0, 0.0, []
    for one in applicants:
        filings = session.scalars(sa.select(Filing).where(Filing.dossier_id == one.dossier_id)).all()
        if len(filings) != 1:
            wrong.append(f"{one.path} was filed {len(filings)} times")
            continue
        filed = json.loads(filings[0].content)["answers"]
        lost += sum(filed.get(key) != value for key, value in one.answers.items())
        took, fault = _receipt(app, session, one, filings[0])
        slowest = max(slowest, took)
        wrong += [fault] if fault else []
    return lost, slowest, wrong


def _receipt(app: Flask, session: Session, one: Applicant, filing: Filing) -> tuple[float, str | None]:
    """Seconds from the submission to the stored PDF, and what in it does not say what was sent."""
    query = sa.select(Document).where(Document.dossier_id == one.dossier_id, Document.kind == Doc.RECEIPT)
    document = session.scalars(query).one()
    if document.rendered_at is None or document.content_sha256 is None:
        return float("inf"), f"{one.path} has no receipt"
    took = (document.rendered_at - filing.received_at).total_seconds()
    pdf = app.extensions["rvc"].files.get(document.content_sha256)
    said = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    digest = hashlib.sha256(filing.content.encode()).hexdigest()
    if digest not in re.sub(r"[\s\u00ad\ufffe-]", "", said) or digest != filing.sha256:
        return took, f"{one.path}: the receipt does not name the filing {digest}"
    return took, None


def _p99(values: list[float]) -> float:
    return values[min(len(values) - 1, round(len(values) * 0.99))] if values else float("inf")
