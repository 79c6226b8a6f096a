"""The agenda of a meeting: its points, its papers, its publication. The Secretariat writes it.

Once it is published, what is changed is told at once on the page and in the calendar file; the document is issued anew when
the Secretariat publishes again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import IO
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.orm import Session

from rvc_portal.domain import agenda as rules
from rvc_portal.domain.actor import Actor
from rvc_portal.domain.agenda import Kind, Readers, Slot
from rvc_portal.domain.errors import InvalidInput, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Doc
from rvc_portal.gateways import network, uploads
from rvc_portal.gateways.files import Files
from rvc_portal.gateways.scanner import Scanner
from rvc_portal.language import LANGUAGES
from rvc_portal.models.agenda import MeetingItem, MeetingPaper, MeetingPlan
from rvc_portal.models.base import new_id
from rvc_portal.models.document import Document
from rvc_portal.models.meeting import Meeting
from rvc_portal.queries import agenda as query
from rvc_portal.services import network_acts
from rvc_portal.services.contexts import meeting as contexts


@dataclass(frozen=True)
class Point:
    """What a point of the agenda says. `field`: of a workshop; `slot.title`: the title in English."""

    slot: Slot
    title_fr: str
    kind: Kind
    field: str | None = None


@dataclass(frozen=True)
class Paper:
    """What a paper is. `url`: a link in the place of a file; `item_id`: the point that it is for, None for the meeting."""

    title: str
    language: str
    readers: Readers
    url: str = ""
    item_id: UUID | None = None


def add(session: Session, meeting: Meeting, point: Point, *, actor: Actor, now: datetime) -> MeetingItem:
    """One more point. Raises Refused without the role or before the meeting has its days, InvalidInput for what stands
    against it: another one in its hall, a day outside of the meeting."""
    plan = _hold(session, meeting, actor)
    _check(session, meeting, plan, point)
    item = MeetingItem(id=new_id(), meeting_id=meeting.id, version=0)
    session.add(item)
    _write(item, point, now)
    _changed(session, meeting, plan, "add_meeting_item", {"item": str(item.id)}, actor, now)
    return item


def change(
    session: Session, meeting: Meeting, item: MeetingItem, point: Point, *, seen_version: int, actor: Actor, now: datetime
) -> None:  # fmt: skip
    """Other words, another time or hall. `seen_version`: of the form that was sent. Raises as `add` does, and where somebody
    else changed the point meanwhile."""
    plan = _hold(session, meeting, actor)
    session.refresh(item)
    if item.version != seen_version:
        told = N_(
            "Somebody else has changed this point meanwhile. It reads now: %(title)s, %(day)s, %(starts)s–%(ends)s."
        )
        params = {
            "title": query.slot(item).called,
            "day": item.day,
            "starts": f"{item.starts:%H:%M}",
            "ends": f"{item.ends:%H:%M}",
        }
        raise InvalidInput({"version": (Refusal(told, params),)})
    if item.report is not None and (point.kind, point.field) != (item.kind, item.field):
        raise InvalidInput({"kind": (Refusal(N_("This workshop has a report: its field stays as it is.")),)})
    _check(session, meeting, plan, point, item)
    _write(item, point, now)
    _changed(session, meeting, plan, "change_meeting_item", {"item": str(item.id)}, actor, now)


def remove(session: Session, meeting: Meeting, item: MeetingItem, *, actor: Actor, now: datetime) -> None:
    """Take a point off the agenda, with its papers. Raises Refused without the role and for a workshop that has a report."""
    plan = _hold(session, meeting, actor)
    if item.report is not None:
        raise Refused([Refusal(N_("This workshop has a report: it cannot be taken off the agenda."))])
    item.removed_at = now
    for paper in query.papers(session, meeting, actor, plan):
        if paper.item_id == item.id:
            paper.removed_at = now
    _changed(session, meeting, plan, "remove_meeting_item", {"item": str(item.id)}, actor, now)


def publish(session: Session, meeting: Meeting, *, actor: Actor, now: datetime) -> list[Document]:
    """Make the agenda public and issue AGENDA; an earlier one is superseded. Raises Refused without the role, for an empty
    agenda, and where nothing has changed since."""
    plan = _hold(session, meeting, actor)
    if not query.items(session, meeting):
        raise Refused([Refusal(N_("There is nothing on the agenda yet."))])
    if plan.published_at and (plan.changed_at is None or plan.changed_at <= plan.published_at):
        raise Refused([Refusal(N_("This agenda is published: nothing has changed since."))])
    plan.published_at = now
    meeting.changed()
    session.flush()
    payload = {"meeting": str(meeting.id), "edition": meeting.edition}
    network_acts.note(session, "publish_agenda", actor=actor, now=now, payload=payload)
    draft = contexts.agenda(session, meeting, plan)
    return network_acts.issue(session, Doc.AGENDA, draft, now=now, act="publish_agenda", subject_id=meeting.id)


def add_link(session: Session, meeting: Meeting, paper: Paper, *, actor: Actor, now: datetime) -> MeetingPaper:
    """A paper that stands elsewhere. Raises Refused without the role, InvalidInput for what is no address of the web."""
    plan = _hold(session, meeting, actor)
    address = urlsplit(paper.url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise InvalidInput({"url": (Refusal(N_("Give an address that begins with https://.")),)})
    return _keep(session, meeting, plan, paper, MeetingPaper(url=paper.url), actor, now)


def add_file(
    session: Session, files: Files, meeting: Meeting, paper: Paper, *, name: str, content: IO[bytes], scanner: Scanner,
    actor: Actor, now: datetime,
) -> MeetingPaper:  # fmt: skip
    """A paper as a file, which is judged by its content and looked through. Raises Refused without the role, InvalidInput
    under "file" for a file that cannot be taken; ScannerError, StorageError."""
    plan = _hold(session, meeting, actor)
    formats, most = network.papers()
    found = uploads.inspect(content, name, formats=formats, max_bytes=most)
    virus = scanner.scan(content)
    if virus is not None:
        told = N_("The scanner has found this in the file: %(name)s. It was not taken in.")
        raise InvalidInput({"file": (Refusal(told, {"name": virus}),)})
    row = MeetingPaper(
        name=found.name, content_type=found.content_type, size=found.size, sha256=files.put_file(content)
    )
    return _keep(session, meeting, plan, paper, row, actor, now)


def remove_paper(session: Session, meeting: Meeting, paper: MeetingPaper, *, actor: Actor, now: datetime) -> None:
    """Take a paper away; its bytes stay in storage. Raises Refused without the role."""
    plan = _hold(session, meeting, actor)
    paper.removed_at = now
    _changed(session, meeting, plan, "remove_paper", {"paper": str(paper.id)}, actor, now)


def _hold(session: Session, meeting: Meeting, actor: Actor) -> MeetingPlan:
    network_acts.require_secretariat(actor)
    network_acts.hold(session)
    session.refresh(meeting)
    plan = query.plan(session, meeting)
    if plan is None or meeting.starts_on is None or meeting.ends_on is None:
        raise Refused([Refusal(N_("Give the meeting its days and its time zone first."))])
    return plan


def _check(session: Session, meeting: Meeting, plan: MeetingPlan, point: Point, own: MeetingItem | None = None) -> None:
    assert meeting.starts_on is not None
    assert meeting.ends_on is not None
    others = [query.slot(item) for item in query.items(session, meeting) if item is not own]
    wrong: dict[str, tuple[Refusal, ...]] = {}
    for name, refusal in rules.faults(point.slot, (meeting.starts_on, meeting.ends_on), plan.zone, others):
        wrong[name] = (*wrong.get(name, ()), refusal)
    known = {str(f["key"]) for f in network.fields()}
    if point.kind is Kind.WORKSHOP and point.field not in known:
        wrong["field"] = (Refusal(N_("Choose the creative field of the workshop.")),)
    if wrong:
        raise InvalidInput(wrong)


def _write(item: MeetingItem, point: Point, now: datetime) -> None:
    slot = point.slot
    item.day, item.starts, item.ends, item.hall = slot.day, slot.starts, slot.ends, slot.hall
    item.title_en, item.title_fr, item.kind = slot.title, point.title_fr, point.kind
    item.field = point.field if point.kind is Kind.WORKSHOP else None
    item.changed_at = now
    item.version += 1


def _keep(
    session: Session, meeting: Meeting, plan: MeetingPlan, paper: Paper, row: MeetingPaper, actor: Actor, now: datetime
) -> MeetingPaper:  # fmt: skip
    if paper.item_id is not None and query.item(session, meeting, paper.item_id) is None:
        raise InvalidInput({"item": (Refusal(N_("Choose a point of this agenda, or the whole meeting.")),)})
    if paper.language not in LANGUAGES:
        raise InvalidInput({"language": (Refusal(N_("Choose the language of the text.")),)})
    row.id, row.meeting_id, row.item_id = new_id(), meeting.id, paper.item_id
    row.title, row.language, row.readers = paper.title, paper.language, paper.readers
    row.added_at, row.added_by = now, actor.person
    session.add(row)
    _changed(session, meeting, plan, "add_paper", {"paper": str(row.id), "sha256": row.sha256}, actor, now)
    return row


def _changed(
    session: Session, meeting: Meeting, plan: MeetingPlan, act: str, payload: dict[str, object], actor: Actor, now: datetime
) -> None:  # fmt: skip
    plan.changed_at = now
    meeting.changed()
    session.flush()
    network_acts.note(session, act, actor=actor, now=now, payload={"meeting": str(meeting.id), **payload})
