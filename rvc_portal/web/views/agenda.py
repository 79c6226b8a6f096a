"""The agenda of a meeting, by day and hall: public once it is published; its calendar file, its papers, and its writing."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, g, request, url_for
from flask_babel import gettext as _

from rvc_portal.documents import ical
from rvc_portal.domain.agenda import KINDS, Kind, Readers, days_of
from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal, Refused
from rvc_portal.domain.vocabulary import N_, Doc, Role
from rvc_portal.gateways import network, uploads
from rvc_portal.models.agenda import MeetingItem, MeetingPaper, MeetingPlan
from rvc_portal.models.base import db
from rvc_portal.models.meeting import Meeting
from rvc_portal.queries import agenda as query
from rvc_portal.queries import documents
from rvc_portal.services import agenda
from rvc_portal.web import labels, meeting_page
from rvc_portal.web.access import public, requires_role
from rvc_portal.web.dossier_page import document_item
from rvc_portal.web.forms.base import Option, problems
from rvc_portal.web.forms.meetings import READERS, ItemForm, PaperForm
from rvc_portal.web.htmx import done, page
from rvc_portal.web.look import whole_day
from rvc_portal.web.session import actor, now
from rvc_portal.web.views.documents import attachment, send

bp = Blueprint("agenda", __name__, url_prefix="/meetings/<int:edition>")

SHOW, ITEM, PAPER = "agenda/show.html", "agenda/item.html", "agenda/paper.html"


@bp.get("/agenda")
@public
def show(edition: int) -> Response:
    """The agenda by day and hall, as soon as it is published; before that the Secretariat and the Steering Group read it."""
    meeting = meeting_page.of(edition)
    plan = query.plan(db.session(), meeting)
    told = query.may_read_agenda(g.actor, plan)
    items = query.items(db.session(), meeting) if told else []
    papers = query.papers(db.session(), meeting, g.actor, plan)
    return page(
        SHOW, **meeting_page.frame(meeting, plan, "agenda.show"), told=told, published=query.is_published(plan),
        changed=plan is not None and plan.published_at is not None and (plan.changed_at or now()) > plan.published_at,
        days=_days(items, query.chairs(db.session(), items, query.zone_of(plan)), papers),
        papers=[_paper(meeting, p) for p in papers if p.item_id is None],
        documents=[document_item(s) for s in documents.of_network(db.session(), g.actor, Doc.AGENDA, meeting.id)
                   if s.document.superseded_at is None],
    )  # fmt: skip


@bp.get("/agenda.ics")
@public
def as_ical(edition: int) -> Response:
    """The agenda as a calendar file; 404 for whom it is not told to yet."""
    meeting = meeting_page.of(edition)
    plan = query.plan(db.session(), meeting)
    if plan is None or not query.may_read_agenda(g.actor, plan):
        raise NotFound
    name = _("Annual meeting %(year)s", year=meeting.year)
    events = [_event(meeting, plan, item) for item in query.items(db.session(), meeting)]
    response = Response(ical.calendar(name, events, labels.reader_language()), mimetype=ical.MEDIA_TYPE)
    response.headers["Content-Disposition"] = attachment(f"agenda-{meeting.year}.ics")
    return response


@bp.route("/agenda/new", methods=["GET", "POST"])
@requires_role(Role.SECRETARIAT)
def add(edition: int) -> Response:
    """Put one more point on the agenda."""
    meeting = meeting_page.of(edition)
    days = _meeting_days(meeting)
    form = ItemForm(day=request.args.get("day"))
    form.offer(days)
    if form.validate_on_submit():
        try:
            agenda.add(db.session(), meeting, form.point(), actor=actor(), now=now())
        except InvalidInput as error:
            form.take(error)
        else:
            return done(_url(meeting), message=_("The point is on the agenda."))
    return _item_form(meeting, form, None)


@bp.route("/agenda/<uuid:slot_id>", methods=["GET", "POST"])
@requires_role(Role.SECRETARIAT)
def change(edition: int, slot_id: UUID) -> Response:
    """Change a point of the agenda."""
    meeting = meeting_page.of(edition)
    item = _item(meeting, slot_id)
    form = ItemForm(data={
        "version": item.version, "day": item.day.isoformat(), "starts": f"{item.starts:%H:%M}",
        "ends": f"{item.ends:%H:%M}", "hall": item.hall, "kind": item.kind, "field": item.field,
        "title_en": item.title_en, "title_fr": item.title_fr,
    })  # fmt: skip
    form.offer(_meeting_days(meeting))
    if form.validate_on_submit():
        seen = int(form.version.data) if str(form.version.data).isdecimal() else 0
        try:
            agenda.change(
                db.session(), meeting, item, form.point(), seen_version=seen, actor=actor(), now=now()
            )  # fmt: skip
        except InvalidInput as error:
            form.take(error)
            form.version.data = item.version
        else:
            return done(_url(meeting), message=_("The change is saved."))
    return _item_form(meeting, form, item)


@bp.post("/agenda/<uuid:slot_id>/remove")
@requires_role(Role.SECRETARIAT)
def remove(edition: int, slot_id: UUID) -> Response:
    """Take a point off the agenda."""
    meeting = meeting_page.of(edition)
    agenda.remove(db.session(), meeting, _item(meeting, slot_id), actor=actor(), now=now())
    return done(_url(meeting), message=_("The point is taken off the agenda."))


@bp.post("/agenda/publish")
@requires_role(Role.SECRETARIAT)
def publish(edition: int) -> Response:
    """Make the agenda public, and issue its document."""
    meeting = meeting_page.of(edition)
    agenda.publish(db.session(), meeting, actor=actor(), now=now())
    return done(_url(meeting), message=_("The agenda is published; its documents are being made."))


@bp.route("/papers/new", methods=["GET", "POST"])
@requires_role(Role.SECRETARIAT)
def add_paper(edition: int) -> Response:
    """Add a paper, for the meeting or for one point of its agenda (`item` of the address)."""
    meeting = meeting_page.of(edition)
    _meeting_days(meeting)
    form = PaperForm(item=request.args.get("item"), language=labels.reader_language())
    if form.validate_on_submit():
        try:
            _take_in(meeting, form)
        except InvalidInput as error:
            form.take(error)
        else:
            return done(_url(meeting), message=_("The paper is there."))
    formats, most = network.papers()
    form.item.choices = [
        Option(str(item.id), f"{whole_day(item.day)}, {item.starts:%H:%M} – {_title(item)}")
        for item in query.items(db.session(), meeting)
    ]
    return page(
        PAPER, status=422 if form.is_submitted() else 200, form=form, errors=problems(form), formats=formats, most=most,
        endings=",".join(e for f in formats for e in uploads.ENDINGS.get(f, (f".{f}",))),
        **meeting_page.frame(meeting, query.plan(db.session(), meeting), "agenda.show"),
    )  # fmt: skip


@bp.get("/papers/<uuid:paper_id>")
@public
def paper(edition: int, paper_id: UUID) -> Response:
    """One paper, for those who may read it."""
    meeting = meeting_page.of(edition)
    found = query.paper(db.session(), meeting, paper_id)
    if found is None or found.sha256 is None or not query.may_read(g.actor, found, query.plan(db.session(), meeting)):
        raise NotFound
    return send(found.sha256, found.name or "paper", found.content_type or "application/octet-stream", found.size)


@bp.post("/papers/<uuid:paper_id>/remove")
@requires_role(Role.SECRETARIAT)
def remove_paper(edition: int, paper_id: UUID) -> Response:
    """Take a paper away."""
    meeting = meeting_page.of(edition)
    found = query.paper(db.session(), meeting, paper_id)
    if found is None:
        raise NotFound
    agenda.remove_paper(db.session(), meeting, found, actor=actor(), now=now())
    return done(_url(meeting), message=_("The paper is taken away."))


def _take_in(meeting: Meeting, form: PaperForm) -> None:
    sent, told = request.files.get("file"), form.paper()
    given = sent is not None and bool(sent.filename)
    if given == bool(told.url):
        wrong = N_("Give a file or a link, not both.") if given else N_("Choose a file, or give a link.")
        raise InvalidInput({"file": (Refusal(wrong),)})
    if sent is None or not given:
        agenda.add_link(db.session(), meeting, told, actor=actor(), now=now())
        return
    instance = current_app.extensions["rvc"]
    agenda.add_file(
        db.session(), instance.files, meeting, told, name=sent.filename or "", content=sent.stream,
        scanner=instance.scanner, actor=actor(), now=now(),
    )  # fmt: skip


def _item_form(meeting: Meeting, form: ItemForm, item: MeetingItem | None) -> Response:
    return page(
        ITEM, status=422 if form.is_submitted() else 200, form=form, errors=problems(form), item=item,
        reported=item is not None and item.report is not None,
        **meeting_page.frame(meeting, query.plan(db.session(), meeting), "agenda.show"),
    )  # fmt: skip


def _meeting_days(meeting: Meeting) -> Sequence[date]:
    """Raises Refused before the meeting has any."""
    if meeting.starts_on is None or meeting.ends_on is None or query.plan(db.session(), meeting) is None:
        raise Refused([Refusal(N_("Give the meeting its days and its time zone first."))])
    return days_of(meeting.starts_on, meeting.ends_on)


def _days(
    items: Sequence[MeetingItem], chairs: Mapping[UUID, query.Chair], papers: Sequence[MeetingPaper]
) -> list[dict[str, Any]]:  # fmt: skip
    """The agenda by day, and what begins at one time side by side, hall by hall."""
    fields = meeting_page.field_labels()
    return [
        {
            "day": day,
            "times": [
                {"starts": f"{starts:%H:%M}", "items": [_row(i, chairs.get(i.id), papers, fields) for i in at_once]}
                for starts, at_once in groupby(found, key=lambda item: item.starts)
            ],
        }
        for day, found in groupby(items, key=lambda item: item.day)
    ]


def _row(
    item: MeetingItem, chair: query.Chair | None, papers: Sequence[MeetingPaper], fields: Mapping[str, str]
) -> dict[str, Any]:  # fmt: skip
    return {
        "id": item.id, "starts": f"{item.starts:%H:%M}", "ends": f"{item.ends:%H:%M}", "hall": item.hall,
        "title": _title(item), "kind": item.kind, "kind_label": _(KINDS[Kind(item.kind)]), "field": item.field,
        "field_label": fields.get(item.field or "", ""),
        "chair": f"{chair.member.city}, {labels.country(chair.member.country)}" if chair else None,
        "papers": [_paper(item.meeting, p) for p in papers if p.item_id == item.id],
    }  # fmt: skip


def _paper(meeting: Meeting, paper: MeetingPaper) -> dict[str, Any]:
    own = url_for("agenda.paper", edition=meeting.edition, paper_id=paper.id)
    return {
        "id": paper.id, "title": paper.title, "language": paper.language, "url": paper.url or own, "file": paper.name,
        "size": paper.size, "readers": READERS[Readers(paper.readers)] if paper.readers != Readers.ANYBODY else None,
    }  # fmt: skip


def _event(meeting: Meeting, plan: MeetingPlan, item: MeetingItem) -> ical.Event:
    starts, ends = query.slot(item).span(plan.zone)
    place = ", ".join(filter(None, (item.hall, *(host.city for host in meeting.hosts))))
    return ical.Event(
        f"{item.id}@{request.host}", _title(item), starts, ends, item.changed_at.astimezone(UTC), place,
        _(KINDS[Kind(item.kind)]), _url(meeting, external=True),
    )  # fmt: skip


def _title(item: MeetingItem) -> str:
    return labels.wording({"en": item.title_en, "fr": item.title_fr})


def _item(meeting: Meeting, slot_id: UUID) -> MeetingItem:
    found = query.item(db.session(), meeting, slot_id)
    if found is None:
        raise NotFound
    return found


def _url(meeting: Meeting, *, external: bool = False) -> str:
    return url_for("agenda.show", edition=meeting.edition, _external=external)
