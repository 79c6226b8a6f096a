"""Reads for the board of the slate: the files that this person may see, the variants, and what is in each."""

from collections.abc import Iterable, Mapping, Sequence, Set
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain import slate as rules
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.slate import File, Membership, Move
from rvc_portal.domain.vocabulary import Permission
from rvc_portal.models.account import Account
from rvc_portal.models.call import Call
from rvc_portal.models.decision import Slate, SlateChange, SlateEntry, SlateVariant
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.seat import Member
from rvc_portal.models.steering import Opinion
from rvc_portal.queries import calls
from rvc_portal.queries.visibility import visible


def files(session: Session, call: Call, actor: Actor | None = None) -> list[File]:
    """The files that await a decision, by mean; of these the ones that `actor` may see (None: every one). One query."""
    seen = visible(actor, Permission.SEE_RESULTS) if actor else sa.true()
    return _files(session, call, sa.and_(Dossier.state == "awaiting_decision", seen))


def under_examination(session: Session, call: Call, actor: Actor) -> list[File]:
    """The files whose results this person may see, wherever they stand, by mean: of a file that is closed to them neither
    a figure nor a place on a map tells. One query."""
    return _files(session, call, visible(actor, Permission.SEE_RESULTS))


def _files(session: Session, call: Call, which: sa.ColumnElement[bool]) -> list[File]:
    told = calls.definition(call)
    query = (
        sa.select(Dossier.id, Dossier.reference, Dossier.lead_city, Dossier.lead_country, Dossier.field,
                  Dossier.mean_overall, Opinion.told())
        .outerjoin(Opinion, sa.and_(Opinion.dossier_id == Dossier.id, Opinion.superseded_at.is_(None)))
        .where(Dossier.call_id == call.id, which)
        .order_by(Dossier.mean_overall.is_(None), Dossier.mean_overall.desc(), Dossier.lead_city, Dossier.id)
    )  # fmt: skip
    return [_file(told, *row) for row in session.execute(query)]


def _file(
    told: CallDefinition, id_: UUID, reference: str, city: str, country: str | None, field: str | None,
    mean: float | None, opinion: str | None,
) -> File:  # fmt: skip
    region = told.country(country).region if country else None
    return File(id_, reference, city, country, region, field, mean, opinion or "")


Stand = tuple[list[File], dict[UUID, Move]]
"""The files of a variant, by mean, and where each of them stands."""


def standing(session: Session, call: Call, variant: SlateVariant, actor: Actor | None = None) -> Stand:
    """The variant as it is: as it was put forward where it was, else with the files of today; those that `actor` may know of
    (None: every one)."""
    slate = put_forward(session, variant)
    if slate:
        return _frozen(session, call, slate, actor)
    found = files(session, call, actor)
    return found, stands(found, [change for change, _who in changes(session, variant.id)])


def put_forward(session: Session, variant: SlateVariant) -> Slate | None:
    """The slate that was made of the variant, the latest; None for one that was never put forward. One query."""
    query = sa.select(Slate).where(Slate.variant_id == variant.id)
    return session.scalars(query.order_by(Slate.put_forward_at.desc()).limit(1)).first()


def _frozen(session: Session, call: Call, slate: Slate, actor: Actor | None) -> Stand:
    told = calls.definition(call)
    query = (
        sa.select(Dossier.id, Dossier.reference, Dossier.lead_city, Dossier.lead_country, Dossier.field,
                  SlateEntry.mean, SlateEntry.opinion, SlateEntry.proposed, SlateEntry.reason)
        .join(SlateEntry, SlateEntry.dossier_id == Dossier.id)
        .where(SlateEntry.slate_id == slate.id, visible(actor) if actor else sa.true())
        .order_by(SlateEntry.mean.is_(None), SlateEntry.mean.desc(), Dossier.lead_city, Dossier.id)
    )  # fmt: skip
    rows = session.execute(query).all()
    stood = {row.id: Move(row.id, bool(row.proposed), row.reason) for row in rows}
    return [_file(told, *row[:7]) for row in rows], stood


def members(session: Session) -> list[Membership]:
    """Every member of the Network. One query."""
    rows = session.execute(sa.select(Member.country, Member.region, Member.field).order_by(Member.id))
    return [Membership(*row) for row in rows]


def variants(session: Session, call: Call) -> Sequence[SlateVariant]:
    """The call's variants, the one changed last first."""
    query = sa.select(SlateVariant).where(SlateVariant.call_id == call.id)
    return session.scalars(query.order_by(SlateVariant.changed_at.desc(), SlateVariant.id)).all()


def variant(session: Session, call: Call, variant_id: UUID) -> SlateVariant | None:
    """One of them, or None."""
    return session.scalar(sa.select(SlateVariant).where(SlateVariant.call_id == call.id, SlateVariant.id == variant_id))


def changes(session: Session, variant_id: UUID) -> Sequence[tuple[SlateChange, str]]:
    """The changes of a variant that were not replaced, in order, with the names of who made them. One query."""
    query = (
        sa.select(SlateChange, Account.name)
        .join(Account, Account.id == SlateChange.made_by)
        .where(SlateChange.variant_id == variant_id, SlateChange.dropped.is_(False))
        .order_by(SlateChange.number)
    )
    return [(change, name) for change, name in session.execute(query)]


def moves(change: SlateChange) -> list[Move]:
    """What the change moved."""
    return [Move(UUID(kept["dossier"]), kept["proposed"], kept["reason"]) for kept in change.moves]


def stands(found: Iterable[File], made: Iterable[SlateChange]) -> dict[UUID, Move]:
    """Where each of the files stands after the changes that are not undone: as the Steering Group advised, but for them."""
    state = {id_: Move(id_, proposed, "") for id_, proposed in rules.proposed_by_opinion(found).items()}
    for change in made:
        if not change.undone:
            state |= {move.dossier_id: move for move in moves(change) if move.dossier_id in state}
    return state


def figures(session: Session, call: Call, found: Sequence[File], state: Mapping[UUID, Move]) -> rules.Figures:
    """What the variant comes to, of the files given."""
    return _figures(call, found, {id_ for id_, move in state.items() if move.proposed}, members(session))


def balance(
    call: Call, found: Sequence[File], recommended: Set[UUID], today: Sequence[Membership]
) -> tuple[rules.Figures, tuple[str, ...]]:
    """What the files given come to beside the members of `today` if those `recommended` are designated, and the countries
    of all of them that have no member yet."""
    every = _figures(call, found, {file.id for file in found}, today)
    return _figures(call, found, recommended, today), every.first_time


def _figures(call: Call, found: Sequence[File], proposed: Set[UUID], today: Sequence[Membership]) -> rules.Figures:
    told = calls.definition(call)
    return rules.figures(
        found, proposed, today, regions=[r.key for r in told.regions], fields=[f.key for f in told.fields],
        targets=told.targets,
    )  # fmt: skip
