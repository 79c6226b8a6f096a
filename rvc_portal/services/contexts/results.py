"""Context of the synthesis of a field: every dossier with its figures, and all that one needs to compute them again."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain import method, ranking, scoring
from rvc_portal.domain.call import CallDefinition
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from rvc_portal.queries import calls
from rvc_portal.queries import results as query
from rvc_portal.services.contexts.parts import Context, Draft, both, messages, of_call


def field_synthesis(session: Session, call: Call, field: str | None, entries: tuple[ranking.Entry, ...]) -> Draft:
    """FIELD_SYNTHESIS: the ranking of the field, its method, its inputs."""
    told, found = calls.definition(call), query.compute(call, entries)
    names = query.seat_names(session, (e.evaluator for e in found.evaluators))
    cities = _cities(session, call)
    given = {e.reference: e for e in entries}
    bootstrap = told.results.bootstrap
    context = {
        **of_call(call),
        "field": field,
        "field_label": both(told.creative_field(field).label) if field else None,
        "scale": {"minimum": told.rubric.scale_minimum, "maximum": told.rubric.scale_maximum},
        "streams": [{"key": s.key, "label": both(s.label), "weight": s.weight} for s in told.rubric.streams],
        "sheets": found.sheets, "mean": found.mean or 0, "deviation": found.deviation,
        "seed": bootstrap.seed, "samples": bootstrap.samples, "level": bootstrap.level,
        "method": messages(method.of_field(told.rubric, told.results)),
        "inputs_sha256": query.fingerprint(entries),
        "dossiers": [_dossier(x, given[x.reference], cities[x.reference], names, told) for x in found.lines],
        "evaluators": [
            {"evaluator": names[e.evaluator], "sheets": e.sheets, "mean": e.mean, "deviation": e.deviation,
             "trust": e.trust}
            for e in sorted(found.evaluators, key=lambda e: (names[e.evaluator], e.evaluator))
        ],
    }  # fmt: skip
    return Draft(context)


def _cities(session: Session, call: Call) -> dict[str, tuple[str, str | None]]:
    query = sa.select(Dossier.reference, Dossier.lead_city, Dossier.lead_country).where(Dossier.call_id == call.id)
    return {reference: (city, country) for reference, city, country in session.execute(query)}


def _dossier(
    line: ranking.Line,
    entry: ranking.Entry,
    place: tuple[str, str | None],
    names: Mapping[str, str],
    told: CallDefinition,
) -> Context:
    weights = {c.key: c.weight for c in told.rubric.criteria}
    given = [(names[s.evaluator], s.stream, scoring.sheet_mean(dict(s.scores), weights)) for s in entry.sheets]
    return {
        "reference": line.reference, "city": place[0], "country_iso2": place[1],
        "rank": line.rank, "rank_low": line.rank_low, "rank_high": line.rank_high,
        "raw": line.raw, "normalised": line.normalised, "low": line.low, "high": line.high, "spread": line.spread,
        "means": dict(line.by_stream), "sheets": dict(line.sheets),
        "disagreement": messages((method.FLAGS[flag], {}) for flag in line.disagreement),
        "given": [{"evaluator": n, "stream_key": s, "mean": mean} for n, s, mean in sorted(given) if mean is not None],
    }  # fmt: skip
