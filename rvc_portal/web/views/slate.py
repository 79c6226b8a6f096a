"""The board of the slate: the Secretariat composes the proposal, and sees at once what it comes to."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _

from rvc_portal.domain import slate as rules
from rvc_portal.domain.errors import InvalidInput, NotFound
from rvc_portal.domain.slate import Move
from rvc_portal.domain.vocabulary import CallStatus, Role
from rvc_portal.models.base import db
from rvc_portal.models.decision import SlateVariant
from rvc_portal.queries import calls, results
from rvc_portal.queries import decision as decisions
from rvc_portal.queries import slate as query
from rvc_portal.services import slate
from rvc_portal.web import dossier_page, labels, look
from rvc_portal.web.access import requires_role_on_call
from rvc_portal.web.forms.base import problems, uuid_in
from rvc_portal.web.forms.slate import CutForm, MoveForm, VariantForm, VersionForm
from rvc_portal.web.htmx import done, form_error, page
from rvc_portal.web.session import actor, now

bp = Blueprint("slate", __name__, url_prefix="/calls/<key>/slate")

PAGE, PARTS = "slate/board.html", ("part_errors", "part_board", "part_cut")


@bp.get("")
@requires_role_on_call(Role.SECRETARIAT)
def show() -> Response:
    """The variant asked for, or the one changed last."""
    return page(PAGE, errors=[], **_board(_asked(request.args.get("variant"))))


@bp.post("")
@requires_role_on_call(Role.SECRETARIAT)
def make() -> Response:
    """Begin a variant."""
    form = VariantForm()
    if form.validate_on_submit():
        try:
            like = _found(form.like.data) if form.like.data else None
            made = slate.make_variant(db.session(), g.call, form.name.data, actor=actor(), now=now(), like=like)
        except InvalidInput as error:
            form.take(error)
        else:
            return done(_url(made))
    return form_error(PAGE, errors=problems(form), **_board(_asked(None), form))


@bp.post("/<uuid:variant_id>/move")
@requires_role_on_call(Role.SECRETARIAT)
def move(variant_id: UUID) -> Response:
    """One file in or out."""
    variant, form = _found(variant_id), MoveForm()
    if not form.validate_on_submit():
        return _wrong(form, variant)
    dossier_id = uuid_in(form.dossier.data)
    if dossier_id is None:
        raise NotFound
    moved = Move(dossier_id, form.proposed.data == "1", form.reason.data)
    slate.change(
        db.session(), g.call, variant, [moved], actor=actor(), now=now(), seen_version=form.version.data
    )  # fmt: skip
    return _changed(variant)


@bp.post("/<uuid:variant_id>/cut")
@requires_role_on_call(Role.SECRETARIAT)
def cut(variant_id: UUID) -> Response:
    """A line through the files; it moves those that stand on its other side."""
    variant, form = _found(variant_id), CutForm()
    if not form.validate_on_submit():
        return _wrong(form, variant)
    files = query.files(db.session(), g.call, actor())
    by_rank = form.by.data == "rank"
    wanted = (
        rules.cut_by_rank(files, int(form.value.data)) if by_rank else rules.cut_by_mean(files, float(form.value.data))
    )
    told = look.decimal(form.value.data, 0 if by_rank else 2)
    reason = (
        _("Line drawn after rank %(rank)s", rank=told) if by_rank else _("Line drawn at a mean of %(mean)s", mean=told)
    )
    state = query.stands(files, [made for made, _who in query.changes(db.session(), variant.id)])
    moves = [Move(f.id, into, reason) for f, into in zip(files, wanted, strict=True) if state[f.id].proposed != into]
    if moves:
        slate.change(db.session(), g.call, variant, moves, actor=actor(), now=now(), seen_version=form.version.data)
    return _changed(variant)


@bp.post("/<uuid:variant_id>/undo")
@requires_role_on_call(Role.SECRETARIAT)
def undo(variant_id: UUID) -> Response:
    """Take the last change back."""
    variant = _found(variant_id)
    slate.undo(db.session(), g.call, variant, actor=actor(), now=now(), seen_version=_seen())
    return _changed(variant)


@bp.post("/<uuid:variant_id>/redo")
@requires_role_on_call(Role.SECRETARIAT)
def redo(variant_id: UUID) -> Response:
    """Make it again."""
    variant = _found(variant_id)
    slate.redo(db.session(), g.call, variant, actor=actor(), now=now(), seen_version=_seen())
    return _changed(variant)


@bp.post("/<uuid:variant_id>/choose")
@requires_role_on_call(Role.SECRETARIAT)
def choose(variant_id: UUID) -> Response:
    """Freeze the variant, print it, and put it forward."""
    slate.choose(db.session(), g.call, _found(variant_id), actor=actor(), now=now(), seen_version=_seen())
    message = _("The slate is put forward to the Director-General.")
    return done(url_for("decision.show", key=g.call.key), message=message)


def _seen() -> int | None:
    form = VersionForm()
    form.validate_on_submit()
    return form.version.data


def _asked(variant_id: str | None) -> SlateVariant | None:
    every = query.variants(db.session(), g.call)
    return _found(variant_id) if variant_id else every[0] if every else None


def _found(variant_id: object) -> SlateVariant:
    key = uuid_in(variant_id)
    found = query.variant(db.session(), g.call, key) if key else None
    if found is None:
        raise NotFound
    return found


def _url(variant: SlateVariant) -> str:
    return url_for(".show", key=g.call.key, variant=variant.id)


def _changed(variant: SlateVariant) -> Response:
    return done(_url(variant), PAGE, blocks=PARTS, context=lambda: {"errors": [], **_board(variant)})


def _wrong(form: Any, variant: SlateVariant) -> Response:
    return form_error(PAGE, blocks=PARTS, errors=[(None, text) for _id, text in problems(form)], **_board(variant))


def _board(variant: SlateVariant | None, form: VariantForm | None = None) -> dict[str, Any]:
    every = query.variants(db.session(), g.call)
    form = form or VariantForm()
    form.like.choices = [("", _("As the Steering Group advised")), *((str(v.id), v.name) for v in every)]
    told = calls.definition(g.call)
    standing = decisions.slate(db.session(), g.call)
    return {
        "call": g.call, "call_title": labels.call_title(g.call), "zone": told.timezone,
        "published": g.call.status == CallStatus.PUBLISHED, "variants": every, "variant": variant, "form": form,
        "cut": CutForm(by="rank"), "put_forward": standing.variant_id if standing else None,
        **(_composed(variant) if variant else {}),
    }  # fmt: skip


def _composed(variant: SlateVariant) -> dict[str, Any]:
    told = calls.definition(g.call)
    files, state = query.standing(db.session(), g.call, variant, actor())
    made, frozen = query.changes(db.session(), variant.id), query.put_forward(db.session(), variant)
    found = query.figures(db.session(), g.call, files, state)
    names = {r.key: _named(r.label) for r in told.regions} | {f.key: _named(f.label) for f in told.fields}
    names |= {c: labels.country(c) for c in found.by_country} | {rules.DESIGNATIONS: _(rules.DESIGNATIONS)}
    names[rules.FIRST_TIME] = _(rules.FIRST_TIME)
    return {
        "lines": [
            {"file": f, "move": state[f.id], "field_label": dossier_page.field_label(g.call, f.field),
             "opinion": labels.outcome(f.opinion) if f.opinion else None}
            for f in files
        ],
        "figures": found,
        "frozen_at": frozen.put_forward_at if frozen else None,
        "later": len({f.id for f in query.files(db.session(), g.call, actor())} - state.keys()) if frozen else 0,
        "first_time": [labels.country(iso2) for iso2 in found.first_time],
        "names": names,
        "warnings": [_(r.message, **{**r.params, "what": names[str(r.params["what"])]})
                     for r in rules.warnings(found, told.targets)],
        "changes": [{"at": c.made_at, "who": who, "count": len(c.moves), "undone": c.undone} for c, who in made],
        "undo": any(not c.undone for c, _who in made),
        "redo": any(c.undone for c, _who in made),
        "barred": results.is_barred_anywhere(db.session(), actor(), g.call),
    }  # fmt: skip


def _named(text: Any) -> str:
    return labels.wording({"en": text.en, "fr": text.fr})
