"""How the pages of a copy differ from those that were issued, in words."""

from collections import Counter
from collections.abc import Sequence

from rvc_portal.domain.errors import Refusal
from rvc_portal.domain.vocabulary import N_

NAMED = 12
"""So many pages are named by number; of more, only how many."""


def differences(issued: Sequence[str], copy: Sequence[str]) -> tuple[Refusal, ...]:
    """What is wrong with the pages of the copy. Each page is told by a digest of what is drawn on it."""
    if list(issued) == list(copy):
        return (Refusal(N_("The text of its pages is as issued; something else in the file was changed.")),)
    if Counter(issued) == Counter(copy):
        return (Refusal(N_("Its pages are those that were issued, in another order.")),)
    if len(issued) == len(copy):
        changed = [n for n, (before, now) in enumerate(zip(issued, copy, strict=True), 1) if before != now]
        return (Refusal(N_("Pages that are not as issued: %(pages)s."), {"pages": _numbers(changed)}),)
    missing = [n for n, page in enumerate(issued, 1) if page not in copy]
    added = [n for n, page in enumerate(copy, 1) if page not in issued]
    counts = {"issued": len(issued), "copy": len(copy)}
    found = [Refusal(N_("The document has %(issued)s pages, this copy has %(copy)s."), counts)]
    if missing:
        found.append(Refusal(N_("Pages of the document that it lacks: %(pages)s."), {"pages": _numbers(missing)}))
    if added:
        found.append(Refusal(N_("Its own pages that were never issued: %(pages)s."), {"pages": _numbers(added)}))
    return tuple(found)


def _numbers(pages: Sequence[int]) -> str:
    named = ", ".join(str(page) for page in pages[:NAMED])
    return f"{named}…" if len(pages) > NAMED else named
