"""People: accounts, the roles granted to them, the seats they act for, and how they sign in."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from flask_security import hash_password
from flask_security.proxies import _security
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Scope
from rvc_portal.domain.errors import InvalidInput, Refusal
from rvc_portal.domain.vocabulary import N_, Role, SeatKind
from rvc_portal.models.account import Account, RoleGrant, SignInAttempt, SignInSession
from rvc_portal.models.base import new_code, new_id
from rvc_portal.models.seat import Seat, SeatHolder
from rvc_portal.queries import accounts as query

EVERYWHERE = Scope()
LONGEST_WINDOW = timedelta(days=1)
"""No limit looks back further than this."""


def create_account(
    session: Session, *, email: str, name: str, now: datetime, language: str = "en", password: str | None = None
) -> Account:
    """Add an account whose address somebody vouches for; without a password its owner sets one by the link for a
    forgotten password. What a stranger has registered for the address and never confirmed is taken over.

    Needs an application context for the password's hash. Raises InvalidInput if the address is taken.
    """
    found = query.by_email(session, email, hold=True)
    if found is not None and not is_unclaimed(found):
        raise InvalidInput({"email": (Refusal(N_("There is an account with this address already.")),)})
    account = found or _new(email, now)
    _claim(session, account, name=name, language=language, password=hashed(password) if password else None, now=now)
    account.confirmed_at = now
    session.flush()
    return account


def register(
    session: Session, found: Account | None, *, email: str, name: str, language: str, password: str, now: datetime
) -> Account:
    """Add an account whose address is still to be confirmed, or write it anew in `found`, one that never was: what was
    registered before, its password, links and sessions, is void. `password`: as `hashed` gives it."""
    account = found or _new(email, now)
    _claim(session, account, name=name, language=language, password=password, now=now)
    return account


def confirm(account: Account, now: datetime) -> None:
    """The person has shown that the address is theirs; once shown it stays so."""
    account.confirmed_at = account.confirmed_at or now


def is_unclaimed(account: Account) -> bool:
    """Whether nobody has shown yet that the address is theirs."""
    return account.active and account.confirmed_at is None


def hashed(password: str) -> str:
    """A password as it is kept, whichever way its accents were typed. Slow by design."""
    return str(hash_password(_security.password_util.normalize(password)))


def _new(email: str, now: datetime) -> Account:
    return Account(id=new_id(), email=email.strip().lower(), active=True, created_at=now)


def _claim(
    session: Session, account: Account, *, name: str, language: str, password: str | None, now: datetime
) -> None:
    account.name, account.language, account.password = name.strip(), language, password
    account.fs_uniquifier = new_code()
    session.add(account)
    session.flush()
    end_all_sessions(session, account, now)


def grant_role(
    session: Session, account: Account, role: Role, *, now: datetime, scope: Scope = EVERYWHERE
) -> RoleGrant:
    """Give the person a role within a scope, from now on."""
    grant = RoleGrant(
        id=new_id(),
        account_id=account.id,
        role=role,
        call_id=scope.call_id,
        field=scope.field,
        country=scope.country,
        city=scope.city,
        from_at=now,
    )
    session.add(grant)
    session.flush()
    return grant


def create_seat(
    session: Session,
    *,
    kind: SeatKind,
    name: str,
    field: str | None = None,
    country: str | None = None,
    city: str | None = None,
    member_id: UUID | None = None,
) -> Seat:
    """Add a seat; nobody acts for it yet."""
    seat = Seat(id=new_id(), kind=kind, name=name, field=field, country=country, city=city, member_id=member_id)
    session.add(seat)
    session.flush()
    return seat


def give_seat(session: Session, seat: Seat, account: Account, *, now: datetime) -> SeatHolder:
    """Let the person act for the seat, from now on, beside whoever does already."""
    holder = SeatHolder(id=new_id(), seat_id=seat.id, account_id=account.id, from_at=now)
    session.add(holder)
    session.flush()
    return holder


def change_profile(account: Account, *, name: str | None = None, language: str | None = None) -> None:
    """Set the person's name or language; None leaves it. Raises InvalidInput for an empty name."""
    if name is not None:
        if not name.strip():
            raise InvalidInput({"name": (Refusal(N_("Write your name.")),)})
        account.name = name.strip()
    if language is not None:
        account.language = language


def start_session(session: Session, account: Account, now: datetime, *, complete: bool = True) -> SignInSession:
    """A browser signs in; not `complete`: the second factor is still to be shown (services.second_factor.let_in)."""
    completed_at = now if complete else None
    row = SignInSession(id=new_id(), account_id=account.id, started_at=now, completed_at=completed_at)
    session.add(row)
    session.flush()
    return row


def end_session(session: Session, session_id: UUID, now: datetime) -> None:
    """This browser signs out; ending twice changes nothing."""
    session.execute(
        sa.update(SignInSession)
        .where(SignInSession.id == session_id, SignInSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def end_all_sessions(session: Session, account: Account, now: datetime, *, but: UUID | None = None) -> None:
    """Every browser of the person signs out: a password changed, an account closed. `but`: the one at hand stays."""
    theirs = [SignInSession.account_id == account.id, SignInSession.ended_at.is_(None)]
    if but is not None:
        theirs.append(SignInSession.id != but)
    session.execute(sa.update(SignInSession).where(*theirs).values(ended_at=now))


@dataclass(frozen=True)
class Limit:
    """How many attempts one key may make within the window."""

    attempts: int
    within: timedelta


@dataclass(frozen=True)
class Key:
    """What attempts are counted by, and how many it may make. `digest` tells nothing to who reads the table."""

    digest: str
    limit: Limit


def key(secret: str, kind: str, value: str, limit: Limit) -> Key:
    """The key of one account or address under the instance's secret."""
    text = f"{kind}:{value.strip().lower()}".encode()
    return Key(hmac.new(secret.encode(), text, hashlib.sha256).hexdigest(), limit)


@dataclass(frozen=True)
class Noted:
    """An attempt that was counted, or refused until an instant. `left`: how many more may be made before one is refused."""

    ids: tuple[int, ...] = ()
    refused_until: datetime | None = None
    left: int = 0


def note_attempt(session: Session, keys: Iterable[Key], now: datetime) -> Noted:
    """Count an attempt before it is made, unless one of its keys has made too many.

    The caller commits before it goes on, so that attempts made at the same time see each other, whatever the worker.
    A refused attempt is not counted: who waits as told gets in.
    """
    keys = sorted(keys, key=lambda k: k.digest)
    _one_at_a_time(session, keys)
    waits = [until for k in keys if (until := _blocked_until(session, k, now))]
    if waits:
        return Noted(refused_until=max(waits))
    rows = [SignInAttempt(key=k.digest, at=now) for k in keys]
    session.add_all(rows)
    session.flush()
    return Noted(tuple(row.id for row in rows), left=min(k.limit.attempts - _made(session, k) for k in keys))


def forgive_attempt(session: Session, noted: Noted) -> None:
    """The attempt succeeded: it does not count."""
    session.execute(sa.delete(SignInAttempt).where(SignInAttempt.id.in_(noted.ids)))


def forget_attempts(session: Session, key: Key) -> None:
    """The owner of the account is there: what was counted against it is void."""
    session.execute(sa.delete(SignInAttempt).where(SignInAttempt.key == key.digest))


def forget_old_attempts(session: Session, now: datetime) -> None:
    """Attempts that no limit counts any more: most addresses come once, and would be kept for ever."""
    session.execute(sa.delete(SignInAttempt).where(SignInAttempt.at <= now - LONGEST_WINDOW))


def _one_at_a_time(session: Session, keys: Iterable[Key]) -> None:
    """Hold up other counts of these keys until the commit. SQLite's writers queue as it is; PostgreSQL's would each
    count without the others' rows. Locks are taken in one order, so that two attempts never wait for each other."""
    if session.get_bind().dialect.name == "postgresql":
        for k in keys:
            session.execute(sa.select(sa.func.pg_advisory_xact_lock(int(k.digest[:15], 16))))


def _made(session: Session, key: Key) -> int:
    """How many attempts count against the key; those before its window are cleared away by `_blocked_until`."""
    query = sa.select(sa.func.count()).where(SignInAttempt.key == key.digest)
    return session.scalar(query) or 0


def _blocked_until(session: Session, key: Key, now: datetime) -> datetime | None:
    since = now - key.limit.within
    session.execute(sa.delete(SignInAttempt).where(SignInAttempt.key == key.digest, SignInAttempt.at <= since))
    latest = session.scalars(
        sa.select(SignInAttempt.at)
        .where(SignInAttempt.key == key.digest)
        .order_by(SignInAttempt.at.desc())
        .limit(key.limit.attempts)
    ).all()
    return latest[-1] + key.limit.within if len(latest) >= key.limit.attempts else None
