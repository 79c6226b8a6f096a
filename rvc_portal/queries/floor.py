"""Reads of a meeting's floor: who is there, what is at hand, the amendments and the votes on them."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from rvc_portal.domain import amending
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.amending import State
from rvc_portal.domain.errors import Refusal
from rvc_portal.domain.vocabulary import N_
from rvc_portal.gateways import network
from rvc_portal.models.amendment import Amendment, CityPresence, CityVote, Floor, FloorVote, Seconding
from rvc_portal.models.clause import Clause
from rvc_portal.models.meeting import Meeting
from rvc_portal.models.seat import Member

UNDECIDED = N_("Amendments on this clause are still open: %(count)s. The meeting decides on them first.")


def of(session: Session, meeting: Meeting) -> Floor | None:
    """The floor as it stands now, whatever was read before; None where it was never opened."""
    return session.get(Floor, meeting.id, populate_existing=True)


def amendments(session: Session, meeting: Meeting) -> dict[UUID, list[Amendment]]:
    """Every amendment on the meeting's text by clause, in the order in which they were proposed. Two queries."""
    query = (
        sa.select(Amendment)
        .join(Clause, Clause.id == Amendment.clause_id)
        .where(Clause.meeting_id == meeting.id)
        .options(joinedload(Amendment.member), selectinload(Amendment.seconds).joinedload(Seconding.member))
        .order_by(Amendment.proposed_at, Amendment.id)
    )
    found: dict[UUID, list[Amendment]] = {}
    for row in session.scalars(query):
        found.setdefault(row.clause_id, []).append(row)
    return found


def amendment(session: Session, meeting: Meeting, amendment_id: UUID | None) -> Amendment | None:
    """One of them, as it stands now."""
    query = sa.select(Amendment).join(Clause, Clause.id == Amendment.clause_id).where(Clause.meeting_id == meeting.id)
    query = query.where(Amendment.id == amendment_id).options(
        joinedload(Amendment.clause), joinedload(Amendment.member)
    )
    return session.scalar(query.execution_options(populate_existing=True))


def clause(session: Session, meeting: Meeting, clause_id: UUID | None) -> Clause | None:
    """A piece of the meeting's text, as it stands now."""
    query = sa.select(Clause).where(
        Clause.meeting_id == meeting.id, Clause.id == clause_id, Clause.removed_at.is_(None)
    )
    query = query.options(selectinload(Clause.texts)).execution_options(populate_existing=True)
    return session.scalar(query)


@dataclass(frozen=True)
class Present:
    """A member city that is there: no row of it is loaded, since every screen reads all of them."""

    id: UUID
    city: str
    country: str
    field: str


def present(session: Session, meeting: Meeting, registered: Iterable[UUID]) -> list[Present]:
    """The cities that are there, by name; one whose delegates were all withdrawn meanwhile is there no more."""
    known = set(registered)
    query = sa.select(Member.id, Member.city, Member.country, Member.field)
    query = query.join(CityPresence, CityPresence.member_id == Member.id)
    rows = session.execute(query.where(CityPresence.meeting_id == meeting.id, CityPresence.left_at.is_(None)))
    here = [Present(*row) for row in rows if row.id in known]
    return sorted(here, key=lambda one: (one.city.casefold(), one.country, one.field))


def quorum(registered: Iterable[UUID]) -> int:
    """How many of the registered cities must be present."""
    return amending.quorum(len(set(registered)), network.meeting_rules().quorum_percent)


def running(session: Session, meeting: Meeting) -> FloorVote | None:
    """The vote that is open, with the votes cast so far."""
    query = sa.select(FloorVote).where(FloorVote.meeting_id == meeting.id, FloorVote.closed_at.is_(None))
    query = query.options(selectinload(FloorVote.ballots)).execution_options(populate_existing=True)
    return session.scalar(query)


def votes(session: Session, meeting: Meeting) -> Sequence[FloorVote]:
    """Those that are closed, each with how every city voted, in their order. Three queries at most."""
    query = sa.select(FloorVote).where(FloorVote.meeting_id == meeting.id, FloorVote.closed_at.is_not(None))
    told = selectinload(FloorVote.ballots).joinedload(CityVote.member)
    return session.scalars(query.options(told).order_by(FloorVote.closed_at, FloorVote.id)).all()


def revision(piece: Clause, language: str) -> int:
    """Of its text in the language; 0 where it is not written."""
    return max((text.revision for text in piece.texts if text.language == language), default=0)


def lagging(piece: Clause, proposed: Iterable[Amendment]) -> str | None:
    """The language in which the piece is still to be brought into line with an adopted amendment that gave the other one."""
    for row in proposed:
        if row.lagging and row.lagging_revision == revision(piece, row.lagging):
            return row.lagging
    return None


def open_on(session: Session, found: Clause) -> int:
    """On how many amendments on a clause and its sub-clauses the meeting has not decided. One query."""
    query = sa.select(sa.func.count()).select_from(Amendment).join(Clause, Clause.id == Amendment.clause_id)
    own = sa.or_(Clause.id == found.id, Clause.parent_id == found.id)
    return session.scalar(query.where(own, Clause.removed_at.is_(None), Amendment.state == State.OPEN)) or 0


def against_adoption(session: Session, found: Clause) -> Iterator[Refusal]:
    """What stands against the adoption of a top-level piece with its sub-clauses, as they stand now. Three queries."""
    own = sa.or_(Clause.id == found.id, Clause.parent_id == found.id)
    query = sa.select(Clause).where(own, Clause.removed_at.is_(None))
    pieces = session.scalars(query.options(selectinload(Clause.texts))).all()
    on = sa.select(Amendment).where(Amendment.clause_id.in_([piece.id for piece in pieces]))
    proposed = session.scalars(on.execution_options(populate_existing=True)).all()
    yield from against([(piece, [row for row in proposed if row.clause_id == piece.id]) for piece in pieces])


def against(pieces: Sequence[tuple[Clause, Sequence[Amendment]]]) -> Iterator[Refusal]:
    """The same of pieces that were read with the amendments on them: an open one, or a language that does not say yet what an
    adopted one gave in the other."""
    undecided = sum(row.state == State.OPEN for _piece, rows in pieces for row in rows)
    if undecided:
        yield Refusal(UNDECIDED, {"count": undecided})
    for language in sorted({code for piece, rows in pieces if (code := lagging(piece, rows))}):
        message = N_("An adopted amendment gave one language alone: bring the other one into line first: %(language)s.")
        yield Refusal(message, {"language": language})


@dataclass(frozen=True)
class Standing:
    """As much of a meeting as tells whether anything changed."""

    id: UUID
    version: int
    sealed_at: datetime | None


# Every screen asks this one every two seconds, so it is built once: building it takes longer than its answer.
_STANDING = sa.select(Meeting.id, Meeting.version, Meeting.sealed_at).where(Meeting.edition == sa.bindparam("edition"))


def standing(session: Session, edition: int) -> Standing | None:
    """How far the meeting of this number is; one short query."""
    row = (
        session.connection().execute(_STANDING, {"edition": edition}).one_or_none()
    )  # rows alone: nothing of it is mapped
    return Standing(*row) if row else None


def pulse(meeting: Meeting | Standing, actor: Actor, *also: str) -> str:
    """A short name of all that this person may see of the floor: equal as long as nothing of it changes. No query."""
    rights = sorted(repr(right) for right in (*actor.grants, *actor.seats))
    stated = repr([meeting.id, meeting.version, meeting.sealed_at, actor.account_id, rights, also])
    return hashlib.sha256(stated.encode()).hexdigest()[:32]
