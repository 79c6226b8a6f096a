"""A form as data: sections, questions, and the parts that questions are made of. No answers here (see answers)."""

from collections.abc import Iterator
from dataclasses import dataclass

from rvc_portal.domain.definition import NO_WORDING, Wording, with_key

QUESTION_TYPES = ("text", "number", "choice", "group", "table", "repeat", "links", "declaration", "signature")
# The types whose answer is made of named parts: one set of them, or one set per row.
ONE_SET = ("group", "signature")
ROWS = ("table", "repeat")
# line: one line; text: several; integer, number, percent, money: figures; currency: ISO 4217; date: YYYY-MM-DD.
PART_TYPES = (
    "line",
    "text",
    "integer",
    "number",
    "percent",
    "money",
    "year",
    "currency",
    "choice",
    "choices",
    "email",
    "phone",
    "date",
)
FIGURES = ("integer", "number", "percent", "money")
# Lists that the call itself holds, so that a form need not repeat them.
SOURCES = ("countries", "fields")
ROW_RULES = ("sum_is", "not_over")
TABLE_RULES = ("group_sum", "unique", "in_order")


@dataclass(frozen=True)
class Choice:
    """One entry of a list to choose from: `key` is stored, `label` is shown."""

    key: str
    label: Wording


@dataclass(frozen=True)
class Part:
    """A named part of a group, a signature, a table (its column) or a repeated block.

    `choices` holds the entries to choose from, those of `source` included. `minimum` and `maximum` bound a figure or
    a year. `total` asks for the sum under the column, one per currency where the table has a currency column.
    """

    key: str
    label: Wording
    help: Wording = NO_WORDING
    type: str = "line"
    required: bool = True
    word_limit: int | None = None
    char_limit: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    total: bool = False
    source: str | None = None
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class RowRule:
    """A rule on each row of a table. sum_is: the parts add up to `value`; not_over: each part is at most the next."""

    rule: str
    parts: tuple[str, ...]
    value: int | None = None


@dataclass(frozen=True)
class TableRule:
    """A rule over the rows of a table. group_sum: within the rows alike in the parts `by`, the parts `sum` add up to
    the part `equals`, which all of them repeat; unique: no two rows are alike in `parts`; in_order: each of `parts`, a
    figure or a year, never falls from one row to the next."""

    rule: str
    parts: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    sum: str = ""
    equals: str = ""


@dataclass(frozen=True)
class Condition:
    """When a question is asked: the answer to an earlier `question` is one of `one_of`, or, with `answered`, it has any."""

    question: str
    one_of: tuple[str, ...] = ()
    answered: bool = False


@dataclass(frozen=True)
class Question:
    """One numbered question; its answer's shape follows from `type` (see answers).

    `word_limit` counts the words of the whole answer; in a repeated block, those of each item. `min_items` and
    `max_items` bound the rows of a table, a repeated block or a list of links. `allows_nothing`: the form's set phrase
    is an answer here. `statement` is what a declaration or a signature affirms. `criteria` names the criteria of the
    rubric on which the answer bears. `totals_by` names parts of a table: the columns with a total are summed up for
    each value of these, too. `when`: the question is asked only then (see conditions).
    """

    number: str
    key: str
    label: Wording
    type: str
    help: Wording = NO_WORDING
    required: bool = True
    word_limit: int | None = None
    char_limit: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    item_label: Wording = NO_WORDING
    statement: Wording = NO_WORDING
    allows_nothing: bool = False
    source: str | None = None
    choices: tuple[Choice, ...] = ()
    parts: tuple[Part, ...] = ()
    row_rules: tuple[RowRule, ...] = ()
    table_rules: tuple[TableRule, ...] = ()
    totals_by: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    when: Condition | None = None

    def part(self, key: str) -> Part:
        """The part with this key. KeyError if there is none."""
        return with_key(self.parts, key)

    @property
    def is_single_line(self) -> bool:
        return self.type == "text" and self.word_limit is None


@dataclass(frozen=True)
class Section:
    number: str
    key: str
    title: Wording
    questions: tuple[Question, ...]
    intro: Wording = NO_WORDING


@dataclass(frozen=True)
class Form:
    """The whole form. `nothing_relevant` is the set phrase that answers a question with nothing to say."""

    sections: tuple[Section, ...]
    nothing_relevant: Wording = NO_WORDING

    def questions(self) -> Iterator[Question]:
        """Every question, in the order of the form."""
        for section in self.sections:
            yield from section.questions

    def question(self, key: str) -> Question:
        """The question with this key. KeyError if there is none."""
        return with_key(tuple(self.questions()), key)

    def section(self, key: str) -> Section:
        """The section with this key. KeyError if there is none."""
        return with_key(self.sections, key)

    def section_of(self, question_key: str) -> Section:
        """The section in which a question stands. KeyError if there is none."""
        for section in self.sections:
            if any(question.key == question_key for question in section.questions):
                return section
        raise KeyError(question_key)
