"""The second factor before an act that weighs: asked on the act's own form, so that nothing typed is lost; and at the
sign-in, on a page of its own.

`asked()` is what `account/second_factor_field.html` shows; `is_shown(form)` is what a view asks before it acts.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app, g
from flask_babel import gettext as _
from flask_babel import ngettext

from rvc_portal.gateways import network, one_time_codes
from rvc_portal.models.account import Account
from rvc_portal.models.base import db
from rvc_portal.queries import second_factor as query
from rvc_portal.services import second_factor
from rvc_portal.web.session import now, sign_in_id
from rvc_portal.web.throttle import PER_PAIR, TooManyAttempts, attempt


@dataclass(frozen=True)
class Asked:
    """`needed`: a code is asked for now; `enrolled`: there is an app to show one; `example`: as `example()` tells it;
    `holds_until`: none is asked for before, since one was shown a few minutes ago."""

    needed: bool
    enrolled: bool
    example: str | None = None
    holds_until: datetime | None = None


def asked() -> Asked:
    """Whether this browser's person is asked for the second factor now: unless it was shown a few minutes ago."""
    found = query.of(db.session(), g.account.id)
    if found is None or found.secret is None:
        return Asked(needed=True, enrolled=False)
    shown = query.shown_at(db.session(), sign_in_id())
    until = shown + timedelta(minutes=network.minutes("second_factor")) if shown else None
    fresh = until is not None and now() < until
    return Asked(not fresh, True, example(g.account), until if fresh else None)


def is_shown(form: Any) -> bool:
    """Whether the second factor was shown a few minutes ago, or with this form; else the form's `code` says why not. What
    was counted or used up stays so, whatever becomes of the act."""
    found = asked()
    if not found.needed:
        return True
    typed = (form.code.data or "").strip()
    if not found.enrolled:
        form.code.errors = [_("Set up your second factor first.")]
    elif not typed:
        form.code.errors = [_("Write the code that your app shows now.")]
    elif error := _wrong(g.account, typed, second_factor.show):
        form.code.errors = [error]
    return not form.code.errors


def lets_in(form: Any) -> bool:
    """Whether the code of the form completes the sign-in that has shown its password; else the form's `code` says why
    not. What was counted or used up stays so."""
    typed = (form.code.data or "").strip()
    error = _wrong(g.halfway, typed, second_factor.let_in) if typed else _("Write the code that your app shows now.")
    form.code.errors = [error] if error else []
    return not error


def example(account: Account) -> str | None:
    """The person's next code, as a sentence of a demonstration; None elsewhere."""
    found = query.of(db.session(), account.id) if tells() else None
    return told(found.secret, found.last_number) if found and found.secret else None


def told(secret: str, last_number: int | None = None) -> str:
    """The next code of a secret, in a sentence: nobody has an app with those of a demonstration."""
    code = one_time_codes.code(key(), secret, now(), last_number)
    if not code:
        return _("Demonstration: the next code comes within half a minute; reload the page then.")
    return _("Demonstration: the code is %(code)s.", code=code)


def key() -> str:
    """What secrets are encrypted under."""
    return str(current_app.extensions["rvc"].settings.secret_key)


def tells() -> bool:
    """Whether the portal itself tells the codes: it is a demonstration."""
    return bool(current_app.extensions["rvc"].settings.demonstration)


def too_many(error: TooManyAttempts) -> str:
    """How long to wait, in a sentence beside the field."""
    minutes = math.ceil(max(1.0, (error.until - now()).total_seconds()) / 60)
    wait = ngettext(
        "Too many wrong codes. Try again in one minute.", "Too many wrong codes. Try again in %(num)s minutes.", minutes
    )
    return f"{wait} {_helped()}"


def not_right(left: int) -> str:
    """That the code is wrong, and how many more may be before none is taken for a while."""
    wrong = _("This code is not right, or was used already. The app shows a new one every half minute.")
    minutes = int(PER_PAIR.within.total_seconds() // 60)
    if left:
        more = ngettext(
            "%(num)s attempt is left; after that no code is taken for %(minutes)s minutes.",
            "%(num)s attempts are left; after that no code is taken for %(minutes)s minutes.", left, minutes=minutes,
        )  # fmt: skip
        return f"{wrong} {more}"
    last = _("That was the last attempt: no code is taken for up to %(minutes)s minutes.", minutes=minutes)
    return f"{wrong} {last} {_helped()}"


def _helped() -> str:
    return _(
        "Nothing is lost meanwhile. If you have no right code any more, not even a recovery code, ask the Secretariat: "
        "it makes sure that it is you and takes the second factor away."
    )


def _wrong(account: Account, typed: str, take: Callable[..., bool]) -> str | None:
    """What is wrong with the code, None if `take` (of services.second_factor) has taken it."""
    try:
        with attempt("second-factor", account.email) as made:
            if not take(db.session(), account, typed, key=key(), sign_in_id=sign_in_id(), now=now()):
                return not_right(made.left)
            made.succeeded()
    except TooManyAttempts as error:
        return too_many(error)
    db.session.commit()
    return None
