"""How the Steering Group deliberates: who counts on an item, who votes, what is carried, and in which order items come."""

import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from rvc_portal.domain.definition import LATER, Reader
from rvc_portal.domain.errors import Refusal
from rvc_portal.domain.vocabulary import N_, OpinionOutcome, SeatKind

SIMPLE, ABSOLUTE, TWO_THIRDS = "simple", "absolute", "two_thirds"
MAJORITIES = (SIMPLE, ABSOLUTE, TWO_THIRDS)


class MotionKind(StrEnum):
    """What is put to the vote."""

    RECOMMEND = "recommend"
    CONDITIONS = "conditions"  # recommend, on conditions that the motion words
    REJECT = "reject"
    DEFER = "defer"


OUTCOMES = {
    MotionKind.RECOMMEND: OpinionOutcome.FAVOURABLE,
    MotionKind.CONDITIONS: OpinionOutcome.FAVOURABLE,
    MotionKind.REJECT: OpinionOutcome.UNFAVOURABLE,
    MotionKind.DEFER: OpinionOutcome.DEFER,
}
"""The opinion that a carried motion gives."""


class Choice(StrEnum):
    """One vote."""

    IN_FAVOUR = "in_favour"
    AGAINST = "against"
    ABSTAINING = "abstaining"


CHOICES = {Choice.IN_FAVOUR: N_("In favour"), Choice.AGAINST: N_("Against"), Choice.ABSTAINING: N_("Abstain")}
"""What a ballot offers."""


@dataclass(frozen=True)
class DeliberationRules:
    """`majority`: simple (more votes in favour than against), absolute (more than half of the seats that count) or
    two_thirds (of the votes in favour and against). `correction_days`: how long a record is open to correction. `summary`:
    keys of the questions whose answers the papers of a sitting quote."""

    majority: str = SIMPLE
    correction_days: int = 7
    summary: tuple[str, ...] = field(default=(), metadata=LATER)


def read_rules(place: Reader, questions: tuple[str, ...]) -> DeliberationRules:
    """The rules written at `place`; what is not written is as it is for every call. `questions`: those that can be quoted."""
    usual = DeliberationRules()
    if place.data is None:
        return usual
    place.only("majority", "correction_days", "summary")
    return DeliberationRules(
        majority=place.one_of("majority", MAJORITIES, default=usual.majority),
        correction_days=place.number("correction_days", minimum=0, default=usual.correction_days, required=False),
        summary=place.words("summary", questions),
    )


@dataclass(frozen=True)
class Sitter:
    """A seat of the group at one item. `here`: it has arrived and has not gone out of its own accord."""

    seat: UUID
    name: str
    kind: str
    field: str | None = None
    here: bool = True
    declared: bool = True
    recused: bool = False
    person: str = ""

    @property
    def able(self) -> bool:
        return self.here and self.declared and not self.recused

    @property
    def pair(self) -> str | None:
        """The field that a coordinator and a deputy speak for, one at a time."""
        return self.field if self.kind in (SeatKind.COORDINATOR, SeatKind.DEPUTY) else None


def entitled(sitters: Iterable[Sitter]) -> tuple[Sitter, ...]:
    """The seats that count for an item, for its quorum and its votes alike: here, declared, not recused; a deputy only
    while the coordinator of its field is away or recused."""
    able = [s for s in sitters if s.able]
    led = {s.field for s in able if s.kind == SeatKind.COORDINATOR and s.field is not None}
    return tuple(s for s in able if s.kind != SeatKind.DEPUTY or s.field not in led)


def against_quorum(voting: int, quorum: int) -> Iterator[Refusal]:
    """What stands against a vote and a conclusion: `voting` seats count for the item, recused ones not among them."""
    if voting < quorum:
        yield Refusal(
            N_("No quorum for this file: %(voting)s seats of %(quorum)s."), {"voting": voting, "quorum": quorum}
        )


def missing(absent: Iterable[Sitter], came: Sequence[Sitter]) -> tuple[Sitter, ...]:
    """The seats that are waited for: of a coordinator and a deputy the coordinator, and neither once one of them has come;
    nobody who is recused. `absent`: the seats of the group that have not come."""
    waited = [s for s in absent if not s.recused and s.pair not in {c.pair for c in came if c.pair}]
    led = {s.pair for s in waited if s.kind == SeatKind.COORDINATOR and s.pair}
    return tuple(s for s in waited if s.kind != SeatKind.DEPUTY or s.pair not in led)


def against_vote(sitters: Sequence[Sitter], seat: UUID, voted: Collection[UUID]) -> Iterator[Refusal]:
    """What stands against a vote of this seat; `voted`: the seats that have voted on the motion."""
    found = next((s for s in sitters if s.seat == seat), None)
    if found is None or not found.here:
        yield Refusal(N_("Who is absent does not vote."))
    elif found.recused:
        yield Refusal(N_("Who is recused does not vote."))
    elif not found.declared:
        yield Refusal(N_("Declare your interests before you vote."))
    elif seat in voted:
        yield Refusal(N_("Your seat has voted on this motion already."))
    elif found.pair is not None and any(s.pair == found.pair and s.seat in voted for s in sitters):
        yield Refusal(N_("The vote of this field has been cast already, by its coordinator or deputy."))
    elif found not in entitled(sitters):
        yield Refusal(N_("The coordinator of your field is here and votes."))


def against_dissent(choice: str | None) -> Iterator[Refusal]:
    """What stands against a dissent of a seat that has voted so by name on the motion put last; None: it has not."""
    if choice == Choice.IN_FAVOUR:
        yield Refusal(N_("Your seat voted in favour: who voted otherwise puts a dissent on record."))


@dataclass(frozen=True)
class Tally:
    """How a vote went, in seats."""

    in_favour: int = 0
    against: int = 0
    abstaining: int = 0

    @property
    def cast(self) -> int:
        return self.in_favour + self.against + self.abstaining


def tally(choices: Iterable[str]) -> Tally:
    """Count votes by name."""
    found = Counter(choices)
    return Tally(*(found[choice] for choice in Choice))


def against_count(counted: Tally, seats: int) -> Iterator[Refusal]:
    """What is wrong with hands as the chair counted them; `seats`: how many count for the item."""
    if min(counted.in_favour, counted.against, counted.abstaining) < 0:
        yield Refusal(N_("A number of hands cannot be negative."), target="in_favour")
    elif counted.cast > seats:
        yield Refusal(
            N_("More hands (%(hands)s) than seats that vote (%(seats)s)."), {"hands": counted.cast, "seats": seats},
            target="in_favour",
        )  # fmt: skip


def is_carried(counted: Tally, majority: str, seats: int) -> bool:
    """Whether the motion is carried; a tie carries nothing. `seats`: how many count for the item."""
    if majority == ABSOLUTE:
        return 2 * counted.in_favour > seats
    if majority == TWO_THIRDS:
        return counted.in_favour > 0 and counted.in_favour >= 2 * counted.against
    return counted.in_favour > counted.against


Key = TypeVar("Key")


TRIED = 7
"""So many different sets of recused seats are tried in every order; beyond it the nearest comes next each time."""


def arranged(recused: Mapping[Key, frozenset[UUID]]) -> list[Key]:
    """The items in the order that spares comings and goings: first those from which nobody is recused, then those with the
    same recused seats one after the other, these groups in the order that costs least, and among equals as given. If the
    order as given costs no more, that one stays. `recused`: items in the order of their names, each with the recused
    seats."""
    groups: dict[frozenset[UUID], list[Key]] = {}
    for item, seats in recused.items():
        groups.setdefault(seats, []).append(item)
    some = [seats for seats in groups if seats]
    order = min(itertools.permutations(some), key=passages) if len(some) <= TRIED else _nearest_next(some)
    found = [item for seats in (frozenset[UUID](), *order) for item in groups.get(seats, ())]
    given = list(recused)
    return found if passages([recused[i] for i in found]) < passages([recused[i] for i in given]) else given


def _nearest_next(groups: Sequence[frozenset[UUID]]) -> list[frozenset[UUID]]:
    left, found = list(groups), [frozenset[UUID]()]
    while left:
        found.append(min(left, key=lambda seats: len(seats ^ found[-1])))
        left.remove(found[-1])
    return found[1:]


def passages(recused: Sequence[frozenset[UUID]]) -> int:
    """How often somebody goes out or comes in while these items are taken in turn; before and after them all are in."""
    rooms = [frozenset[UUID](), *recused, frozenset[UUID]()]
    return sum(len(a ^ b) for a, b in itertools.pairwise(rooms))


def reason_drafted(criteria: Iterable[tuple[str, Iterable[str]]]) -> str:
    """A text to begin from: each criterion with what the evaluators wrote on it, without their names; each reason once."""
    parts = []
    for label, reasons in criteria:
        told = dict.fromkeys(" ".join(reason.split()) for reason in reasons)
        lines = [f"– {reason}" for reason in told if reason]
        if lines:
            parts.append("\n".join([label, *lines]))
    return "\n\n".join(parts)


def marked(reason: str, written: str | None, language: str) -> str:
    """A reason as a text in `language` quotes it: marked with its own language where that is another one."""
    said = reason.strip()
    return f"[{written.upper()}] {said}" if said and written is not None and written != language else said
