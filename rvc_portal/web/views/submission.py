"""A city at work: it opens its file, fills the sections, reads it once more and submits."""

from typing import Any

from flask import Blueprint, Response, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from rvc_portal.domain.eligibility import is_eligible
from rvc_portal.domain.errors import InvalidInput, NotFound, Overtaken
from rvc_portal.domain.form import Section
from rvc_portal.domain.vocabulary import Permission
from rvc_portal.models.base import db
from rvc_portal.models.call import Call
from rvc_portal.queries import calls, filed
from rvc_portal.services import submission
from rvc_portal.web import filing_page, labels, places_page
from rvc_portal.web.access import may, requires, signed_in
from rvc_portal.web.eligibility import answers_in, field_name, page_url
from rvc_portal.web.forms import submission as forms
from rvc_portal.web.forms.base import problems
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, arrived_at, now
from rvc_portal.web.submission_review import review

bp = Blueprint("submission", __name__)

SECTION = "submission/section.html"


@bp.get("/calls/<key>/apply")
@signed_in
def apply(key: str) -> Response | AnyResponse:
    """The form that opens a file in a call, for whom has answered what the call asks first."""
    call = _call(key)
    told = calls.definition(call)
    eligible = answers_in(told, request.args)
    if not is_eligible(told.eligibility, eligible):
        return redirect(page_url("calls.eligible", call, eligible), 303)
    form = forms.OpenForm.of(told, language=labels.reader_language())
    return page("submission/apply.html", form=form, errors=[], **_opening(call, form, eligible))


@bp.post("/calls/<key>/apply")
@signed_in
def open_file(key: str) -> Response:
    """Open the file; its person becomes the lead."""
    call = _call(key)
    told = calls.definition(call)
    eligible = answers_in(told, request.form)
    form = forms.OpenForm.of(told)
    if form.validate_on_submit():
        try:
            dossier = submission.open_dossier(
                db.session(), call, city=form.city.data or "", country=form.country.data or "",
                field=form.field.data or None, language=form.language.data or "", city_local=form.local,
                actor=actor(), now=now(), eligible=eligible,
            )  # fmt: skip
        except InvalidInput as error:
            form.take(error)
        else:
            url = url_for(".sections", dossier_id=dossier.id)
            return done(url, message=_("The file is open. Fill it in at your own pace: everything is kept."))
    return form_error(
        "submission/apply.html", "part_form", blocks=("part_errors",), form=form, errors=problems(form),
        **_opening(call, form, eligible),
    )  # fmt: skip


@bp.get("/dossiers/<uuid:dossier_id>/sections")
@requires(Permission.READ)
def sections() -> Response | AnyResponse:
    """The task list: how far everything is, and what still stands between the file and its submission."""
    if not may(Permission.WRITE):
        return redirect(url_for("dossier.show", dossier_id=g.dossier.id))
    return page("submission/sections.html", **filing_page.task_list())


@bp.get("/dossiers/<uuid:dossier_id>/sections/<number>")
@requires(Permission.READ)
def section(number: str) -> Response:
    """One section: its questions as fields, or as text where they cannot be changed now."""
    found = filing_page.section(number)
    question, _colon, count = request.args.get("rows", "").rpartition(":")
    rows = (question, int(count)) if count.isdecimal() and len(count) < 4 else None
    check = request.args.get("check", "")
    return page(SECTION, **filing_page.section_page(found, check=check if check in ("wrong", "all") else "", rows=rows))


@bp.post("/dossiers/<uuid:dossier_id>/sections/<number>")
@requires(Permission.READ)
def save(number: str) -> Response:
    """Keep what was typed, right or wrong. Once the file is submitted, the service says so: 409 with the reason."""
    found = filing_page.section(number)
    sent, form, language = request.form, filing_page.definition().form, g.dossier.language
    wanted = set(sent.getlist("asked")) - set(sent.getlist("take"))
    values = {q.key: forms.typed(form, q, sent, language) for q in found.questions if q.key in wanted}
    asked = [q for q in found.questions if q.key in values]
    touched = {q.key: values[q.key] for q in asked if forms.is_touched(q, values[q.key], sent)}
    try:
        submission.save_answers(
            db.session(), g.dossier, touched, seen=forms.seen(sent), actor=actor(), now=now(), received_at=arrived_at()
        )
    except Overtaken as error:
        return _both_texts(found, values, error)
    return _saved(found)


@bp.get("/dossiers/<uuid:dossier_id>/submit")
@requires(Permission.READ)
def submit() -> Response | AnyResponse:
    """The file once more as it will print, what is wrong first, and the button."""
    if not may(Permission.WRITE):
        return redirect(url_for("dossier.show", dossier_id=g.dossier.id))
    return page("submission/submit.html", form=forms.SubmitForm(data={"version": g.dossier.version}), **review())


@bp.post("/dossiers/<uuid:dossier_id>/submit")
@requires(Permission.READ)
def file() -> Response:
    """Submit, for the first time or after a return; asked twice, it is done once."""
    form = forms.SubmitForm()
    seen = (form.version.data if form.validate_on_submit() else 0) or 0
    try:
        entry = submission.submit(
            db.session(), g.dossier, actor=actor(), now=now(), received_at=arrived_at(), seen_version=seen
        )
    except Overtaken:
        number = filed.filed_from(db.session(), g.dossier.id, seen)
        if number is None or not may(Permission.READ_FILINGS):
            raise
        flash(_("The file is submitted: it was done once, with your first click."), "info")
        return done(_receipt_url(number))
    return done(_receipt_url(entry.payload["filing"]), message=_("The file is submitted. This is its receipt."))


def _receipt_url(number: int) -> str:
    return url_for("filings.show", dossier_id=g.dossier.id, filing=number)


def _both_texts(found: Section, values: dict[str, Any], error: Overtaken) -> Response:
    """The section as it was typed, with what somebody else wrote meanwhile; a further save puts it in place of theirs."""
    reasons = [labels.refusal(r, filing_page.definition().timezone) for r in error.refusals]
    reasons.append(_("Your text is still here. Save once more to put it in the place of theirs."))
    keys = [str(r.target) for r in error.refusals]
    return form_error(
        SECTION, status=409, **filing_page.section_page(found, typed=values, reasons=reasons, overtaken=keys)
    )


def _saved(found: Section) -> Response:
    """What follows a save: the next page, or the section again with what is wrong in it."""
    sent, here = request.form, filing_page.section_url
    wish = forms.row_wish(found.questions, sent)
    if wish:
        return done(here(found, wish[0], rows=f"{wish[0]}:{wish[1]}"))
    if "then" in sent:
        return done(_next_url(found, sent["then"]))
    if "take" in sent:
        return done(here(found, sent["take"]))
    return done(here(found, check="wrong") if "save" in sent else here(found))


def _next_url(found: Section, then: str) -> str:
    every = filing_page.definition().form.sections
    place = every.index(found) + 1
    if then == "next" and place < len(every):
        return filing_page.section_url(every[place])
    return url_for(".sections", dossier_id=g.dossier.id)


def _call(key: str) -> Call:
    call = calls.known(db.session(), actor(), key)
    if call is None:
        raise NotFound
    g.test_call = call.test
    return call


def _opening(call: Call, form: forms.OpenForm, eligible: dict[str, str]) -> dict[str, Any]:
    """What stands on the page besides the form itself."""
    return {
        "call": call, "told": calls.definition(call), "open": calls.is_open(call, now()),
        "eligible": {field_name(key): answer for key, answer in eligible.items()},
        **places_page.of_country(call, form.country.data or "", form.field.data or ""),
    }  # fmt: skip
