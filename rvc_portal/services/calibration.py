"""Calibration: the same few dossiers for all evaluators of a field, and the others once the Secretariat opens them."""

from datetime import datetime

from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Permission, Role
from rvc_portal.models.base import new_id
from rvc_portal.models.calibration import CalibrationFile, CalibrationOpening
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment
from rvc_portal.queries import calibration as query
from rvc_portal.queries import calls
from rvc_portal.services import journal, rights
from rvc_portal.services.transitions import lock_call


def refusals(session: Session, call: Call, field: str | None) -> list[Refusal]:
    """What stands against opening the other dossiers of the field: too few marked."""
    wanted, marked = calls.definition(call).calibration_files, query.marked(session, call, field)
    if wanted is None:
        return [Refusal(N_("This call has no calibration."))]
    if marked != wanted:
        params = {"marked": marked, "wanted": wanted}
        return [Refusal(N_("Calibration files marked: %(marked)s of %(wanted)s."), params)]
    return []


def mark(session: Session, dossier: Dossier, *, actor: Actor, now: datetime) -> None:
    """Mark a dossier in evaluation for calibration. Raises Refused where the call has no calibration or enough marked, or
    the others are open."""
    call = dossier.call
    _require(session, call, dossier.field, actor)
    rights.require(session, actor, dossier, Permission.ASSIGN)
    wanted = calls.definition(call).calibration_files
    if wanted is None:
        raise Refused([Refusal(N_("This call has no calibration."))])
    if query.is_marked(session, dossier.id):
        return
    if query.marked(session, call, dossier.field) >= wanted:
        raise Refused([Refusal(N_("This field has its %(wanted)s calibration files already."), {"wanted": wanted})])
    session.add(CalibrationFile(dossier_id=dossier.id, marked_at=now, marked_by=actor.person))
    _note(session, call, "mark_calibration", {"dossier": str(dossier.id)}, actor, now)


def unmark(session: Session, dossier: Dossier, *, actor: Actor, now: datetime) -> None:
    """Take the mark off again, while the others are shut; who was asked stays asked. Raises Refused."""
    _require(session, dossier.call, dossier.field, actor)
    rights.require(session, actor, dossier, Permission.ASSIGN)
    found = session.get(CalibrationFile, dossier.id)
    if found is not None:
        session.delete(found)
        _note(session, dossier.call, "unmark_calibration", {"dossier": str(dossier.id)}, actor, now)


def open_rest(session: Session, call: Call, field: str | None, *, actor: Actor, now: datetime) -> None:
    """Open the other dossiers of the field to their evaluators, each of whom closes the own calibration sheets first.
    Raises Refused while too few are marked."""
    _require(session, call, field, actor)
    found = refusals(session, call, field)
    if found:
        raise Refused(found)
    session.add(
        CalibrationOpening(id=new_id(), call_id=call.id, field=field or "", opened_at=now, opened_by=actor.person)
    )
    _note(session, call, "open_after_calibration", {"field": field}, actor, now)


def check(session: Session, assignment: Assignment) -> None:
    """Raises Refused while the calibration keeps the assignment shut."""
    found = query.shut(session, assignment)
    if found is None:
        return
    if found.first:
        cities = ", ".join(city for _id, city in found.first)
        raise Refused([Refusal(N_("First the calibration files: %(cities)s."), {"cities": cities})])
    raise Refused([Refusal(N_("First the calibration files: the Secretariat has not opened the others yet."))])


def _require(session: Session, call: Call, field: str | None, actor: Actor) -> None:
    rights.require_on_call(actor, call.id, Role.SECRETARIAT)
    lock_call(session, call)
    if query.opening(session, call, field) is not None:
        raise Refused([Refusal(N_("The other files of this field are open already."))])


def _note(session: Session, call: Call, act: str, payload: dict[str, str | None], actor: Actor, now: datetime) -> None:
    journal.append(session, call.id, act, actor_id=actor.account_id, now=now, payload=payload)
