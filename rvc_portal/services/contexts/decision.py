"""Contexts of the decisions: letters, certificate, and the call's list of designations."""

from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from rvc_portal.domain.conditions import asked
from rvc_portal.language import folded
from rvc_portal.models.call import Call
from rvc_portal.models.decision import Decision
from rvc_portal.models.dossier import Dossier, Filing
from rvc_portal.models.evaluation import Evaluation
from rvc_portal.queries import calls, dossiers, facts
from rvc_portal.queries import decision as slates
from rvc_portal.services.contexts.parts import (
    Context,
    Draft,
    Occasion,
    addressee,
    both,
    dossier_facts,
    feedback_of,
    in_language,
    of_call,
    of_dossier,
    region_label,
)
from rvc_portal.services.contexts.steering import conditions_advised


def designation_letter(occasion: Occasion) -> Draft:
    """DESIGNATION_LETTER: the city is designated, and what it committed itself to."""
    form = occasion.definition.form
    questions = asked(form, dossiers.values(occasion.session, occasion.dossier.id))
    context = {
        **_letter(occasion),
        "conditions": conditions_advised(occasion),
        "commitments": [both(q.statement or q.label) for q in questions if q.type == "declaration"],
        "steps": [],
    }
    return Draft(context, dated=_told_day(occasion))


def certificate(occasion: Occasion) -> Draft:
    """CERTIFICATE of a designation."""
    number = occasion.dossier.reference.split("-", 1)[-1]
    dated = _told_day(occasion)
    return Draft({**of_dossier(occasion), "number": number, "designated_on": _day(dated, occasion)}, dated=dated)


def decision_letter(occasion: Occasion) -> Draft:
    """DECISION_LETTER: the city is not designated, and why."""
    return Draft({**_letter(occasion), "steps": []}, dated=_told_day(occasion))


def _letter(occasion: Occasion) -> Context:
    """What both letters say: in the same order, of the same kind, and nothing that hangs on other files (ADR 40)."""
    decision, language = _decision(occasion), occasion.dossier.language
    reason = {"en": decision.reason_en or None, "fr": decision.reason_fr or None}
    return {
        **of_dossier(occasion),
        "addressee": addressee(occasion),
        "published_on": _day(_told_day(occasion), occasion),
        "reason": in_language(reason, language),
        "feedback": feedback_of(occasion, language),
    }


def told_at(session: Session, call: Call, otherwise: datetime) -> datetime:
    """The instant that letters and certificate are dated by while they are held, the same for all of the call: of the
    publication that is planned, else by the call's calendar, else of the slate. When the decisions were taken, and in which
    order, it does not tell."""
    planned = slates.planned(session, call)
    if planned:
        return planned.due_at
    standing = slates.slate(session, call)
    return _published_at(call, standing.put_forward_at if standing else otherwise)


def is_dated(context: Context, call: Call, at: datetime) -> bool:
    """Whether a letter or certificate tells the day of this instant, in the call's zone, as that of the publication."""
    day = at.astimezone(ZoneInfo(calls.definition(call).timezone)).date().isoformat()
    return day in (context.get("published_on"), context.get("designated_on"))


def _told_day(occasion: Occasion) -> datetime:
    published_at = _decision(occasion).published_at
    return published_at or told_at(occasion.session, occasion.dossier.call, occasion.at)


def designation_list(session: Session, call: Call, *, now: datetime) -> Draft:
    """DESIGNATION_LIST: the cities designated in the call, by field, country and region."""
    told = calls.definition(call)
    query = sa.select(Dossier).where(Dossier.call_id == call.id, Dossier.state == "designated")
    order = {f.key: number for number, f in enumerate(told.fields)}
    found = sorted(
        session.scalars(query.options(selectinload(Dossier.parties))),
        key=lambda d: (order.get(d.field or "", -1), folded(d.lead_city), d.reference),
    )
    fields = {d.field for d in found}
    regions = [(r, sum(told.country(d.lead_country or "").region == r.key for d in found)) for r in told.regions]
    context = {
        **of_call(call),
        "decided_on": _publication_day(call, now),
        "published_on": now.astimezone(ZoneInfo(told.timezone)).date().isoformat(),
        "filed": _count(session, call, Filing.dossier_id, Filing),
        "evaluated": _count(session, call, Evaluation.dossier_id, Evaluation),
        "designated": [_designated(d, call) for d in found],
        "by_region": [{"label": both(r.label), "count": count} for r, count in regions],
        "by_field": [
            {"label": both(f.label), "count": sum(d.field == f.key for d in found)}
            for f in told.fields
            if f.key in fields
        ],
    }
    return Draft(context)


def _count(session: Session, call: Call, column: sa.orm.InstrumentedAttribute, model: type) -> int:
    """Dossiers of the call that have at least one row in the model's table."""
    query = sa.select(sa.func.count(sa.distinct(column))).join(Dossier, Dossier.id == column)
    return session.scalar(query.where(Dossier.call_id == call.id)) or 0


def _designated(dossier: Dossier, call: Call) -> Context:
    told = calls.definition(call)
    stated = dossier_facts(dossier, told)
    keys = ("reference", "city", "city_local", "country_iso2", "field", "field_label")
    return {
        **{key: stated[key] for key in keys},
        "region": region_label(told, dossier.lead_country),
        "partners": [p for p in stated["parties"] if p["role"] != "lead"],
    }


def _decision(occasion: Occasion) -> Decision:
    found = facts.held_decision(occasion.session, occasion.dossier)
    assert found is not None
    return found


def _day(at: datetime, occasion: Occasion) -> str:
    """The calendar day in the call's zone."""
    return at.astimezone(ZoneInfo(occasion.definition.timezone)).date().isoformat()


def _publication_day(call: Call, now: datetime) -> str:
    """The day on which the call says its decisions are published; letters held until then carry it."""
    return _published_at(call, now).astimezone(ZoneInfo(calls.definition(call).timezone)).date().isoformat()


def _published_at(call: Call, otherwise: datetime) -> datetime:
    window = calls.definition(call).windows.get("publication")
    return window.opens_at if window else otherwise
