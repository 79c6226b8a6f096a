"""The context of the papers of a sitting: where and when, the agenda, and what the group needs on each file."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import CLOCK
from rvc_portal.domain.vocabulary import Doc, Permission, Role
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.steering import AgendaItem, SteeringSession
from rvc_portal.queries import blindness, calls, dossiers
from rvc_portal.services.contexts import answers, evaluation, screening
from rvc_portal.services.contexts.parts import Context, Draft, Occasion, dossier_facts, iso, of_call
from rvc_portal.services.contexts.session import majority


def papers(
    session: Session, sitting: SteeringSession, items: Sequence[AgendaItem], details: Mapping[UUID, Context | None],
    closed: frozenset[UUID],
) -> Draft:  # fmt: skip
    """SESSION_PAPERS, with these items closed: of them stands their number and nothing else. `details`: of each item, as
    `detail` gives them."""
    call = session.get_one(Call, sitting.call_id)
    told = calls.definition(call)
    context = {
        **of_call(call),
        "title": sitting.title,
        "starts_at": iso(sitting.starts_at) if sitting.starts_at else None,
        "place": sitting.place or None,
        "link": sitting.link or None,
        "quorum": told.quorum,
        "majority": majority(told),
        "items": [
            {"number": number, "closed": item.id in closed, "detail": None if item.id in closed else details[item.id]}
            for number, item in enumerate(items, 1)
        ],
    }
    return Draft(context)


def detail(session: Session, dossier: Dossier, language: str, now: datetime) -> Context | None:
    """What the papers in one language say of a file; None for one that is before the group no more."""
    if not dossiers.allows(dossier, frozenset({Role.STEERING}), Permission.SEE_RESULTS):
        return None
    occasion = Occasion(session, dossier, now, "issue_papers", CLOCK)
    names = blindness.names_in(session, dossier, Doc.SESSION_PAPERS, language)
    return {
        "dossier": dossier_facts(dossier, occasion.definition),
        "filing": answers.filing_of(occasion),
        "summary": _summary(occasion),
        "screening": {
            "admitted_at": _admitted(occasion),
            "checks": screening.checks(occasion, None),
            "returns": len(screening.returns(occasion)),
        },
        **evaluation.findings(occasion, names),
    }


def _summary(occasion: Occasion) -> list[Context]:
    """The answers that the call has the papers quote, those that were given."""
    form, dossier = occasion.definition.form, occasion.dossier
    values = dossiers.values(occasion.session, dossier.id)
    asked = (form.question(key) for key in occasion.definition.steering.summary)
    printed = [answers.question(form, q, values.get(q.key), dossier.language) for q in asked]
    return [{"label": it["label"], "text": it["value"]["said"]} for it in printed if it["value"]]


def _admitted(occasion: Occasion) -> str | None:
    query = sa.select(sa.func.max(JournalEntry.at)).where(
        JournalEntry.chain == occasion.dossier.id, JournalEntry.transition == "admit"
    )
    at = occasion.session.scalar(query)
    return iso(at) if at else None
