"""The synthesis of a field: what its sheets add up to, put on paper by the Secretariat, as often as it is asked for."""

from datetime import datetime

from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Doc, Role
from rvc_portal.models.call import Call
from rvc_portal.models.document import Document
from rvc_portal.queries import calls
from rvc_portal.queries import results as query
from rvc_portal.services import documents, journal, rights
from rvc_portal.services.contexts.results import field_synthesis
from rvc_portal.services.transitions import lock_call


def issue(session: Session, call: Call, field: str | None, *, actor: Actor, now: datetime) -> list[Document]:
    """Issue the field's synthesis in every language of the call; an earlier one is superseded. Raises Refused without the
    role, for who has a conflict of interest in the field, and where no sheet counts yet."""
    rights.require_on_call(actor, call.id, Role.SECRETARIAT)
    lock_call(session, call)
    if query.is_barred(session, actor, call, field):
        raise Refused([Refusal(N_("You have a conflict of interest in this field: somebody without one issues it."))])
    entries = query.entries_of_field(session, call, field)
    if not entries:
        raise Refused([Refusal(N_("No sheet of this field is closed yet."))])
    draft = field_synthesis(session, call, field, entries)
    payload = {"field": field, "inputs_sha256": draft.context["inputs_sha256"]}
    journal.append(session, call.id, "synthesise", actor_id=actor.account_id, now=now, payload=payload)
    subject = f"{call.key}/{field}" if field else call.key
    return [
        documents.write(
            session, Doc.FIELD_SYNTHESIS, draft, now=now, transition="synthesise", call_id=call.id, field=field,
            language=language, subject=subject.upper(),
        )
        for language in calls.definition(call).languages
    ]  # fmt: skip
