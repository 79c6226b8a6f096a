"""What a city is told of its evaluation, criterion by criterion: when it is whole, what may not stand in it, how it begins."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rvc_portal.domain import replies
from rvc_portal.domain.definition import LANGUAGES, Reader
from rvc_portal.domain.errors import Refusal
from rvc_portal.domain.vocabulary import N_
from rvc_portal.domain.words import count_words

STRENGTHS, WEAKNESSES = "strengths", "weaknesses"
PARTS = (STRENGTHS, WEAKNESSES)
TEXTS = tuple(f"{part}_{language}" for part in PARTS for language in LANGUAGES)
"""The texts on one criterion, by the names under which they are kept and sent."""

_RANK = re.compile(
    r"\brank(?:s|ed|ing)?\b|\brangs?\b|\bclass(?:é|ée|és|ées|ements?)\b|\b\d+(?:st|nd|rd|th|er|re|e|ème) (?:place|rang)\b"
    r"|\bamong the (?:best|strongest|weakest|first|last)\b|\bparmi les (?:meilleur|premi|derni|plus (?:fort|faibl))\w*"
    r"|\b\d+(?:[.,]\d+)? points?\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")


@dataclass(frozen=True)
class FeedbackRules:
    """`required`: whether nothing is published while a file lacks feedback on a criterion; `maximum_words`: of one text, so
    that letters are of one length class."""

    required: bool = False
    maximum_words: int = 150


def read_rules(place: Reader) -> FeedbackRules:
    """The rules written at `place`; what is not written is as it is for every call."""
    usual = FeedbackRules()
    if place.data is None:
        return usual
    place.only("required", "maximum_words")
    return FeedbackRules(
        required=place.flag("required", usual.required),
        maximum_words=place.number("maximum_words", minimum=1, default=usual.maximum_words, required=False),
    )


def is_complete(texts: Mapping[str, str], languages: Sequence[str]) -> bool:
    """Whether the criterion has strengths or weaknesses, and what it has in each of the languages."""
    written = [[bool(texts[f"{part}_{language}"].strip()) for language in languages] for part in PARTS]
    return any(map(any, written)) and all(all(part) for part in written if any(part))


def faults(text: str, names: Iterable[str], rules: FeedbackRules, target: str) -> Iterator[Refusal]:
    """Why the text cannot be kept: it names a person who evaluates, tells a score, or is too long."""
    for name in replies.named(text, names):
        yield Refusal(N_("This names an evaluator: %(name)s."), {"name": name}, target=target)
    score = replies.score_told(text)
    if score:
        yield Refusal(N_("This tells a score: %(score)s."), {"score": score}, target=target)
    if count_words(text) > rules.maximum_words:
        yield Refusal(N_("At most %(most)s words."), {"most": rules.maximum_words}, target=target)


def doubts(text: str, cities: Iterable[str], target: str) -> Iterator[Refusal]:
    """What somebody has to look at, since it may be there with good reason: the city of an evaluator, words of a rank."""
    for city in replies.named(text, cities):
        yield Refusal(N_("An evaluator comes from %(city)s: do these words tell it?"), {"city": city}, target=target)
    found = _RANK.search(text)
    if found:
        yield Refusal(N_("This reads like a rank: “%(words)s”."), {"words": found.group()}, target=target)


def drafted(
    reasons: Iterable[tuple[float, str]], middle: float, names: Sequence[str], cities: Sequence[str]
) -> dict[str, str]:
    """Strengths and weaknesses to begin from, by part: what was written beside scores above and below the middle of the
    scale (exactly there: both ways), each sentence once, without those that would have to be taken out again."""
    found: dict[str, dict[str, None]] = {part: {} for part in PARTS}
    for value, reason in sorted(reasons, key=lambda given: given[1]):  # an order that tells nobody's name
        for sentence in _SENTENCE.split(" ".join(reason.split())):
            if not sentence or _tells(sentence, names, cities):
                continue
            for part, fits in ((STRENGTHS, value >= middle), (WEAKNESSES, value <= middle)):
                if fits:
                    found[part][sentence] = None
    return {part: "\n".join(sentences) for part, sentences in found.items()}


def _tells(sentence: str, names: Sequence[str], cities: Sequence[str]) -> bool:
    return bool(
        replies.named(sentence, [*names, *cities]) or replies.score_told(sentence) or _RANK.search(sentence)
    )  # fmt: skip
