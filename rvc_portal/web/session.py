"""Who asks, and when: the signed-in person of this request and the only clock of the web.

`g.actor` is the domain's Actor, None while nobody is signed in; `g.account` is the row behind it. Both are loaded once
per request, in three queries (in one on a page that asks again and again). Between the password and the code of a second
factor both are None and the row is
`g.halfway`, which has no rights at all (`g.halfway_until`: when the password is asked for again). The cookie carries the
id of a SignInSession row and when it was last used; the row ends the session everywhere, whatever cookie is still about.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Flask, current_app, g, request, session
from flask_login import user_logged_in, user_logged_out

from rvc_portal.domain.actor import Actor
from rvc_portal.gateways import network
from rvc_portal.models.account import Account
from rvc_portal.models.base import db
from rvc_portal.models.engine import read_one_by_one
from rvc_portal.queries import accounts as query
from rvc_portal.queries import second_factor
from rvc_portal.services import accounts

LONGEST = timedelta(hours=12)
IDLE = timedelta(hours=2)
# The time of last use is written into the cookie no more often than this: not every page needs a new cookie.
NOTED_EVERY = timedelta(minutes=1)

SIGN_IN, SEEN, LANGUAGE = "sign_in", "seen", "language"

BY_ITSELF = frozenset({"answering.present", "account.session_state", "pieces.figure", "sittings.papers"})
"""Endpoints that a page calls on its own: nobody is at work only because a page stands open."""

FOLLOWED = frozenset({"sittings.live", "floor.live"})
"""The same where the page is followed by somebody who sits and listens: they are at work, but no page reads its words."""

WITHOUT_PERSON = frozenset({"static", "home.health"})
"""Endpoints that never ask who is there."""


class SignInNeeded(Exception):
    """Somebody unknown asked for what only a signed-in person gets."""


class ConfirmationNeeded(Exception):
    """Somebody whose address is not confirmed yet asked for what only a known person gets."""


class FactorNeeded(Exception):
    """Somebody whose role needs a second factor has none yet, and asked for more than to set it up."""


def now() -> datetime:
    """The instant of this request's act, aware, UTC. Tests set `app.config["CLOCK"]`."""
    at: datetime = current_app.config["CLOCK"]()
    return at


def arrived_at() -> datetime:
    """When this request came in, however long it waited since: what counts for a deadline."""
    at: datetime = g.arrived_at
    return at


def actor() -> Actor:
    """The signed-in person. Raises as `confirmed` does, and FactorNeeded where their role needs a second factor first:
    whatever asks for a person asks here, so nobody else gets anywhere."""
    found = confirmed()
    if not g.enrolled and second_factor.is_required(found):
        raise FactorNeeded
    return found


def confirmed() -> Actor:
    """The signed-in person. Raises SignInNeeded when there is none, ConfirmationNeeded before the address is confirmed."""
    found = newcomer()
    if g.account.confirmed_at is None:
        raise ConfirmationNeeded
    return found


def newcomer() -> Actor:
    """The signed-in person, whether the address is confirmed or not. Raises SignInNeeded when there is none."""
    identify()
    if g.actor is None:
        raise SignInNeeded
    found: Actor = g.actor
    return found


def sign_in_id() -> UUID:
    """The session of this browser's person, who is signed in, or half signed in."""
    return UUID(session[SIGN_IN])


def identify() -> None:
    """Set `g.account`, `g.actor` and `g.session_ended` (a session was there and is over), once per request."""
    if "actor" in g:
        return
    g.arrived_at = now()  # before the database is asked: writing requests may wait there for their turn
    g.account = g.actor = g.halfway = None
    g.enrolled = g.session_ended = False
    g.halfway_until = None
    request.form  # noqa: B018  read now what a slow line still sends: a transaction that waits for it would hold up everybody
    sign_in = session.get(SIGN_IN)
    if sign_in is None or request.endpoint in WITHOUT_PERSON:
        return
    rights_at = None
    if request.endpoint in FOLLOWED:
        read_one_by_one(db.session())
        rights_at = now()
    since = now() - LONGEST
    found = query.signed_in(db.session(), UUID(sign_in), since=since, rights_at=rights_at) if _in_use() else None
    if found is None or (found.completed_at is None and now() - found.started_at >= _code_within()):
        _forget()
        g.session_ended = True
        return
    if found.completed_at is None:
        g.halfway, g.halfway_until = found.account, found.started_at + _code_within()
        return
    g.account, g.enrolled = found.account, found.enrolled
    g.actor = query.actor(db.session(), found.account, now(), applies=found.applies, rights=found.rights)
    if request.endpoint not in BY_ITSELF:
        _note_use()


def init_app(app: Flask) -> None:
    """Load the person before each request, and tie the sign-in library's sessions to our rows."""
    app.config.setdefault("CLOCK", lambda: datetime.now(UTC))
    app.before_request(identify)
    user_logged_in.connect(_start, app)
    user_logged_out.connect(_end, app)


def load_account(unique: str) -> Account | None:
    """The sign-in library's question who the cookie's person is: the one of the session, and no other."""
    identify()
    account: Account | None = g.account
    return account if account is not None and account.fs_uniquifier == unique else None


def _code_within() -> timedelta:
    return timedelta(minutes=network.minutes("sign_in_code"))


def _in_use() -> bool:
    return now() - datetime.fromtimestamp(session.get(SEEN, 0), UTC) < IDLE


def _note_use() -> None:
    if now().timestamp() - session.get(SEEN, 0) >= NOTED_EVERY.total_seconds():
        session[SEEN] = int(now().timestamp())


def _forget() -> None:
    """Empty the cookie, but for the reader's language and what the next page has to tell them."""
    kept = {key: session[key] for key in (LANGUAGE, "_flashes") if key in session}
    session.clear()
    session.update(kept)


def _start(sender: Flask, user: Account, **extra: Any) -> None:
    """Whoever has a second factor is only half signed in. An earlier half is void, wherever its cookie is."""
    if g.halfway is not None:
        accounts.end_session(db.session(), sign_in_id(), now())
    halfway = second_factor.is_enrolled(db.session(), user.id)
    row = accounts.start_session(db.session(), user, now(), complete=not halfway)
    session[SIGN_IN], session[SEEN] = row.id.hex, int(now().timestamp())
    session.pop(LANGUAGE, None)
    g.account, g.halfway, g.session_ended = (None, user, False) if halfway else (user, None, False)


def _end(sender: Flask, user: Account, **extra: Any) -> None:
    sign_in = session.get(SIGN_IN)
    if sign_in is not None:
        accounts.end_session(db.session(), UUID(sign_in), now())
    _forget()
    g.account = g.actor = None
