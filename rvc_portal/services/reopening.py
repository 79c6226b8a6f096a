"""Opening a closed sheet again: asked for by its evaluator, given or declined by the Secretariat, and told by mail both ways.

The sheet as it was closed is set down as a version first, so that the Secretariat has every one that ever counted.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Permission, Role
from rvc_portal.models.account import Account
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import Assignment, Evaluation, Reopening, SheetVersion
from rvc_portal.queries import calls
from rvc_portal.queries import sheets as query
from rvc_portal.services import journal, mailing, results, rights
from rvc_portal.services.evaluation import own, read_anew


def ask(session: Session, assignment: Assignment, *, reason: str, actor: Actor, now: datetime) -> Reopening:
    """The evaluator asks for their closed sheet. Raises NotFound for another's, InvalidInput without a reason, Refused where
    the sheet is not closed, was asked for already, or the evaluation of the file is over."""
    own(assignment, actor)
    dossier = assignment.dossier
    rights.hold(session, actor, dossier, Permission.EVALUATE)
    read_anew(session, assignment)
    found = assignment.evaluation
    if found is None or found.closed_at is None:
        raise Refused([Refusal(N_("This sheet is not closed: you can write in it."))])
    if query.pending(session, found) is not None:
        raise Refused([Refusal(N_("You have asked for this sheet already. The Secretariat answers by mail."))])
    if not reason.strip():
        raise InvalidInput({"reason": (Refusal(N_("Say why the sheet has to be opened again."), target="reason"),)})
    asked = Reopening(evaluation=found, asked_at=now, asked_by=actor.person, reason=reason.strip())
    session.add(asked)
    _journal(session, asked, "ask_reopening", actor, now, reason=asked.reason)
    for officer in query.officers(session, dossier, now):
        context = _told(dossier, assignment, officer, f"/dossiers/{dossier.id}/evaluation/sheets/{found.id}")
        _mail(session, officer, "reopening_asked", {**context, "reason": asked.reason}, now)
    session.flush()
    return asked


def answer(
    session: Session, dossier: Dossier, asked_id: UUID, *, given: bool, reason: str = "", actor: Actor, now: datetime
) -> Reopening:
    """The Secretariat opens the sheet again, or declines with a reason. Raises NotFound where nothing was asked on this
    dossier, InvalidInput for declining without a reason, Refused without the role, for what was answered already, for a
    sheet that does not count, or once the evaluation of the file is over."""
    held = rights.hold(session, actor, dossier, Permission.SEE_RESULTS)
    if Role.SECRETARIAT not in held:
        raise Refused([Refusal(N_("Your role does not allow this."))])
    asked = session.scalar(
        sa.select(Reopening).join(Evaluation).where(Reopening.id == asked_id, Evaluation.dossier_id == dossier.id)
    )
    if asked is None:
        raise NotFound
    session.refresh(asked)
    if asked.answered_at is not None:
        raise Refused([Refusal(N_("This request was answered already."))])
    if not given and not reason.strip():
        raise InvalidInput({"reason": (Refusal(N_("Say why the sheet stays closed."), target="reason"),)})
    asked.answered_at, asked.answered_by, asked.given, asked.answer = now, actor.person, given, reason.strip()
    if given:
        number = _open_again(session, dossier, asked.evaluation, now)
        _journal(session, asked, "reopen_sheet", actor, now, reason=asked.answer, version=number)
    else:
        _journal(session, asked, "decline_reopening", actor, now, reason=asked.answer)
    assignment = asked.evaluation.assignment
    context = _told(dossier, assignment, asked.asker, f"/assignments/{assignment.id}")
    _mail(session, asked.asker, "reopening_answered", {**context, "given": given, "reason": asked.answer}, now)
    session.flush()
    return asked


def _open_again(session: Session, dossier: Dossier, found: Evaluation, now: datetime) -> int:
    """Set the sheet down as it was closed, and make it a draft; the number of that version."""
    if dossier.state != "in_evaluation":
        raise Refused([Refusal(N_("The evaluation of this file is over."))])
    read_anew(session, found.assignment)
    if found.closed_at is None or found.set_aside_at is not None or found.assignment.ended_at is not None:
        raise Refused([Refusal(N_("This sheet does not count: there is nothing to open again."))])
    number = query.versions_kept(session, found) + 1
    scores = {s.criterion: {"value": s.value, "reason": s.reason, "cannot_judge": s.cannot_judge} for s in found.scores}
    session.add(
        SheetVersion(
            evaluation_id=found.id, number=number, scores=scores, mean=found.mean, closed_at=found.closed_at,
            closed_by=found.closed_by,
        )
    )  # fmt: skip
    found.closed_at = found.closed_by = found.mean = None
    session.flush()
    results.taken_back(session, dossier, found, now)
    return number


def _journal(
    session: Session, asked: Reopening, act: str, actor: Actor, now: datetime, *, reason: str, **more: int
) -> None:
    payload = {"seat": str(asked.evaluation.assignment.seat_id), "evaluation": str(asked.evaluation.id), **more}
    journal.append(
        session, asked.evaluation.dossier_id, act, actor_id=actor.account_id, now=now, reason=reason, payload=payload
    )


def _told(dossier: Dossier, assignment: Assignment, to: Account, path: str) -> dict[str, Any]:
    return {
        "name": to.name, "seat": assignment.seat.name, "city": dossier.lead_city, "reference": dossier.reference,
        "call": calls.definition(dossier.call).title.of(to.language), "path": path,
        "demonstration": dossier.call.demonstration,
    }  # fmt: skip


def _mail(session: Session, to: Account, template: str, context: dict[str, Any], now: datetime) -> None:
    mailing.queue_mail(session, to, to.language, template, context, now=now)
