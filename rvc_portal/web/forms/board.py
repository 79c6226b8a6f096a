"""The board's filters, as they stand in the address: validated by hand, since a form of two hundred choices is slow."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask_babel import gettext as _

from rvc_portal.domain.values import cleaned
from rvc_portal.queries.board import PER_PAGE, SORTS, Filters

DESCENDING_FIRST = frozenset({"mean", "submitted", "normalised", "spread", "sheets", "distance", "pace", "written"})
LONGEST_SEARCH = 100
LAST_PAGE = 1_000_000


@dataclass(frozen=True)
class BoardForm:
    """What was asked for, what of it can be done, and what is wrong with the rest: [(id of the field, sentence)]."""

    asked: Mapping[str, str]
    filters: Filters
    errors: tuple[tuple[str, str], ...] = field(default=())

    def url(self, base: str, **changes: Any) -> str:
        """The address of the same list with some parameters changed; None takes one away."""
        kept = {k: v for k, v in {**self.asked, **changes}.items() if v not in (None, "")}
        return f"{base}?{urlencode(kept)}" if kept else base

    def sorted_by(self, base: str, sort: str) -> str:
        """The address of the list in another order; the same order again turns it round."""
        turned = self.filters.sort == sort
        descending = not self.filters.descending if turned else sort in DESCENDING_FIRST
        return self.url(base, sort=sort, dir="desc" if descending else "asc", page=None)

    def direction(self, sort: str) -> str | None:
        if self.filters.sort != sort:
            return None
        return "descending" if self.filters.descending else "ascending"

    def pages(
        self, base: str, total: int, per_page: int = PER_PAGE, url: Callable[..., str] | None = None
    ) -> dict[str, Any]:
        """The page links around the present one; `url`: makes their addresses, where not this form does."""
        url = url or self.url
        last = max(1, -(-total // per_page))
        here = self.filters.page
        near = sorted({1, last, *(n for n in range(here - 2, here + 3) if 1 <= n <= last)})
        shown: list[dict[str, Any] | None] = []
        for number in near:
            if shown and shown[-1] is not None and number - shown[-1]["number"] > 1:
                shown.append(None)
            shown.append({"number": number, "url": url(base, page=number), "current": number == here})
        return {
            "pages": shown,
            "previous": url(base, page=min(here - 1, last)) if here > 1 else None,
            "next": url(base, page=here + 1) if here < last else None,
            "several": last > 1 or here > 1,
        }


def parse(
    arguments: Mapping[str, str], *, calls: Mapping[str, UUID], states: Collection[str], fields: Collection[str],
    countries: Collection[str], tests: Collection[UUID] = (),
) -> BoardForm:  # fmt: skip
    """The filters of a query string; what is not known is reported and left out."""
    told = {k: cleaned(arguments.get(k, "")).strip()[:LONGEST_SEARCH] for k in _KNOWN}
    asked = {k: value for k, value in told.items() if value}
    wrong: list[tuple[str, str]] = []
    chosen: dict[str, Any] = {}
    choices = (("call", calls, "call_id"), ("state", states, "state"), ("field", fields, "field"),
               ("country", countries, "country"))  # fmt: skip
    for name, known, attribute in choices:
        value = asked.get(name)
        if value is None:
            continue
        if value in known:
            chosen[attribute] = known[value] if isinstance(known, Mapping) else value
        else:
            wrong.append((name, _("The list has no such choice: %(value)s.", value=value)))
    order, faults = ordered(asked, SORTS)
    found = Filters(search=asked.get("q", ""), without=tuple(tests), **order, **chosen)
    return BoardForm(asked, found, (*wrong, *faults))


def ordered(asked: Mapping[str, str], sorts: Sequence[str]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """In which order a list was asked for, by the first of `sorts` unless one is named, and on which page; and what is
    wrong with that."""
    wrong = []
    sort = asked.get("sort", sorts[0])
    if sort not in sorts:
        wrong.append(("results", _("The list cannot be sorted by %(value)s.", value=sort)))
        sort = sorts[0]
    direction = asked.get("dir", "desc" if sort in DESCENDING_FIRST else "asc")
    number = asked.get("page", "1")
    if not (number.isdecimal() and number.isascii() and 1 <= int(number) <= LAST_PAGE):
        wrong.append(("results", _("There is no page %(value)s.", value=number)))
        number = "1"
    return {"sort": sort, "descending": direction == "desc", "page": int(number)}, wrong


_KNOWN = ("call", "state", "field", "country", "q", "sort", "dir", "page")
