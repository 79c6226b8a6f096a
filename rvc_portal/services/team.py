"""A city's team: invited by mail, joined by a button; roles, parts of the file, and the one lead, handed from person to
person. Every act holds the dossier's row, so that two of them never cross."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from rvc_portal.domain import team as rules
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Permission, Role
from rvc_portal.language import LANGUAGES
from rvc_portal.models.account import Account
from rvc_portal.models.base import new_code
from rvc_portal.models.dossier import Dossier, Invitation, Membership
from rvc_portal.queries import calls
from rvc_portal.queries import team as query
from rvc_portal.services import accounts, journal, mailing, rights
from rvc_portal.services.transitions import lock

VALID_FOR = timedelta(days=14)
"""How long the link of an invitation works."""


def invite(
    session: Session, dossier: Dossier, *, email: str, name: str, role: Role, sections: Sequence[str], language: str,
    actor: Actor, now: datetime,
) -> tuple[Invitation, str]:  # fmt: skip
    """Ask a person by mail to join as editor (of the `sections` named, of all where none is) or reader; return the
    invitation and the code that its mail carries. Raises InvalidInput, Refused for anybody but the lead."""
    _lead_holds(session, dossier, actor)
    email = email.strip()
    wrong: dict[str, tuple[Refusal, ...]] = {}
    if not mailing.is_address(email):
        wrong["email"] = (Refusal(N_("Give an e-mail address, such as name@example.org.")),)
    elif query.is_member(session, dossier.id, email):
        wrong["email"] = (Refusal(N_("This person is in the team already.")),)
    elif any(i.email.lower() == email.lower() for i in query.invitations(session, dossier.id)):
        wrong["email"] = (
            Refusal(N_("This person is invited already: send the invitation again, or withdraw it first.")),
        )
    wrong |= _wrong_rights(dossier, role, sections)
    if language not in LANGUAGES:
        wrong["language"] = (Refusal(N_("Choose the language of the mail.")),)
    if wrong:
        raise InvalidInput(wrong)
    code = new_code()
    made = Invitation(
        dossier_id=dossier.id, dossier=dossier, email=email, name=name.strip(), role=role, language=language,
        sections=_kept(role, sections), code_sha256=query.digest(code), asked_by=actor.person, asked_at=now,
        sent_at=now, expires_at=now + VALID_FOR,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _note(session, dossier, "invite", actor, now, role=str(role), sections=made.sections)
    _send(session, made, code, actor, now)
    return made, code


def invite_again(session: Session, dossier: Dossier, invitation_id: UUID, *, actor: Actor, now: datetime) -> str:
    """Send the mail once more, with a new code and a new term; the code before it lapses. Returns the new code."""
    _lead_holds(session, dossier, actor)
    found = _waiting(session, dossier, invitation_id)
    code = new_code()
    found.code_sha256, found.sent_at, found.expires_at = query.digest(code), now, now + VALID_FOR
    _note(session, dossier, "invite_again", actor, now)
    _send(session, found, code, actor, now)
    return code


def revoke(session: Session, dossier: Dossier, invitation_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Withdraw an invitation; its link opens nothing any more. Raises NotFound for one that does not wait."""
    _lead_holds(session, dossier, actor)
    _waiting(session, dossier, invitation_id).revoked_at = now
    _note(session, dossier, "revoke_invitation", actor, now)


def open_invitation(session: Session, code: str, now: datetime) -> Invitation:
    """The invitation that the code opens, accepted or not. Raises NotFound for a code that is wrong, replaced, withdrawn
    or too old."""
    found = query.by_code(session, code)
    if found is None or found.revoked_at is not None or (found.accepted_at is None and found.expires_at <= now):
        raise NotFound
    return found


def accept(session: Session, code: str, *, account: Account, now: datetime) -> Membership:
    """Join the team. The code is the invitation: whoever is signed in when the button is pressed joins, and is noted.
    Raises NotFound, Refused for an invitation that was accepted or a person who is in the team."""
    found = _held(session, code, now)
    dossier = found.dossier
    if query.membership_of(session, dossier.id, account.id) is not None:
        raise Refused([Refusal(N_("You are in the team of this file already."))])
    found.accepted_at, found.accepted_by = now, account.id
    joined = Membership(
        dossier_id=dossier.id, account_id=account.id, role=found.role, sections=list(found.sections), since_at=now
    )
    session.add(joined)
    session.flush()
    payload = {"role": found.role, "sections": list(found.sections)}
    journal.append(session, dossier.id, "join_team", actor_id=account.id, now=now, payload=payload)
    _tell(session, dossier, query.lead(session, dossier.id).account, "joined", now, other=account.name)
    return joined


def accept_as_new(
    session: Session, code: str, *, name: str, password: str, language: str, now: datetime
) -> tuple[Account, Membership]:
    """Join with an account made for it: the mail's code has shown that the address is the person's own. Raises
    InvalidInput for an empty name or an address that has a confirmed account."""
    found = _held(session, code, now)
    if not name.strip():
        raise InvalidInput({"name": (Refusal(N_("Write your name.")),)})
    account = accounts.create_account(
        session, email=found.email, name=name, now=now, language=language, password=password
    )
    return account, accept(session, code, account=account, now=now)


def change(
    session: Session, dossier: Dossier, membership_id: UUID, *, role: Role, sections: Sequence[str], actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Make a member editor (of the parts named, of all where none is) or reader. Raises InvalidInput, NotFound; Refused
    for the lead, who is changed by handing over."""
    _lead_holds(session, dossier, actor)
    found = _other_member(session, dossier, membership_id)
    wrong = _wrong_rights(dossier, role, sections)
    if wrong:
        raise InvalidInput(wrong)
    before = (found.role, found.sections)
    found.role, found.sections = role, _kept(role, sections)
    if before == (found.role, found.sections):
        return
    _note(
        session, dossier, "change_member", actor, now, member=str(found.account_id), role=str(role),
        sections=found.sections,
    )  # fmt: skip
    _tell(session, dossier, found.account, "changed", now)


def end(session: Session, dossier: Dossier, membership_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Take a member out of the team. What the person wrote stays. Raises NotFound; Refused for the lead."""
    _lead_holds(session, dossier, actor)
    found = _other_member(session, dossier, membership_id)
    found.ended_at = now
    _note(session, dossier, "end_membership", actor, now, member=str(found.account_id))
    _tell(session, dossier, found.account, "ended", now)


def leave(
    session: Session, dossier: Dossier, *, actor: Actor, now: datetime, successor_id: UUID | None = None
) -> None:  # fmt: skip
    """Leave the team oneself. The lead names a successor among the members (`successor_id`: a membership), who leads from
    then on. Raises Refused where the lead names none."""
    rights.hold(session, actor, dossier, Permission.TEAM)
    mine = query.membership_of(session, dossier.id, actor.person)
    if mine is None:
        raise NotFound
    if mine.role == Role.LEAD:
        if successor_id is None:
            raise Refused([Refusal(N_("Name who leads the file after you."), target="successor")])
        heir = _heir(session, dossier, successor_id)
        mine.ended_at = now
        session.flush()
        _crown(session, heir)
        _note(session, dossier, "hand_over", actor, now, member=str(heir.account_id))
        _tell(session, dossier, heir.account, "leads", now, other=actor.name)
    else:
        mine.ended_at = now
        _tell(session, dossier, query.lead(session, dossier.id).account, "left", now, other=actor.name)
    _note(session, dossier, "leave_team", actor, now)


def hand_over(session: Session, dossier: Dossier, membership_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Let a member lead; who led before stays as an editor of all parts. Both are told. Raises NotFound, Refused."""
    _lead_holds(session, dossier, actor)
    _pass_on(session, dossier, _heir(session, dossier, membership_id))
    heir = query.lead(session, dossier.id)
    _note(session, dossier, "hand_over", actor, now, member=str(heir.account_id))
    mine = query.membership_of(session, dossier.id, actor.person)
    _tell(session, dossier, heir.account, "leads", now, other=actor.name)
    if mine is not None:
        _tell(session, dossier, mine.account, "handed_over", now, other=heir.account.name)


def appoint(
    session: Session, dossier: Dossier, membership_id: UUID, *, reason: str, actor: Actor, now: datetime
) -> None:
    """The Secretariat names a new lead among the members of a team whose lead has vanished: the account is closed. Raises
    NotFound; InvalidInput without a reason; Refused for another role, or while the lead is there."""
    held = rights.hold(session, actor, dossier, Permission.TEAM)
    if Role.SECRETARIAT not in held:
        raise Refused([Refusal(N_("Your role does not allow this."))])
    before = query.lead(session, dossier.id)
    if before.account.active:
        raise Refused([Refusal(N_("The lead is there: only the lead can hand the file over."))])
    if not reason.strip():
        raise InvalidInput({"reason": (Refusal(N_("Give the reason."), target="reason"),)})
    heir = _heir(session, dossier, membership_id)
    before.ended_at = now
    session.flush()
    _crown(session, heir)
    payload = {"member": str(heir.account_id), "before": str(before.account_id)}
    journal.append(
        session, dossier.id, "appoint_lead", actor_id=actor.account_id, now=now, reason=reason.strip(), payload=payload
    )
    _tell(session, dossier, heir.account, "appointed", now)


def _held(session: Session, code: str, now: datetime) -> Invitation:
    """An invitation nobody has accepted, with its dossier's row held."""
    lock(session, open_invitation(session, code, now).dossier, None)
    session.expire_all()  # it may have been accepted, withdrawn or sent anew while this waited
    found = open_invitation(session, code, now)
    if found.accepted_at is not None:
        raise Refused([Refusal(N_("This invitation was accepted on %(instant)s."), {"instant": found.accepted_at})])
    return found


def _lead_holds(session: Session, dossier: Dossier, actor: Actor) -> None:
    held = rights.hold(session, actor, dossier, Permission.TEAM)
    if Role.LEAD not in held:
        raise Refused([Refusal(N_("Only the lead of the file changes its team."))])


def _wrong_rights(dossier: Dossier, role: Role, sections: Sequence[str]) -> dict[str, tuple[Refusal, ...]]:
    wrong: dict[str, tuple[Refusal, ...]] = {}
    if role not in rules.INVITED:
        wrong["role"] = (Refusal(N_("Choose editor or reader.")),)
    if set(sections) - set(rules.parts(calls.definition(dossier.call).form)):
        wrong["sections"] = (Refusal(N_("Choose parts of this call's form.")),)
    return wrong


def _kept(role: Role, sections: Sequence[str]) -> list[str]:
    """A reader changes nothing: there is nothing to name."""
    return list(dict.fromkeys(sections)) if role is Role.EDITOR else []


def _waiting(session: Session, dossier: Dossier, invitation_id: UUID) -> Invitation:
    found = session.get(Invitation, invitation_id, populate_existing=True)
    if found is None or found.dossier_id != dossier.id or found.accepted_at or found.revoked_at:
        raise NotFound
    return found


def _member(session: Session, dossier: Dossier, membership_id: UUID) -> Membership:
    found = query.member(session, dossier.id, membership_id)
    if found is None:
        raise NotFound
    return found


def _other_member(session: Session, dossier: Dossier, membership_id: UUID) -> Membership:
    found = _member(session, dossier, membership_id)
    if found.role == Role.LEAD:
        raise Refused([Refusal(N_("A file always has a lead: hand it over first."))])
    return found


def _heir(session: Session, dossier: Dossier, membership_id: UUID) -> Membership:
    """A member who can lead. Raises NotFound, Refused."""
    found = _other_member(session, dossier, membership_id)
    if not found.account.active:
        raise Refused([Refusal(N_("This person's account is closed."))])
    return found


def _pass_on(session: Session, dossier: Dossier, heir: Membership) -> None:
    before = query.lead(session, dossier.id)
    before.role, before.sections = Role.EDITOR, []
    session.flush()  # the database knows one lead: the place is free before it is taken
    _crown(session, heir)


def _crown(session: Session, heir: Membership) -> None:
    heir.role, heir.sections = Role.LEAD, []
    session.flush()


def _note(session: Session, dossier: Dossier, act: str, actor: Actor, now: datetime, **payload: Any) -> None:
    journal.append(session, dossier.id, act, actor_id=actor.account_id, now=now, payload=payload)


def _send(session: Session, invitation: Invitation, code: str, actor: Actor, now: datetime) -> None:
    context = {
        "role": str(invitation.role), "asker": actor.name, "until": invitation.expires_at.isoformat(),
        "name": invitation.name or invitation.email, "path": f"/invitations/{code}",
    }  # fmt: skip
    about = _about(invitation.dossier, invitation.language)
    mailing.queue_mail(session, invitation.email, invitation.language, "team_invitation", about | context, now=now)


def _tell(session: Session, dossier: Dossier, to: Account, act: str, now: datetime, other: str = "") -> None:
    if not to.active:
        return
    context = {
        "act": act,
        "name": to.name,
        "other": other,
        "path": "/desk" if act == "ended" else f"/dossiers/{dossier.id}",
    }
    mailing.queue_mail(session, to, to.language, "team", {**_about(dossier, to.language), **context}, now=now)


def _about(dossier: Dossier, language: str) -> dict[str, Any]:
    told = calls.definition(dossier.call)
    return {
        "city": dossier.lead_city, "reference": dossier.reference, "call": told.title.of(language),
        "timezone": told.timezone, "demonstration": dossier.call.demonstration, "test": dossier.call.test,
    }  # fmt: skip
