"""The one redaction: from whom a call hides who evaluates, and how an evaluator is called instead.

Every page, document, mail and export that tells of an evaluator asks here. Whoever may not know the name reads the college
and a number, "Expert 12" or "Member 37". The number belongs to one evaluator on one dossier, is drawn when the evaluator
is asked, and stays: it follows neither from the name nor from the day, and tells nothing of the next dossier.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from rvc_portal.domain.vocabulary import APPLICANTS, N_, Role, Stream


class Blind(StrEnum):
    """From whom names are hidden. The Secretariat always reads them, and each evaluator their own."""

    OPEN = "open"
    EVALUATORS = "evaluators"
    CITIES = "cities"
    BOTH = "evaluators_and_cities"


_CITIES = APPLICANTS | {Role.STEERING}
"""The seats of the Steering Group are held for cities: what is hidden from cities is hidden from it."""

_HIDDEN_FROM: Mapping[str, frozenset[Role]] = {
    Blind.OPEN: frozenset(),
    Blind.EVALUATORS: frozenset({Role.EVALUATOR}),
    Blind.CITIES: _CITIES,
    Blind.BOTH: _CITIES | {Role.EVALUATOR},
}

_NUMBERED = {Stream.EXPERTS: N_("Expert %(number)s"), Stream.MEMBERS: N_("Member %(number)s")}
_WITHOUT = {Stream.EXPERTS: N_("An expert"), Stream.MEMBERS: N_("A member")}

FIRST_NUMBERS = 99
"""Numbers are drawn from 1 to this; where half of them are given, from ten times as many."""


def hides(mode: str, roles: Collection[Role]) -> bool:
    """Whether somebody with these roles is kept from the names: one role from which they are hidden is enough."""
    return Role.SECRETARIAT not in roles and not _HIDDEN_FROM[mode].isdisjoint(roles)


def hides_in_print(mode: str, readers: Collection[Role]) -> bool:
    """Whether a document that these roles may read goes without the names. A document is one for all its readers, and a
    person may hold several roles: only what the Secretariat alone reads carries the names of a call that hides them."""
    return mode != Blind.OPEN and not set(readers) <= {Role.SECRETARIAT}


def free_numbers(taken: Collection[int]) -> list[int]:
    """The numbers from which the next one is drawn."""
    highest = FIRST_NUMBERS
    while 2 * len(taken) > highest:
        highest *= 10
    return [number for number in range(1, highest + 1) if number not in taken]


@dataclass(frozen=True)
class Names:
    """How one reader is told of the evaluators of one dossier, in their language.

    shown: the reader may know the names. own: seats of the reader's own. numbers: by seat, empty in an open call.
    say: translates a message of the portal.
    """

    shown: bool
    say: Callable[[str], str]
    numbers: Mapping[UUID, int] = field(default_factory=dict)
    own: frozenset[UUID] = frozenset()

    def of(self, seat_id: UUID, name: str, stream: str) -> str:
        """What the reader calls the seat: its name, its number, or both where the reader may know which is whose."""
        number = self.numbers.get(seat_id)
        if not self.told(seat_id):
            return self._called(stream, number)
        return name if number is None else f"{name} ({self._called(stream, number)})"

    def told(self, seat_id: UUID) -> bool:
        """Whether the reader may know who sits there."""
        return self.shown or seat_id in self.own

    def order(self, seat_id: UUID) -> tuple[int, str]:
        """Sorts evaluators for who may not know them, by number, so that no order betrays a name; for all others it leaves
        them in the order they come in."""
        return (0, "") if self.shown else (self.numbers.get(seat_id, FIRST_NUMBERS * 100), seat_id.hex)

    def _called(self, stream: str, number: int | None) -> str:
        if number is None:
            return self.say(_WITHOUT[Stream(stream)])
        return self.say(_NUMBERED[Stream(stream)]) % {"number": number}
