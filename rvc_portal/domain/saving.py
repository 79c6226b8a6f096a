"""May this text take the place of that one? The rule behind every save of an answer.

Each open page of a browser (a tab) numbers the saves of a question. With the number and the revision on top of which the
person wrote, the order in which a poor line delivers saves does not matter: a late one is known, a repeated one does
nothing, and what somebody else wrote meanwhile is never overwritten unseen.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from rvc_portal.domain.difference import GONE, difference


class Verdict(StrEnum):
    """What is to be done with a save."""

    KEEP = "keep"  # it takes the place of what stands
    SAME = "same"  # it says what stands already
    LATE = "late"  # a later save of the same tab, or this very one, has been kept
    CONFLICT = "conflict"  # something else was written meanwhile: a person must choose


@dataclass(frozen=True)
class Kept:
    """The answer that stands: revisions begin with 1; `tab` None where no tab wrote it."""

    revision: int
    value: Any
    tab: str | None = None
    seq: int = 0


@dataclass(frozen=True)
class Sent:
    """A save on its way: `base` is the revision that it was written on top of, 0 where nothing stood; `seq` begins with 1."""

    value: Any
    base: int
    tab: str | None = None
    seq: int = 0


LOST_AT_ONCE = timedelta(minutes=1)
"""Within this time of the last text that was kept, what the same tab takes out again is one and the same change."""


def loses(before: str, after: str) -> bool:
    """Whether words of `before` are gone in `after`: an earlier text worth keeping. Writing on loses nothing."""
    return any(run.kind == GONE and run.text.strip() for run in difference(before, after))


def judge(kept: Kept | None, sent: Sent) -> Verdict:
    """What is to be done with `sent`, where `kept` stands (None: nothing yet)."""
    if kept is None:
        return Verdict.KEEP
    of_the_same_tab = sent.tab is not None and sent.tab == kept.tab
    if of_the_same_tab and sent.seq <= kept.seq:
        return Verdict.LATE
    if sent.value == kept.value:
        return Verdict.SAME
    return Verdict.KEEP if of_the_same_tab or sent.base == kept.revision else Verdict.CONFLICT
