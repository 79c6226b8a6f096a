"""The stations of a dossier, from its journey through the states: what is done, where it stands, what is to come.

A city's timeline has one station for all that happens between admission and publication, as it has one label.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rvc_portal.domain.vocabulary import N_, Stage
from rvc_portal.domain.workflow import Procedure

_LABELS = {
    (Stage.FILING,): N_("Filing"),
    (Stage.SCREENING,): N_("Admissibility"),
    (Stage.EVALUATION,): N_("Evaluation"),
    (Stage.REVIEW,): N_("Steering Group"),
    (Stage.DECISION,): N_("Decision"),
    (Stage.EVALUATION, Stage.REVIEW, Stage.DECISION): N_("Examination"),
    (Stage.PUBLICATION,): N_("Publication"),
}
_INSIDE = tuple((stage,) for stage in Stage)
_OUTSIDE = ((Stage.FILING,), (Stage.SCREENING,), (Stage.EVALUATION, Stage.REVIEW, Stage.DECISION), (Stage.PUBLICATION,))


def label(stage: Stage) -> str:
    """What a station of its own is called: a message id."""
    return _LABELS[(stage,)]


@dataclass(frozen=True)
class Station:
    """`status`: done, current, next, stopped (the file ended here) or skipped. `at`: since when it is what it is."""

    stages: tuple[Stage, ...]
    label: str
    status: str
    at: datetime | None = None


def stations(procedure: Procedure, moves: Sequence[tuple[str, datetime]], *, inside: bool) -> tuple[Station, ...]:
    """The stations of a dossier whose `moves` (state reached, when; oldest first, the first state included) are these.
    `inside`: as those see it who may see the true state; else only the moves that a city is told of belong in `moves`."""
    groups = _INSIDE if inside else _OUTSIDE
    places: list[int] = []
    for state, _ in moves:  # a file that was withdrawn or has lapsed stands where it was when that happened
        stays = places and _ends(procedure, state)
        places.append(places[-1] if stays else _place(procedure, groups, state))
    last = procedure.states[moves[-1][0]]
    ended = _ends(procedure, moves[-1][0])
    here = places[-1]
    return tuple(
        Station(group, _LABELS[group], _status(i, here, ended, last.final), _since(i, here, ended, places, moves))
        for i, group in enumerate(groups)
    )


def _ends(procedure: Procedure, state: str) -> bool:
    found = procedure.states[state]
    return found.final and found.stage is not Stage.PUBLICATION


def _place(procedure: Procedure, groups: Sequence[tuple[Stage, ...]], state: str) -> int:
    stage = procedure.states[state].stage
    return next(i for i, group in enumerate(groups) if stage in group)


def _status(index: int, here: int, ended: bool, final: bool) -> str:
    if index < here:
        return "done"
    if index > here:
        return "skipped" if ended else "next"
    return "stopped" if ended else "done" if final else "current"


def _since(
    index: int, here: int, ended: bool, places: Sequence[int], moves: Sequence[tuple[str, datetime]]
) -> datetime | None:
    """When a station that lies behind was left, when the present one was reached, when a file that ended did."""
    if index > here:
        return None
    if index == here and ended:
        return moves[-1][1]
    if index == here:
        entry = len(places) - 1
        while entry and places[entry - 1] == here:
            entry -= 1
        return moves[entry][1]
    left = [i + 1 for i in range(len(places) - 1) if places[i] == index != places[i + 1]]
    return moves[left[-1]][1] if left else None
