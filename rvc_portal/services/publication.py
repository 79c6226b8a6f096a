"""Publication at a set time: planned by the Secretariat, done by the worker as soon as it may, once; where it cannot be
done, the Secretariat is told why."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, CallStatus, JobKind, Role
from rvc_portal.models.account import Account
from rvc_portal.models.base import new_id
from rvc_portal.models.call import Call
from rvc_portal.models.decision import PlannedPublication
from rvc_portal.queries import accounts as people
from rvc_portal.queries import calls
from rvc_portal.queries import decision as query
from rvc_portal.services import decision, journal, mailing, queue, rights
from rvc_portal.services.transitions import lock_call

PATIENCE = timedelta(hours=1)
"""How long after its instant a publication waits for letters that are still being prepared."""
AGAIN = timedelta(minutes=1)
PRIORITY = 3
"""After the letters that it waits for, with the mails."""


def plan(session: Session, call: Call, *, due_at: datetime, actor: Actor, now: datetime) -> PlannedPublication:
    """Set the publication for an instant to come, by whose day the held letters are dated. Raises Refused without the role,
    for a call that is published or has a plan; InvalidInput for an instant that has gone by. What else stands against it may
    still be mended until then."""
    rights.require_on_call(actor, call.id, Role.SECRETARIAT)
    lock_call(session, call)
    if call.status == CallStatus.PUBLISHED:
        raise Refused([Refusal(N_("This call was published on %(instant)s."), {"instant": call.published_at})])
    standing = query.planned(session, call)
    if standing is not None:
        told = {"instant": standing.due_at}
        raise Refused([Refusal(N_("Publication is planned for %(instant)s already. Cancel that first."), told)])
    if due_at <= now:
        raise InvalidInput({"at": (Refusal(N_("Give an instant that lies ahead."), target="at"),)})
    made = PlannedPublication(
        id=new_id(), call_id=call.id, due_at=due_at, planned_at=now, planned_by=actor.person
    )  # fmt: skip
    session.add(made)
    session.flush()
    payload = {"plan": str(made.id), "due_at": due_at.isoformat()}
    journal.append(session, call.id, "plan_publication", actor_id=actor.account_id, now=now, payload=payload)
    decision.date_letters(session, call, actor=actor, now=now)
    queue.enqueue(session, JobKind.PUBLISH, made.id, now=now, priority=PRIORITY, not_before=due_at)
    return made


def cancel(session: Session, call: Call, *, actor: Actor, now: datetime) -> None:
    """Take the plan back. Raises Refused without the role, or where nothing is planned (any more)."""
    rights.require_on_call(actor, call.id, Role.SECRETARIAT)
    lock_call(session, call)
    standing = query.planned(session, call)
    if standing is None:
        raise Refused([Refusal(N_("No publication is planned."))])
    standing.cancelled_at = now
    payload = {"plan": str(standing.id)}
    journal.append(session, call.id, "cancel_publication", actor_id=actor.account_id, now=now, payload=payload)
    session.flush()
    decision.date_letters(session, call, actor=actor, now=now)


def carry_out(session: Session, plan_id: UUID, now: datetime) -> None:
    """Publish, for whoever planned it; nothing where the plan was cancelled or is done. What stands against it is told to
    the Secretariat; letters that are still being prepared are waited for."""
    found = session.get_one(PlannedPublication, plan_id)
    call = session.get_one(Call, found.call_id)
    lock_call(session, call)
    session.refresh(found)
    if found.cancelled_at or found.done_at or found.failed_at:
        return
    if call.status == CallStatus.PUBLISHED:  # by hand, meanwhile
        found.cancelled_at = now
        return
    actor = people.actor_of(session, session.get_one(Account, found.planned_by), now)
    try:
        with session.begin_nested():
            decision.publish(session, call, actor=actor, now=now)
    except Refused as error:
        if _is_only_early(error.refusals) and now - found.due_at < PATIENCE:
            queue.enqueue(session, JobKind.PUBLISH, found.id, now=now, priority=PRIORITY, not_before=now + AGAIN)
        else:
            _fail(session, call, found, error.refusals, now)
    else:
        found.done_at = now


def refusals(found: PlannedPublication) -> list[Refusal]:
    """What stood against a planned publication when its time had come."""
    return [Refusal(kept["message"], kept["params"]) for kept in found.failure or ()]


def _is_only_early(found: Sequence[Refusal]) -> bool:
    return all("kind" in refusal.params for refusal in found)


def _fail(session: Session, call: Call, found: PlannedPublication, against: Sequence[Refusal], now: datetime) -> None:
    found.failed_at = now
    found.failure = [{"message": r.message, "params": dict(r.params)} for r in against]
    payload = {"plan": str(found.id), "reasons": len(against)}
    journal.append(session, call.id, "publication_failed", actor_id=None, now=now, payload=payload)
    told = calls.definition(call)
    for account in people.holding_on_call(session, Role.SECRETARIAT, call.id, now):
        known = query.told(session, people.actor_of(session, account, now), call, against)
        context = {
            "name": account.name, "call": told.title.of(account.language), "due_at": found.due_at.isoformat(),
            "zone": told.timezone, "path": f"/calls/{call.key}/publication", "demonstration": call.demonstration,
            "test": call.test, "reasons": [{"message": r.message, "params": dict(r.params)} for r in known],
        }  # fmt: skip
        mailing.queue_mail(session, account, account.language, "publication_failed", context, now=now)
