"""What a workshop reports: written by whoever chairs it or by the Secretariat, then issued."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.errors import InvalidInput, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Doc, Role
from rvc_portal.models.agenda import MeetingItem, WorkshopReport
from rvc_portal.models.document import Document
from rvc_portal.models.meeting import Meeting
from rvc_portal.queries import agenda as query
from rvc_portal.queries.agenda import Chair
from rvc_portal.services import network_acts
from rvc_portal.services.contexts import meeting as contexts


def may_write(actor: Actor, chair: Chair | None) -> bool:
    """Whether the person writes the report: the Secretariat, or who acts for the coordinator of the field at the time."""
    return actor.has(Role.SECRETARIAT) or (chair is not None and chair.is_person(actor))


def write(
    session: Session, meeting: Meeting, item: MeetingItem, texts: Mapping[str, str], *, seen_revision: int, actor: Actor,
    now: datetime,
) -> WorkshopReport:  # fmt: skip
    """Save the report in each language in which it is written. `seen_revision`: of the form that was sent, 0 for the first.
    Raises Refused to anybody else than its writers, InvalidInput where somebody else saved meanwhile or nothing is said."""
    _hold(session, meeting, item, actor)
    report = item.report or WorkshopReport(item_id=item.id, revision=0)
    if report.revision != seen_revision:
        told = N_(
            "Somebody else has saved the report meanwhile: it stands below. Put the two together, and save again."
        )
        raise InvalidInput({"revision": (Refusal(told),)})
    if not any(text.strip() for text in texts.values()):
        raise InvalidInput({"text_en": (Refusal(N_("Write the report in one of the languages, or in both.")),)})
    report.text_en, report.text_fr = texts["en"].strip(), texts["fr"].strip()
    report.revision, report.written_at, report.written_by = report.revision + 1, now, actor.person
    session.add(report)
    session.flush()
    session.expire(item, ["report"])
    payload = {"meeting": str(meeting.id), "item": str(item.id), "revision": report.revision}
    network_acts.note(session, "write_workshop_report", actor=actor, now=now, payload=payload)
    return report


def issue(session: Session, meeting: Meeting, item: MeetingItem, *, actor: Actor, now: datetime) -> list[Document]:
    """Issue WORKSHOP_REPORT; an earlier one is superseded. Raises Refused to anybody else than its writers, before there is a
    report, and where it was issued as it reads."""
    _hold(session, meeting, item, actor)
    report = item.report
    if report is None:
        raise Refused([Refusal(N_("There is no report yet."))])
    if report.issued_revision == report.revision:
        raise Refused([Refusal(N_("The report is issued as it reads."))])
    report.issued_revision = report.revision
    session.flush()
    payload = {"meeting": str(meeting.id), "item": str(item.id), "revision": report.revision}
    network_acts.note(session, "issue_workshop_report", actor=actor, now=now, payload=payload)
    draft = contexts.workshop_report(session, meeting, item)
    return network_acts.issue(
        session, Doc.WORKSHOP_REPORT, draft, now=now, act="issue_workshop_report", subject_id=item.id
    )  # fmt: skip


def _hold(session: Session, meeting: Meeting, item: MeetingItem, actor: Actor) -> None:
    chair = query.chairs(session, [item], query.zone_of(query.plan(session, meeting))).get(item.id)
    if not may_write(actor, chair):
        raise Refused([Refusal(N_("The report is written by the coordinator of the field, or by the Secretariat."))])
    network_acts.hold(session)
    session.refresh(item)
