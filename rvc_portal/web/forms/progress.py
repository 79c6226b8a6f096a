"""The filters of the lists on late sheets, as they stand in the address, and the forms of the acts on them."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from rvc_portal.domain.progress import STANDINGS
from rvc_portal.domain.values import cleaned
from rvc_portal.queries import board
from rvc_portal.queries.progress import SORTS, Filters
from rvc_portal.web.forms.base import PortalForm, uuid_in
from rvc_portal.web.forms.board import LONGEST_SEARCH, BoardForm, ordered
from rvc_portal.web.forms.deadlines import TimeForm

FIGURES = ("evaluator", "sheets", "mean", "spread", "distance", "pace", "written")
_KNOWN = ("standing", "late", "stream", "field", "q", "sort", "dir", "page")


def parse(
    arguments: Mapping[str, str], *, streams: Collection[str], fields: Collection[str], sorts: tuple[str, ...] = SORTS
) -> tuple[BoardForm, Filters]:
    """What was asked for, as the addresses of the list keep it and as its query takes it; what is not known is reported and
    left out."""
    told = {k: cleaned(arguments.get(k, "")).strip()[:LONGEST_SEARCH] for k in _KNOWN}
    asked = {k: value for k, value in told.items() if value}
    order, wrong = ordered(asked, sorts)
    chosen: dict[str, Any] = {"late": asked.get("late") == "1"}
    choices = (("standing", STANDINGS), ("stream", streams), ("field", fields), ("late", ("1",)))
    for name, known in choices:
        value = asked.get(name)
        if value is None:
            continue
        if value not in known:
            wrong.append((name, _("The list has no such choice: %(value)s.", value=value)))
        elif name != "late":
            chosen[name] = value
    paging = {key: order[key] for key in ("sort", "descending", "page")}
    return BoardForm(asked, board.Filters(**paging), tuple(wrong)), Filters(
        search=asked.get("q", ""), **paging, **chosen
    )


def ids_in(values: Iterable[str]) -> list[UUID]:
    """The ids among these values, which may hold several, parted by spaces; what is none is left out."""
    return [found for value in values for word in value.split() if (found := uuid_in(word)) is not None]


class MoreTimeForm(TimeForm):
    """Until when chosen sheets are awaited, in the call's zone, and why."""

    until = StringField(_l("Awaited until"), [InputRequired(_l("Give a date and a time."))])
    reason = TextAreaField(
        _l("Reason, as the evaluators will read it"), [InputRequired(_l("Give the reason.")), Length(max=8000)]
    )


class ReassignForm(PortalForm):
    """Who is asked instead, and why."""

    seat = RadioField(_l("Who is asked instead"), [InputRequired(_l("Choose an evaluator."))], choices=())
    reason = TextAreaField(_l("Reason"), [InputRequired(_l("Give the reason.")), Length(max=2000)])
