"""Who may open which route: each view says it once, and `check_routes` refuses an application with a silent one.

`@requires(Permission.X, …)` loads the dossier and decides in one step. It sets

    g.dossier    the row, visible to this person
    g.procedure  its procedure's table
    g.roles      the roles that the person has on it (domain.actor.roles_on)

and takes `dossier_id` out of the view's arguments. Who may not know of the dossier gets the same 404 as for one that
does not exist; who knows of it but lacks every named permission, 403.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask, abort, g

from rvc_portal.domain.errors import NotFound, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Permission, Role
from rvc_portal.models.base import db
from rvc_portal.queries import calls, dossiers, peers
from rvc_portal.web import session
from rvc_portal.web.session import actor

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Access:
    """What a route declares: `kind` is public, newcomer, enrolling, signed_in, role or permission; any one of `any_of`
    opens it."""

    kind: str
    any_of: tuple[str, ...] = ()


PUBLIC = Access("public")
NEWCOMER = Access("newcomer")
ENROLLING = Access("enrolling")
SIGNED_IN = Access("signed_in")

LIBRARY_ROUTES: Mapping[str, Access] = {
    "static": PUBLIC,
    "security.login": PUBLIC,
    "security.logout": PUBLIC,  # by POST alone; signing out without being signed in does nothing
    "security.forgot_password": PUBLIC,
    "security.reset_password": PUBLIC,
}
"""Routes whose views are not ours to decorate."""


def public(view: View) -> View:
    """Open to anybody."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def newcomer(view: View) -> View:
    """Open to every signed-in person, even before the address is confirmed."""
    return _guarded(view, NEWCOMER, lambda arguments: session.newcomer())


def enrolling(view: View) -> View:
    """Open to every signed-in person with a confirmed address, even before the second factor that a role of theirs needs."""
    return _guarded(view, ENROLLING, lambda arguments: session.confirmed())


def signed_in(view: View) -> View:
    """Open to every signed-in person with a confirmed address."""
    return _guarded(view, SIGNED_IN, lambda arguments: actor())


def requires_role(*roles: Role) -> Callable[[View], View]:
    """Open to whom holds one of `roles` in any scope; 403 to others. What they see is narrowed by the queries."""

    def check(arguments: dict[str, Any]) -> None:
        person = actor()
        if not any(person.has(role) for role in roles):
            abort(403)

    return lambda view: _guarded(view, Access("role", tuple(roles)), check)


def requires_role_on_call(*roles: Role) -> Callable[[View], View]:
    """Open to whom holds one of `roles` in the call `key` of the route; sets `g.call` and takes `key` out of the view's
    arguments. 404 for a call that is not there, not opened yet, or out of the role's reach."""

    def check(arguments: dict[str, Any]) -> None:
        person = actor()
        if not any(person.has(role) for role in roles):
            abort(403)
        call = calls.known(db.session, person, arguments.pop("key"))
        if call is None:
            raise NotFound
        if not any(person.has_on_call(role, call.id) for role in roles):
            raise NotFound
        g.call = call
        g.test_call = call.test

    return lambda view: _guarded(view, Access("role", tuple(roles)), check)


def requires(*permissions: Permission, gone: Callable[[UUID], None] | None = None) -> Callable[[View], View]:
    """Open to whom holds one of `permissions` on the dossier `dossier_id` of the route, in its present state. `gone`: may
    say in words (Refused) why the dossier is no longer there, to who knew of it."""

    def check(arguments: dict[str, Any]) -> None:
        dossier_id = arguments.pop("dossier_id")
        try:
            open_dossier(dossier_id)
        except NotFound:
            if gone is not None:
                gone(dossier_id)
            raise
        if not any(may(permission) for permission in permissions):
            abort(403)
        if Permission.SEE_RESULTS in permissions and peers.is_judging(db.session(), actor(), g.dossier):
            raise Refused([Refusal(N_("Your own sheet comes first: close it, and you read what the others gave."))])

    return lambda view: _guarded(view, Access("permission", tuple(permissions)), check)


def open_dossier(dossier_id: UUID) -> None:
    """Set `g.dossier`, `g.procedure` and `g.roles`. Raises SignInNeeded, or NotFound where the person may not know."""
    person = actor()
    found = dossiers.find(db.session(), person, dossier_id)
    if found is None:
        raise NotFound
    g.dossier, g.roles = found
    g.procedure = dossiers.procedure_of(g.dossier)
    if not may(Permission.KNOW):
        raise NotFound
    g.test_call = g.dossier.call.test


def may(permission: Permission) -> bool:
    """Whether the person holds `permission` on the dossier of this request, in its present state."""
    allowed: bool = g.procedure.allows(g.dossier.state, g.roles, permission)
    return allowed


def access_of(app: Flask, endpoint: str) -> Access | None:
    """What the route declares, None if it is silent."""
    return LIBRARY_ROUTES.get(endpoint) or getattr(app.view_functions[endpoint], "access", None)


def endpoints(app: Flask) -> list[str]:
    """The endpoints that a request can reach, sorted; names that only build addresses are none."""
    return sorted({rule.endpoint for rule in app.url_map.iter_rules() if not rule.build_only})


def check_routes(app: Flask) -> None:
    """Raise RuntimeError if a route does not say who may open it."""
    silent = [endpoint for endpoint in endpoints(app) if access_of(app, endpoint) is None]
    if silent:
        raise RuntimeError(f"routes that do not say who may open them: {', '.join(silent)}")


def _guarded(view: View, access: Access, check: Callable[[dict[str, Any]], object]) -> View:
    @wraps(view)
    def guarded(**arguments: Any) -> Any:
        check(arguments)
        return view(**arguments)

    guarded.access = access  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]
