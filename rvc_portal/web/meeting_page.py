"""What the pages of a meeting share: which one it is, where it is told, and the ways between them."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import g, url_for
from flask_babel import gettext as _

from rvc_portal.domain.agenda import OF_THE_NETWORK
from rvc_portal.domain.errors import NotFound
from rvc_portal.domain.vocabulary import OWNERS, OwnerKind, Role
from rvc_portal.gateways import network
from rvc_portal.models.agenda import MeetingPlan
from rvc_portal.models.base import db
from rvc_portal.models.meeting import Meeting, MeetingTask
from rvc_portal.queries import agenda, conclusions
from rvc_portal.web import labels
from rvc_portal.web.session import actor


def of(edition: int) -> Meeting:
    """The meeting of this number. Raises NotFound where there is none."""
    meeting = conclusions.of_edition(db.session(), edition)
    if meeting is None:
        raise NotFound
    return meeting


def frame(meeting: Meeting, plan: MeetingPlan | None, here: str) -> dict[str, Any]:
    """The head of a page of the meeting. `here`: the endpoint of the tab that is open."""
    return {
        "meeting": meeting,
        "plan": plan,
        "zone": agenda.zone_of(plan),
        "hosts": [f"{host.city}, {labels.country(host.country)}" for host in meeting.hosts],
        "writes": g.actor is not None and g.actor.has(Role.SECRETARIAT),
        "tabs": tabs(meeting, here),
    }


def tabs(meeting: Meeting, here: str) -> list[dict[str, Any]]:
    """The ways to the pages of the meeting that the person may open."""
    return [
        {"label": label, "url": url_for(endpoint, edition=meeting.edition), "current": endpoint == here}
        for label, endpoint in _places(meeting)
    ]


def field_labels() -> dict[str, str]:
    """What the creative fields are called, by key."""
    return {str(f["key"]): labels.wording(f["label"]) for f in network.fields()}  # type: ignore[arg-type]


def task_row(task: MeetingTask, own: set[UUID], today: date) -> dict[str, Any]:
    """A task as a page or a desk shows it."""
    owner = OwnerKind(task.owner)
    return {
        "id": task.id, "text": task.text, "language": task.language, "due_on": task.due_on, "done_at": task.done_at,
        "owner": task.member.city if task.member else _(OWNERS[owner]), "late": not task.done_at and task.due_on < today,
        "mine": agenda.may_do_task(actor(), task, own),
    }  # fmt: skip


def _places(meeting: Meeting) -> list[tuple[str, str]]:
    """The pages of the meeting that the person may open."""
    inside = g.actor is not None and any(g.actor.has(role) for role in OF_THE_NETWORK)
    prepares = [(_("Delegates"), "delegates.index"), (_("Preparation"), "meeting_tasks.index")]
    makes = [(_("The draft"), "drafting.show"), (_("Amendments"), "amendments.show"), (_("Floor"), "floor.show")]
    return [
        (_("The meeting"), "meetings.show"), (_("Agenda"), "agenda.show"), (_("Workshops"), "workshops.index"),
        *(prepares if inside else []), *(makes if conclusions.takes_part(g.actor) else []),
        *([(_("Follow-up"), "follow_up.index")] if meeting.sealed_at else []),
    ]  # fmt: skip
