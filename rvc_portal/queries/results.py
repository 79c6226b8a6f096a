"""The results of a call, by creative field: who stands where, for whoever may see the scores.

Everybody sees the ranking of the dossiers whose results are theirs to see: ranks, normalised scores and intervals are made
of these alone, so that no figure tells of a file that is kept from the reader. For most readers that is the ranking that is
kept; for the others it is made when they ask, and remembered by what it is made of.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid5

import rfc8785
import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain import ranking as rules
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.procedures.register import PROCEDURES
from rvc_portal.domain.ranking import Entry, Sheet
from rvc_portal.domain.vocabulary import Permission, Role
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment, Evaluation, Score
from rvc_portal.models.ranking import Ranking
from rvc_portal.models.seat import Seat
from rvc_portal.queries import calls
from rvc_portal.queries.visibility import conflicted, visible

_rank = lru_cache(maxsize=16)(rules.rank)


@dataclass(frozen=True)
class Place:
    """A dossier of the field. `line`: its result, None without a closed sheet."""

    id: UUID
    reference: str
    city: str
    country: str | None
    state: str
    procedure: str
    line: rules.Line | None


@dataclass(frozen=True)
class FieldResults:
    """A field as one person sees it. `stale`: sheets were closed since, and the figures are being made anew."""

    places: Sequence[Place]
    ranking: rules.Ranking
    stale: bool = False


def ranking_id(call_id: UUID, field: str | None) -> UUID:
    """The id of the field's kept ranking, which follows from the two: there is never a second one."""
    return uuid5(call_id, f"ranking/{field or ''}")


def is_ranked(dossier: Dossier, state: str) -> bool:
    """Whether a dossier stands in the ranking of its field while it is in this state, once it has a sheet."""
    return state in PROCEDURES[dossier.procedure].states_with(Role.SECRETARIAT, Permission.SEE_RESULTS)


def of_field(session: Session, actor: Actor, call: Call, field: str | None) -> FieldResults:
    """The field's dossiers whose results this person may see, ranked among themselves. Three queries; four where the
    ranking that is kept is of other dossiers."""
    seen = session.execute(_seen(actor, call, field)).all()
    scored = {row.reference for row in seen if row.closed_sheets}
    kept = session.get(Ranking, ranking_id(call.id, field), populate_existing=True)
    ranking = _kept(kept, scored, actor, barred=is_barred(session, actor, call, field))
    stale = ranking is not None and kept is not None and kept.stale
    if ranking is None:
        ranking = compute(call, _entries(session, _theirs(actor, call, field)))
    lines = {line.reference: line for line in ranking.lines}
    places = [
        Place(
            row.id, row.reference, row.lead_city, row.lead_country, row.state, row.procedure, lines.get(row.reference)
        )
        for row in seen
    ]
    return FieldResults(places, ranking, stale)


def fields(session: Session, call: Call) -> list[str | None]:
    """The fields of the call with sheets that count, in its order, whoever asks: for the jobs and the command."""
    query = sa.select(Dossier.field).distinct().where(ranked(call), Dossier.closed_sheets > 0)
    order = [f.key for f in calls.definition(call).fields]
    return sorted(session.scalars(query), key=lambda f: order.index(f) if f in order else len(order))


def entries_of_field(session: Session, call: Call, field: str | None) -> tuple[Entry, ...]:
    """All that the field's ranking is made of, whoever asks: for the jobs and the command. One query."""
    return _entries(session, sa.and_(ranked(call), Dossier.field == field))


def _entries(session: Session, which: sa.ColumnElement[bool]) -> tuple[Entry, ...]:
    """The sheets that count of these dossiers, with their scores, in a fixed order. One query."""
    query = (
        sa.select(Dossier.reference, Assignment.seat_id, Evaluation.stream, Score.criterion, Score.value)
        .join(Evaluation, Evaluation.dossier_id == Dossier.id)
        .join(Assignment, Assignment.id == Evaluation.assignment_id)
        .join(Score, Score.evaluation_id == Evaluation.id)
        .where(which, Evaluation.counting(), Score.value.is_not(None))
    )
    found: dict[str, dict[tuple[str, str], list[tuple[str, float]]]] = {}
    for reference, seat, stream, criterion, value in session.execute(query):
        assert value is not None  # the query leaves such out
        found.setdefault(reference, {}).setdefault((str(seat), stream), []).append((criterion, value))
    return tuple(
        Entry(reference, tuple(Sheet(*sheet, tuple(sorted(scores))) for sheet, scores in sorted(sheets.items())))
        for reference, sheets in sorted(found.items())
    )


def compute(call: Call, found: tuple[Entry, ...]) -> rules.Ranking:
    """The ranking of these dossiers after the call's rules; remembered in this process by what it is made of."""
    told = calls.definition(call)
    return _rank(found, told.rubric, told.results)


def inputs(found: Iterable[Entry]) -> list[dict[str, Any]]:
    """What a ranking is made of, as JSON-able data."""
    return [
        {
            "reference": entry.reference,
            "sheets": [{"evaluator": s.evaluator, "stream": s.stream, "scores": dict(s.scores)} for s in entry.sheets],
        }
        for entry in found
    ]


def fingerprint(found: Iterable[Entry]) -> str:
    """The SHA-256 of the canonical JSON (RFC 8785) of the inputs."""
    return hashlib.sha256(rfc8785.dumps(inputs(found))).hexdigest()


def content(ranking: rules.Ranking) -> str:
    """The canonical JSON under which a ranking is kept."""
    return rfc8785.dumps(ranking.to_json()).decode()


def read(kept: Ranking) -> rules.Ranking | None:
    """The ranking that is kept in the row; None before the first was made."""
    return None if kept.content is None else _read(kept.content)


def seat_names(session: Session, ids: Iterable[str]) -> Mapping[str, str]:
    """The names of seats, by their ids as a ranking writes them."""
    query = sa.select(Seat.id, Seat.name).where(Seat.id.in_([UUID(i) for i in ids]))
    return {str(seat_id): name for seat_id, name in session.execute(query)}


def is_barred(session: Session, actor: Actor, call: Call, field: str | None) -> bool:
    """Whether a conflict keeps a dossier of the field from this person, in whatever state that stands."""
    query = sa.select(sa.exists().where(Dossier.call_id == call.id, Dossier.field == field, conflicted(actor)))
    return bool(session.scalar(query))


def is_barred_anywhere(session: Session, actor: Actor, call: Call) -> bool:
    """Whether a conflict keeps any dossier of the call from this person."""
    return bool(session.scalar(sa.select(sa.exists().where(Dossier.call_id == call.id, conflicted(actor)))))


@lru_cache(maxsize=16)
def _read(text: str) -> rules.Ranking:
    return rules.read(json.loads(text))


def _kept(kept: Ranking | None, scored: set[str], actor: Actor, *, barred: bool) -> rules.Ranking | None:
    """The kept ranking, if it is of the very dossiers that the person may see. That it is not the latest is for the
    Secretariat alone: it tells that somewhere a sheet was closed."""
    if kept is None or barred or (kept.stale and not actor.has_on_call(Role.SECRETARIAT, kept.call_id, whole=True)):
        return None
    found = read(kept)
    return found if found is not None and {line.reference for line in found.lines} == scored else None


def _seen(actor: Actor, call: Call, field: str | None) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(
        Dossier.id, Dossier.reference, Dossier.lead_city, Dossier.lead_country, Dossier.state, Dossier.procedure,
        Dossier.closed_sheets,
    ).where(_theirs(actor, call, field)).order_by(Dossier.reference)  # fmt: skip


def _theirs(actor: Actor, call: Call, field: str | None) -> sa.ColumnElement[bool]:
    return sa.and_(Dossier.call_id == call.id, Dossier.field == field, visible(actor, Permission.SEE_RESULTS))


def ranked(call: Call) -> sa.ColumnElement[bool]:
    """The dossiers that stand in a ranking once they have a sheet; a withdrawn one does not."""
    states = PROCEDURES[call.procedure].states_with(Role.SECRETARIAT, Permission.SEE_RESULTS)
    return sa.and_(Dossier.call_id == call.id, Dossier.state.in_(sorted(states)))
