"""The portal's catalogues, for whatever is worded outside a request: mails, documents, the command line."""

from functools import cache

from babel.support import NullTranslations, Translations

from rvc_portal.settings import TRANSLATIONS

LANGUAGES = ("en", "fr")
SOURCE = "en"


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of a language; for English, which is what the source says, and for one unknown an empty one."""
    return Translations.load(str(TRANSLATIONS), [language], domain="messages")
