"""What an evaluator is told of a request: that it stands, and that it has ended."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from rvc_portal.models.account import Account
from rvc_portal.models.evaluation import Assignment
from rvc_portal.queries import calls
from rvc_portal.services import mailing

SET_ASIDE = "set_aside"


def tell(session: Session, assignment: Assignment, account: Account, template: str, now: datetime, **more: str) -> None:
    """A mail to one who acts for the seat that is asked. `more`: what else the template names."""
    dossier, language = assignment.dossier, account.language
    context = {
        "name": account.name, "path": f"/assignments/{assignment.id}", "city": dossier.lead_city,
        "seat": assignment.seat.name, "call": calls.definition(dossier.call).title.of(language),
        "demonstration": dossier.call.demonstration, **more,
    }  # fmt: skip
    mailing.queue_mail(session, account.email, language=language, template=template, context=context, now=now)


def tell_ended(session: Session, ended: Iterable[Assignment], because: str, now: datetime) -> None:
    """One mail a person, whichever of the seats the person acts for. `because`: of `domain.progress`, or SET_ASIDE."""
    where = {"path": "/desk"} if because == SET_ASIDE else {}  # the file is hidden then, and so is the request
    told = {account: assignment for assignment in ended for account in assignment.seat.acting(now)}
    for account, assignment in told.items():
        tell(session, assignment, account, "request_ended", now, because=because, **where)
