"""Contexts of the screening: the return, the notice, the note."""

import sqlalchemy as sa

from rvc_portal.models.screening import ScreeningCheck
from rvc_portal.queries import dossiers
from rvc_portal.queries import submission as query
from rvc_portal.services.contexts.answers import filing_of
from rvc_portal.services.contexts.parts import (
    Context,
    Draft,
    Occasion,
    addressee,
    both,
    iso,
    of_dossier,
    said,
)


def return_letter(occasion: Occasion) -> Draft:
    """RETURN_LETTER: why the file comes back, which questions are open again, until when."""
    until = occasion.dossier.correct_until_at
    returned = query.returned(occasion.session, occasion.dossier)
    notes = returned.notes if returned else {}
    context = {
        **of_dossier(occasion),
        "addressee": addressee(occasion),
        "filing": filing_of(occasion),
        "reason": said(occasion.reason, occasion.actor.language),
        "remarks": [_remark(occasion, key, notes.get(key, "")) for key in occasion.dossier.questions_named],
        "answer_by": iso(until or occasion.at),
    }
    return Draft(context)


def ineligibility_notice(occasion: Occasion) -> Draft:
    """INELIGIBILITY_NOTICE: why the file goes no further."""
    context = {
        **of_dossier(occasion),
        "addressee": addressee(occasion),
        "filing": filing_of(occasion),
        "reason": said(occasion.reason, occasion.actor.language),
        "checks": [c for c in checks(occasion, occasion.actor.language) if c["outcome"] == "not_met"],
    }
    return Draft(context)


def screening_note(occasion: Occasion) -> Draft:
    """SCREENING_NOTE: the checklist, the returns, the admission."""
    context = {
        **of_dossier(occasion),
        "filing": filing_of(occasion),
        "screener": occasion.actor.name,
        "admitted_at": iso(occasion.at),
        "checks": checks(occasion, occasion.actor.language),
        "returns": returns(occasion),
        "remark": None,
    }
    return Draft(context)


def _remark(occasion: Occasion, key: str, note: str) -> Context:
    told, remark = occasion.definition, said(note, occasion.actor.language)
    question = next((q for q in told.form.questions() if q.key == key), None)
    if question:
        return {"number": question.number, "label": both(question.label), "remark": remark}
    return {"number": None, "label": both(told.piece(key).label), "remark": remark}


def checks(occasion: Occasion, language: str | None) -> list[Context]:
    """The checklist as it was ticked; `language`: of the remarks, where it is known."""
    query = sa.select(ScreeningCheck).where(ScreeningCheck.dossier_id == occasion.dossier.id)
    found = {c.item: c for c in occasion.session.scalars(query)}
    outcomes = {True: "met", False: "not_met", None: "not_applicable"}
    return [
        {
            "label": both(item.label),
            "outcome": outcomes[found[item.key].in_order],
            "remark": said(found[item.key].note, language),
        }
        for item in occasion.definition.checklist
        if item.key in found
    ]


def returns(occasion: Occasion) -> list[Context]:
    """When the file was returned for completion and why, and when it was filed again."""
    told: list[Context] = []
    for entry, _ in dossiers.history(occasion.session, occasion.dossier.id):
        if entry.transition == "return":
            told.append({"returned_at": iso(entry.at), "reason": said(entry.reason, None), "refiled_at": None})
        elif entry.transition == "resubmit" and told:
            told[-1]["refiled_at"] = iso(entry.at)
    return told
