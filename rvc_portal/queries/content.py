"""A dossier's content as one plain value: what a filing freezes and what the mayor signs off."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import rfc8785
from sqlalchemy.orm import Session

from rvc_portal.domain import answers as rules
from rvc_portal.models.dossier import Attachment, Dossier
from rvc_portal.queries import calls, dossiers


def content(session: Session, dossier: Dossier) -> dict[str, Any]:
    """Everything the city states, JSON-able: call, parties, language, answers by key, pieces with their hashes."""
    return stated(dossier, dossiers.values(session, dossier.id), dossiers.attachments(session, dossier.id))


def stated(dossier: Dossier, values: Mapping[str, Any], attachments: Sequence[Attachment]) -> dict[str, Any]:
    """The same from answers and files that have been read already; answers to questions that are not asked stay out."""
    return {
        "call": dossier.call.key,
        "definition_sha256": dossier.call.definition_sha256,
        "reference": dossier.reference,
        "field": dossier.field,
        "language": dossier.language,
        "parties": [{"role": p.role, "city": p.city, "country": p.country} for p in dossier.parties],
        "answers": rules.stated(calls.definition(dossier.call).form, values),
        "pieces": [
            {"piece": a.piece, "name": a.name, "content_type": a.content_type, "size": a.size, "sha256": a.sha256}
            for a in attachments
        ],
    }


def canonical(value: dict[str, Any]) -> bytes:
    """The value as canonical JSON, after RFC 8785."""
    return rfc8785.dumps(value)


def content_sha256(session: Session, dossier: Dossier) -> str:
    """The SHA-256 of the canonical content as it stands now."""
    return sha256(content(session, dossier))


def sha256(value: dict[str, Any]) -> str:
    """The SHA-256 of the value's canonical JSON, in hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()
