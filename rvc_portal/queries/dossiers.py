"""Reads of dossiers: one for this person, its ties, its content, its history."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from rvc_portal.domain.actor import Actor, DossierTies, roles_on
from rvc_portal.domain.procedures.register import PROCEDURES
from rvc_portal.domain.vocabulary import Permission, Role
from rvc_portal.domain.workflow import Procedure
from rvc_portal.models.account import Account
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Answer, Attachment, Dossier, Filing, Membership, SignOff
from rvc_portal.models.journal import JournalEntry
from rvc_portal.queries.visibility import assigned, conflicted, own, visible


def procedure_of(dossier: Dossier) -> Procedure:
    """The table that the dossier runs by."""
    return PROCEDURES[dossier.procedure]


def find(session: Session, actor: Actor, dossier_id: UUID) -> tuple[Dossier, frozenset[Role]] | None:
    """The dossier with its call, and the person's roles on it; None when it does not exist or this person may not know
    of it. One query."""
    row = session.execute(_find(actor), {"dossier_id": dossier_id}).one_or_none()
    return (row[0], roles_on(actor, _ties(row[0], row[1:]))) if row else None


def ties(session: Session, actor: Actor, dossier: Dossier) -> DossierTies:
    """What ties the person to the dossier; one query."""
    row = session.execute(sa.select(*_tied(actor)).where(Dossier.id == dossier.id)).one()
    return _ties(dossier, row)


def hold(session: Session, actor: Actor, dossier: Dossier) -> frozenset[Role]:
    """The roles that the person has on the dossier, whose row is read again and locked until the transaction ends."""
    call = dossier.call  # never another one: it need not be read again with the row
    row = session.execute(_hold(actor), {"dossier_id": dossier.id}, execution_options={"populate_existing": True}).one()
    set_committed_value(dossier, "call", call)
    return frozenset({actor.system}) if actor.system else roles_on(actor, _ties(dossier, row[1:]))


# Every page of a dossier asks the one, every save the other: for the same person they are built once, since building them
# takes longer than their answer.
@lru_cache(maxsize=1000)
def _find(actor: Actor) -> sa.Select[Any]:
    of_person = sa.select(Dossier, *_tied(actor)).where(Dossier.id == sa.bindparam("dossier_id"), visible(actor))
    return of_person.options(joinedload(Dossier.call, innerjoin=True))


@lru_cache(maxsize=1000)
def _hold(actor: Actor) -> sa.Select[Any]:
    of_person = sa.select(Dossier, *_tied(actor)).where(Dossier.id == sa.bindparam("dossier_id"))
    return of_person.with_for_update(of=Dossier, key_share=True)


def _tied(actor: Actor) -> tuple[Any, ...]:
    membership = (
        sa.select(Membership.role)
        .where(
            Membership.dossier_id == Dossier.id,
            Membership.account_id == actor.account_id,
            Membership.ended_at.is_(None),
        )
        .limit(1)
        .correlate(Dossier)
        .scalar_subquery()
    )
    return membership, assigned(actor), conflicted(actor)


def _ties(dossier: Dossier, row: Sequence[Any]) -> DossierTies:
    membership, is_assigned, is_conflicted = row
    return DossierTies(
        call_id=dossier.call_id,
        field=dossier.field,
        country=dossier.lead_country,
        city=dossier.lead_city,
        membership=Role(membership) if membership else None,
        assigned=bool(is_assigned),
        conflicted=bool(is_conflicted),
    )


def roles(session: Session, actor: Actor, dossier: Dossier) -> frozenset[Role]:
    """The roles that the person has on the dossier."""
    if actor.system:
        return frozenset({actor.system})
    return roles_on(actor, ties(session, actor, dossier))


def parts_of(session: Session, actor: Actor, dossier: Dossier) -> Sequence[str]:
    """The parts of the file (domain.team) that were named for the person when invited; none named: all."""
    query = sa.select(Membership.sections).where(
        Membership.dossier_id == dossier.id,
        Membership.account_id == actor.account_id,
        Membership.ended_at.is_(None),
    )
    return session.scalar(query) or ()


def mine(session: Session, actor: Actor) -> Sequence[Dossier]:
    """The dossiers of the person's own cities, the latest first."""
    query = sa.select(Dossier).where(own(actor)).options(joinedload(Dossier.call)).order_by(Dossier.created_at.desc())
    return session.scalars(query).all()


def allows(dossier: Dossier, held: frozenset[Role], permission: Permission) -> bool:
    """Whether one of these roles holds the permission in the dossier's present state."""
    return procedure_of(dossier).allows(dossier.state, held, permission)


def answers(session: Session, dossier_id: UUID) -> dict[str, Answer]:
    """The answers by question key."""
    return {a.key: a for a in session.scalars(sa.select(Answer).where(Answer.dossier_id == dossier_id))}


def authors(session: Session, dossier_id: UUID) -> dict[str, str]:
    """Who wrote each answer last, by question key."""
    query = sa.select(Answer.key, Account.name).join(Account, Account.id == Answer.author_id)
    return {row[0]: row[1] for row in session.execute(query.where(Answer.dossier_id == dossier_id))}


def values(session: Session, dossier_id: UUID) -> Mapping[str, Any]:
    """The answers' values by question key."""
    rows = session.execute(sa.select(Answer.key, Answer.value).where(Answer.dossier_id == dossier_id))
    return {row[0]: row[1] for row in rows}


def attachments(session: Session, dossier_id: UUID) -> Sequence[Attachment]:
    """The uploaded files that stand, in the order of their arrival."""
    query = sa.select(Attachment).where(Attachment.dossier_id == dossier_id, Attachment.removed_at.is_(None))
    return session.scalars(query.order_by(Attachment.at, Attachment.name, Attachment.id)).all()


def earlier_attachments(session: Session, dossier_id: UUID) -> Sequence[Attachment]:
    """The files that were replaced or removed, the latest first."""
    query = sa.select(Attachment).where(Attachment.dossier_id == dossier_id, Attachment.removed_at.is_not(None))
    return session.scalars(query.order_by(Attachment.removed_at.desc(), Attachment.id)).all()


def latest_filing(session: Session, dossier_id: UUID, *, content: bool = True) -> Filing | None:
    """What was filed last, or None. Without `content`, the long text of it is read when it is asked for."""
    query = sa.select(Filing).where(Filing.dossier_id == dossier_id).order_by(Filing.number.desc()).limit(1)
    return session.scalar(query if content else query.options(defer(Filing.content)))


def latest_sign_offs(session: Session, dossier_id: UUID) -> dict[str, SignOff]:
    """The request made last for each kind of sign-off, by kind."""
    return {row.kind: row for row in reversed(sign_offs(session, dossier_id))}


def sign_offs(session: Session, dossier_id: UUID) -> Sequence[SignOff]:
    """Every request for a sign-off there was, the latest first."""
    query = sa.select(SignOff).where(SignOff.dossier_id == dossier_id).order_by(SignOff.asked_at.desc(), SignOff.id)
    return session.scalars(query).all()


def history(session: Session, chain: UUID) -> Sequence[tuple[JournalEntry, str | None]]:
    """The journal of a dossier or a call, oldest first, each entry with the name of who acted (None: nobody)."""
    query = (
        sa.select(JournalEntry, Account.name)
        .outerjoin(Account, Account.id == JournalEntry.actor_id)
        .where(JournalEntry.chain == chain)
        .order_by(JournalEntry.id)
    )
    return [(entry, name) for entry, name in session.execute(query)]


def documents(session: Session, dossier_id: UUID) -> Sequence[Document]:
    """Every document of the dossier, oldest first, superseded and held ones too: the caller filters by right."""
    query = sa.select(Document).where(Document.dossier_id == dossier_id)
    return session.scalars(query.order_by(Document.issued_at, Document.kind, Document.id)).all()


def members(session: Session, dossier_id: UUID) -> Sequence[Membership]:
    """The city's team at present."""
    query = (
        sa.select(Membership)
        .where(Membership.dossier_id == dossier_id, Membership.ended_at.is_(None))
        .options(joinedload(Membership.account))
        .order_by(Membership.since_at)
    )
    return session.scalars(query).all()
