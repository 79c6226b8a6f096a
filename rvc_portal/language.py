"""The portal's catalogues, for whatever is worded outside a request: mails, documents, the command line."""

import unicodedata
from collections.abc import Iterable
from functools import cache

from babel.support import NullTranslations, Translations

from rvc_portal.settings import TRANSLATIONS

LANGUAGES = ("en", "fr")
SOURCE = "en"


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of a language; for English, which is what the source says, and for one unknown an empty one."""
    return Translations.load(str(TRANSLATIONS), [language], domain="messages")


def by_name(choices: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Choices (key, name) in the order of their names, É with E, as a reader would look for them."""
    return sorted(choices, key=lambda pair: _plain(pair[1]))


def _plain(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", name.casefold()) if not unicodedata.combining(c))
