"""One more evaluator on a file: the Steering Group asks for it with a reason, the Secretariat asks somebody or declines.

Told by mail both ways. A conflict that came up meanwhile keeps the answer from who asked.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Permission, Role
from rvc_portal.language import LANGUAGES
from rvc_portal.models.account import Account
from rvc_portal.models.base import new_id
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.evaluation import EvaluatorRequest
from rvc_portal.queries import accounts, calls, composition, dossiers, sheets
from rvc_portal.queries import supervision as query
from rvc_portal.services import evaluation, journal, mailing, rights

LONGEST_REASON = 8000
"""Characters of one reason."""


def ask(
    session: Session, dossier: Dossier, seat_id: UUID, *, reason: str, language: str | None = None, actor: Actor,
    now: datetime,
) -> EvaluatorRequest:  # fmt: skip
    """A seat of the Steering Group asks for one more evaluator; the reason is written in `language`. Raises NotFound for
    another's seat and for a file from which the person is recused, Refused as `against` says, InvalidInput without a reason."""
    if seat_id not in {seat.id for seat in actor.steering_seats}:
        raise NotFound
    rights.hold(session, actor, dossier, Permission.SUPERVISE)
    refusals = list(against(session, dossier))
    if refusals:
        raise Refused(refusals)
    asked = EvaluatorRequest(
        id=new_id(), dossier_id=dossier.id, seat_id=seat_id, asked_at=now, asked_by=actor.person,
        reason=_reason(reason, N_("Say why the file needs one more evaluator.")), language=_known(language),
    )  # fmt: skip
    session.add(asked)
    session.flush()
    _journal(session, asked, "ask_evaluator", actor, now, reason=asked.reason, seat=str(seat_id))
    for officer in sheets.officers(session, dossier, now):
        path = f"/dossiers/{dossier.id}/evaluators/wished"
        more = {"seat": composition.told_apart(asked.seat)[officer.language], "reason": asked.reason}
        _mail(session, dossier, officer, "evaluator_wished", {"path": path, **more}, now)
    return asked


def against(session: Session, dossier: Dossier) -> Iterator[Refusal]:
    """What stands against asking for one more evaluator on the file now."""
    if dossier.state == "in_review":
        yield Refusal(
            N_("The review of this file has begun: the sheets on which the group deliberates do not change meanwhile.")
        )
        yield Refusal(N_("The group can reopen its evaluation, with a reason; then one more evaluator can be asked."))
    elif dossier.state != "in_evaluation":
        yield Refusal(N_("The evaluation of this file is over."))
    elif query.waiting(session, dossier) is not None:
        yield Refusal(N_("One more evaluator is asked for already; the Secretariat has not answered yet."))


def give(
    session: Session, dossier: Dossier, asked_id: UUID, seat_id: UUID, *, actor: Actor, now: datetime
) -> EvaluatorRequest:
    """The Secretariat asks this evaluator, as `evaluation.assign` does and refuses it. Raises NotFound where nothing was
    asked on this dossier, Refused without the role, for what was answered already, and for who is asked already."""
    asked = _open(session, dossier, asked_id, actor)
    made = evaluation.assign(session, dossier, [seat_id], actor=actor, now=now)
    if not made:
        raise Refused([Refusal(N_("This evaluator is asked for the file already."))])
    asked.assignment_id = made[0].id
    _answer(session, dossier, asked, given=True, reason="", actor=actor, now=now)
    return asked


def decline(
    session: Session, dossier: Dossier, asked_id: UUID, *, reason: str, language: str | None = None, actor: Actor,
    now: datetime,
) -> EvaluatorRequest:  # fmt: skip
    """The Secretariat declines. Raises as `give` does, and InvalidInput without a reason."""
    asked = _open(session, dossier, asked_id, actor)
    said = _reason(reason, N_("Say why nobody else is asked."))
    asked.answer_language = _known(language)
    _answer(session, dossier, asked, given=False, reason=said, actor=actor, now=now)
    return asked


def _open(session: Session, dossier: Dossier, asked_id: UUID, actor: Actor) -> EvaluatorRequest:
    """The request, held until the transaction ends, while it waits."""
    if Role.SECRETARIAT not in rights.hold(session, actor, dossier, Permission.SEE_INSIDE):
        raise Refused([Refusal(N_("Your role does not allow this."))])
    asked = session.get(EvaluatorRequest, asked_id, populate_existing=True)
    if asked is None or asked.dossier_id != dossier.id:
        raise NotFound
    if asked.answered_at is not None:
        raise Refused([Refusal(N_("This request was answered already."))])
    return asked


def _answer(
    session: Session,
    dossier: Dossier,
    asked: EvaluatorRequest,
    *,
    given: bool,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    asked.answered_at, asked.answered_by, asked.given, asked.answer = now, actor.person, given, reason
    act = "give_evaluator" if given else "decline_evaluator"
    _journal(session, asked, act, actor, now, reason=reason)
    person = accounts.actor_of(session, asked.asker, now)
    if dossiers.allows(dossier, dossiers.roles(session, person, dossier), Permission.SUPERVISE):
        path = f"/calls/{dossier.call.key}/supervision/files/{dossier.id}"
        more = {"given": given, "reason": reason}
        _mail(session, dossier, asked.asker, "evaluator_wish_answered", {"path": path, **more}, now)
    session.flush()


def _known(language: str | None) -> str | None:
    """Raises InvalidInput for a language that the portal does not speak."""
    if language is not None and language not in LANGUAGES:
        raise InvalidInput({"language": (Refusal(N_("Choose a language."), target="language"),)})
    return language


def _reason(text: str, missing: str) -> str:
    said = text.strip()
    if not said:
        raise InvalidInput({"reason": (Refusal(missing, target="reason"),)})
    if len(said) > LONGEST_REASON:
        too_long = Refusal(N_("Use at most %(max)d characters."), {"max": LONGEST_REASON}, target="reason")
        raise InvalidInput({"reason": (too_long,)})
    return said


def _journal(
    session: Session, asked: EvaluatorRequest, act: str, actor: Actor, now: datetime, *, reason: str, **more: str
) -> None:
    payload = {"request": str(asked.id), **more}
    journal.append(
        session, asked.dossier_id, act, actor_id=actor.account_id, now=now, reason=reason, payload=payload
    )  # fmt: skip


def _mail(session: Session, dossier: Dossier, to: Account, template: str, more: dict[str, Any], now: datetime) -> None:
    context = {
        "name": to.name, "city": dossier.lead_city, "reference": dossier.reference,
        "call": calls.definition(dossier.call).title.of(to.language), "demonstration": dossier.call.demonstration,
        **more,
    }  # fmt: skip
    mailing.queue_mail(session, to, to.language, template, context, now=now)
