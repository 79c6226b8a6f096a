"""Small pictures of what a city uploaded, drawn by a program of their own: this module, started by itself.

What opens the files is large and written in C, and anybody may have made them. One that crashes, stalls or asks for all
the memory ends that program alone, by limits that the system holds; whoever asked for the picture goes on.
"""

import resource
import subprocess
import sys
from typing import IO, BinaryIO, cast

from PIL import Image, ImageOps

from rvc_portal.domain.errors import PortalError

LONGEST_SIDE = 320
"""Pixels of a preview's longer side: twice what a page shows, for fine screens."""
CONTENT_TYPE = "image/jpeg"
DRAWN = frozenset({"application/pdf", "image/jpeg", "image/png"})
"""Content types that there is a picture of; an office file would need an office."""

PATIENCE_S = 20
MOST_MEMORY = 640 * 1024 * 1024
"""Bytes of address space: room for the largest picture that an upload may be (`uploads.MOST_PIXELS`), and no more."""


class NoPreview(PortalError):
    """No picture can be made of the file; the message says why, in one line."""


def draw(content: IO[bytes], content_type: str) -> bytes:
    """A JPEG of the picture, upright, or of the PDF's first page. `content`: a file with a place on the disk;
    `content_type`: one of DRAWN. Raises NoPreview."""
    content.seek(0)
    command = [sys.executable, "-I", "-m", __name__, content_type]
    try:
        done = subprocess.run(command, stdin=content, capture_output=True, timeout=PATIENCE_S, check=False, env={})
    except subprocess.TimeoutExpired:
        raise NoPreview(f"it took longer than {PATIENCE_S} s") from None
    if done.returncode or not done.stdout:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise NoPreview(said[-1] if said else f"exit code {done.returncode}")
    return done.stdout


def _main(content_type: str) -> None:
    """The program: a file comes in, its picture goes out."""
    for kind, most in (
        (resource.RLIMIT_AS, MOST_MEMORY), (resource.RLIMIT_CPU, PATIENCE_S), (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):  # fmt: skip
        resource.setrlimit(kind, (most, most))
    content = cast(BinaryIO, sys.stdin.buffer)
    small = _first_page(content) if content_type == "application/pdf" else _upright(content)
    _bare(small).save(sys.stdout.buffer, "JPEG", quality=80, optimize=True)


def _upright(content: BinaryIO) -> Image.Image:
    with Image.open(content, formats=("JPEG", "PNG")) as picture:
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded no larger than that needs
        return ImageOps.exif_transpose(picture)


def _first_page(content: BinaryIO) -> Image.Image:
    import pypdfium2  # only here: it never comes into the process that asks

    with pypdfium2.PdfDocument(content) as document:
        page = document[0]
        scale = LONGEST_SIDE / max(*page.get_size(), 1.0)  # whatever the page measures, the picture is small
        drawn: Image.Image = page.render(scale=scale).to_pil()
        return drawn


def _bare(picture: Image.Image) -> Image.Image:
    """The pixels alone, on white: no place, camera or comment goes along."""
    sheet = Image.new("RGB", picture.size, "white")
    layer = picture.convert("RGBA")
    sheet.paste(layer, mask=layer)
    return sheet


if __name__ == "__main__":
    _main(sys.argv[1])
