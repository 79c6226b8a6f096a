"""Conflicts of interest found by rule: which seats and persons may not judge which file, and why."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from rvc_portal.domain.vocabulary import N_

_WORD = re.compile(r"[^\W_]+")

TIES = {
    "twin": N_("twin or partner city"),
    "letter": N_("letter written or signed for it"),
    "employer": N_("employer in the last three years"),
    "tie": N_("family, business, dispute …"),
}
"""What a person declares once a year, by kind."""


@dataclass(frozen=True)
class Tie:
    """One tie as a person declared it: to a city (with its country, ISO 3166 alpha-2, where it was given) or, for an
    employer, to an organisation. `note`: in the person's own words."""

    kind: str
    city: str = ""
    country: str = ""
    organisation: str = ""
    note: str = ""


@dataclass(frozen=True)
class SeatTies:
    """Where a judgement could be bound: the seat's country (ISO 3166 alpha-2) and city, if it has them, and what those
    who act for it have declared."""

    country: str | None
    city: str | None
    declared: tuple[Tie, ...] = ()


@dataclass(frozen=True)
class PartyTies:
    """One city that files: its country (ISO 3166 alpha-2), its name, and the answers in which its file names organisations."""

    country: str | None
    city: str
    organisations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """A rule that ties a judge to a file, and what was declared of it, if that is why."""

    rule: str
    note: str = ""


def _same(a: str | None, b: str | None) -> bool:
    return bool(a and b) and " ".join(a.split()).casefold() == " ".join(b.split()).casefold()  # type: ignore[union-attr]


def _names(tie: Tie, party: PartyTies) -> bool:
    return _same(tie.city, party.city) and (not tie.country or _same(tie.country, party.country))


def _employs(tie: Tie, party: PartyTies) -> bool:
    """Whether an answer names the organisation, whatever stands around it ("Museum of Glass, director")."""
    wanted = _words(tie.organisation)
    return bool(wanted.strip()) and any(wanted in _words(text) for text in party.organisations)


def _words(text: str) -> str:
    """The words of a text, each between single spaces, without case or punctuation."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "


def _told(tie: Tie) -> str:
    return " – ".join(text for text in (tie.organisation or tie.city, tie.note) if text)


Rule = Callable[[SeatTies, PartyTies], Iterator[str]]


def _place(tied: Callable[[SeatTies, PartyTies], bool]) -> Rule:
    """A rule on where the seat and the city are: nothing is declared, so that there is nothing to add."""

    def rule(seat: SeatTies, party: PartyTies) -> Iterator[str]:
        if tied(seat, party):
            yield ""

    return rule


def _declared(kind: str, tied: Callable[[Tie, PartyTies], bool]) -> Rule:
    """A rule on what was declared of this kind."""

    def rule(seat: SeatTies, party: PartyTies) -> Iterator[str]:
        return (_told(tie) for tie in seat.declared if tie.kind == kind and tied(tie, party))

    return rule


RULES: dict[str, Rule] = {
    "city": _place(lambda seat, party: _same(seat.city, party.city) and _same(seat.country, party.country)),
    "country": _place(lambda seat, party: _same(seat.country, party.country)),
    "twin": _declared("twin", _names),
    "letter": _declared("letter", _names),
    "tie": _declared("tie", _names),
    "employer": _declared("employer", _employs),
}
"""The rules a call may switch on, strictest tie first."""


def found(rules: Iterable[str], seat: SeatTies, parties: Iterable[PartyTies]) -> Iterator[Found]:
    """Yield each rule, of those switched on, that ties the seat to one of the parties, once.

    Raises KeyError for a rule nobody has written.
    """
    parties = tuple(parties)
    for rule in rules:
        notes = [note for party in parties for note in RULES[rule](seat, party)]
        if notes:
            yield Found(rule, "; ".join(dict.fromkeys(note for note in notes if note)))
