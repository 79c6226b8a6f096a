"""Reads for the Secretariat's formal check."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from rvc_portal.domain.call import ChecklistItem
from rvc_portal.models.dossier import Attachment, Dossier
from rvc_portal.models.screening import ScreeningCheck
from rvc_portal.queries import calls, dossiers


@dataclass(frozen=True)
class Check:
    """One item of the checklist with its verdict (None: not looked at yet) and the files that it looks at."""

    item: ChecklistItem
    in_order: bool | None
    note: str
    files: Sequence[Attachment]


def checks(session: Session, dossier: Dossier) -> list[Check]:
    """The whole checklist in the call's order; two queries."""
    query = sa.select(ScreeningCheck).where(ScreeningCheck.dossier_id == dossier.id)
    found = {c.item: c for c in session.scalars(query)}
    given: dict[str, list[Attachment]] = {}
    for attachment in dossiers.attachments(session, dossier.id):
        given.setdefault(attachment.piece, []).append(attachment)
    return [
        Check(
            item,
            found[item.key].in_order if item.key in found else None,
            found[item.key].note if item.key in found else "",
            given.get(item.piece, []) if item.piece else [],
        )
        for item in calls.definition(dossier.call).checklist
    ]
