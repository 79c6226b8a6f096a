"""The Secretariat's formal check: the list, item by item, beside the file; then admit, return or dismiss."""

from typing import Any

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _

from rvc_portal.domain import answers as rules
from rvc_portal.domain.vocabulary import Permission
from rvc_portal.models.base import db
from rvc_portal.models.dossier import Filing
from rvc_portal.queries import calls, dossiers
from rvc_portal.queries import screening as query
from rvc_portal.queries import submission as content
from rvc_portal.queries.facts import sign_off_states
from rvc_portal.services import screening, transitions
from rvc_portal.services.contexts import answers
from rvc_portal.web import dossier_page, filing_page, labels
from rvc_portal.web.access import requires
from rvc_portal.web.forms.base import problems
from rvc_portal.web.forms.screening import AdmitForm, DismissForm, ReturnForm, notes, verdicts
from rvc_portal.web.forms.submission import wording
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, now

bp = Blueprint("screening", __name__, url_prefix="/dossiers/<uuid:dossier_id>")

CHECKS, RETURN = "screening/checks.html", "screening/return.html"


@bp.get("/screening")
@requires(Permission.SCREEN)
def checks() -> Response:
    """The checklist, the file and its pieces."""
    return page(CHECKS, **_context())


@bp.post("/screening")
@requires(Permission.SCREEN)
def save() -> Response:
    """Keep the verdicts; what they allow now changes with them."""
    told = calls.definition(g.dossier.call)
    screening.save_checks(db.session(), g.dossier, verdicts(told.checklist, request.form), actor=actor(), now=now())
    url = url_for(".checks", dossier_id=g.dossier.id)
    return done(url, CHECKS, blocks=("part_ways", "part_saved"), context=lambda: _context(saved=True))


@bp.post("/screening/admit")
@requires(Permission.SCREEN)
def admit() -> Response:
    """Admit the file to evaluation."""
    version = AdmitForm().version.data
    screening.admit(db.session(), g.dossier, actor=actor(), now=now(), seen_version=version)
    return done(_dossier_url(), message=_("The file is admitted to evaluation."))


@bp.post("/screening/dismiss")
@requires(Permission.SCREEN)
def dismiss() -> Response:
    """Declare the file not eligible."""
    form = DismissForm()
    if not form.validate_on_submit():
        return form_error(CHECKS, "part_ways", blocks=("part_errors",), **_context(dismissing=form))
    screening.dismiss(
        db.session(), g.dossier, reason=form.reason.data, actor=actor(), now=now(), seen_version=form.version.data
    )
    return done(_dossier_url(), message=_("The file is declared not eligible; the notice is being prepared."))


@bp.get("/return")
@requires(Permission.SCREEN)
def ask_return() -> Response:
    """Choose what is to be corrected; what was found not in order is ticked to begin with."""
    found = query.checks(db.session(), g.dossier)
    wanting = [c.item.piece for c in found if c.in_order is False and c.item.piece]
    reason = "\n\n".join(c.note for c in found if c.in_order is False and c.note and not c.item.piece)
    form = ReturnForm(data={"questions": wanting, "reason": reason, "version": g.dossier.version})
    beside = {c.item.piece: c.note or "" for c in found if c.in_order is False and c.item.piece}
    return page(RETURN, **_return_context(form, beside))


@bp.post("/return")
@requires(Permission.SCREEN)
def return_file() -> Response:
    """Send the file back to the city."""
    form = ReturnForm()
    if not form.validate_on_submit():
        context = _return_context(form, notes(request.form.getlist("questions"), request.form))
        return form_error(RETURN, "part_form", blocks=("part_errors",), **context)
    screening.return_file(
        db.session(), g.dossier, questions=form.questions.data, reason=form.reason.data, actor=actor(), now=now(),
        seen_version=form.version.data, notes=notes(form.questions.data, request.form),
    )  # fmt: skip
    return done(_dossier_url(), message=_("The file is returned; the letter is being prepared."))


def _context(*, saved: bool = False, dismissing: DismissForm | None = None) -> dict[str, Any]:
    told = calls.definition(g.dossier.call)
    values = dossiers.values(db.session(), g.dossier.id)
    language = labels.reader_language()
    offers = transitions.offered(db.session(), g.dossier, g.roles, now=now(), language=language)
    filing = dossiers.latest_filing(db.session(), g.dossier.id)
    against = {o.transition.name: [labels.refusal(r, told.timezone) for r in o.refusals] for o in offers}
    return {
        **dossier_page.head(),
        "checks": query.checks(db.session(), g.dossier),
        "pieces": content.pieces(db.session(), g.dossier),
        "sections": answers.sections(told, values, g.dossier.language),
        "filing": filing,
        "sign_offs": _sign_offs(filing),
        "against_admission": against.get("admit", []),
        "wording": wording,
        "version": g.dossier.version,
        "saved_at": now() if saved else None,
        "form": dismissing or DismissForm(formdata=None),
        "errors": problems(dismissing) if dismissing else [],
    }


def _sign_offs(filing: Filing | None) -> list[dict[str, Any]]:
    """Each sign-off of the call as it stands for what was filed, one that was declined with its reason."""
    standing = sign_off_states(db.session(), g.dossier, (lambda: filing.sha256) if filing else None)
    rows = dossiers.latest_sign_offs(db.session(), g.dossier.id)
    return [
        {
            "label": wording(s.label), "state": standing[s.key], "row": rows.get(s.key),
            "state_label": filing_page.sign_off_label(s.key, standing[s.key]),
        }
        for s in calls.definition(g.dossier.call).sign_offs
    ]  # fmt: skip


def _return_context(form: ReturnForm, beside: dict[str, str]) -> dict[str, Any]:
    told = calls.definition(g.dossier.call)
    values = dossiers.values(db.session(), g.dossier.id)
    asked = [(s, rules.asked(told.form, values, s)) for s in told.form.sections]
    groups = [
        (f"{s.number}. {wording(s.title)}", [(q.key, f"{q.number} {wording(q.label)}") for q in questions])
        for s, questions in asked
        if questions
    ]
    return {
        **dossier_page.head(),
        "form": form,
        "errors": problems(form),
        "groups": groups,
        "piece_choices": [(p.key, wording(p.label)) for p in told.pieces],
        "days": told.correction_days,
        "chosen": form.questions.data or [],
        "notes": beside,
    }


def _dossier_url() -> str:
    return url_for("dossier.show", dossier_id=g.dossier.id)
