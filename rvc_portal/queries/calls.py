"""Reads of calls: the frozen definition, and which calls there are."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.call import CallDefinition, parse
from rvc_portal.domain.facts import CallFacts
from rvc_portal.domain.vocabulary import CallStatus
from rvc_portal.models.call import Call

_parsed: dict[str, CallDefinition] = {}


def definition(call: Call) -> CallDefinition:
    """What the call's file said when it opened. Parsed once per process and content, since it never changes."""
    found = _parsed.get(call.definition_sha256)
    if found is None:
        found = _parsed[call.definition_sha256] = parse(call.definition)
    return found


def facts(call: Call) -> CallFacts:
    """The call as its rules see it."""
    told = definition(call)
    evaluation = told.windows.get("evaluation")
    return CallFacts(
        status=CallStatus(call.status),
        opens_at=call.opens_at,
        closes_at=call.closes_at,
        grace=told.grace,
        evaluation_closes_at=evaluation.closes_at if evaluation else None,
        country_limit=told.country_limit,
        quorum=told.quorum,
        minimum_sheets={s.key: s.minimum_sheets for s in told.rubric.streams},
    )


def by_key(session: Session, key: str) -> Call | None:
    """The call with this key, or None."""
    return session.scalar(sa.select(Call).where(Call.key == key))


def get(session: Session, call_id: UUID) -> Call | None:
    """The call with this id, or None."""
    return session.get(Call, call_id)


def announced(session: Session) -> Sequence[Call]:
    """The calls that the public may know of, the latest first."""
    return session.scalars(sa.select(Call).where(Call.status != CallStatus.DRAFT).order_by(Call.opens_at.desc())).all()
