"""An election by ballot: one city, one vote; counted after the window; a tie broken as its rule says."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rvc_portal.domain.errors import Refusal
from rvc_portal.domain.vocabulary import N_


class TieRule(StrEnum):
    """How a tie is broken: a second round between those who are equal (and then by lot), or by lot at once."""

    SECOND_ROUND = "second_round"
    LOT = "lot"


class Phase(StrEnum):
    """Where an election stands; it follows from the clock, not from anybody's button."""

    CANDIDACIES = "candidacies"
    VOTING = "voting"
    TO_COUNT = "to_count"
    COUNTED = "counted"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    ELECTED = "elected"
    BY_LOT = "by_lot"
    SECOND_ROUND = "second_round"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Result:
    """What the count gave. `equal`: the names that share the first place, where more than one does; `seed`: of the lot."""

    outcome: Outcome
    elected: str | None = None
    equal: tuple[str, ...] = ()
    seed: str | None = None


def phase(opens_at: datetime, closes_at: datetime, now: datetime, *, counted: bool, cancelled: bool) -> Phase:
    if cancelled:
        return Phase.CANCELLED
    if counted:
        return Phase.COUNTED
    if now < opens_at:
        return Phase.CANDIDACIES
    return Phase.VOTING if now < closes_at else Phase.TO_COUNT


def window_problem(opens_at: datetime, closes_at: datetime, now: datetime) -> Refusal | None:
    """Why nobody could vote in this window."""
    if opens_at <= now:
        return Refusal(N_("The vote begins in the past: cities need time to stand."), target="opens_on")
    if closes_at <= opens_at:
        return Refusal(N_("The vote ends before it begins."), target="closes_on")
    return None


def shut(found: Phase, opens_at: datetime, closes_at: datetime) -> Refusal | None:
    """Why no vote is taken in this phase."""
    if found is Phase.CANDIDACIES:
        return Refusal(N_("The vote opens on %(instant)s."), {"instant": opens_at})
    if found is Phase.CANCELLED:
        return Refusal(N_("This election was called off."))
    if found is not Phase.VOTING:
        return Refusal(N_("The vote closed on %(instant)s."), {"instant": closes_at})
    return None


def count(ballot: str, votes: Mapping[str, int], none_of_them: int, voters: Sequence[str], rule: TieRule) -> Result:
    """Who is elected. `ballot`: what names this election and round; `votes`: by the candidate's name.

    Nobody, where no city voted for a candidate, or as many want none of them as want the first. A lot's seed is the
    SHA-256 of all that was counted, so that nobody knew it before the window closed and everybody can draw it again.
    """
    most = max(votes.values(), default=0)
    if most == 0 or none_of_them >= most:
        return Result(Outcome.NOBODY)
    first = tuple(sorted(name for name, number in votes.items() if number == most))
    if len(first) == 1:
        return Result(Outcome.ELECTED, first[0])
    if rule is TieRule.SECOND_ROUND:
        return Result(Outcome.SECOND_ROUND, equal=first)
    seed = lot_seed(ballot, votes, none_of_them, voters)
    return Result(Outcome.BY_LOT, drawn(seed, first), first, seed)


def lot_seed(ballot: str, votes: Mapping[str, int], none_of_them: int, voters: Sequence[str]) -> str:
    """SHA-256, hexadecimal, of the count as JSON without spaces, keys and voters sorted."""
    counted = {"ballot": ballot, "none": none_of_them, "voters": sorted(voters), "votes": dict(votes)}
    text = json.dumps(counted, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def drawn(seed: str, names: Sequence[str]) -> str:
    """The name whose SHA-256 behind the seed ("seed:name") is the least."""
    return min(names, key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).hexdigest())
