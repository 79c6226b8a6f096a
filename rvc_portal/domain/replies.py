"""What a city may be shown of its evaluation to check facts: passages without names, scores or ranks."""

import re
from collections.abc import Iterable, Iterator, Sequence

from rvc_portal.domain.errors import Refusal
from rvc_portal.domain.vocabulary import N_

_FIGURE = re.compile(r"\d+(?:[.,]\d+)?\s*(?:/|sur|out of)\s*\d+", re.IGNORECASE)


def faults(text: str, names: Iterable[str], target: str) -> Iterator[Refusal]:
    """Why the passage cannot be shown to a city. `names`: of evaluators and of those who act for them."""
    for name in named(text, names):
        yield Refusal(N_("This passage names an evaluator: %(name)s."), {"name": name}, target=target)
    score = score_told(text)
    if score:
        yield Refusal(N_("This passage tells a score: %(score)s."), {"score": score}, target=target)


def named(text: str, names: Iterable[str]) -> list[str]:
    """Those of the names that stand in the text as words of their own, whatever their case."""
    folded = text.casefold()
    return [n for n in sorted(names) if re.search(rf"(?<!\w){re.escape(n.casefold())}(?!\w)", folded)]


def score_told(text: str) -> str | None:
    """The first figure out of a whole in the text, as it stands there."""
    found = _FIGURE.search(text)
    return found.group() if found else None


def content(reference: str, passages: Sequence[tuple[int, str, str]]) -> dict[str, object]:
    """An answer as it is frozen. `passages`: number, passage, what the city says of it (empty: no error found)."""
    return {
        "reference": reference,
        "passages": [{"number": number, "passage": text, "answer": answer} for number, text, answer in passages],
    }
