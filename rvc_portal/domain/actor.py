"""Who acts: a person with roles in scopes and seats, and what they are to one dossier."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from rvc_portal.domain.vocabulary import EVALUATING_SEATS, STEERING_SEATS, Role, SeatKind


@dataclass(frozen=True)
class Scope:
    """The part of the Network a role reaches; None means everywhere. Countries are ISO 3166 alpha-2."""

    call_id: UUID | None = None
    field: str | None = None
    country: str | None = None
    city: str | None = None


@dataclass(frozen=True)
class Grant:
    """A role within a scope."""

    role: Role
    scope: Scope = Scope()


@dataclass(frozen=True)
class SeatHeld:
    """A seat that the person acts for at present."""

    id: UUID
    kind: SeatKind
    name: str
    field: str | None = None
    country: str | None = None
    city: str | None = None


@dataclass(frozen=True)
class Actor:
    """A signed-in person, or nobody (the clock, publication), with all that gives rights."""

    account_id: UUID | None
    name: str = ""
    language: str = "en"
    grants: tuple[Grant, ...] = ()
    seats: tuple[SeatHeld, ...] = ()
    applies: bool = False  # has a part in some dossier of a city
    system: Role | None = None

    @property
    def person(self) -> UUID:
        """The account of the person who acts. Raises ValueError for the clock and for publication, which are nobody."""
        if self.account_id is None:
            raise ValueError(f"{self.name} is no person")
        return self.account_id

    def has(self, role: Role) -> bool:
        """Whether the person holds the role anywhere."""
        if role is Role.EVALUATOR:
            return any(s.kind in EVALUATING_SEATS for s in self.seats)
        if role is Role.STEERING:
            return any(s.kind in STEERING_SEATS for s in self.seats)
        if role is Role.LEAD:
            return self.applies
        return any(g.role is role for g in self.grants)

    def has_on_call(self, role: Role, call_id: UUID, *, whole: bool = False) -> bool:
        """Whether the role reaches into the call; with `whole`, over all its dossiers, as an act on the call needs it."""
        if role in (Role.STEERING, Role.EVALUATOR):  # they sit, whatever the call
            return self.has(role)
        scopes = [g.scope for g in self.grants if g.role is role and g.scope.call_id in (None, call_id)]
        return any(not whole or (s.field, s.country, s.city) == (None, None, None) for s in scopes)

    @property
    def evaluating_seats(self) -> tuple[SeatHeld, ...]:
        return tuple(s for s in self.seats if s.kind in EVALUATING_SEATS)

    @property
    def member_seats(self) -> tuple[SeatHeld, ...]:
        return tuple(s for s in self.seats if s.kind is SeatKind.MEMBER)

    @property
    def steering_seats(self) -> tuple[SeatHeld, ...]:
        return tuple(s for s in self.seats if s.kind in STEERING_SEATS)


CLOCK = Actor(account_id=None, name="clock", system=Role.CLOCK)
PUBLICATION = Actor(account_id=None, name="publication", system=Role.PUBLICATION)


@dataclass(frozen=True)
class DossierTies:
    """What ties one person to one dossier."""

    call_id: UUID
    field: str | None
    country: str | None
    city: str | None
    membership: Role | None = None  # lead, editor or reader
    assigned: bool = False
    conflicted: bool = False


def _covers(scope: Scope, ties: DossierTies) -> bool:
    wanted = (scope.call_id, scope.field, scope.country, scope.city)
    actual = (ties.call_id, ties.field, ties.country, ties.city)
    return all(want is None or want == have for want, have in zip(wanted, actual, strict=True))


def _roles(actor: Actor, ties: DossierTies) -> Iterator[Role]:
    if ties.membership is not None:
        yield ties.membership
    if ties.conflicted:  # a conflict leaves a person nothing but their own city's file
        return
    yield from (g.role for g in actor.grants if _covers(g.scope, ties))
    if ties.assigned:
        yield Role.EVALUATOR
    if actor.steering_seats:
        yield Role.STEERING


def roles_on(actor: Actor, ties: DossierTies) -> frozenset[Role]:
    """The roles that `actor` has on the dossier that `ties` describes."""
    return frozenset({actor.system}) if actor.system else frozenset(_roles(actor, ties))
