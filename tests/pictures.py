"""`./rvc pictures`: every page and every kind of document as PNG, at 360 and 1280 pixels, in both languages.

Made from the demonstration, for eyes: index.html in the folder shows all of them on one sheet.
"""

import argparse
import logging
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from html import escape
from itertools import groupby
from pathlib import Path

import pypdfium2
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from rvc_portal.documents.catalogue import KINDS
from rvc_portal.models.base import db
from rvc_portal.models.document import Document
from rvc_portal.services import rendering
from tests.chromium import chromium
from tests.documents import samples
from tests.pages import Person, Visit, demonstration, persons, speak, visits

WIDTHS = (360, 1280)
LANGUAGES = ("en", "fr")
INK = "body{font:14px system-ui;margin:2em}ul{display:flex;flex-wrap:wrap;gap:1em;list-style:none;padding:0}" \
    "img{height:260px;max-width:420px;object-fit:cover;object-position:top;border:1px solid #bbb;display:block}"  # fmt: skip


def main() -> int:
    """Take the pictures and say where they are."""
    parser = argparse.ArgumentParser(prog="rvc pictures", description="Every page and every kind of document as PNG.")
    parser.add_argument("--out", type=Path, default=Path("pictures"), metavar="DIR", help="default: pictures/")
    parser.add_argument("--only", choices=("pages", "documents"), help="default: both")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="rvc-pictures-") as folder:
        _say("preparing the demonstration")
        app = demonstration(Path(folder) / "instance", drawn=True)
        taken: list[Path] = []
        if asked.only != "documents":
            taken += _tell(_of_pages(app, asked.out))
        if asked.only != "pages":
            taken += _tell(_of_documents(app, asked.out))
    (asked.out / "index.html").write_text(_sheet(asked.out, taken), encoding="utf-8")
    _say(f"{len(taken)} pictures; all of them on {asked.out / 'index.html'}")
    return 0


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a free port of the loopback; its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def browsing(browser: Browser, address: str, person: Person, *, width: int, language: str) -> Iterator[Page]:
    """A browser window of this width in which the person is signed in."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, locale={"en": "en-GB", "fr": "fr-FR"}[language], timezone_id="UTC"
    )
    if person.cookie:
        name, _, value = person.cookie.partition("=")
        context.add_cookies([{"name": name, "value": value, "url": address}])
    try:
        yield context.new_page()
    finally:
        context.close()


def _of_pages(app: Flask, out: Path) -> Iterator[Path]:
    everybody = persons(app)
    found = sorted(visits(app, everybody), key=lambda visit: visit.person.name)
    with served(app) as address, chromium() as browser:
        for language in LANGUAGES:
            speak(app, language)
            for width in WIDTHS:
                for person, theirs in groupby(found, key=lambda visit: visit.person):
                    with browsing(browser, address, person, width=width, language=language) as page:
                        yield from (_shot(page, address, visit, out, f"{language}-{width}") for visit in theirs)


def _shot(page: Page, address: str, visit: Visit, out: Path, how: str) -> Path:
    page.goto(address + visit.url)
    path = out / "pages" / how / f"{visit.name}.png"
    page.screenshot(path=path, full_page=True)
    return path


def _of_documents(app: Flask, out: Path) -> Iterator[Path]:
    """The demonstration's own document of each kind and language; a made-up one where it has none."""
    for kind in sorted(KINDS):
        for language in LANGUAGES:
            document = pypdfium2.PdfDocument(_drawn(app, kind, language))
            for number in range(len(document)):
                for width in WIDTHS:
                    sheet = document[number]
                    path = out / "documents" / f"{language}-{width}" / f"{kind.lower()}-{number + 1:02}.png"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    sheet.render(scale=width / sheet.get_width()).to_pil().save(path)
                    yield path
            document.close()


def _drawn(app: Flask, kind: str, language: str) -> bytes:
    with app.app_context():
        query = (
            sa.select(Document)
            .where(Document.kind == kind, Document.language == language)
            .options(sa.orm.undefer(Document.context))
            .order_by(Document.superseded_at.is_not(None), Document.issued_at)
            .limit(1)
        )
        row = db.session.scalar(query)
        db.session.rollback()
        if row is None:
            return samples.made(kind, language).content
        files = app.extensions["rvc"].files
        made = rendering.make(files, rendering.Frozen(row.kind, row.language, row.context, row.images))
        return bytes(files.get(made.sha256))


def _sheet(out: Path, taken: Iterable[Path]) -> str:
    """All pictures on one page, by folder."""
    parts = []
    for folder, paths in groupby(sorted(taken), key=lambda path: path.parent.relative_to(out).as_posix()):
        items = "".join(_item(path.relative_to(out).as_posix(), path.stem) for path in paths)
        parts.append(f"<h2>{escape(folder)}</h2><ul>{items}</ul>")
    head = f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Pictures</title><style>{INK}</style>'
    return head + "".join(parts)


def _item(source: str, name: str) -> str:
    return f'<li><a href="{source}"><img src="{source}" alt="" loading="lazy">{escape(name)}</a></li>'


def _tell(paths: Iterator[Path]) -> list[Path]:
    """Take the pictures, and say every hundred that it goes on."""
    taken = []
    for path in paths:
        taken.append(path)
        if len(taken) % 100 == 0:
            _say(f"{len(taken)} pictures, the last {path.stem}")
    return taken


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
