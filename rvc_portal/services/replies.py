"""The city's answer on facts: the Secretariat chooses passages, opens the answers to all cities at once, and each city sends
its own, which then stands as it is."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import rfc8785
import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain import replies as domain
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.call import ReplyRules
from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, CallStatus, Doc, Permission, Role
from rvc_portal.domain.words import count_words
from rvc_portal.models.call import Call
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.reply import CityReply, Passage
from rvc_portal.queries import calls, dossiers
from rvc_portal.queries import replies as query
from rvc_portal.services import documents, journal, mailing, rights
from rvc_portal.services.contexts.parts import Occasion
from rvc_portal.services.transitions import lock, lock_call

ACT = "reply"


def choose(session: Session, dossier: Dossier, texts: Sequence[str], *, actor: Actor, now: datetime) -> int:
    """Let these be the passages that the city is to check; empty ones fall away. How many those are. Raises NotFound for a
    call without answers, Refused without the role or once the answers are open, InvalidInput (`passage-N`) for a passage that
    names an evaluator or tells a score."""
    _rules(dossier.call)
    held = rights.require(session, actor, dossier, Permission.SEE_RESULTS)
    if Role.SECRETARIAT not in held:
        raise Refused([Refusal(N_("Your role does not allow this."))])
    lock_call(session, dossier.call)  # nobody opens the answers meanwhile
    lock(session, dossier, None)
    if dossier.call.replies_opened_at is not None:
        raise Refused([Refusal(N_("The cities have been shown their passages: these stand as they are."))])
    _check_passages(session, dossier, texts)
    kept = [text.strip() for text in texts if text.strip()]
    session.execute(sa.delete(Passage).where(Passage.dossier_id == dossier.id))
    session.add_all(
        Passage(dossier_id=dossier.id, number=number, text=text, by=actor.person, at=now)
        for number, text in enumerate(kept, 1)
    )
    payload = {"count": len(kept)}
    journal.append(session, dossier.id, "passages", actor_id=actor.account_id, now=now, payload=payload)
    return len(kept)


def open_all(session: Session, call: Call, *, actor: Actor, now: datetime) -> int:
    """Show every city under examination its passages, and take answers from now on; each team is told by the same mail,
    whatever was chosen for it. How many files that are. Raises Refused without the role over the whole call, outside the
    call's window, or where it was done before."""
    _rules(call)
    rights.require_on_call(actor, call.id, Role.SECRETARIAT)
    lock_call(session, call)
    window = calls.definition(call).windows["reply"]
    if call.replies_opened_at is not None:
        raise Refused([Refusal(N_("The answers were opened on %(instant)s."), {"instant": call.replies_opened_at})])
    if call.status != CallStatus.OPEN or not window.contains(now):
        params = {"opens": window.opens_at, "closes": window.closes_at}
        raise Refused([Refusal(N_("Cities can answer from %(opens)s to %(closes)s."), params)])
    call.replies_opened_at = now
    found = query.under_examination(session, call)
    journal.append(session, call.id, "open_replies", actor_id=actor.account_id, now=now, payload={"files": len(found)})
    for dossier in found:
        _tell(session, dossier, "facts_to_check", now)
    return len(found)


def save(
    session: Session, dossier: Dossier, answers: Mapping[UUID, str], *, actor: Actor, now: datetime,
    received_at: datetime | None = None,
) -> None:  # fmt: skip
    """Keep what the city writes on each passage, as a draft. `received_at`: when the request arrived, which counts for the
    deadline. Raises NotFound before the opening, Refused without the right, after the deadline or once it is sent,
    InvalidInput (`answer-ID`) for an answer that is too long; then nothing is kept."""
    told = _rules(dossier.call)
    rights.hold(session, actor, dossier, Permission.REPLY)
    if not query.is_shown(dossier):
        raise NotFound
    if dossiers.parts_of(session, actor, dossier):
        raise Refused([Refusal(N_("You were invited to other parts of this file than this one."))])
    standing = session.get(CityReply, dossier.id)
    if standing is not None:
        sent = Refusal(N_("The answer was sent on %(instant)s and stands as it is."), {"instant": standing.received_at})
        raise Refused([sent])
    deadline = query.deadline(dossier.call)
    if deadline.is_past(received_at or now):
        raise Refused([deadline.refusal(), Refusal(N_("What was saved until then is kept, to be read and printed."))])
    long = Refusal(N_("At most %(most)s words."), {"most": told.maximum_words})
    wrong = {f"answer-{i}": (long,) for i, text in answers.items() if count_words(text) > told.maximum_words}
    if wrong:
        raise InvalidInput(wrong)
    for passage in query.passages(session, dossier.id):
        text = answers.get(passage.id)
        if text is not None and text.strip() != passage.answer:
            passage.answer, passage.answered_at = text.strip(), now
    session.flush()


def send(
    session: Session, dossier: Dossier, answers: Mapping[UUID, str], *, actor: Actor, now: datetime,
    received_at: datetime | None = None,
) -> CityReply:  # fmt: skip
    """Keep the answers and send them for good: frozen with their hash, issued as a document, told to the team. Raises as
    `save` does, and Refused for anybody but the lead."""
    save(session, dossier, answers, actor=actor, now=now, received_at=received_at)
    if Role.LEAD not in dossiers.roles(session, actor, dossier):
        raise Refused([Refusal(N_("The lead of the dossier sends the answer."))])
    shown = [(p.number, p.text, p.answer) for p in query.passages(session, dossier.id)]
    frozen = rfc8785.dumps(domain.content(dossier.reference, shown))  # type: ignore[arg-type]
    made = CityReply(
        dossier_id=dossier.id, content=frozen.decode(), sha256=hashlib.sha256(frozen).hexdigest(),
        received_at=received_at or now, sent_by=actor.person,
    )  # fmt: skip
    session.add(made)
    session.flush()
    journal.append(session, dossier.id, ACT, actor_id=actor.account_id, now=now, payload={"sha256": made.sha256})
    document = documents.issue(Doc.CITY_REPLY, Occasion(session, dossier, now, ACT, actor))
    _tell(session, dossier, "city_reply", now, document, sha256=made.sha256, received_at=made.received_at.isoformat())
    return made


def _rules(call: Call) -> ReplyRules:
    found = query.rules(call)
    if found is None:
        raise NotFound
    return found


def _check_passages(session: Session, dossier: Dossier, texts: Sequence[str]) -> None:
    names = query.names(session, dossier.id)
    wrong = {
        f"passage-{number}": found
        for number, text in enumerate(texts, 1)
        if (found := tuple(domain.faults(text, names, f"passage-{number}")))
    }
    if wrong:
        raise InvalidInput(wrong)


def _tell(
    session: Session, dossier: Dossier, template: str, now: datetime, document: Document | None = None, **more: str
) -> None:
    """Tell whoever works at the file for the city."""
    told = calls.definition(dossier.call)
    for member in dossiers.members(session, dossier.id):
        if member.role == Role.READER:
            continue
        context = {
            "name": member.account.name, "city": dossier.lead_city, "reference": dossier.reference,
            "call": told.title.of(member.account.language), "path": f"/dossiers/{dossier.id}/reply",
            "until": query.deadline(dossier.call).shown.isoformat(), "zone": told.timezone,
            "demonstration": dossier.call.demonstration, **more,
        }  # fmt: skip
        mailing.queue_mail(
            session, member.account.email, language=member.account.language, template=template, context=context,
            now=now, document=document,
        )  # fmt: skip
