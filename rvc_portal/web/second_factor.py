"""The second factor before an act that weighs: asked on the act's own form, so that nothing typed is lost.

`asked()` is what `account/second_factor_field.html` shows; `is_shown(form)` is what a view asks before it acts.
"""

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app, g
from flask_babel import gettext as _
from flask_babel import ngettext

from rvc_portal.gateways import network, one_time_codes
from rvc_portal.models.base import db
from rvc_portal.queries import second_factor as query
from rvc_portal.services import second_factor
from rvc_portal.web.session import now, sign_in_id
from rvc_portal.web.throttle import TooManyAttempts, attempt


@dataclass(frozen=True)
class Asked:
    """`needed`: a code is asked for now; `enrolled`: there is an app to show one; `example`: the code itself, in a
    demonstration alone."""

    needed: bool
    enrolled: bool
    example: str | None = None


def asked() -> Asked:
    """Whether this browser's person is asked for the second factor now: unless it was shown a few minutes ago."""
    found = query.of(db.session(), g.account.id)
    if found is None or found.secret is None:
        return Asked(needed=True, enrolled=False)
    shown = query.shown_at(db.session(), sign_in_id())
    fresh = shown is not None and now() - shown < timedelta(minutes=network.minutes("second_factor"))
    example = one_time_codes.code(key(), found.secret, now(), found.last_number) if tells() else None
    return Asked(not fresh, True, example)


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
    elif error := _wrong(typed):
        form.code.errors = [error]
    return not form.code.errors


def key() -> str:
    """What secrets are encrypted under."""
    return str(current_app.extensions["rvc"].settings.secret_key)


def tells() -> bool:
    """Whether the portal itself tells the codes: it is a demonstration, and nobody has an app with its secret."""
    return bool(current_app.extensions["rvc"].settings.demonstration)


def too_many(error: TooManyAttempts) -> str:
    """How long to wait, in a sentence beside the field."""
    minutes = math.ceil(max(1.0, (error.until - now()).total_seconds()) / 60)
    return ngettext(
        "Too many wrong codes. Try again in one minute.", "Too many wrong codes. Try again in %(num)s minutes.", minutes
    )


def _wrong(typed: str) -> str | None:
    """What is wrong with the code, None if it was taken."""
    account = g.account
    try:
        with attempt("second-factor", account.email) as made:
            if not second_factor.show(db.session(), account, typed, key=key(), sign_in_id=sign_in_id(), now=now()):
                return _("This code is not right, or was used already. The app shows a new one every half minute.")
            made.succeeded()
    except TooManyAttempts as error:
        return too_many(error)
    db.session.commit()
    return None
