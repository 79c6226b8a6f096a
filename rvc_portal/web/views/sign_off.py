"""The mayor's sign-off: asked for by the city, read and answered by the mayor on a page that the mail's code opens."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, url_for
from flask_babel import gettext as _

from rvc_portal.domain.errors import InvalidInput, NotFound
from rvc_portal.domain.vocabulary import Permission
from rvc_portal.models.base import db
from rvc_portal.models.dossier import Dossier, SignOff
from rvc_portal.queries import calls, deadlines, dossiers
from rvc_portal.queries import submission as query
from rvc_portal.services import sign_off
from rvc_portal.services.contexts import answers
from rvc_portal.web import filing_page, labels
from rvc_portal.web.access import public, requires
from rvc_portal.web.forms.base import problems
from rvc_portal.web.forms.sign_off import ANSWERED, GIVEN, AnswerForm, AskForm
from rvc_portal.web.forms.submission import wording
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, arrived_at, now
from rvc_portal.web.views.documents import send

bp = Blueprint("sign_off", __name__)

OVERVIEW, SHOW = "submission/sections.html", "sign_off/show.html"


@bp.post("/dossiers/<uuid:dossier_id>/sign-off")
@requires(Permission.WRITE)
def ask() -> Response:
    """Send the mayor the link."""
    form = AskForm()
    name, email = form.name.data or "", form.email.data or ""
    try:
        if form.validate_on_submit():
            sign_off.ask(
                db.session(), g.dossier, name=name, email=email, actor=actor(), now=now(), received_at=arrived_at()
            )
    except InvalidInput as error:
        form.take(error)
    if form.errors:
        wrong = {f.name: [str(error) for error in f.errors] for f in form if f.errors}
        typed = {"name": name, "email": email}
        context = filing_page.task_list(errors=problems(form), sign_off_errors=wrong, sign_off_typed=typed)
        return form_error(OVERVIEW, "part_sign_off", blocks=("part_errors",), **context)
    url = url_for("submission.sections", dossier_id=g.dossier.id, _anchor="sign-off")
    return done(
        url, OVERVIEW, "part_sign_off", blocks=("part_errors", "part_submission"), context=filing_page.task_list,
        message=_("The request is on its way to the mayor."),
    )  # fmt: skip


@bp.get("/sign-off/<code>")
@public
def show(code: str) -> Response:
    """The whole file as it stands, and the question. Opening the page answers nothing."""
    return page(SHOW, **_context(code, AnswerForm()))


@bp.post("/sign-off/<code>")
@public
def answer(code: str) -> Response:
    """The mayor's word."""
    form = AnswerForm()
    if not form.validate_on_submit():
        return _answer_again(code, form)
    try:
        given = form.answer.data == GIVEN
        sign_off.answer(
            db.session(), code, given=given, reason=form.reason.data or "", now=now(), received_at=arrived_at()
        )
    except InvalidInput as error:
        form.take(error)
        return _answer_again(code, form)
    return done(url_for(".show", code=code))


@bp.get("/sign-off/<code>/pieces/<uuid:piece_id>")
@public
def piece(code: str, piece_id: UUID) -> Response:
    """One of the file's pieces, for the mayor to read."""
    _asked, dossier = _open(code)
    found = next((a for a in dossiers.attachments(db.session(), dossier.id) if a.id == piece_id), None)
    if found is None:
        raise NotFound
    return send(found.sha256, found.name, found.content_type, found.size)


def _answer_again(code: str, form: AnswerForm) -> Response:
    return form_error(SHOW, "part_answer", blocks=("part_errors",), **_context(code, form))


def _open(code: str) -> tuple[SignOff, Dossier]:
    asked, dossier = sign_off.open_request(db.session(), code)
    g.test_call = dossier.call.test
    return asked, dossier


def _context(code: str, form: AnswerForm) -> dict[str, Any]:
    asked, dossier = _open(code)
    told = calls.definition(dossier.call)
    values = dossiers.values(db.session(), dossier.id)
    statement = next((q.statement for q in told.form.questions() if q.type == "signature"), None)
    return {
        "asked": asked,
        "dossier": dossier,
        "form": form,
        "errors": problems(form),
        "told": told,
        "open": asked.answered_at is None
        and dossier.state in ("draft", "returned")
        and not deadlines.of_dossier(dossier).is_past(arrived_at()),
        "answered": _(ANSWERED[bool(asked.given)]) if asked.answered_at else None,
        "sections": answers.sections(told, values, dossier.language),
        "pieces": query.pieces(db.session(), dossier),
        "statement": wording(statement) if statement else "",
        "wording": wording,
        "field_label": labels.wording(_field(told, dossier)),
        "file_url": lambda piece_id: url_for(".piece", code=code, piece_id=piece_id),
    }


def _field(told: Any, dossier: Dossier) -> dict[str, str]:
    label = told.creative_field(dossier.field).label if dossier.field else None
    return {"en": label.en, "fr": label.fr} if label else {}
