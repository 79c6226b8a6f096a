"""The board's filters, as they stand in the address: validated by hand, since a form of two hundred choices is slow."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask_babel import gettext as _

from rvc_portal.domain.values import cleaned
from rvc_portal.queries.board import SORTS, Filters

DESCENDING_FIRST = frozenset({"mean", "submitted"})
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
    sort = asked.get("sort", "mean")
    if sort not in SORTS:
        wrong.append(("results", _("The list cannot be sorted by %(value)s.", value=sort)))
        sort = "mean"
    direction = asked.get("dir", "desc" if sort in DESCENDING_FIRST else "asc")
    number = asked.get("page", "1")
    if not (number.isdecimal() and number.isascii() and 1 <= int(number) <= LAST_PAGE):
        wrong.append(("results", _("There is no page %(value)s.", value=number)))
        number = "1"
    found = Filters(
        search=asked.get("q", ""), sort=sort, descending=direction == "desc", page=int(number), without=tuple(tests),
        **chosen,
    )  # fmt: skip
    return BoardForm(asked, found, tuple(wrong))


_KNOWN = ("call", "state", "field", "country", "q", "sort", "dir", "page")
