"""The agenda of an annual meeting: what stands on a day, from when to when, in which hall, and who may read its papers."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from rvc_portal.domain.errors import Refusal
from rvc_portal.domain.vocabulary import N_, Role
from rvc_portal.domain.windows import local_instant


class Kind(StrEnum):
    """What a point of the agenda is."""

    PLENARY = "plenary"
    WORKSHOP = "workshop"  # of a creative field
    MAYORS = "mayors"
    VISIT = "visit"
    BREAK = "break"


KINDS = {
    Kind.PLENARY: N_("Plenary"),
    Kind.WORKSHOP: N_("Workshop of a creative field"),
    Kind.MAYORS: N_("Mayors’ round table"),
    Kind.VISIT: N_("Visit or evening"),
    Kind.BREAK: N_("Break"),
}


class Readers(StrEnum):
    """Who may read a paper."""

    ANYBODY = "anybody"
    NETWORK = "network"
    GROUP = "group"


OF_THE_GROUP = frozenset({Role.SECRETARIAT, Role.STEERING})
OF_THE_NETWORK = OF_THE_GROUP | {Role.DIRECTION, Role.EVALUATOR}
MAY_READ = {Readers.ANYBODY: None, Readers.NETWORK: OF_THE_NETWORK, Readers.GROUP: OF_THE_GROUP}
"""The roles that open a paper; None: anybody, as soon as the agenda is published."""


@dataclass(frozen=True)
class Slot:
    """A point of the agenda as the rules see it, by the clock of the meeting's zone; its title in English and in French."""

    day: date
    starts: time
    ends: time
    hall: str
    title: str
    title_fr: str = ""

    @property
    def called(self) -> dict[str, str]:
        """The title in each language, for a sentence."""
        return {"en": self.title, "fr": self.title_fr or self.title}

    def span(self, zone: str) -> tuple[datetime, datetime]:
        """Its two instants. Raises ValueError where the change of clocks leaves one out or repeats it."""
        first, last = (local_instant(f"{self.day}T{at:%H:%M}", zone) for at in (self.starts, self.ends))
        return first, last

    def meets(self, other: "Slot") -> bool:
        """Whether the two would be in one hall at one time."""
        same_place = (self.day, self.hall.casefold()) == (other.day, other.hall.casefold())
        return same_place and self.starts < other.ends and other.starts < self.ends


def faults(
    slot: Slot, days: tuple[date, date], zone: str, others: Iterable[Slot]
) -> Iterator[tuple[str, Refusal]]:  # fmt: skip
    """What stands against the point, with the field to mend: a day that is none of the meeting's, an end before the
    beginning, an hour that there is not, another point in the same hall at the same time."""
    first, last = days
    if not first <= slot.day <= last:
        params = {"first": first, "last": last}
        yield "day", Refusal(N_("The meeting is from %(first)s to %(last)s: choose a day of it."), params)
    if slot.ends <= slot.starts:
        yield (
            "ends",
            Refusal(N_("This would end before it begins. What goes on after midnight is a point of the next day.")),
        )
        return
    try:
        slot.span(zone)
    except ValueError:
        yield "starts", Refusal(N_("The clocks are changed in this hour: choose another one."))
    met = next((other for other in others if slot.meets(other)), None)
    if met is not None:
        yield "starts", _taken(met)


def _taken(met: Slot) -> Refusal:
    params: dict[str, object] = {
        "hall": met.hall, "title": met.called, "starts": f"{met.starts:%H:%M}", "ends": f"{met.ends:%H:%M}",
    }  # fmt: skip
    if not met.hall:
        return Refusal(N_("“%(title)s” is without a hall at this time, from %(starts)s to %(ends)s."), params)
    return Refusal(N_("“%(title)s” is in %(hall)s at this time, from %(starts)s to %(ends)s."), params)


def days_of(first: date, last: date) -> Sequence[date]:
    """Every day of the meeting."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
