"""Sign-offs, the mayor's and others': asked for by the city, read and answered on a page that the mail's code opens."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, url_for
from flask_babel import gettext as _

from rvc_portal.domain.call import MAYOR
from rvc_portal.domain.errors import InvalidInput, NotFound
from rvc_portal.domain.vocabulary import Permission
from rvc_portal.models.base import db
from rvc_portal.models.dossier import Attachment, Dossier, SignOff
from rvc_portal.queries import calls, deadlines, dossiers
from rvc_portal.queries import submission as query
from rvc_portal.services import sign_off
from rvc_portal.services.contexts import answers
from rvc_portal.web import dossier_page, filing_page, labels
from rvc_portal.web.access import public, requires
from rvc_portal.web.forms.base import problems
from rvc_portal.web.forms.sign_off import ANSWERED, ENDORSED, GIVEN, AnswerForm, AskForm, EndorsementForm
from rvc_portal.web.forms.submission import wording
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, arrived_at, now
from rvc_portal.web.views.documents import send, send_preview

bp = Blueprint("sign_off", __name__)

OVERVIEW, SHOW, GONE = "submission/sections.html", "sign_off/show.html", "sign_off/gone.html"


@bp.post("/dossiers/<uuid:dossier_id>/sign-off")
@requires(Permission.WRITE)
def ask() -> Response:
    """Send the link: for the first time, once more, or to somebody else."""
    form = AskForm()
    kind, name, email = form.kind.data or MAYOR, form.name.data or "", form.email.data or ""
    try:
        if form.validate_on_submit():
            sign_off.ask(
                db.session(), g.dossier, kind=kind, name=name, email=email, actor=actor(), now=now(),
                received_at=arrived_at(),
            )  # fmt: skip
    except InvalidInput as error:
        form.take(error)
    anchor = f"sign-off-{kind}"
    if form.errors:
        wrong = {f.name: [str(error) for error in f.errors] for f in form if f.errors}
        errors = [(f"{anchor}-{name}", sentence) for name, sentences in wrong.items() for sentence in sentences]
        values = dossiers.values(db.session(), g.dossier.id)
        shown = filing_page.sign_offs(values, kind=kind, wrong=wrong, typed={"name": name, "email": email})
        context = filing_page.task_list(errors=errors, sign_offs=shown)
        return form_error(OVERVIEW, "part_sign_off", blocks=("part_errors",), **context)
    url = url_for("submission.sections", dossier_id=g.dossier.id, _anchor=anchor)
    return done(
        url, OVERVIEW, "part_sign_off", blocks=("part_errors", "part_submission"), context=filing_page.task_list,
        message=_("The request is on its way to %(name)s.", name=name.strip()),
    )  # fmt: skip


@bp.get("/sign-off/<code>")
@public
def show(code: str) -> Response:
    """The whole file as it stands, and the question. Opening the page answers nothing."""
    try:
        asked, _dossier = _open(code)
    except NotFound:
        return page(GONE, status=404)
    return page(SHOW, **_context(code, _form(asked)))


@bp.post("/sign-off/<code>")
@public
def answer(code: str) -> Response:
    """The word of whoever was asked."""
    try:
        asked, _dossier = _open(code)
    except NotFound:
        return page(GONE, status=404)
    form = _form(asked)
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
    """One of the file's pieces, for whoever was asked to read."""
    found = _piece(code, piece_id)
    if found is None:
        raise NotFound
    return send(found.sha256, found.name, found.content_type, found.size)


@bp.get("/sign-off/<code>/pieces/<uuid:piece_id>/preview")
@public
def preview(code: str, piece_id: UUID) -> Response:
    """The small picture of one of them."""
    return send_preview(_piece(code, piece_id))


def _piece(code: str, piece_id: UUID) -> Attachment | None:
    _asked, dossier = _open(code)
    return next((a for a in dossiers.attachments(db.session(), dossier.id) if a.id == piece_id), None)


def _answer_again(code: str, form: AnswerForm) -> Response:
    return form_error(SHOW, "part_answer", blocks=("part_errors",), **_context(code, form))


def _form(asked: SignOff) -> AnswerForm:
    return AnswerForm() if asked.kind == MAYOR else EndorsementForm()


def _open(code: str) -> tuple[SignOff, Dossier]:
    asked, dossier = sign_off.open_request(db.session(), code)
    g.test_call = dossier.call.test
    return asked, dossier


def _context(code: str, form: AnswerForm) -> dict[str, Any]:
    asked, dossier = _open(code)
    told = calls.definition(dossier.call)
    values = dossiers.values(db.session(), dossier.id)
    wanted = next((s for s in told.sign_offs if s.key == asked.kind), None)
    printed = answers.sections(told, values, dossier.language)
    return {
        "asked": asked,
        "dossier": dossier,
        "form": form,
        "errors": problems(form),
        "told": told,
        "sign_off": wording(wanted.label) if wanted else "",
        "mayor": asked.kind == MAYOR,
        "open": asked.answered_at is None
        and dossier.state in ("draft", "returned")
        and not deadlines.of_dossier(dossier).is_past(arrived_at()),
        "answered": _((ANSWERED if asked.kind == MAYOR else ENDORSED)[bool(asked.given)])
        if asked.answered_at
        else None,
        "sections": printed,
        "contents": dossier_page.contents(printed),
        "pieces": query.pieces(db.session(), dossier),
        "statement": wording(wanted.statement) if wanted else "",
        "wording": wording,
        "field_label": labels.wording(_field(told, dossier)),
        "file_url": lambda piece_id: url_for(".piece", code=code, piece_id=piece_id),
        "preview_url": lambda piece_id: url_for(".preview", code=code, piece_id=piece_id),
    }


def _field(told: Any, dossier: Dossier) -> dict[str, str]:
    label = told.creative_field(dossier.field).label if dossier.field else None
    return {"en": label.en, "fr": label.fr} if label else {}
