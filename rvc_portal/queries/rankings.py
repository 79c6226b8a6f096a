"""A call's rankings made again from its sheets, to be held against what is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import rfc8785
import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.definition import plain
from rvc_portal.domain.ranking import DECIMALS
from rvc_portal.domain.ranking import Ranking as RankingOfField
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.ranking import Ranking
from rvc_portal.queries import calls, results


@dataclass(frozen=True)
class Recomputed:
    """One field: all that goes in and what comes out, as JSON-able data; whether the same is kept."""

    field: str | None
    told: dict[str, Any]
    is_kept: bool


def recomputed(session: Session, call: Call, field: str | None = None) -> list[Recomputed]:
    """Each field of the call that has sheets, or the one that is named, ranked anew."""
    return [
        _recomputed(session, call, found) for found in results.fields(session, call) if field is None or found == field
    ]


def printed(found: Sequence[Recomputed]) -> bytes:
    """All of it as canonical JSON (RFC 8785): the same sheets and rules give the same bytes."""
    return rfc8785.dumps([one.told for one in found])


def _recomputed(session: Session, call: Call, field: str | None) -> Recomputed:
    told, entries = calls.definition(call), results.entries_of_field(session, call, field)
    made = results.compute(call, entries)
    kept = session.get(Ranking, results.ranking_id(call.id, field))
    data = {
        "call": call.key,
        "field": field,
        "inputs": results.inputs(entries),
        "inputs_sha256": results.fingerprint(entries),
        "parameters": {
            "streams": {s.key: s.weight for s in told.rubric.streams},
            "criteria": {c.key: c.weight for c in told.rubric.criteria},
            "scale": [told.rubric.scale_minimum, told.rubric.scale_maximum],
            "decimals": DECIMALS,
            **plain(told.results),
        },
        "results": made.to_json(),
    }
    same = kept is not None and kept.content == results.content(made)
    return Recomputed(field, data, same and _listed(session, call, field) == _expected(made))


def _listed(session: Session, call: Call, field: str | None) -> dict[str, tuple[int, float]]:
    """The sheets and the mean that the lists show of each dossier."""
    query = sa.select(Dossier.reference, Dossier.closed_sheets, Dossier.mean_overall).where(
        results.ranked(call), Dossier.field == field, Dossier.closed_sheets > 0
    )
    return {reference: (sheets, round(mean or 0, DECIMALS)) for reference, sheets, mean in session.execute(query)}


def _expected(made: RankingOfField) -> dict[str, tuple[int, float]]:
    return {line.reference: (sum(line.sheets.values()), line.raw) for line in made.lines}
