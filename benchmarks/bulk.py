"""Thousands of dossiers in a minute: rows as the services would have written them, inserted in bulk.

Every dossier has 45 answers, six pieces and 14 closed sheets with five scores each; means are computed from the scores.
"""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.vocabulary import Role, SeatKind, Stream
from rvc_portal.gateways import callfile
from rvc_portal.models.account import Account
from rvc_portal.models.call import Call
from rvc_portal.models.conflict import Conflict
from rvc_portal.models.dossier import Answer, Attachment, Dossier, Membership, Party
from rvc_portal.models.evaluation import Assignment, Evaluation, Score
from rvc_portal.services import accounts, calls
from rvc_portal.settings import DATA_FILES

ANSWERS, PIECES, MEMBERS, EXPERTS = 45, 6, 11, 3
AT_ONCE = 200
"""Dossiers written in one go: some 30,000 rows."""
STATES = ("in_evaluation", "in_evaluation", "in_review", "in_review", "awaiting_decision")
COUNTRIES = ("FR", "CA", "KR", "UA", "IQ", "IS", "CO", "AU", "DE", "SN", "MX", "JP", "PT", "ZA", "NO", "IN")
PLACES = ("Saint-Jean-sur-la-Rivière", "Nordhavn", "Valle Alto", "Kawanishi", "Port-Royal", "Bystrytsia", "Ribeira")
SENTENCE = (
    "The city has three libraries by the river, a festival of forty languages and a school for young translators. "
)

Rows = dict[Any, list[dict[str, Any]]]


@dataclass(frozen=True)
class Filled:
    """What a measurement needs to know of the data, in hexadecimal: the sessions of a Secretariat and of an evaluator,
    and the evaluator's one sheet that is still a draft."""

    secretariat: str
    evaluator: str
    draft: str


@dataclass(frozen=True)
class _Frame:
    """What all dossiers share."""

    call: Call
    told: CallDefinition
    lead: UUID
    officer: UUID
    seats: Sequence[tuple[UUID, Stream, UUID]]  # the seat, its stream, its holder
    now: datetime


def fill(session: Session, dossiers: int) -> Filled:
    """Put a call with so many dossiers into an empty, migrated database. Commits."""
    chance = random.Random(dossiers)
    now = datetime.now(UTC).replace(microsecond=0)
    frame, secretariat, evaluator = _frame(session, now)
    session.commit()
    with _hurry(session):
        for first in range(0, dossiers, AT_ONCE):
            _write(session, _rows(frame, range(first, min(first + AT_ONCE, dossiers)), chance))
            session.commit()
    _analyse(session)
    return Filled(secretariat.hex, evaluator.hex, _reopen_one(session, frame).hex)


def _frame(session: Session, now: datetime) -> tuple[_Frame, UUID, UUID]:
    def account(email: str, name: str) -> Account:
        return accounts.create_account(session, email=email, name=name, now=now - timedelta(days=200))

    told = callfile.load(DATA_FILES / "candidacy-2015.yaml")
    call = calls.open_call(session, told, actor=Actor(account_id=None, name="bench"), now=now - timedelta(days=150))
    officer = account("secretariat@portal.example", "Inès Lambert-Okafor")
    accounts.grant_role(session, officer, Role.SECRETARIAT, now=now - timedelta(days=200))
    lead = account("lead@ville.example", "Bureau de la candidature")
    seats, holders = [], []
    for number in range(MEMBERS + EXPERTS):
        kind, stream = (SeatKind.MEMBER, Stream.MEMBERS) if number < MEMBERS else (SeatKind.EXPERT, Stream.EXPERTS)
        seat = accounts.create_seat(session, kind=kind, name=f"Seat {number}", field="literature")
        holder = account(f"seat{number}@portal.example", f"Evaluator {number}")
        accounts.give_seat(session, seat, holder, now=now - timedelta(days=200))
        seats.append((seat.id, stream, holder.id))
        holders.append(holder)
    secretariat = accounts.start_session(session, officer, now)
    evaluator = accounts.start_session(session, holders[0], now)
    return _Frame(call, told, lead.id, officer.id, seats, now), secretariat.id, evaluator.id


def _rows(frame: _Frame, numbers: Sequence[int], chance: random.Random) -> Rows:
    rows: Rows = {
        m: [] for m in (Dossier, Party, Membership, Answer, Attachment, Conflict, Assignment, Evaluation, Score)
    }
    for number in numbers:
        dossier = _id(chance)
        scores = _sheets(rows, frame, dossier, chance)
        rows[Dossier].append(_dossier(frame, dossier, number, scores, chance))
        lead = rows[Dossier][-1]
        rows[Party].append(
            {"id": _id(chance), "dossier_id": dossier, "position": 0, "role": "lead", "city": lead["lead_city"],
             "city_local": None, "local_language": None, "country": lead["lead_country"]}
        )  # fmt: skip
        rows[Membership].append(
            {"id": _id(chance), "dossier_id": dossier, "account_id": frame.lead, "role": "lead",
             "since_at": lead["created_at"], "ended_at": None, "sections": []}
        )  # fmt: skip
        if number % 10 == 0:  # a few conflicts, and of the Secretariat a very few: the board leaves those files out
            seat = frame.seats[number % len(frame.seats)][0] if number % 1000 else None
            rows[Conflict].append(_conflict(frame, dossier, seat, chance))
        _content(rows, frame, dossier, number, chance)
    return rows


def _dossier(
    frame: _Frame, dossier: UUID, number: int, scores: dict[Stream, list[float]], chance: random.Random
) -> dict[str, Any]:
    experts, members = (sum(scores[s]) / len(scores[s]) for s in (Stream.EXPERTS, Stream.MEMBERS))
    every = [value for values in scores.values() for value in values]
    return {
        "id": dossier, "call_id": frame.call.id, "procedure": "candidacy", "reference": f"BENCH-{number:05d}",
        "state": STATES[number % len(STATES)], "field": frame.told.fields[number % len(frame.told.fields)].key,
        "language": ("en", "fr")[number % 2], "lead_city": f"{PLACES[number % len(PLACES)]} {number:05d}",
        "lead_country": chance.choice(COUNTRIES), "created_at": frame.now - timedelta(days=120),
        "state_since_at": frame.now - timedelta(days=10), "submitted_at": frame.now - timedelta(days=60, minutes=number),
        "correct_until_at": None, "questions_named": [], "version": 5,
        "closed_sheets": len(every), "mean_overall": (experts + members) / 2, "mean_experts": experts,
        "mean_members": members, "spread": max(every) - min(every),
    }  # fmt: skip


def _sheets(rows: Rows, frame: _Frame, dossier: UUID, chance: random.Random) -> dict[Stream, list[float]]:
    """Fourteen closed sheets; the mean of each, by stream."""
    means: dict[Stream, list[float]] = {Stream.EXPERTS: [], Stream.MEMBERS: []}
    begun, closed = frame.now - timedelta(days=40), frame.now - timedelta(days=20)
    for seat, stream, holder in frame.seats:
        assignment, evaluation = _id(chance), _id(chance)
        rows[Assignment].append(
            {"id": assignment, "dossier_id": dossier, "seat_id": seat, "stream": stream, "assigned_at": begun,
             "assigned_by": frame.officer, "declared_at": begun, "ended_at": None}
        )  # fmt: skip
        total = 0.0
        for criterion in frame.told.rubric.criteria:
            value = chance.randint(1, 10)
            total += value * criterion.weight
            rows[Score].append(
                {"evaluation_id": evaluation, "criterion": criterion.key, "value": value,
                 "cannot_judge": False, "revision": 1, "tab": None, "tab_seq": 0, "reason": SENTENCE, "at": closed}
            )  # fmt: skip
        mean = total / sum(c.weight for c in frame.told.rubric.criteria)
        means[stream].append(mean)
        rows[Evaluation].append(
            {"id": evaluation, "assignment_id": assignment, "dossier_id": dossier, "stream": stream,
             "started_at": begun, "closed_at": closed, "closed_by": holder, "set_aside_at": None,
             "mean": mean}
        )  # fmt: skip
    return means


def _content(rows: Rows, frame: _Frame, dossier: UUID, number: int, chance: random.Random) -> None:
    at = frame.now - timedelta(days=90)
    questions = [question.key for question in frame.told.form.questions()][:ANSWERS]
    for place, key in enumerate(questions):
        rows[Answer].append(
            {"dossier_id": dossier, "key": key, "value": SENTENCE * (1 + place % 8), "revision": 1,
             "author_id": frame.lead, "at": at, "tab": None, "tab_seq": 0}
        )  # fmt: skip
    for place in range(PIECES):
        rows[Attachment].append(
            {"id": _id(chance), "dossier_id": dossier, "piece": frame.told.pieces[place % len(frame.told.pieces)].key,
             "name": f"piece-{place}.pdf", "content_type": "application/pdf", "size": 240_000,
             "sha256": f"{number:060x}{place:04x}", "details": {"pages": 4}, "author_id": frame.lead, "at": at,
             "removed_at": None}
        )  # fmt: skip


def _conflict(frame: _Frame, dossier: UUID, seat: UUID | None, chance: random.Random) -> dict[str, Any]:
    return {
        "id": _id(chance), "dossier_id": dossier, "seat_id": seat, "account_id": None if seat else frame.officer,
        "rule": "declared", "severity": "hard", "reason": "", "since_at": frame.now, "dismissed_at": None, "dismissed_by": None,
        "dismissed_reason": None,
    }  # fmt: skip


def _id(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


def _write(session: Session, rows: Rows) -> None:
    """Each table's rows in one statement; PostgreSQL takes them by COPY, five times as fast."""
    for model, values in rows.items():
        if not values:
            continue
        if session.get_bind().dialect.name == "postgresql":
            _copy(session, model.__table__, values)
        else:
            session.execute(sa.insert(model.__table__), values)


def _copy(session: Session, table: sa.Table, values: list[dict[str, Any]]) -> None:
    dialect = session.get_bind().dialect
    columns = list(values[0])
    bind = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in columns]
    names = ", ".join(f'"{name}"' for name in columns)
    connection: psycopg.Connection[Any] = session.connection().connection.driver_connection  # type: ignore[assignment]
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
        for row in values:
            copy.write_row([make(row[name]) if make else row[name] for make, name in zip(bind, columns, strict=True)])


@contextmanager
def _hurry(session: Session) -> Iterator[None]:
    """Let SQLite leave the syncing to the system while the data is made."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    if sqlite:
        _pragma(session, "synchronous = OFF")
    yield
    if sqlite:
        _pragma(session, "synchronous = FULL")


def _pragma(session: Session, text: str) -> None:
    session.connection().exec_driver_sql("COMMIT")  # it is not heard within a transaction
    session.connection().exec_driver_sql(f"PRAGMA {text}")
    session.connection().exec_driver_sql("BEGIN IMMEDIATE")


def _analyse(session: Session) -> None:
    """What PostgreSQL's own housekeeping does within a minute on a running server."""
    engine: sa.Engine = session.get_bind()  # type: ignore[assignment]
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _reopen_one(session: Session, frame: _Frame) -> UUID:
    """Make one sheet of the first evaluator a draft again, to be written to."""
    seat = frame.seats[0][0]
    query = (
        sa.select(Evaluation)
        .join(Assignment)
        .join(Dossier, Dossier.id == Assignment.dossier_id)
        .where(Assignment.seat_id == seat, Dossier.state == "in_evaluation")
        .order_by(Dossier.reference)
        .limit(1)
    )
    sheet = session.scalars(query).one()
    sheet.closed_at = sheet.closed_by = sheet.mean = None
    session.commit()
    return sheet.assignment_id
