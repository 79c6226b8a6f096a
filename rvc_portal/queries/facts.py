"""From rows to facts: the frozen picture of a dossier that guards judge. Only what its stage can need is read."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain import answers as rules
from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.errors import Refusal
from rvc_portal.domain.facts import DossierFacts, SignOffFacts
from rvc_portal.domain.vocabulary import N_, DecisionOutcome, Permission, Role, Stage
from rvc_portal.models.decision import Decision, Slate, SlateEntry
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier, SignOff
from rvc_portal.models.evaluation import Evaluation
from rvc_portal.models.screening import ScreeningCheck
from rvc_portal.queries import calls, content, dossiers, places


def dossier_facts(session: Session, dossier: Dossier, language: str = "en") -> DossierFacts:
    """The dossier at this instant; labels inside the refusals in `language`."""
    told = calls.definition(dossier.call)
    more: dict[str, Any] = {}
    procedure = dossiers.procedure_of(dossier)
    stage = procedure.states[dossier.state].stage
    if procedure.allows(dossier.state, {Role.LEAD}, Permission.WRITE):  # only what can be filed is judged for it
        more |= _filing(session, dossier, told, language)
    if stage is Stage.SCREENING:
        more |= _screening(session, dossier, told, language)
    if stage is Stage.EVALUATION:
        more["closed_sheets"] = closed_sheets(session, dossier)
    if stage is Stage.DECISION:
        more |= _decision(session, dossier)
    return DossierFacts(
        state=dossier.state,
        version=dossier.version,
        call=calls.facts(dossier.call),
        country=dossier.lead_country,
        creative_field=dossier.field,
        extended_until=dossier.extended_until_at,
        correct_until=dossier.correct_until_at,
        filed=dossier.submitted_at is not None,
        **more,
    )


def _filing(session: Session, dossier: Dossier, told: CallDefinition, language: str) -> dict[str, Any]:
    values = dossiers.values(session, dossier.id)
    attachments = dossiers.attachments(session, dossier.id)
    given = Counter(attachment.piece for attachment in attachments)
    states = sign_off_states(
        session, dossier, lambda: content.sha256(content.stated(dossier, values, attachments))
    )  # fmt: skip
    return {
        "incomplete": (*_answers_wanting(told, values, language), *_pieces_wanting(told, given, language)),
        "sign_offs": _sign_offs(told, states, language),
        **_places(session, dossier, told),
    }


def _answers_wanting(told: CallDefinition, values: Mapping[str, Any], language: str) -> Iterator[Refusal]:
    questions = {q.key: q for q in told.form.questions()}
    for problem in rules.check(told.form, values):
        question = questions[problem.question]
        about = {"question": f"{question.number} {question.label.of(language)}"}
        yield Refusal(problem.message, {**dict(problem.params), **about}, target=problem.question)


def _pieces_wanting(told: CallDefinition, given: Mapping[str, int], language: str) -> Iterator[Refusal]:
    for piece in told.pieces:
        have = given.get(piece.key, 0)
        if piece.required and have < piece.count:
            params = {"piece": piece.label.of(language), "have": have, "count": piece.count}
            yield Refusal(N_("Piece missing: %(piece)s (%(have)s of %(count)s)."), params, target=piece.key)


def sign_off_states(
    session: Session, dossier: Dossier, sha256: Callable[[], str] | None = None
) -> dict[str, str]:  # fmt: skip
    """Where each sign-off of the call stands, by its key: none, asked, refused, given, or outdated when the content has
    changed since. `sha256`: tells that of the content that counts, if asked; None: that of the work in hand counts."""
    found = dossiers.latest_sign_offs(session, dossier.id)
    told = calls.definition(dossier.call)
    signed = any(row.given for row in found.values())
    counts = (sha256() if sha256 else content.content_sha256(session, dossier)) if signed else None
    return {asked.key: _sign_off_state(found.get(asked.key), counts) for asked in told.sign_offs}


def _sign_off_state(found: SignOff | None, sha256: str | None) -> str:
    if found is None:
        return "none"
    if found.answered_at is None:
        return "asked"
    if not found.given:
        return "refused"
    return "given" if found.content_sha256 == sha256 else "outdated"


def _sign_offs(
    told: CallDefinition, states: Mapping[str, str], language: str
) -> dict[str, SignOffFacts]:  # fmt: skip
    return {
        asked.key: SignOffFacts(asked.label.of(language), asked.required, states[asked.key]) for asked in told.sign_offs
    }


def _places(session: Session, dossier: Dossier, told: CallDefinition) -> dict[str, int]:
    """How many other files hold a place of the country; asked for only where the call limits them."""
    if not places.are_limited(told):
        return {}
    found = places.of_country(session, dossier.call_id, told, dossier.lead_country or "", but=dossier.id)
    return {"filed_in_country": len(found.holders), "filed_in_field": len(found.in_field(dossier.field))}


def _screening(session: Session, dossier: Dossier, told: CallDefinition, language: str) -> dict[str, Any]:
    found = {
        c.item: c.in_order
        for c in session.scalars(sa.select(ScreeningCheck).where(ScreeningCheck.dossier_id == dossier.id))
    }
    labels = {item.key: item.label.of(language).rstrip(".") for item in told.checklist}  # they end a sentence of ours
    return {
        "unchecked": tuple(label for key, label in labels.items() if found.get(key) is None),
        "failed": tuple(label for key, label in labels.items() if found.get(key) is False),
    }


def closed_sheets(session: Session, dossier: Dossier) -> dict[str, int]:
    """Closed sheets by stream."""
    query = (
        sa.select(Evaluation.stream, sa.func.count())
        .where(Evaluation.dossier_id == dossier.id, Evaluation.counting())
        .group_by(Evaluation.stream)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _decision(session: Session, dossier: Dossier) -> dict[str, Any]:
    slate = sa.select(SlateEntry.dossier_id).join(Slate).where(
        SlateEntry.dossier_id == dossier.id, Slate.superseded_at.is_(None)
    )  # fmt: skip
    held = held_decision(session, dossier)
    outcome = DecisionOutcome(held.outcome) if held else None
    return {
        "on_slate": session.scalar(slate) is not None,
        "held": outcome,
        "documents_missing": _documents_missing(session, dossier, outcome) if outcome else (),
    }


def held_decision(session: Session, dossier: Dossier) -> Decision | None:
    """The decision that stands for the dossier, or None."""
    return session.scalar(
        sa.select(Decision).where(Decision.dossier_id == dossier.id, Decision.superseded_at.is_(None))
    )


def _documents_missing(session: Session, dossier: Dossier, outcome: DecisionOutcome) -> tuple[str, ...]:
    stored = set(
        session.scalars(
            sa.select(Document.kind).where(
                Document.dossier_id == dossier.id,
                Document.superseded_at.is_(None),
                Document.ready,
            )
        )
    )
    wanted = dossiers.procedure_of(dossier).transitions[outcome].issues
    return tuple(kind for kind in wanted if kind not in stored)
