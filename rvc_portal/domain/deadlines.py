"""Until when a file is taken: one instant for each file, asked for by every guard, page and clock.

A call closes at an instant and may bear with what comes a little later (its grace); one city may have been given an
instant of its own. Whatever the application took up at that instant or after it is late.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rvc_portal.domain.errors import Refusal
from rvc_portal.domain.vocabulary import N_

NO_GRACE = timedelta(0)


@dataclass(frozen=True)
class Deadline:
    """`shown`: the instant that the city reads everywhere. `accepted_until`: the first one that is too late; it differs
    by the call's grace alone. `ended`: what is said afterwards, a message with the parameter `instant`."""

    shown: datetime
    accepted_until: datetime
    ended: str

    def is_past(self, arrived_at: datetime) -> bool:
        """Whether what arrived then is late."""
        return arrived_at >= self.accepted_until

    def refusal(self) -> Refusal:
        """What is said of anything that is late."""
        return Refusal(self.ended, {"instant": self.shown})


def of_filing(closes_at: datetime, grace: timedelta = NO_GRACE, extended_until: datetime | None = None) -> Deadline:
    """The deadline of a draft: the later of the call's, with its grace, and the file's own. An instant given to one city
    has no grace on top: it was set for that city knowingly."""
    tolerated = closes_at + grace
    if extended_until is None or extended_until <= closes_at:
        return Deadline(closes_at, tolerated, N_("The call closed on %(instant)s."))
    ended = N_("The time given to this file ended on %(instant)s.")
    return Deadline(extended_until, max(tolerated, extended_until), ended)


def of_reply(closes_at: datetime, grace: timedelta = NO_GRACE) -> Deadline:
    """The deadline of a city's answer on facts: the end of the call's window for it, with the grace that filing has."""
    return Deadline(closes_at, closes_at + grace, N_("The time to answer ended on %(instant)s."))


def of_correction(until: datetime) -> Deadline:
    """The deadline of a returned file: its own period, whatever the call's calendar says."""
    return Deadline(until, until, N_("The period for corrections ended on %(instant)s."))
