"""The board of the slate: variants, their changes, undone and redone; the chosen one is frozen and put on paper."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, NotFound, Overtaken, Refusal, Refused
from rvc_portal.domain.slate import Move
from rvc_portal.domain.vocabulary import N_, CallStatus, Doc, Role
from rvc_portal.models.account import Account
from rvc_portal.models.base import new_id
from rvc_portal.models.call import Call
from rvc_portal.models.decision import Slate, SlateChange, SlateVariant
from rvc_portal.queries import calls, results
from rvc_portal.queries import slate as query
from rvc_portal.services import decision, documents, rights
from rvc_portal.services.contexts import slate as contexts
from rvc_portal.services.transitions import lock_call

VARIANTS = 12
"""Variants that a call has at most: more cannot be told apart on one page."""


def make_variant(
    session: Session, call: Call, name: str, *, actor: Actor, now: datetime, like: SlateVariant | None = None
) -> SlateVariant:
    """Begin a variant from the opinions, or from another as it stands. Raises InvalidInput for a name that is empty or
    taken, Refused without the role, after publication, or where there are too many."""
    _require(session, call, actor)
    name, others = name.strip(), query.variants(session, call)
    if not name:
        raise InvalidInput({"name": (Refusal(N_("Give the variant a name."), target="name"),)})
    if any(other.name == name for other in others):
        raise InvalidInput({"name": (Refusal(N_("There is a variant with this name already."), target="name"),)})
    if len(others) >= VARIANTS:
        raise Refused([Refusal(N_("A call has at most %(most)s variants."), {"most": VARIANTS})])
    made = SlateVariant(
        id=new_id(), call_id=call.id, name=name, made_at=now, made_by=actor.person, changed_at=now,
        changed_by=actor.person,
    )  # fmt: skip
    session.add(made)
    session.flush()
    standing = (
        [move for change, _ in query.changes(session, like.id) if not change.undone for move in query.moves(change)]
        if like
        else []
    )
    if standing:
        _add(session, made, list({move.dossier_id: move for move in standing}.values()), actor, now)
    return made


def change(
    session: Session, call: Call, variant: SlateVariant, moves: Sequence[Move], *, actor: Actor, now: datetime,
    seen_version: int | None,
) -> None:  # fmt: skip
    """Move files into the proposal or out of it, as one change. Raises NotFound for a file that is not on the person's
    board, InvalidInput without a reason, Overtaken where somebody changed the variant meanwhile."""
    _hold(session, call, variant, actor, seen_version)
    if not {move.dossier_id for move in moves} <= {file.id for file in query.files(session, call, actor)}:
        raise NotFound
    if any(not move.reason.strip() for move in moves):
        raise InvalidInput({"reason": (Refusal(N_("Give the reason."), target="reason"),)})
    session.execute(
        sa.update(SlateChange)
        .where(SlateChange.variant_id == variant.id, SlateChange.undone.is_(True))
        .values(dropped=True)
    )
    _add(session, variant, moves, actor, now)


def undo(
    session: Session, call: Call, variant: SlateVariant, *, actor: Actor, now: datetime, seen_version: int | None
) -> None:
    """Take the last change back. Raises Refused where there is none, or where it is not the person's to see."""
    _turn(session, call, variant, actor, now, seen_version, undone=True)


def redo(
    session: Session, call: Call, variant: SlateVariant, *, actor: Actor, now: datetime, seen_version: int | None
) -> None:
    """Make the change again that was undone last. Raises as `undo`."""
    _turn(session, call, variant, actor, now, seen_version, undone=False)


def choose(
    session: Session, call: Call, variant: SlateVariant, *, actor: Actor, now: datetime, seen_version: int | None
) -> Slate:
    """Put this variant forward: it is frozen as the call's slate, and printed with the others' figures in each of the
    call's languages. Raises Refused for who has a conflict of interest in the call (the paper names every file), and for one
    that was put forward before."""
    _hold(session, call, variant, actor, seen_version)
    if results.is_barred_anywhere(session, actor, call):
        raise Refused(
            [Refusal(N_("You have a conflict of interest in this call: somebody without one puts it forward."))]
        )
    found, state = query.standing(session, call, variant)
    slate = decision.put_forward(session, call, actor=actor, now=now)
    slate.variant_id = variant.id
    for entry in slate.entries:
        entry.proposed, entry.reason = state[entry.dossier_id].proposed, state[entry.dossier_id].reason
    session.flush()
    draft = contexts.slate(session, call, variant, found, state)
    for language in calls.definition(call).publish_languages:
        documents.write(
            session, Doc.SLATE, draft, now=now, transition="put_forward", call_id=call.id, language=language,
            subject=call.key.upper(),
        )  # fmt: skip
    return slate


def _turn(
    session: Session, call: Call, variant: SlateVariant, actor: Actor, now: datetime, seen_version: int | None, *,
    undone: bool,
) -> None:  # fmt: skip
    _hold(session, call, variant, actor, seen_version)
    left = [made for made, _ in query.changes(session, variant.id) if made.undone != undone]
    if not left:
        nothing = N_("There is nothing to undo.") if undone else N_("There is nothing to redo.")
        raise Refused([Refusal(nothing)])
    turned = left[-1] if undone else left[0]
    every = {file.id for file in query.files(session, call)}
    seen = {file.id for file in query.files(session, call, actor)}
    if {move.dossier_id for move in query.moves(turned)} & every - seen:
        told = N_(
            "This change concerns a file that a conflict of interest keeps from you: somebody else turns it back."
        )
        raise Refused([Refusal(told)])
    turned.undone = undone
    _touch(variant, actor, now)


def _add(session: Session, variant: SlateVariant, moves: Sequence[Move], actor: Actor, now: datetime) -> None:
    last = session.scalar(sa.select(sa.func.max(SlateChange.number)).where(SlateChange.variant_id == variant.id)) or 0
    kept = [{"dossier": str(m.dossier_id), "proposed": m.proposed, "reason": m.reason.strip()} for m in moves]
    session.add(SlateChange(variant_id=variant.id, number=last + 1, made_at=now, made_by=actor.person, moves=kept))
    _touch(variant, actor, now)
    session.flush()


def _touch(variant: SlateVariant, actor: Actor, now: datetime) -> None:
    variant.version, variant.changed_at, variant.changed_by = variant.version + 1, now, actor.person


def _require(session: Session, call: Call, actor: Actor) -> None:
    rights.require_on_call(actor, call.id, Role.SECRETARIAT)
    lock_call(session, call)
    if call.status == CallStatus.PUBLISHED:
        raise Refused([Refusal(N_("This call was published on %(instant)s."), {"instant": call.published_at})])


def _hold(session: Session, call: Call, variant: SlateVariant, actor: Actor, seen_version: int | None) -> None:
    """The variant as it stands, held until the commit. Raises Refused for one that was put forward, Overtaken where it is
    not as the person saw it."""
    _require(session, call, actor)
    session.refresh(variant, with_for_update=True)
    slate = query.put_forward(session, variant)
    if slate:
        told = {"name": variant.name, "instant": slate.put_forward_at}
        frozen = N_(
            "“%(name)s” was put forward on %(instant)s and stays as it was then: begin another variant from it."
        )
        raise Refused([Refusal(frozen, told)])
    if seen_version is None or variant.version == seen_version:
        return
    who = session.get_one(Account, variant.changed_by).name
    seen: dict[str, object] = {"instant": variant.changed_at, "who": who, "name": variant.name}
    raise Overtaken([
        Refusal(N_("Meanwhile, on %(instant)s, %(who)s changed “%(name)s”. Look at it again before you go on."), seen)
    ])  # fmt: skip
