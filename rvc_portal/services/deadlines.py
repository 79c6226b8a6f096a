"""Time for one city alone: an extension before its file's deadline, or a late admission after it. Each is an act of the
Secretariat, with its reason, in the file's journal, and told to the city."""

from datetime import datetime

from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, Refusal
from rvc_portal.domain.facts import Attempt
from rvc_portal.domain.vocabulary import N_
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.journal import JournalEntry
from rvc_portal.queries import deadlines
from rvc_portal.services.transitions import fire, lock


def act_of(dossier: Dossier) -> str:
    """The transition that gives the file time in its present state: a lapsed one goes back to where it lapsed from."""
    if dossier.state != "lapsed":
        return "extend"
    return "readmit" if dossier.submitted_at else "admit_late"


def give_time(
    session: Session, dossier: Dossier, *, until: datetime, reason: str, actor: Actor, now: datetime,
    seen_version: int | None = None,
) -> JournalEntry:  # fmt: skip
    """Take this file until `until` (an aware instant, itself too late), and no other. Raises InvalidInput for an
    extension that ends no later than the time the file has, Refused or Overtaken."""
    lock(session, dossier, seen_version)
    name = act_of(dossier)
    if name == "extend" and until <= deadlines.of_dossier(dossier).shown:
        raise InvalidInput({"until": (Refusal(N_("The file has as much time already."), target="until"),)})
    attempt = Attempt(now=now, roles=frozenset(), until=until)
    with session.begin_nested():  # the mail tells what is set here; a refusal takes it back
        if name == "readmit" or dossier.state == "returned":
            dossier.correct_until_at = until
        else:
            dossier.extended_until_at = until
        return fire(
            session, dossier, name, actor=actor, now=now, attempt=attempt, reason=reason,
            payload={"until": until.isoformat()},
        )  # fmt: skip
