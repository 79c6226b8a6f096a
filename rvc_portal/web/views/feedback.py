"""Feedback to a city by criterion: written by the Steering Group and the Secretariat, sealed with the opinion."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from rvc_portal.domain.errors import InvalidInput, Refused
from rvc_portal.domain.feedback import PARTS
from rvc_portal.domain.values import cleaned
from rvc_portal.domain.vocabulary import Permission
from rvc_portal.models.base import db
from rvc_portal.queries import calls, replies
from rvc_portal.queries import feedback as query
from rvc_portal.services import feedback
from rvc_portal.web import dossier_page, labels
from rvc_portal.web.access import requires
from rvc_portal.web.htmx import done, page
from rvc_portal.web.session import actor, now

bp = Blueprint("feedback", __name__)

WRITE = "feedback/write.html"

Texts = dict[str, dict[str, str]]


@bp.get("/dossiers/<uuid:dossier_id>/feedback")
@requires(Permission.WRITE_FEEDBACK)
def write() -> Response:
    """What is written on each criterion, what is sealed, and what the sheets say."""
    return page(WRITE, **_writing())


@bp.post("/dossiers/<uuid:dossier_id>/feedback")
@requires(Permission.WRITE_FEEDBACK)
def save() -> Response:
    """Keep what is written, or (`draft`) begin what is empty from the evaluators' reasons, which keeps nothing yet."""
    typed, seen = _typed(), _seen()
    if request.form.get("draft"):
        drafted = feedback.drafted(db.session(), g.dossier, typed)
        return page(WRITE, **_writing(drafted, seen) | {"begun": drafted != typed})
    try:
        changed = feedback.save(
            db.session(), g.dossier, typed, seen=seen, sure="sure" in request.form, actor=actor(), now=now()
        )
    except InvalidInput as error:
        wrong = {at: [labels.refusal(r) for r in found] for at, found in error.problems.items()}
        return page(WRITE, status=422, **_writing(typed, seen, wrong))
    except Refused as error:  # what is saved stands beside what was typed: the next save is meant to replace it
        return page(WRITE, status=409, **_writing(typed) | {"refusals": [labels.refusal(r) for r in error.refusals]})
    message = ngettext("%(num)s criterion is saved.", "%(num)s criteria are saved.", changed)
    return done(url_for(".write", dossier_id=g.dossier.id), message=message if changed else _("Nothing has changed."))


def _typed() -> Texts:
    """What was sent on the criteria that can still be written, in the languages of the call."""
    found: Texts = {}
    for line in query.lines(db.session(), g.dossier):
        names = {f"{part}_{language}": f"{line.criterion.key}-{part}_{language}" for part, language in _parts()}
        sent = {name: cleaned(request.form[field]) for name, field in names.items() if field in request.form}
        if sent:
            found[line.criterion.key] = sent
    return found


def _seen() -> Mapping[str, int]:
    keys = [line.criterion.key for line in query.lines(db.session(), g.dossier)]
    return {key: request.form.get(f"{key}-seen", 0, type=int) for key in keys}


def _parts() -> list[tuple[str, str]]:
    return [(part, language) for part in PARTS for language in calls.definition(g.dossier.call).publish_languages]


def _writing(
    typed: Texts | None = None, seen: Mapping[str, int] | None = None, wrong: Mapping[str, Sequence[str]] | None = None
) -> dict[str, Any]:  # fmt: skip
    found = query.lines(db.session(), g.dossier)
    said = {r.criterion: r.texts for r in replies.reasons(db.session(), g.dossier, labels.reader_language())}
    names = {"strengths": _("Strengths"), "weaknesses": _("Weaknesses")}
    told = calls.definition(g.dossier.call)
    return {
        **dossier_page.head(),
        "lines": [_line(line, said, typed or {}, seen or {}) for line in found],
        "parts": [(part, language, names[part]) for part, language in _parts()],
        "languages": told.publish_languages,
        "rules": told.feedback,
        "begun": False,
        "refusals": [],
        "wrong": wrong or {},
        "errors": [(at, sentence) for at, found in (wrong or {}).items() for sentence in found],
    }


def _line(
    line: query.Line, said: Mapping[str, Sequence[str]], typed: Texts, seen: Mapping[str, int]
) -> dict[str, Any]:  # fmt: skip
    key, label = line.criterion.key, line.criterion.label.of(labels.reader_language())
    texts = {**line.texts, **typed.get(key, {})}
    return {
        "key": key,
        "label": label,
        "saved": line.texts,
        "texts": texts,
        "differs": texts != line.texts and any(line.texts.values()),
        "revision": seen.get(key, line.revision),
        "sealed": line.sealed,
        "reasons": said.get(label, ()),
    }
