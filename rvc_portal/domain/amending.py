"""How a meeting amends its text: what an amendment may say, when the meeting can decide, and what is adopted."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from rvc_portal.domain.deliberation import SIMPLE
from rvc_portal.domain.errors import Refusal
from rvc_portal.domain.vocabulary import N_


class State(StrEnum):
    """What has become of an amendment."""

    OPEN = "open"
    ADOPTED = "adopted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"  # by the city that proposed it


class Way(StrEnum):
    """How the meeting decides."""

    CONSENSUS = "consensus"
    VOTE = "vote"


@dataclass(frozen=True)
class MeetingRules:
    """What the Network has fixed for its meetings. `quorum_percent`: so many of the registered cities must be present for a
    vote; `majority`: one of deliberation.MAJORITIES, counted in cities."""

    quorum_percent: int = 50
    majority: str = SIMPLE


def quorum(registered: int, percent: int) -> int:
    """How many cities must be present: the percentage rounded up, and never nobody."""
    return max(1, -(-registered * percent // 100))


def against_quorum(present: int, needed: int) -> Iterator[Refusal]:
    """What stands against a vote of so many cities present."""
    if present < needed:
        yield Refusal(
            N_("No quorum; cities present: %(present)s, needed: %(needed)s."),
            {"present": present, "needed": needed},
        )


def changes(given: Mapping[str, str], reads: Mapping[str, str]) -> dict[str, str]:
    """What an amendment changes, by language, in one line each. `given`: as typed, the text as it `reads` now where nothing
    was changed in it."""
    clean = {language: " ".join(text.split()) for language, text in given.items()}
    return {language: text for language, text in clean.items() if text and text != reads.get(language, "")}


def against_texts(given: Mapping[str, str], reads: Mapping[str, str]) -> Iterator[Refusal]:
    """What is wrong with the new text of an amendment."""
    if not any(text.strip() for text in given.values()):
        yield Refusal(N_("Write how the text is to read, in one language or in both."))
    elif not changes(given, reads):
        yield Refusal(N_("This is how the text reads now: change it in one language or in both."))


def left_behind(changed: Collection[str], languages: Collection[str]) -> str | None:
    """The language that is to be brought into line after these were changed; None where all were, or none."""
    others = [language for language in languages if language not in changed]
    return others[0] if changed and others else None


def against_decision(state: str) -> Iterator[Refusal]:
    """What stands against an act on an amendment that has a state."""
    if state != State.OPEN:
        yield Refusal(DECIDED[State(state)])


DECIDED = {
    State.ADOPTED: N_("This amendment is decided already: it was adopted."),
    State.REJECTED: N_("This amendment is decided already: it was rejected."),
    State.WITHDRAWN: N_("This amendment is decided already: its city has withdrawn it."),
}
"""What is told to who comes second."""
