"""The member cities of the Network: a map, and the same as a table."""

from collections import Counter
from typing import Any

from flask import Blueprint, Response, request, url_for

from rvc_portal.gateways import network
from rvc_portal.models.base import db
from rvc_portal.models.seat import Member
from rvc_portal.queries import members as query
from rvc_portal.web import labels
from rvc_portal.web.access import public
from rvc_portal.web.htmx import page
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
        countries=len({m.country for m in found}),
    )  # fmt: skip


def _named(entries: list[dict[str, object]]) -> dict[str, str]:
    return {str(e["key"]): labels.wording(e["label"]) for e in entries}  # type: ignore[arg-type]


def _row(member: Member, fields: dict[str, str], regions: dict[str, str]) -> dict[str, Any]:
    return {
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
    ]


def _counted(found: Any, fields: dict[str, str]) -> list[tuple[str, str, int]]:
    counts = Counter(m.field for m in found)
    return [(key, label, counts[key]) for key, label in fields.items() if counts[key]]
