"""The portal's catalogues, for whatever is worded outside a request: mails, documents, the command line."""

import unicodedata
from collections.abc import Iterable
from functools import cache

from babel.support import NullTranslations, Translations

from rvc_portal.settings import TRANSLATIONS

LANGUAGES = ("en", "fr")
SOURCE = "en"


def folded(name: str) -> str:
    """A name as a reader looks for it in a list: É with E, whatever the case."""
    return "".join(c for c in unicodedata.normalize("NFD", name.casefold()) if not unicodedata.combining(c))


def listed(names: Iterable[str], language: str) -> str:
    """Names one after the other, told apart even where one of them has a comma."""
    return ("\u00a0; " if language == "fr" else "; ").join(names)


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of a language; for English, which is what the source says, and for one unknown an empty one."""
    return Translations.load(str(TRANSLATIONS), [language], domain="messages")


def by_name(choices: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Choices (key, name) in the order of their names, as a reader would look for them."""
    return sorted(choices, key=lambda pair: folded(pair[1]))
