"""What a city may be shown of its evaluation to check facts: passages without names, scores or ranks."""

import re
from collections.abc import Iterable, Iterator, Sequence

from rvc_portal.domain.errors import Refusal
from rvc_portal.domain.vocabulary import N_

_FIGURE = re.compile(r"\d+(?:[.,]\d+)?\s*(?:/|sur|out of)\s*\d+", re.IGNORECASE)


def faults(text: str, names: Iterable[str], target: str) -> Iterator[Refusal]:
    """Why the passage cannot be shown to a city. `names`: of evaluators and of those who act for them."""
    folded = text.casefold()
    for name in sorted(names):
        if re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", folded):
            yield Refusal(N_("This passage names an evaluator: %(name)s."), {"name": name}, target=target)
    found = _FIGURE.search(text)
    if found:
        yield Refusal(N_("This passage tells a score: %(score)s."), {"score": found.group()}, target=target)


def content(reference: str, passages: Sequence[tuple[int, str, str]]) -> dict[str, object]:
    """An answer as it is frozen. `passages`: number, passage, what the city says of it (empty: no error found)."""
    return {
        "reference": reference,
        "passages": [{"number": number, "passage": text, "answer": answer} for number, text, answer in passages],
    }
