"""The mayor's sign-off: asked for by mail, given or declined on a page that the mail's code opens."""

import hashlib
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Permission
from rvc_portal.models.base import new_code
from rvc_portal.models.dossier import Dossier, SignOff
from rvc_portal.queries import calls, content, dossiers
from rvc_portal.services import journal, mailing, rights
from rvc_portal.services.transitions import lock


def ask(
    session: Session, dossier: Dossier, *, name: str, email: str, actor: Actor, now: datetime,
    received_at: datetime | None = None,
) -> str:  # fmt: skip
    """Ask the mayor (`name`, `email`) by mail; return the code that the mail's link carries. An earlier request lapses.
    Raises InvalidInput for an empty name or an address that is none."""
    rights.require(session, actor, dossier, Permission.WRITE)
    lock(session, dossier, None)
    rights.check_in_time(dossier, received_at or now)
    wrong: dict[str, tuple[Refusal, ...]] = {}
    if not name.strip():
        wrong["name"] = (Refusal(N_("Give the mayor's name.")),)
    if "@" not in email or len(email) > 254 or any(c.isspace() for c in email.strip()):
        wrong["email"] = (Refusal(N_("Give an e-mail address, such as name@example.org.")),)
    if wrong:
        raise InvalidInput(wrong)
    code = new_code()
    session.add(
        SignOff(dossier_id=dossier.id, name=name.strip(), email=email.strip(), code_sha256=_digest(code), asked_at=now,
                asked_by=actor.person)
    )  # fmt: skip
    journal.append(session, dossier.id, "ask_sign_off", actor_id=actor.account_id, now=now)
    mailing.queue_mail(
        session, email.strip(), language=dossier.language, template="sign_off",
        context={
            "name": name.strip(), "city": dossier.lead_city, "reference": dossier.reference,
            "call": calls.definition(dossier.call).title.of(dossier.language), "asker": actor.name,
            "path": f"/sign-off/{code}", "demonstration": dossier.call.demonstration,
            "test": dossier.call.test,
        },
        now=now,
    )  # fmt: skip
    return code


def open_request(session: Session, code: str) -> tuple[SignOff, Dossier]:
    """The request that the code opens. Raises NotFound for a wrong code or one that a newer request replaced."""
    found = session.scalar(sa.select(SignOff).where(SignOff.code_sha256 == _digest(code)))
    newest = dossiers.latest_sign_off(session, found.dossier_id) if found else None
    if found is None or newest is not found:
        raise NotFound
    return found, session.get_one(Dossier, found.dossier_id)


def answer(
    session: Session, code: str, *, given: bool, reason: str, now: datetime, received_at: datetime | None = None
) -> SignOff:
    """The mayor gives or declines the sign-off of the content as it stands; declining needs a reason. Answered once.
    Raises NotFound, Refused."""
    found, dossier = open_request(session, code)
    lock(session, dossier, None)
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
    payload = {"content_sha256": found.content_sha256}
    journal.append(session, dossier.id, what, actor_id=None, now=now, reason=reason.strip(), payload=payload)
    return found


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
