"""Conflicts of interest found by rule: which seats may not judge which file, and why."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class SeatTies:
    """Where a seat's judgement could be bound: its country (ISO 3166 alpha-2) and its city, if it has them."""

    country: str | None
    city: str | None


@dataclass(frozen=True)
class PartyTies:
    """One city that files: its country (ISO 3166 alpha-2) and name."""

    country: str | None
    city: str


def _same(a: str | None, b: str | None) -> bool:
    return bool(a and b) and a.strip().casefold() == b.strip().casefold()  # type: ignore[union-attr]


RULES: dict[str, Callable[[SeatTies, PartyTies], bool]] = {
    "city": lambda seat, party: _same(seat.city, party.city) and _same(seat.country, party.country),
    "country": lambda seat, party: _same(seat.country, party.country),
}
"""The rules a call may switch on, strictest tie first."""


def found(rules: Iterable[str], seat: SeatTies, parties: Iterable[PartyTies]) -> Iterator[str]:
    """Yield each rule, of those switched on, that ties the seat to one of the parties.

    Raises KeyError for a rule nobody has written.
    """
    parties = tuple(parties)
    for rule in rules:
        if any(RULES[rule](seat, party) for party in parties):
            yield rule
