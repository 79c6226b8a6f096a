"""The meeting adopts its text, piece by piece: the Secretariat, in the chair, says what the cities agreed."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import Refusal, Refused
from rvc_portal.domain.vocabulary import N_
from rvc_portal.models.clause import Clause
from rvc_portal.queries import conclusions as texts
from rvc_portal.queries import floor
from rvc_portal.queries.conclusions import CLAUSE, PREAMBLE, TITLE
from rvc_portal.services import conclusions, network_acts

ALREADY = {
    CLAUSE: N_("Clause %(name)s is adopted already."),
    TITLE: N_("The title is adopted already."),
    PREAMBLE: N_("The preamble is adopted already."),
}
NOT_YET = conclusions.NOT_ADOPTED
EMPTY = {
    CLAUSE: N_("Clause %(name)s has no text yet."),
    TITLE: N_("The title has no text yet."),
    PREAMBLE: N_("The preamble has no text yet."),
}


def adopt(session: Session, clause: Clause, *, actor: Actor, now: datetime) -> None:
    """A clause with its sub-clauses, the title or the preamble is adopted. Raises Refused without the role, once the text is
    sealed, for a sub-clause alone, for a piece that is removed, empty or adopted already, and while an amendment on it is open
    or a language of it is not in line."""
    whole, name = _hold(session, clause, actor)
    refusals = [*_hindrances(clause, name), *floor.against_adoption(session, clause)]
    if refusals:
        raise Refused(refusals)
    for piece in whole:
        piece.adopted_at = now
    _note(session, clause, name, "adopt_clause", "", actor, now)


def reopen(session: Session, clause: Clause, *, reason: str, actor: Actor, now: datetime) -> None:
    """Take an adoption back, so that the piece can be changed again. Raises Refused without the role or a reason, once the
    text is sealed, and for a piece that is not adopted."""
    whole, name = _hold(session, clause, actor)
    if clause.adopted_at is None:
        raise Refused([conclusions.about(clause, name, NOT_YET)])
    if not reason.strip():
        raise Refused([Refusal(N_("Say why it is opened again: it stands in the journal."))])
    for piece in whole:
        piece.adopted_at = None
    _note(session, clause, name, "reopen_clause", reason.strip(), actor, now)


def _hindrances(clause: Clause, name: str) -> Iterator[Refusal]:
    """What stands in the way of adopting the piece, all at once."""
    if clause.adopted_at is not None:
        yield conclusions.about(clause, name, ALREADY)
    if not clause.texts:
        yield conclusions.about(clause, name, EMPTY)


def _hold(session: Session, clause: Clause, actor: Actor) -> tuple[list[Clause], str]:
    """The piece with its sub-clauses, as they stand now, and what it is called."""
    network_acts.require_secretariat(actor)
    network_acts.hold(session)
    session.expire_all()  # what was read before the lock may have been overtaken
    conclusions.require_open(clause.meeting)
    there = texts.of(session, clause.meeting)
    name = next((name for name, piece in there.named() if piece.id == clause.id), None)
    if name is None:
        raise Refused([Refusal(N_("This clause was removed: it cannot be adopted."))])
    if clause.parent_id is not None:
        raise Refused([Refusal(N_("A sub-clause is adopted with its clause, and opened again with it."))])
    parts = next((parts for one, parts in there.clauses if one.id == clause.id), ())
    return [clause, *parts], name


def _note(
    session: Session, clause: Clause, name: str, act: str, reason: str, actor: Actor, now: datetime
) -> None:  # fmt: skip
    clause.meeting.changed()
    session.flush()
    payload = {"meeting": str(clause.meeting_id), "clause": str(clause.id), "name": name}
    network_acts.note(session, act, actor=actor, now=now, reason=reason, payload=payload)
