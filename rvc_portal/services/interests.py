"""The yearly declaration of interests: what a person says once, and the rules then find wherever it matters."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from rvc_portal.domain import conflicts as rules
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.conflicts import TIES, Tie
from rvc_portal.domain.errors import InvalidInput, Refusal
from rvc_portal.domain.procedures.register import PROCEDURES
from rvc_portal.domain.vocabulary import N_
from rvc_portal.gateways import network
from rvc_portal.models.account import Account
from rvc_portal.models.base import in_force
from rvc_portal.models.dossier import Dossier, Filing
from rvc_portal.models.evaluator import InterestDeclaration
from rvc_portal.models.seat import SeatHolder
from rvc_portal.queries import calls
from rvc_portal.queries import interests as query
from rvc_portal.services import conflicts, mailing


def declare(session: Session, ties: Sequence[Tie], *, actor: Actor, now: datetime) -> InterestDeclaration:
    """Keep what the person declares, in the place of what they declared before; an empty list says that there is nothing.
    Every file under way is looked at anew. Raises InvalidInput, under `tie-N` (N from 0), for a tie that names nothing."""
    wrong = {f"tie-{n}": (refusal,) for n, tie in enumerate(ties) if (refusal := _lacking(tie))}
    if wrong:
        raise InvalidInput(wrong)
    before = query.latest(session, actor.person)
    if before is not None:
        before.superseded_at = now
    made = InterestDeclaration(
        account_id=actor.person, ties=[asdict(tie) for tie in ties], declared_at=now,
        expires_at=now + timedelta(days=network.days("interests_valid")),
    )  # fmt: skip
    session.add(made)
    session.flush()
    _look_again(session, ties, now)
    return made


def acts_now(session: Session, account_id: UUID, now: datetime) -> None:
    """The person acts for another seat from now on: what they have declared binds that seat, too."""
    _look_again(session, query.ties(query.latest(session, account_id)), now)


def _look_again(session: Session, ties: Sequence[Tie], now: datetime) -> None:
    for dossier in _tied(session, ties):
        conflicts.refresh(session, dossier, now=now)


def remind(session: Session, now: datetime) -> int:
    """Tell by mail, once for each declaration, whoever acts for a seat and whose declaration ends soon. Returns how many
    mails that makes. Safe to repeat."""
    soon = now + timedelta(days=network.days("interests_reminder"))
    acts = sa.exists().where(SeatHolder.account_id == InterestDeclaration.account_id, in_force(SeatHolder, now))
    ending = sa.select(InterestDeclaration).where(
        InterestDeclaration.superseded_at.is_(None), InterestDeclaration.reminded_at.is_(None),
        InterestDeclaration.expires_at > now, InterestDeclaration.expires_at <= soon, acts,
    )  # fmt: skip
    in_use = ending.join(InterestDeclaration.account).where(Account.active)
    told = in_use.options(contains_eager(InterestDeclaration.account)).order_by(InterestDeclaration.expires_at)
    found = session.scalars(told).all()
    for declaration in found:
        declaration.reminded_at, to = now, declaration.account
        context = {"name": to.name, "until": declaration.expires_at.isoformat(), "path": "/interests"}
        mailing.queue_mail(session, to, to.language, "interests_end", context, now=now)
    return len(found)


def _lacking(tie: Tie) -> Refusal | None:
    if tie.kind not in TIES:
        return Refusal(N_("Say what kind of tie this is."))
    if tie.kind == "employer":
        return None if tie.organisation.strip() else Refusal(N_("Name the organisation."))
    return None if tie.city.strip() else Refusal(N_("Name the city."))


def _tied(session: Session, ties: Sequence[Tie]) -> list[Dossier]:
    """The files under way that one of the ties concerns, by the rules of their calls. Three queries, however many files."""
    files = _under_way(session) if ties else []
    parties, mine = query.of_files(session, files), rules.SeatTies(None, None, tuple(ties))
    switched_on = {d.id: [r.rule for r in calls.definition(d.call).conflict_rules] for d in files}
    return [d for d in files if any(rules.found(switched_on[d.id], mine, parties[d.id]))]


def _under_way(session: Session) -> Sequence[Dossier]:
    """Files that were submitted and are not decided yet, with their calls and cities."""
    final = [state.key for procedure in PROCEDURES.values() for state in procedure.states.values() if state.final]
    filed = sa.exists().where(Filing.dossier_id == Dossier.id)
    found = sa.select(Dossier).where(filed, Dossier.state.not_in(final)).order_by(Dossier.reference)
    return session.scalars(found.options(joinedload(Dossier.call), selectinload(Dossier.parties))).all()
