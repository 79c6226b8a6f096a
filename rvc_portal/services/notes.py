"""An evaluator's private notes on a dossier: written and read by their author alone."""

from datetime import datetime

from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import Overtaken, Refusal
from rvc_portal.domain.saving import Kept, Sent, Verdict, judge
from rvc_portal.domain.vocabulary import N_, Permission
from rvc_portal.models.evaluation import Assignment, PrivateNote
from rvc_portal.services import rights
from rvc_portal.services.evaluation import own


def save(session: Session, assignment: Assignment, sent: Sent, *, actor: Actor, now: datetime) -> PrivateNote:
    """Keep the notes (a text), whether the sheet is closed or not, and return what stands then. Raises NotFound for another's
    assignment or a dossier that one may not know of, Overtaken where another window wrote something else meanwhile."""
    own(assignment, actor)
    rights.hold(session, actor, assignment.dossier, Permission.KNOW)
    key = (actor.person, assignment.dossier_id)
    found = session.get(PrivateNote, key, populate_existing=True)
    said = judge(Kept(found.revision, found.text, found.tab, found.tab_seq) if found else None, sent)
    if found is not None and said is Verdict.CONFLICT:
        raise Overtaken([Refusal(N_("Your notes were changed in another window."), target="notes")])
    if found is None:
        found = PrivateNote(account_id=key[0], dossier_id=key[1], revision=0)
        session.add(found)
    if said is Verdict.KEEP:
        found.text, found.at, found.revision = sent.value, now, found.revision + 1
        found.tab, found.tab_seq = sent.tab, sent.seq
    session.flush()
    return found
