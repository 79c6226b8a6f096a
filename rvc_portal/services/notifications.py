"""Who is told by mail when something happens; the mails are job rows of the same transaction."""

from datetime import datetime

from sqlalchemy.orm import Session

from rvc_portal.domain.vocabulary import Role
from rvc_portal.domain.workflow import Transition
from rvc_portal.models.dossier import Dossier
from rvc_portal.queries import calls, deadlines, dossiers
from rvc_portal.services import mailing


def tell(session: Session, dossier: Dossier, transition: Transition, *, reason: str, now: datetime) -> None:
    """Tell the city's team of a transition that concerns it; acts behind the label send a city nothing."""
    if not transition.told_to_city:
        return
    for member in dossiers.members(session, dossier.id):
        if member.role == Role.READER:
            continue
        mailing.queue_mail(
            session,
            member.account.email,
            language=member.account.language,
            template="dossier_act",
            context={
                "name": member.account.name,
                "act": transition.past,
                "transition": transition.name,
                "reference": dossier.reference,
                "city": dossier.lead_city,
                "call": calls.definition(dossier.call).title.of(member.account.language),
                "reason": reason,
                "until": deadlines.of_dossier(dossier).shown.isoformat(),
                "zone": calls.definition(dossier.call).timezone,
                "path": f"/dossiers/{dossier.id}",
                "demonstration": dossier.call.demonstration,
                "test": dossier.call.test,
            },
            now=now,
        )
