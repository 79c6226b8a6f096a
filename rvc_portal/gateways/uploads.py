"""What an uploaded file really is: judged by its content against an allow-list, never by its name."""

import os
import unicodedata
import warnings
import zipfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import IO, BinaryIO, NoReturn, cast

import filetype
import pikepdf
from PIL import Image, ImageFile, UnidentifiedImageError

from rvc_portal.domain.errors import InvalidInput, Refusal
from rvc_portal.domain.vocabulary import N_

LONGEST_NAME = 150
MOST_PIXELS = 80_000_000
MOST_UNPACKED = 400_000_000
"""Bytes that the parts of an office file may come to: more is a bomb, not a budget."""

DEEPEST = 50
"""As deep as a PDF may nest what is written in one object; deeper is no letter."""
ACTIONS = frozenset({"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/Rendition"})
"""What a PDF may not do by itself (ISO 32000-1, 12.6.4): evaluators open these files."""

CONTENT_TYPES: Mapping[str, str] = {
    "pdf": "application/pdf",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
ENDINGS: Mapping[str, tuple[str, ...]] = {"jpeg": (".jpg", ".jpeg")}


@dataclass(frozen=True)
class Inspected:
    """A file found to be good. `name`: fit to be shown and offered for download; `size` in bytes; `details`: {"pages"} of
    a PDF, {"width", "height"} of a picture in pixels."""

    name: str
    format: str
    content_type: str
    size: int
    details: Mapping[str, int] = field(default_factory=dict)


class _Bad(Exception):
    """A file that is not what it begins as; carries the message id that says so."""


def inspect(
    content: IO[bytes], name: str, formats: Collection[str], max_bytes: int, *,
    min_pixels: tuple[int, int] | None = None, target: str = "file",
) -> Inspected:  # fmt: skip
    """Judge an upload, a file that can be read from any place, against what the piece asks for (`domain.call.Piece`:
    `formats`, `max_bytes`, `min_pixels`).

    `target`: the form's field. Raises InvalidInput for an empty, too large, unknown, unwanted, damaged or locked file, and
    for a picture that is too small.
    """
    size = content.seek(0, os.SEEK_END)
    if not size:
        _refuse(target, Refusal(N_("The file is empty.")))
    if size > max_bytes:
        sizes = {"size": _megabytes(size), "limit": _megabytes(max_bytes)}
        _refuse(target, Refusal(N_("The file has %(size)s MB; at most %(limit)s MB can be taken."), sizes))
    found = _format(content)
    if found is None or found not in formats:
        wanted = {"formats": ", ".join(key.upper() for key in formats)}
        _refuse(target, Refusal(N_("The content of this file is none of these formats: %(formats)s."), wanted))
    try:
        details = _CHECKS[found](content)
    except _Bad as bad:
        _refuse(target, Refusal(str(bad)))
    if min_pixels and "width" in details:
        _check_pixels(details, min_pixels, target)
    return Inspected(clean_name(name, found), found, CONTENT_TYPES[found], size, details)


def _check_pixels(found: Mapping[str, int], least: tuple[int, int], target: str) -> None:
    """A picture may stand upright or lie: its longer side is held against the longer one."""
    sides = (found["width"], found["height"])
    if max(sides) < max(least) or min(sides) < min(least):
        sizes = {"width": sides[0], "height": sides[1], "wide": least[0], "high": least[1]}
        told = N_(
            "This picture has %(width)s × %(height)s pixels; it needs at least %(wide)s × %(high)s, upright or lying."
        )
        _refuse(target, Refusal(told, sizes))


def clean_name(name: str, format_: str) -> str:
    """A name without folders, control or invisible characters, not too long, ending as its format does."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(" " if unicodedata.category(c)[0] == "Z" else c for c in last if unicodedata.category(c)[0] != "C")
    kept = " ".join("".join(c for c in kept if c not in '<>:"|?*').split())
    endings = ENDINGS.get(format_, (f".{format_}",))
    ending = next((e for e in endings if kept.lower().endswith(e)), None)
    stem = (kept[: -len(ending)] if ending else kept).strip(". ") or "file"
    return stem[:LONGEST_NAME] + (ending or endings[0])


def _format(content: IO[bytes]) -> str | None:
    """The format by its first bytes, and of a ZIP by what it holds."""
    content.seek(0)
    beginning = content.read(8192)
    kind = filetype.guess(beginning)
    mime = kind.mime if kind else ""
    if mime == "application/zip" or beginning[:4] == b"PK\x03\x04":
        return _office_format(content)
    return next((key for key, value in CONTENT_TYPES.items() if value == mime), None)


def _office_format(content: IO[bytes]) -> str | None:
    try:
        with zipfile.ZipFile(content) as archive:
            names = set(archive.namelist())
            if "mimetype" in names:
                with archive.open("mimetype") as part:
                    mime = part.read(200).decode("ascii", "replace").strip()
                return next((key for key in ("odt", "ods") if CONTENT_TYPES[key] == mime), None)
            if "[Content_Types].xml" in names:
                parts = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
                return next((key for key, part in parts.items() if part in names), None)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError):
        pass
    return None


def _pdf(content: IO[bytes]) -> Mapping[str, int]:
    try:
        with pikepdf.open(cast(BinaryIO, content), attempt_recovery=False) as document:
            if document.is_encrypted:
                raise _Bad(N_("This PDF is locked by encryption; save it without and upload it again."))
            pages = len(document.pages)
            if any(_acts(found) for found in document.objects):
                raise _Bad(
                    N_(
                        "This PDF carries a script or starts a program; save it without (print it to a PDF) and upload it again."
                    )
                )
    except pikepdf.PasswordError:
        raise _Bad(N_("This PDF is locked by encryption; save it without and upload it again.")) from None
    except (pikepdf.PdfError, ValueError, RuntimeError, RecursionError):
        raise _Bad(N_("This PDF is damaged and cannot be opened.")) from None
    if not pages:
        raise _Bad(N_("This PDF has no pages."))
    return {"pages": pages}


def _acts(found: pikepdf.Object, depth: int = 0) -> bool:
    """Whether an object of a PDF, or one that is written within it, does something when the file is opened or clicked.
    Objects that are only referred to come by themselves."""
    if depth > DEEPEST or (depth and found.is_indirect):
        return False
    if isinstance(found, pikepdf.Stream | pikepdf.Dictionary):
        if "/JS" in found or str(found.get("/S", "")) in ACTIONS:
            return True
        return any(_acts(value, depth + 1) for _key, value in found.items() if isinstance(value, pikepdf.Object))
    if isinstance(found, pikepdf.Array):
        return any(_acts(item, depth + 1) for item in found if isinstance(item, pikepdf.Object))
    return False


def _picture(content: IO[bytes]) -> Mapping[str, int]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is below
            with Image.open(content, formats=("JPEG", "PNG")) as picture:
                width, height = picture.size
                if width * height > MOST_PIXELS:
                    raise _Bad(N_("This picture has too many pixels; make it smaller and upload it again."))
                ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint, once loaded, would have cut pictures pass
                picture.load()
    except Image.DecompressionBombError:
        raise _Bad(N_("This picture has too many pixels; make it smaller and upload it again.")) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, MemoryError):
        raise _Bad(N_("This picture is damaged and cannot be opened.")) from None
    return {"width": width, "height": height}


def _office(content: IO[bytes]) -> Mapping[str, int]:
    try:
        with zipfile.ZipFile(content) as archive:
            if any(part.flag_bits & 1 for part in archive.infolist()):
                raise _Bad(N_("This file is locked by a password; save it without and upload it again."))
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED or archive.testzip() is not None:
                raise _Bad(N_("This file is damaged and cannot be opened."))
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError):
        raise _Bad(N_("This file is damaged and cannot be opened.")) from None
    return {}


_CHECKS: Mapping[str, Callable[[IO[bytes]], Mapping[str, int]]] = {
    "pdf": _pdf,
    "jpeg": _picture,
    "png": _picture,
    "docx": _office,
    "xlsx": _office,
    "odt": _office,
    "ods": _office,
}


def _megabytes(size: int) -> float:
    return round(size / 1_000_000, 1)


def _refuse(target: str, refusal: Refusal) -> NoReturn:
    raise InvalidInput({target: (refusal,)})
