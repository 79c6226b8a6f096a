"""Reads of elections. No function here gives a sum of votes before the count: `counted` is the only one that reads them."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload, undefer

from rvc_portal.domain.actor import Actor
from rvc_portal.models.ballot import Ballot, Candidate, Voter
from rvc_portal.models.seat import Member
from rvc_portal.queries import members


def all_of_them(session: Session) -> Sequence[Ballot]:
    """Every election with its candidates, the latest first."""
    query = sa.select(Ballot).options(selectinload(Ballot.candidates).joinedload(Candidate.member))
    return session.scalars(query.order_by(Ballot.closes_at.desc(), Ballot.id)).all()


def ballot(session: Session, ballot_id: UUID) -> Ballot | None:
    return session.get(Ballot, ballot_id)


def candidates(session: Session, found: Ballot) -> list[Candidate]:
    """Those who stand, by name: an order that says nothing of them."""
    query = sa.select(Candidate).where(Candidate.ballot_id == found.id).options(joinedload(Candidate.member))
    return sorted(session.scalars(query), key=lambda c: (c.member.city.casefold(), c.member.country))


def counted(session: Session, found: Ballot) -> tuple[dict[UUID, int], int]:
    """The votes by member, and those for none of the candidates. Raises ValueError before the election is counted."""
    if found.counted_at is None:
        raise ValueError("nobody reads the sums before the count")
    return sums(session, found)


def sums(session: Session, found: Ballot) -> tuple[dict[UUID, int], int]:
    """The same for the count itself (services.ballots.count), which asks the clock first."""
    query = sa.select(Candidate).where(Candidate.ballot_id == found.id).options(undefer(Candidate.votes))
    by_member = {c.member_id: c.votes for c in session.scalars(query.execution_options(populate_existing=True))}
    none = session.scalar(sa.select(Ballot.none_of_them).where(Ballot.id == found.id)) or 0
    return by_member, none


def voters(session: Session, found: Ballot) -> list[Member]:
    """The cities that have voted, by name."""
    query = sa.select(Member).join(Voter, Voter.member_id == Member.id).where(Voter.ballot_id == found.id)
    return list(session.scalars(query.order_by(Member.city, Member.country)))


def electorate(session: Session, field: str) -> list[Member]:
    """The member cities of the field."""
    query = sa.select(Member).where(Member.field == field)
    return list(session.scalars(query.order_by(Member.city, Member.country)))


def own_cities(session: Session, actor: Actor, field: str) -> list[Member]:
    """The member cities of the field that the person acts for."""
    return [member for member in members.own_cities(session, actor) if member.field == field]


def later_round(session: Session, found: Ballot) -> Ballot | None:
    """The round that followed a tie."""
    return session.scalar(sa.select(Ballot).where(Ballot.earlier_id == found.id))
