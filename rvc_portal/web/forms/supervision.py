"""The filters of the list of supervision, as they stand in the address."""

from collections.abc import Collection, Mapping
from typing import Any

from flask_babel import gettext as _

from rvc_portal.domain.values import cleaned
from rvc_portal.queries.board import Filters
from rvc_portal.web.forms.board import LONGEST_SEARCH, BoardForm, ordered

SORTS = ("urgency", "city", "state", "sheets", "spread")
_KNOWN = ("state", "field", "late", "q", "sort", "dir", "page")


def parse(arguments: Mapping[str, str], *, states: Collection[str], fields: Collection[str]) -> BoardForm:
    """What was asked for; what is not known is reported and left out. Whether only late files are asked for stands in
    `asked` alone."""
    told = {k: cleaned(arguments.get(k, "")).strip()[:LONGEST_SEARCH] for k in _KNOWN}
    asked = {k: value for k, value in told.items() if value}
    order, wrong = ordered(asked, SORTS)
    chosen: dict[str, Any] = {}
    for name, known in (("state", states), ("field", fields), ("late", ("1",))):
        value = asked.get(name)
        if value is not None and value not in known:
            wrong.append(
                (name if name == "field" else "results", _("The list has no such choice: %(value)s.", value=value))
            )
            del asked[name]
        elif value is not None and name != "late":
            chosen[name] = value
    return BoardForm(asked, Filters(search=asked.get("q", ""), **order, **chosen), tuple(wrong))
