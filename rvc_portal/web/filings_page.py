"""What the pages of a city's filings show: a receipt, and two versions side by side."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import g
from flask_babel import gettext as _

from rvc_portal.domain import comparison as rules
from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.errors import NotFound
from rvc_portal.domain.vocabulary import APPLICANTS, Permission
from rvc_portal.models.base import db
from rvc_portal.models.dossier import Filing
from rvc_portal.queries import calls, content, documents, filed
from rvc_portal.services import answer_tables
from rvc_portal.web import dossier_page, labels
from rvc_portal.web.access import may
from rvc_portal.web.forms.submission import wording

Context = dict[str, Any]

WORK = "work"
"""The version that is not filed yet, for its own city alone."""


def receipt(number: int) -> Context:
    """One filing with its receipt. Raises NotFound."""
    every = filed.filings(db.session(), g.dossier.id)
    found, who = _numbered(every, number)
    told = calls.definition(g.dossier.call)
    pieces = json.loads(found.content)["pieces"]
    return {
        **dossier_page.head(),
        "filing": found,
        "submitted_by": who,
        "later": every[-1][0] if every[-1][0].number > number else None,
        "earlier": number > 1,
        "pieces": [(wording(p.label), [f for f in pieces if f["piece"] == p.key]) for p in told.pieces],
        "documents": _receipt_item(found),
        "can_compare": len(every) > 1,
    }


def comparison(a: str | None, b: str | None, *, all_of: bool) -> Context:
    """Version `a` beside version `b`, each a number of a filing or `work`; by default the latest two that there are.
    Raises NotFound for a version that is not there or not this person's to see."""
    every = filed.filings(db.session(), g.dossier.id)
    versions = [str(filing.number) for filing, _who in every]
    if may(Permission.WRITE) and g.roles & APPLICANTS:
        versions.append(WORK)
    first = a or (versions[-2] if len(versions) > 1 else None)
    second = b or (versions[-1] if versions else None)
    if any(v is not None and v not in versions for v in (first, second)):
        raise NotFound
    told = calls.definition(g.dossier.call)
    before, after = (_content(every, v) if v and first else None for v in (first, second))
    say = answer_tables.worded(labels.reader_language())
    answers = rules.answers(told.form, before["answers"], after["answers"], say) if before and after else ()
    pieces = _pieces(told, before["pieces"], after["pieces"]) if before and after else []
    shown = {a.question.key: a for a in answers if all_of or a.changed}
    return {
        **dossier_page.head(),
        "a": first,
        "b": second,
        "all_of": all_of,
        "versions": [(v, _version_label(v)) for v in versions],
        "named": [(_version_label(v), _version_time(every, v, told.timezone)) for v in (first, second) if v],
        "sections": [(s, [shown[q.key] for q in s.questions if q.key in shown]) for s in told.form.sections],
        "pieces": [p for p in pieces if all_of or p["changed"]],
        "changed_answers": sum(a.changed for a in answers),
        "changed_pieces": sum(p["changed"] for p in pieces),
        "enough": before is not None and after is not None,
        "wording": wording,
    }


def _numbered(every: Sequence[tuple[Filing, str]], number: int) -> tuple[Filing, str]:
    for filing, who in every:
        if filing.number == number:
            return filing, who
    raise NotFound


def _content(every: Sequence[tuple[Filing, str]], version: str) -> Mapping[str, Any]:
    if version == WORK:
        return content.content(db.session(), g.dossier)
    kept: Mapping[str, Any] = json.loads(_numbered(every, int(version))[0].content)
    return kept


def _version_label(version: str) -> str:
    return str(_("The work in hand") if version == WORK else _("Filing no. %(number)s", number=version))


def _version_time(every: Sequence[tuple[Filing, str]], version: str, zone: str) -> str:
    if version == WORK:
        return str(_("not filed"))
    at: datetime = _numbered(every, int(version))[0].received_at
    return labels.instant(at, zone)


def _pieces(told: CallDefinition, before: Any, after: Any) -> list[Context]:
    found = [(p, rules.files(p.key, before, after)) for p in told.pieces]
    return [
        {"key": p.key, "label": wording(p.label), "files": files, "changed": any(f.fate != rules.SAME for f in files)}
        for p, files in found
    ]


def _receipt_item(found: Filing) -> list[Context]:
    """The receipt's PDF as the list of documents wants it: one, or none where this person may not have it."""
    document = filed.receipt_of(db.session(), found)
    shown = documents.of_dossier(db.session(), g.dossier, dossier_page.reader(), dossier_page.evaluators_told())
    return [dossier_page.document_item(s) for s in shown if document is not None and s.document.id == document.id]
