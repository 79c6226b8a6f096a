"""The discussion of a dossier: threads, each with those who read it in words, and the messages below them."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, url_for
from flask_babel import gettext as _

from rvc_portal.domain.discussion import LONGEST_TEXT, NAMES, READ_BY
from rvc_portal.domain.errors import InvalidInput, NotFound
from rvc_portal.domain.vocabulary import STREAM_OF_SEAT, Permission, Role, SeatKind
from rvc_portal.models.base import db
from rvc_portal.models.discussion import Thread, ThreadMessage
from rvc_portal.queries import calibration
from rvc_portal.queries import discussion as query
from rvc_portal.services import discussion
from rvc_portal.web import dossier_page, labels
from rvc_portal.web.access import requires
from rvc_portal.web.forms.base import problems
from rvc_portal.web.forms.discussion import MessageForm, ThreadForm
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, now

bp = Blueprint("discussion", __name__)

PAGE = "evaluation/discussion.html"


@bp.get("/dossiers/<uuid:dossier_id>/discussion")
@requires(Permission.READ_DISCUSSION)
def show() -> Response:
    """Every thread that the person reads; for whom the own sheet comes first, that sentence alone."""
    return page(PAGE, **_page(_new_thread()))


@bp.post("/dossiers/<uuid:dossier_id>/discussion")
@requires(Permission.READ_DISCUSSION)
def begin() -> Response:
    """Begin a thread with its first message."""
    form = ThreadForm()
    try:
        thread = discussion.begin(
            db.session, g.dossier, title=form.title.data or "", audience=form.audience.data or "",
            text=form.text.data or "", language=form.language.data or "", actor=actor(), now=now(),
        )  # fmt: skip
    except InvalidInput as error:
        form.take(error)
        return form_error(PAGE, **_page(form, [(name or "new", text) for name, text in problems(form)]))
    return done(_url(thread.id), message=_("Your thread is there. Whoever reads it is told by mail."))


@bp.post("/dossiers/<uuid:dossier_id>/discussion/<uuid:thread_id>")
@requires(Permission.READ_DISCUSSION)
def answer(thread_id: UUID) -> Response:
    """Add a message to a thread; htmx gets the thread back."""
    thread, form = _thread(thread_id), MessageForm()
    try:
        discussion.answer(
            db.session, g.dossier, thread, text=form.text.data or "", language=form.language.data or "",
            actor=actor(), now=now(),
        )  # fmt: skip
    except InvalidInput as error:
        form.take(error)
        context = _page(_new_thread(), [(f"text-{thread.id}", text) for _name, text in problems(form)], thread, form)
        return form_error(PAGE, "thread", thread=_told_of(context, thread), **context)
    return _changed(thread)


@bp.post("/dossiers/<uuid:dossier_id>/discussion/<uuid:thread_id>/messages/<uuid:message_id>/withdraw")
@requires(Permission.READ_DISCUSSION)
def withdraw(thread_id: UUID, message_id: UUID) -> Response:
    """Take an own message back."""
    thread = _thread(thread_id)
    message = next((m for m in thread.messages if m.id == message_id), None)
    if message is None:
        raise NotFound
    discussion.withdraw(db.session, g.dossier, message, actor=actor(), now=now())
    return _changed(thread)


def _changed(thread: Thread) -> Response:
    db.session.flush()
    db.session.refresh(thread, ["messages"])
    context = _page(_new_thread())
    return done(_url(thread.id), PAGE, "thread", context={"thread": _told_of(context, thread), **context})


def _told_of(context: dict[str, Any], thread: Thread) -> dict[str, Any]:
    return next(t for t in context["threads"] if t["id"] == thread.id)


def _thread(thread_id: UUID) -> Thread:
    """The thread, if the person reads it. Raises NotFound."""
    found = db.session.get(Thread, thread_id)
    to = query.standing(db.session, actor(), g.dossier, g.roles)
    if found is None or found.dossier_id != g.dossier.id or not query.reads(actor(), found, to):
        raise NotFound
    return found


def _url(thread_id: UUID) -> str:
    return url_for(".show", dossier_id=g.dossier.id, _anchor=f"thread-{thread_id}")


def _new_thread() -> ThreadForm:
    return ThreadForm(formdata=None, language=labels.reader_language())


def _page(
    form: ThreadForm, errors: list[tuple[str, str]] | None = None, wrong: Thread | None = None,
    typed: MessageForm | None = None,
) -> dict[str, Any]:  # fmt: skip
    """`wrong`: the thread whose message could not be taken, `typed`: that message."""
    to = query.standing(db.session, actor(), g.dossier, g.roles)
    found = query.threads(db.session, actor(), g.dossier, to)
    empty = MessageForm(formdata=None, language=labels.reader_language())
    return {
        "threads": [_told(thread, to, typed if typed and thread is wrong else empty) for thread in found],
        "waits": to.waits or not to.roles,
        "audiences": [(str(a), _(NAMES[a]), _(READ_BY[a])) for a in to.writes],
        "form": form,
        "errors": errors or [],
        "longest": LONGEST_TEXT,
        "calibrates": calibration.is_marked(db.session, g.dossier.id),
        **dossier_page.head(),
    }


def _told(thread: Thread, to: query.Standing, form: MessageForm) -> dict[str, Any]:
    return {
        "id": thread.id,
        "title": thread.title,
        "language": thread.language,
        "read_by": _(READ_BY[thread.audience]),
        "writable": thread.audience in to.writes,
        "form": form,
        "messages": [_message(message) for message in thread.messages],
    }


def _message(message: ThreadMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "who": _who(message),
        "mine": message.author_id == actor().account_id,
        "at": message.at,
        "text": None if message.withdrawn_at else message.text,
        "language": message.language,
        "language_name": labels.language(message.language),
        "withdrawn_at": message.withdrawn_at,
    }


def _who(message: ThreadMessage) -> str:
    """The author: an evaluator as the redaction tells of the seat, others by name and office."""
    if message.seat is None:
        return f"{message.author.name}, {labels.role(Role(message.role))}"
    stream = STREAM_OF_SEAT[SeatKind(message.seat.kind)]
    return dossier_page.evaluators_told().of(message.seat.id, message.seat.name, stream)
