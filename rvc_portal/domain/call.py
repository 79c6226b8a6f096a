"""A call as data: what is asked, when, of whom, how it is judged. Frozen when the call opens, parsed by one parser."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import NoneType
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from rvc_portal.domain import conflicts
from rvc_portal.domain.definition import LANGUAGES, NO_WORDING, DefinitionError, Fault, Reader, Wording, plain
from rvc_portal.domain.form import Choice, Form
from rvc_portal.domain.form_parsing import parse_form, read_choices, read_key
from rvc_portal.domain.vocabulary import N_

__all__ = ["CallDefinition", "DefinitionError", "Fault", "parse"]

BLIND_MODES = ("open", "authors_hidden")
CONFLICT_RULES = tuple(conflicts.RULES)
SEVERITIES = ("hard", "soft")
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
class Window:
    """A named span of the calendar. `opens` and `closes` are local ISO times in the call's zone, as written;
    `opens_at` and `closes_at` the same instants in UTC. The opening instant is inside, the closing one is not."""

    name: str
    opens: str
    closes: str
    opens_at: datetime = field(metadata={"derived": True})
    closes_at: datetime = field(metadata={"derived": True})

    def contains(self, now: datetime) -> bool:
        """`now`: an aware instant."""
        return self.opens_at <= now < self.closes_at


@dataclass(frozen=True)
class Piece:
    """A file that the call asks for: `count` of them, each of one of `formats`, `max_bytes` at most each."""

    key: str
    label: Wording
    formats: tuple[str, ...]
    max_bytes: int
    count: int = 1
    required: bool = True
    help: Wording = NO_WORDING


@dataclass(frozen=True)
class Stream:
    """A college of evaluators; `weight` in percent of the overall mean, `minimum_sheets` closed before it counts."""

    key: str
    label: Wording
    weight: int
    minimum_sheets: int


@dataclass(frozen=True)
class Criterion:
    """What a sheet scores; `weight` in percent of the sheet's mean."""

    key: str
    label: Wording
    guidance: Wording
    weight: int


@dataclass(frozen=True)
class Rubric:
    """Scores run from `scale_minimum` to `scale_maximum` in whole steps; each wants a reason of `reason_min_words`."""

    streams: tuple[Stream, ...]
    criteria: tuple[Criterion, ...]
    scale_minimum: int
    scale_maximum: int
    reason_min_words: int

    def stream(self, key: str) -> Stream:
        """The stream with this key. KeyError if there is none."""
        return _with_key(self.streams, key)

    def criterion(self, key: str) -> Criterion:
        """The criterion with this key. KeyError if there is none."""
        return _with_key(self.criteria, key)


@dataclass(frozen=True)
class ConflictRule:
    """hard: bars the evaluator from the dossier; soft: is shown to the Secretariat, who decides."""

    rule: str
    severity: str


@dataclass(frozen=True)
class ChecklistItem:
    """One formal check of the screening; `piece` names the piece that it looks at, if it looks at one."""

    key: str
    label: Wording
    piece: str | None = None


@dataclass(frozen=True)
class CallDefinition:
    """One call of a procedure.

    windows: by name; `filing` is always there. country_limit: dossiers per country, None without limit.
    correction_days: how long a returned dossier may be corrected. quorum: members of the Steering Group that must be
    present. publish_languages: the languages in which sealed texts (opinions, conditions, lists) must exist.
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

    def to_json(self) -> dict[str, Any]:
        """The whole definition as JSON-able data that `parse` reads back into an equal definition."""
        data = plain(self)
        assert isinstance(data, dict)
        return data

    @property
    def filing(self) -> Window:
        return self.windows["filing"]

    def piece(self, key: str) -> Piece:
        """The piece with this key. KeyError if there is none."""
        return _with_key(self.pieces, key)

    def creative_field(self, key: str) -> CreativeField:
        """The creative field with this key. KeyError if the call is not open to it."""
        return _with_key(self.fields, key)

    def country(self, iso2: str) -> Country:
        """The country with this ISO code. KeyError if the call does not know it."""
        for country in self.countries:
            if country.iso2 == iso2:
                return country
        raise KeyError(iso2)


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


_K = TypeVar("_K", bound=_Keyed)


def _with_key(items: tuple[_K, ...], key: str) -> _K:
    for item in items:
        if item.key == key:
            return item
    raise KeyError(key)


_KEYS = tuple(CallDefinition.__dataclass_fields__)


def parse(data: object) -> CallDefinition:
    """The definition that `data` (what a YAML or JSON file holds) describes. Raises DefinitionError with all faults."""
    place = Reader(data)
    place.only(*_KEYS)
    fields, regions = _fields(place), read_choices(place, "regions", minimum=1)
    countries = _countries(place, tuple(region.key for region in regions))
    rubric = _rubric(place.at("rubric"))
    sources = {
        "fields": tuple(Choice(item.key, item.label) for item in fields),
        "countries": tuple(Choice(item.iso2, item.label) for item in countries),
    }
    criteria = tuple(criterion.key for criterion in rubric.criteria)
    pieces = _pieces(place)
    timezone = _timezone(place)
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
        windows=_windows(place.at("windows"), timezone),
        form=parse_form(place.at("form"), sources, criteria),
        pieces=pieces,
        rubric=rubric,
        conflict_rules=_conflict_rules(place),
        checklist=_checklist(place, tuple(piece.key for piece in pieces)),
        country_limit=place.limit("country_limit"),
        correction_days=place.number("correction_days", minimum=1),
        quorum=place.number("quorum", minimum=1),
        blind=place.one_of("blind", BLIND_MODES),
    )
    place.finish()
    return definition


def local_instant(text: str, timezone: str) -> datetime:
    """The instant in UTC of a local time such as "2015-07-15T24:00". Raises ValueError for what is no such time, and
    for an hour that the change of clocks skips or repeats there: a deadline is one instant."""
    midnight = text.endswith("T24:00")
    local = datetime.fromisoformat(text.removesuffix("T24:00") + "T00:00" if midnight else text)
    if local.tzinfo is not None or "T" not in text:
        raise ValueError(text)
    local = (local + timedelta(days=1 if midnight else 0)).replace(tzinfo=ZoneInfo(timezone))
    instant = local.astimezone(UTC)
    repeated = local.utcoffset() != local.replace(fold=1).utcoffset()
    if repeated or instant.astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError(text)
    return instant


def _timezone(place: Reader) -> str:
    name = place.text("timezone")
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        place.refuse(N_("“%(name)s” is no time zone of the IANA list"), "timezone", name=name)
        return "UTC"
    return name


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


def _windows(place: Reader, timezone: str) -> dict[str, Window]:
    found: dict[str, Window] = {}
    if not isinstance(place.data, Mapping):
        place.refuse(N_("this must be a mapping of keys to values"))
        return found
    for name in place.data:
        if not isinstance(name, str):
            place.refuse(N_("the name of a window must be a text"), str(name))
            continue
        window = place.at(name)
        window.only("name", "opens", "closes")
        opens_at, closes_at = _instant(window, "opens", timezone), _instant(window, "closes", timezone)
        if opens_at and closes_at and opens_at >= closes_at:
            window.refuse(N_("this window closes before it opens"), "closes")
        if opens_at and closes_at:
            opens, closes = window.text("opens"), window.text("closes")
            found[name] = Window(name, opens, closes, opens_at, closes_at)
    if "filing" not in place.data:
        place.refuse(N_("“%(key)s” is missing"), "filing", key="filing")
    return found


def _instant(place: Reader, key: str, timezone: str) -> datetime | None:
    text = place.text(key)
    if not text:
        return None
    try:
        return local_instant(text, timezone)
    except (ValueError, OverflowError):
        rule = N_("“%(text)s” is no single local time, written like 2015-07-15T24:00 and without offset")
        place.refuse(rule, key, text=text)
        return None


def _pieces(place: Reader) -> tuple[Piece, ...]:
    places = tuple(place.each("pieces"))
    found = []
    for item in places:
        item.only("key", "label", "help", "formats", "max_bytes", "count", "required")
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
            )
        )
    place.unique(places, tuple(piece.key for piece in found))
    return tuple(found)


def _rubric(place: Reader) -> Rubric:
    place.only("streams", "criteria", "scale_minimum", "scale_maximum", "reason_min_words")
    stream_places, criterion_places = tuple(place.each("streams", 1)), tuple(place.each("criteria", 1))
    rubric = Rubric(
        streams=tuple(_stream(item) for item in stream_places),
        criteria=tuple(_criterion(item) for item in criterion_places),
        scale_minimum=place.number("scale_minimum"),
        scale_maximum=place.number("scale_maximum", minimum=1),
        reason_min_words=place.number("reason_min_words", default=0, required=False),
    )
    place.unique(stream_places, tuple(stream.key for stream in rubric.streams))
    place.unique(criterion_places, tuple(criterion.key for criterion in rubric.criteria))
    if rubric.scale_minimum >= rubric.scale_maximum:
        place.refuse(N_("the scale ends before it begins"), "scale_maximum")
    for name, weights in (
        ("streams", [stream.weight for stream in rubric.streams]),
        ("criteria", [criterion.weight for criterion in rubric.criteria]),
    ):
        if weights and sum(weights) != 100:
            place.refuse(N_("the weights add up to %(sum)s, not to 100"), name, sum=sum(weights))
    return rubric


def _stream(place: Reader) -> Stream:
    place.only("key", "label", "weight", "minimum_sheets")
    weight, sheets = place.number("weight", 0, 100), place.number("minimum_sheets")
    return Stream(read_key(place), place.wording("label"), weight, sheets)


def _criterion(place: Reader) -> Criterion:
    place.only("key", "label", "guidance", "weight")
    label, guidance = place.wording("label"), place.wording("guidance")
    return Criterion(read_key(place), label, guidance, place.number("weight", 0, 100))


def _conflict_rules(place: Reader) -> tuple[ConflictRule, ...]:
    places = tuple(place.each("conflict_rules"))
    found = []
    for item in places:
        item.only("rule", "severity")
        found.append(ConflictRule(item.one_of("rule", CONFLICT_RULES), item.one_of("severity", SEVERITIES)))
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
