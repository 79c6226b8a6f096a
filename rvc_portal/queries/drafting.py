"""Reads of a text that is drafted: who may read and write it, who wrote what, what was changed, said and corrected."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.outline import Entry, Outline
from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.account import Account
from rvc_portal.models.clause import Clause, ClauseOwner, ClauseText
from rvc_portal.models.drafting import ClauseComment, DraftChange, Erratum
from rvc_portal.models.meeting import Meeting
from rvc_portal.queries import conclusions
from rvc_portal.queries.conclusions import Conclusions

DRAFTERS = (Role.SECRETARIAT, Role.STEERING)
"""Who writes a draft."""


def writes(actor: Actor) -> bool:
    """Whether the person drafts."""
    return any(actor.has(role) for role in DRAFTERS)


def outline(there: Conclusions) -> Outline[UUID]:
    """The order of the clauses, as the rules see it."""
    return tuple(Entry(clause.id, tuple(part.id for part in parts)) for clause, parts in there.clauses)


def name_of(there: Conclusions, clause: Clause) -> str | None:
    """What a piece is called now: its kind, its number, its number and letter; None for one that was removed."""
    return next((name for name, piece in there.named() if piece.id == clause.id), None)


def piece(session: Session, meeting: Meeting, clause_id: UUID) -> Clause | None:
    """A piece of the meeting's text, removed ones too."""
    query = sa.select(Clause).where(Clause.id == clause_id, Clause.meeting_id == meeting.id)
    return session.scalar(query.options(selectinload(Clause.texts)))


def removed(session: Session, meeting: Meeting) -> Sequence[Clause]:
    """What was taken out of the text, the latest first; what went along with its clause is not told apart."""
    query = sa.select(Clause).where(Clause.meeting_id == meeting.id, Clause.removed_at.is_not(None))
    found = session.scalars(
        query.options(selectinload(Clause.texts)).order_by(Clause.removed_at.desc(), Clause.id)
    ).all()
    gone = {(clause.id, clause.removed_at) for clause in found}
    return [clause for clause in found if (clause.parent_id, clause.removed_at) not in gone]


def before(session: Session, meeting: Meeting) -> Meeting | None:
    """The last meeting before this one that has clauses: what a new draft may begin with."""
    has = sa.exists().where(
        Clause.meeting_id == Meeting.id, Clause.kind == conclusions.CLAUSE, Clause.removed_at.is_(None)
    )
    query = sa.select(Meeting).where(Meeting.edition < meeting.edition, has)
    return session.scalar(query.order_by(Meeting.edition.desc()).limit(1))


def last_change(session: Session, meeting: Meeting) -> int:
    """The number of the last change of the order; 0 before the first one."""
    query = sa.select(sa.func.max(DraftChange.number)).where(DraftChange.meeting_id == meeting.id)
    return session.scalar(query) or 0


def changes(session: Session, meeting: Meeting, since: int = 0) -> Sequence[DraftChange]:
    """What was changed of the order after the change of this number, with who did it, the latest first."""
    query = sa.select(DraftChange).where(DraftChange.meeting_id == meeting.id, DraftChange.number > since)
    return session.scalars(query.options(joinedload(DraftChange.person)).order_by(DraftChange.number.desc())).all()


def writers(session: Session, meeting: Meeting) -> dict[UUID, str]:
    """The names of all who wrote a revision of the text."""
    query = (
        sa.select(Account.id, Account.name)
        .join(ClauseText, ClauseText.written_by == Account.id)
        .join(Clause, Clause.id == ClauseText.clause_id)
        .where(Clause.meeting_id == meeting.id)
        .distinct()
    )
    return dict(session.execute(query).all())


def open_comments(session: Session, meeting: Meeting) -> dict[UUID, int]:
    """How many comments on each clause nobody has dealt with; answers do not count."""
    query = (
        sa.select(ClauseComment.clause_id, sa.func.count())
        .join(Clause)
        .where(
            Clause.meeting_id == meeting.id, ClauseComment.resolved_at.is_(None), ClauseComment.answer_to.is_(None)
        )
        .group_by(ClauseComment.clause_id)
    )  # fmt: skip
    return dict(session.execute(query).all())


def comments(session: Session, clause: Clause) -> list[tuple[ClauseComment, list[ClauseComment]]]:
    """What is said of a clause, the oldest first, each comment with its answers; one statement."""
    query = sa.select(ClauseComment).where(ClauseComment.clause_id == clause.id)
    query = query.options(joinedload(ClauseComment.member), joinedload(ClauseComment.person))
    found = session.scalars(query.order_by(ClauseComment.written_at, ClauseComment.id)).all()
    return [(one, [a for a in found if a.answer_to == one.id]) for one in found if one.answer_to is None]


def comment(session: Session, clause: Clause, comment_id: UUID) -> ClauseComment | None:
    query = sa.select(ClauseComment).where(ClauseComment.id == comment_id, ClauseComment.clause_id == clause.id)
    return session.scalar(query)


def owners(session: Session, meeting: Meeting) -> dict[UUID, list[ClauseOwner]]:
    """Who sees to each clause; one statement."""
    query = (
        sa.select(ClauseOwner).join(Clause, Clause.id == ClauseOwner.clause_id).where(Clause.meeting_id == meeting.id)
    )
    found: dict[UUID, list[ClauseOwner]] = {}
    for owner in session.scalars(query.options(joinedload(ClauseOwner.member)).order_by(ClauseOwner.owner)):
        found.setdefault(owner.clause_id, []).append(owner)
    return found


def errata(session: Session, meeting: Meeting) -> Sequence[Erratum]:
    """The corrections of a sealed text, in their order."""
    query = sa.select(Erratum).where(Erratum.meeting_id == meeting.id)
    return session.scalars(query.options(joinedload(Erratum.clause)).order_by(Erratum.number)).all()
