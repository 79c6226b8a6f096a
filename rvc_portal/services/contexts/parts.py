"""What the contexts of all documents are put together from; their shapes stand in `documents.contexts`."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

from rvc_portal.domain.actor import Actor
from rvc_portal.domain.asking import Said
from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.definition import LANGUAGES, Wording
from rvc_portal.domain.feedback import PARTS
from rvc_portal.gateways import yamlfile
from rvc_portal.models.call import Call
from rvc_portal.models.dossier import Attachment, Dossier, Filing
from rvc_portal.models.evaluation import Evaluation
from rvc_portal.queries import calls, dossiers, feedback
from rvc_portal.settings import DATA_FILES

Context = dict[str, Any]


@dataclass(frozen=True)
class Occasion:
    """Why a document is issued: who did what, when, to which dossier (the evaluation, for a sheet)."""

    session: Session
    dossier: Dossier
    at: datetime
    transition: str
    actor: Actor
    reason: str = ""
    evaluation: Evaluation | None = None

    @property
    def definition(self) -> CallDefinition:
        return calls.definition(self.dossier.call)


@dataclass(frozen=True)
class Draft:
    """A context without its document's own facts, and the pictures it names: key in the context → SHA-256 in storage.
    `dated`: the day that it tells, where that is not the day on which it is made."""

    context: Context
    images: Mapping[str, str] = field(default_factory=dict)
    dated: datetime | None = None


def iso(at: datetime) -> str:
    """An instant as ISO 8601 in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def both(text: Wording) -> dict[str, str]:
    return {"en": text.en, "fr": text.fr}


def said(text: str, language: str | None) -> dict[str, str | None] | None:
    """What somebody wrote, or None for nothing."""
    return {"text": text, "language": language} if text and text.strip() else None


def messages(found: Iterable[Said]) -> list[Context]:
    """Sentences of the portal's own, to be worded in the document's language when it is set."""
    return [message(one) for one in found]


def message(found: Said) -> Context:
    text, params = found
    return {"message": text, "params": dict(params)}


@cache
def issuer() -> Context:
    """Who issues the documents of this instance."""
    data, _ = yamlfile.read(DATA_FILES / "issuer.yaml")
    assert isinstance(data, dict)
    return data


def of_call(call: Call) -> Context:
    """The parts that every document has."""
    told = calls.definition(call)
    facts = {"key": call.key, "title": both(told.title), "timezone": told.timezone}
    marked = {"test": True} if call.test else {}
    return {"issuer": issuer(), "call": facts, "demonstration": call.demonstration, **marked}


def of_dossier(occasion: Occasion) -> Context:
    """The parts that every document of a dossier has."""
    return {**of_call(occasion.dossier.call), "dossier": dossier_facts(occasion.dossier, occasion.definition)}


def dossier_facts(dossier: Dossier, told: CallDefinition) -> Context:
    lead = dossier.parties[0]
    return {
        "reference": dossier.reference,
        "city": dossier.lead_city,
        "city_local": said(lead.city_local or "", lead.local_language),
        "country_iso2": dossier.lead_country,
        "region": region_label(told, dossier.lead_country),
        "field": dossier.field,
        "field_label": both(told.creative_field(dossier.field).label) if dossier.field else None,
        "language": dossier.language,
        "parties": [_party(p) for p in dossier.parties],
    }


def _party(party: Any) -> Context:
    return {
        "role": party.role,
        "city": party.city,
        "city_local": said(party.city_local or "", party.local_language),
        "country_iso2": party.country,
    }


def region_label(told: CallDefinition, iso2: str | None) -> dict[str, str] | None:
    """The region of the country, as the call words it."""
    if not iso2:
        return None
    key = told.country(iso2).region
    return next((both(r.label) for r in told.regions if r.key == key), None)


_MAYOR = {
    "madame": "Madame la Maire", "mme": "Madame la Maire", "monsieur": "Monsieur le Maire", "m.": "Monsieur le Maire",
    "m": "Monsieur le Maire",
}  # fmt: skip
"""How a letter in French begins: by the office, never by the name."""


def form_of_address(title: str, family_name: str, language: str) -> str | None:
    """How a letter addresses a mayor, None for the neutral form: in French by the office where the title tells the gender,
    else by title and family name, a second script in brackets left out."""
    if language == "fr" and title.casefold() in _MAYOR:
        return _MAYOR[title.casefold()]
    name = re.sub(r"\s*\([^)]*\)", "", family_name).strip()
    return f"{title} {name}" if title and name else None


def addressee(occasion: Occasion) -> Context:
    """The mayor, as the file names them."""
    mayor = dossiers.values(occasion.session, occasion.dossier.id).get("mayor")
    told: Mapping[str, str] = mayor if isinstance(mayor, dict) else {}
    title, first, family = (told.get(part, "").strip() for part in ("title", "first_name", "family_name"))
    name = " ".join(n for n in (title, first, family) if n)
    address = [line.strip() for line in told.get("address", "").splitlines() if line.strip()]
    return {
        "name": name or occasion.dossier.lead_city,
        "function": None,
        "organisation": None,
        "address": address or [occasion.dossier.lead_city],
        "salutation": form_of_address(title, family, occasion.dossier.language),
    }


def feedback_of(occasion: Occasion, language: str | None = None) -> list[Context]:
    """Strengths and weaknesses by criterion as they are sealed with the opinion; in a letter, in its own `language` or in
    the other where they were written in that one only."""
    return [
        {"label": both(line.criterion.label), **{part: _told(line.texts, part, language) for part in PARTS}}
        for line in feedback.sealed(occasion.session, occasion.dossier)
    ]


def _told(texts: Mapping[str, str], part: str, language: str | None) -> Context | None:
    told = {tag: texts[f"{part}_{tag}"] or None for tag in LANGUAGES}
    return in_language(told, language) if any(told.values()) else None


def in_language(told: Mapping[str, str | None], language: str | None) -> Context:
    """A text in one language, or in the other where it was written in that one only; all of it for None."""
    return {
        tag: text if language is None or tag == language or not told[language] else None for tag, text in told.items()
    }


def step(label: tuple[str, str], at: datetime | None, until: datetime | None = None) -> Context:
    """What comes next; the label in English and French."""
    named = {"en": label[0], "fr": label[1]}
    return {"label": named, "at": iso(at) if at else None, "until": iso(until) if until else None}


def pieces(occasion: Occasion) -> tuple[list[Context], dict[str, str]]:
    """The call's pieces with the files given, and the pictures among them: key → SHA-256."""
    given: dict[str, list[Attachment]] = {}
    for attachment in dossiers.attachments(occasion.session, occasion.dossier.id):
        given.setdefault(attachment.piece, []).append(attachment)
    images = {a.sha256: a.sha256 for files in given.values() for a in files if a.content_type == "image/jpeg"}
    return list_of_pieces(occasion.definition, occasion.dossier, given), images


def list_of_pieces(told: CallDefinition, dossier: Dossier, given: Mapping[str, Sequence[Attachment]]) -> list[Context]:
    """The call's pieces with the files given for each, by the piece's key."""
    return [
        {"key": p.key, "label": both(p.label), "files": [_file(a, dossier) for a in given.get(p.key, [])]}
        for p in told.pieces
    ]


def _file(attachment: Attachment, dossier: Dossier) -> Context:
    picture = attachment.content_type == "image/jpeg"
    return {
        "name": attachment.name,
        "media_type": attachment.content_type,
        "size": attachment.size,
        "sha256": attachment.sha256,
        "pages": attachment.details.get("pages"),
        "image": attachment.sha256 if picture else None,
        "caption": said(f"{dossier.lead_city} – {attachment.name}", dossier.language) if picture else None,
    }


def filing(found: Filing | None, words: int = 0, answered: int = 0, asked: int = 0) -> Context | None:
    """The frozen content of one submission; None where nothing was filed."""
    if found is None:
        return None
    return {
        "version": found.number,
        "filed_at": iso(found.filed_at),
        "content_sha256": found.sha256,
        "words": words,
        "answered": answered,
        "asked": asked,
    }
