"""What became of what a meeting agreed: the states of a clause, who speaks of it, what is late, and how many are where.

A clause with sub-clauses asks for what they ask for: its state follows from theirs, and figures count the sub-clauses alone.
What has no owner or day of its own has those of the clause above it.
"""

import textwrap
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from rvc_portal.domain.vocabulary import N_, OwnerKind


class State(StrEnum):
    """Where a clause stands after the meeting."""

    OPEN = "open"
    UNDER_WAY = "under_way"
    DONE = "done"
    DROPPED = "dropped"


STATES = {
    State.OPEN: N_("To do"),
    State.UNDER_WAY: N_("Under way"),
    State.DONE: N_("Carried out"),
    State.DROPPED: N_("Dropped"),
}
SETTLED = frozenset({State.DONE, State.DROPPED})
"""Nothing more is expected."""


class Due(StrEnum):
    """What a reminder says of the day by which something is to be done."""

    SOON = "soon"
    PASSED = "passed"


@dataclass(frozen=True)
class Owner:
    """Who sees to a clause. `member_id`: of one member city, which; `city`: its name, where it was read."""

    kind: OwnerKind
    member_id: UUID | None = None
    city: str | None = field(default=None, compare=False)


LAUNCHED = {
    "open": N_("open until %(day)s"),
    "closed": N_("closed since %(day)s"),
    "published": N_("published on %(day)s"),
    "planned": N_("planned for %(day)s"),
    "not_fixed": N_("the days are not fixed yet"),
    "held": N_("held on %(day)s"),
    "awaited": N_("due on %(day)s"),
    "late": N_("was due on %(day)s"),
    "completed": N_("completed on %(day)s"),
}
"""How what a clause has launched stands: a call, a meeting, a task."""


@dataclass(frozen=True)
class Standing:
    """What gives a person a say: an office, a seat of the Steering Group, the member cities that they act for."""

    secretariat: bool = False
    steering: bool = False
    cities: tuple[UUID, ...] = ()

    @property
    def inside(self) -> bool:
        """Whether the person reads what is not for everybody."""
        return self.secretariat or self.steering or bool(self.cities)


def owns(who: Standing, owners: Collection[Owner]) -> Owner | None:
    """As which of the owners the person sees to the clause: a city for itself, before the Group, before all cities. What
    nobody owns is the Secretariat's to see to."""
    city = next((Owner(OwnerKind.MEMBER, c) for c in who.cities if Owner(OwnerKind.MEMBER, c) in owners), None)
    if city is not None:
        return city
    if who.steering and Owner(OwnerKind.STEERING) in owners:
        return Owner(OwnerKind.STEERING)
    if who.cities and Owner(OwnerKind.MEMBERS) in owners:
        return Owner(OwnerKind.MEMBER, who.cities[0])
    if who.secretariat and (not owners or Owner(OwnerKind.SECRETARIAT) in owners):
        return Owner(OwnerKind.SECRETARIAT)
    return None


def speaks_as(who: Standing, owners: Collection[Owner]) -> Owner | None:
    """In whose name the person sets the state of a clause and writes of it: one of its owners, else the Secretariat."""
    return owns(who, owners) or (Owner(OwnerKind.SECRETARIAT) if who.secretariat else None)


def of_parts(states: Collection[State]) -> State:
    """The state of a clause that has these sub-clauses."""
    if not SETTLED.issuperset(states):
        return State.OPEN if set(states) == {State.OPEN} else State.UNDER_WAY
    return State.DONE if State.DONE in states else State.DROPPED


def is_late(state: State, due_on: date | None, today: date) -> bool:
    """Whether the day has passed and something is still expected."""
    return due_on is not None and due_on < today and state not in SETTLED


def to_remind(state: State, due_on: date | None, today: date, *, days_before: int, days_after: int) -> Due | None:
    """Of what the owners are reminded today."""
    if due_on is None or state in SETTLED:
        return None
    if today >= due_on + timedelta(days=days_after):
        return Due.PASSED
    return Due.SOON if due_on - timedelta(days=days_before) <= today <= due_on else None


def earliest_due(starts_on: date | None, ends_on: date | None, year: int) -> date:
    """The first day by which something that a meeting agreed can be due: the meeting's own, or the first one of its year where
    its days are not fixed."""
    return starts_on or ends_on or date(year, 1, 1)


@dataclass(frozen=True)
class Counted:
    """One clause (without sub-clauses) or sub-clause, as figures see it."""

    state: State
    due_on: date | None
    owners: tuple[Owner, ...]


@dataclass(frozen=True)
class Figures:
    """`states`: how many stand where, in the order of `State`; `late`: of those still expected; `owners`: for each kind of
    owner how many are settled and how many are not, None for those that nobody owns. One of two owners is counted twice."""

    total: int
    states: Mapping[State, int]
    late: int
    owners: Mapping[OwnerKind | None, tuple[int, int]]

    @property
    def settled(self) -> int:
        return sum(self.states[state] for state in SETTLED)


def figures(items: Iterable[Counted], today: date) -> Figures:
    """How many are where."""
    every = list(items)
    states: Counter[State] = Counter(item.state for item in every)
    settled: Counter[OwnerKind | None] = Counter()
    pending: Counter[OwnerKind | None] = Counter()
    for item in every:
        kinds: set[OwnerKind | None] = {owner.kind for owner in item.owners}
        (settled if item.state in SETTLED else pending).update(kinds or {None})
    return Figures(
        total=len(every),
        states={state: states[state] for state in State},
        late=sum(is_late(item.state, item.due_on, today) for item in every),
        owners={
            kind: (settled[kind], pending[kind]) for kind in (*OwnerKind, None) if kind in settled or kind in pending
        },
    )


def short(text: str, most: int = 140) -> str:
    """The beginning of a text, cut between two words."""
    return textwrap.shorten(text, most, placeholder=" …")
