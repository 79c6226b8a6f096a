"""The deadline of a file as it stands, from its rows."""

from rvc_portal.domain import deadlines
from rvc_portal.domain.deadlines import Deadline
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Dossier
from rvc_portal.queries import calls


def of_call(call: Call) -> Deadline:
    """Until when a file can be opened and filed in the call, for whom it has made no exception."""
    return deadlines.of_filing(call.closes_at, calls.definition(call).grace)


def of_dossier(dossier: Dossier) -> Deadline:
    """Until when the file is taken: as a draft, or as one that was returned."""
    if dossier.state == "returned" and dossier.correct_until_at is not None:
        return deadlines.of_correction(dossier.correct_until_at)
    grace = calls.definition(dossier.call).grace
    return deadlines.of_filing(dossier.call.closes_at, grace, dossier.extended_until_at)
