"""SLATE: the proposal that was put forward, with the figures of every variant that was weighed."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from rvc_portal.domain import slate as rules
from rvc_portal.domain.definition import Wording
from rvc_portal.domain.slate import File, Move
from rvc_portal.models.call import Call
from rvc_portal.models.decision import SlateVariant
from rvc_portal.queries import calls
from rvc_portal.queries import slate as query
from rvc_portal.services.contexts.parts import Context, Draft, both, of_call, region_label


def slate(
    session: Session, call: Call, chosen: SlateVariant, files: Sequence[File], state: Mapping[UUID, Move]
) -> Draft:
    """The chosen variant with its files, and the others in figures."""
    told = calls.definition(call)
    variants = []
    for variant in query.variants(session, call):
        own = (files, state) if variant.id == chosen.id else query.standing(session, call, variant)
        found = query.figures(session, call, *own)
        variants.append({
            "name": variant.name, "chosen": variant.id == chosen.id, "proposed": found.proposed,
            "countries": found.countries, "first_time": len(found.first_time),
            "regions": [row.proposed for row in found.regions],
        })  # fmt: skip
    found = query.figures(session, call, files, state)
    names = {region.key: region.label for region in told.regions} | {f.key: f.label for f in told.fields}
    context = {
        **of_call(call),
        "name": chosen.name,
        "filed": found.files,
        "proposed": found.proposed,
        "members": found.members,
        "countries": found.countries,
        "first_time": list(found.first_time),
        "by_region": [_row(row, names[row.key]) for row in found.regions],
        "by_field": [_row(row, names[row.key]) for row in found.fields if row.files],
        "files": [_file(call, file, state[file.id]) for file in files],
        "variants": variants,
    }
    return Draft(context)


def _row(row: rules.Row, label: Wording) -> Context:
    return {
        "label": both(label), "members": row.members, "files": row.files, "proposed": row.proposed,
        "least": row.target.least, "most": row.target.most,
    }  # fmt: skip


def _file(call: Call, file: File, move: Move) -> Context:
    told = calls.definition(call)
    return {
        "reference": file.reference, "city": file.city, "country_iso2": file.country,
        "region": region_label(told, file.country),
        "field_label": both(told.creative_field(file.field).label) if file.field else None,
        "mean": file.mean, "opinion": file.opinion, "proposed": move.proposed, "reason": move.reason,
    }  # fmt: skip
