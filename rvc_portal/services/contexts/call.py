"""Contexts of a call's own documents, issued when it opens: what it says, and what it asks."""

from collections.abc import Iterable

from rvc_portal.domain import asking, conditions
from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.definition import Wording
from rvc_portal.domain.form import Choice, Form, Part, Question, Section
from rvc_portal.domain.windows import LABELS
from rvc_portal.models.call import Call
from rvc_portal.queries import calls
from rvc_portal.services.contexts.parts import Context, Draft, both, iso, message, messages, of_call


def call_text(call: Call) -> Draft:
    """CALL_TEXT: dates, who may apply, what is to be given, how it is judged."""
    told = calls.definition(call)
    context = {
        **of_call(call),
        "introduction": _or_none(told.introduction),
        "opens_at": iso(told.filing.opens_at),
        "closes_at": iso(told.filing.closes_at),
        "grace_minutes": told.grace_minutes,
        "steps": _steps(told),
        "languages": list(told.languages),
        "fields": [both(field.label) for field in told.fields],
        "country_limit": told.country_limit,
        "field_limit": told.field_limit,
        "eligibility": [
            {"question": both(asked.question), "hint": _or_none(asked.hint), "needed": asked.needed}
            for asked in told.eligibility
        ],
        "pieces": _pieces(told),
        "scale": {"minimum": told.rubric.scale_minimum, "maximum": told.rubric.scale_maximum},
        "streams": [
            {"label": both(s.label), "weight": s.weight, "minimum": s.minimum_sheets} for s in told.rubric.streams
        ],
        "criteria": [
            {"label": both(c.label), "guidance": _or_none(c.guidance), "weight": c.weight}
            for c in told.rubric.criteria
        ],
    }  # fmt: skip
    return Draft(context)


def blank_form(call: Call) -> Draft:
    """BLANK_FORM: every question with its limits and conditions, to read and to prepare."""
    told = calls.definition(call)
    context = {
        **of_call(call),
        "closes_at": iso(told.filing.closes_at),
        "nothing_relevant": _or_none(told.form.nothing_relevant),
        "sections": [_section(told.form, section) for section in told.form.sections],
        "pieces": _pieces(told),
    }
    return Draft(context)


def _steps(told: CallDefinition) -> list[Context]:
    """What follows the filing, in the order of the calendar."""
    return [
        {"label": both(label), "at": iso(told.windows[name].opens_at), "until": iso(told.windows[name].closes_at)}
        for name, label in LABELS.items()
        if name in told.windows and name != told.filing.name
    ]


def _section(form: Form, section: Section) -> Context:
    return {
        "number": section.number,
        "title": _or_none(section.title),
        "intro": _or_none(section.intro),
        "questions": [_question(form, question) for question in section.questions],
    }


def _question(form: Form, question: Question) -> Context:
    return {
        "number": question.number,
        "label": both(question.label),
        "help": _or_none(question.help),
        "type": question.type,
        "required": question.required,
        "condition": message(conditions.told(form, question.when)) if question.when else None,
        "statement": _or_none(question.statement),
        "limits": messages(asking.limits(question)),
        "source": question.source,
        "choices": _choices(question),
        "parts": [_part(part) for part in question.parts],
        "rules": messages(asking.rules(question)),
    }


def _part(part: Part) -> Context:
    return {
        "label": both(part.label),
        "help": _or_none(part.help),
        "limits": messages(asking.part_limits(part)),
        "source": part.source,
        "choices": _choices(part),
    }


def _choices(it: Question | Part) -> list[dict[str, str]]:
    """The entries to choose from, but for the countries: these fill pages, and everybody knows them."""
    listed: Iterable[Choice] = () if it.source == "countries" else it.choices
    return [both(choice.label) for choice in listed]


def _pieces(told: CallDefinition) -> list[Context]:
    return [
        {
            "label": both(piece.label), "help": _or_none(piece.help), "count": piece.count,
            "formats": list(piece.formats), "max_size": piece.max_bytes, "required": piece.required,
        } | ({"min_pixels": list(piece.min_pixels)} if piece.min_pixels else {})
        for piece in told.pieces
    ]  # fmt: skip


def _or_none(text: Wording) -> dict[str, str] | None:
    return both(text) if text else None
