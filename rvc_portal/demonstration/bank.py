"""Made-up prose from a bank of sentences: slots filled, one of several ways chosen, French articles contracted."""

import random
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from rvc_portal.domain.words import count_words
from rvc_portal.gateways import yamlfile
from rvc_portal.settings import DATA_FILES

_WAYS = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(?:(\d+)\.\.(\d+)|([a-z_0-9]+))\}")
_VOWEL = re.compile("[aeiouyàáâéèêëîíïóôöûúüœ]", re.IGNORECASE)
# Years are written without a space between the thousands.
_YEARS = range(1500, 2031)
# From here on a count grows with the city.
_LARGE = 400


@cache
def load(name: str) -> Any:
    """A demonstration data file by name, such as "answers-fr"."""
    return yamlfile.read(DATA_FILES / "demonstration" / f"{name}.yaml")[0]


def contracted(preposition: str, name: str) -> str:
    """French "de" or "à" before a name: du Tormes, d'Anvers, aux Halles, à l'école, du Caire."""
    plain = name.replace("'", "’")
    for article, of, to in (("le ", "du ", "au "), ("les ", "des ", "aux ")):
        if plain.lower().startswith(article):
            return (of if preposition == "de" else to) + plain[len(article) :]
    if preposition == "à":
        return f"à {plain}"
    return f"d’{plain}" if _VOWEL.match(plain) else f"de {plain}"


def capitalised(text: str) -> str:
    """The text with a capital first letter, the others as they are."""
    return text[:1].upper() + text[1:]


class Prose:
    """One dossier's voice: the slots of its city, its language, and the chance that picks among ways of saying."""

    def __init__(self, language: str, slots: Mapping[str, str], rng: random.Random, size: float = 1.0) -> None:
        """`size` scales the large counts: a small town does not lend two million books."""
        self.language, self.slots, self.rng, self.size = language, dict(slots), rng, size

    def say(self, text: str) -> str:
        """The text with its ways chosen, its slots filled. KeyError for a slot that the city does not have."""
        while _WAYS.search(text):
            text = _WAYS.sub(lambda found: self.rng.choice(found[1].split("|")), text)
        return _SLOT.sub(self._fill, text)

    def sentence(self, text: str) -> str:
        """As `say`, with a capital at the head, since a sentence may begin with a slot."""
        return capitalised(self.say(text))

    def paragraphs(self, openings: list[str], sentences: list[str], limit: int) -> str:
        """One opening and as many sentences as fit into `limit` words, in their order, as two paragraphs if long."""
        said = [self.sentence(self.rng.choice(openings)), *map(self.sentence, sentences)]
        while len(said) > 1 and count_words(" ".join(said)) > limit:
            said.pop(self.rng.randrange(1, len(said)))
        middle = (len(said) + 1) // 2 if len(said) > 4 else len(said)
        return "\n\n".join(" ".join(part) for part in (said[:middle], said[middle:]) if part)

    def number(self, value: int) -> str:
        return f"{value:,}".replace(",", "\u202f" if self.language == "fr" else ",")

    def _fill(self, found: re.Match[str]) -> str:
        low, high, name = found.groups()
        if low:
            return self._chance(int(low), int(high))
        return self._named(name)

    def _chance(self, low: int, high: int) -> str:
        if low in _YEARS and high in _YEARS and high - low < 200:
            return str(self.rng.randint(low, high))
        value = self.rng.randint(low, high)
        if low >= _LARGE:
            value = max(int(value * self.size), low // 20)
        # People round what they count: 71,268 players are nobody's figure.
        step = 100 if value >= 5000 else 10 if value >= 400 else 1
        return self.number(value - value % step)

    def _named(self, name: str) -> str:
        if name in self.slots:
            return self.slots[name]
        if name.endswith("_cap"):
            return capitalised(self._named(name.removesuffix("_cap")))
        for prefix, preposition in (("de_", "de"), ("a_", "à")):
            if name.startswith(prefix):
                return contracted(preposition, self._named(name.removeprefix(prefix)))
        raise KeyError(name)
