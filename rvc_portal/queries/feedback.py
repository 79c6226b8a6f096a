"""Reads of the feedback to cities: what is written by criterion, what is sealed, what lacks, what it may begin from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain import feedback as rules
from rvc_portal.domain.call import Criterion
from rvc_portal.models.decision import Decision
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment, Evaluation, Score
from rvc_portal.models.feedback import Feedback
from rvc_portal.models.seat import Seat
from rvc_portal.queries import calls, replies


@dataclass(frozen=True)
class Line:
    """One criterion of the call with what is written on it, by the names of `domain.feedback.TEXTS`. `revision`: how often
    it was saved; `sealed`: it is part of the opinion."""

    criterion: Criterion
    texts: dict[str, str]
    revision: int = 0
    sealed: bool = False


@dataclass(frozen=True)
class Evaluators:
    """Who may not show in the feedback: `names` of persons, and of the experts' seats; `cities` of the members' seats."""

    names: Sequence[str]
    cities: Sequence[str]


def rows(session: Session, dossier_id: UUID) -> dict[str, Feedback]:
    """What is kept, by criterion. One query."""
    return {row.criterion: row for row in session.scalars(sa.select(Feedback).where(Feedback.dossier_id == dossier_id))}


def texts(row: Feedback) -> dict[str, str]:
    """What the row says."""
    return {name: getattr(row, name) for name in rules.TEXTS}


def lines(session: Session, dossier: Dossier) -> list[Line]:
    """Every criterion in the call's order, which says nothing of the file. One query."""
    kept = rows(session, dossier.id)
    return [
        Line(c, texts(kept[c.key]), kept[c.key].revision, kept[c.key].sealed_at is not None)
        if c.key in kept
        else Line(c, dict.fromkeys(rules.TEXTS, ""))
        for c in calls.definition(dossier.call).rubric.criteria
    ]


def sealed(session: Session, dossier: Dossier) -> list[Line]:
    """What is part of the opinion and goes into the letter: in the languages of the call alone."""
    languages = calls.definition(dossier.call).publish_languages
    return [
        replace(line, texts={name: text if name[-2:] in languages else "" for name, text in line.texts.items()})
        for line in lines(session, dossier)
        if line.sealed
    ]


def lacking(session: Session, dossier: Dossier) -> list[Criterion]:
    """The criteria on which the file's feedback is not sealed."""
    return [line.criterion for line in lines(session, dossier) if not line.sealed]


def unwritten(session: Session, dossier: Dossier) -> list[Criterion]:
    """The criteria on which nothing whole is written: an opinion given now seals nothing on them."""
    told, kept = calls.definition(dossier.call), rows(session, dossier.id)
    return [
        criterion
        for criterion in told.rubric.criteria
        if criterion.key not in kept or not rules.is_complete(texts(kept[criterion.key]), told.publish_languages)
    ]


def told(session: Session, dossier: Dossier) -> list[Line]:
    """What the city has been told: the feedback that went out with its letter; nothing before publication."""
    published = sa.exists().where(Decision.dossier_id == dossier.id, Decision.published_at.is_not(None))
    return sealed(session, dossier) if session.scalar(sa.select(published)) else []


def evaluators(session: Session, dossier: Dossier) -> Evaluators:
    """Everybody who was asked to evaluate the file, and where they come from."""
    query = sa.select(Seat.city).join(Assignment, Assignment.seat_id == Seat.id)
    cities = set(session.scalars(query.where(Assignment.dossier_id == dossier.id, Seat.city.is_not(None))))
    names = {name for name in replies.names(session, dossier.id) if name not in cities}
    return Evaluators(sorted(names), sorted(city for city in cities if city and city != dossier.lead_city))


def reasons(session: Session, dossier: Dossier) -> dict[str, list[tuple[float, str]]]:
    """The scores of the closed sheets with their reasons, by criterion. One query."""
    query = (
        sa.select(Score.criterion, Score.value, Score.reason)
        .join(Evaluation, Evaluation.id == Score.evaluation_id)
        .where(Evaluation.dossier_id == dossier.id, Evaluation.counting())
    )
    found: dict[str, list[tuple[float, str]]] = {}
    for criterion, value, reason in session.execute(query):
        if value is not None:  # else the criterion could not be judged
            found.setdefault(criterion, []).append((value, reason))
    return found
