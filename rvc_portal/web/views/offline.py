"""An evaluator takes files and sheets along, and brings the sheets back."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from rvc_portal.domain.comparison import in_phrases
from rvc_portal.domain.difference import difference
from rvc_portal.domain.errors import InvalidInput, NotFound, Refusal
from rvc_portal.domain.scoring import Given
from rvc_portal.domain.vocabulary import N_, Role
from rvc_portal.gateways import tables
from rvc_portal.models.base import db
from rvc_portal.models.call import Call
from rvc_portal.models.pack import Pack, Upload
from rvc_portal.queries import offline as query
from rvc_portal.queries.offline import Effect
from rvc_portal.services import offline
from rvc_portal.web import labels
from rvc_portal.web.access import requires_role, requires_role_on_call
from rvc_portal.web.forms.base import uuid_in
from rvc_portal.web.htmx import done, is_htmx, leave_for, page
from rvc_portal.web.session import actor, now
from rvc_portal.web.views.documents import attachment, send

bp = Blueprint("offline", __name__)

PAGE, PACK, UPLOAD = "offline/index.html", "offline/pack.html", "offline/upload.html"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/calls/<key>/offline")
@requires_role_on_call(Role.EVALUATOR)
def index() -> Response:
    """The files that can be taken along, the packs made before, and the place to bring a workbook back."""
    return page(PAGE, **_index(g.call))


@bp.post("/calls/<key>/offline")
@requires_role_on_call(Role.EVALUATOR)
def order() -> Response:
    """Have the ticked files packed."""
    sent = request.form.getlist("file")
    ticked = [found for text in sent if (found := uuid_in(text))]
    if len(ticked) < len(sent):
        raise NotFound
    try:
        made = offline.order(db.session(), g.call, ticked, actor=actor(), now=now())
    except InvalidInput as error:
        return page(PAGE, status=422, **_index(g.call, "file", error, ticked))
    return done(url_for(".show", pack_id=made.id))


@bp.get("/offline/<uuid:pack_id>")
@requires_role(Role.EVALUATOR)
def show(pack_id: UUID) -> Response:
    """One pack: how far it is, and what can be fetched."""
    pack = _pack(pack_id)
    state = _state(pack)
    if state != "running" and is_htmx():
        return leave_for(url_for(".show", pack_id=pack.id))
    return page(PACK, "part_progress", pack=pack, state=state, **_of_call(pack.call))


@bp.get("/offline/<uuid:pack_id>.pdf")
@requires_role(Role.EVALUATOR)
def files(pack_id: UUID) -> Response:
    """The files, once they are laid out."""
    pack = _given_out(pack_id)
    if pack.sha256 is None:
        raise NotFound
    return send(pack.sha256, _name(pack, "pdf"), "application/pdf", pack.size)


@bp.get("/offline/<uuid:pack_id>.xlsx")
@requires_role(Role.EVALUATOR)
def sheets(pack_id: UUID) -> Response:
    """The sheets, to be filled in."""
    pack = _given_out(pack_id)
    response = Response(offline.workbook(pack), mimetype=XLSX)
    response.headers["Content-Disposition"] = attachment(_name(pack, "xlsx"))
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.post("/calls/<key>/offline/workbook")
@requires_role_on_call(Role.EVALUATOR)
def upload() -> Response:
    """Take a workbook back, and show what each of its rows would do."""
    sent = request.files.get("workbook")
    try:
        if sent is None or not sent.filename:
            raise InvalidInput({"file": (Refusal(N_("Choose a file.")),)})
        content = sent.stream.read(tables.LARGEST + 1)
        made = offline.take_in(db.session(), g.call, content, actor=actor(), now=now())
    except InvalidInput as error:
        return page(PAGE, status=422, **_index(g.call, "workbook", error))
    return done(url_for(".preview", upload_id=made.id))


@bp.get("/offline/workbooks/<uuid:upload_id>")
@requires_role(Role.EVALUATOR)
def preview(upload_id: UUID) -> Response:
    """Row by row what would change."""
    return page(UPLOAD, **_preview(_upload(upload_id)))


@bp.post("/offline/workbooks/<uuid:upload_id>")
@requires_role(Role.EVALUATOR)
def save(upload_id: UUID) -> Response:
    """Save what the preview showed, as drafts."""
    found = _upload(upload_id)
    seen = request.form.get("seen", "")
    rows = offline.save(db.session(), found, seen, actor=actor(), now=now())
    message = ngettext(
        "%(num)s row was saved. It stays a draft until you close its sheet on the portal.",
        "%(num)s rows were saved. They stay drafts until you close their sheets on the portal.",
        rows,
    )
    return done(url_for("desk.index"), message=message)


def _index(
    call: Call, field: str = "", error: InvalidInput | None = None, ticked: Sequence[UUID] | None = None
) -> dict[str, Any]:
    """`error`: what was refused, beside the form whose `field` it is; `ticked`: None for as many as a pack holds."""
    found = query.open_sheets(db.session(), actor(), call)
    sentences = [labels.refusal(r, labels.call_zone(call)) for r in error.problems["file"]] if error else []
    chosen = [a.id for a in found[: offline.MOST_FILES]] if ticked is None else ticked
    return {
        "open": [
            (str(a.id), a.dossier.lead_city, f"{a.dossier.reference} · {labels.country(a.dossier.lead_country)}")
            for a in found
        ],
        "ticked": [str(i) for i in chosen],
        "most": offline.MOST_FILES,
        "packs": query.packs(db.session(), actor(), call, now()),
        "errors": [(field, sentence) for sentence in sentences],
        "wrong": {field: sentences},
        **_of_call(call),
    }


def _preview(found: Upload) -> dict[str, Any]:
    effects, seen = offline.preview(db.session(), found, actor=actor())
    counts = Counter(e.fate for e in effects)
    zone = labels.call_zone(found.call)
    return {
        "upload": found,
        "seen": seen,
        "counts": counts,
        "changes": [_changed(e) for e in effects if e.fate == "change"],
        "refused": [
            {"row": e.filled.number, "address": address, "why": labels.refusal(why, zone), "about": _about(e)}
            for e in effects
            if e.fate == "refused"
            for address, why in e.wrong
        ],
        **_of_call(found.call),
    }


def _changed(effect: Effect) -> dict[str, Any]:
    before, after = effect.now, effect.filled.given
    assert before is not None
    assert after is not None
    return {
        "row": effect.filled.number,
        "about": _about(effect),
        "before": _mark(before),
        "after": _mark(after),
        "runs": in_phrases(difference(before.reason, after.reason)),
        "reworded": before.reason != after.reason,
    }


def _about(effect: Effect) -> dict[str, str] | None:
    line = effect.line
    return {"city": line.city, "criterion": line.criterion_label} if line else None


def _mark(given: Given) -> str:
    if given.cannot_judge:
        return _("cannot judge")
    return "—" if given.value is None else str(int(given.value))


def _state(pack: Pack) -> str:
    """closed: one of its files is not the person's to read any more; ended, ready, failed or running."""
    if pack.until_at <= now():
        return "ended"
    if not query.still_readable(db.session(), actor(), pack):
        return "closed"
    if pack.sha256 is not None:
        return "ready"
    return "failed" if query.failed(db.session(), pack) else "running"


def _given_out(pack_id: UUID) -> Pack:
    found = _pack(pack_id)
    offline.check(db.session(), found, actor=actor(), now=now())
    return found


def _pack(pack_id: UUID) -> Pack:
    found = query.pack(db.session(), actor(), pack_id)
    if found is None:
        raise NotFound
    return found


def _upload(upload_id: UUID) -> Upload:
    found = query.upload(db.session(), actor(), upload_id)
    if found is None:
        raise NotFound
    return found


def _name(pack: Pack, ending: str) -> str:
    return f"{pack.call.key}-{pack.id.hex[:8]}.{ending}"


def _of_call(call: Call) -> dict[str, Any]:
    return {"call": call, "call_title": labels.call_title(call), "zone": labels.call_zone(call)}
