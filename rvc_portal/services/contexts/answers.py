"""Answers as a document prints them: from the stored shapes of `domain.answers` to those of `documents.contexts`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rvc_portal.domain import answers as rules
from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.figures import figure
from rvc_portal.domain.form import FIGURES, Choice, Form, Part, Question, Section
from rvc_portal.queries import dossiers
from rvc_portal.services.contexts.parts import Context, Occasion, both, filing, said

_CELL_TYPES = {"year": "year", "percent": "percent", "currency": "currency", "choice": "choice"}


def counts(form: Form, values: Mapping[str, Any]) -> tuple[int, int, int]:
    """Words of all answers, questions answered, questions asked."""
    questions = rules.asked(form, values)
    words = sum(rules.word_count(q, values.get(q.key)) for q in questions)
    return words, sum(rules.is_answered(q, values.get(q.key)) for q in questions), len(questions)


def filing_of(occasion: Occasion) -> Context | None:
    """The latest filing of the occasion's dossier, with its counts."""
    found = dossiers.latest_filing(occasion.session, occasion.dossier.id)
    values = dossiers.values(occasion.session, occasion.dossier.id)
    return filing(found, *counts(occasion.definition.form, values))


def sections(told: CallDefinition, values: Mapping[str, Any], language: str) -> list[Context]:
    """Every section that asks anything, with its questions and answers, ready to print; `language` is the one they are
    written in."""
    found = (_section(told.form, section, values, language) for section in told.form.sections)
    return [section for section in found if section["questions"]]


def _section(form: Form, section: Section, values: Mapping[str, Any], language: str) -> Context:
    return {
        "number": section.number,
        "key": section.key,
        "title": both(section.title) if section.title else None,
        "questions": [question(form, q, values.get(q.key), language) for q in rules.asked(form, values, section)],
    }


def question(form: Form, question: Question, value: Any, language: str) -> Context:
    """One question with its answer, ready to print."""
    nothing = rules.says_nothing(form, question, value)
    counted = question.word_limit is not None and question.type != "repeat"  # there the limit is each item's
    answered = not nothing and rules.is_answered(question, value)
    return {
        "number": question.number,
        "key": question.key,
        "label": both(question.label),
        "type": question.type,
        "words": rules.word_count(question, value) if counted else None,
        "word_limit": question.word_limit if counted else None,
        "nothing": both(form.nothing_relevant) if nothing else None,
        "value": _PRINTED[question.type](question, rules.shaped(question, value), language) if answered else None,
    }


def _text(question: Question, value: str, language: str) -> Context:
    return {"said": said(value, language)}


def _number(question: Question, value: str, language: str) -> Context:
    number = _figure(value)
    return {"number": number, "unit": None, "said": said(value, language) if number is None else None}


def _choice(question: Question, value: str, language: str) -> Context:
    if question.source == "countries":
        return {"label": None, "country_iso2": value}
    return {"label": _label(question.choices, value), "country_iso2": None}


def _group(question: Question, value: dict[str, Any], language: str) -> Context:
    return {"entries": [_entry(part, value[part.key], language) for part in question.parts]}


def _table(question: Question, value: list[dict[str, Any]], language: str) -> Context:
    columns = [
        {
            "key": p.key,
            "label": both(p.label),
            "type": _CELL_TYPES.get(p.type, "number" if p.type in FIGURES else "text"),
        }
        for p in question.parts
    ]
    rows = [[_cell(p, row[p.key], language) for p in question.parts] for row in value]
    return {
        "columns": columns,
        "rows": rows,
        "totals": _totals(question, value),
        "groups": group_sums(question, rules.group_totals(question, value)),
    }


def group_sums(question: Question, found: Sequence[rules.GroupTotal]) -> list[Context]:
    """Sums within a table, for each pair of a column and what it is grouped by: (column, by, lines)."""
    pairs = dict.fromkeys((t.part, t.by) for t in found)
    return [
        {
            "column": both(question.part(part).label),
            "by": both(question.part(by).label),
            "sums": [
                {
                    "group": _label(question.part(by).choices, t.value) or {"en": t.value, "fr": t.value},
                    "number": _plain(t.amount),
                    "currency": t.currency or None,
                }
                for t in found
                if (t.part, t.by) == (part, by)
            ],
        }
        for part, by in pairs
    ]


def _totals(question: Question, value: list[dict[str, Any]]) -> list[float | None] | None:
    found = rules.totals(question, value)
    if not found or len({t.currency for t in found}) > 1:  # sums of several currencies have no one line
        return None
    sums = {t.part: _plain(t.amount) for t in found}
    return [sums.get(p.key) for p in question.parts]


def _repeat(question: Question, value: list[dict[str, Any]], language: str) -> Context:
    heading = next((p.key for p in question.parts if p.key == "title"), None)
    items = [
        {
            "heading": said(row[heading], language) if heading else None,
            "entries": [_entry(p, row[p.key], language) for p in question.parts if p.key != heading],
        }
        for row in value
    ]
    return {"items": items}


def _links(question: Question, value: list[str], language: str) -> Context:
    return {"links": [{"url": url, "label": None} for url in value]}


def _declaration(question: Question, value: str, language: str) -> Context:
    return {"accepted": value == rules.YES, "statement": both(question.statement)}


def _signature(question: Question, value: dict[str, str], language: str) -> Context:
    return {
        "name": value.get("name", ""),
        "function": value.get("function") or None,
        "place": value.get("place") or None,
        "signed_on": value.get("date", ""),
        "image": None,
    }


_PRINTED: dict[str, Callable[[Question, Any, str], Context]] = {
    "text": _text,
    "number": _number,
    "choice": _choice,
    "group": _group,
    "table": _table,
    "repeat": _repeat,
    "links": _links,
    "declaration": _declaration,
    "signature": _signature,
}


def _entry(part: Part, value: Any, language: str) -> Context:
    number = _figure(value) if part.type in FIGURES else None
    words = None if number is not None else said(_worded(part, value, language), language)
    return {"key": part.key, "label": both(part.label), "said": words, "number": number}


def _cell(part: Part, value: Any, language: str) -> Any:
    if not value:
        return None
    if part.type == "choice":
        return _label(part.choices, value)
    if part.type in FIGURES or part.type == "year":
        number = _figure(value)
        if number is None:
            return str(value)  # what is no figure is shown as it was typed: a dash would hide what is wrong
        return int(number) if part.type == "year" else number
    return _worded(part, value, language)


def _worded(part: Part, value: Any, language: str) -> str:
    if part.type in ("choice", "choices"):
        keys = value if isinstance(value, list) else [value]
        labels = (_label(part.choices, key) for key in keys if key)
        return ", ".join(label[language if language == "fr" else "en"] for label in labels if label)
    return str(value or "")


def _label(choices: tuple[Choice, ...], key: str) -> dict[str, str] | None:
    return next((both(c.label) for c in choices if c.key == key), None)


def _figure(value: Any) -> float | int | None:
    number = figure(value)
    return None if number is None else _plain(number)


def _plain(number: Any) -> float | int:
    return int(number) if number == int(number) else float(number)
