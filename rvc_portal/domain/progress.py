"""How far an evaluator is with a file, until when the sheet is awaited, and what can end a request."""

from datetime import datetime

from rvc_portal.domain.vocabulary import N_

ASKED, DECLARED, BEGUN, CLOSED = "asked", "declared", "begun", "closed"
STANDINGS = {
    ASKED: N_("Not declared"),
    DECLARED: N_("Not begun"),
    BEGUN: N_("Begun"),
    CLOSED: N_("Closed"),
}
"""In the order of the work."""

UNASSIGNED, REASSIGNED, WITHDRAWN = "unassigned", "reassigned", "withdrawn"
ENDINGS = {
    UNASSIGNED: N_("The Secretariat has withdrawn its request: this file is not yours to judge any more."),
    REASSIGNED: N_("The Secretariat has asked somebody else to evaluate this file in your place."),
    WITHDRAWN: N_("The city has withdrawn its file: no evaluation of it is needed any more."),
}
"""What ends a request, besides a conflict of interest, as its evaluator reads it."""

GONE = "gone"
NOBODY = "nobody"
LEFT_OUT = {
    CLOSED: N_("the sheet is closed"),
    GONE: N_("the evaluator is not asked for it any more"),
    WITHDRAWN: N_("the file was withdrawn"),
    NOBODY: N_("nobody acts for this seat"),
    "over": N_("the evaluation of the file is over"),
    "enough": N_("the sheet is awaited no earlier already"),
}
"""Why one of those chosen is left out of an act on several."""


def days_past(due_at: datetime | None, now: datetime) -> int | None:
    """Days since the sheet was due, the first of which begins at that very instant; nought or below: whole days that are
    left. None where nothing says until when."""
    if due_at is None:
        return None
    late = now - due_at
    return late.days + 1 if late.total_seconds() >= 0 else -(-late).days
