"""The member cities of the Network: a map, the same as a table, and a page for each."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext as _

from rvc_portal.domain.errors import InvalidInput, NotFound
from rvc_portal.domain.vocabulary import Role
from rvc_portal.gateways import network
from rvc_portal.models.base import db
from rvc_portal.models.dossier import Dossier
from rvc_portal.models.seat import Member
from rvc_portal.queries import composition, dossiers
from rvc_portal.queries import members as query
from rvc_portal.services import membership
from rvc_portal.web import labels
from rvc_portal.web.access import public, requires_role
from rvc_portal.web.forms.base import problems
from rvc_portal.web.forms.members import PlaceForm
from rvc_portal.web.htmx import done, page
from rvc_portal.web.session import actor, now
from rvc_portal.web.worldmap import HEIGHT, WIDTH, spot

bp = Blueprint("members", __name__)


@bp.get("/members")
@public
def index() -> Response:
    """All member cities, or those of one creative field or region."""
    fields, regions = _named(network.fields()), _named(network.regions())
    field = request.args.get("field") if request.args.get("field") in fields else None
    region = request.args.get("region") if request.args.get("region") in regions else None
    search = request.args.get("q", "").strip()[:100]
    found = query.members(db.session, field=field, region=region, search=search)
    return page(
        "members/index.html", "results", rows=[_row(m, fields, regions) for m in found],
        fields=fields, regions=regions, field=field, region=region, search=search, base=url_for(".index"),
        dots=_dots(found, fields), by_field=_counted(found, fields), width=WIDTH, height=HEIGHT,
        countries=len({m.country for m in found}), unplaced=sum(m.latitude is None for m in found),
    )  # fmt: skip


@bp.get("/members/<uuid:member_id>")
@public
def show(member_id: UUID) -> Response:
    """One member city: since when, in which field, by which call. The Secretariat says here where it lies."""
    member = _member(member_id)
    return page("members/show.html", form=PlaceForm(obj=member), errors=[], **_shown(member))


@bp.post("/members/<uuid:member_id>/place")
@requires_role(Role.SECRETARIAT)
def place(member_id: UUID) -> Response:
    """Give the city its dot on the map."""
    member, form = _member(member_id), PlaceForm()
    if form.validate_on_submit():
        at = float(form.latitude.data), float(form.longitude.data)
        try:
            membership.place(db.session(), member, *at, actor=actor(), now=now())
        except InvalidInput as error:
            form.take(error)
        else:
            return done(url_for(".show", member_id=member.id), message=_("The city has its place on the map."))
    return page("members/show.html", status=422, form=form, errors=problems(form), **_shown(member))


def _member(member_id: UUID) -> Member:
    found = query.one(db.session(), member_id)
    if found is None:
        raise NotFound
    return found


def _shown(member: Member) -> dict[str, Any]:
    fields, regions = _named(network.fields()), _named(network.regions())
    call = query.designated_in(db.session(), member)
    known = call is not None and not call.test
    return {
        "member": member,
        "row": _row(member, fields, regions),
        "call": call if known else None,
        "call_title": labels.call_title(call) if call is not None and known else None,
        "dots": _dots([member], fields),
        "width": WIDTH,
        "height": HEIGHT,
        "places": g.actor is not None and g.actor.has(Role.SECRETARIAT),
        "own": _own(member),
    }


def _own(member: Member) -> dict[str, Any] | None:
    """What the city's focal point and the Secretariat see besides: who acts for it, its seats, its files; else None."""
    seat = query.seat(db.session(), member) if g.actor else None
    mine = seat is not None and seat.id in {s.id for s in g.actor.evaluating_seats}
    if not mine and not (g.actor and g.actor.has(Role.SECRETARIAT)):
        return None
    return {
        "seat": seat,
        "register": url_for("evaluators.mine", seat_id=seat.id) if seat and mine else None,
        "seats": url_for("seats.show", seat_id=seat.id) if seat and not mine else None,
        "persons": [
            {"name": h.account.name, "email": h.account.email, "from_at": h.from_at, "until_at": h.until_at}
            for h in (composition.holders(db.session(), seat.id) if seat else [])
            if h.until_at is None or h.until_at > now()
        ],
        "mandates": [
            {"kind": labels.seat(m.kind), "from_at": m.from_at, "last": m.until_at - timedelta(seconds=1)}
            for m in composition.of_city(db.session(), member.id)
        ],
        "zone": network.timezone(),
        "files": [
            {"url": url_for("dossier.show", dossier_id=d.id), "reference": d.reference,
             "call": labels.call_title(d.call), "state": _state(d)}
            for d in query.files(db.session(), g.actor, member)
        ],
        "mine": mine,
    }  # fmt: skip


def _state(dossier: Dossier) -> tuple[str, str]:
    """As the city may read it."""
    procedure = dossiers.procedure_of(dossier)
    return (
        labels.state_key(procedure, dossier.state, inside=False), labels.state(procedure, dossier.state, inside=False)
    )  # fmt: skip


def _named(entries: list[dict[str, object]]) -> dict[str, str]:
    return {str(e["key"]): labels.wording(e["label"]) for e in entries}  # type: ignore[arg-type]


def _row(member: Member, fields: dict[str, str], regions: dict[str, str]) -> dict[str, Any]:
    return {
        "url": url_for("members.show", member_id=member.id),
        "city": member.city,
        "country": labels.country(member.country),
        "field": member.field,
        "field_label": fields.get(member.field, member.field),
        "year": member.year,
        "region": regions.get(member.region, member.region),
    }


def _dots(found: Any, fields: dict[str, str]) -> list[dict[str, Any]]:
    """Each city as a dot on the map."""
    return [
        {
            **spot(m.latitude, m.longitude),
            "field": m.field,
            "label": f"{m.city}, {labels.country(m.country)} – {fields.get(m.field, m.field)}, {m.year}",
        }
        for m in found
        if m.latitude is not None and m.longitude is not None
    ]


def _counted(found: Any, fields: dict[str, str]) -> list[tuple[str, str, int]]:
    counts = Counter(m.field for m in found)
    return [(key, label, counts[key]) for key, label in fields.items() if counts[key]]
