"""Attempts to sign in, to recover a password or to register, counted per account and per address, and per both
together, in rows that all workers share; and questions to a public page that are work to answer, per address.

An attempt is counted and committed before it is made, so that a hundred at the same time count as a hundred; one that
succeeds is taken back. The answer does not depend on whether the account exists.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from flask import current_app, request

from rvc_portal.gateways import network
from rvc_portal.models.base import db
from rvc_portal.services import accounts
from rvc_portal.services.accounts import Limit
from rvc_portal.web.session import now

PER_PAIR = Limit(5, timedelta(minutes=15))
PER_ACCOUNT = Limit(60, timedelta(minutes=15))
PER_ADDRESS = Limit(30, timedelta(minutes=15))
"""An account is tried few times from one address, so that nobody shuts another out by typing wrong passwords elsewhere; and
not often from all addresses together."""


class TooManyAttempts(Exception):
    """Not now: the next attempt is allowed at `until`."""

    def __init__(self, until: datetime):
        super().__init__(until.isoformat())
        self.until = until


class Attempt:
    """One attempt under way; say `succeeded()` and it does not count."""

    def __init__(self, noted: accounts.Noted, of_pair: accounts.Key):
        self._noted = noted
        self._of_pair = of_pair

    @property
    def left(self) -> int:
        """How many more may fail before one is refused."""
        return self._noted.left

    def succeeded(self) -> None:
        """Take the attempt back, and with it what was counted against the account from here."""
        accounts.forgive_attempt(db.session(), self._noted)
        accounts.forget_attempts(db.session(), self._of_pair)


@contextmanager
def attempt(purpose: str, email: str) -> Iterator[Attempt]:
    """Make an attempt of one purpose ("sign-in", "recovery", "registration", "second-factor"). Raises TooManyAttempts
    instead where it is too much."""
    secret = current_app.config["SECRET_KEY"]
    here = request.remote_addr or ""
    of_pair = accounts.key(secret, f"{purpose} pair", f"{email} {here}", PER_PAIR)
    # every other attempt is a mail to the account's address, or a code of six digits: few are enough, whoever makes them
    of_account = accounts.key(secret, f"{purpose} account", email, PER_ACCOUNT if purpose == "sign-in" else PER_PAIR)
    of_address = accounts.key(secret, f"{purpose} address", here, PER_ADDRESS)
    yield Attempt(_counted(of_pair, of_account, of_address), of_pair)


def pace(purpose: str) -> None:
    """Count one question from this address, of those that the network's data limits under this name. Raises TooManyAttempts
    where it is too much."""
    limit = Limit(*network.limit(purpose))
    _counted(accounts.key(current_app.config["SECRET_KEY"], f"{purpose} address", request.remote_addr or "", limit))


def _counted(*keys: accounts.Key) -> accounts.Noted:
    noted = accounts.note_attempt(db.session(), keys, now())
    if noted.refused_until is not None:
        raise TooManyAttempts(noted.refused_until)
    db.session.commit()  # what the others count must not wait for slow work, nor vanish if that ends badly
    return noted
