"""Reads of calls: the frozen definition, and which calls there are."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.call import CallDefinition, parse
from rvc_portal.domain.facts import CallFacts
from rvc_portal.domain.vocabulary import CallStatus, Role
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier

_parsed: dict[str, CallDefinition] = {}


def definition(call: Call) -> CallDefinition:
    """What the call's file said when it opened. Parsed once per process and content, since it never changes."""
    found = _parsed.get(call.definition_sha256)
    if found is None:
        found = _parsed[call.definition_sha256] = parse(call.definition)
    return found


def learn(session: Session, found: Sequence[Call]) -> None:
    """Parse what the files of these calls said, so that `definition` asks for none of them alone. One statement at most."""
    unknown = [call.id for call in found if call.definition_sha256 not in _parsed]
    if unknown:
        query = sa.select(Call.definition_sha256, Call.definition).where(Call.id.in_(unknown))
        for sha256, content in session.execute(query):
            _parsed[sha256] = parse(content)


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
        field_limit=told.field_limit,
        quorum=told.quorum,
        minimum_sheets={s.key: s.minimum_sheets for s in told.rubric.streams},
    )


def is_open(call: Call, now: datetime) -> bool:
    """Whether a file can be opened in the call at this instant."""
    return call.status == CallStatus.OPEN and call.opens_at <= now < call.closes_at


def by_key(session: Session, key: str) -> Call | None:
    """The call with this key, or None."""
    return session.scalar(sa.select(Call).where(Call.key == key))


def get(session: Session, call_id: UUID) -> Call | None:
    """The call with this id, or None."""
    return session.get(Call, call_id)


def may_know(actor: Actor | None, call: Call) -> bool:
    """Whether this person (None: anybody) may know of the call: it was opened, and a test is the Secretariat's alone."""
    tries = actor is not None and actor.has_on_call(Role.SECRETARIAT, call.id)
    return call.status != CallStatus.DRAFT and (tries or not call.test)


def known(session: Session, actor: Actor | None, key: str) -> Call | None:
    """The call with this key, or None where there is none that this person may know of."""
    call = by_key(session, key)
    return call if call is not None and may_know(actor, call) else None


def count_dossiers(session: Session, call: Call) -> int:
    """How many files were opened in the call."""
    return session.scalar(sa.select(sa.func.count()).where(Dossier.call_id == call.id)) or 0


def announced(session: Session, actor: Actor | None) -> Sequence[Call]:
    """The calls that this person may know of, the latest first."""
    every = session.scalars(sa.select(Call).where(Call.status != CallStatus.DRAFT).order_by(Call.opens_at.desc()))
    return [call for call in every if may_know(actor, call)]
