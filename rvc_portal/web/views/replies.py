"""The city's answer on facts: the Secretariat chooses passages and opens the answers, the city writes and sends its own."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, g, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from rvc_portal.domain.errors import InvalidInput, NotFound
from rvc_portal.domain.values import cleaned
from rvc_portal.domain.vocabulary import Permission, Role
from rvc_portal.models.base import db
from rvc_portal.queries import calls
from rvc_portal.queries import replies as query
from rvc_portal.services import replies
from rvc_portal.web import dossier_page, labels
from rvc_portal.web.access import may, requires, requires_role_on_call
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, arrived_at, now

bp = Blueprint("replies", __name__)

CHOOSE, SHOW = "replies/choose.html", "replies/show.html"
SPARE, MOST = 3, 50
"""Empty passages that the form offers, and all that it takes."""

Wrong = Mapping[str, Sequence[str]]


@bp.get("/calls/<key>/replies")
@requires_role_on_call(Role.SECRETARIAT)
def index() -> Response:
    """Which files have passages, which cities have answered, and the act that opens the answers to all of them."""
    if query.rules(g.call) is None:
        raise NotFound
    window = calls.definition(g.call).windows["reply"]
    return page(
        "replies/index.html", call=g.call, call_title=labels.call_title(g.call), zone=labels.call_zone(g.call),
        rows=query.of_call(db.session(), actor(), g.call), window=window, within=window.contains(now()),
        opened_at=g.call.replies_opened_at,
    )  # fmt: skip


@bp.post("/calls/<key>/replies/open")
@requires_role_on_call(Role.SECRETARIAT)
def open_all() -> Response:
    """Show every city its passages, and take answers."""
    told = replies.open_all(db.session(), g.call, actor=actor(), now=now())
    message = ngettext(
        "The answers are open; %(num)s city is told.", "The answers are open; %(num)s cities are told.", told
    )
    return done(url_for(".index", key=g.call.key), message=message)


@bp.get("/dossiers/<uuid:dossier_id>/passages")
@requires(Permission.SEE_RESULTS)
def passages() -> Response:
    """What the sheets say, and the passages that are chosen from it for the city."""
    return page(CHOOSE, **_choosing([p.text for p in query.passages(db.session(), g.dossier.id)]))


@bp.post("/dossiers/<uuid:dossier_id>/passages")
@requires(Permission.SEE_RESULTS)
def choose() -> Response:
    """Keep the passages."""
    texts = [cleaned(text) for text in request.form.getlist("passage")[:MOST]]
    try:
        count = replies.choose(db.session(), g.dossier, texts, actor=actor(), now=now())
    except InvalidInput as error:
        return form_error(CHOOSE, **_choosing(texts, _worded(error)))
    message = ngettext("%(num)s passage is kept.", "%(num)s passages are kept.", count)
    return done(url_for(".passages", dossier_id=g.dossier.id), message=message)


@bp.get("/dossiers/<uuid:dossier_id>/reply")
@requires(Permission.READ)
def show() -> Response:
    """The passages with the city's answers: a form for the city while its time runs, to read for everybody else."""
    if not query.may_read(g.dossier, g.roles):
        raise NotFound
    return page(SHOW, **_reply())


@bp.post("/dossiers/<uuid:dossier_id>/reply")
@requires(Permission.REPLY)
def save() -> Response:
    """Keep the answers as a draft."""
    return _write(replies.save, _("Your answers are kept. They stay a draft until the lead sends them."))


@bp.post("/dossiers/<uuid:dossier_id>/reply/send")
@requires(Permission.REPLY)
def send() -> Response:
    """Send them for good."""
    return _write(replies.send, _("Your answer is sent. You receive a receipt by mail."))


def _write(act: Any, message: str) -> Response:
    answers = _answers()
    try:
        act(db.session(), g.dossier, answers, actor=actor(), now=now(), received_at=arrived_at())
    except InvalidInput as error:
        return form_error(SHOW, **_reply(answers, _worded(error)))
    return done(url_for(".show", dossier_id=g.dossier.id), message=message)


def _answers() -> dict[UUID, str]:
    """What was written on each passage of this file."""
    fields = {p.id: f"answer-{p.id}" for p in query.passages(db.session(), g.dossier.id)}
    return {i: cleaned(request.form[name]) for i, name in fields.items() if name in request.form}


def _choosing(texts: Sequence[str], wrong: Wrong | None = None) -> dict[str, Any]:
    if query.rules(g.dossier.call) is None:
        raise NotFound
    if Role.SECRETARIAT not in g.roles:
        abort(403)
    opened = g.dossier.call.replies_opened_at
    return {
        **dossier_page.head(),
        "reasons": query.reasons(db.session(), g.dossier, labels.reader_language()),
        "texts": [*texts, *[""] * (0 if wrong or opened else SPARE)],
        "wrong": wrong or {},
        "errors": _summary(wrong),
        "opened_at": opened,
    }


def _reply(typed: Mapping[UUID, str] | None = None, wrong: Wrong | None = None) -> dict[str, Any]:
    found = query.sent(db.session(), g.dossier.id)
    told, deadline = query.rules(g.dossier.call), query.deadline(g.dossier.call)
    assert told is not None  # who gets here has passed `may_read`
    own = Role.LEAD in g.roles or Role.EDITOR in g.roles or Role.READER in g.roles
    return {
        **dossier_page.head(),
        "passages": query.passages(db.session(), g.dossier.id),
        "typed": typed or {},
        "wrong": wrong or {},
        "errors": _summary(wrong),
        "sent": found,
        "drafts": own,
        "writes": own and may(Permission.REPLY) and found is None and not deadline.is_past(now()),
        "sends": Role.LEAD in g.roles,
        "deadline": deadline.shown,
        "over": deadline.is_past(now()),
        "most": told.maximum_words,
    }


def _worded(error: InvalidInput) -> dict[str, list[str]]:
    return {name: [labels.refusal(refusal) for refusal in found] for name, found in error.problems.items()}


def _summary(wrong: Wrong | None) -> list[tuple[str, str]]:
    return [(name, sentence) for name, found in (wrong or {}).items() for sentence in found]
