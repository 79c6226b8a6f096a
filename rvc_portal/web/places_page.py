"""What a page tells of the places that a call gives to the files of one country."""

from collections.abc import Mapping
from typing import Any

from flask import g

from rvc_portal.domain.call import CallDefinition
from rvc_portal.models.base import db
from rvc_portal.models.call import Call
from rvc_portal.queries import calls, places
from rvc_portal.web import labels

Context = dict[str, Any]


def of_call(call: Call) -> Context:
    """Every country of which a place is taken; none where the call has no limit."""
    told = calls.definition(call)
    found = places.taken(db.session(), call.id, told) if places.are_limited(told) else []
    return {"places": sorted(found, key=lambda p: labels.country(p.country)), "field_labels": _field_labels(told)}


def of_country(call: Call, country: str, field: str = "") -> Context:
    """The places of one country, and of one creative field where one is chosen; None before it is."""
    told = calls.definition(call)
    known = places.are_limited(told) and country in {c.iso2 for c in told.countries}
    found = places.of_country(db.session(), call.id, told, country, but=_own_file()) if known else None
    return {"country_places": found, "chosen_field": field, "field_labels": _field_labels(told)}


def _own_file() -> Any:
    return g.dossier.id if g.get("dossier") is not None else None


def _field_labels(told: CallDefinition) -> Mapping[str, str]:
    return {f.key: labels.wording({"en": f.label.en, "fr": f.label.fr}) for f in told.fields}
