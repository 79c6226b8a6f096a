"""Context of NETWORK_CALENDAR: what anybody may know of the years shown."""

from datetime import datetime

from sqlalchemy.orm import Session

from rvc_portal.domain import calendar as rules
from rvc_portal.domain.calendar import Entry
from rvc_portal.queries import calendar as query
from rvc_portal.services.contexts.composition import of_network
from rvc_portal.services.contexts.parts import Context, Draft, iso, message, messages


def calendar(session: Session, start: int, now: datetime) -> Draft:
    """The years from `start` on, as they stand now."""
    found = rules.by_year(rules.entries(query.calendar(session, None)), rules.years(start))
    context = {
        **of_network(session),
        "as_of": iso(now),
        "first_year": start,
        "last_year": start + rules.YEARS - 1,
        "years": [{"year": year, "entries": [_entry(e) for e in entries]} for year, entries in found.items()],
    }
    return Draft(context)


def _entry(entry: Entry) -> Context:
    return {
        "kind": str(entry.kind), "kind_told": message((rules.KINDS[entry.kind], {})),
        "first": entry.days.first.isoformat(), "last": entry.days.last.isoformat(), "fixed": entry.fixed,
        "told": message(entry.told), "short": dict(entry.short), "details": messages(entry.details),
        "call": entry.call, "within": dict(entry.within) if entry.within else None, "step": entry.step,
        "strong": entry.strong,
    }  # fmt: skip
