"""`fire`: the only writer of a dossier's state. It checks, assigns, journals and enqueues in the caller's transaction."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import Overtaken, Refusal, Refused
from rvc_portal.domain.facts import Attempt
from rvc_portal.domain.vocabulary import N_, Doc, Permission, Role
from rvc_portal.domain.workflow import Offer, Transition, offers, refusals
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Evaluation
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.steering import AgendaItem
from rvc_portal.queries import dossiers, facts
from rvc_portal.queries.results import is_ranked
from rvc_portal.services import documents, journal, notifications, results
from rvc_portal.services.contexts.parts import Occasion


def fire(
    session: Session, dossier: Dossier, name: str, *, actor: Actor, now: datetime, attempt: Attempt | None = None,
    reason: str = "", payload: Mapping[str, Any] | None = None, seen_version: int | None = None,
    evaluation: Evaluation | None = None,
) -> JournalEntry:  # fmt: skip
    """Carry out one transition, or an act that leaves the state, and return its journal entry.

    `seen_version` is the dossier's version on the page that the person acted from. Raises Overtaken when somebody else
    moved it meanwhile, Refused with every reason when the table or a guard does not allow the act; nothing is written
    then.
    """
    lock(session, dossier, seen_version)
    transition = dossiers.procedure_of(dossier).transitions[name]
    held = dossiers.roles(session, actor, dossier)
    tried = replace(attempt or _attempt(now), now=now, roles=held, account_id=actor.account_id, reason=reason)
    found = refusals(dossiers.procedure_of(dossier), name, facts.dossier_facts(session, dossier, actor.language), tried)
    if found:
        raise Refused(found)
    before = dossier.state
    _move(dossier, transition, now)
    entry = journal.append(
        session, dossier.id, name, actor_id=actor.account_id, now=now, reason=reason,
        payload={"from": before, "to": dossier.state, **(payload or {})},
    )  # fmt: skip
    occasion = Occasion(session, dossier, now, name, actor, reason, evaluation)
    issued = {kind: documents.release_or_issue(kind, occasion) for kind in transition.issues}
    if dossier.closed_sheets and is_ranked(dossier, before) != is_ranked(dossier, dossier.state):
        results.order(session, dossier.call, dossier.field, now)
    if _is_before_the_group(dossier, before) and not _is_before_the_group(dossier, dossier.state):
        documents.withdraw_papers(session, AgendaItem.dossier_id == dossier.id, now)
    notifications.tell(session, dossier, transition, reason=reason, now=now, receipt=issued.get(Doc.RECEIPT))
    return entry


def _is_before_the_group(dossier: Dossier, state: str) -> bool:
    return dossiers.procedure_of(dossier).allows(state, (Role.STEERING,), Permission.SEE_RESULTS)


def lock(session: Session, dossier: Dossier, seen_version: int | None) -> None:
    """Hold the dossier's row until the transaction ends. Raises Overtaken when it is not as the person saw it."""
    session.flush()  # what the caller has set is part of the row that is read again
    session.refresh(dossier, with_for_update={"of": Dossier, "key_share": True})
    if seen_version is None or dossier.version == seen_version:
        return
    table = dossiers.procedure_of(dossier).transitions
    moves = [(e, who) for e, who in dossiers.history(session, dossier.id) if _moved(e) and e.transition in table]
    if not moves:  # nothing has moved it: the number came from no page of ours, or the page had none
        raise Overtaken(
            [Refusal(N_("Somebody else changed this while you were at work. Look at where it stands now."))]
        )
    entry, who = moves[-1]
    past = table[entry.transition].past
    raise Overtaken(
        [
            Refusal(
                N_("Meanwhile, on %(instant)s, %(who)s %(act)s. Look at the file again before you go on."),
                {"instant": entry.at, "who": who or "–", "act": past},
            )
        ]
    )


def lock_call(session: Session, call: Call) -> None:
    """Hold the call's row until the transaction ends; whoever holds rows of its dossiers as well takes the call's first.

    Rows that refer to the call can be added meanwhile (it is no key that changes): else an act on one dossier, which
    adds documents, and an act on the whole call would wait for each other.
    """
    session.flush()
    session.refresh(call, with_for_update={"key_share": True})


def offered(
    session: Session, dossier: Dossier, held: frozenset[Role], *, now: datetime, language: str
) -> tuple[Offer, ...]:
    """The acts that these roles carry from the dossier's state, each with what stands against it now."""
    procedure = dossiers.procedure_of(dossier)
    if not any(t.actors & held for t in procedure.by_source[dossier.state]):
        return ()  # and nothing to read for it
    found = facts.dossier_facts(session, dossier, language)
    return offers(procedure, found, Attempt(now=now, roles=held))


def _moved(entry: JournalEntry) -> bool:
    return bool(entry.payload.get("from") != entry.payload.get("to"))


def _attempt(now: datetime) -> Attempt:
    return Attempt(now=now, roles=frozenset())


def _move(dossier: Dossier, transition: Transition, now: datetime) -> None:
    if transition.target is None:
        return
    dossier.state = transition.target
    dossier.state_since_at = now
    dossier.version += 1
