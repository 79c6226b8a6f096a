"""Who is told by mail when something happens; the mails are job rows of the same transaction."""

from datetime import datetime

from sqlalchemy.orm import Session

from rvc_portal.domain.vocabulary import Role
from rvc_portal.domain.workflow import Transition
from rvc_portal.models.account import Account
from rvc_portal.models.document import Document
from rvc_portal.models.dossier import Dossier
from rvc_portal.queries import calls, deadlines, dossiers
from rvc_portal.services import mailing


def tell(
    session: Session, dossier: Dossier, transition: Transition, *, reason: str, now: datetime,
    receipt: Document | None = None,
) -> None:  # fmt: skip
    """Tell the city's team of a transition that concerns it; acts behind the label send a city nothing. Where it issued
    a receipt, the mail says all that the receipt says, and goes with it."""
    if not transition.told_to_city:
        return
    for member in dossiers.members(session, dossier.id):
        if member.role == Role.READER:
            continue
        if receipt is not None:
            _send_receipt(session, dossier, member.account, receipt, now)
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


def _send_receipt(session: Session, dossier: Dossier, to: Account, receipt: Document, now: datetime) -> None:
    """Everything stands in the text as well: a mail is kept longer than what hangs on it."""
    told = receipt.context
    mailing.queue_mail(
        session,
        to.email,
        language=to.language,
        template="receipt",
        context={
            "name": to.name,
            "reference": dossier.reference,
            "city": dossier.lead_city,
            "call": told["call"]["title"],
            "timezone": told["call"]["timezone"],
            "number": told["filing"]["version"],
            "received_at": told["received_at"],
            "filed_at": told["filing"]["filed_at"],
            "submitted_by": told["submitted_by"],
            "sha256": told["filing"]["content_sha256"],
            "pieces": [
                {"label": piece["label"], "name": file["name"], "size": file["size"], "sha256": file["sha256"]}
                for piece in told["pieces"]
                for file in piece["files"]
            ],
            "path": f"/dossiers/{dossier.id}/filings/{told['filing']['version']}",
            "demonstration": dossier.call.demonstration,
            "test": dossier.call.test,
        },
        now=now,
        document=receipt,
    )
