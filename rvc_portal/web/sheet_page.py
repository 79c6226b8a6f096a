"""What the pages of an evaluator's sheet show: the criteria with what is still missing, and the file beside them."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from flask import g, render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.conditions import asked
from rvc_portal.domain.difference import both, difference
from rvc_portal.domain.errors import NotFound, Refusal, Refused
from rvc_portal.domain.progress import ENDINGS
from rvc_portal.domain.rubric import Criterion
from rvc_portal.domain.scoring import Given
from rvc_portal.domain.vocabulary import Role
from rvc_portal.domain.words import count_words
from rvc_portal.models.base import db
from rvc_portal.models.evaluation import Assignment, EarlierReason, PrivateNote
from rvc_portal.queries import calls, documents, dossiers, peers, progress, sheets
from rvc_portal.queries import evaluation as query
from rvc_portal.services.contexts import answers
from rvc_portal.web import dossier_page, labels
from rvc_portal.web.forms.evaluation import NOTES, SheetForm, shown
from rvc_portal.web.session import actor
from rvc_portal.web.two_texts import TwoTexts

Context = dict[str, Any]
Earlier = Mapping[str, Sequence[EarlierReason]]


@dataclass(frozen=True)
class Overtaken:
    """What could not be kept since another window saved meanwhile: criteria, or NOTES, and the notes as typed here."""

    keys: Collection[str] = ()
    notes: str | None = None


class Ended(Refused):
    """The assignment is the person's own, and ended: for the reason that the refusal gives."""

    def __init__(self, assignment: Assignment) -> None:
        super().__init__([Refusal(ENDINGS[assignment.ended_because or ""])])
        self.assignment = assignment


def open_assignment(assignment_id: UUID, *, declared: bool = False) -> Assignment:
    """The person's own assignment; sets what the pages of a dossier ask of `g`. Raises NotFound; Ended, with the
    reason, for one that ended."""
    found = query.own_assignment(db.session, actor(), assignment_id)
    if found is None and (ended := query.own_ended(db.session, actor(), assignment_id)) is not None:
        raise Ended(ended)
    if found is None or (declared and found.declared_at is None):
        raise NotFound
    g.dossier = found.dossier
    g.procedure = dossiers.procedure_of(found.dossier)
    g.roles = frozenset({Role.EVALUATOR})
    return found


def sheet_form(found: Assignment) -> SheetForm:
    """The sheet as a form: what was sent, or else what is kept."""
    stored = {s.criterion: query.given(s) for s in found.evaluation.scores} if found.evaluation else {}
    return SheetForm(calls.definition(found.dossier.call).rubric, stored)


def is_closed(found: Assignment) -> bool:
    return found.evaluation is not None and found.evaluation.closed_at is not None


def page(
    found: Assignment, form: SheetForm, *, errors: Sequence[tuple[str, str]] = (), overtaken: Overtaken | None = None
) -> Context:
    """The sheet as a form beside the file."""
    overtaken = overtaken or Overtaken()
    told = calls.definition(found.dossier.call)
    beside, earlier = _beside(found), _earlier(found)
    rows = [_row(c, told, found, earlier, form, beside.questions) for c in told.rubric.criteria]
    for row in rows:
        row["texts"] = two_texts(found, row["key"], form) if row["key"] in overtaken.keys else None
    return {
        **_common(found),
        "criteria": rows,
        "complete": sum(row["complete"] for row in rows),
        "file": beside.html,
        "errors": list(errors),
        "scores_closed": found.dossier.state != "in_evaluation",
        "due_at": progress.due_at(found),
        "digits": told.rubric.scale_minimum >= 0 and told.rubric.scale_maximum <= 10,
        **own_marks(found),
        **notes_part(found, overtaken),
    }


def saved(found: Assignment, criterion: str, *, shortened: bool) -> Context:
    """What changes on the page when a criterion was saved by itself: its status, how far the sheet is, and where words went
    (`shortened`) its earlier texts."""
    told = calls.definition(found.dossier.call)
    earlier = _earlier(found) if shortened else {}
    rows = [_row(c, told, found, earlier, None) for c in told.rubric.criteria]
    return {
        "row": next(row for row in rows if row["key"] == criterion),
        "assignment": found,
        "criteria": rows,
        "complete": sum(row["complete"] for row in rows),
        "scores_closed": False,
        "shortened": shortened,
        "zone": told.timezone,
    }


def criterion_row(found: Assignment, criterion: str) -> Context:
    """One criterion as it is kept. Raises KeyError for one that the rubric does not have."""
    told = calls.definition(found.dossier.call)
    return _row(told.rubric.criterion(criterion), told, found, {}, None)


def review(found: Assignment) -> Context:
    """The sheet to read, and every criterion that still lacks a score or a reason."""
    told = calls.definition(found.dossier.call)
    rows = [_row(c, told, found, {}, None) for c in told.rubric.criteria]
    return {
        **_common(found),
        "criteria": rows,
        "lacking": [row for row in rows if not row["complete"]],
        "judged": any(row["value"] is not None and row["weight"] for row in rows),
        "closed": is_closed(found),
    }


def closed(found: Assignment, *, reason: str = "", errors: Sequence[str] = ()) -> Context:
    """The closed sheet to read, with its document, its versions and what was asked of it. `reason`, `errors`: a request to
    open it again that could not be taken."""
    assert found.evaluation is not None
    document = query.sheet_document(db.session, found.evaluation)
    items = [dossier_page.document_item(documents.with_work(db.session(), document))] if document else []
    return {
        **review(found),
        "evaluation": found.evaluation,
        "documents": items,
        "reads_others": peers.may_read(db.session, actor(), found.dossier),
        "requests": sheets.requests(db.session(), found.evaluation),
        "may_ask": found.dossier.state == "in_evaluation",
        "reason": reason,
        "reason_errors": list(errors),
        **notes_part(found, Overtaken()),
    }


def two_texts(found: Assignment, criterion: str, form: SheetForm) -> TwoTexts | None:
    """What stands of the criterion and what this window holds, side by side; None where nothing stands."""
    score = next((s for s in found.evaluation.scores if s.criterion == criterion), None) if found.evaluation else None
    if score is None:
        return None
    theirs, mine = query.given(score), form.parts[criterion].given
    fields = [[f"{criterion}-{name}", value] for name, value in shown(theirs).items() if value or name == "reason"]
    return TwoTexts(
        key=criterion, revision=score.revision, who="", at=score.at, theirs=_as_text(theirs), mine=_as_text(mine),
        runs=difference(_as_text(theirs), _as_text(mine)), merged=both(difference(theirs.reason, mine.reason)),
        fields=json.dumps(fields),
    )  # fmt: skip


def two_notes(note: PrivateNote, mine: str) -> TwoTexts:
    """The same for the private notes."""
    runs = difference(note.text, mine)
    return TwoTexts(
        key=NOTES, revision=note.revision, who="", at=note.at, theirs=note.text, mine=mine, runs=runs, merged=both(runs),
        fields=json.dumps([[NOTES, note.text]]),
    )  # fmt: skip


def notes_row() -> Context:
    """The private notes as the macros of a criterion name it."""
    return {"key": NOTES, "label": _("Private notes")}


def notes_part(found: Assignment, overtaken: Overtaken) -> Context:
    """The private notes of the person who looks, on this dossier."""
    note = sheets.note(db.session(), actor(), found.dossier_id)
    typed = overtaken.notes if overtaken.notes is not None else note.text if note else ""
    clash = two_notes(note, typed) if note and NOTES in overtaken.keys else None
    return {"note": note, "note_text": typed, "note_texts": clash, "notes_row": notes_row()}


def own_marks(found: Assignment) -> Context:
    """How often the person has given each mark of the scale in this call."""
    rubric = calls.definition(found.dossier.call).rubric
    given = sheets.own_scores(db.session(), actor(), found.dossier.call_id)
    marks = range(rubric.scale_minimum, rubric.scale_maximum + 1)
    return {"own_marks": [(mark, given.get(mark, 0)) for mark in marks]}


def _common(found: Assignment) -> Context:
    rubric = calls.definition(found.dossier.call).rubric
    return {
        **dossier_page.head(),
        "assignment": found,
        "rubric": rubric,
        "stream": rubric.stream(found.stream).label.of(labels.reader_language()),
    }


def _as_text(given: Given) -> str:
    mark = _("Cannot judge") if given.cannot_judge else "—" if given.value is None else str(int(given.value))
    return _("Score: %(mark)s", mark=mark) + "\n" + given.reason.strip()


def _earlier(found: Assignment) -> Earlier:
    """Earlier texts of the sheet's reasons; what was saved once has none."""
    if found.evaluation is None or all(score.revision == 1 for score in found.evaluation.scores):
        return {}
    return sheets.earlier(db.session(), found.evaluation)


@dataclass(frozen=True)
class _AsFiled:
    """A file to be read beside a sheet: the same for every reader of a language, as long as the same is filed."""

    key: tuple[str, ...]
    content: Callable[[], str] = field(compare=False, repr=False)
    told: CallDefinition = field(compare=False, repr=False)
    written_in: str = field(compare=False)
    read_in: str = field(compare=False)


@dataclass(frozen=True)
class _Beside:
    """The answers as they stand on the page, and by criterion the (number, key, label) of those that bear on it."""

    html: Markup
    questions: Mapping[str, Sequence[tuple[str, str, str]]]


def _beside(found: Assignment) -> _Beside:
    dossier, language = found.dossier, labels.reader_language()
    filing = dossiers.latest_filing(db.session(), dossier.id, content=False)
    if filing is None:
        return _Beside(Markup(), {})
    key = (filing.sha256, dossier.call.definition_sha256, dossier.language, language)
    return _read(_AsFiled(key, lambda: filing.content, calls.definition(dossier.call), dossier.language, language))


@lru_cache(maxsize=64)
def _read(file: _AsFiled) -> _Beside:
    """What was filed never changes, and takes longer to lay out than the sheet itself: it is laid out once."""
    values, criteria = json.loads(file.content())["answers"], file.told.rubric.criteria
    questions: dict[str, list[tuple[str, str, str]]] = {c.key: [] for c in criteria}
    bears: dict[str, list[tuple[str, str]]] = {}
    for question in asked(file.told.form, values):
        for number, criterion in enumerate(criteria, 1):
            if criterion.key in question.criteria:
                label = question.label.of(file.read_in)
                questions[criterion.key].append((question.number, question.key, label))
                name = f"{number}. {criterion.label.of(file.read_in)}"
                bears.setdefault(question.key, []).append((f"#criterion-{criterion.key}", name))
    sections = answers.sections(file.told, values, file.written_in)
    html = render_template("evaluation/beside.html", sections=sections, bears=bears)
    return _Beside(Markup(html), questions)  # noqa: S704  our own template, which has escaped what the city wrote


def _row(
    criterion: Criterion, told: CallDefinition, found: Assignment, earlier: Earlier, form: SheetForm | None,
    questions: Mapping[str, Sequence[tuple[str, str, str]]] | None = None,
) -> Context:  # fmt: skip
    """One criterion with what is kept of it; `words` counts those of the reason that is kept. `questions`: by criterion,
    the answers beside it that bear on it."""
    language = labels.reader_language()
    stored = {s.criterion: s for s in found.evaluation.scores} if found.evaluation else {}
    score = stored.get(criterion.key)
    words = count_words(score.reason) if score else 0
    value = int(score.value) if score and score.value is not None else None
    needed, cannot = told.rubric.least_words, bool(score and score.cannot_judge)
    return {
        "key": criterion.key,
        "number": told.rubric.criteria.index(criterion) + 1,
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
        "revision": score.revision if score else 0,
        "complete": (value is not None or cannot) and words >= needed,
        "form": form.parts[criterion.key] if form else None,
        "earlier": earlier.get(criterion.key, ()),
        "questions": (questions or {}).get(criterion.key, ()),
    }


def versions(sheet_id: UUID, *, wrong: str = "", errors: Sequence[str] = ()) -> Context:
    """Every version of one sheet of the dossier with what changed from the one before, and what was asked of it. `wrong`:
    the request that could not be answered. Raises NotFound."""
    sheet = sheets.of_dossier(db.session(), g.dossier, sheet_id)
    if sheet is None:
        raise NotFound
    rubric = calls.definition(g.dossier.call).rubric
    found = sheets.versions(db.session(), sheet)
    compared = [
        (version, _compared(found[place - 1].scores if place else None, version.scores, rubric.criteria))
        for place, version in enumerate(found)
    ]
    return {
        **dossier_page.head(),
        "sheet": sheet,
        "rubric": rubric,
        "versions": compared[::-1],
        "requests": sheets.requests(db.session(), sheet),
        "may_answer": g.dossier.state == "in_evaluation" and sheet.closed_at is not None and not sheet.set_aside_at,
        "wrong": wrong,
        "answer_errors": list(errors),
        "back": url_for("evaluation.results", dossier_id=g.dossier.id),
    }


def _compared(before: Mapping[str, Given] | None, after: Mapping[str, Given], criteria: Sequence[Criterion]) -> Context:
    """By criterion: its name, what is given, what was given before, and the reason's words told apart."""
    rows = []
    for criterion in criteria:
        given = after.get(criterion.key, Given(None, ""))
        earlier = before.get(criterion.key, Given(None, "")) if before is not None else None
        rows.append(
            {
                "label": criterion.label.of(labels.reader_language()), "given": given, "before": earlier,
                "changed": earlier is not None and earlier != given,
                "runs": difference(earlier.reason, given.reason) if earlier is not None else None,
            }
        )  # fmt: skip
    return {"rows": rows, "changed": sum(row["changed"] for row in rows), "first": before is None}
