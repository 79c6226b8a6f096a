"""Contexts of the evaluation: one sheet, and the report on all of them."""

from collections.abc import Sequence
from datetime import datetime
from statistics import fmean, stdev

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from rvc_portal.domain import method, ranking
from rvc_portal.domain.blindness import Names
from rvc_portal.domain.call import Criterion, Stream
from rvc_portal.domain.scoring import sheet_mean
from rvc_portal.domain.vocabulary import Doc
from rvc_portal.models.conflict import Conflict, bars
from rvc_portal.models.evaluation import Assignment, Evaluation
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.seat import Seat
from rvc_portal.queries import blindness
from rvc_portal.services.contexts.parts import Context, Draft, Occasion, both, iso, messages, of_dossier, said

_DECLARATION = {
    "en": "I have no conflict of interest with this city and judge its file on its merits alone.",
    "fr": "Je n’ai aucun conflit d’intérêts avec cette ville et juge son dossier sur ses seuls mérites.",
}
CONFLICTS = {
    "country": {"en": "Conflict of interest: same country", "fr": "Conflit d’intérêts : même pays"},
    "city": {"en": "Conflict of interest: same city", "fr": "Conflit d’intérêts : même ville"},
    "declared": {"en": "Conflict of interest, declared", "fr": "Conflit d’intérêts déclaré"},
    "found": {
        "en": "Conflict of interest, found by the Secretariat",
        "fr": "Conflit d’intérêts relevé par le Secrétariat",
    },
    "twin": {
        "en": "Conflict of interest: twin or partner city",
        "fr": "Conflit d’intérêts : ville jumelée ou partenaire",
    },
    "letter": {"en": "Conflict of interest: letter of support", "fr": "Conflit d’intérêts : lettre de soutien"},
    "tie": {"en": "Conflict of interest: declared tie", "fr": "Conflit d’intérêts : lien déclaré"},
    "employer": {"en": "Conflict of interest: same employer", "fr": "Conflit d’intérêts : même employeur"},
}


def sheet(occasion: Occasion) -> Draft:
    """EVALUATION_SHEET: one evaluator's closed sheet."""
    found = occasion.evaluation
    assert found is not None
    assert found.closed_at is not None
    assignment, rubric = found.assignment, occasion.definition.rubric
    names = blindness.names_in(occasion.session, occasion.dossier, Doc.EVALUATION_SHEET)
    scores = {s.criterion: s for s in found.scores}
    context = {
        **of_dossier(occasion),
        "sheet_number": found.id.hex[:8].upper(),
        "evaluator": names.of(assignment.seat_id, assignment.seat.name, found.stream),
        "seat": None,
        "stream_key": found.stream,
        "stream_label": both(rubric.stream(found.stream).label),
        "closed_at": iso(found.closed_at),
        "declaration": _DECLARATION,
        "declared_at": iso(assignment.declared_at or found.closed_at),
        "scale": {"minimum": rubric.scale_minimum, "maximum": rubric.scale_maximum},
        "criteria": [
            {
                "key": c.key, "label": both(c.label), "guidance": both(c.guidance) if c.guidance else None,
                "weight": c.weight, "score": scores[c.key].value,
                "reason": said(scores[c.key].reason, occasion.actor.language),
            }
            for c in rubric.criteria
            if c.key in scores
        ],
        "mean": found.mean or 0,
        "comment": None,
    }  # fmt: skip
    return Draft(context)


def report(occasion: Occasion) -> Draft:
    """EVALUATION_REPORT: every closed sheet, the means and how they come about."""
    names = blindness.names_in(occasion.session, occasion.dossier, Doc.EVALUATION_REPORT)
    context = {
        **of_dossier(occasion),
        **findings(occasion, names),
        "set_aside": _set_aside(occasion, names),
        "referred_at": iso(_referred_at(occasion)),
        "method": messages(method.of_dossier(occasion.definition.rubric, occasion.definition.results)),
    }
    return Draft(context)


def findings(occasion: Occasion, names: Names) -> Context:
    """What the closed sheets say: the figures, and every sheet with its reasons."""
    rubric = occasion.definition.rubric
    sheets = closed_sheets(occasion, names)
    return {
        "scale": {"minimum": rubric.scale_minimum, "maximum": rubric.scale_maximum},
        "streams": [_stream(s, sheets) for s in rubric.streams],
        "criteria": [_criterion(c, rubric.streams, sheets) for c in rubric.criteria],
        "sheets": [_sheet(e, [c.key for c in rubric.criteria], names) for e in sheets],
        "mean": occasion.dossier.mean_overall or 0,
        "spread": _spread([e.mean for e in sheets if e.mean is not None]),
        **_certainty(occasion, sheets),
    }


def _referred_at(occasion: Occasion) -> datetime:
    """When the file was referred: now, or before, where the report is issued anew."""
    if occasion.transition == "refer":
        return occasion.at
    query = sa.select(JournalEntry.at).where(
        JournalEntry.chain == occasion.dossier.id, JournalEntry.transition == "refer"
    )
    return occasion.session.scalars(query.order_by(JournalEntry.id.desc()).limit(1)).one()


def _certainty(occasion: Occasion, sheets: Sequence[Evaluation]) -> Context:
    """The interval of the mean, and whether evaluators disagree. No rank and no normalised score: these hang on other
    files, and a reader of this one may be barred from those."""
    rubric, rules = occasion.definition.rubric, occasion.definition.results
    given = [ranking.Sheet(str(e.assignment.seat_id), e.stream, _scores(e)) for e in sheets]
    found = ranking.mean_interval(given, occasion.dossier.reference, rubric, rules)
    means = {s.key: [e.mean for e in sheets if e.stream == s.key and e.mean is not None] for s in rubric.streams}
    flags = ranking.disagreements(means, rubric, rules)
    return {
        "interval": {"low": found[0], "high": found[1], "level": rules.bootstrap.level} if found else None,
        "disagreement": messages((method.FLAGS[flag], {}) for flag in flags),
    }


def _scores(evaluation: Evaluation) -> tuple[tuple[str, float], ...]:
    return tuple((s.criterion, s.value) for s in evaluation.scores if s.value is not None)


def closed_sheets(occasion: Occasion, names: Names) -> Sequence[Evaluation]:
    """The closed sheets of the dossier with scores and seats, by stream and as `names` orders evaluators."""
    query = (
        sa.select(Evaluation)
        .join(Assignment)
        .join(Seat)
        .where(Evaluation.dossier_id == occasion.dossier.id, Evaluation.counting())
        .options(joinedload(Evaluation.assignment).joinedload(Assignment.seat), selectinload(Evaluation.scores))
        .order_by(Evaluation.stream, Seat.name)
    )
    found = occasion.session.scalars(query)
    return sorted(found, key=lambda e: (e.stream, names.order(e.assignment.seat_id)))


def _spread(values: Sequence[float]) -> float | None:
    return stdev(values) if len(values) > 1 else None


def _stream(stream: Stream, sheets: Sequence[Evaluation]) -> Context:
    means = [e.mean for e in sheets if e.stream == stream.key and e.mean is not None]
    return {
        "key": stream.key, "label": both(stream.label), "weight": stream.weight, "sheets": len(means),
        "minimum": stream.minimum_sheets, "mean": fmean(means) if means else 0, "spread": _spread(means),
    }  # fmt: skip


def _criterion(criterion: Criterion, streams: Sequence[Stream], sheets: Sequence[Evaluation]) -> Context:
    values = {s.key: _values(criterion.key, [e for e in sheets if e.stream == s.key]) for s in streams}
    means = {key: fmean(found) for key, found in values.items() if found}
    overall = sheet_mean(means, {s.key: s.weight for s in streams})
    return {
        "key": criterion.key, "label": both(criterion.label), "weight": criterion.weight, "means": means,
        "mean": overall, "spread": _spread([v for found in values.values() for v in found]),
    }  # fmt: skip


def _values(criterion: str, sheets: Sequence[Evaluation]) -> list[float]:
    return [s.value for e in sheets for s in e.scores if s.criterion == criterion and s.value is not None]


def _sheet(evaluation: Evaluation, order: list[str], names: Names) -> Context:
    scores = sorted(evaluation.scores, key=lambda s: order.index(s.criterion))
    assert evaluation.closed_at is not None
    seat = evaluation.assignment.seat
    return {
        "evaluator": names.of(seat.id, seat.name, evaluation.stream),
        "stream_key": evaluation.stream,
        "mean": evaluation.mean or 0,
        "closed_at": iso(evaluation.closed_at),
        "scores": [{"criterion": s.criterion, "score": s.value, "reason": said(s.reason, None)} for s in scores],
        "comment": None,
    }


def _set_aside(occasion: Occasion, names: Names) -> list[Context]:
    """Evaluating seats of the field that a conflict kept from this file."""
    query = (
        sa.select(Seat, Conflict.rule)
        .join(Conflict, Conflict.seat_id == Seat.id)
        .where(
            Conflict.dossier_id == occasion.dossier.id,
            bars(),
            Seat.kind.in_(("member", "expert")),
        )
        .order_by(Seat.name, Conflict.rule)
    )
    told: dict[str, Context] = {}
    for seat, rule in sorted(occasion.session.execute(query), key=lambda row: names.order(row[0].id)):
        stream = "experts" if seat.kind == "expert" else "members"
        called, reason = names.of(seat.id, seat.name, stream), CONFLICTS.get(rule, CONFLICTS["declared"])
        told.setdefault(seat.name, {"evaluator": called, "stream_key": stream, "reason": reason})
    return list(told.values())
