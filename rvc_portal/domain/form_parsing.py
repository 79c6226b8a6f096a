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
    Choice,
    Form,
    Part,
    Question,
    RowRule,
    Section,
)
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
        criteria=place.words("criteria", criteria),
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
    keys = {part.key for part in question.parts}
    for index, rule in enumerate(question.row_rules):
        for unknown in sorted(set(rule.parts) - keys):
            place.refuse(N_("there is no part “%(key)s” in this question"), "row_rules", index, "parts", key=unknown)
