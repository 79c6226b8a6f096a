"""From the data of a call file to a Form, every fault noted."""

import re
from collections.abc import Mapping

from rvc_portal.domain.definition import Reader
from rvc_portal.domain.form import (
    ONE_SET,
    PART_TYPES,
    QUESTION_TYPES,
    ROW_RULES,
    ROWS,
    SOURCES,
    TABLE_RULES,
    Choice,
    Condition,
    Form,
    Part,
    Question,
    RowRule,
    Section,
    TableRule,
)
from rvc_portal.domain.values import NO, YES
from rvc_portal.domain.vocabulary import N_

Sources = Mapping[str, tuple[Choice, ...]]
_KEY = re.compile(r"[a-z][a-z0-9_]*")


def parse_form(place: Reader, sources: Sources, criteria: tuple[str, ...]) -> Form:
    """The form written at `place`; `sources` are the lists that the call holds, `criteria` the keys of its rubric."""
    place.only("sections", "nothing_relevant")
    places = tuple(place.each("sections", minimum=1))
    sections = tuple(_section(item, sources, criteria) for item in places)
    place.unique(places, tuple(section.key for section in sections))
    _refuse_double_questions(places, sections)
    _refuse_impossible_conditions(places, sections)
    form = Form(sections, place.wording("nothing_relevant", required=False))
    if not form.nothing_relevant and any(question.allows_nothing for question in form.questions()):
        place.refuse(N_("a question allows the set phrase, but “nothing_relevant” is not written"), "nothing_relevant")
    return form


def read_key(place: Reader, key: str = "key") -> str:
    """A key: small letters, digits and underscores, since it becomes a column, a form name and a file name."""
    value = place.text(key)
    if value and not _KEY.fullmatch(value):
        place.refuse(N_("“%(key)s” is no key: small letters, digits and _ only, a letter first"), key, key=value)
    return value


def read_choices(place: Reader, key: str, minimum: int = 0) -> tuple[Choice, ...]:
    places = tuple(place.each(key, minimum))
    found = []
    for item in places:
        item.only("key", "label")
        found.append(Choice(item.text("key"), item.wording("label")))
    place.unique(places, tuple(choice.key for choice in found))
    return tuple(found)


def _refuse_double_questions(places: tuple[Reader, ...], sections: tuple[Section, ...]) -> None:
    seen: set[tuple[str, str]] = set()
    for place, section in zip(places, sections, strict=True):
        for index, question in enumerate(section.questions):
            for name, value in (("key", question.key), ("number", question.number)):
                if value and (name, value) in seen:
                    rule = N_("the %(name)s “%(value)s” is already taken by another question")
                    place.refuse(rule, "questions", index, name, name=name, value=value)
                seen.add((name, value))


def _refuse_impossible_conditions(places: tuple[Reader, ...], sections: tuple[Section, ...]) -> None:
    """A condition looks back, so that a city meets what decides before what hangs on it; hence none runs in a circle."""
    every = {question.key: question for section in sections for question in section.questions}
    before: dict[str, Question] = {}
    for place, section in zip(places, sections, strict=True):
        for index, question in enumerate(section.questions):
            if question.when is not None:
                _check_condition(place, index, question.when, every, before)
            before[question.key] = question


def _check_condition(
    place: Reader, index: int, when: Condition, every: Mapping[str, Question], before: Mapping[str, Question]
) -> None:
    at: tuple[str | int, ...] = ("questions", index, "when")
    if when.question not in every:
        if when.question:  # where nothing is written, this has been said
            place.refuse(N_("there is no question “%(key)s”"), *at, "question", key=when.question)
        return
    if when.question not in before:
        place.refuse(
            N_("the question “%(key)s” does not stand earlier in the form"), *at, "question", key=when.question
        )
        return
    other = before[when.question]
    values = {"choice": [choice.key for choice in other.choices], "declaration": [YES, NO]}.get(other.type)
    if when.one_of and values is None:
        place.refuse(N_("a question of type “%(type)s” has no values to choose from"), *at, "question", type=other.type)
        return
    for unknown in [value for value in when.one_of if value not in (values or ())]:
        rule = N_("“%(key)s” must be one of: %(allowed)s")
        place.refuse(rule, *at, "one_of", key=unknown, allowed=", ".join(values or ()))


def _section(place: Reader, sources: Sources, criteria: tuple[str, ...]) -> Section:
    place.only("number", "key", "title", "intro", "questions")
    return Section(
        number=place.text("number"),
        key=read_key(place),
        title=place.wording("title"),
        intro=place.wording("intro", required=False),
        questions=tuple(_question(item, sources, criteria) for item in place.each("questions", minimum=1)),
    )


_QUESTION_KEYS = tuple(Question.__dataclass_fields__)
_PART_KEYS = tuple(Part.__dataclass_fields__)


def _question(place: Reader, sources: Sources, criteria: tuple[str, ...]) -> Question:
    place.only(*_QUESTION_KEYS)
    question = Question(
        number=place.text("number"),
        key=read_key(place),
        label=place.wording("label"),
        type=place.one_of("type", QUESTION_TYPES),
        help=place.wording("help", required=False),
        required=place.flag("required", True),
        word_limit=place.limit("word_limit"),
        char_limit=place.limit("char_limit"),
        minimum=place.limit("minimum", minimum=-(10**12)),
        maximum=place.limit("maximum", minimum=-(10**12)),
        min_items=place.limit("min_items", minimum=0),
        max_items=place.limit("max_items"),
        item_label=place.wording("item_label", required=False),
        statement=place.wording("statement", required=False),
        allows_nothing=place.flag("allows_nothing", False),
        source=place.one_of("source", SOURCES, default="") or None,
        choices=_choices(place, sources),
        parts=_parts(place, sources),
        row_rules=_row_rules(place),
        table_rules=_table_rules(place),
        totals_by=place.words("totals_by"),
        criteria=place.words("criteria", criteria),
        when=_condition(place.at("when")) if place.get("when") is not None else None,
    )
    _check_shape(place, question)
    return question


def _choices(place: Reader, sources: Sources) -> tuple[Choice, ...]:
    source = place.get("source")
    if isinstance(source, str) and source in SOURCES:
        # The list of the call is the truth; a frozen call repeats it here and it is read over.
        return tuple(sources.get(source, ()))
    return read_choices(place, "choices")


def _parts(place: Reader, sources: Sources) -> tuple[Part, ...]:
    places = tuple(place.each("parts"))
    parts = tuple(_part(item, sources) for item in places)
    place.unique(places, tuple(part.key for part in parts))
    return parts


def _part(place: Reader, sources: Sources) -> Part:
    place.only(*_PART_KEYS)
    part = Part(
        key=read_key(place),
        label=place.wording("label"),
        help=place.wording("help", required=False),
        type=place.one_of("type", PART_TYPES, default="line"),
        required=place.flag("required", True),
        word_limit=place.limit("word_limit"),
        char_limit=place.limit("char_limit"),
        minimum=place.limit("minimum", minimum=-(10**12)),
        maximum=place.limit("maximum", minimum=-(10**12)),
        total=place.flag("total", False),
        source=place.one_of("source", SOURCES, default="") or None,
        choices=_choices(place, sources),
    )
    if part.type in ("choice", "choices") and not part.choices:
        place.refuse(N_("a choice needs “choices” or a “source”"), "choices")
    if part.total and part.type not in ("integer", "number", "money"):
        place.refuse(N_("only a column of figures has a total"), "total")
    return part


def _row_rules(place: Reader) -> tuple[RowRule, ...]:
    found = []
    for item in place.each("row_rules"):
        item.only("rule", "parts", "value")
        value = item.limit("value", minimum=0)
        rule = RowRule(item.one_of("rule", ROW_RULES), item.words("parts"), value)
        if rule.rule == "sum_is" and value is None:
            item.refuse(N_("“sum_is” needs a “value”"), "value")
        found.append(rule)
    return tuple(found)


_GROUPING = ("line", "year", "currency", "choice")


def _table_rules(place: Reader) -> tuple[TableRule, ...]:
    found = []
    for item in place.each("table_rules"):
        item.only(*TableRule.__dataclass_fields__)
        kind = item.one_of("rule", TABLE_RULES)
        rule = TableRule(kind, item.words("parts"), item.words("by"), item.text("sum", ""), item.text("equals", ""))
        wanted = ("by", "sum", "equals") if kind == "group_sum" else ("parts",)
        for key in wanted:
            if not getattr(rule, key):
                item.refuse(N_("“%(name)s” needs “%(key)s”"), key, name=kind, key=key)
        found.append(rule)
    return tuple(found)


def _condition(place: Reader) -> Condition:
    place.only("question", "is", "one_of", "answered")
    one = place.text("is", "")
    given = Condition(place.text("question"), (one,) if one else place.words("one_of"), place.flag("answered", False))
    if bool(one) + bool(place.get("one_of")) + given.answered != 1:
        place.refuse(N_("a condition says one of “is”, “one_of” and “answered”"))
    return given


def _check_table(place: Reader, question: Question) -> None:
    """The rules over rows name columns that are there and can do what the rule asks of them."""
    if question.type != "table" and (question.table_rules or question.totals_by):
        key = "table_rules" if question.table_rules else "totals_by"
        place.refuse(N_("only a table has “%(key)s”"), key=key)
        return
    parts = {part.key: part for part in question.parts}
    figures = ("integer", "number", "money")
    named: list[tuple[str, tuple[int | str, ...], tuple[str, ...], tuple[str, ...]]]
    named = [("totals_by", (), question.totals_by, _GROUPING)]
    for index, rule in enumerate(question.table_rules):
        named += [
            ("table_rules", (index, "parts"), rule.parts, (*figures, "year") if rule.rule == "in_order" else ()),
            ("table_rules", (index, "by"), rule.by, _GROUPING),
            ("table_rules", (index, "sum"), (rule.sum,) if rule.sum else (), figures),
            ("table_rules", (index, "equals"), (rule.equals,) if rule.equals else (), figures),
        ]
    for key, under, wanted, kinds in named:
        for name in wanted:
            if name not in parts:
                place.refuse(N_("there is no part “%(key)s” in this question"), key, *under, key=name)
            elif kinds and parts[name].type not in kinds:
                wrong = N_("the part “%(key)s” must be of one of these types: %(allowed)s")
                place.refuse(wrong, key, *under, key=name, allowed=", ".join(kinds))


def _check_shape(place: Reader, question: Question) -> None:
    """What one key says must fit what another says."""
    composite = question.type in (*ONE_SET, *ROWS)
    if composite and not question.parts:
        place.refuse(N_("a question of type “%(type)s” needs “parts”"), "parts", type=question.type)
    if question.parts and not composite:
        place.refuse(N_("a question of type “%(type)s” has no parts"), "parts", type=question.type)
    if question.type == "choice" and not question.choices:
        place.refuse(N_("a choice needs “choices” or a “source”"), "choices")
    if question.type in ("declaration", "signature") and not question.statement:
        place.refuse(N_("a question of type “%(type)s” needs a “statement”"), "statement", type=question.type)
    if question.allows_nothing and question.type not in ("text", "repeat"):
        place.refuse(N_("the set phrase answers only a text or a repeated block"), "allows_nothing")
    least, most = question.min_items, question.max_items
    if least is not None and most is not None and least > most:
        place.refuse(N_("“min_items” is above “max_items”"), "min_items")
    _check_table(place, question)
    keys = {part.key for part in question.parts}
    for index, rule in enumerate(question.row_rules):
        for unknown in sorted(set(rule.parts) - keys):
            place.refuse(N_("there is no part “%(key)s” in this question"), "row_rules", index, "parts", key=unknown)
