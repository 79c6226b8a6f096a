"""The context of the record of a sitting, made from its rows alone."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.deliberation import ABSOLUTE, SIMPLE, TWO_THIRDS
from rvc_portal.domain.vocabulary import N_
from rvc_portal.models.call import Call
from rvc_portal.models.steering import AgendaItem, Leave, Opinion, SteeringSession
from rvc_portal.queries import calls
from rvc_portal.queries import deliberation as query
from rvc_portal.services.contexts.evaluation import CONFLICTS
from rvc_portal.services.contexts.parts import Context, Draft, both, iso, message, of_call
from rvc_portal.services.contexts.steering import FUNCTIONS, in_own_words, motion_told, seat_name

_MAJORITIES = {
    SIMPLE: N_("A motion is carried by more votes in favour than against; a tie carries nothing."),
    ABSOLUTE: N_("A motion is carried by the votes of more than half of the seats that count for the item."),
    TWO_THIRDS: N_("A motion is carried by two thirds of the votes in favour and against."),
}


def record(session: Session, sitting: SteeringSession, closed: Iterable[UUID]) -> Draft:
    """SESSION_RECORD, with these items closed: of them stands their number and nothing else. A draft of it has no instant of
    approval yet."""
    call, shut = session.get_one(Call, sitting.call_id), frozenset(closed)
    told = calls.definition(call)
    items = query.items(session, sitting)
    opinions, leaves = query.opinions(session, sitting), query.leaves(session, sitting)
    known = [i.id for i in items if i.id not in shut]
    motions = [m for m in query.motions(session, known) if m.closed_at]
    votes = query.votes(session, [m.id for m in motions])
    dissents, corrections = query.dissents(session, known), query.corrections(session, sitting)
    seated = {e.id: e for e in query.expected(session, sitting)}
    assert sitting.opened_at
    assert sitting.closed_at
    context = {
        **of_call(call),
        "title": sitting.title, "opened_at": iso(sitting.opened_at), "closed_at": iso(sitting.closed_at),
        "place": sitting.place or None, "link": sitting.link or None,
        "quorum": told.quorum, "majority": majority(told),
        "seats": [
            {"seat": seat_name(seat), "person": person, "function": FUNCTIONS[seat.kind], "arrived_at": iso(a.arrived_at),
             "sits_for": seated[seat.id].sits_for,
             "out": [_out(p) for p in leaves if p.seat_id == seat.id and p.item_id is None]}
            for a, seat, person in query.attendance(session, sitting)
        ],
        "absent": [
            {"seat": dict(e.name), "function": FUNCTIONS[e.kind], "apologised": e.apologised, "deputy": e.deputy}
            for e in seated.values() if e.arrived_at is None
        ],
        "text": {"en": sitting.text_en or None, "fr": sitting.text_fr or None},
        "items": [
            {"number": number, "detail": None if item.id in shut else {
                **_facts(item, told), **_outcome(item, opinions.get(item.dossier_id)),
                "seats": next((m.seats for m in reversed(motions) if m.item_id == item.id), None),
                "recusals": [
                    {"seat": seat_name(p.seat), "reason": CONFLICTS.get(p.rule or "", CONFLICTS["declared"]), **_out(p)}
                    for p in leaves if p.item_id == item.id
                ],
                "motions": [motion_told(m, votes[m.id]) for m in motions if m.item_id == item.id],
                "dissents": [in_own_words(d) for d in dissents if d.item_id == item.id],
                "corrections": [in_own_words(c) for c in corrections if c.item_id == item.id],
            }}
            for number, item in enumerate(items, 1)
        ],
        "corrections": [in_own_words(c) for c in corrections if c.item_id is None],
        "approved_at": _at(sitting.approved_at),
    }  # fmt: skip
    return Draft(context)


def majority(told: CallDefinition) -> Context:
    """The rule by which a motion is carried, worded."""
    return message((_MAJORITIES[told.steering.majority], {}))


def _facts(item: AgendaItem, told: CallDefinition) -> Context:
    dossier = item.dossier
    return {
        "reference": dossier.reference,
        "city": dossier.lead_city,
        "country_iso2": dossier.lead_country,
        "field_label": both(told.creative_field(dossier.field).label) if dossier.field else None,
        "taken_up_at": _at(item.taken_up_at),
        "concluded_at": _at(item.concluded_at),
    }


def _outcome(item: AgendaItem, opinion: Opinion | None) -> Context:
    worded: AgendaItem | Opinion = opinion or item
    return {
        "opinion": opinion.outcome if opinion else None,
        "text": {"en": worded.text_en or None, "fr": worded.text_fr or None},
    }


def _out(leave: Leave) -> Context:
    return {"out_at": iso(leave.out_at), "in_at": _at(leave.in_at)}


def _at(at: datetime | None) -> str | None:
    return iso(at) if at else None
