"""How a call has its dossiers judged: streams of evaluators, criteria, weights, scale."""

from dataclasses import dataclass, field

from rvc_portal.domain.definition import LATER, Reader, Wording, with_key
from rvc_portal.domain.form_parsing import read_key
from rvc_portal.domain.vocabulary import N_


@dataclass(frozen=True)
class Stream:
    """A college of evaluators; `weight` in percent of the overall mean, `minimum_sheets` closed before it counts,
    `maximum_sheets` asked for when evaluators are proposed (None: as many as there are)."""

    key: str
    label: Wording
    weight: int
    minimum_sheets: int
    maximum_sheets: int | None = field(default=None, metadata=LATER)


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

    @property
    def least_words(self) -> int:
        """How many words a reason has at least: one, where the call asks for no more."""
        return max(self.reason_min_words, 1)

    def stream(self, key: str) -> Stream:
        """The stream with this key. KeyError if there is none."""
        return with_key(self.streams, key)

    def criterion(self, key: str) -> Criterion:
        """The criterion with this key. KeyError if there is none."""
        return with_key(self.criteria, key)


def read_rubric(place: Reader) -> Rubric:
    """The rubric written at `place`; weights must add up to 100."""
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
    place.only("key", "label", "weight", "minimum_sheets", "maximum_sheets")
    weight, least = place.number("weight", 0, 100), place.number("minimum_sheets")
    most = place.limit("maximum_sheets")
    if most is not None and most < least:
        rule = N_("“%(key)s” must be a whole number, %(minimum)s or more")
        place.refuse(rule, "maximum_sheets", key="maximum_sheets", minimum=least)
    return Stream(read_key(place), place.wording("label"), weight, least, most)


def _criterion(place: Reader) -> Criterion:
    place.only("key", "label", "guidance", "weight")
    label, guidance = place.wording("label"), place.wording("guidance")
    return Criterion(read_key(place), label, guidance, place.number("weight", 0, 100))
