"""What the desk and the pages of supervision show of files: rows, sums, streams, and which wants looking at first."""

from collections.abc import Sequence
from typing import Any

from flask import url_for

from rvc_portal.domain.procedures.register import PROCEDURES
from rvc_portal.domain.vocabulary import Permission, Role
from rvc_portal.models.call import Call
from rvc_portal.queries import calls
from rvc_portal.queries import supervision as query
from rvc_portal.queries.supervision import File
from rvc_portal.web import labels
from rvc_portal.web.dossier_page import field_label


def streams(call: Call) -> list[tuple[str, str]]:
    """The streams of the call with their names in the reader's language."""
    return [(s.key, s.label.of(labels.reader_language())) for s in calls.definition(call).rubric.streams]


def states(call: Call) -> list[str]:
    """The states in which a file is supervised, in the order of the table."""
    table = PROCEDURES[call.procedure]
    known = table.states_with(Role.STEERING, Permission.SUPERVISE)
    return [state for state in table.states if state in known]


def state_label(call: Call, state: str) -> str:
    """The name of a state, as who knows it from inside reads it."""
    return labels.state(PROCEDURES[call.procedure], state, inside=True)


def urgency(found: File) -> tuple[int, int, str]:
    """Sorts files: most late sheets first, then those of which most are open."""
    return -found.sum("late"), -found.sum("open"), found.city.casefold()


def rows(call: Call, found: Sequence[File]) -> list[dict[str, Any]]:
    """The files as a table prints them."""
    return [
        {
            "file": file,
            "url": url_for("supervision.show", key=call.key, file_id=file.id),
            "country": labels.country(file.country),
            "field_label": field_label(call, file.field),
            "state_label": state_label(call, file.state),
        }
        for file in found
    ]


def sums(call: Call, found: Sequence[File]) -> list[tuple[str, query.Figures]]:
    """The figures of these files together: each stream's name with its own."""
    named = dict(streams(call))
    return [(named[key], figures) for key, figures in query.in_sum(found, named).items()]
