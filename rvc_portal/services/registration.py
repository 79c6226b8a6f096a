"""A stranger makes an account. Its address is confirmed by whoever has both its mail and its password.

What the caller is told never depends on whether an address has an account; what its owner is mailed does.
"""

from datetime import datetime, timedelta
from urllib.parse import quote

from flask_security.proxies import _security
from itsdangerous import BadData
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal
from rvc_portal.domain.vocabulary import N_
from rvc_portal.models.account import Account
from rvc_portal.queries import accounts as query
from rvc_portal.services import accounts, mailing

VALID_FOR = timedelta(hours=24)
"""How long the link of the mail works."""


def register(
    session: Session, *, email: str, name: str, language: str, password: str, now: datetime, going_on: str = ""
) -> None:
    """Make an account and mail the link that confirms its address; an address whose account is in use gets a mail that
    says so. Registered again before it was confirmed, the latest name and password count, and what was mailed before is
    void. `going_on`: the path of the page to come back to."""
    kept = accounts.hashed(password)  # whether it is needed or not: the time that it takes must tell nothing
    found = query.by_email(session, email, hold=True)
    if found is None or accounts.is_unclaimed(found):
        try:
            with session.begin_nested():
                found = accounts.register(
                    session, found, email=email, name=name, language=language, password=kept, now=now
                )
        except IntegrityError:
            return  # registered at this very moment by another request, which sends the mail
    _send(session, found, now, going_on)


def send_again(session: Session, email: str, *, now: datetime, going_on: str = "") -> None:
    """Mail the link once more, where there is an account."""
    found = query.by_email(session, email)
    if found is not None:
        _send(session, found, now, going_on)


def open_link(session: Session, token: str, now: datetime, *, hold: bool = False) -> Account:
    """The account that the link of a mail speaks of, confirmed or not; `hold`: until the commit. Raises NotFound for a
    link that is broken, too old, or void since the account was registered again or got another password."""
    try:
        unique, sent_at = _security.confirm_serializer.loads(token)
    except BadData:
        raise NotFound from None
    found = query.by_uniquifier(session, unique, hold=hold)
    if found is None or not found.active or now >= datetime.fromisoformat(sent_at) + VALID_FOR:
        raise NotFound
    return found


def confirm(session: Session, token: str, *, password: str, signed_in: Account | None, now: datetime) -> Account:
    """Confirm the address by the mail's link and the password; whoever is signed in to this account has given it
    already. Done twice, it is done once. Raises NotFound as `open_link` does, InvalidInput for another password."""
    account = open_link(session, token, now, hold=True)
    if signed_in is not account and not account.verify_and_update_password(_security.password_util.normalize(password)):
        raise InvalidInput({"password": (Refusal(N_("This is not the password that was chosen for the account.")),)})
    accounts.confirm(account, now)
    return account


def _send(session: Session, account: Account, now: datetime, going_on: str) -> None:
    if not account.active:
        return
    further = f"?next={quote(going_on)}" if going_on else ""
    if account.confirmed_at is not None:
        context = {"name": account.name, "path": f"/sign-in{further}"}
        mailing.queue_mail(session, account, account.language, "has_account", context, now=now)
        return
    token = _security.confirm_serializer.dumps([account.fs_uniquifier, now.isoformat()])
    context = {"name": account.name, "path": f"/confirm/{token}{further}", "until": (now + VALID_FOR).isoformat()}
    mailing.queue_mail(session, account, account.language, "confirm", context, now=now)
