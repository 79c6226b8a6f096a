"""Context of the report of a whole call, in figures: what was filed, what it scored, how long it took, who evaluated."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from statistics import fmean, stdev
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from rvc_portal.domain import timeline
from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.definition import Wording
from rvc_portal.domain.procedures.register import PROCEDURES
from rvc_portal.domain.rubric import Rubric
from rvc_portal.models.call import Call
from rvc_portal.queries import calls
from rvc_portal.queries import report as query
from rvc_portal.queries.report import File, Judged
from rvc_portal.services.contexts.parts import Context, Draft, both, message, of_call

DESIGNATED = "designated"


def call_report(session: Session, call: Call, *, now: datetime) -> Draft:
    """CALL_REPORT: the figures of the call as it was published."""
    told, found = calls.definition(call), query.files(session, call)
    judged, means = query.evaluators(session, call), query.sheet_means(session, call)
    scale = {"minimum": told.rubric.scale_minimum, "maximum": told.rubric.scale_maximum}
    context = {
        **of_call(call),
        "published_on": now.astimezone(ZoneInfo(told.timezone)).date().isoformat(),
        "begun": query.begun(session, call),
        "filed": len(found),
        "evaluated": sum(f.mean is not None for f in found),
        "designated": sum(f.state == DESIGNATED for f in found),
        "by_state": _by_state(call, found),
        "by_region": [_outcomes(r.label, [f for f in found if _region(told, f) == r.key]) for r in told.regions],
        "by_field": [_outcomes(c.label, [f for f in found if f.field == c.key]) for c in told.fields],
        "by_country": _by_country(found),
        "scale": scale,
        "streams": [
            {"label": both(s.label), **_judged(judged.get(s.key)), **_spread(means.get(s.key, ()))}
            for s in told.rubric.streams
        ],
        "means": _distribution(told.rubric, [f.mean for f in found if f.mean is not None]),
        "conflicts": sum(query.conflicts(session, call).values()),
        "paces": [
            {"label": message((timeline.label(p.stage), {})), "files": p.files, "shortest": p.shortest,
             "middle": p.middle, "longest": p.longest}
            for p in query.paces(session, call)
        ],
    }  # fmt: skip
    return Draft(context)


def _by_state(call: Call, found: Sequence[File]) -> list[Context]:
    """In the order of the procedure's table; states without a file are left out."""
    counts, states = Counter(f.state for f in found), PROCEDURES[call.procedure].states
    return [{"label": message((state.label, {})), "count": counts[key]} for key, state in states.items() if counts[key]]


def _outcomes(label: Wording, of: Sequence[File]) -> Context:
    return {"label": both(label), "filed": len(of), "designated": sum(f.state == DESIGNATED for f in of)}


def _by_country(found: Sequence[File]) -> list[Context]:
    """Those with most files first."""
    filed = Counter(f.country for f in found)
    designated = Counter(f.country for f in found if f.state == DESIGNATED)
    ordered = sorted(((c, n) for c, n in filed.items() if c), key=lambda item: (-item[1], item[0]))
    return [{"country_iso2": c, "filed": n, "designated": designated[c]} for c, n in ordered]


def _region(told: CallDefinition, file: File) -> str | None:
    return told.country(file.country).region if file.country else None


def _judged(found: Judged | None) -> Context:
    of = found or Judged(0, 0, 0, 0)
    return {"seats": of.seats, "asked": of.asked, "closed": of.closed, "set_aside": of.set_aside}


def _spread(means: Sequence[float]) -> Context:
    return {"mean": fmean(means) if means else None, "deviation": stdev(means) if len(means) > 1 else None}


def _distribution(rubric: Rubric, means: Sequence[float]) -> list[Context]:
    """Files by overall mean, in steps of one mark."""
    low, high = int(rubric.scale_minimum), int(rubric.scale_maximum)
    steps = [(step, step + 1) for step in range(low, high)]
    return [
        {"low": a, "high": b, "count": sum(a <= m < b or (b == high and m == high) for m in means)} for a, b in steps
    ]
