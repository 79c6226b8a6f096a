"""The second factor: enrolled by its owner with a first code, shown before acts that weigh, taken away by somebody else
when it is lost. Each change stands in the journal of the person (the chain of the account's id) and is told by mail."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor, Scope
from rvc_portal.domain.errors import InvalidInput, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Role
from rvc_portal.gateways import one_time_codes
from rvc_portal.models.account import Account, SignInSession
from rvc_portal.models.base import new_id
from rvc_portal.models.second_factor import RecoveryCode, SecondFactor
from rvc_portal.queries import second_factor as query
from rvc_portal.services import accounts, journal
from rvc_portal.services.mailing import queue_mail

CODES = 10
"""Recovery codes that are given at a time."""


def begin(session: Session, account: Account, *, key: str, known: str | None = None) -> None:
    """Make a secret that waits for its first code; the one in use, if there is one, stays in use until then. `key`: the
    instance's; `known`: this secret (base32), for demonstrations and tests."""
    _hold(session, account)
    found = query.of(session, account.id)
    if found is None:
        found = SecondFactor(account_id=account.id)
        session.add(found)
    found.pending = one_time_codes.new_secret(key, known)
    session.flush()


def enrol(
    session: Session, account: Account, code: str, *, key: str, now: datetime, sign_in_id: UUID | None = None
) -> list[str]:  # fmt: skip
    """Take the waiting secret into use, since its first code was shown; the recovery codes that come with it, told this
    once. Every browser signs out but the one of `sign_in_id`. Raises InvalidInput for another code, Refused where no
    secret waits."""
    _hold(session, account)
    found = query.of(session, account.id, hold=True)
    if found is None or found.pending is None:
        raise Refused([Refusal(N_("Nothing waits to be set up. Begin again."))])
    number = one_time_codes.matched(key, found.pending, _digits(code), now, None)
    if number is None:
        raise InvalidInput({"code": (Refusal(N_("This is not the code that the app shows now."), target="code"),)})
    found.secret, found.pending, found.last_number, found.enrolled_at = found.pending, None, number, now
    accounts.end_all_sessions(session, account, now, but=sign_in_id)
    _note(session, account, "enrol_second_factor", actor_id=account.id, now=now)
    return _new_codes(session, account)


def show(session: Session, account: Account, code: str, *, key: str, sign_in_id: UUID, now: datetime) -> bool:
    """Whether `code` is the app's, or an unused recovery code; if so, this browser has shown it before an act now. A code
    counts once: the caller commits, whatever becomes of the act that it was asked for."""
    taken = _take(session, account, code, key, now)
    if taken:
        session.execute(sa.update(SignInSession).where(SignInSession.id == sign_in_id).values(second_factor_at=now))
    return taken


def let_in(session: Session, account: Account, code: str, *, key: str, sign_in_id: UUID, now: datetime) -> bool:
    """The same at the sign-in, which is complete then; before an act the second factor is asked for again."""
    taken = _take(session, account, code, key, now)
    if taken:
        session.execute(sa.update(SignInSession).where(SignInSession.id == sign_in_id).values(completed_at=now))
    return taken


def renew_codes(session: Session, account: Account, *, now: datetime) -> list[str]:
    """New recovery codes in the place of all earlier ones, told this once. Raises Refused without a second factor."""
    _hold(session, account)
    found = query.of(session, account.id)
    if found is None or found.secret is None:
        raise Refused([Refusal(N_("Set up your second factor first."))])
    _note(session, account, "renew_recovery_codes", actor_id=account.id, now=now)
    return _new_codes(session, account)


def remove(session: Session, account: Account, *, actor: Actor, now: datetime) -> None:
    """Its owner, who has shown it, does without from now on. Raises Refused where a role of theirs needs it, and where
    there is none."""
    if query.is_required(actor):
        raise Refused([Refusal(N_("Your role needs a second factor: it can be changed to another app, not removed."))])
    if not query.is_enrolled(session, account.id):
        raise Refused([Refusal(N_("Set up your second factor first."))])
    _forget(session, account)
    _note(session, account, "remove_second_factor", actor_id=account.id, now=now)


def reset(session: Session, account: Account, *, reason: str, actor: Actor, now: datetime) -> None:
    """Take a lost second factor away, so that its owner can set up another; every browser of theirs signs out. Raises
    Refused for one's own and without the role over everything, InvalidInput without a reason."""
    if not any(grant.role in (Role.SECRETARIAT, Role.ADMIN) and grant.scope == Scope() for grant in actor.grants):
        raise Refused([Refusal(N_("Your role does not allow this."))])
    if actor.account_id == account.id:
        raise Refused([Refusal(N_("Nobody takes away their own second factor: somebody else has to do it."))])
    if not reason.strip():
        raise InvalidInput({"reason": (Refusal(N_("Give the reason."), target="reason"),)})
    _forget(session, account)
    accounts.end_all_sessions(session, account, now)
    _note(session, account, "reset_second_factor", actor_id=actor.account_id, now=now, reason=reason.strip())


def _forget(session: Session, account: Account) -> None:
    _hold(session, account)
    session.execute(sa.delete(SecondFactor).where(SecondFactor.account_id == account.id))
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.account_id == account.id))


def _take(session: Session, account: Account, code: str, key: str, now: datetime) -> bool:
    """Use the code up, if it is one."""
    found = query.of(session, account.id, hold=True)
    if found is None or found.secret is None:
        return False
    number = one_time_codes.matched(key, found.secret, _digits(code), now, found.last_number)
    if number is None:
        return _use_recovery_code(session, account, code, now)
    found.last_number = number
    return True


def _use_recovery_code(session: Session, account: Account, code: str, now: datetime) -> bool:
    used = session.execute(
        sa.update(RecoveryCode)
        .where(RecoveryCode.account_id == account.id, RecoveryCode.digest == _digest(account, code),
               RecoveryCode.used_at.is_(None))
        .values(used_at=now)
    )  # fmt: skip
    if not used.rowcount:  # type: ignore[attr-defined]
        return False
    _hold(session, account)
    left = query.codes_left(session, account.id)
    _note(session, account, "use_recovery_code", actor_id=account.id, now=now, told={"left": left})
    return True


def _new_codes(session: Session, account: Account) -> list[str]:
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    codes = one_time_codes.recovery_codes(CODES)
    session.add_all(RecoveryCode(id=new_id(), account_id=account.id, digest=_digest(account, code)) for code in codes)
    session.flush()
    return codes


def _note(
    session: Session, account: Account, act: str, *, actor_id: UUID | None, now: datetime, reason: str = "",
    told: Mapping[str, int] | None = None,
) -> None:  # fmt: skip
    """Into the journal, and to the owner by mail: a change that they did not make has to come to their eyes."""
    journal.append(session, account.id, act, actor_id=actor_id, now=now, reason=reason)
    context = {"name": account.name, "act": act, "at": now.isoformat(), "reason": reason, "path": "/second-factor"}
    queue_mail(session, account, account.language, "second_factor", {**context, **(told or {"left": 0})}, now=now)


def _hold(session: Session, account: Account) -> None:
    """One act at a time on a person's second factor, and on the chain of its journal."""
    session.flush()
    session.execute(sa.select(Account.id).where(Account.id == account.id).with_for_update(key_share=True))


def _digits(code: str) -> str:
    return "".join(code.split())


def _digest(account: Account, code: str) -> str:
    """Of a code as it may be typed: in small letters, with or without its strokes. A code has 79 bits of chance, so that a
    quick digest is as good as a slow one."""
    plain = "".join(c for c in code.upper() if c.isalnum())
    return hashlib.sha256(f"{account.id}:{plain}".encode()).hexdigest()
