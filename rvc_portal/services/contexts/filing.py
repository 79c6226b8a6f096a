"""Contexts of what a city receives and files: the dossier, the receipt, the note of a withdrawal, its answer on facts."""

import json

from rvc_portal.language import translations
from rvc_portal.models.reply import CityReply
from rvc_portal.queries import dossiers
from rvc_portal.queries.facts import sign_off_states
from rvc_portal.services.contexts import answers
from rvc_portal.services.contexts.answers import filing_of
from rvc_portal.services.contexts.parts import (
    Context,
    Draft,
    Occasion,
    both,
    iso,
    of_dossier,
    pieces,
    said,
    step,
)


def dossier(occasion: Occasion) -> Draft:
    """DOSSIER: the file as it was filed."""
    values = dossiers.values(occasion.session, occasion.dossier.id)
    told, images = pieces(occasion)
    context = {
        **of_dossier(occasion),
        "filing": filing_of(occasion),
        "sections": answers.sections(occasion.definition, values, occasion.dossier.language),
        "pieces": told,
        "sign_offs": _sign_offs(occasion),
    }
    return Draft(context, images)


def receipt(occasion: Occasion) -> Draft:
    """RECEIPT: what was received, when, and what comes next."""
    told, _ = pieces(occasion)
    latest = dossiers.latest_filing(occasion.session, occasion.dossier.id)
    plain = [{**p, "files": [{**f, "image": None, "caption": None} for f in p["files"]]} for p in told]
    context = {
        **of_dossier(occasion),
        "filing": filing_of(occasion),
        "received_at": iso(latest.received_at if latest else occasion.at),
        "submitted_by": occasion.actor.name,
        "closes_at": iso(occasion.dossier.call.closes_at),
        "pieces": plain,
        "steps": _steps(occasion),
    }
    return Draft(context)


def withdrawal_note(occasion: Occasion) -> Draft:
    """WITHDRAWAL_NOTE: the city took its file back."""
    latest = dossiers.history(occasion.session, occasion.dossier.id)[-1][0]
    before = dossiers.procedure_of(occasion.dossier).states[latest.payload["from"]]
    label = before.city_label or before.label
    context = {
        **of_dossier(occasion),
        "filing": filing_of(occasion),
        "withdrawn_at": iso(occasion.at),
        "by_name": occasion.actor.name,
        "by_function": None,
        "stage": {"en": label, "fr": translated(label, "fr")},
        "reason": said(occasion.reason, occasion.dossier.language),
    }
    return Draft(context)


def translated(message: str, language: str) -> str:
    """A message of the table in one language, for a document that prints both."""
    return str(translations(language).gettext(message))


def _sign_offs(occasion: Occasion) -> list[Context]:
    """What was signed off of the very content that is filed, in the order of the call."""
    found = dossiers.latest_sign_offs(occasion.session, occasion.dossier.id)
    filing = dossiers.latest_filing(occasion.session, occasion.dossier.id)
    states = sign_off_states(occasion.session, occasion.dossier, (lambda: filing.sha256) if filing else None)
    return [
        {
            "label": both(asked.label), "name": row.name, "function": None, "signed_at": iso(row.answered_at),
            "statement": both(asked.statement),
        }
        for asked in occasion.definition.sign_offs
        if states[asked.key] == "given" and (row := found[asked.key]).answered_at is not None
    ]  # fmt: skip


def _steps(occasion: Occasion) -> list[Context]:
    windows = occasion.definition.windows
    labels = {
        "screening": (
            "The Secretariat checks that the file is in order",
            "Le Secrétariat vérifie que le dossier est en règle",
        ),
        "evaluation": ("Experts and member cities evaluate the file", "Experts et villes membres évaluent le dossier"),
        "publication": ("The decisions are published", "Les décisions sont publiées"),
    }
    return [
        step(label, windows[name].opens_at, None if name == "publication" else windows[name].closes_at)
        for name, label in labels.items()
        if name in windows
    ]


def city_reply(occasion: Occasion) -> Draft:
    """CITY_REPLY: each passage that the city was asked to check, and what it says of it."""
    sent = occasion.session.get_one(CityReply, occasion.dossier.id)
    language = occasion.dossier.language
    context = {
        **of_dossier(occasion),
        "received_at": iso(sent.received_at),
        "by_name": occasion.actor.name,
        "passages": [
            {"number": p["number"], "passage": said(p["passage"], None), "answer": said(p["answer"], language)}
            for p in json.loads(sent.content)["passages"]
        ],
        "content_sha256": sent.sha256,
    }
    return Draft(context)
