"""The Secretariat's formal check: the checklist, and the three ways out of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import Refusal, Refused
from rvc_portal.domain.facts import Attempt
from rvc_portal.domain.vocabulary import N_, Permission
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.journal import JournalEntry
from rvc_portal.models.screening import ScreeningCheck
from rvc_portal.queries import calls
from rvc_portal.services import rights
from rvc_portal.services.transitions import fire, lock


def save_checks(
    session: Session, dossier: Dossier, checks: Mapping[str, tuple[bool | None, str]], *, actor: Actor, now: datetime
) -> None:
    """Keep verdicts (in order, not in order, None: not looked at yet) and notes, by item of the call's checklist.
    Raises Refused for an item that is not on it, or without the right."""
    rights.require(session, actor, dossier, Permission.SCREEN)
    lock(session, dossier, None)
    known = {item.key for item in calls.definition(dossier.call).checklist}
    for item, (in_order, note) in checks.items():
        if item not in known:
            raise Refused([Refusal(N_("The checklist has no item “%(item)s”."), {"item": item})])
        found = session.get(ScreeningCheck, (dossier.id, item))
        if found is None:
            found = ScreeningCheck(dossier_id=dossier.id, item=item)
            session.add(found)
        found.in_order, found.note, found.author_id, found.at = in_order, note.strip(), actor.person, now
    session.flush()


def return_file(
    session: Session, dossier: Dossier, *, questions: Sequence[str], reason: str, actor: Actor, now: datetime,
    seen_version: int | None = None, notes: Mapping[str, str] | None = None,
) -> JournalEntry:  # fmt: skip
    """Send the file back for the questions and pieces named (keys), for the call's period of correction. `notes`: what is
    wrong with one of them, by its key; what is not named keeps none."""
    told = calls.definition(dossier.call)
    known = {q.key for q in told.form.questions()} | {p.key for p in told.pieces}
    named = [key for key in questions if key in known]
    attempt = Attempt(now=now, roles=frozenset(), questions=tuple(named))
    lock(session, dossier, seen_version)
    until = now + timedelta(days=told.correction_days)
    with session.begin_nested():  # the letter prints what is set here; a refusal takes it back
        dossier.questions_named, dossier.correct_until_at = named, until
        return fire(
            session, dossier, "return", actor=actor, now=now, attempt=attempt, reason=reason,
            payload={
                "questions": named, "correct_until": until.isoformat(), "language": actor.language,
                "notes": {key: note.strip() for key, note in (notes or {}).items() if key in named and note.strip()},
            },
        )  # fmt: skip


def dismiss(
    session: Session, dossier: Dossier, *, reason: str, actor: Actor, now: datetime, seen_version: int | None = None
) -> JournalEntry:
    """Declare the file not eligible. Raises Refused or Overtaken."""
    return fire(session, dossier, "dismiss", actor=actor, now=now, reason=reason, seen_version=seen_version)


def admit(
    session: Session, dossier: Dossier, *, actor: Actor, now: datetime, seen_version: int | None = None
) -> JournalEntry:
    """Admit the file to evaluation. Raises Refused or Overtaken."""
    return fire(session, dossier, "admit", actor=actor, now=now, seen_version=seen_version)
