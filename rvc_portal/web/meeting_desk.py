"""The part of a desk that tells of annual meetings: tasks that are late or come next, and delegates that are awaited."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import url_for

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.agenda import OF_THE_GROUP
from rvc_portal.domain.vocabulary import SeatKind
from rvc_portal.gateways import network
from rvc_portal.models.base import db
from rvc_portal.models.meeting import Meeting, MeetingTask
from rvc_portal.models.seat import Member
from rvc_portal.queries import agenda, delegates, members
from rvc_portal.web import labels, meeting_page
from rvc_portal.web.session import now

NEXT = 3
"""How many tasks that are not late yet a desk names for each meeting; the page of the preparation has the rest."""


def concerns(person: Actor) -> bool:
    """Whether the person prepares meetings, or acts for a member city."""
    return any(person.has(role) for role in OF_THE_GROUP) or any(s.kind is SeatKind.MEMBER for s in person.seats)


def section(person: Actor, known: object) -> dict[str, Any]:
    """What waits for the person. Nothing where no task and no delegate is awaited."""
    own = members.own_cities(db.session(), person)
    ids = {m.id for m in own}
    hosted = agenda.hosted(db.session(), sorted(ids))
    seen = [t for t in agenda.open_tasks(db.session()) if agenda.sees_task(person, t, ids, hosted)]
    seen.sort(key=lambda task: (task.meeting.edition, task.due_on))
    return {
        "kind": "meetings",
        "named": _awaited(own),
        "meetings": [
            _meeting(meeting, list(found), ids) for meeting, found in groupby(seen, key=lambda task: task.meeting)
        ],
    }  # fmt: skip


def _meeting(meeting: Meeting, tasks: Sequence[MeetingTask], own: set[UUID]) -> dict[str, Any]:
    today = agenda.today(now(), network.timezone())
    rows = [meeting_page.task_row(task, own, today) for task in tasks]
    late = [r for r in rows if r["late"]]
    coming = [r for r in rows if not r["late"]]
    return {
        "edition": meeting.edition, "year": meeting.year, "late": late, "next": coming[:NEXT],
        "more": len(coming) - NEXT if len(coming) > NEXT else 0,
        "url": url_for("meeting_tasks.index", edition=meeting.edition),
    }  # fmt: skip


def _awaited(own: Sequence[Member]) -> list[dict[str, Any]]:
    """The person's cities, for each meeting for which delegates can be named now, with how many are."""
    meetings = delegates.open_to(db.session(), now()) if own else []
    counted = delegates.counted(db.session(), meetings, [m.id for m in own]) if meetings else {}
    fields = meeting_page.field_labels()
    return [
        {
            "city": member.city, "country": labels.country(member.country), "field": member.field,
            "field_label": fields[member.field], "edition": meeting.edition, "year": meeting.year,
            "until": meeting.delegates_until_at, "count": counted.get((meeting.id, member.id), 0),
            "zone": agenda.zone_of(agenda.plan(db.session(), meeting)), "most": network.most_delegates(),
            "url": url_for("delegates.index", edition=meeting.edition),
        }
        for meeting in meetings for member in own
    ]  # fmt: skip
