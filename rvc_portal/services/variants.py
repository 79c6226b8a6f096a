"""Documents of a sitting in as many versions as its readers need: whole, and for each set of items that is closed to one of
them a version in which they are."""

import hashlib
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.vocabulary import STEERING_SEATS, Doc
from rvc_portal.models.account import RoleGrant
from rvc_portal.models.call import Call
from rvc_portal.models.conflict import Conflict, bars
from rvc_portal.models.seat import Seat, SeatHolder
from rvc_portal.models.steering import AgendaItem, SteeringSession
from rvc_portal.services import documents
from rvc_portal.services.contexts.parts import Draft


def needed(session: Session, sitting: SteeringSession) -> dict[str | None, frozenset[UUID]]:
    """The versions that the readers need now, the whole one first: for each, by Document.variant, the items that are closed
    in it. The sitting keeps what each name means, those of earlier documents too."""
    found = {_fingerprint(shut): shut for shut in _shut_to_readers(session, sitting)}
    sitting.variants = sitting.variants | {name: sorted(map(str, shut)) for name, shut in found.items()}
    whole: dict[str | None, frozenset[UUID]] = {None: frozenset()}
    return whole | dict(sorted(found.items()))


def write(
    session: Session, sitting: SteeringSession, kind: Doc, draft: Draft, *, act: str, variant: str | None, language: str,
    now: datetime,
) -> None:  # fmt: skip
    """Issue one version of a document of the sitting, by an act of the journal."""
    call = session.get_one(Call, sitting.call_id)
    documents.write(
        session, kind, draft, now=now, transition=act, call_id=call.id, session_id=sitting.id, variant=variant,
        language=language, subject=f"{call.key}/{sitting.id.hex[:6]}".upper(),
    )  # fmt: skip


def _shut_to_readers(session: Session, sitting: SteeringSession) -> list[frozenset[UUID]]:
    """What is closed to those of the group and of the staff to whom not all is open: each set of items once. By person,
    who may act for several seats."""
    mine = sa.select(SeatHolder.account_id).join(Seat).where(Seat.kind.in_(sorted(STEERING_SEATS)))
    readers = sa.union(mine, sa.select(RoleGrant.account_id))
    by_seat = (
        sa.select(SeatHolder.account_id, AgendaItem.id)
        .join(Conflict, Conflict.seat_id == SeatHolder.seat_id)
        .join(AgendaItem, AgendaItem.dossier_id == Conflict.dossier_id)
    )
    by_person = sa.select(Conflict.account_id, AgendaItem.id).join(
        AgendaItem, AgendaItem.dossier_id == Conflict.dossier_id
    )
    shut: dict[UUID, set[UUID]] = {}
    for found, who in ((by_seat, SeatHolder.account_id), (by_person, Conflict.account_id)):
        for account_id, item_id in session.execute(
            found.where(AgendaItem.session_id == sitting.id, bars(), who.in_(readers))
        ):
            if account_id is not None:
                shut.setdefault(account_id, set()).add(item_id)
    return sorted({frozenset(items) for items in shut.values()}, key=lambda items: sorted(map(str, items)))


def _fingerprint(items: frozenset[UUID]) -> str:
    return hashlib.sha256("\n".join(sorted(map(str, items))).encode()).hexdigest()
