"""The answers of many files at once, for a table to take away: read in portions, so that memory does not grow with them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.vocabulary import Permission
from rvc_portal.models.dossier import Dossier, Filing
from rvc_portal.queries import board
from rvc_portal.queries.visibility import visible

PORTION = 100
"""Files read at once: some 40 kB each."""


@dataclass(frozen=True, slots=True)
class Filed:
    """One file with what was filed last; nothing where nothing was filed."""

    reference: str
    city: str
    country: str | None
    field: str | None
    procedure: str
    state: str
    language: str
    filed_at: datetime | None
    answers: Mapping[str, Any]


def readable(actor: Actor, filters: board.Filters) -> list[ColumnElement[bool]]:
    """The files that the filters leave and whose answers this person may read."""
    found = [visible(actor, Permission.READ), *board.narrowed(filters)]
    return [*found, Dossier.state == filters.state] if filters.state else found


def count(session: Session, conditions: Sequence[ColumnElement[bool]]) -> int:
    """How many files the conditions leave. One query."""
    return session.scalar(sa.select(sa.func.count()).select_from(Dossier).where(*conditions)) or 0


def ids(session: Session, conditions: Sequence[ColumnElement[bool]]) -> Sequence[UUID]:
    """The files that the conditions leave, by reference. One query."""
    return session.scalars(sa.select(Dossier.id).where(*conditions).order_by(Dossier.reference)).all()


def portions(session: Session, conditions: Sequence[ColumnElement[bool]]) -> Iterator[list[Filed]]:
    """The files that the conditions leave, by reference, in portions of one query each. The caller may end the transaction
    between two: what changes meanwhile is told as it stands then, no file twice."""
    latest = sa.select(sa.func.max(Filing.number)).where(Filing.dossier_id == Dossier.id).correlate(Dossier)
    query = (
        sa.select(
            Dossier.reference, Dossier.lead_city, Dossier.lead_country, Dossier.field, Dossier.procedure, Dossier.state,
            Dossier.language, Filing.filed_at, Filing.content,
        )
        .outerjoin(Filing, sa.and_(Filing.dossier_id == Dossier.id, Filing.number == latest.scalar_subquery()))
        .where(*conditions)
        .order_by(Dossier.reference)
        .limit(PORTION)
    )  # fmt: skip
    after = ""
    while rows := session.execute(query.where(Dossier.reference > after)).all():
        yield [_filed(*row) for row in rows]
        if len(rows) < PORTION:
            return
        after = rows[-1][0]


def _filed(*row: Any) -> Filed:
    reference, city, country, field, procedure, state, language, filed_at, content = row
    answers = json.loads(content)["answers"] if content else {}
    return Filed(reference, city, country, field, procedure, state, language, filed_at, answers)
