"""What a meeting agreed: its clauses as they read now."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from rvc_portal.domain import outline
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.clause import Clause
from rvc_portal.models.meeting import Meeting

TITLE, PREAMBLE, CLAUSE = "title", "preamble", "clause"
LETTERS = outline.LETTERS
"""What sub-clauses are called by."""


@dataclass(frozen=True)
class Conclusions:
    """The clauses of a meeting, each with its sub-clauses, in their order; `head`: title and preamble, by kind."""

    head: dict[str, Clause] = field(default_factory=dict)
    clauses: tuple[tuple[Clause, tuple[Clause, ...]], ...] = ()

    def pieces(self) -> list[Clause]:
        """Every piece of the text, from the title to the last sub-clause."""
        return [piece for _, piece in self.named()]

    def named(self) -> Iterator[tuple[str, Clause]]:
        """Every piece with its name: its kind, its number, its number and letter."""
        yield from self.head.items()
        for number, (clause, parts) in enumerate(self.clauses, start=1):
            yield str(number), clause
            for letter, part in zip(LETTERS, parts, strict=False):
                yield f"{number}{letter}", part

    def languages(self) -> tuple[str, ...]:
        """In which anything is written."""
        return tuple(sorted({text.language for piece in self.pieces() for text in piece.texts}))

    def shape(self) -> tuple[int, ...]:
        """How many sub-clauses each clause has."""
        return tuple(len(parts) for _, parts in self.clauses)


def takes_part(actor: Actor | None) -> bool:
    """Whether the person sees a text that is being made, its amendments and the floor: who acts for a member city, the Steering
    Group, the Secretariat."""
    return actor is not None and bool(actor.member_seats or actor.has(Role.STEERING) or actor.has(Role.SECRETARIAT))


def meetings(session: Session) -> list[Meeting]:
    """Every meeting with its hosts, the latest first; two statements."""
    query = sa.select(Meeting).options(selectinload(Meeting.hosts)).order_by(Meeting.edition.desc())
    return list(session.scalars(query))


def of_edition(session: Session, edition: int) -> Meeting | None:
    """The meeting of this number."""
    return session.scalar(sa.select(Meeting).where(Meeting.edition == edition))


def before(session: Session, meeting: Meeting) -> Meeting | None:
    """The meeting before this one."""
    query = sa.select(Meeting).where(Meeting.edition < meeting.edition)
    return session.scalar(query.order_by(Meeting.edition.desc()).limit(1))


def of(session: Session, meeting: Meeting) -> Conclusions:
    """Its text, with every revision, without what was removed from it; two statements."""
    query = sa.select(Clause).where(Clause.meeting_id == meeting.id, Clause.removed_at.is_(None))
    query = query.options(selectinload(Clause.texts))
    rows = session.scalars(query.order_by(Clause.position, Clause.id)).all()
    parts: dict[object, list[Clause]] = {}
    for row in rows:
        if row.kind == CLAUSE:
            parts.setdefault(row.parent_id, []).append(row)
    head = {kind: row for kind in (TITLE, PREAMBLE) for row in rows if row.kind == kind}
    return Conclusions(head, tuple((clause, tuple(parts.get(clause.id, ()))) for clause in parts.get(None, ())))
