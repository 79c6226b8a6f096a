"""The sign-offs that a call asks for, the mayor's and others': asked for by mail, given or declined on a page that the
mail's code opens."""

import hashlib
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.call import MAYOR
from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Permission, Role
from rvc_portal.models.base import new_code
from rvc_portal.models.dossier import Dossier, SignOff
from rvc_portal.queries import calls, content, dossiers
from rvc_portal.services import journal, mailing, rights
from rvc_portal.services.transitions import lock


def ask(
    session: Session, dossier: Dossier, *, name: str, email: str, actor: Actor, now: datetime, kind: str = MAYOR,
    received_at: datetime | None = None,
) -> str:  # fmt: skip
    """Ask the person (`name`, `email`) by mail for the sign-off `kind`; return the code that the mail's link carries. An
    earlier request of the kind lapses. Raises InvalidInput for an empty name or an address that is none, NotFound for a
    kind that the call does not ask for, Refused after the deadline."""
    rights.require(session, actor, dossier, Permission.WRITE)
    lock(session, dossier, None)
    rights.check_in_time(dossier, received_at or now)
    told = calls.definition(dossier.call)
    asked = next((s for s in told.sign_offs if s.key == kind), None)
    if asked is None:
        raise NotFound
    wrong: dict[str, tuple[Refusal, ...]] = {}
    if not name.strip():
        wrong["name"] = (Refusal(N_("Give the person's name.")),)
    if not mailing.is_address(email.strip()):
        wrong["email"] = (Refusal(N_("Give an e-mail address, such as name@example.org.")),)
    if wrong:
        raise InvalidInput(wrong)
    code = new_code()
    session.add(
        SignOff(dossier_id=dossier.id, kind=kind, name=name.strip(), email=email.strip(), code_sha256=_digest(code),
                asked_at=now, asked_by=actor.person)
    )  # fmt: skip
    _note(session, dossier, "ask_sign_off", kind, now, actor_id=actor.account_id)
    mailing.queue_mail(
        session, email.strip(), language=dossier.language, template="sign_off",
        context={
            "name": name.strip(), "city": dossier.lead_city, "reference": dossier.reference,
            "call": told.title.of(dossier.language), "asker": actor.name, "kind": kind,
            "sign_off": asked.label.of(dossier.language),
            "path": f"/sign-off/{code}", "demonstration": dossier.call.demonstration,
            "test": dossier.call.test,
        },
        now=now,
    )  # fmt: skip
    return code


def open_request(session: Session, code: str) -> tuple[SignOff, Dossier]:
    """The request that the code opens. Raises NotFound for a wrong code or one that a newer request replaced."""
    found = session.scalar(sa.select(SignOff).where(SignOff.code_sha256 == _digest(code)))
    newest = dossiers.latest_sign_offs(session, found.dossier_id).get(found.kind) if found else None
    if found is None or newest is not found:
        raise NotFound
    return found, session.get_one(Dossier, found.dossier_id)


def answer(
    session: Session, code: str, *, given: bool, reason: str, now: datetime, received_at: datetime | None = None
) -> SignOff:
    """Give or decline the sign-off of the content as it stands; declining needs a reason. Answered once. Raises
    NotFound, Refused, InvalidInput."""
    found, dossier = open_request(session, code)
    lock(session, dossier, None)
    session.refresh(found)  # it may have been answered while this waited
    if found.answered_at is not None:
        raise Refused([Refusal(N_("This request was answered on %(instant)s."), {"instant": found.answered_at})])
    if dossier.state not in ("draft", "returned"):
        raise Refused([Refusal(N_("The file is no longer open for a sign-off."))])
    rights.check_in_time(dossier, received_at or now)
    if not given and not reason.strip():
        raise InvalidInput({"reason": (Refusal(N_("Give the reason."), target="reason"),)})
    found.answered_at, found.given, found.reason = now, given, reason.strip() or None
    found.content_sha256 = content.content_sha256(session, dossier)
    what = "sign_off" if given else "decline_sign_off"
    _note(
        session, dossier, what, found.kind, now, reason=reason.strip(), content_sha256=found.content_sha256
    )  # fmt: skip
    _tell(session, dossier, found, now)
    return found


def _tell(session: Session, dossier: Dossier, answered: SignOff, now: datetime) -> None:
    """The leads learn of the answer by mail: a refusal must not wait until somebody looks."""
    told = calls.definition(dossier.call)
    label = told.sign_off(answered.kind).label
    context = {
        "path": f"/dossiers/{dossier.id}/sections", "city": dossier.lead_city, "reference": dossier.reference,
        "who": answered.name, "given": answered.given, "reason": answered.reason or "",
        "demonstration": dossier.call.demonstration, "test": dossier.call.test,
    }  # fmt: skip
    for membership in dossier.memberships:
        if membership.role == Role.LEAD and membership.ended_at is None:
            account = membership.account
            mailing.queue_mail(
                session, account, account.language, "sign_off_answer",
                {**context, "name": account.name, "sign_off": label.of(account.language)}, now=now,
            )  # fmt: skip


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _note(
    session: Session, dossier: Dossier, act: str, kind: str, now: datetime, *, actor_id: UUID | None = None,
    reason: str = "", **payload: str,
) -> None:  # fmt: skip
    more = {} if kind == MAYOR else {"sign_off": kind}
    journal.append(session, dossier.id, act, actor_id=actor_id, now=now, reason=reason, payload={**payload, **more})
