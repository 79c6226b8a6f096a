"""What is too long, too large, hostile or unknown: documents are issued whole, or refused with the reason; nothing is fetched."""

import io
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from rvc_portal import settings
from rvc_portal.documents import environment, pdf
from tests.documents import samples

CHECKOUT = Path(__file__).resolve().parents[2]


def first(context: dict[str, Any], kind: str) -> Any:
    """The value of the first question of this type."""
    return next(q["value"] for s in context["sections"] for q in s["questions"] if q["type"] == kind)


def text_of(document: pdf.Rendered) -> str:
    """Without white space: a line may end anywhere."""
    copied = subprocess.run(["pdftotext", "-", "-"], input=document.content, capture_output=True, check=True).stdout
    return "".join(copied.decode().split())


@pytest.mark.parametrize("letter", ["x", "創"])
def test_an_answer_of_200_kb_without_a_space_is_printed_whole(letter: str) -> None:
    context, length = samples.dossier(), 200_000 // len(letter.encode())
    first(context, "text")["said"] = samples.said(letter * length, None)
    document = pdf.render("DOSSIER", context, "en", samples.IMAGES)
    assert text_of(document).count(letter) >= length
    assert document.pages > 20


@pytest.mark.slow
def test_a_table_of_5000_rows_is_printed_whole_with_its_head_on_each_page() -> None:
    context = samples.dossier()
    table = first(context, "table")
    row = table["rows"][0]
    table["rows"] = [[f"row{number}z", *row[1:]] for number in range(5_000)]
    told: list[int] = []
    document = pdf.render("DOSSIER", context, "en", samples.IMAGES, told.append)
    words = text_of(document)
    assert all(f"row{number}z" in words for number in range(5_000))
    assert document.pages > 100
    assert max(told) == document.pages, "whoever waits sees how far it is"


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_photograph_of_60_megapixels_is_printed_small(form: str) -> None:
    large = io.BytesIO()
    Image.linear_gradient("L").resize((10_000, 6_000)).convert("RGB").save(large, form)
    document = pdf.render("DOSSIER", samples.dossier(), "en", samples.IMAGES | {"photo-1": large.getvalue()})
    drawn = [image for page in PdfReader(io.BytesIO(document.content)).pages for image in page.images]
    assert 100 < max(image.image.width for image in drawn if image.image) < 2_500
    assert len(document.content) < 5_000_000


def svg(inside: str, more: str = "") -> bytes:
    start = f'<svg xmlns="http://www.w3.org/2000/svg" {more} width="9" height="9"><rect width="9" height="9"/>'
    return f"{start}{inside}</svg>".encode()


@pytest.mark.parametrize("asked", ["http://127.0.0.1:9/x.png", "file:///etc/passwd"])
def test_a_drawing_with_an_outside_link_is_refused_by_its_address(asked: str) -> None:
    """Uploads refuse SVG at all; should one come into the record in another way, nothing is fetched."""
    hostile = svg(f'<image href="{asked}" width="9" height="9"/>')
    with pytest.raises(pdf.DocumentError, match=asked):
        pdf.render("DOSSIER", samples.dossier(), "en", samples.IMAGES | {"photo-1": hostile})


def test_the_script_of_a_drawing_is_not_in_the_file() -> None:
    hostile = svg("<script>app.alert('MARKED')</script>", "onload=\"alert('MARKED')\"")
    document = pdf.render("DOSSIER", samples.dossier(), "en", samples.IMAGES | {"photo-1": hostile})
    reader = PdfReader(io.BytesIO(document.content))
    streams = [
        o.get_data() for o in map(reader.get_object, range(1, len(reader.xref[0]) + 1)) if hasattr(o, "get_data")
    ]
    assert not any(b"MARKED" in part or b"/JavaScript" in part for part in [document.content, *streams])


def blocks() -> Iterator[str]:
    """Of every 16 code points of Unicode below its large empty planes the first one that is somebody's, surrogates aside: each
    block begins at a multiple of 16. Of the planes for private use and of Han characters, whose blocks are large, some."""
    steps = [
        *range(0, 0x3400, 16),
        *range(0x3400, 0xAC00, 512),
        *range(0xAC00, 0x20000, 16),
        *range(0x20000, 0x110000, 4096),
    ]
    for start in steps:
        points = (chr(point) for point in range(start, start + 16))
        found = next((c for c in points if unicodedata.category(c) not in {"Cn", "Cs", "Cc", "Zl", "Zp"}), None)
        if found:
            yield found


def test_a_text_with_every_block_of_unicode_is_issued_and_what_no_font_has_is_listed() -> None:
    every = [*blocks()]
    context = samples.dossier()
    first(context, "text")["said"] = samples.said(" ".join(every), None)
    document = pdf.render("DOSSIER", context, "en", samples.IMAGES)
    missing = set(document.missing_glyphs)
    assert samples.UNPRINTABLE in missing
    assert {"A", "\u0400", "\u4e00", "\uac00"} <= {*every} | {"A"}
    assert not {"\u0400", "\u4e00", "\uac00"} & missing
    assert 0 < len(missing) < len(every)
    printed = text_of(document)
    listed = printed[printed.index("Noinstalledfonthasthesecharacters") :]
    assert " " not in missing, "a space is left out, not spelt"
    for character in missing:
        code = f"[U+{ord(character):04X}]"
        assert code in listed
        assert character not in printed


def test_a_template_that_refers_to_a_missing_name_is_told_by_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "templates"
    (folder / "documents").mkdir(parents=True)
    for file in (settings.TEMPLATES / "documents").iterdir():
        text = file.read_text()
        if file.name == "withdrawal_note.html":
            text = re.sub(r"(\{% block (?!title)\w+ %\})", r"\1{{ dossier.nothing_of_this_name }}", text)
        (folder / "documents" / file.name).write_text(text)
    monkeypatch.setattr(settings, "TEMPLATES", folder)
    environment.environment.cache_clear()
    try:
        with pytest.raises(pdf.DocumentError, match=r"WITHDRAWAL_NOTE.*nothing_of_this_name"):
            pdf.render("WITHDRAWAL_NOTE", samples.withdrawal_note(), "en")
    finally:
        monkeypatch.undo()
        environment.environment.cache_clear()


# --- nothing leaves the machine ---

GUARD = """
import sys
def guard(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request"):
        sys.stderr.write(f"LEFT {event}\\n")
        raise PermissionError(event)
sys.addaudithook(guard)
"""


def guarded(program: str) -> subprocess.CompletedProcess[str]:
    """Python in which no socket reaches anybody, and each try is told."""
    return subprocess.run(
        [sys.executable, "-c", GUARD + program], cwd=CHECKOUT, env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_guard_finds_a_request() -> None:
    done = guarded("import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')")
    assert "LEFT urllib.Request" in done.stderr
    done = guarded("import socket; socket.create_connection(('127.0.0.1', 9))")
    assert "LEFT socket." in done.stderr


def test_no_request_leaves_the_machine_while_every_kind_is_made() -> None:
    done = guarded(
        "from rvc_portal.documents import pdf\nfrom tests.documents import samples\n"
        "for kind, sample in samples.SAMPLES.items():\n    pdf.render(kind, sample(), 'fr', samples.IMAGES)\n"
        "print(len(samples.SAMPLES))"
    )
    assert "LEFT" not in done.stderr
    assert done.stdout.split() == [str(len(samples.SAMPLES))], done.stderr


HOSTILE: dict[str, Callable[[], str]] = {
    "a picture": lambda: '<img src="http://127.0.0.1:9/x.png">',
    "a sheet": lambda: '<link rel="stylesheet" href="http://127.0.0.1:9/x.css">',
    "an attachment": lambda: '<link rel="attachment" href="http://127.0.0.1:9/x.pdf">',
    "a font": lambda: (
        "<style>@font-face{font-family:x;src:url(http://127.0.0.1:9/x.woff)}p{font-family:x}</style><p>x</p>"
    ),
    "a background": lambda: '<p style="background:url(http://127.0.0.1:9/x.png)">x</p>',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_even_a_page_that_asks_for_something_outside_gets_nothing(name: str) -> None:
    """As if a template had let markup through."""
    page = f"<html lang='en'><head><title>t</title></head><body><p>x</p>{HOSTILE[name]()}</body></html>"
    done = guarded(
        "from rvc_portal.documents import pdf\n"
        f"try:\n    pdf._lay_out({page!r}, {{}}, None, [], fields=False)\nexcept pdf.DocumentError as error:\n    print(error)\n"
    )
    assert "LEFT" not in done.stderr
    assert "http://127.0.0.1:9/x." in done.stdout, done.stderr
