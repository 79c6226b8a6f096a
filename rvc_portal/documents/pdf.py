"""A context becomes a file that is PDF/A-3a and PDF/UA-1: the one place, with its finisher, that knows WeasyPrint.

One with fields to fill in is PDF/UA-1 alone.

Equal input gives equal bytes: no clock is read (dates come with the context), nothing is fetched but the record's own pictures and
the few drawings beside this module. WeasyPrint is imported when first needed: it costs two seconds that no page should pay.
"""

import gc
import hashlib
import logging
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import UndefinedError

from rvc_portal import settings
from rvc_portal.documents import characters, finisher
from rvc_portal.documents.attachments import Attached
from rvc_portal.documents.catalogue import KINDS
from rvc_portal.documents.environment import environment, print_sheet

FOLDER = Path(__file__).parent
VARIANT, FORM_VARIANT = "pdf/a-3a", "pdf/ua-1"
LANGUAGES = ("en", "fr")
IMAGE, ASSET = "rvc:image/", "rvc:asset/"
MEDIA_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}
RESOLUTION = 200
"""Pictures are printed with at most so many points to the inch: a city's photographs would weigh megabytes each."""


SELDOM = (50_000, 20, 20)
"""When the interpreter looks for garbage during a layout, which makes hundreds of thousands of objects and lets go of few."""

OnPage = Callable[[int], object]


class DocumentError(Exception):
    """A document cannot be made; the message says why, for the log of the worker."""


@dataclass(frozen=True)
class Rendered:
    """``sha256``: of ``content``; ``missing_glyphs``: characters that are printed as their codes and listed at the end."""

    content: bytes
    pages: int
    sha256: str
    missing_glyphs: tuple[str, ...]


def render(
    kind: str, context: dict[str, Any], language: str, images: Mapping[str, bytes] | None = None,
    on_page: OnPage | None = None, attached: Sequence[Attached] = (),
) -> Rendered:  # fmt: skip
    """Make the document of a kind (see catalogue.KINDS) from its context (see contexts) in "en" or "fr".

    ``images``: the pictures that the context names, by key. ``on_page``: called with the number of each page as it is laid out,
    more than once where a page is laid out again. ``attached``: files that travel in the document, unchanged. Raises
    DocumentError for an unknown kind or language, a context with a key missing, or a picture that is not given, and what
    reading an attached file raises.
    """
    pictures = images or {}
    missing = characters.missing_from(context)
    fields = kind in KINDS and KINDS[kind].fields
    page = partial(page_html, kind, context, language)
    content, pages, undrawn = _lay_out(page(missing), pictures, on_page, attached, fields=fields)
    if undrawn - missing:  # fontconfig promised a glyph that the layout did not find: once more, by its code
        missing |= undrawn
        content, pages, _ = _lay_out(page(missing), pictures, on_page, attached, fields=fields)
    return Rendered(content, pages, hashlib.sha256(content).hexdigest(), tuple(sorted(missing)))


def page_html(kind: str, context: dict[str, Any], language: str, missing: frozenset[str] | None = None) -> str:
    """Return the page that render() lays out, whole but for its pictures. ``missing``: characters to print by their codes."""
    if kind not in KINDS or language not in LANGUAGES:
        raise DocumentError(f"There is no document {kind!r} in {language!r}.")
    if missing is None:
        missing = characters.missing_from(context)
    codes = [characters.code(character) for character in sorted(missing)]
    try:
        made = environment(language, context["call"]["timezone"])
        template = made.get_template(f"documents/{KINDS[kind].template}")
        return template.render(**characters.printable(context, missing), kind=KINDS[kind], missing_codes=codes)
    except (UndefinedError, LookupError, TypeError, ValueError, ArithmeticError) as error:
        raise DocumentError(f"The context of {kind} is not of its shape: {error}") from error


def fetcher(images: Mapping[str, bytes]) -> Any:
    """Return a URL fetcher that gives the pictures of the record and our own drawings, and refuses all else with DocumentError."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnAssets(URLFetcher):
        refused: list[str] = []

        def fetch(self, url: str, headers: Any = None) -> Any:
            found = _asset(url, images)
            if found is None:
                self.refused.append(url)
                raise ValueError(f"refused: {url}")
            body, media_type = found
            return URLFetcherResponse(url, body, {"Content-Type": media_type} if media_type else {})

    own = OwnAssets()
    own.refused = []
    return own


@lru_cache(maxsize=1)
def renderer_fingerprint() -> str:
    """Return a short name of all that decides the bytes besides the context: templates, styles, code, libraries, fonts."""
    digest = hashlib.sha256()
    for name in ("weasyprint", "pydyf", "fonttools", "jinja2", "babel", "segno", "tinycss2", "cssselect2", "pillow"):
        digest.update(f"{name} {version(name)}\n".encode())
    digest.update(print_sheet().encode())
    for folder in (settings.TEMPLATES / "documents", FOLDER, settings.TRANSLATIONS):
        digest.update(_tree(folder))
    digest.update(_text_engine())
    return digest.hexdigest()[:16]


def _lay_out(
    html: str, images: Mapping[str, bytes], on_page: OnPage | None, attached: Sequence[Attached], *, fields: bool
) -> tuple[bytes, int, frozenset[str]]:
    """Return the file, its number of pages, and the characters that the layout could not draw. ``fields``: whether the
    page's inputs become fields to fill in."""
    from weasyprint import HTML

    finisher.mark_passages()
    finisher.spell_out()
    own, fonts, sheet = fetcher(images), *style()
    with _complaints() as complaints, _progress(on_page), _little_garbage():
        options = {
            "pdf_variant": FORM_VARIANT if fields else VARIANT,
            "pdf_forms": fields,
            "dpi": RESOLUTION,
            "custom_metadata": True,
        }
        page = HTML(string=html, base_url="rvc:", url_fetcher=own)
        document = page.render(font_config=fonts, stylesheets=[sheet], **options)
        finish = finisher.finish_form if fields else partial(finisher.finish, attached=attached)
        content = document.write_pdf(finisher=finish, **options)
    if own.refused:
        raise DocumentError(f"The document asks for what it was not given: {', '.join(sorted(set(own.refused)))}")
    points = (point for text in complaints for point in re.findall(r"\.notdef .*\(U\+([0-9A-F]+)\)", text))
    undrawn = frozenset(character for character in (chr(int(point, 16)) for point in points) if not character.isspace())
    return content, len(document.pages), undrawn


@lru_cache(maxsize=1)
def style() -> tuple[Any, Any]:
    """The fonts and the parsed sheet of all documents: once per process, since reading it takes a quarter of a receipt."""
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    return fonts, CSS(string=print_sheet(), base_url="rvc:", url_fetcher=fetcher({}), font_config=fonts)


def _asset(url: str, images: Mapping[str, bytes]) -> tuple[bytes, str | None] | None:
    if url.startswith(IMAGE) and (body := images.get(url.removeprefix(IMAGE))) is not None:
        return body, None
    if url.startswith(ASSET):
        name = url.removeprefix(ASSET)
        path = FOLDER / "assets" / name
        if re.fullmatch(r"[a-z0-9-]+\.(svg|png)", name) and path.is_file():
            return path.read_bytes(), MEDIA_TYPES[name[-4:]]
    return None


@contextmanager
def _little_garbage() -> Iterator[None]:
    """Let the interpreter look for garbage seldom meanwhile: as often as usual, it takes a seventh of all the time."""
    usual = gc.get_threshold()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """Collect what WeasyPrint warns of meanwhile."""
    said: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    logger, collector = logging.getLogger("weasyprint"), Collector(logging.WARNING)
    logger.addHandler(collector)
    try:
        yield said
    finally:
        logger.removeHandler(collector)


@contextmanager
def _progress(on_page: OnPage | None) -> Iterator[None]:
    """Tell of each page that WeasyPrint lays out meanwhile; it says so to a log, and nowhere else."""

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found = re.search(r"Page (\d+)", record.getMessage())
            if found and on_page is not None:
                on_page(int(found[1]))

    logger, listener = logging.getLogger("weasyprint.progress"), Listener(logging.INFO)
    before = logger.level, logger.propagate
    if on_page is not None:
        logger.setLevel(logging.INFO)
        logger.propagate = False  # no log is to have a line for each page
        logger.addHandler(listener)
    try:
        yield
    finally:
        logger.removeHandler(listener)
        logger.setLevel(before[0])
        logger.propagate = before[1]


def _tree(folder: Path) -> bytes:
    """Return a digest of the names and contents of a folder's files, compiled ones aside."""
    digest = hashlib.sha256()
    for entry in sorted(folder.iterdir(), key=lambda found: found.name):
        if entry.is_dir():
            digest.update(b"" if entry.name == "__pycache__" else entry.name.encode() + _tree(entry))
        else:
            digest.update(entry.name.encode() + b"\0" + entry.read_bytes())
    return digest.digest()


def _text_engine() -> bytes:
    """Return the versions of Pango and HarfBuzz, and the list of the installed fonts."""
    from weasyprint.text.ffi import harfbuzz, pango

    major = max(number for number in range(100) if number == 0 or harfbuzz.hb_version_atleast(number, 0, 0))
    minor = max(number for number in range(100) if number == 0 or harfbuzz.hb_version_atleast(major, number, 0))
    engines = f"pango {pango.pango_version()} harfbuzz {major}.{minor}\n".encode()
    try:
        listed = subprocess.run(
            ["fc-list", "--format", "%{postscriptname} %{fontversion}\n"], capture_output=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return engines
    return engines + b"".join(sorted(listed.stdout.splitlines(keepends=True)))
