"""What is said about a dossier after the sheets: who reads a thread, in words, and who writes in it while it is open."""

from collections.abc import Collection, Mapping
from enum import StrEnum

from rvc_portal.domain.vocabulary import N_, Role


class Audience(StrEnum):
    """Who reads a thread. Chosen when it is begun, and never changed: what was said was said to these."""

    INTERNAL = "internal"
    SECRETARIAT = "secretariat"
    STEERING = "steering"


READERS: Mapping[str, frozenset[Role]] = {
    Audience.INTERNAL: frozenset({Role.EVALUATOR, Role.SECRETARIAT}),
    Audience.SECRETARIAT: frozenset({Role.SECRETARIAT}),
    Audience.STEERING: frozenset({Role.EVALUATOR, Role.SECRETARIAT, Role.STEERING}),
}
"""Besides whoever began the thread."""

NAMES: Mapping[str, str] = {
    Audience.INTERNAL: N_("The evaluators and the Secretariat"),
    Audience.SECRETARIAT: N_("The Secretariat alone"),
    Audience.STEERING: N_("The evaluators, the Secretariat and the Steering Group"),
}

READ_BY: Mapping[str, str] = {
    Audience.INTERNAL: N_("Read by: the evaluators of this file who have closed their sheets, and the Secretariat."),
    Audience.SECRETARIAT: N_("Read by: the Secretariat, and whoever began this thread."),
    Audience.STEERING: N_(
        "Read by: the evaluators of this file who have closed their sheets, the Secretariat, and the Steering Group once "
        "the file is before it."
    ),
}

LONGEST_TITLE, LONGEST_TEXT = 120, 5000
"""Characters."""

_SPEAKS_AS = (Role.EVALUATOR, Role.SECRETARIAT, Role.STEERING)


def reads(audience: str, roles: Collection[Role], *, began: bool) -> bool:
    """Whether somebody who takes part in the discussion with these roles reads a thread. `began`: it is their own."""
    return bool(roles) and (began or not READERS[audience].isdisjoint(roles))


def takes_messages(audience: str, writers: Collection[Role]) -> bool:
    """Whether a thread takes messages where these roles may write: before the Steering Group, only what it reads."""
    return bool(writers) and (Role.STEERING not in writers or Role.STEERING in READERS[audience])


def speaks_as(roles: Collection[Role]) -> Role:
    """In what capacity somebody with these roles writes: who has judged the file speaks as its evaluator. Raises
    StopIteration for somebody with no part in the discussion."""
    return next(role for role in _SPEAKS_AS if role in roles)
