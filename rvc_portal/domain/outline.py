"""The order of a text's clauses and sub-clauses: what may be moved where, what is split and merged.

An outline is a tuple of entries in their order, each with its sub-entries, two levels and no more. Numbers follow from places,
so that no act has to give any.
"""

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from string import ascii_lowercase
from typing import Generic, TypeVar

from rvc_portal.domain.errors import Refusal, Refused
from rvc_portal.domain.vocabulary import N_

LETTERS = ascii_lowercase
"""What sub-clauses are called by; no clause has more of them."""

Key = TypeVar("Key", bound=Hashable)
_SPACES = re.compile(r"[^\S\u00a0\u202f]+")


@dataclass(frozen=True)
class Entry(Generic[Key]):
    """A clause with its sub-clauses."""

    key: Key
    parts: tuple[Key, ...] = ()


@dataclass(frozen=True)
class Place(Generic[Key]):
    """Where something stands: `under` which clause (None: it is one itself), and as the how manieth there, from 0."""

    under: Key | None
    index: int


Outline = tuple[Entry[Key], ...]


def names(outline: Outline[Key]) -> dict[Key, str]:
    """What each is called: "3" for a clause, "3b" for a sub-clause."""
    found: dict[Key, str] = {}
    for number, entry in enumerate(outline, start=1):
        found[entry.key] = str(number)
        found.update({part: f"{number}{letter}" for letter, part in zip(LETTERS, entry.parts, strict=False)})
    return found


def places(outline: Outline[Key]) -> Iterator[tuple[Key, Place[Key]]]:
    """Each with its place, in the order of the text."""
    for number, entry in enumerate(outline):
        yield entry.key, Place(None, number)
        yield from ((part, Place(entry.key, index)) for index, part in enumerate(entry.parts))


def place_of(outline: Outline[Key], key: Key) -> Place[Key]:
    """Where it stands. Raises KeyError for what is not there."""
    return dict(places(outline))[key]


def add(outline: Outline[Key], key: Key, place: Place[Key]) -> Outline[Key]:
    """Put something new at a place; beyond the end is the end. Raises Refused where the clause has a sub-clause for every
    letter."""
    return _insert(outline, Entry(key), place)


def remove(outline: Outline[Key], key: Key) -> Outline[Key]:
    """Take something out, with its sub-clauses."""
    return _without(outline, key)


def move(outline: Outline[Key], key: Key, place: Place[Key]) -> Outline[Key]:
    """Take something to a place, counted as if it stood nowhere. Raises Refused for a clause that is to stand under itself or,
    with sub-clauses of its own, under another one."""
    entry = next((e for e in outline if e.key == key), Entry(key))
    if place.under == key:
        raise Refused([Refusal(N_("A clause cannot stand under itself."))])
    if place.under is not None and entry.parts:
        raise Refused(
            [Refusal(N_("Clause %(name)s has sub-clauses: it cannot become one."), {"name": names(outline)[key]})]
        )
    return _insert(_without(outline, key), entry, place)


def step(outline: Outline[Key], key: Key, by: int) -> Place[Key] | None:
    """One place up (-1) or down (1) among those beside it; None where there is none."""
    here = place_of(outline, key)
    index = here.index + by
    return Place(here.under, index) if 0 <= index < len(_beside(outline, here)) else None


def lower(outline: Outline[Key], key: Key) -> Place[Key] | None:
    """The place as the last sub-clause of the clause before it; None for the first clause, one with sub-clauses, or a
    sub-clause."""
    here = place_of(outline, key)
    if here.under is not None or here.index == 0 or outline[here.index].parts:
        return None
    before = outline[here.index - 1]
    return Place(before.key, len(before.parts))


def higher(outline: Outline[Key], key: Key) -> Place[Key] | None:
    """The place of a sub-clause as a clause of its own, behind the one it stands under; None for a clause."""
    here = place_of(outline, key)
    return Place(None, place_of(outline, here.under).index + 1) if here.under is not None else None


def split(outline: Outline[Key], key: Key, new: Key) -> Outline[Key]:
    """`new` takes the second half of a text: it stands behind it, and sub-clauses go along, since they follow the text."""
    here = place_of(outline, key)
    if here.under is not None:
        return _insert(outline, Entry(new), Place(here.under, here.index + 1))
    entry = outline[here.index]
    return (*outline[: here.index], Entry(key), Entry(new, entry.parts), *outline[here.index + 1 :])


def next_of(outline: Outline[Key], key: Key) -> Key | None:
    """What it can be merged with: the next one beside it."""
    here = place_of(outline, key)
    beside = _beside(outline, here)
    return beside[here.index + 1] if here.index + 1 < len(beside) else None


def merge(outline: Outline[Key], key: Key) -> Outline[Key]:
    """The next one becomes part of this one, with its sub-clauses. Raises Refused where there is no next one, or where
    sub-clauses would come to stand before a text that they follow now."""
    here, following = place_of(outline, key), next_of(outline, key)
    if following is None:
        raise Refused(
            [Refusal(N_("Clause %(name)s has no next one to be merged with."), {"name": names(outline)[key]})]
        )
    if here.under is not None:
        return _without(outline, following)
    entry, behind = outline[here.index], outline[here.index + 1]
    if entry.parts:
        message = N_("Clause %(name)s has sub-clauses: the text of the next one would come to stand before them.")
        raise Refused([Refusal(message, {"name": names(outline)[key]})])
    return (*outline[: here.index], Entry(key, behind.parts), *outline[here.index + 2 :])


def whole(text: str) -> str:
    """A clause is one paragraph: white space is one space, and there is none at its ends. No-break spaces stay."""
    return _SPACES.sub(" ", text).strip()


def joined(first: str, second: str) -> str:
    """Two texts as one."""
    return whole(f"{first} {second}")


def halves(typed: str, text: str) -> tuple[str, str] | None:
    """The two parts of `text` as somebody parted it, by a line break. None where there is no such break, where nothing
    stands before or behind it, or where `typed` is not the text otherwise."""
    before, broken, behind = typed.strip().partition("\n")
    first, second = whole(before), whole(behind)
    return (first, second) if broken and first and second and joined(first, second) == whole(text) else None


def _beside(outline: Outline[Key], place: Place[Key]) -> tuple[Key, ...]:
    if place.under is None:
        return tuple(entry.key for entry in outline)
    return next(entry.parts for entry in outline if entry.key == place.under)


def _without(outline: Outline[Key], key: Key) -> Outline[Key]:
    return tuple(
        replace(entry, parts=tuple(part for part in entry.parts if part != key))
        for entry in outline
        if entry.key != key
    )


def _insert(outline: Outline[Key], new: Entry[Key], place: Place[Key]) -> Outline[Key]:
    if place.under is None:
        return (*outline[: place.index], new, *outline[place.index :])
    above = next(entry for entry in outline if entry.key == place.under)
    if len(above.parts) >= len(LETTERS):
        params = {"name": names(outline)[above.key], "most": len(LETTERS)}
        raise Refused(
            [Refusal(N_("Clause %(name)s has %(most)s sub-clauses: there is no letter for one more."), params)]
        )
    parts = (*above.parts[: place.index], new.key, *above.parts[place.index :])
    return tuple(replace(entry, parts=parts) if entry is above else entry for entry in outline)
