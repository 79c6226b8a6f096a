"""A call as data: what is asked, when, of whom, how it is judged. Frozen when the call opens, parsed by one parser."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import NoneType
from typing import Any

from rvc_portal.domain import conflicts
from rvc_portal.domain.blindness import Blind
from rvc_portal.domain.definition import (
    LANGUAGES,
    LATER,
    NO_WORDING,
    DefinitionError,
    Fault,
    Reader,
    Wording,
    plain,
    with_key,
)
from rvc_portal.domain.deliberation import DeliberationRules, read_rules
from rvc_portal.domain.feedback import FeedbackRules
from rvc_portal.domain.feedback import read_rules as read_feedback
from rvc_portal.domain.form import Choice, Form
from rvc_portal.domain.form_parsing import parse_form, read_choices, read_key
from rvc_portal.domain.matching import USUAL, WISHES, Weights
from rvc_portal.domain.results import ResultRules, read_results
from rvc_portal.domain.rubric import Criterion, Rubric, Stream, read_rubric
from rvc_portal.domain.slate import NO_TARGETS, Targets, read_targets
from rvc_portal.domain.values import NO, YES
from rvc_portal.domain.vocabulary import N_
from rvc_portal.domain.windows import Window, read_timezone, read_windows

__all__ = ["CallDefinition", "Criterion", "DefinitionError", "Fault", "Rubric", "Stream", "Window", "parse"]

BLIND_MODES = tuple(str(mode) for mode in Blind)
CONFLICT_RULES = tuple(conflicts.RULES)
HARD, SOFT = "hard", "soft"
PICTURES = ("jpeg", "png")
HEAVIEST = 1000
"""A weight is told apart from its neighbours well below this; beyond it prices grow too large to be exact."""
PIECE_FORMATS = ("pdf", "jpeg", "png", "docx", "xlsx", "odt", "ods")


@dataclass(frozen=True)
class CreativeField:
    """A creative field open in the call; `hue` names the accent colour of the sheet."""

    key: str
    label: Wording
    hue: str = ""


@dataclass(frozen=True)
class Country:
    """`iso2` is the ISO 3166 code; `region` the key of a region of the call."""

    iso2: str
    label: Wording
    region: str


@dataclass(frozen=True)
class Piece:
    """A file that the call asks for: `count` of them, each of one of `formats`, `max_bytes` at most each. `min_pixels`:
    width and height that a picture has at least, either way up; None: any."""

    key: str
    label: Wording
    formats: tuple[str, ...]
    max_bytes: int
    count: int = 1
    required: bool = True
    help: Wording = NO_WORDING
    min_pixels: tuple[int, int] | None = field(default=None, metadata=LATER)


@dataclass(frozen=True)
class ConflictRule:
    """`severity` hard: the rule bars the evaluator from the dossier, and hides it; soft: it warns, and nobody is asked
    before the Secretariat has dismissed it with a reason. `organisations`: the answers (`question.part`) that name those
    with which an employer is compared."""

    rule: str
    severity: str
    organisations: tuple[str, ...] = field(default=(), metadata=LATER)


@dataclass(frozen=True)
class ChecklistItem:
    """One formal check of the screening; `piece` names the piece that it looks at, if it looks at one."""

    key: str
    label: Wording
    piece: str | None = None


@dataclass(frozen=True)
class SignOff:
    """Somebody's word on a file, asked for by mail. `statement`: what is signed; `required`: the file is not filed without
    it; `name_from`, `email_from`: the answers (`question` or `question.part`) that name whom to ask."""

    key: str
    label: Wording
    statement: Wording = NO_WORDING
    required: bool = True
    ask_hint: Wording = NO_WORDING
    name_from: tuple[str, ...] = ()
    email_from: str = ""


@dataclass(frozen=True)
class EligibilityQuestion:
    """Asked before a file is opened, answered yes or no. Who does not give the answer `needed` reads the `refusal`."""

    key: str
    question: Wording
    refusal: Wording
    needed: str = YES
    hint: Wording = NO_WORDING


@dataclass(frozen=True)
class AssignmentRules:
    """How evaluators are proposed: files that each takes at most, what each breach of a wish costs, and whether
    evaluators are asked what they would gladly judge."""

    maximum_load: int = 20
    weights: Weights = USUAL
    preferences: bool = field(default=False, metadata=LATER)


@dataclass(frozen=True)
class ReplyRules:
    """The city's answer on facts, within the window `reply`. `evaluators`: whether they may read it; `maximum_words`: of the
    answer to one passage."""

    evaluators: bool = False
    maximum_words: int = 300


MAYOR = "mayor"
"""The sign-off that every call asks for unless it names others."""


@dataclass(frozen=True)
class CallDefinition:
    """One call of a procedure.

    windows: by name; `filing` is always there. country_limit: dossiers per country, None without limit; field_limit:
    those of one country in the same creative field. tell_holders: whether anybody may know which cities hold the places
    of a country. eligibility: what is asked before a file is opened.
    grace_minutes: how long after the closing instant what arrives is still taken; it is a tolerance, not a later deadline.
    correction_days: how long a returned dossier may be corrected. quorum: members of the Steering Group that must be
    present. reply: how cities answer on facts; None: they do not. publish_languages: the languages in which sealed texts
    (opinions, conditions, lists) must exist. blind: from whom the evaluators' names are hidden (domain.blindness).
    assignment: how evaluators are proposed. peer_sheets: whether an evaluator reads the others' closed sheets once the own
    one is closed. calibration_files: how many dossiers of each field are judged by all, and discussed, before the others
    open; None: no calibration. targets: what the slate should come to; it warns, and forbids nothing. steering: by which
    majority the Steering Group decides, and how long its records are open. feedback: what its cities are told by
    criterion, and whether nothing is published without it.
    """

    key: str
    procedure: str
    title: Wording
    timezone: str
    languages: tuple[str, ...]
    publish_languages: tuple[str, ...]
    fields: tuple[CreativeField, ...]
    regions: tuple[Choice, ...]
    countries: tuple[Country, ...]
    windows: Mapping[str, Window]
    form: Form
    pieces: tuple[Piece, ...]
    rubric: Rubric
    conflict_rules: tuple[ConflictRule, ...]
    checklist: tuple[ChecklistItem, ...]
    country_limit: int | None
    correction_days: int
    quorum: int
    blind: str
    introduction: Wording = NO_WORDING
    grace_minutes: int = 0
    sign_offs: tuple[SignOff, ...] = ()
    field_limit: int | None = field(default=None, metadata=LATER)
    tell_holders: bool = field(default=False, metadata=LATER)
    eligibility: tuple[EligibilityQuestion, ...] = field(default=(), metadata=LATER)
    assignment: AssignmentRules = field(default=AssignmentRules(), metadata=LATER)
    results: ResultRules = field(default=ResultRules(), metadata=LATER)
    reply: ReplyRules | None = field(default=None, metadata=LATER)
    peer_sheets: bool = field(default=False, metadata=LATER)
    calibration_files: int | None = field(default=None, metadata=LATER)
    targets: Targets = field(default=NO_TARGETS, metadata=LATER)
    steering: DeliberationRules = field(default=DeliberationRules(), metadata=LATER)
    feedback: FeedbackRules = field(default=FeedbackRules(), metadata=LATER)

    def to_json(self) -> dict[str, Any]:
        """The whole definition as JSON-able data that `parse` reads back into an equal definition."""
        data = plain(self)
        assert isinstance(data, dict)
        return data

    @property
    def filing(self) -> Window:
        return self.windows["filing"]

    @property
    def grace(self) -> timedelta:
        return timedelta(minutes=self.grace_minutes)

    def piece(self, key: str) -> Piece:
        """The piece with this key. KeyError if there is none."""
        return with_key(self.pieces, key)

    def sign_off(self, key: str) -> SignOff:
        """The sign-off with this key. KeyError if the call asks for none such."""
        return with_key(self.sign_offs, key)

    def creative_field(self, key: str) -> CreativeField:
        """The creative field with this key. KeyError if the call is not open to it."""
        return with_key(self.fields, key)

    def country(self, iso2: str) -> Country:
        """The country with this ISO code. KeyError if the call does not know it."""
        for country in self.countries:
            if country.iso2 == iso2:
                return country
        raise KeyError(iso2)


_KEYS = tuple(CallDefinition.__dataclass_fields__)


def parse(data: object) -> CallDefinition:
    """The definition that `data` (what a YAML or JSON file holds) describes. Raises DefinitionError with all faults."""
    place = Reader(data)
    place.only(*_KEYS)
    fields, regions = _fields(place), read_choices(place, "regions", minimum=1)
    countries = _countries(place, tuple(region.key for region in regions))
    rubric = read_rubric(place.at("rubric"))
    sources = {
        "fields": tuple(Choice(item.key, item.label) for item in fields),
        "countries": tuple(Choice(item.iso2, item.label) for item in countries),
    }
    criteria = tuple(criterion.key for criterion in rubric.criteria)
    pieces = _pieces(place)
    form = parse_form(place.at("form"), sources, criteria)
    timezone = read_timezone(place)
    definition = CallDefinition(
        key=place.text("key"),
        procedure=read_key(place, "procedure"),
        title=place.wording("title"),
        introduction=place.wording("introduction", required=False),
        timezone=timezone,
        languages=_languages(place, "languages"),
        publish_languages=_languages(place, "publish_languages"),
        fields=fields,
        regions=regions,
        countries=countries,
        windows=read_windows(place.at("windows"), timezone),
        form=form,
        pieces=pieces,
        rubric=rubric,
        conflict_rules=_conflict_rules(place, form),
        checklist=_checklist(place, tuple(piece.key for piece in pieces)),
        country_limit=place.limit("country_limit"),
        grace_minutes=place.number("grace_minutes", minimum=0, default=0, required=False),
        correction_days=place.number("correction_days", minimum=1),
        quorum=place.number("quorum", minimum=1),
        blind=place.one_of("blind", BLIND_MODES),
        sign_offs=_sign_offs(place, form),
        field_limit=place.limit("field_limit"),
        tell_holders=place.flag("tell_holders", False),
        eligibility=_eligibility(place),
        assignment=_assignment(place),
        results=read_results(place.at("results")),
        reply=_reply(place),
        peer_sheets=place.flag("peer_sheets", False),
        calibration_files=place.limit("calibration_files"),
        targets=read_targets(
            place.at("targets"), tuple(item.key for item in fields), tuple(region.key for region in regions)
        ),
        steering=read_rules(place.at("steering"), tuple(q.key for q in form.questions() if q.type == "text")),
        feedback=read_feedback(place.at("feedback")),
    )
    place.finish()
    return definition


def _languages(place: Reader, key: str) -> tuple[str, ...]:
    found = place.words(key, LANGUAGES)
    if not found and isinstance(place.get(key), list | tuple | NoneType):
        place.refuse(N_("“%(key)s” needs at least %(minimum)s entries"), key, key=key, minimum=1)
    return found


def _fields(place: Reader) -> tuple[CreativeField, ...]:
    places = tuple(place.each("fields", minimum=1))
    found = []
    for item in places:
        item.only("key", "label", "hue")
        found.append(CreativeField(read_key(item), item.wording("label"), item.text("hue", "")))
    place.unique(places, tuple(entry.key for entry in found))
    return tuple(found)


def _countries(place: Reader, regions: tuple[str, ...]) -> tuple[Country, ...]:
    places = tuple(place.each("countries", minimum=1))
    found = []
    for item in places:
        item.only("iso2", "label", "region")
        iso2 = item.text("iso2")
        if iso2 and not (len(iso2) == 2 and iso2.isascii() and iso2.isupper()):
            item.refuse(N_("“%(code)s” is no country code of two capital letters"), "iso2", code=iso2)
        found.append(Country(iso2, item.wording("label"), item.one_of("region", regions)))
    place.unique(places, tuple(country.iso2 for country in found))
    return tuple(found)


def _pieces(place: Reader) -> tuple[Piece, ...]:
    places = tuple(place.each("pieces"))
    found = []
    for item in places:
        item.only("key", "label", "help", "formats", "max_bytes", "count", "required", "min_pixels")
        formats = item.words("formats", PIECE_FORMATS)
        if not formats:
            item.refuse(N_("“%(key)s” needs at least %(minimum)s entries"), "formats", key="formats", minimum=1)
        found.append(
            Piece(
                key=read_key(item),
                label=item.wording("label"),
                help=item.wording("help", required=False),
                formats=formats,
                max_bytes=item.number("max_bytes", minimum=1),
                count=item.number("count", minimum=1, default=1, required=False),
                required=item.flag("required", True),
                min_pixels=_pixels(item, formats),
            )
        )
    place.unique(places, tuple(piece.key for piece in found))
    return tuple(found)


def _pixels(item: Reader, formats: tuple[str, ...]) -> tuple[int, int] | None:
    value = item.get("min_pixels")
    if value is None:
        return None
    if not set(formats) & set(PICTURES):
        item.refuse(N_("only a picture has “%(key)s”"), "min_pixels", key="min_pixels")
    if isinstance(value, list | tuple) and len(value) == 2 and all(type(n) is int and n > 0 for n in value):
        return value[0], value[1]
    item.refuse(N_("“%(key)s” must be two whole numbers, width and height"), "min_pixels", key="min_pixels")
    return None


def _sign_offs(place: Reader, form: Form) -> tuple[SignOff, ...]:
    """The sign-offs in the order of the file; the mayor's alone where the call says nothing."""
    if place.get("sign_offs") is None:
        return (_mayor(form),)
    answers = _answer_paths(form)
    places = tuple(place.each("sign_offs"))
    found = []
    for item in places:
        item.only("key", "label", "statement", "required", "ask_hint", "name_from", "email_from")
        found.append(
            SignOff(
                key=read_key(item),
                label=item.wording("label"),
                statement=item.wording("statement", required=False),
                required=item.flag("required", True),
                ask_hint=item.wording("ask_hint", required=False),
                name_from=item.words("name_from", answers),
                email_from=item.one_of("email_from", ("", *answers), default=""),
            )
        )
    place.unique(places, tuple(entry.key for entry in found))
    return tuple(found)


def _answer_paths(form: Form) -> tuple[str, ...]:
    """Every answer and part of one, as a call's file names them: `question` or `question.part`."""
    return tuple(path for q in form.questions() for path in (q.key, *(f"{q.key}.{part.key}" for part in q.parts)))


def _mayor(form: Form) -> SignOff:
    parts = {f"{q.key}.{part.key}" for q in form.questions() for part in q.parts}
    return SignOff(
        key=MAYOR,
        label=Wording("The mayor's sign-off", "L’accord du maire"),
        statement=next((q.statement for q in form.questions() if q.type == "signature"), NO_WORDING),
        name_from=tuple(path for path in ("mayor.first_name", "mayor.family_name") if path in parts),
        email_from="mayor.email" if "mayor.email" in parts else "",
    )


def _eligibility(place: Reader) -> tuple[EligibilityQuestion, ...]:
    places = tuple(place.each("eligibility"))
    found = []
    for item in places:
        item.only("key", "question", "hint", "needed", "refusal")
        found.append(
            EligibilityQuestion(
                key=read_key(item),
                question=item.wording("question"),
                hint=item.wording("hint", required=False),
                needed=item.one_of("needed", (YES, NO), default=YES),
                refusal=item.wording("refusal"),
            )
        )
    place.unique(places, tuple(entry.key for entry in found))
    return tuple(found)


def _assignment(place: Reader) -> AssignmentRules:
    if place.get("assignment") is None:
        return AssignmentRules()
    rules, usual = place.at("assignment"), AssignmentRules()
    rules.only("maximum_load", "weights", "preferences")
    most = rules.number("maximum_load", minimum=1, default=usual.maximum_load, required=False)
    asks = rules.flag("preferences", False)
    if rules.get("weights") is None:
        return AssignmentRules(most, preferences=asks)
    weights = rules.at("weights")
    weights.only(*WISHES)
    given = {
        wish: weights.number(wish, 0, HEAVIEST, default=getattr(usual.weights, wish), required=False) for wish in WISHES
    }
    return AssignmentRules(most, Weights(**given), asks)


def _reply(place: Reader) -> ReplyRules | None:
    """The rules of the answer; they need the window in which it is given."""
    if place.get("reply") is None:
        return None
    rules, usual = place.at("reply"), ReplyRules()
    rules.only("evaluators", "maximum_words")
    windows = place.get("windows")
    if not isinstance(windows, Mapping) or "reply" not in windows:
        place.refuse(N_("“%(key)s” is missing"), "windows", key="reply")
    return ReplyRules(
        rules.flag("evaluators", usual.evaluators),
        rules.number("maximum_words", minimum=1, default=usual.maximum_words, required=False),
    )


def _conflict_rules(place: Reader, form: Form) -> tuple[ConflictRule, ...]:
    places = tuple(place.each("conflict_rules"))
    found = []
    for item in places:
        item.only("rule", "severity", "organisations")
        organisations = item.words("organisations", _answer_paths(form))
        found.append(
            ConflictRule(item.one_of("rule", CONFLICT_RULES), item.one_of("severity", (HARD, SOFT)), organisations)
        )
    place.unique(places, tuple(entry.rule for entry in found))
    return tuple(found)


def _checklist(place: Reader, pieces: tuple[str, ...]) -> tuple[ChecklistItem, ...]:
    places = tuple(place.each("checklist", minimum=1))
    found = []
    for item in places:
        item.only("key", "label", "piece")
        piece = item.one_of("piece", pieces, default="") or None
        found.append(ChecklistItem(read_key(item), item.wording("label"), piece))
    place.unique(places, tuple(entry.key for entry in found))
    return tuple(found)
