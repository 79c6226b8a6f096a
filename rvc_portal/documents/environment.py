"""The documents' own Jinja environment: strict, escaped, with the formats of one language and one zone."""

from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import segno
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from rvc_portal import settings
from rvc_portal.documents import charts, columns, decade, palette, texts
from rvc_portal.documents.catalogue import KINDS
from rvc_portal.documents.formats import Formats
from rvc_portal.language import by_name


@lru_cache(maxsize=16)
def environment(language: str, timezone: str) -> Environment:
    """Return the environment for a language ("en" or "fr") and an IANA zone; raises ZoneInfoNotFoundError by its filters."""
    made = Environment(
        loader=FileSystemLoader(settings.TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        auto_reload=False,
    )
    catalogue = translations(language)
    made.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
    formats = Formats(language, timezone, in_print=True)
    made.filters |= _filters(formats) | {"told": partial(told, catalogue, formats)}
    made.globals |= {
        "language": language,
        "accent": palette.accent,
        "tokens": palette.tokens(),
        "score_bars": charts.score_bars,
        "spread_dots": charts.spread_dots,
        "count_bars": charts.count_bars,
        "chart_width": charts.WIDTH,
        "decade": decade.decade,
        "column_shares": columns.column_shares,
        "qr": qr,
        "kinds": KINDS,
        "matter": partial(matter, made),
    }
    return made


def matter(made: Environment, kind: str, context: dict[str, Any], within: str) -> Markup:
    """Return what a document of this kind says, set by its own template without head and foot, as a part of another one.
    `within` begins its anchors."""
    told = {**context, "kind": KINDS[kind], "within": within, "missing_codes": []}
    set_by = made.get_template(f"documents/{KINDS[kind].template}")
    return Markup(set_by.render(**told))  # noqa: S704 (an escaping template of ours)


def translations(language: str) -> NullTranslations:
    """Return the portal's catalogue for a language; English is what the source says."""
    return Translations.load(settings.TRANSLATIONS, [language], domain="messages")


def told(catalogue: NullTranslations, formats: Formats, said: dict[str, Any]) -> str:
    """Return a sentence of the portal's (see contexts.Message) with its parameters in the language of the document."""

    def worded(value: Any) -> Any:
        if isinstance(value, dict):
            return formats.in_language(value)
        return (
            formats.number(value) if isinstance(value, int) and value > 9999 else value
        )  # a year has four digits, too

    sentence, translate = said["message"], catalogue.gettext
    return str(translate(sentence) % {name: worded(value) for name, value in said["params"].items()})


def by_label(formats: Formats, options: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Entries to choose from (contexts.AskedOption) in the order of their labels in the language of the document."""
    every = {option["key"]: option for option in options}
    return [every[key] for key, _name in by_name((key, formats.in_language(o["label"])) for key, o in every.items())]


@lru_cache(maxsize=1)
def print_sheet() -> Markup:
    """Return the style of all documents: the tokens shared with the screen, then the print sheet."""
    own = (Path(__file__).parent / "assets" / "print.css").read_text(encoding="utf-8")
    return Markup(palette.tokens_sheet() + own)  # noqa: S704 (both are files of ours)


def qr(url: str, title: str) -> Markup:
    """Return the address as an inline picture with its text alternative."""
    drawn = segno.make(url, error="m", micro=False).svg_inline(
        scale=1, border=0, title=title, dark="#1b2130", omitsize=True
    )
    return Markup(drawn)  # noqa: S704 (segno escapes the title)


def _filters(formats: Formats) -> dict[str, Callable[..., Any]]:
    own = (
        "in_language",
        "day",
        "year",
        "instant",
        "until",
        "last_day",
        "second",
        "clock",
        "by_country",
        "tenths",
        "listed",
        "number",
        "mean",
        "percent",
        "size",
        "country",
        "language_name",
    )
    functions = (
        texts.paragraphs, texts.kept_whole, texts.direction, texts.css_string, texts.page_counter, texts.groups
    )  # fmt: skip
    named: dict[str, Callable[..., Any]] = {name: getattr(formats, name) for name in own}
    return named | {"by_label": partial(by_label, formats)} | {function.__name__: function for function in functions}
