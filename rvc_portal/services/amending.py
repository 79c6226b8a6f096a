"""Member cities propose amendments to a meeting's text, second them, and take their own back."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain import amending as rules
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.amending import State
from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal, Refused
from rvc_portal.domain.vocabulary import N_
from rvc_portal.language import LANGUAGES
from rvc_portal.models.amendment import Amendment, FloorVote, Seconding
from rvc_portal.models.base import new_id
from rvc_portal.models.clause import Clause
from rvc_portal.models.meeting import Meeting
from rvc_portal.models.seat import Member
from rvc_portal.queries import floor as query
from rvc_portal.queries import members
from rvc_portal.services import conclusions, network_acts


def hold(session: Session, meeting: Meeting) -> None:
    """Hold the meeting's row until the transaction ends, as it stands now: what was read before may be what somebody else
    has changed meanwhile, and a version counted on from there would stand still."""
    session.flush()
    session.refresh(meeting, with_for_update={"key_share": True})


def changed(session: Session, meeting: Meeting) -> None:
    """Something changed that all who follow the meeting may see."""
    meeting.changed()
    session.flush()


def city(session: Session, actor: Actor, member_id: UUID | None) -> Member:
    """The member city that the person acts for; `member_id` tells which, None where it is the only one. Raises Refused."""
    own = members.own_cities(session, actor)
    if not own:
        raise Refused([Refusal(N_("Only a person who acts for a member city may do this."))])
    found = next((m for m in own if m.id == member_id), own[0] if member_id is None and len(own) == 1 else None)
    if found is None:
        raise Refused([Refusal(N_("You do not act for this city: choose one of yours."))])
    return found


def propose(
    session: Session, meeting: Meeting, clause_id: UUID | None, texts: Mapping[str, str], *, reason: str, language: str,
    member_id: UUID | None, actor: Actor, now: datetime,
) -> Amendment:  # fmt: skip
    """Propose for one's city how a clause is to read; `texts` by language, as it reads now where nothing changes. Raises
    Refused for who acts for no city, a sealed text, a clause that is adopted or just being voted on, InvalidInput for a
    text that is empty or as it stands, and without a reason."""
    proposer = city(session, actor, member_id)
    network_acts.hold(session)
    hold(session, meeting)
    clause = query.clause(session, meeting, clause_id)
    if clause is None:
        raise NotFound
    refusals = [*_shut(meeting, clause), *_being_voted(session, clause)]
    if refusals:
        raise Refused(refusals)
    reads = {code: clause.text(code) for code in LANGUAGES}
    _check(texts, reads, reason)
    given = rules.changes(texts, reads)
    row = Amendment(
        id=new_id(), clause_id=clause.id, member_id=proposer.id, text_en=given.get("en", ""),
        text_fr=given.get("fr", ""), reason=reason.strip(), language=language, proposed_at=now,
        proposed_by=actor.person,
    )  # fmt: skip
    session.add(row)
    changed(session, meeting)
    _note(session, "propose_amendment", row, actor, now, languages=sorted(given))
    return row


def second(
    session: Session, meeting: Meeting, amendment_id: UUID | None, *, member_id: UUID | None, actor: Actor, now: datetime
) -> None:  # fmt: skip
    """Second another city's amendment. Raises Refused for one's own, twice, and for one that is decided."""
    by = city(session, actor, member_id)
    network_acts.hold(session)
    row = _open(session, meeting, amendment_id)
    if row.member_id == by.id:
        raise Refused([Refusal(N_("A city does not second its own amendment."))])
    if session.get(Seconding, (row.id, by.id)) is not None:
        raise Refused([Refusal(N_("%(city)s has seconded this amendment already."), {"city": by.city})])
    session.add(Seconding(amendment_id=row.id, member_id=by.id, account_id=actor.person, at=now))
    changed(session, meeting)
    _note(session, "second_amendment", row, actor, now, by=str(by.id))


def withdraw(
    session: Session, meeting: Meeting, amendment_id: UUID | None, *, actor: Actor, now: datetime
) -> None:  # fmt: skip
    """Take one's own city's amendment back. Raises Refused for another city's, for one that is decided and while the
    meeting votes on it."""
    own = {member.id for member in members.own_cities(session, actor)}
    network_acts.hold(session)
    row = _open(session, meeting, amendment_id)
    if row.member_id not in own:
        raise Refused([Refusal(N_("Only the city that proposed an amendment withdraws it."))])
    vote = query.running(session, meeting)
    if vote is not None and vote.amendment_id == row.id:
        raise Refused([Refusal(N_("The meeting is voting on this amendment."))])
    row.state, row.decided_at, row.decided_by = State.WITHDRAWN, now, actor.person
    row.before_en, row.before_fr = (row.clause.text(code) for code in ("en", "fr"))
    floor = query.of(session, meeting)
    if floor is not None and floor.amendment_id == row.id:
        floor.amendment_id = None
    changed(session, meeting)
    _note(session, "withdraw_amendment", row, actor, now)


def align(
    session: Session, meeting: Meeting, clause_id: UUID | None, text: str, *, actor: Actor, now: datetime
) -> None:  # fmt: skip
    """Bring the language that an adopted amendment left as it was into line with it; the same text again says that it is.
    Raises Refused without the role and where nothing is out of line, InvalidInput for an empty text."""
    network_acts.require_secretariat(actor)
    network_acts.hold(session)
    hold(session, meeting)
    clause = query.clause(session, meeting, clause_id)
    if clause is None:
        raise NotFound
    language = query.lagging(clause, query.amendments(session, meeting).get(clause.id, []))
    refusals = [*_shut(meeting, clause)]
    if language is None:
        refusals.append(Refusal(N_("Both languages of this clause are in line.")))
    if refusals or language is None:
        raise Refused(refusals)
    clean = " ".join(text.split())
    if not clean:
        raise InvalidInput({"text": (Refusal(N_("Write how the text is to read.")),)})
    conclusions.write(session, clause, language, clean, actor, now)
    changed(session, meeting)
    payload = {"meeting": str(meeting.id), "clause": str(clause.id), "language": language}
    network_acts.note(session, "align_clause", actor=actor, now=now, payload=payload)


def _check(texts: Mapping[str, str], reads: Mapping[str, str], reason: str) -> None:
    wrong: dict[str, tuple[Refusal, ...]] = {}
    if refusals := tuple(rules.against_texts(texts, reads)):
        wrong["texts"] = refusals
    if not reason.strip():
        wrong["reason"] = (Refusal(N_("Give the reason: the other cities read it.")),)
    if wrong:
        raise InvalidInput(wrong)


def _open(session: Session, meeting: Meeting, amendment_id: UUID | None) -> Amendment:
    """The amendment, if nothing is decided on it or its clause yet; the meeting's row is held."""
    hold(session, meeting)
    row = query.amendment(session, meeting, amendment_id)
    if row is None:
        raise NotFound
    refusals = [*rules.against_decision(row.state)] or [*_shut(meeting, row.clause)]
    if refusals:
        raise Refused(refusals)
    return row


def _shut(meeting: Meeting, clause: Clause) -> Iterator[Refusal]:
    if meeting.sealed_at is not None:
        yield Refusal(N_("This text is sealed: nothing is amended in it any more."))
    elif clause.adopted_at is not None:
        yield Refusal(N_("This clause is adopted: it is not amended any more."))


def _being_voted(session: Session, clause: Clause) -> Iterator[Refusal]:
    query_ = sa.select(FloorVote.id).where(
        FloorVote.clause_id == (clause.parent_id or clause.id), FloorVote.amendment_id.is_(None),
        FloorVote.closed_at.is_(None),
    )  # fmt: skip
    if session.scalar(query_) is not None:
        yield Refusal(N_("The meeting is voting on this clause."))


def _note(session: Session, act: str, row: Amendment, actor: Actor, now: datetime, **more: object) -> None:
    payload = {"amendment": str(row.id), "clause": str(row.clause_id), "member": str(row.member_id), **more}
    network_acts.note(session, act, actor=actor, now=now, payload=payload)
