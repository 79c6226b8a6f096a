"""A table of assignments that somebody wrote: which file, which evaluator; its head may be English or French."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rvc_portal.domain.errors import InvalidInput, Refusal
from rvc_portal.domain.vocabulary import N_

HEADS: Mapping[str, tuple[str, ...]] = {
    "reference": ("reference", "référence"),
    "evaluator": ("evaluator", "évaluateur"),
    "stream": ("stream", "college", "collège"),
}
"""How each column may be called; the others are for the reader alone."""
WANTED = ("reference", "evaluator")


@dataclass(frozen=True)
class Line:
    """One row: `reference` of the dossier, the name of the `evaluator`'s seat, and the `stream` if two share that name.
    `formula`: a cell would be calculated, so the line is not taken."""

    number: int
    reference: str
    evaluator: str
    stream: str = ""
    formula: bool = False


def columns(head: Sequence[str], target: str = "file") -> Mapping[str, int]:
    """Where each column stands. Raises InvalidInput naming those that are missing."""
    told = [cell.casefold() for cell in head]
    found = {
        key: next(place for place, cell in enumerate(told) if cell in names)
        for key, names in HEADS.items()
        if any(cell in names for cell in told)
    }
    missing = [HEADS[key][0] for key in WANTED if key not in found]
    if missing:
        said = N_("The first row must name the columns; not found: %(columns)s.")
        raise InvalidInput({target: (Refusal(said, {"columns": ", ".join(missing)}, target=target),)})
    return found


def lines(rows: Iterable[tuple[int, Sequence[str], bool]], place: Mapping[str, int]) -> list[Line]:
    """The lines below the head. `rows`: number, cells, whether one of them is a formula; `place`: of each column."""

    def cell(cells: Sequence[str], key: str) -> str:
        return cells[place[key]] if key in place and place[key] < len(cells) else ""

    return [
        Line(number, cell(cells, "reference"), cell(cells, "evaluator"), cell(cells, "stream"), formula)
        for number, cells, formula in rows
    ]
