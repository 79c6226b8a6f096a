"""A form filled in away from the portal comes back: it is read and kept, looked at, and what somebody chose of it is saved."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import IO

from sqlalchemy.orm import Session

from rvc_portal.domain import blank_form
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, Refusal
from rvc_portal.domain.vocabulary import N_, Permission
from rvc_portal.gateways import filled_forms as gateway
from rvc_portal.gateways.uploads import clean_name
from rvc_portal.models.base import new_id
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.filled_form import FilledForm
from rvc_portal.queries import calls
from rvc_portal.queries import filled_forms as query
from rvc_portal.services import journal, rights, submission


def take_in(
    session: Session, dossier: Dossier, content: IO[bytes], name: str, *, actor: Actor, now: datetime,
    received_at: datetime | None = None,
) -> FilledForm:  # fmt: skip
    """Keep what stands in the fields of a form that came back, to be looked at; no answer is touched. Raises Refused as
    `submission.save_answers` does, InvalidInput for what is no form of this call as it stands."""
    rights.require(session, actor, dossier, Permission.WRITE)
    rights.check_in_time(dossier, received_at or now)
    filled = gateway.read(content, name, blank_form.IDENTITY)
    _check_identity(dossier, filled.identity)
    if not filled.fields:
        raise _no_form(N_("Nothing is filled in in this form, or it was not saved after it was filled in."))
    content.seek(0)
    kept = FilledForm(
        id=new_id(), dossier_id=dossier.id, account_id=actor.person, name=clean_name(name, "pdf"), content=filled.fields,
        sha256=hashlib.sha256(content.read()).hexdigest(), uploaded_at=now,
    )  # fmt: skip
    session.add(kept)
    session.flush()
    return kept


def take(
    session: Session, dossier: Dossier, filled: FilledForm, questions: Collection[str], *, actor: Actor, now: datetime,
    seen: Mapping[str, int] | None = None, received_at: datetime | None = None,
) -> list[str]:  # fmt: skip
    """Save the form's answers to `questions` (keys) and return the keys that changed; what it says of others is left alone.
    `seen`, `received_at` and what it raises: as `submission.save_answers`."""
    found, _left_out = query.effects(session, actor, dossier, filled)
    values = {offer.question.key: offer.value for offer in found if offer.question.key in questions}
    changed = submission.save_answers(
        session, dossier, values, actor=actor, now=now, seen=seen, received_at=received_at
    )
    if changed:
        filled.taken_at, filled.taken = now, {**(filled.taken or {}), **{key: values[key] for key in changed}}
        payload = {"sha256": filled.sha256, "questions": sorted(changed)}
        journal.append(session, dossier.id, "bring_in", actor_id=actor.account_id, now=now, payload=payload)
    return changed


def _check_identity(dossier: Dossier, said: str) -> None:
    """The form may be in any language of the call: its fields are the same."""
    wanted = blank_form.identity(dossier.call.key, calls.definition(dossier.call).form)
    call, _space, version = wanted.partition(" ")
    key, *rest = said.split(" ")
    if len(rest) != 2:
        raise _no_form(N_("This PDF is no form of this portal, or its fields were taken out and put in anew."))
    if key != call:
        told = N_("This is the form of another call: %(key)s. This file belongs to: %(call)s.")
        raise _no_form(told, key=key[:80], call=call)
    if rest[0] != version:
        raise _no_form(
            N_(
                "This form is of an earlier version: the call asks something else now. Take the form of this call again."
            )
        )


def _no_form(message: str, **params: object) -> InvalidInput:
    return InvalidInput({"file": (Refusal(message, params, target="file"),)})
