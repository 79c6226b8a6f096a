"""Reads around the city's answer on facts: whether its time has come, what is shown, what was answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.call import ReplyRules
from rvc_portal.domain.deadlines import Deadline, of_reply
from rvc_portal.domain.procedures.register import PROCEDURES
from rvc_portal.domain.vocabulary import Permission, Role
from rvc_portal.models.account import Account
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment, Evaluation, Score
from rvc_portal.models.reply import CityReply, Passage
from rvc_portal.models.seat import Seat, SeatHolder
from rvc_portal.queries import calls, dossiers
from rvc_portal.queries.visibility import visible


@dataclass(frozen=True)
class FileLine:
    """A file of the call: how many passages are chosen for its city, and when that answered."""

    id: UUID
    reference: str
    city: str
    country: str | None
    passages: int
    sent_at: datetime | None


@dataclass(frozen=True)
class Reasons:
    """What the closed sheets say of one criterion, without who said it."""

    criterion: str
    texts: Sequence[str]


def rules(call: Call) -> ReplyRules | None:
    """How cities answer in this call; None: they do not."""
    return calls.definition(call).reply


def deadline(call: Call) -> Deadline:
    """Until when they may. Only for a call in which they do."""
    told = calls.definition(call)
    return of_reply(told.windows["reply"].closes_at, told.grace)


def is_shown(dossier: Dossier) -> bool:
    """Whether the city knows of its answer: from the opening on, the same for every file that is under examination or was,
    wherever it stands behind the label."""
    if rules(dossier.call) is None or dossier.call.replies_opened_at is None:
        return False
    return dossier.state in _examined(dossier.call)


def may_read(dossier: Dossier, roles: frozenset[Role]) -> bool:
    """Whether somebody with these roles on the file may read passages and answer. Evaluators only if the call says so."""
    told = rules(dossier.call)
    if told is None or dossier.state not in _examined(dossier.call):
        return False
    if dossiers.allows(dossier, roles, Permission.SEE_RESULTS):
        return True
    if roles == {Role.EVALUATOR} and not told.evaluators:
        return False
    return is_shown(dossier)


def under_examination(session: Session, call: Call) -> Sequence[Dossier]:
    """Every file of the call whose city sees the one label, for the opening."""
    states = PROCEDURES[call.procedure].states_with(Role.LEAD, Permission.REPLY)
    query = sa.select(Dossier).where(Dossier.call_id == call.id, Dossier.state.in_(sorted(states)))
    return session.scalars(query.order_by(Dossier.reference)).all()


def passages(session: Session, dossier_id: UUID) -> Sequence[Passage]:
    """The passages chosen for the city, in their order."""
    query = sa.select(Passage).where(Passage.dossier_id == dossier_id)
    return session.scalars(query.order_by(Passage.number)).all()


def sent(session: Session, dossier_id: UUID) -> tuple[CityReply, str] | None:
    """The answer as it was sent, with who sent it; None before."""
    query = sa.select(CityReply, Account.name).join(Account, Account.id == CityReply.sent_by)
    row = session.execute(query.where(CityReply.dossier_id == dossier_id)).one_or_none()
    return (row[0], row[1]) if row else None


def of_call(session: Session, actor: Actor, call: Call) -> list[FileLine]:
    """The files of the call whose results this person may see. One query."""
    chosen = sa.select(sa.func.count()).where(Passage.dossier_id == Dossier.id).correlate(Dossier).scalar_subquery()
    query = (
        sa.select(Dossier.id, Dossier.reference, Dossier.lead_city, Dossier.lead_country, chosen, CityReply.received_at)
        .outerjoin(CityReply, CityReply.dossier_id == Dossier.id)
        .where(Dossier.call_id == call.id, visible(actor, Permission.SEE_RESULTS))
        .order_by(Dossier.lead_city, Dossier.id)
    )
    return [FileLine(*row) for row in session.execute(query)]


def reasons(session: Session, dossier: Dossier, language: str) -> list[Reasons]:
    """What the closed sheets say by criterion, in an order that tells nobody's name. One query."""
    query = (
        sa.select(Score.criterion, Score.reason)
        .join(Evaluation, Evaluation.id == Score.evaluation_id)
        .where(Evaluation.dossier_id == dossier.id, Evaluation.counting())
        .order_by(Evaluation.id)
    )
    found: dict[str, list[str]] = {}
    for criterion, reason in session.execute(query):
        found.setdefault(criterion, []).append(reason)
    told = calls.definition(dossier.call).rubric.criteria
    return [Reasons(c.label.of(language), found[c.key]) for c in told if c.key in found]


def names(session: Session, dossier_id: UUID) -> set[str]:
    """The names that no passage may tell: of the seats asked for the file, and of whoever acts for them."""
    query = (
        sa.select(Seat.name, Account.name)
        .join(Assignment, Assignment.seat_id == Seat.id)
        .outerjoin(SeatHolder, SeatHolder.seat_id == Seat.id)
        .outerjoin(Account, Account.id == SeatHolder.account_id)
        .where(Assignment.dossier_id == dossier_id)
    )
    return {name for row in session.execute(query) for name in row if name}


def _examined(call: Call) -> frozenset[str]:
    return PROCEDURES[call.procedure].states_with(Role.SECRETARIAT, Permission.SEE_RESULTS)
