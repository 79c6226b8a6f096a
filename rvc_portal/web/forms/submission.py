"""The forms of a city at work: opening a file, and the questions of a section, as shown and as they come back."""

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import Length, Optional

from rvc_portal.domain import answers as rules
from rvc_portal.domain import conditions
from rvc_portal.domain.call import CallDefinition
from rvc_portal.domain.definition import Wording
from rvc_portal.domain.form import Choice, Form, Question
from rvc_portal.language import by_name
from rvc_portal.models.dossier import Answer
from rvc_portal.services.contexts import answers
from rvc_portal.web import labels
from rvc_portal.web.forms.base import Option, PortalForm

NOTHING = "nothing"
"""The box beside a question that says "nothing to report": its name is `key.nothing`."""
MOST_BLANK_ROWS = 50


class OpenForm(PortalForm):
    """What names a file from the beginning. What the call does not know is refused by the service."""

    city = StringField(_l("Name of the city"), [Length(max=100)])
    city_local = StringField(_l("The name in the city's own script"), [Optional(), Length(max=200)])
    local_language = SelectField(_l("Language of that name"), validate_choice=False)
    country = SelectField(_l("Country"), validate_choice=False)
    field = RadioField(_l("Creative field"), validate_choice=False)
    language = RadioField(_l("Language of the file"), validate_choice=False)

    @classmethod
    def of(cls, told: CallDefinition, **data: Any) -> "OpenForm":
        """The form of one call: its countries, fields and languages."""
        form = cls(data=data)
        countries = by_name((c.iso2, wording(c.label)) for c in told.countries)
        form.country.choices = [Option(key, name) for key, name in countries]
        form.field.choices = [Option(f.key, wording(f.label)) for f in told.fields]
        form.language.choices = [Option(code, labels.language(code).capitalize()) for code in told.languages]
        form.local_language.choices = [Option("", "–"), *(Option(code, name) for code, name in _languages())]
        return form

    @property
    def local(self) -> tuple[str, str] | None:
        """The name in the city's own script with its language, if one was given."""
        name = " ".join((self.city_local.data or "").split())
        known = {code for code, _name in _languages()}
        language = self.local_language.data if self.local_language.data in known else "und"
        return (name, language) if name else None


class SubmitForm(PortalForm):
    """The button: which version of the file the person had before them."""

    version = IntegerField(validators=[Optional()])
    sure = HiddenField()


@dataclass(frozen=True)
class Correction:
    """A question or piece that a return names: why, in which language that is written, whether it was changed since."""

    key: str
    label: str
    url: str
    note: str
    language: str | None
    changed: bool


@dataclass(frozen=True)
class Hangs:
    """What a conditional question hangs on, and whether it is asked now. `live`: the other question, `on`, stands on the
    same page as a field, so that the page can show and hide this one; `one_of` are the answers that ask it, none: any."""

    on: str
    one_of: Sequence[str]
    sentence: str
    holds: bool
    live: bool

    @property
    def as_field(self) -> bool:
        """Whether the question stands on the page as a field: asked now, or perhaps in a moment."""
        return self.holds or self.live


@dataclass(frozen=True)
class Asked:
    """One question on the page of its section.

    `fields` are names and values as an HTML form shows them; `errors` sentences by name; `rows` how many rows or items
    are shown; `groups` the sums within a table; `printed` the answer as it prints, for a question that cannot be
    changed now; `shown` the print of what stands; `at` and `author` when it was kept and by whom; `texts` what somebody
    else wrote meanwhile; `correction` what a return says of it, None for a question that it does not name; `hangs` what
    a conditional question hangs on.
    """

    question: Question
    fields: Mapping[str, Sequence[str]]
    errors: Mapping[str, Sequence[str]]
    rows: int
    nothing: bool
    open: bool
    revision: int
    totals: Sequence[rules.Total]
    printed: Mapping[str, Any]
    complete: bool
    at: datetime | None
    author: str | None
    texts: Any = None
    correction: Correction | None = None
    groups: Sequence[Mapping[str, Any]] = ()
    hangs: Hangs | None = None
    shown: str = ""

    def name(self, *path: str | int) -> str:
        return rules.name_of(self.question.key, *path)

    def value(self, *path: str | int) -> str:
        return next(iter(self.fields.get(self.name(*path), ())), "")

    def values(self, *path: str | int) -> Sequence[str]:
        return self.fields.get(self.name(*path), ())

    def wrong(self, *path: str | int) -> Sequence[str]:
        return self.errors.get(self.name(*path), ())

    @property
    def is_field(self) -> bool:
        """Whether it can be filled in on the page."""
        return self.open and (self.hangs is None or self.hangs.as_field)

    @property
    def sentences(self) -> list[str]:
        """All that is wrong, for where it cannot stand beside its field: each says in which row and part."""
        told = (self._placed(name) + s for name, sentences in self.errors.items() for s in sentences)
        return list(dict.fromkeys(told))

    def _placed(self, name: str) -> str:
        """Where in the question a field is: "2, Total budget: "; nothing for one that is the question itself."""
        row, _dot, part = name.removeprefix(self.question.key).strip(".").rpartition(".")
        if not row and part.isdecimal():
            row, part = part, ""
        named = [wording(p.label) for p in self.question.parts if p.key == part]
        places = ([_("row %(number)s", number=int(row) + 1)] if row.isdecimal() else []) + named
        return ", ".join(places) + _(": ") if places else ""

    @staticmethod
    def pairs(choices: Sequence[Choice]) -> list[tuple[str, str]]:
        """Entries to choose from, as the macros take them."""
        return [(choice.key, wording(choice.label)) for choice in choices]

    @property
    def options(self) -> list[tuple[str, str]]:
        """The question's own entries; those of a list of the call in the order of the alphabet."""
        found = self.pairs(self.question.choices)
        return by_name(found) if self.question.source else found

    @property
    def least(self) -> int:
        """Rows that always stand on the page."""
        return max(self.question.min_items or 0, 1)


def asked(
    form: Form, question: Question, answer: Answer | None, printed: Mapping[str, Any], *, is_open: bool,
    value: Any = None, rows: int = 0, lacking: bool = False, author: str | None = None, texts: Any = None,
    correction: Correction | None = None, hangs: Hangs | None = None,
) -> Asked:  # fmt: skip
    """The question with its answer, or with `value` where something was typed that is not kept. `rows`: how many are
    wanted at least; `lacking`: whether what is missing is told as well as what is wrong; neither is, where the question
    is not asked now; `author`, `texts`, `correction`, `hangs`: see Asked."""
    found = value if value is not None else answer.value if answer else rules.blank(question)
    nothing = rules.says_nothing(form, question, found)
    shown = rules.blank(question) if nothing else found
    return Asked(
        question=question, fields=rules.to_form(question, shown), nothing=nothing, open=is_open, printed=printed,
        errors=_errors(form, question, found, nothing, lacking) if hangs is None or hangs.holds else {},
        rows=_rows(question, shown, rows), revision=answer.revision if answer else 0,
        totals=rules.totals(question, shown), groups=answers.group_sums(question, rules.group_totals(question, shown)),
        complete=rules.is_complete(form, question, found), at=answer.at if answer else None, author=author, texts=texts,
        correction=correction, hangs=hangs, shown=print_of(question, answer.value if answer else rules.blank(question)),
    )  # fmt: skip


def print_of(question: Question, value: Any) -> str:
    """A short print of an answer: by it a page that comes back tells what its person has touched."""
    return hashlib.sha256(rfc8785.dumps(rules.shaped(question, value))).hexdigest()[:16]


def is_touched(question: Question, value: Any, sent: MultiDict[str, str]) -> bool:
    """Whether the page came back with another answer than it showed; so it is where it does not say."""
    return f"{question.key}:{print_of(question, value)}" not in sent.getlist("shown")


def hangs(form: Form, question: Question, values: Mapping[str, Any], fields: Collection[str]) -> Hangs | None:
    """What the question hangs on, None for one that is always asked; `fields`: the questions before it that stand on
    the page as fields."""
    if question.when is None:
        return None
    message, params = conditions.told(form, question.when)
    return Hangs(
        on=question.when.question, one_of=question.when.one_of, sentence=labels.message(message, params),
        holds=rules.is_asked(form, question, values), live=question.when.question in fields,
    )  # fmt: skip


def typed(form: Form, question: Question, sent: MultiDict[str, str], language: str) -> Any:
    """The value of one question out of a form: a row that was removed is gone, the set phrase stands for its box."""
    lists = {name: sent.getlist(name) for name in sent}
    for index in lists.get(f"{question.key}.remove", []):
        row = re.compile(rf"{re.escape(rules.name_of(question.key, index))}(\.|$)")
        lists = {name: values for name, values in lists.items() if not row.match(name)}
    value = rules.from_form(question, lists)
    if not lists.get(f"{question.key}.{NOTHING}") or rules.is_answered(question, value):
        return value
    return rules.nothing(form, question, language)


def row_wish(questions: Sequence[Question], sent: MultiDict[str, str]) -> tuple[str, int] | None:
    """The question to which a button without JavaScript adds a row (or from which it took one), and how many rows are
    to stand there then."""
    for question in questions:
        shown = len({m[1] for name in sent if (m := re.match(rf"{re.escape(question.key)}\.(\d+)(\.|$)", name))})
        if f"{question.key}.add" in sent:
            return question.key, shown + 1
        if f"{question.key}.remove" in sent:
            return question.key, shown - 1
    return None


def seen(sent: MultiDict[str, str]) -> dict[str, int]:
    """The revision of each answer that the person wrote on top of, by question key."""
    pairs = (text.rpartition(":") for text in sent.getlist("seen"))
    return {key: int(number) for key, _colon, number in pairs if number.isdecimal() and len(number) < 10}


def wording(text: Wording) -> str:
    """A text of the call in the reader's language."""
    return text.of(labels.reader_language())


def _rows(question: Question, value: Any, wanted: int) -> int:
    """All that are filled, and blank ones up to the least or to what was asked for, within the question's bound."""
    if not isinstance(value, list):
        return 0
    blank_too = max(question.min_items or 1, min(wanted, len(value) + MOST_BLANK_ROWS))
    return max(len(value), min(blank_too, question.max_items or blank_too))


def _errors(
    form: Form, question: Question, value: Any, nothing: bool, lacking: bool
) -> Mapping[str, list[str]]:  # fmt: skip
    found = [] if nothing else [*rules.problems(question, value)]
    if lacking:
        found += rules.lacking(form, question, value)
    told: dict[str, list[str]] = {}
    for problem in found:
        told.setdefault(problem.name, []).append(labels.problem(problem))
    return told


def _languages() -> list[tuple[str, str]]:
    locale = get_locale()
    found = ((code, name) for code, name in locale.languages.items() if len(code) == 2)
    return by_name(found)
