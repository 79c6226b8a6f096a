"""What the pages of an evaluator's sheet show: the criteria with what is still missing, and the file beside them."""

from collections.abc import Sequence
from typing import Any

from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.conditions import Answers, asked
from rvc_portal.domain.rubric import Criterion
from rvc_portal.domain.words import count_words
from rvc_portal.models.base import db
from rvc_portal.models.evaluation import Assignment
from rvc_portal.queries import calls, documents, filed, peers, progress
from rvc_portal.queries import evaluation as query
from rvc_portal.services.contexts import answers
from rvc_portal.web import dossier_page, labels
from rvc_portal.web.forms.evaluation import SheetForm
from rvc_portal.web.session import actor

Context = dict[str, Any]


def is_closed(found: Assignment) -> bool:
    return found.evaluation is not None and found.evaluation.closed_at is not None


def page(
    found: Assignment, form: SheetForm, *, errors: Sequence[tuple[str, str]] = (), saved: str | None = None
) -> Context:
    """The sheet as a form beside the file. `saved`: the criterion that was saved by this request."""
    told = calls.definition(found.dossier.call)
    content = filed.content(db.session, found.dossier, as_filed=True)
    rows = [_row(c, told, found, form, content.answers) for c in told.rubric.criteria]
    return {
        **dossier_page.head(),
        "assignment": found,
        "rubric": told.rubric,
        "stream": told.rubric.stream(found.stream).label.of(labels.reader_language()),
        "criteria": rows,
        "complete": sum(row["complete"] for row in rows),
        "sections": answers.sections(told, content.answers, found.dossier.language),
        "errors": list(errors),
        "saved": saved,
        "scores_closed": found.dossier.state != "in_evaluation",
        "due_at": progress.due_at(found),
    }


def review(found: Assignment) -> Context:
    """The sheet to read, and every criterion that still lacks a score or a reason."""
    told = calls.definition(found.dossier.call)
    rows = [_row(c, told, found, None) for c in told.rubric.criteria]
    return {
        **dossier_page.head(),
        "assignment": found,
        "rubric": told.rubric,
        "stream": told.rubric.stream(found.stream).label.of(labels.reader_language()),
        "criteria": rows,
        "lacking": [row for row in rows if not row["complete"]],
        "closed": is_closed(found),
    }


def closed(found: Assignment) -> Context:
    """The closed sheet to read, with its document."""
    assert found.evaluation is not None
    document = query.sheet_document(db.session, found.evaluation)
    shown = [dossier_page.document_item(documents.Shown(document))] if document else []
    reads_others = peers.may_read(db.session, actor(), found.dossier)
    return {**review(found), "evaluation": found.evaluation, "documents": shown, "reads_others": reads_others}


def _row(
    criterion: Criterion, told: CallDefinition, found: Assignment, form: SheetForm | None, read: Answers | None = None
) -> Context:
    """One criterion with what is kept of it; `words` counts those of the reason that is kept. `read`: the answers beside
    it, for the links to those that bear on the criterion."""
    language = labels.reader_language()
    stored = {s.criterion: s for s in found.evaluation.scores} if found.evaluation else {}
    score = stored.get(criterion.key)
    words = count_words(score.reason) if score else 0
    value = int(score.value) if score and score.value is not None else None
    needed, cannot = told.rubric.least_words, bool(score and score.cannot_judge)
    return {
        "key": criterion.key,
        "label": criterion.label.of(language),
        "guidance": criterion.guidance.of(language),
        "weight": criterion.weight,
        "value": value,
        "cannot_judge": cannot,
        "judged": value is not None or cannot,
        "reason": score.reason if score else "",
        "words": words,
        "needed": needed,
        "at": score.at if score else None,
        "complete": (value is not None or cannot) and words >= needed,
        "form": form.parts[criterion.key] if form else None,
        "questions": [
            (q.number, q.key, q.label.of(language)) for q in asked(told.form, read or {}) if criterion.key in q.criteria
        ],
    }
