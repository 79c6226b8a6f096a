"""One predicate of sight: which dossiers a person may know of. Every list, search, count, mean, export and mail uses it."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from rvc_portal.domain.actor import Actor, Scope
from rvc_portal.domain.procedures.register import PROCEDURES
from rvc_portal.domain.vocabulary import APPLICANTS, Permission, Role
from rvc_portal.models.call import Call
from rvc_portal.models.conflict import Conflict, bars
from rvc_portal.models.dossier import Dossier, Membership
from rvc_portal.models.evaluation import Assignment, Evaluation

_STAFF = (Role.SECRETARIAT, Role.DIRECTION)


def own(actor: Actor) -> ColumnElement[bool]:
    """Dossiers of which the person is a part: lead, editor or reader."""
    mine = sa.select(Membership.dossier_id).where(
        Membership.account_id == actor.account_id, Membership.ended_at.is_(None)
    )
    return Dossier.id.in_(mine)


def assigned(actor: Actor) -> ColumnElement[bool]:
    """Dossiers that one of the person's seats evaluates and has declared no conflict with."""
    mine = sa.select(Assignment.dossier_id).where(
        Assignment.seat_id.in_([s.id for s in actor.evaluating_seats]),
        Assignment.declared_at.is_not(None),
        Assignment.ended_at.is_(None),
    )
    return Dossier.id.in_(mine)


def conflicted(actor: Actor) -> ColumnElement[bool]:
    """Dossiers against which the person, or a seat the person acts for, has a conflict that stands."""
    whose = [Conflict.account_id == actor.account_id]
    if actor.seats:
        whose.append(Conflict.seat_id.in_([s.id for s in actor.seats]))
    mine = sa.select(Conflict.dossier_id).where(bars(), sa.or_(*whose))
    return Dossier.id.in_(mine)


def judging(actor: Actor) -> ColumnElement[bool]:
    """Dossiers on which a sheet of the person's own is still to be closed."""
    closed = sa.exists().where(Evaluation.assignment_id == Assignment.id, Evaluation.counting())
    mine = sa.select(Assignment.dossier_id).where(
        Assignment.seat_id.in_([s.id for s in actor.evaluating_seats]), Assignment.ended_at.is_(None), sa.not_(closed)
    )
    return sa.and_(Dossier.state == "in_evaluation", Dossier.id.in_(mine))


def visible(actor: Actor, permission: Permission = Permission.KNOW) -> ColumnElement[bool]:
    """Dossiers on which the person holds the permission, after the tables of their procedures and all conflicts."""
    as_judge = [
        sa.and_(_in_scope(g.scope), states_with(g.role, permission), *_real(g.role is not Role.SECRETARIAT))
        for g in actor.grants
        if g.role in _STAFF
    ]
    if actor.evaluating_seats:
        as_judge.append(sa.and_(assigned(actor), states_with(Role.EVALUATOR, permission), *_real()))
    if actor.steering_seats:
        as_judge.append(sa.and_(states_with(Role.STEERING, permission), *_real()))
    kept_away = [conflicted(actor)]
    if permission is Permission.SEE_RESULTS and actor.evaluating_seats:
        kept_away.append(judging(actor))  # whatever else the person is: the own sheet comes first
    ways = [sa.and_(*(sa.not_(each) for each in kept_away), sa.or_(*as_judge))] if as_judge else []
    if actor.applies:
        ways.append(sa.and_(own(actor), states_with(Role.LEAD, permission), *_real(not actor.has(Role.SECRETARIAT))))
    return sa.or_(*ways) if ways else sa.false()


def _real(wanted: bool = True) -> Iterator[ColumnElement[bool]]:
    """Dossiers of calls that are no tests: those are the Secretariat's alone."""
    if wanted:
        yield Dossier.call_id.not_in(sa.select(Call.id).where(Call.test))


def _in_scope(scope: Scope) -> ColumnElement[bool]:
    wanted = {
        Dossier.call_id: scope.call_id,
        Dossier.field: scope.field,
        Dossier.lead_country: scope.country,
        Dossier.lead_city: scope.city,
    }
    return sa.and_(sa.true(), *(column == value for column, value in wanted.items() if value is not None))


def holds(actor: Actor, role: Role) -> ColumnElement[bool]:
    """Dossiers on which the person has the role (domain.actor.roles_on)."""
    if role in APPLICANTS:
        mine = sa.select(Membership.dossier_id).where(
            Membership.account_id == actor.account_id, Membership.role == role, Membership.ended_at.is_(None)
        )
        return Dossier.id.in_(mine)
    if role is Role.EVALUATOR:
        ways = [assigned(actor)] if actor.evaluating_seats else []
    elif role is Role.STEERING:
        ways = [sa.true()] if actor.steering_seats else []
    else:
        ways = [_in_scope(grant.scope) for grant in actor.grants if grant.role is role]
    return sa.and_(sa.or_(sa.false(), *ways), sa.not_(conflicted(actor)))


def states_with(role: Role, permission: Permission) -> ColumnElement[bool]:
    """Dossiers in whose state the role holds the permission."""
    rows = [
        sa.and_(Dossier.procedure == p.key, Dossier.state.in_(sorted(p.states_with(role, permission))))
        for p in PROCEDURES.values()
    ]
    return sa.or_(*rows)
