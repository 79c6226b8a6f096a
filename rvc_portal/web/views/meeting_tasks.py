"""What is to be done before a meeting: by whom, until when, and what is late."""

from uuid import UUID

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from rvc_portal.domain.errors import InvalidInput, NotFound
from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.base import db
from rvc_portal.models.meeting import Meeting, MeetingTask
from rvc_portal.queries import agenda as query
from rvc_portal.queries import members
from rvc_portal.services import preparation
from rvc_portal.web import labels, meeting_page
from rvc_portal.web.access import requires_role
from rvc_portal.web.forms.base import problems
from rvc_portal.web.forms.meetings import TaskForm
from rvc_portal.web.htmx import done, page
from rvc_portal.web.session import actor, now

bp = Blueprint("meeting_tasks", __name__, url_prefix="/meetings/<int:edition>/tasks")

INDEX, FORM = "meeting_tasks/index.html", "meeting_tasks/form.html"
READERS = (Role.EVALUATOR, Role.STEERING, Role.SECRETARIAT, Role.DIRECTION)
DOING = (Role.EVALUATOR, Role.STEERING, Role.SECRETARIAT)


@bp.get("")
@requires_role(*READERS)
def index(edition: int) -> Response:
    """The tasks that are the person's to know, what is late first."""
    meeting = meeting_page.of(edition)
    plan = query.plan(db.session(), meeting)
    own = {m.id for m in members.own_cities(db.session(), actor())}
    hosted = query.hosted(db.session(), sorted(own))
    seen = [t for t in query.tasks(db.session(), meeting) if query.sees_task(actor(), t, own, hosted)]
    names = query.names(db.session(), [t.done_by for t in seen if t.done_by])
    today = query.today(now(), query.zone_of(plan))
    rows = [meeting_page.task_row(t, own, today) | {"by": names.get(t.done_by) if t.done_by else None} for t in seen]
    return page(
        INDEX, **meeting_page.frame(meeting, plan, "meeting_tasks.index"),
        late=[r for r in rows if r["late"]], waiting=[r for r in rows if not r["late"] and not r["done_at"]],
        done=[r for r in rows if r["done_at"]],
    )  # fmt: skip


@bp.route("/new", methods=["GET", "POST"])
@requires_role(Role.SECRETARIAT)
def new(edition: int) -> Response:
    """Add a task."""
    meeting, form = meeting_page.of(edition), TaskForm(language=labels.reader_language())
    if form.validate_on_submit():
        try:
            preparation.add_task(db.session(), meeting, form.duty(), actor=actor(), now=now())
        except InvalidInput as error:
            form.take(error)
        else:
            return done(_url(meeting), message=_("The task is added."))
    return _form(meeting, form, None)


@bp.route("/<uuid:task_id>", methods=["GET", "POST"])
@requires_role(Role.SECRETARIAT)
def change(edition: int, task_id: UUID) -> Response:
    """Change a task's words, owner or day."""
    meeting = meeting_page.of(edition)
    task = _task(meeting, task_id)
    form = TaskForm(text=task.text, language=task.language, due_on=task.due_on, owner=str(task.member_id or task.owner))
    if form.validate_on_submit():
        try:
            preparation.change_task(db.session(), task, form.duty(), actor=actor(), now=now())
        except InvalidInput as error:
            form.take(error)
        else:
            return done(_url(meeting), message=_("The change is saved."))
    return _form(meeting, form, task)


@bp.post("/<uuid:task_id>/done")
@requires_role(*DOING)
def finish(edition: int, task_id: UUID) -> Response:
    """Say that it is done."""
    meeting = meeting_page.of(edition)
    preparation.finish_task(db.session(), _seen(meeting, task_id), actor=actor(), now=now())
    return done(_url(meeting), message=_("The task is done."))


@bp.post("/<uuid:task_id>/reopen")
@requires_role(*DOING)
def reopen(edition: int, task_id: UUID) -> Response:
    """Say that it is not done after all."""
    meeting = meeting_page.of(edition)
    preparation.reopen_task(db.session(), _seen(meeting, task_id), actor=actor(), now=now())
    return done(_url(meeting), message=_("The task is open again."))


def _form(meeting: Meeting, form: TaskForm, task: MeetingTask | None) -> Response:
    form.offer(meeting, members.members(db.session()))
    return page(
        FORM, status=422 if form.is_submitted() else 200, form=form, errors=problems(form), task=task,
        **meeting_page.frame(meeting, query.plan(db.session(), meeting), "meeting_tasks.index"),
    )  # fmt: skip


def _task(meeting: Meeting, task_id: UUID) -> MeetingTask:
    found = query.task(db.session(), meeting, task_id)
    if found is None:
        raise NotFound
    return found


def _seen(meeting: Meeting, task_id: UUID) -> MeetingTask:
    """Raises NotFound for a task that the person knows nothing of."""
    found = _task(meeting, task_id)
    own = {m.id for m in members.own_cities(db.session(), actor())}
    if not query.sees_task(actor(), found, own, query.hosted(db.session(), sorted(own))):
        raise NotFound
    return found


def _url(meeting: Meeting) -> str:
    return url_for(".index", edition=meeting.edition)
