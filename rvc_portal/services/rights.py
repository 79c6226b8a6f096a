"""Rights as services ask them: the web asks first, for its pages; nothing is written without asking here too."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from rvc_portal.domain import team
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import NotFound, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Permission, Role
from rvc_portal.models.dossier import Dossier
from rvc_portal.queries import calls, deadlines, dossiers


def require(
    session: Session, actor: Actor, dossier: Dossier, permission: Permission, *, keys: Iterable[str] = ()
) -> frozenset[Role]:
    """The person's roles on the dossier. Raises NotFound for one they may not know of, Refused without the permission
    or, for an editor of named parts, where one of `keys` (questions and pieces to be changed) lies outside them."""
    held = _require(dossier, dossiers.roles(session, actor, dossier), permission)
    return _within_parts(session, actor, dossier, held, keys)


def hold(
    session: Session, actor: Actor, dossier: Dossier, permission: Permission, *, keys: Iterable[str] = ()
) -> frozenset[Role]:
    """`require`, and the dossier's row read anew and held until the transaction ends: one query for both."""
    session.flush()
    held = _require(dossier, dossiers.hold(session, actor, dossier), permission)
    return _within_parts(session, actor, dossier, held, keys)


def check_in_time(dossier: Dossier, arrived_at: datetime) -> None:
    """Raises Refused for what arrived after the file's deadline: what was saved until then stays as it is."""
    deadline = deadlines.of_dossier(dossier)
    if deadline.is_past(arrived_at):
        raise Refused([deadline.refusal(), Refusal(N_("What was saved until then is kept, to be read and printed."))])


def require_on_call(actor: Actor, call_id: UUID, *roles: Role) -> None:
    """Raises Refused unless the person holds one of the roles over the whole call: the act concerns all its dossiers."""
    if not any(actor.has_on_call(role, call_id, whole=True) for role in roles):
        raise Refused([Refusal(N_("Your role does not allow this."))])


def _require(dossier: Dossier, held: frozenset[Role], permission: Permission) -> frozenset[Role]:
    if dossiers.allows(dossier, held, permission):
        return held
    if not dossiers.allows(dossier, held, Permission.KNOW):
        raise NotFound
    if (
        permission is Permission.WRITE
        and dossier.submitted_at
        and dossiers.allows(dossier, held, Permission.READ_FILINGS)
    ):
        raise Refused([Refusal(N_("The file was submitted on %(instant)s."), {"instant": dossier.submitted_at})])
    raise Refused([Refusal(N_("Your role does not allow this while the file is in this state."))])


def _within_parts(
    session: Session, actor: Actor, dossier: Dossier, held: frozenset[Role], keys: Iterable[str]
) -> frozenset[Role]:
    if Role.EDITOR in held:
        named = dossiers.parts_of(session, actor, dossier)
        outside = team.shut(named, calls.definition(dossier.call).form, keys)
        if outside:
            raise Refused(
                [Refusal(N_("You were invited to other parts of this file than this one."), target=outside[0])]
            )
    return held
