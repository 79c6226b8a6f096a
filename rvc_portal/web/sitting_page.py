"""What the pages of a sitting show to one person: the room, the item at hand, the agenda, the documents."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import g, request
from flask_babel import gettext as _

from rvc_portal.domain import deliberation as rules
from rvc_portal.domain.deliberation import CHOICES, MotionKind, Sitter
from rvc_portal.domain.errors import NotFound
from rvc_portal.domain.policy import OF_A_SITTING
from rvc_portal.domain.vocabulary import N_, Doc, Role
from rvc_portal.models.base import db
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.steering import SteeringSession
from rvc_portal.queries import blindness, calls, documents, dossiers, evaluation, feedback, replies, surroundings
from rvc_portal.queries import deliberation as query
from rvc_portal.services import record
from rvc_portal.services.contexts import session as contexts
from rvc_portal.web import dossier_page, labels, worldmap
from rvc_portal.web.session import actor, now

MOTIONS = {
    MotionKind.RECOMMEND: N_("Recommend the designation"),
    MotionKind.CONDITIONS: N_("Recommend it with conditions"),
    MotionKind.REJECT: N_("Do not recommend it"),
    MotionKind.DEFER: N_("Defer"),
}


def live(sitting: SteeringSession) -> dict[str, Any]:
    """The sitting for this person; of an item that is closed to them its number alone."""
    told = calls.definition(g.call)
    lines = query.lines(db.session(), actor(), sitting)
    here = next((line for line in lines if line.at_hand), None)
    common = {
        "call": g.call, "call_title": labels.call_title(g.call), "zone": told.timezone, "sitting": sitting,
        "pulse": pulse(sitting), "for_room": for_room(), "here": here,
        "shut": here is not None and here.dossier is None, "typed": {},
    }  # fmt: skip
    if common["shut"]:
        return common
    return common | _room(sitting, here) | _item_at_hand(here) | _lines(sitting, lines) | documents_of(sitting)


def draft(sitting: SteeringSession) -> dict[str, Any]:
    """The record as it stands, for this person. Raises NotFound for staff that may not know of all of the call."""
    member, staff = actor().has(Role.STEERING), actor().has_on_call(Role.SECRETARIAT, g.call.id, whole=True)
    if not (member or staff):
        raise NotFound
    shut = query.closed_items(db.session(), actor(), sitting)
    return {
        "call": g.call, "sitting": sitting, "zone": calls.definition(g.call).timezone, "read": datetime.fromisoformat,
        "record": contexts.record(db.session(), sitting, shut).context, **_words(),
    }  # fmt: skip


def documents_of(sitting: SteeringSession) -> dict[str, Any]:
    """The papers and the record of the sitting for this person."""
    shown = documents.of_sitting(db.session(), actor(), sitting)
    of_kind = {kind: [one for one in shown if one.document.kind == kind] for kind in OF_A_SITTING}
    languages = calls.definition(g.call).publish_languages
    return {
        "papers": [dossier_page.document_item(one) for one in of_kind[Doc.SESSION_PAPERS]],
        "papers_wanting": sitting.closed_at is None and len(of_kind[Doc.SESSION_PAPERS]) < len(languages),
        "documents": [dossier_page.document_item(one) for one in of_kind[Doc.SESSION_RECORD]],
    }


def _room(sitting: SteeringSession, here: query.Line | None) -> dict[str, Any]:
    sitters = query.sitters(db.session(), sitting, here.dossier.id if here and here.dossier else None)
    mine = {s.id for s in actor().steering_seats}
    seated = [s for s in sitters if s.seat in mine]
    counting, quorum = rules.entitled(sitters), calls.definition(g.call).quorum
    missing = rules.missing(_absent(sitting, here), sitters)
    return {
        "sitters": sitters,
        "counting": counting,
        "quorum": quorum,
        "no_quorum": [labels.refusal(r) for r in rules.against_quorum(len(counting), quorum)],
        "missing": missing,
        "missing_names": [labels.seat_name(s) for s in missing],
        "me": seated[0] if seated else None,
        "member": actor().has(Role.STEERING),
        "secretariat": actor().has_on_call(Role.SECRETARIAT, g.call.id, whole=True),
        "chair": next((s for s in sitters if s.seat == sitting.chair_id), None),
        "chairing": sitting.chair_id in mine,
    }


def _absent(sitting: SteeringSession, here: query.Line | None) -> list[Sitter]:
    if sitting.closed_at is not None:
        return []  # nobody is waited for any more
    return query.absent(db.session(), sitting, now(), here.dossier.id if here and here.dossier else None)


def _item_at_hand(here: query.Line | None) -> dict[str, Any]:
    if here is None or here.item is None or here.dossier is None:
        return {}
    session, told = db.session(), calls.definition(g.call)
    motions = query.motions(session, [here.id])
    names = blindness.names(session, here.dossier, actor(), dossiers.roles(session, actor(), here.dossier), _)
    around = surroundings.of(session, actor(), g.call, here.dossier)
    return {
        "around": around,
        "map": worldmap.surroundings(around),
        "place_names": {region.key: region.label.of(labels.reader_language()) for region in told.regions}
        | {field.key: field.label.of(labels.reader_language()) for field in told.fields},
        **_city_answer(here.dossier),
        "feedback_lacking": len(feedback.unwritten(session, here.dossier)),
        "results": evaluation.results(session, here.dossier, told.rubric, names),
        "rubric": told.rubric,
        "words": labels.reader_language(),
        "languages": told.publish_languages,
        "field_label": dossier_page.field_label(g.call, here.dossier.field),
        "motions": motions,
        "running": next((m for m in motions if m.closed_at is None), None),
        "carried": next((m for m in reversed(motions) if m.carried), None),
        "votes": query.votes(session, [m.id for m in motions]),
        "dissents": query.dissents(session, [here.id]),
        **_words(),
    }


def _city_answer(dossier: Dossier) -> dict[str, Any]:
    """What the city says of the facts, where the call lets it and it has sent its answer."""
    sent = replies.sent(db.session(), dossier.id) if replies.rules(dossier.call) else None
    return {"sent": sent, "passages": replies.passages(db.session(), dossier.id) if sent else []}


def _words() -> dict[str, Any]:
    return {
        "motion_names": {kind: _(text) for kind, text in MOTIONS.items()},
        "choice_names": {choice: _(text) for choice, text in CHOICES.items()},
    }


def _lines(sitting: SteeringSession, lines: list[query.Line]) -> dict[str, Any]:
    return {
        "lines": lines,
        "expected": query.expected(db.session(), sitting),
        "waiting": query.waiting(db.session(), actor(), sitting) if sitting.closed_at is None else 0,
        "corrections": [
            c for c in query.corrections(db.session(), sitting) if c.item_id in {None, *(x.id for x in lines if x.item)}
        ],
        **(_against_the_record(sitting, [x.id for x in lines if x.item is None]) if sitting.closed_at else {}),
        "before": sitting.correct_until_at is not None and now() < sitting.correct_until_at,
    }  # fmt: skip


def _against_the_record(sitting: SteeringSession, unknown: list[UUID]) -> dict[str, Any]:
    """What stands against approving the record and against sealing it; of `unknown` items nothing."""
    zone = calls.definition(g.call).timezone
    against_approval = record.refusals_of_approval(db.session(), sitting, now(), unknown)
    against_seal = record.refusals_of_seal(db.session(), sitting, unknown)
    return {
        "approval_refusals": [labels.refusal(r, zone) for r in against_approval],
        "record_refusals": [labels.refusal(r, zone) for r in against_seal],
    }


def pulse(sitting: SteeringSession) -> str:
    return query.pulse(db.session(), actor(), sitting, labels.reader_language(), "room" if for_room() else "")


def for_room() -> bool:
    return request.args.get("view") == "room"
