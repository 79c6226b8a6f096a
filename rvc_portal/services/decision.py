"""From the slate to the publication: decisions are held, and one act makes them so for the whole call."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from rvc_portal.domain.actor import PUBLICATION, Actor
from rvc_portal.domain.errors import Refusal, Refused
from rvc_portal.domain.facts import Attempt
from rvc_portal.domain.procedures.register import PROCEDURES
from rvc_portal.domain.vocabulary import N_, CallStatus, DecisionOutcome, Doc, Permission, Role
from rvc_portal.models.base import new_id
from rvc_portal.models.call import Call
from rvc_portal.models.decision import Decision, Slate, SlateEntry
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.journal import JournalEntry
from rvc_portal.queries import calls, dossiers, facts, feedback
from rvc_portal.queries import decision as query
from rvc_portal.queries import steering as opinions
from rvc_portal.services import documents, journal, membership, rights
from rvc_portal.services.contexts import decision as contexts
from rvc_portal.services.contexts.parts import Occasion
from rvc_portal.services.contexts.report import call_report
from rvc_portal.services.transitions import fire, lock, lock_call


def put_forward(session: Session, call: Call, *, actor: Actor, now: datetime) -> Slate:
    """Put every file that awaits a decision on a new slate, with the opinion that stands. Raises Refused when there is
    none, or without the role."""
    rights.require_on_call(actor, call.id, Role.SECRETARIAT)
    lock_call(session, call)
    awaiting = session.scalars(
        sa.select(Dossier)
        .where(Dossier.call_id == call.id, Dossier.state == "awaiting_decision")
        .order_by(Dossier.reference)
    ).all()
    if not awaiting:
        raise Refused([Refusal(N_("No file awaits a decision."))])
    session.execute(
        sa.update(Slate).where(Slate.call_id == call.id, Slate.superseded_at.is_(None)).values(superseded_at=now)
    )
    slate = Slate(id=new_id(), call_id=call.id, put_forward_at=now, put_forward_by=actor.person)
    for dossier in awaiting:
        given = opinions.given(session, dossier)
        slate.entries.append(
            SlateEntry(dossier_id=dossier.id, opinion=given.told if given else "", mean=dossier.mean_overall)
        )
    session.add(slate)
    session.flush()
    payload = {"slate": str(slate.id), "files": len(slate.entries)}
    journal.append(session, call.id, "put_forward", actor_id=actor.account_id, now=now, payload=payload)
    return slate


def decide(
    session: Session, dossier: Dossier, *, outcome: DecisionOutcome | None, reasons: Mapping[str, str], actor: Actor,
    now: datetime, seen_version: int | None = None,
) -> JournalEntry:  # fmt: skip
    """Take the decision on one file, held until publication; `reasons` by language. Deciding anew replaces it. The letters
    are rendered now and held. Raises Refused, Overtaken."""
    lock(session, dossier, None)
    refuse_withdrawn(session, dossier.id, actor=actor)
    rights.require(session, actor, dossier, Permission.DECIDE)
    lock(session, dossier, seen_version)
    reason = reasons.get(dossier.language, "").strip() or next((r for r in reasons.values() if r.strip()), "")
    entry = fire(
        session, dossier, "decide", actor=actor, now=now, reason=reason,
        attempt=Attempt(now=now, roles=frozenset(), outcome=outcome), payload={"outcome": str(outcome)},
    )  # fmt: skip
    assert outcome is not None, "the table asks for an outcome"
    _replace_held(session, dossier, now)
    session.add(
        Decision(
            id=new_id(), dossier_id=dossier.id, outcome=outcome, reason_en=reasons.get("en", "").strip(),
            reason_fr=reasons.get("fr", "").strip(), decided_at=now, decided_by=actor.person,
        )
    )  # fmt: skip
    session.flush()
    renew_letters(session, dossier, actor=actor, now=now)
    return entry


def renew_letters(session: Session, dossier: Dossier, *, actor: Actor, now: datetime) -> None:
    """Draft and hold the letters of the decision that stands, in the place of earlier ones; none without a decision."""
    standing = facts.held_decision(session, dossier)
    if standing is None:
        return
    occasion = Occasion(session, dossier, now, standing.outcome, actor)
    for kind in dossiers.procedure_of(dossier).transitions[standing.outcome].issues:
        documents.issue(kind, occasion, held=True)


def date_letters(session: Session, call: Call, *, actor: Actor, now: datetime) -> None:
    """Draft the held letters anew that tell another day of publication than the one that is to come now."""
    at = contexts.told_at(session, call, now)
    for dossier in _unpublished(session, call):
        if not all(contexts.is_dated(held.context, call, at) for held in _held(session, dossier)):
            lock(session, dossier, None)
            renew_letters(session, dossier, actor=actor, now=now)


def _held(session: Session, dossier: Dossier) -> Sequence[Document]:
    query_ = sa.select(Document).where(
        Document.dossier_id == dossier.id, Document.held.is_(True), Document.superseded_at.is_(None)
    )
    return session.scalars(query_.options(undefer(Document.context))).all()


def refusals_of_publication(session: Session, call: Call, *, actor: Actor) -> tuple[Refusal, ...]:
    """What stands against publishing the call now: files without a decision, documents not ready."""
    if call.status == CallStatus.PUBLISHED:
        return (Refusal(N_("This call was published on %(instant)s."), {"instant": call.published_at}),)
    found: list[Refusal] = []
    for dossier in _unpublished(session, call):
        if dossier.state != "awaiting_decision":
            label = dossiers.procedure_of(dossier).states[dossier.state].label
            params = {"reference": dossier.reference, "city": dossier.lead_city, "state": label}
            found.append(Refusal(N_("%(reference)s, %(city)s, is still in the state “%(state)s”."), params))
            continue
        known = facts.dossier_facts(session, dossier, actor.language)
        if known.held is None:
            params = {"reference": dossier.reference, "city": dossier.lead_city}
            found.append(Refusal(N_("%(reference)s, %(city)s, has no decision yet."), params))
        for kind in known.documents_missing:
            params = {"reference": dossier.reference, "kind": kind}
            found.append(Refusal(N_("%(reference)s: the document %(kind)s is not ready yet."), params))
        found += _feedback_lacking(session, dossier, actor.language)
    return tuple(found)


def publish(session: Session, call: Call, *, actor: Actor, now: datetime) -> JournalEntry:
    """Make every held decision so, in one transaction: states, letters and certificates, mails, the new members of the
    Network (a test call has none), and the list of designations in each of the call's languages. A letter that tells another
    day of publication is not let go but issued anew. Raises Refused with everything that stands against it."""
    rights.require_on_call(actor, call.id, Role.SECRETARIAT)
    lock_call(session, call)
    files = _unpublished(session, call)
    for dossier in files:
        lock(session, dossier, None)  # before anything is read of them: a decision may be taken anew at this moment
    found = refusals_of_publication(session, call, actor=actor)
    if found:
        raise Refused(found)
    for dossier in files:
        held = facts.held_decision(session, dossier)
        assert held is not None
        held.published_at = now
        fire(session, dossier, held.outcome, actor=PUBLICATION, now=now, payload={"decision": str(held.id)})
        if held.outcome == DecisionOutcome.DESIGNATE and not call.test:
            membership.join(session, dossier, actor=actor, now=now)
    call.status, call.published_at, call.version = CallStatus.PUBLISHED, now, call.version + 1
    entry = journal.append(session, call.id, "publish", actor_id=actor.account_id, now=now)
    _issue_of_call(session, call, now)
    return entry


def _unpublished(session: Session, call: Call) -> list[Dossier]:
    final = [s.key for s in PROCEDURES[call.procedure].states.values() if s.final]
    under_way = sa.select(Dossier).where(Dossier.call_id == call.id, Dossier.state.not_in(final))
    return list(session.scalars(under_way.order_by(Dossier.reference)))


def _feedback_lacking(session: Session, dossier: Dossier, language: str) -> Iterator[Refusal]:
    """One refusal for each criterion without feedback, where the call wants it before publication."""
    if not calls.definition(dossier.call).feedback.required:
        return
    for criterion in feedback.lacking(session, dossier):
        params = {"reference": dossier.reference, "criterion": criterion.label.of(language)}
        yield Refusal(N_("%(reference)s: the feedback to the city lacks “%(criterion)s”."), params)


def refuse_withdrawn(session: Session, dossier_id: UUID, *, actor: Actor) -> None:
    """Raises Refused, in words, for a file that the city took back once it was on a slate: for who could have decided on it
    until then. Nobody else learns of it here."""
    dossier = query.withdrawn_from_slate(session, actor, dossier_id)
    if dossier is not None:
        told = {"city": dossier.lead_city, "instant": dossier.state_since_at}
        raise Refused([Refusal(N_("%(city)s withdrew its file on %(instant)s: there is nothing to decide."), told)])


def _replace_held(session: Session, dossier: Dossier, now: datetime) -> None:
    session.execute(
        sa.update(Decision)
        .where(Decision.dossier_id == dossier.id, Decision.superseded_at.is_(None))
        .values(superseded_at=now)
    )
    session.execute(
        sa.update(Document)
        .where(Document.dossier_id == dossier.id, Document.held.is_(True), Document.superseded_at.is_(None))
        .values(superseded_at=now)
    )


def _issue_of_call(session: Session, call: Call, now: datetime) -> None:
    """The list of designations for everybody, the report of the call for those inside."""
    drafts = {
        Doc.DESIGNATION_LIST: contexts.designation_list(session, call, now=now),
        Doc.CALL_REPORT: call_report(session, call, now=now),
    }
    for kind, draft in drafts.items():
        for language in calls.definition(call).publish_languages:
            documents.write(
                session, kind, draft, now=now, transition="publish", call_id=call.id, language=language,
                subject=call.key.upper(),
            )  # fmt: skip
