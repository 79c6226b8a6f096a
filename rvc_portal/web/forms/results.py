"""The filters of the results page, as they stand in the address."""

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _

from rvc_portal.domain.values import cleaned
from rvc_portal.queries.board import Filters
from rvc_portal.web.forms.board import LONGEST_SEARCH, BoardForm, ordered

SORTS = ("rank", "city", "mean", "normalised", "spread", "sheets")
_KNOWN = ("field", "flagged", "sort", "dir", "page")


def parse(arguments: Mapping[str, str], fields: Sequence[str | None]) -> BoardForm:
    """What was asked for; what is not known is reported and left out, and without a field it is the call's first."""
    told = {k: cleaned(arguments.get(k, "")).strip()[:LONGEST_SEARCH] for k in _KNOWN}
    asked = {k: value for k, value in told.items() if value}
    order, wrong = ordered(asked, SORTS)
    field = asked.get("field") or (fields[0] if fields else None)
    if asked.get("field") and field not in fields:
        wrong.append(("results", _("The list has no such choice: %(value)s.", value=field)))
        field = fields[0] if fields else None
    return BoardForm(asked, Filters(field=field, **order), tuple(wrong))
