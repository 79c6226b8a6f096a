"""Contexts of a call's own documents, issued when it opens: what it says, and what it asks."""

from collections.abc import Iterable
from math import ceil

from rvc_portal.domain import asking, conditions
from rvc_portal.domain import blank_form as form_away
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
    """BLANK_FORM: every question with its limits and conditions, and fields to fill in away from the portal."""
    told = calls.definition(call)
    context = {
        **of_call(call),
        "identity": form_away.identity(call.key, told.form),
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
    texts = sum(part.type == "text" for part in question.parts)
    width = 2 * texts if question.type == "table" else 1
    return {
        "number": question.number,
        "key": question.key,
        "label": both(question.label),
        "item_label": _or_none(question.item_label),
        "help": _or_none(question.help),
        "type": question.type,
        "required": question.required,
        "condition": message(conditions.told(form, question.when)) if question.when else None,
        "statement": _or_none(question.statement),
        "limits": messages(asking.limits(question)),
        "source": question.source,
        "choices": _choices(question),
        "entry": None if question.parts else _entry(question, "line" if question.is_single_line else question.type),
        "rows": form_away.rows(question),
        "nothing": question.allows_nothing,
        "parts": [_part(part, width, (question.word_limit or 0) // max(texts, 1)) for part in question.parts],
        "rules": messages(asking.rules(question)),
    }


def _part(part: Part, width: int, words: int) -> Context:
    """`width`: how many texts would share a line with what stands beside them; `words`: what a text without a limit of its
    own may have of the question's."""
    return {
        "key": part.key,
        "label": both(part.label),
        "help": _or_none(part.help),
        "limits": messages(asking.part_limits(part)),
        "source": part.source,
        "choices": _choices(part),
        "entry": _entry(part, part.type, width, words),
    }


def _entry(it: Question | Part, kind: str, width: int = 1, words: int = 0) -> Context:
    """The field, or the fields, of a question without parts or of a part. `most`: characters."""
    return {
        "kind": kind if kind in ENTRIES else "line",
        "lines": _lines(it, width, words),
        "most": it.char_limit,
        "options": [{"key": choice.key, "label": both(choice.label)} for choice in it.choices],
        "listed": bool(it.source),
    }


ENTRIES = ("text", "choice", "choices", "declaration")
"""Kinds of answers that have fields of their own; all others are one line."""
WORDS_A_LINE, CHARACTERS_A_LINE = 13, 80
"""What one line of a field holds across the page, in the size in which fields are set, in both languages."""
MOST_LINES = 40
"""So many lines fit a page; a longer text goes on within its field."""


def _lines(it: Question | Part, width: int, words: int) -> int:
    """How high the field of a text is, for all that it may hold."""
    most = it.word_limit or words
    needed = most / WORDS_A_LINE if most else (it.char_limit or 2 * CHARACTERS_A_LINE) / CHARACTERS_A_LINE
    return min(max(ceil(needed * width), 2), MOST_LINES)


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
