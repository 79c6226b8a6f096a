"""An evaluator's sheet while it is being written: saved whole by its button, or one criterion after the other by itself."""

from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from rvc_portal.domain.errors import InvalidInput, NotFound, Overtaken, Refused
from rvc_portal.domain.saving import Sent
from rvc_portal.domain.values import cleaned
from rvc_portal.domain.vocabulary import Role
from rvc_portal.models.base import db
from rvc_portal.models.evaluation import Assignment
from rvc_portal.queries import calls, sheets
from rvc_portal.services import evaluation, notes
from rvc_portal.web import labels, sheet_page
from rvc_portal.web.access import requires_role
from rvc_portal.web.forms.evaluation import LONGEST_REASON, NOTES, SheetForm
from rvc_portal.web.forms.submission import seen
from rvc_portal.web.htmx import done, form_error, is_htmx, page
from rvc_portal.web.session import actor, now

bp = Blueprint("scoring", __name__, url_prefix="/assignments/<uuid:assignment_id>")

SHEET, STATUS, NOTES_STATUS = "evaluation/sheet.html", "evaluation/status.html", "evaluation/notes_status.html"
LONGEST_TAB = 36


@bp.post("/scores")
@requires_role(Role.EVALUATOR)
def save_sheet(assignment_id: UUID) -> Response:
    """Save the whole sheet as it stands; it stays a draft."""
    found = sheet_page.open_assignment(assignment_id)
    form, left_out = sheet_page.sheet_form(found), set(request.form.getlist("take"))
    _bring_back(found, form)
    wanted = [key for key in form.parts if key not in left_out]
    if not form.validate(*wanted):
        return form_error(SHEET, **sheet_page.page(found, form, errors=form.problems()))
    told = seen(request.form) if "seen" in request.form else None
    try:
        evaluation.save_scores(db.session(), found, form.scores(*wanted), actor=actor(), now=now(), seen=told)
        if NOTES in request.form and NOTES not in left_out:
            notes.save(db.session(), found, _sent_notes((told or {}).get(NOTES, 0)), actor=actor(), now=now())
    except InvalidInput as error:
        form.take(error)
        return form_error(SHEET, **sheet_page.page(found, form, errors=form.problems()))
    except Overtaken as error:
        return _both(found, form, error)
    return _went_on(found)


@bp.post("/scores/<criterion>")
@requires_role(Role.EVALUATOR)
def save(criterion: str, assignment_id: UUID) -> Response:
    """Keep one criterion. The reply stands under it: when it was kept (200), what two windows hold where something else was
    saved meanwhile (409), or why nothing is kept (409)."""
    found = sheet_page.open_assignment(assignment_id)
    form = SheetForm(
        calls.definition(found.dossier.call).rubric, {}, criterion
    )  # as this window has it, whatever stands
    if criterion not in form.parts:
        raise NotFound
    if not form.validate(criterion):
        return _not_kept(found, criterion, [sentence for _id, sentence in form.problems()])
    sent = Sent(form.parts[criterion].given, base=_number("base"), tab=_tab(), seq=_number("seq"))
    try:
        kept = evaluation.save_criterion(db.session(), found, criterion, sent, actor=actor(), now=now())
    except Overtaken:
        row, texts = sheet_page.criterion_row(found, criterion), sheet_page.two_texts(found, criterion, form)
        return page(STATUS, status=409, row=row, texts=texts, zone=_zone(found))
    except Refused as error:
        return _not_kept(found, criterion, [labels.refusal(r, _zone(found)) for r in error.refusals])
    except InvalidInput as error:
        return _not_kept(found, criterion, [labels.refusal(r) for all_ in error.problems.values() for r in all_])
    return page(STATUS, **sheet_page.saved(found, criterion, shortened=kept.shortened))


@bp.post("/notes")
@requires_role(Role.EVALUATOR)
def save_notes(assignment_id: UUID) -> Response:
    """Keep the private notes, by a script or by the button of a closed sheet."""
    found = sheet_page.open_assignment(assignment_id, declared=True)
    sent = _sent_notes(_number("base") if is_htmx() else seen(request.form).get(NOTES, 0))
    try:
        standing = notes.save(db.session(), found, sent, actor=actor(), now=now())
    except Overtaken:
        note = sheets.note(db.session(), actor(), found.dossier_id)
        assert note is not None
        row, texts = sheet_page.notes_row(), sheet_page.two_notes(note, sent.value)
        return page(NOTES_STATUS, status=409, row=row, texts=texts, zone=_zone(found))
    if is_htmx():
        return page(NOTES_STATUS, note=standing, zone=_zone(found))
    return done(_here(found), message=_("Your notes are saved."))


def _went_on(found: Assignment) -> Response:
    """What follows a save: the next file of the queue, or the sheet again."""
    if request.form.get("then") == "next":
        following = sheets.next_in_queue(db.session(), actor(), found)
        if following is None:
            return done(
                url_for("desk.index"), message=_("Your sheet is saved. No other file waits for you in this call.")
            )
        message = _("Your sheet is saved. This is the next file of your queue.")
        return done(url_for("evaluation.sheet", assignment_id=following), message=message)
    for chosen in ("take", "keep"):
        if chosen in request.form:
            return done(
                url_for("evaluation.sheet", assignment_id=found.id, _anchor=f"criterion-{request.form[chosen]}")
            )
    return done(_here(found), message=_("Your sheet is saved. It stays a draft until you close it."))


def _both(found: Assignment, form: SheetForm, error: Overtaken) -> Response:
    """The sheet as it was typed, with what another window saved meanwhile; a further save puts it in the place of that."""
    keys = frozenset(str(r.target) for r in error.refusals)
    overtaken = sheet_page.Overtaken(keys, cleaned(request.form.get(NOTES, "")))
    errors = [(f"status-{r.target}", labels.refusal(r, _zone(found))) for r in error.refusals]
    return form_error(SHEET, status=409, **sheet_page.page(found, form, errors=errors, overtaken=overtaken))


def _bring_back(found: Assignment, form: SheetForm) -> None:
    """Put an earlier text of a reason into the form, where its button was pressed."""
    key, _colon, number = request.form.get("bring_back", "").partition(":")
    if key in form.parts and found.evaluation is not None:
        earlier = sheets.earlier(db.session(), found.evaluation).get(key, ())
        text = next((e.reason for e in earlier if str(e.number) == number), None)
        if text is None:
            raise NotFound
        form.parts[key].reason.data = text


def _not_kept(found: Assignment, criterion: str, reasons: list[str]) -> Response:
    return page(STATUS, status=409, row=sheet_page.criterion_row(found, criterion), refused=reasons)


def _sent_notes(base: int) -> Sent:
    text = cleaned(request.form.get(NOTES, ""))[:LONGEST_REASON].strip()
    return Sent(text, base=base, tab=_tab(), seq=_number("seq"))


def _tab() -> str | None:
    return cleaned(request.form.get("tab", ""))[:LONGEST_TAB] or None


def _number(name: str) -> int:
    """What the page counts; nothing that is no number, and none that no database keeps."""
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _zone(found: Assignment) -> str:
    return calls.definition(found.dossier.call).timezone


def _here(found: Assignment) -> str:
    return url_for("evaluation.sheet", assignment_id=found.id)
