"""The answers of many files as one table: a row a file, a column a question."""

from collections.abc import Iterator, Sequence
from functools import cache

from babel import Locale

from rvc_portal.domain import comparison
from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.comparison import Worded
from rvc_portal.domain.form import Part, Question
from rvc_portal.domain.procedures.register import PROCEDURES
from rvc_portal.domain.values import YES
from rvc_portal.domain.vocabulary import N_
from rvc_portal.language import translations
from rvc_portal.queries.answer_tables import Filed

HEAD = (N_("Reference"), N_("City"), N_("Country"), N_("Creative field"), N_("State"), N_("Language"), N_("Submitted"))
CUT = N_(" … [cut here: a cell holds no more; the CSV has all of it]")


def head(told: CallDefinition, language: str) -> list[str]:
    """The names of the columns: what is known of a file, then each question as the form words it."""
    translate = translations(language).gettext
    questions = [f"{q.number} {q.label.of(language)}" for q in told.form.questions()]
    return [*map(translate, HEAD), *questions]


def rows(found: Sequence[Filed], told: CallDefinition, language: str) -> Iterator[list[str | None]]:
    """A row for each file. What somebody wrote stays as it is; choices, countries and states are named in `language`."""
    translate, locale = translations(language).gettext, Locale.parse(language)
    fields = {f.key: f.label.of(language) for f in told.fields}
    say = worded(language)
    for file in found:
        state = PROCEDURES[file.procedure].states[file.state]
        yield [
            file.reference, file.city, locale.territories.get(file.country or "", file.country),
            fields.get(file.field or "", file.field), translate(state.label), file.language,
            file.filed_at.strftime("%Y-%m-%dT%H:%M:%SZ") if file.filed_at else None,
            *(_told(q, file.answers.get(q.key), say) for q in told.form.questions()),
        ]  # fmt: skip


def cut(language: str) -> str:
    """What ends a text that no cell holds whole."""
    return translations(language).gettext(CUT)


@cache
def worded(language: str) -> Worded:
    """Words one value of an answer; texts and figures as typed."""
    translate, territories = translations(language).gettext, Locale.parse(language).territories

    def say(question: Question, part: Part | None, value: object) -> str:
        if isinstance(value, list):
            return ", ".join(say(question, part, one) for one in value)
        if choices := part.choices if part else question.choices:
            return next((c.label.of(language) for c in choices if c.key == value), str(value))
        if question.source == "countries" and part is None:
            return str(territories.get(str(value), value))
        if question.type == "declaration" and value:
            return translate(N_("Agreed")) if value == YES else translate(N_("Not agreed"))
        return str(value)

    return say


def _told(question: Question, value: object, say: Worded) -> str | None:
    """An answer in one cell: the rows of a table below each other, their cells apart by a bar."""
    if value is None:
        return None
    return "\n".join(" | ".join(line) for line in comparison.lines(question, value, say)) or None
