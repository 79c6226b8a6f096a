"""Opening a call: from then on its form and rubric are frozen, whatever becomes of the file they came from."""

import hashlib
from datetime import datetime

import rfc8785
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.errors import Refusal, Refused
from rvc_portal.domain.vocabulary import N_, CallStatus
from rvc_portal.models.base import new_id
from rvc_portal.models.call import Call
from rvc_portal.queries import calls
from rvc_portal.services import journal


def open_call(
    session: Session, definition: CallDefinition, *, actor: Actor, now: datetime, demonstration: bool = False
) -> Call:
    """Open a call after its definition. Raises Refused when a call with this key exists."""
    if calls.by_key(session, definition.key):
        raise Refused([Refusal(N_("A call with the key “%(key)s” exists already."), {"key": definition.key})])
    frozen = definition.to_json()
    call = Call(
        id=new_id(), key=definition.key, procedure=definition.procedure, status=CallStatus.OPEN, definition=frozen,
        definition_sha256=hashlib.sha256(rfc8785.dumps(frozen)).hexdigest(),
        opens_at=definition.filing.opens_at, closes_at=definition.filing.closes_at,
        created_at=now, opened_at=now, demonstration=demonstration,
    )  # fmt: skip
    session.add(call)
    session.flush()
    payload = {"key": call.key, "definition_sha256": call.definition_sha256}
    journal.append(session, call.id, "open", actor_id=actor.account_id, now=now, payload=payload)
    return call
