"""The workshops of a meeting, each with its chair and what it reports."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, url_for
from flask_babel import gettext as _

from rvc_portal.domain.agenda import Kind
from rvc_portal.domain.errors import InvalidInput, NotFound
from rvc_portal.domain.vocabulary import Doc
from rvc_portal.gateways import network
from rvc_portal.models.agenda import MeetingItem
from rvc_portal.models.base import db
from rvc_portal.models.meeting import Meeting
from rvc_portal.queries import agenda, documents
from rvc_portal.services import workshops
from rvc_portal.web import labels, meeting_page
from rvc_portal.web.access import public, signed_in
from rvc_portal.web.dossier_page import document_item
from rvc_portal.web.forms.base import problems
from rvc_portal.web.forms.meetings import ReportForm
from rvc_portal.web.htmx import done, page
from rvc_portal.web.session import actor, now

bp = Blueprint("workshops", __name__, url_prefix="/meetings/<int:edition>/workshops")

INDEX, REPORT = "workshops/index.html", "workshops/report.html"


@bp.get("")
@public
def index(edition: int) -> Response:
    """Every workshop, as soon as the agenda is published; reports for those of the Network, once they are issued."""
    meeting = meeting_page.of(edition)
    plan = agenda.plan(db.session(), meeting)
    told = agenda.may_read_agenda(g.actor, plan)
    rows = [i for i in agenda.items(db.session(), meeting) if i.kind == Kind.WORKSHOP] if told else []
    chairs = agenda.chairs(db.session(), rows, agenda.zone_of(plan))
    issued: dict[UUID, list[Any]] = {}
    for shown in documents.of_network(db.session(), g.actor, Doc.WORKSHOP_REPORT) if rows else []:
        if shown.document.superseded_at is None and shown.document.subject_id:
            issued.setdefault(shown.document.subject_id, []).append(document_item(shown))
    return page(
        INDEX, **meeting_page.frame(meeting, plan, "workshops.index"), told=told,
        rows=[{**_row(i, chairs.get(i.id)), "documents": issued.get(i.id, [])} for i in rows],
    )  # fmt: skip


@bp.route("/<uuid:slot_id>/report", methods=["GET", "POST"])
@signed_in
def report(edition: int, slot_id: UUID) -> Response:
    """Write what the workshop reports: its chair, or the Secretariat."""
    meeting = meeting_page.of(edition)
    item = _item(meeting, slot_id)
    form = ReportForm(obj=item.report, data=None if item.report else {"revision": 0})
    if form.validate_on_submit():
        seen = int(form.revision.data) if str(form.revision.data).isdecimal() else 0
        try:
            workshops.write(db.session(), meeting, item, form.texts, seen_revision=seen, actor=actor(), now=now())
        except InvalidInput as error:
            form.take(error)
            form.revision.data = item.report.revision if item.report else 0
        else:
            url = url_for(".report", edition=edition, slot_id=slot_id)
            return done(url, message=_("The report is saved. It is read by others once it is issued."))
    return page(REPORT, status=422 if form.is_submitted() else 200, **_report(meeting, item, form))


@bp.post("/<uuid:slot_id>/issue")
@signed_in
def issue(edition: int, slot_id: UUID) -> Response:
    """Issue the report."""
    meeting = meeting_page.of(edition)
    workshops.issue(db.session(), meeting, _item(meeting, slot_id), actor=actor(), now=now())
    return done(url_for(".index", edition=edition), message=_("The report is issued; its documents are being made."))


def _report(meeting: Meeting, item: MeetingItem, form: ReportForm) -> dict[str, Any]:
    plan = agenda.plan(db.session(), meeting)
    kept = item.report
    names = agenda.names(db.session(), [kept.written_by]) if kept else {}
    return {
        **meeting_page.frame(meeting, plan, "workshops.index"),
        "row": _row(item, agenda.chairs(db.session(), [item], agenda.zone_of(plan)).get(item.id)),
        "written_zone": network.timezone(), "form": form, "errors": problems(form), "kept": kept,
        "author": names.get(kept.written_by, "") if kept else "",
        "differs": form.is_submitted() and kept is not None,
        "unissued": kept is not None and kept.issued_revision != kept.revision,
    }  # fmt: skip


def _row(item: MeetingItem, chair: agenda.Chair | None) -> dict[str, Any]:
    kept = item.report
    return {
        "id": item.id, "day": item.day, "hours": f"{item.starts:%H:%M}–{item.ends:%H:%M}", "hall": item.hall,
        "title": labels.wording({"en": item.title_en, "fr": item.title_fr}), "field": item.field,
        "field_label": meeting_page.field_labels().get(item.field or "", ""),
        "chair": f"{chair.member.city}, {labels.country(chair.member.country)}" if chair else None,
        "persons": [p.name for p in chair.persons] if chair and g.actor else [],
        "writes": g.actor is not None and workshops.may_write(g.actor, chair),
        "state": None if kept is None else "issued" if kept.issued_revision == kept.revision else "draft",
    }  # fmt: skip


def _item(meeting: Meeting, slot_id: UUID) -> MeetingItem:
    """Raises NotFound for what is no workshop of the meeting, or none whose report the person writes."""
    found = agenda.item(db.session(), meeting, slot_id)
    if found is None or found.kind != Kind.WORKSHOP:
        raise NotFound
    zone = agenda.zone_of(agenda.plan(db.session(), meeting))
    if not workshops.may_write(actor(), agenda.chairs(db.session(), [found], zone).get(found.id)):
        raise NotFound
    return found
